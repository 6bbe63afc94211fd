package draw

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/image/font/sfnt"
)

// outlineOf is a glyph's outline as text; empty for none.
func outlineOf(t *testing.T, f *sfnt.Font, c rune) string {
	t.Helper()
	var buffer sfnt.Buffer
	index, err := f.GlyphIndex(&buffer, c)
	check(t, err)
	segments, err := f.LoadGlyph(&buffer, index, 1000<<6, nil)
	check(t, err)
	if len(segments) == 0 {
		return ""
	}
	return fmt.Sprint(segments)
}

func TestSubset_hasTheOutlinesAskedForAndNoOthers(t *testing.T) {
	for name, f := range typefaces() {
		part := f.subset(map[rune]bool{'a': true, 'Ä': true, 'ж': true, '漢': true})
		if len(part) > len(f.file)/2 {
			t.Errorf("%s: the subset has %d bytes of %d", name, len(part), len(f.file))
		}
		font, err := sfnt.Parse(part)
		check(t, err)
		for _, c := range "aÄж" {
			if got, want := outlineOf(t, font, c), outlineOf(t, f.font, c); got != want || got == "" {
				t.Errorf("%s: the outline of %c is %.60s, want %.60s", name, c, got, want)
			}
		}
		if got := outlineOf(t, font, 'Q'); got != "" {
			t.Errorf("%s: there is an outline of Q: %.60s", name, got)
		}
		if again := f.subset(map[rune]bool{'a': true, 'Ä': true, 'ж': true, '漢': true}); !bytes.Equal(part, again) {
			t.Errorf("%s: two subsets of the same characters differ", name)
		}
	}
}
