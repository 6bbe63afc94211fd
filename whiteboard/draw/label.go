package draw

import "math"

// Texts and labels. Source: web/src/shapes/text/label.ts.

// placing is where a label stands in its shape.
type placing struct{ align, valign string }

var (
	inMiddle = placing{"center", "middle"}
	topLeft  = placing{"left", "top"}
)

// placing is where a shape's properties say that its text stands.
func (l look) placing(otherwise placing) placing {
	return placing{
		l.oneOf("align", otherwise.align, "left", "center", "right"),
		l.oneOf("valign", otherwise.valign, "top", "middle", "bottom"),
	}
}

func (l look) textStyle() textStyle {
	name := l.oneOf("font", string(Hand), string(Hand), string(Sans), string(Serif), string(Mono))
	return textStyle{FontName(name), l.number("fontsize", 20)}
}

// opaque: less of a shape than this, and one sees what is beneath it.
const opaque = 0.5

// textColor is the colour of words on a ground, if that is not empty.
func (l look) textColor(ground string) string {
	color := l.text("textcolor", l.color())
	if ground == "" || l.opacity() < opaque {
		return color
	}
	return color + " on " + ground
}

// layout sets a shape's text in lines no wider than breakAt.
func (l look) layout(breakAt float64) textLayout {
	return layoutText(l.label(), l.textStyle(), breakAt)
}

// textItems are the lines of a shape's text within an area, which they may overflow below
// and above, on a ground if that is not empty.
func (l look) textItems(area Box, at placing, breakAt float64, ground string) Picture {
	if l.label() == "" {
		return nil
	}
	style, color := l.textStyle(), l.textColor(ground)
	layout := l.layout(breakAt)
	top := at.top(layout, area)
	var items Picture
	for i, line := range layout.lines {
		if line.text != "" {
			y := top + float64(i)*lineHeight*style.size + style.baseline()
			items = append(items, TextItem{line.text, at.start(line.width, area), y, style.font, style.size, color, line.width})
		}
	}
	return items
}

// textBox is the box of the lines that textItems gives; false for no text.
func (l look) textBox(area Box, at placing, breakAt float64) (Box, bool) {
	if l.label() == "" {
		return Box{}, false
	}
	layout := l.layout(breakAt)
	x, y := at.start(layout.width, area), at.top(layout, area)
	return Box{x, y, x + layout.width, y + layout.height}, true
}

func (p placing) start(wide float64, area Box) float64 {
	switch room := area.width() - wide; p.align {
	case "left":
		return area.MinX
	case "right":
		return area.MinX + room
	default:
		return area.MinX + room/2
	}
}

func (p placing) top(t textLayout, area Box) float64 {
	switch room := area.height() - t.height; p.valign {
	case "top":
		return area.MinY
	case "bottom":
		return area.MinY + room
	default:
		return area.MinY + room/2
	}
}

// textKind is text. Its box is as high as its lines; as wide as they are, or, when it
// wraps, as its size says. Source: web/src/shapes/text.ts.
type textKind struct{}

func (textKind) frame(l look) (Box, bool) {
	box, ok := l.sizedBox()
	if !ok {
		return box, false
	}
	layout := l.layout(l.breakAt(box))
	if !l.is("wrap") {
		box.MaxX = box.MinX + layout.width
	}
	box.MaxY = box.MinY + max(layout.height, lineHeight*l.textStyle().size)
	return box, true
}

func (k textKind) bounds(l look) Box {
	frame, _ := k.frame(l)
	// A letter may be wider than the box.
	if box, ok := l.textBox(frame, l.placing(topLeft), l.breakAt(frame)); ok {
		frame.MinX, frame.MaxX = min(frame.MinX, box.MinX), max(frame.MaxX, box.MaxX)
	}
	return frame
}

func (k textKind) picture(l look) Picture {
	frame, _ := k.frame(l)
	return l.textItems(frame, l.placing(topLeft), l.breakAt(frame), "")
}

func (k textKind) outline(l look) []Point { return outlineOfBox(k.frame(l)) }

func (l look) breakAt(box Box) float64 {
	if l.is("wrap") {
		return box.width()
	}
	return unbroken
}

// unbroken is the width of lines that are not broken.
var unbroken = math.Inf(1)
