package fonts_test

import (
	"bytes"
	"encoding/binary"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"golang.org/x/image/font/sfnt"

	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/draw"
	"github.com/easelhq/easel/whiteboard/fonts"
)

const (
	own   = "../draw/fonts/sans.ttf"
	other = "../draw/fonts/mono.ttf"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// folderWith is a folder with the other font, in which some letters look like its A, B ….
func folderWith(t *testing.T, letters string) string {
	t.Helper()
	file, err := os.ReadFile(other)
	check(t, err)
	f, err := sfnt.Parse(file)
	check(t, err)
	var groups []uint32
	for i, r := range []rune(letters) {
		glyph, err := f.GlyphIndex(nil, 'A'+rune(i))
		check(t, err)
		groups = append(groups, uint32(r), uint32(r), uint32(glyph))
	}
	folder := t.TempDir()
	check(t, os.WriteFile(filepath.Join(folder, "other.ttf"), withMap(file, groups), 0o600))
	check(t, os.WriteFile(filepath.Join(folder, "broken.ttf"), []byte("no font"), 0o600))
	check(t, os.WriteFile(filepath.Join(folder, "notes.txt"), nil, 0o600))
	return folder
}

// withMap is a font file whose table from characters to glyphs is of these groups: first,
// last, glyph of the first.
//
// Source: OpenType, cmap format 12.
func withMap(file []byte, groups []uint32) []byte {
	var table bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			binary.Write(&table, binary.BigEndian, v)
		}
	}
	put(uint16(0), uint16(1), uint16(3), uint16(10), uint32(12))
	put(uint16(12), uint16(0), uint32(16+4*len(groups)), uint32(0), uint32(len(groups)/3), groups)
	out := bytes.Clone(file)
	for at := 12; ; at += 16 {
		if string(out[at:at+4]) == "cmap" {
			binary.BigEndian.PutUint32(out[at+8:], uint32(len(out)))
			binary.BigEndian.PutUint32(out[at+12:], uint32(table.Len()))
			return append(out, table.Bytes()...)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	check(t, err)
	return file
}

// shapes tells glyphs by their outlines: the letters that look so in the other font, lower
// case for the board's own, ? for none.
func shapes(t *testing.T, glyphs []draw.Glyph) string {
	t.Helper()
	none := fonts.New(fonts.Options{Folder: t.TempDir()})
	known := map[string][]draw.Glyph{
		"ABC": none.Set(read(t, other), "ABC", false),
		"abc": none.Set(read(t, own), "abc", false),
	}
	text := ""
	for _, g := range glyphs {
		found := "?"
		for names, all := range known {
			for i, one := range all {
				if g.Path != nil && reflect.DeepEqual(g.Path, one.Path) && g.Advance == one.Advance {
					found = names[i : i+1]
				}
			}
		}
		text += found
	}
	return text
}

func TestSet_takesGlyphsWhereTheyAre_inTheOrderInWhichTheyAreSeen(t *testing.T) {
	f := fonts.New(fonts.Options{Folder: folderWith(t, "אבג")})
	for _, c := range []struct {
		text        string
		rightToLeft bool
		want        string
	}{
		{"אבג", true, "CBA"},
		{"אבג", false, "CBA"},
		{"abאבc", false, "abBAc"},
		{"אבab", true, "abBA"},
		{"אaגb", true, "bCaA"},
		{"a漢", false, "a?"},
		{"", false, ""},
	} {
		if got := shapes(t, f.Set(read(t, own), c.text, c.rightToLeft)); got != c.want {
			t.Errorf("%q, right to left %v: seen as %q, want %q", c.text, c.rightToLeft, got, c.want)
		}
	}
}

func TestSet_digitsInWordsFromRightToLeft_keepTheirPlace(t *testing.T) {
	f := fonts.New(fonts.Options{Folder: folderWith(t, "אב")})
	glyphs := f.Set(read(t, own), "aא 12 ב", false)
	var chars []rune
	for _, g := range glyphs {
		chars = append(chars, g.Char)
	}
	if got, want := string(chars), "aב 12 א"; got != want {
		t.Errorf("seen as %q, want %q", got, want)
	}
	own := f.Set(read(t, own), " ", false)[0].Advance
	for _, g := range glyphs {
		if g.Char == ' ' && g.Advance != own {
			t.Errorf("a space is %v wide, want that of the board's font, %v", g.Advance, own)
		}
	}
}

func TestSet_isSafeForManyAtOnce(t *testing.T) {
	f := fonts.New(fonts.Options{Folder: folderWith(t, "אב")})
	file := read(t, own)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				if len(f.Set(file, "aאב", false)) != 3 {
					t.Error("not three glyphs")
				}
			}
		})
	}
	all.Wait()
}

func TestSet_brokenFont_isNoReasonToFail(t *testing.T) {
	if got := fonts.New(fonts.Options{Folder: t.TempDir()}).Set([]byte("no font"), "a", false); got != nil {
		t.Errorf("%v", got)
	}
	if got := fonts.New(fonts.Options{Folder: "/nowhere"}).Set(read(t, own), "א", true); len(got) != 1 || got[0].Path != nil {
		t.Errorf("without any font: %v", got)
	}
}

// The picture of a board with a Hebrew word shows the letters, not boxes.
func TestPNG_showsLettersOfOtherFonts(t *testing.T) {
	board := draw.New([]whiteboard.Record{{ID: "t", Props: whiteboard.Patch{
		"kind": []byte(`"text"`), "at": []byte(`[0,0]`), "size": []byte(`[120,40]`), "z": []byte(`"a0"`),
		"text": []byte(`"אא"`), "fontsize": []byte(`40`), "font": []byte(`"sans"`), "color": []byte(`"black"`),
	}}})
	dark := func(setter draw.Setter) int {
		var out bytes.Buffer
		check(t, board.PNG(t.Context(), &out, draw.Options{Fonts: setter}))
		picture, err := png.Decode(&out)
		check(t, err)
		count := 0
		for y := range picture.Bounds().Dy() {
			for x := range picture.Bounds().Dx() {
				if r, _, _, _ := picture.At(x, y).RGBA(); r < 0x8000 {
					count++
				}
			}
		}
		return count
	}
	boxes, none, letters := dark(nil), dark(fonts.New(fonts.Options{Folder: t.TempDir()})), dark(fonts.New(fonts.Options{Folder: folderWith(t, "א")}))
	if boxes == 0 || none != boxes || letters == 0 || letters == boxes {
		t.Errorf("dark pixels: %d as boxes, %d without a font, %d with one", boxes, none, letters)
	}
}
