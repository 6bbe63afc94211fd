package draw

import (
	"math"
	"slices"
)

// lineKind is a line or arrow: straight, curved or with right angles, with heads, perhaps
// closed and filled. Source: web/src/shapes/line.ts.
type lineKind struct{}

const (
	// labelGap is the room between a label and the line that it interrupts.
	labelGap = 4
	// A label's lines are no longer than labelShare of the line, or labelEms if that is more.
	labelShare = 0.6
	labelEms   = 8
)

func (lineKind) frame(l look) (Box, bool) { return aroundPoints(l.points), len(l.points) > 0 }

func (lineKind) bounds(l look) Box {
	reach := l.width() / 2
	if l.hasHeads() {
		reach = headReach(l.width())
	}
	bounds := aroundPoints(chainOf(l.routePath())).grow(reach)
	if label, ok := l.lineLabel(); ok {
		bounds = bounds.union(label.box)
	}
	return bounds
}

func (lineKind) picture(l look) Picture {
	path := l.routePath()
	chain := chainOf(path)
	var items Picture
	body := PathItem{Path: path, Stroke: l.stroke(), Alpha: 1}
	label, labelled := l.lineLabel()
	if l.isFilledLine() {
		items = l.fills(path, chain)
	} else if labelled {
		body.Path = interrupted(chain, label.box.grow(labelGap))
	}
	items = append(items, body)
	items = append(items, l.heads(chain)...)
	if labelled {
		ground := ""
		if l.isFilledLine() {
			ground = l.ground()
		}
		items = append(items, l.textItems(label.area, inMiddle, label.breakAt, ground)...)
	}
	return items
}

// outline is empty: an arrow bound to a line ends on it.
func (lineKind) outline(look) []Point { return nil }

func (l look) isFilledLine() bool { return l.is("closed") && l.fill() != "" }

func (l look) hasHeads() bool {
	return !l.is("closed") && (l.head("starthead") != "" || l.head("endhead") != "")
}

// head is the name of a head; empty for none.
func (l look) head(name string) string {
	return l.oneOf(name, "", "arrow", "triangle", "bar", "dot", "diamond", "crowfoot")
}

func (l look) heads(chain []Point) Picture {
	if !l.hasHeads() {
		return nil
	}
	length, stroke := lengthOf(chain), l.solidStroke()
	far := headReach(stroke.Width) / 2
	var items Picture
	if head := l.head("starthead"); head != "" {
		items = append(items, headItem(head, before(chain, far), chain[0], length, stroke))
	}
	if head := l.head("endhead"); head != "" {
		back := slices.Clone(chain)
		slices.Reverse(back)
		items = append(items, headItem(head, before(back, far), back[0], length, stroke))
	}
	return items
}

// before is the first point of a chain that is so far from its start, or the last: a head
// points along a curve as a whole.
func before(chain []Point, far float64) Point {
	for _, p := range chain {
		if p.sub(chain[0]).length() >= far {
			return p
		}
	}
	return chain[len(chain)-1]
}

// lineLabel is where the label of a line stands.
type lineLabel struct {
	area, box Box
	breakAt   float64
}

func (l look) lineLabel() (lineLabel, bool) {
	if l.label() == "" {
		return lineLabel{}, false
	}
	chain := chainOf(l.routePath())
	at := halfway(chain)
	if l.isFilledLine() {
		at = aroundPoints(chain).centre()
	}
	label := lineLabel{area: boxOf(at, at), breakAt: max(labelShare*lengthOf(chain), labelEms*l.textStyle().size)}
	label.box, _ = l.textBox(label.area, inMiddle, label.breakAt)
	return label, true
}

// halfway is the point in the middle of a chain by its length.
func halfway(chain []Point) Point {
	rest := lengthOf(chain) / 2
	for i := 1; i < len(chain); i++ {
		a, b := chain[i-1], chain[i]
		length := b.sub(a).length()
		if rest <= length && length > 0 {
			return Point{a.X + (b.X-a.X)*rest/length, a.Y + (b.Y-a.Y)*rest/length}
		}
		rest -= length
	}
	return chain[len(chain)-1]
}

func lengthOf(chain []Point) (length float64) {
	for i := 1; i < len(chain); i++ {
		length += chain[i].sub(chain[i-1]).length()
	}
	return length
}

func aroundPoints(points []Point) Box {
	box := nothing
	for _, p := range points {
		box = box.include(p)
	}
	return box
}

// interrupted is the chain without what is inside a box.
func interrupted(chain []Point, gap Box) *Path {
	path := new(Path)
	open := -1 // the corner up to which the path has come
	for i := 1; i < len(chain); i++ {
		a, b := chain[i-1], chain[i]
		enter, leave := insideShares(a, b, gap)
		if enter >= leave {
			enter, leave = 1, 1
		}
		if enter > 0 {
			if open != i-1 {
				path.move(a)
			}
			path.line(towards(a, b, enter))
			if enter == 1 {
				open = i
			}
		}
		if leave < 1 {
			path.move(towards(a, b, leave)).line(b)
			open = i
		}
	}
	return path
}

// insideShares is from where to where, as shares, a segment is inside a box; nowhere if the
// first is not less.
func insideShares(a, b Point, box Box) (enter, leave float64) {
	if !boxOf(a, b).overlaps(box) {
		return 1, 0
	}
	enter, leave = 0, 1
	clip := func(from, by, low, high float64) bool {
		if by == 0 {
			return from > low && from < high
		}
		s, t := (low-from)/by, (high-from)/by
		enter, leave = max(enter, min(s, t)), min(leave, max(s, t))
		return true
	}
	if !clip(a.X, b.X-a.X, box.MinX, box.MaxX) || !clip(a.Y, b.Y-a.Y, box.MinY, box.MaxY) {
		return 1, 0
	}
	return enter, leave
}

// Heads are so long: this much and so many widths of the line, but no more than a share of
// it. Source: web/src/shapes/heads.ts.
const (
	headLength = 8
	headWidths = 3
	headShare  = 0.6
	// slender is half the breadth of a head, as a share of its length.
	slender = 0.5
)

// headReach is how far a head reaches from the tip at most, its line's width included.
func headReach(width float64) float64 {
	return (headLength+headWidths*width)*math.Hypot(1, slender) + width/2
}

// headItem is the head at the end of a line of a length that comes from a point to the tip.
func headItem(head string, from, tip Point, length float64, stroke *Stroke) Item {
	size := min(headLength+headWidths*stroke.Width, headShare*length)
	ahead := Point{1, 0}
	if tip != from {
		ahead = unit(tip.sub(from))
	}
	// at is a place so far back along the line, so far aside, in sizes of the head.
	at := func(back, aside float64) Point {
		b, a := back*size, aside*size
		return Point{tip.X - b*ahead.X - a*ahead.Y, tip.Y - b*ahead.Y + a*ahead.X}
	}
	filled := func(path *Path) Item { return PathItem{Path: path, Fill: stroke.Color, Stroke: stroke, Alpha: 1} }
	open := func(points ...Point) Item {
		return PathItem{Path: new(Path).polyline(points, false), Stroke: stroke, Alpha: 1}
	}
	switch head {
	case "triangle":
		return filled(new(Path).polyline([]Point{at(1, slender), tip, at(1, -slender)}, true))
	case "bar":
		return open(at(0, slender), at(0, -slender))
	case "dot":
		return filled(new(Path).ellipse(boxOf(tip, tip).grow(size / 3)))
	case "diamond":
		return filled(new(Path).polyline([]Point{tip, at(0.6, slender*0.7), at(1.2, 0), at(0.6, -slender*0.7)}, true))
	case "crowfoot":
		return open(at(0, slender), at(1, 0), at(0, -slender))
	}
	return open(at(1, slender), tip, at(1, -slender))
}
