package draw

import (
	"math"
	"sync"
)

// Closed shapes in a box. Source: web/src/shapes/outlined.ts, rect.ts, ellipse.ts,
// polygon.ts and outlines.ts.

// labelMargin is the room between a shape's line and its label.
const labelMargin = 6

// outlined is a kind of closed shape: filled, labelled, an obstacle for arrows.
type outlined struct {
	path func(Box, look) *Path
	// room is where a label stands, margins not included.
	room func(Box, look) Box
	// lines are open lines over the outline; nil if there are none.
	lines func(Box, look) *Path
}

func (outlined) frame(l look) (Box, bool) { return l.sizedBox() }

func (k outlined) bounds(l look) Box {
	box, _ := l.sizedBox()
	bounds := box.grow(l.width() / 2)
	area := k.area(box, l)
	if text, ok := l.textBox(area, l.placing(inMiddle), area.width()); ok {
		bounds = bounds.union(text)
	}
	return bounds
}

func (k outlined) picture(l look) Picture {
	box, _ := l.sizedBox()
	path := k.path(box, l)
	var items Picture
	if l.fill() != "" {
		items = l.fills(path, chainOf(path))
	}
	// A plain fill and the line around it are one item.
	if fill, ok := only(items); ok && fill.Path == path && fill.Alpha == 1 {
		fill.Stroke = l.stroke()
		items[0] = fill
	} else {
		items = append(items, PathItem{Path: path, Stroke: l.stroke(), Alpha: 1})
	}
	if k.lines != nil {
		items = append(items, PathItem{Path: k.lines(box, l), Stroke: l.stroke(), Alpha: 1})
	}
	area := k.area(box, l)
	return append(items, l.textItems(area, l.placing(inMiddle), area.width(), l.ground())...)
}

func only(items Picture) (PathItem, bool) {
	if len(items) != 1 {
		return PathItem{}, false
	}
	item, ok := items[0].(PathItem)
	return item, ok
}

func (k outlined) outline(l look) []Point {
	box, _ := l.sizedBox()
	return chainOf(k.path(box, l))
}

func (k outlined) area(box Box, l look) Box {
	return k.room(box, l).shrink(labelMargin + l.width()/2)
}

// shrink is the box without a margin, but no less than nothing.
func (b Box) shrink(by float64) Box {
	x, y := min(by, b.width()/2), min(by, b.height()/2)
	return Box{b.MinX + x, b.MinY + y, b.MaxX - x, b.MaxY - y}
}

// part is a part of the box, given as shares of it.
func (b Box) part(p Box) Box {
	w, h := b.width(), b.height()
	return Box{b.MinX + p.MinX*w, b.MinY + p.MinY*h, b.MinX + p.MaxX*w, b.MinY + p.MaxY*h}
}

// rectMaxRadius: a quarter of the shorter side is round, but no more than this.
const rectMaxRadius = 32

func rectPath(b Box, l look) *Path {
	if l.text("corners", "") == "round" {
		return b.round(min(b.width()/4, b.height()/4, rectMaxRadius))
	}
	return b.path()
}

func wholeBox(b Box, _ look) Box { return b }

func ellipsePath(b Box, _ look) *Path { return new(Path).ellipse(b) }

func ellipseRoom(b Box, _ look) Box {
	const half = 1 / math.Sqrt2 / 2
	return b.part(Box{0.5 - half, 0.5 - half, 0.5 + half, 0.5 + half})
}

func diamondPath(b Box, l look) *Path {
	return cornersPath(cornersIn(b, 4, [2]float64{1, 1}), l)
}

func diamondRoom(b Box, _ look) Box { return b.part(Box{0.25, 0.25, 0.75, 0.75}) }

// polygonPath is a regular polygon that fills its box, with a corner at the top.
func polygonPath(b Box, l look) *Path { return cornersPath(cornersIn(b, l.sides(), l.flip()), l) }

func polygonRoom(b Box, l look) Box {
	room := unitPolygons()[l.sides()].room
	if l.flip()[1] < 0 {
		room.MinY, room.MaxY = 1-room.MaxY, 1-room.MinY
	}
	return b.part(room)
}

const minSides, maxSides = 3, 12

func (l look) sides() int {
	return int(min(max(math.Floor(l.number("sides", 6)+0.5), minSides), maxSides))
}

func cornersIn(b Box, sides int, flip [2]float64) []Point {
	return pointsIn(unitPolygons()[sides].corners, b, flip)
}

// pointsIn are points of the square from 0 to 1 in a box.
func pointsIn(unit []Point, b Box, flip [2]float64) []Point {
	points := make([]Point, len(unit))
	for i, p := range unit {
		points[i] = pointIn(p, b, flip)
	}
	return points
}

// pointIn is where a point of the square from 0 to 1 is in a box, mirrored as flip says.
func pointIn(p Point, b Box, flip [2]float64) Point {
	if flip[0] < 0 {
		p.X = 1 - p.X
	}
	if flip[1] < 0 {
		p.Y = 1 - p.Y
	}
	return Point{b.MinX + p.X*b.width(), b.MinY + p.Y*b.height()}
}

// unitPolygon fills the box from 0 to 1.
type unitPolygon struct {
	corners []Point
	// room is the largest rectangle in its middle.
	room Box
}

// unitPolygons are the polygons by how many sides they have.
var unitPolygons = sync.OnceValue(func() (polygons [maxSides + 1]unitPolygon) {
	for sides := minSides; sides <= maxSides; sides++ {
		corners := unitCorners(sides)
		polygons[sides] = unitPolygon{corners, roomIn(corners)}
	}
	return polygons
})

func unitCorners(sides int) []Point {
	circle := make([]Point, sides)
	box := nothing
	for i := range circle {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(sides))
		circle[i] = Point{sin, -cos}
		box = box.include(circle[i])
	}
	for i, p := range circle {
		circle[i] = Point{(p.X - box.MinX) / box.width(), (p.Y - box.MinY) / box.height()}
	}
	return circle
}

// roomRows: the room for a label is looked for on a grid of so many rows.
const roomRows = 24

func roomIn(corners []Point) Box {
	room, most := Box{0.5, 0.5, 0.5, 0.5}, 0.0
	for top := range roomRows {
		for bottom := top + 1; bottom <= roomRows; bottom++ {
			y, z := float64(top)/roomRows, float64(bottom)/roomRows
			half := min(halfWidthAt(corners, y), halfWidthAt(corners, z))
			if area := half * float64(bottom-top); area > most+1e-6 {
				room, most = Box{0.5 - half, y, 0.5 + half, z}, area
			}
		}
	}
	return room
}

// halfWidthAt is how far the polygon reaches to the nearer side at a height.
func halfWidthAt(corners []Point, y float64) float64 {
	left, right := math.Inf(1), math.Inf(-1)
	for i, a := range corners {
		b := corners[(i+1)%len(corners)]
		if min(a.Y, b.Y) > y+1e-9 || max(a.Y, b.Y) < y-1e-9 {
			continue
		}
		if math.Abs(a.Y-b.Y) < 1e-9 {
			left, right = min(left, a.X, b.X), max(right, a.X, b.X)
			continue
		}
		x := a.X + (b.X-a.X)*(y-a.Y)/(b.Y-a.Y)
		left, right = min(left, x), max(right, x)
	}
	return max(min(0.5-left, right-0.5), 0)
}

const (
	// roundness is the share of a side that a round corner takes away from it at each end.
	roundness = 0.2
	maxCut    = 32
)

func cornersPath(corners []Point, l look) *Path {
	if l.text("corners", "") != "round" {
		return new(Path).polyline(corners, true)
	}
	path := new(Path)
	n := len(corners)
	for i, corner := range corners {
		from, to := cutOff(corner, corners[(i+n-1)%n]), cutOff(corner, corners[(i+1)%n])
		if i == 0 {
			path.move(from)
		} else {
			path.line(from)
		}
		path.quadratic(corner, to)
	}
	return path.close()
}

// cutOff is the point at which a round corner leaves the side to another corner.
func cutOff(corner, other Point) Point {
	side := other.sub(corner).length()
	return towards(corner, other, min(roundness, maxCut/max(side, 1e-9)))
}

// chainOf is a path's first line as straight pieces; one that is closed ends where it began.
func chainOf(p *Path) []Point {
	var chain []Point
	first := true
	p.each(func(c Command, at []float64) {
		if c == 'M' && len(chain) > 0 {
			first = false
		}
		if first {
			chain = extend(chain, c, at)
		}
	})
	return chain
}

// Into how many pieces curves are cut; a quarter of a circle in 16 is exact to 1/800 of its
// radius.
const cubicPieces, quadraticPieces = 16, 8

func extend(chain []Point, c Command, at []float64) []Point {
	var from Point
	if len(chain) > 0 {
		from = chain[len(chain)-1]
	}
	point := func(i int) Point { return Point{at[2*i], at[2*i+1]} }
	switch c {
	case 'M', 'L':
		chain = append(chain, point(0))
	case 'Q':
		for i := 1; i <= quadraticPieces; i++ {
			chain = append(chain, onQuadratic(from, point(0), point(1), float64(i)/quadraticPieces))
		}
	case 'C':
		for i := 1; i <= cubicPieces; i++ {
			chain = append(chain, onCubic(from, point(0), point(1), point(2), float64(i)/cubicPieces))
		}
	case 'Z':
		if len(chain) > 0 {
			chain = append(chain, chain[0])
		}
	}
	return chain
}

func onQuadratic(from, c, to Point, t float64) Point {
	u := 1 - t
	return from.mul(u * u).add(c.mul(2 * t * u)).add(to.mul(t * t))
}

func onCubic(from, a, b, to Point, t float64) Point {
	u := 1 - t
	return from.mul(u * u * u).add(a.mul(3 * u * u * t)).add(b.mul(3 * u * t * t)).add(to.mul(t * t * t))
}
