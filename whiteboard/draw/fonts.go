package draw

import (
	"embed"
	"fmt"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The board's fonts, made by web/scripts/fonts.py: without kerning and ligatures, so that a
// line is as wide as its characters.
//
//go:embed fonts/*.ttf
var fontFiles embed.FS

// typeface is a font as outlines.
type typeface struct {
	file  []byte
	font  *sfnt.Font
	em    float64
	parts fixed.Int26_6 // of an em, as sfnt takes them
}

// typefaces are loaded when they are first needed. Reading them afterwards is safe from
// many goroutines, each with a buffer of its own.
var typefaces = sync.OnceValue(func() map[FontName]*typeface {
	loaded := map[FontName]*typeface{}
	for _, name := range []FontName{Hand, Sans, Serif, Mono} {
		file, err := fontFiles.ReadFile("fonts/" + string(name) + ".ttf")
		if err != nil {
			panic(fmt.Sprintf("font %s: %v", name, err)) // it is part of the program
		}
		f, err := sfnt.Parse(file)
		if err != nil {
			panic(fmt.Sprintf("font %s: %v", name, err))
		}
		loaded[name] = &typeface{file, f, float64(f.UnitsPerEm()), fixed.Int26_6(f.UnitsPerEm()) << 6}
	}
	return loaded
})

func typefaceOf(name FontName) *typeface {
	if f := typefaces()[name]; f != nil {
		return f
	}
	return typefaces()[Hand]
}

// glyphs makes paths of text. Not safe for concurrent use.
type glyphs struct {
	setter Setter // or nil
	buffer sfnt.Buffer
	known  map[glyphKey]glyph
}

type glyphKey struct {
	font FontName
	char rune
}

// glyph is a character's outline and its advance, for a font of size 1.
type glyph struct {
	path    *Path
	advance float64
}

// maxGlyphs is how many outlines are kept.
const maxGlyphs = 4096

func (g *glyphs) of(name FontName, char rune) glyph {
	key := glyphKey{name, char}
	if known, ok := g.known[key]; ok {
		return known
	}
	if g.known == nil || len(g.known) >= maxGlyphs {
		g.known = map[glyphKey]glyph{}
	}
	loaded := g.load(typefaceOf(name), char)
	g.known[key] = loaded
	return loaded
}

// load reads the glyph of a character that the font has.
func (g *glyphs) load(f *typeface, char rune) glyph {
	index, _ := f.font.GlyphIndex(&g.buffer, char)
	advance, _ := f.font.GlyphAdvance(&g.buffer, index, f.parts, font.HintingNone)
	loaded := glyph{new(Path), float64(advance) / 64 / f.em}
	segments, err := f.font.LoadGlyph(&g.buffer, index, f.parts, nil)
	if err != nil {
		return loaded
	}
	at := func(p fixed.Point26_6) Point {
		return Point{float64(p.X) / 64 / f.em, float64(p.Y) / 64 / f.em}
	}
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			loaded.path.move(at(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			loaded.path.line(at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			loaded.path.quadratic(at(s.Args[0]), at(s.Args[1]))
		case sfnt.SegmentOpCubeTo:
			loaded.path.cubic(at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
		}
	}
	return loaded
}

// textLook is a line of text in pixels.
type textLook struct {
	outlines []polyline
	layers   []placedLayer
	images   []placedImage
}

// placedLayer is a layer of a glyph; at leads from ems to pixels.
type placedLayer struct {
	Layer
	at matrix
}

func (l placedLayer) paint(text rgb, opacity float64) solid {
	if l.Color == nil {
		return solidOf(text, opacity)
	}
	return solidOf(rgb(uint32(l.Color.R)<<16|uint32(l.Color.G)<<8|uint32(l.Color.B)), opacity*float64(l.Color.A)/255)
}

// placedImage is a picture; to leads from the unit square to pixels.
type placedImage struct {
	*Image
	to matrix
}

var unitSquare = Box{0, 0, 1, 1}.path()

// line returns a line of text. Characters that no font has are drawn as boxes as wide as
// the layout takes them to be.
func (g *glyphs) line(t TextItem, m matrix) (look textLook) {
	if !(t.Size > 0) || math.IsInf(t.Size, 0) {
		return look
	}
	if g.setter != nil && g.lacks(t) {
		if set := g.setter.Set(typefaceOf(t.Font).file, t.Text, isRightToLeft(t.Text)); set != nil {
			return placed(set, t, m)
		}
	}
	x := t.X
	for _, char := range t.Text {
		if index, _ := typefaceOf(t.Font).font.GlyphIndex(&g.buffer, char); index == 0 {
			wide := advanceOf(t.Font, char) * t.Size / 1000
			look.outlines = append(look.outlines, missingGlyph(x, wide, t, m)...)
			x += wide
			continue
		}
		glyph := g.of(t.Font, char)
		place := m.times(matrix{t.Size, 0, 0, t.Size, x, t.Y})
		look.outlines = append(look.outlines, flatten(glyph.path, place)...)
		x += glyph.advance * t.Size
	}
	return look
}

// emojiSelector asks for the emoji of a character that is also a sign.
const emojiSelector = '\ufe0f'

// lacks reports whether the line has characters that its font has not.
func (g *glyphs) lacks(t TextItem) bool {
	for _, char := range t.Text {
		if index, _ := typefaceOf(t.Font).font.GlyphIndex(&g.buffer, char); index == 0 && (advanceOf(t.Font, char) > 0 || char == emojiSelector) {
			return true
		}
	}
	return false
}

// placed is the glyphs of a line where they belong.
func placed(set []Glyph, t TextItem, m matrix) (look textLook) {
	x := t.X
	for _, one := range set {
		place := m.times(matrix{t.Size, 0, 0, t.Size, x + one.X*t.Size, t.Y + one.Y*t.Size})
		advance := one.Advance * t.Size
		switch {
		case one.Path != nil:
			look.outlines = append(look.outlines, flatten(one.Path, place)...)
		case one.Layers != nil:
			for _, l := range one.Layers {
				look.layers = append(look.layers, placedLayer{l, place})
			}
		case one.Image != nil:
			to := translation(one.Box.MinX, one.Box.MinY).times(scaling(one.Box.width(), one.Box.height()))
			look.images = append(look.images, placedImage{one.Image, place.times(to)})
		default:
			advance = advanceOf(t.Font, one.Char) * t.Size / 1000
			look.outlines = append(look.outlines, missingGlyph(x, advance, t, m)...)
		}
		x += advance
	}
	return look
}

// missingGlyph is the frame of a box.
func missingGlyph(x, wide float64, t TextItem, m matrix) []polyline {
	if wide == 0 {
		return nil
	}
	outer := Box{x + 0.08*wide, t.Y - 0.72*t.Size, x + 0.92*wide, t.Y}
	inner := outer.shrink(0.05 * t.Size).corners()
	frame := outer.path().polyline([]Point{inner[0], inner[3], inner[2], inner[1]}, true)
	return flatten(frame, m)
}
