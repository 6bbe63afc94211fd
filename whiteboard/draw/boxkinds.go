package draw

import (
	"strings"
)

// Notes, pictures and frames. Source: web/src/shapes/note.ts, image.ts and frame.ts.

// noteKind is a sticky note: coloured paper that grows downwards with its text.
type noteKind struct{}

const (
	noteMargin   = 12
	noteRadius   = 4
	noteDarkness = 0.05
)

// noteReach: the shadow is ever wider and further down, each a little darkness.
var noteReach = []float64{1, 2.5, 4.5, 7}

func (noteKind) frame(l look) (Box, bool) {
	box, ok := l.sizedBox()
	if ok && l.label() != "" {
		needed := l.layout(box.shrink(noteMargin).width()).height + 2*noteMargin
		box.MaxY = max(box.MaxY, box.MinY+needed)
	}
	return box, ok
}

func (k noteKind) bounds(l look) Box {
	frame, _ := k.frame(l)
	bounds := frame.grow(noteReach[len(noteReach)-1])
	area := frame.shrink(noteMargin)
	if text, ok := l.textBox(area, l.placing(inMiddle), area.width()); ok {
		bounds = bounds.union(text)
	}
	return bounds
}

func (k noteKind) picture(l look) Picture {
	frame, _ := k.frame(l)
	radius := min(noteRadius, frame.width()/2, frame.height()/2)
	var items Picture
	for _, by := range noteReach {
		shadow := Box{frame.MinX - by/2, frame.MinY + by/2, frame.MaxX + by/2, frame.MaxY + by}
		items = append(items, PathItem{Path: shadow.round(radius), Fill: "shadow", Alpha: noteDarkness})
	}
	paper := l.text("fill", "yellow") + " paper"
	items = append(items, PathItem{Path: frame.round(radius), Fill: paper, Alpha: 1})
	area := frame.shrink(noteMargin)
	return append(items, l.textItems(area, l.placing(inMiddle), area.width(), paper)...)
}

func (k noteKind) outline(l look) []Point { return outlineOfBox(k.frame(l)) }

// imageKind is an uploaded picture, or a part of it.
type imageKind struct{ sized }

// What stands for a picture that is not there.
const (
	missingColor = "grey"
	missingAlpha = 0.2
)

func (imageKind) bounds(l look) Box {
	box, _ := l.sizedBox()
	return box
}

func (imageKind) picture(l look) Picture {
	box, _ := l.sizedBox()
	asset := l.text("asset", "")
	if asset == "" {
		return missingImage(box)
	}
	item := ImageItem{Asset: asset, Box: box, Crop: wholeImage, Flip: l.flip()}
	if crop := numbersOf(l.props["crop"], 4); crop != nil && crop[2] > 0 && crop[3] > 0 {
		item.Crop = [4]float64(crop)
	}
	return Picture{item}
}

var wholeImage = [4]float64{0, 0, 1, 1}

// missingImage is a grey sheet with mountains and a sun.
func missingImage(box Box) Picture {
	side := min(box.width(), box.height(), 96) / 2
	c := box.centre()
	at := func(x, y float64) Point { return Point{c.X - side/2 + x*side, c.Y - side/2 + y*side} }
	hills := new(Path).polyline([]Point{at(0, 1), at(0.35, 0.45), at(0.55, 0.7), at(0.7, 0.55), at(1, 1)}, true)
	hills.ellipse(boxOf(at(0.65, 0.1), at(0.9, 0.35)))
	return Picture{
		PathItem{Path: box.path(), Fill: missingColor, Alpha: missingAlpha},
		PathItem{Path: hills, Fill: missingColor, Alpha: 2 * missingAlpha},
	}
}

// frameKind is a frame with its name above; it clips the shapes that are in it.
type frameKind struct{ sized }

const (
	frameAbove  = 4 // room between the name and the frame
	frameBorder = 1.5
	frameColor  = "grey"
)

var frameStyle = textStyle{Sans, 14}

func (frameKind) bounds(l look) Box {
	box, _ := l.sizedBox()
	bounds := box.grow(frameBorder / 2)
	if name, ok := l.nameBox(box); ok {
		bounds = bounds.union(name)
	}
	return bounds
}

func (frameKind) picture(l look) Picture {
	box, _ := l.sizedBox()
	items := Picture{PathItem{Path: box.path(), Fill: l.fill(), Stroke: &Stroke{Color: frameColor, Width: frameBorder}, Alpha: 1}}
	if b, ok := l.nameBox(box); ok {
		items = append(items, TextItem{l.name(), b.MinX, b.MinY + frameStyle.baseline(), frameStyle.font, frameStyle.size, frameColor, b.width()})
	}
	return items
}

// name is a frame's name on one line, however long.
func (l look) name() string {
	return strings.Join(strings.FieldsFunc(l.text("name", ""), isSpace), " ")
}

// isSpace is what a browser takes for space.
func isSpace(c rune) bool {
	return c >= '\t' && c <= '\r' || strings.ContainsRune(" \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff", c) || c >= 0x2000 && c <= 0x200a
}

func (l look) nameBox(box Box) (Box, bool) {
	name := l.name()
	if name == "" {
		return Box{}, false
	}
	wide, bottom := layoutText(name, frameStyle, unbroken).width, box.MinY-frameAbove
	return Box{box.MinX, bottom - lineHeight*frameStyle.size, box.MinX + wide, bottom}, true
}
