package draw

import (
	"math"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
)

// Text is set by tables of widths, everywhere the same. Source: web/src/shapes/text.

// lineHeight is in ems.
const lineHeight = 1.25

// Advances of characters that no font has, in thousandths of an em.
const (
	wideAdvance  = 1000 // ideographs and emoji
	otherAdvance = 600
)

// widths are the advances of a font's characters, in thousandths of an em; -1 where it has
// no glyph.
type widths struct {
	advances [0x2800]int16
	// ascent is the baseline below the top of the line.
	ascent float64
}

var widthTables = sync.OnceValue(func() map[FontName]*widths {
	tables := map[FontName]*widths{}
	for name, f := range typefaces() {
		var buffer sfnt.Buffer
		inEm := func(units int) int { return int(math.Floor(float64(2000*units+int(f.em)) / (2 * f.em))) }
		metrics, _ := f.font.Metrics(&buffer, f.parts, font.HintingNone) // its own fonts have them
		w := &widths{ascent: float64(inEm(metrics.Ascent.Round()))}
		for c := range w.advances {
			w.advances[c] = -1
			if index, err := f.font.GlyphIndex(&buffer, rune(c)); err == nil && index != 0 {
				advance, _ := f.font.GlyphAdvance(&buffer, index, f.parts, font.HintingNone)
				w.advances[c] = int16(inEm(advance.Round()))
			}
		}
		tables[name] = w
	}
	return tables
})

func widthsOf(name FontName) *widths {
	if w := widthTables()[name]; w != nil {
		return w
	}
	return widthTables()[Hand]
}

// advanceOf is how far a character moves the pen, in thousandths of an em.
func advanceOf(name FontName, c rune) float64 {
	if int(c) < len(widths{}.advances) {
		if known := widthsOf(name).advances[c]; known >= 0 {
			return float64(known)
		}
	}
	switch {
	case isInvisible(c):
		return 0
	case isWide(c):
		return wideAdvance
	}
	return otherAdvance
}

// isWide reports whether a character is as wide as high, so that lines may break on either
// side of it.
func isWide(c rune) bool {
	return c >= 0x1100 && (c <= 0x115f ||
		c >= 0x2e80 && c <= 0xa4cf && c != 0x303f ||
		c >= 0xac00 && c <= 0xd7a3 ||
		c >= 0xf900 && c <= 0xfaff ||
		c >= 0xfe30 && c <= 0xfe6f ||
		c >= 0xff00 && c <= 0xff60 ||
		c >= 0xffe0 && c <= 0xffe6 ||
		c >= 0x1f000 && c <= 0x1faff ||
		c >= 0x20000 && c <= 0x3fffd)
}

// isInvisible: joiners, marks of direction, variation selectors, skin tones, combining
// marks.
func isInvisible(c rune) bool {
	return c >= 0x300 && c <= 0x36f ||
		c >= 0x200b && c <= 0x200f ||
		c >= 0x202a && c <= 0x202e ||
		c >= 0x2060 && c <= 0x206f ||
		c >= 0xfe00 && c <= 0xfe0f ||
		c >= 0x1f3fb && c <= 0x1f3ff ||
		c == 0xfeff ||
		c < 0x20
}

const zeroWidthJoiner = '\u200d'

// textStyle is how text is set.
type textStyle struct {
	font FontName
	// size is an em in world units.
	size float64
}

// baseline is how far below the top of a line.
func (s textStyle) baseline() float64 { return widthsOf(s.font).ascent * s.size / 1000 }

// textLine is a line; spaces at its end are not included.
type textLine struct {
	text  string
	width float64
}

// textLayout is text in lines; its width is that of the widest.
type textLayout struct {
	lines         []textLine
	width, height float64
}

// layoutText sets text in lines no wider than width.
func layoutText(text string, s textStyle, width float64) textLayout {
	var t textLayout
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	for paragraph := range strings.SplitSeq(text, "\n") {
		t.lines = append(t.lines, brokenLines([]rune(strings.ReplaceAll(paragraph, "\t", " ")), s, width)...)
	}
	for _, l := range t.lines {
		t.width = max(t.width, l.width)
	}
	t.height = float64(len(t.lines)) * lineHeight * s.size
	return t
}

// brokenLines breaks after spaces and beside ideographs; in a word only if it is wider than
// the line.
func brokenLines(chars []rune, s textStyle, width float64) []textLine {
	advances := make([]float64, len(chars))
	for i, c := range chars {
		// What follows a zero-width joiner is part of the same emoji.
		if i == 0 || chars[i-1] != zeroWidthJoiner {
			advances[i] = advanceOf(s.font, c) * s.size / 1000
		}
	}
	var lines []textLine
	start, breakAt, length := 0, 0, 0.0
	for i, c := range chars {
		by := advances[i]
		if c != ' ' && by > 0 && i > start && length+by > width+0.001 {
			next := i
			if breakAt > start {
				next = breakAt
			}
			lines = append(lines, lineOf(chars[start:next], advances[start:next]))
			start = next
			length = sum(advances[start:i])
		}
		length += by
		if c == ' ' || mayBreakAfter(chars, i) {
			breakAt = i + 1
		}
	}
	return append(lines, lineOf(chars[start:], advances[start:]))
}

func lineOf(chars []rune, advances []float64) textLine {
	end := len(chars)
	for end > 0 && chars[end-1] == ' ' {
		end--
	}
	return textLine{string(chars[:end]), sum(advances[:end])}
}

// mayBreakAfter: between ideographs, but not before punctuation that belongs to what is
// before it.
func mayBreakAfter(chars []rune, i int) bool {
	if i+1 == len(chars) || strings.ContainsRune(",.!?:;)]}、。，．！？：；）」』】〉》ー…", chars[i+1]) {
		return false
	}
	a, b := chars[i], chars[i+1]
	return (isWide(a) || isWide(b)) && advanceOf(Sans, b) > 0 && a != zeroWidthJoiner
}

// isRightToLeft reports whether the first letter of a text is of a script that is written
// from right to left.
func isRightToLeft(text string) bool {
	for _, c := range text {
		if unicode.IsLetter(c) {
			return c >= 0x590 && c <= 0x8ff || c >= 0xfb1d && c <= 0xfdff || c >= 0xfe70 && c <= 0xfeff
		}
	}
	return false
}
