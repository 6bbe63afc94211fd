package draw

import (
	"math"

	"github.com/easelhq/easel/whiteboard"
)

// Version changes whenever the picture of some board does.
const Version = 6

// Limits of pictures.
const (
	// MinScale and MaxScale bound Options.Scale.
	MinScale, MaxScale = 0.1, 4
	// MaxPadding bounds Options.Padding.
	MaxPadding = 256
	// MaxSide is the longest side of a PNG, in pixels.
	MaxSide = 16384
	// MaxPixels is how many pixels a PNG has at most.
	MaxPixels = 64 << 20
)

// Options say how a board is made a picture of. The zero value works.
type Options struct {
	// Scale is how many pixels a world unit has, from MinScale to MaxScale; 0 is 1.
	Scale float64
	// Padding is how much room is left around the shapes, in world units, up to MaxPadding.
	Padding float64
	// Transparent leaves the paper out.
	Transparent bool
	// Theme is the set of colours.
	Theme Theme
	// Frame, if not empty, is the frame whose contents to make a picture of, instead of all.
	Frame whiteboard.RecordID
	// Asset finds uploaded pictures; what it reports as whiteboard.ErrNotFound is drawn as
	// missing. Nil = all are missing.
	Asset func(hash string) (whiteboard.Asset, error)
	// Fonts sets lines that the board's own fonts can't, in a PNG. Nil = letters that these
	// lack are drawn as boxes.
	Fonts Setter
}

// Setter sets lines of text in fonts that it knows.
type Setter interface {
	// Set returns the glyphs of a line as they are seen from left to right: those of the
	// font in file where it has them, else those of other fonts.
	Set(file []byte, line string, rightToLeft bool) []Glyph
}

// Glyph is a letter, or a part or several of them, for a font of size 1.
type Glyph struct {
	// Path is the outline about the pen's place, with y down. A glyph of several colours has
	// Layers instead, the lowest first, or an Image, which fills Box. If all three are nil, no
	// font has the letter.
	Path   *Path
	Layers []Layer
	Image  *Image
	Box    Box
	// X and Y move it; Advance is how far the pen goes on.
	X, Y, Advance float64
	// Char is the first character that it stands for.
	Char rune
}

// Layer is a part of a glyph.
type Layer struct {
	Path *Path
	// Color is nil for that of the text.
	Color *RGBA
}

// RGBA is a colour; its channels are not multiplied by its alpha.
type RGBA struct{ R, G, B, A uint8 }

// view is what a picture shows.
type view struct {
	Options
	// box is in world units.
	box    Box
	shapes []*shape
	// background is the picture beneath them, or nil.
	background *ImageItem
	// width and height are in pixels.
	width, height int
}

// view checks the options. Errors: a whiteboard.Refusal that names the value and its limit.
func (b *Board) view(o Options) (view, error) {
	if o.Scale == 0 {
		o.Scale = 1
	}
	switch {
	case !(o.Scale >= MinScale && o.Scale <= MaxScale):
		return view{}, whiteboard.Refusef(whiteboard.CodeInvalid, "scale is %v; allowed: %v to %v", o.Scale, MinScale, MaxScale)
	case !(o.Padding >= 0 && o.Padding <= MaxPadding):
		return view{}, whiteboard.Refusef(whiteboard.CodeInvalid, "padding is %v; allowed: 0 to %v", o.Padding, MaxPadding)
	}
	v := view{Options: o, shapes: b.shapes, background: b.background}
	v.box, _ = b.Bounds()
	if o.Frame != "" {
		frame, ok := b.records[o.Frame].sizedBox()
		if !ok || b.records[o.Frame].text("kind", "") != "frame" || b.records[o.Frame].is("deleted") {
			return view{}, whiteboard.Refusef(whiteboard.CodeInvalid, "frame %.40q is not on the board", o.Frame)
		}
		v.box = aroundPoints(turnedCorners(frame, b.records[o.Frame].number("rotation", 0)))
		v.shapes = b.within(o.Frame)
	}
	if v.box.empty() {
		v.box = Box{}
	}
	v.box = v.box.grow(o.Padding)
	v.width = pixelsOf(v.box.width() * o.Scale)
	v.height = pixelsOf(v.box.height() * o.Scale)
	// The picture ends with a whole pixel.
	v.box.MaxX = v.box.MinX + float64(v.width)/o.Scale
	v.box.MaxY = v.box.MinY + float64(v.height)/o.Scale
	return v, nil
}

// pixelsOf rounds a length up; what is but a rounding error more than a whole number of
// pixels takes no other.
func pixelsOf(length float64) int {
	if !(length < farTooMany) {
		return farTooMany
	}
	return max(int(math.Ceil(length-1e-6)), 1)
}

// farTooMany pixels are refused, and can be multiplied.
const farTooMany = 1 << 30

// fits checks the size of a picture in pixels.
func (v view) fits() error {
	switch {
	case v.width > MaxSide || v.height > MaxSide:
		return whiteboard.Refusef(whiteboard.CodeTooLarge, "the picture has %d × %d pixels; the limit is %d on each side: lower the scale", v.width, v.height, MaxSide)
	case v.width*v.height > MaxPixels:
		return whiteboard.Refusef(whiteboard.CodeTooLarge, "the picture has %d × %d pixels; the limit is %d together: lower the scale", v.width, v.height, MaxPixels)
	}
	return nil
}

// toPixels leads from world units to pixels.
func (v view) toPixels() matrix {
	return scaling(v.Scale, v.Scale).times(translation(-v.box.MinX, -v.box.MinY))
}

// paperColor is the colour behind the shapes.
func (b *Board) paperColor(t Theme) rgb {
	if b.paper == "" {
		return t.of(page)
	}
	return t.color(b.paper)
}

// within are the shapes in a frame.
func (b *Board) within(frame whiteboard.RecordID) (shapes []*shape) {
	for _, s := range b.shapes {
		if s.inFrame != "" && b.isWithin(s, frame) {
			shapes = append(shapes, s)
		}
	}
	return shapes
}

// isWithin reports whether a shape is in a frame, or in one that is.
func (b *Board) isWithin(s *shape, frame whiteboard.RecordID) bool {
	inner := s.inFrame
	for range mostFrames {
		if inner == frame || inner == "" {
			break
		}
		inner = whiteboard.RecordID(b.records[inner].text("frame", ""))
	}
	return inner == frame
}
