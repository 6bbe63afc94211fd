package draw

import "math"

// Point is a place in world units.
type Point struct{ X, Y float64 }

func (p Point) add(q Point) Point     { return Point{p.X + q.X, p.Y + q.Y} }
func (p Point) sub(q Point) Point     { return Point{p.X - q.X, p.Y - q.Y} }
func (p Point) mul(f float64) Point   { return Point{p.X * f, p.Y * f} }
func (p Point) length() float64       { return math.Hypot(p.X, p.Y) }
func (p Point) dot(q Point) float64   { return p.X*q.X + p.Y*q.Y }
func (p Point) cross(q Point) float64 { return p.X*q.Y - p.Y*q.X }

func middle(p, q Point) Point { return Point{(p.X + q.X) / 2, (p.Y + q.Y) / 2} }

// Box is an axis-parallel rectangle, edges included.
type Box struct {
	MinX float64 `json:"minX"`
	MinY float64 `json:"minY"`
	MaxX float64 `json:"maxX"`
	MaxY float64 `json:"maxY"`
}

// nothing is the box around no points.
var nothing = Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}

// boxOf is the box of two opposite corners, in any order.
func boxOf(a, b Point) Box {
	return Box{min(a.X, b.X), min(a.Y, b.Y), max(a.X, b.X), max(a.Y, b.Y)}
}

func (b Box) empty() bool     { return !(b.MinX <= b.MaxX && b.MinY <= b.MaxY) }
func (b Box) width() float64  { return b.MaxX - b.MinX }
func (b Box) height() float64 { return b.MaxY - b.MinY }
func (b Box) centre() Point   { return Point{(b.MinX + b.MaxX) / 2, (b.MinY + b.MaxY) / 2} }

func (b Box) grow(by float64) Box {
	return Box{b.MinX - by, b.MinY - by, b.MaxX + by, b.MaxY + by}
}

func (b Box) union(c Box) Box {
	return Box{min(b.MinX, c.MinX), min(b.MinY, c.MinY), max(b.MaxX, c.MaxX), max(b.MaxY, c.MaxY)}
}

func (b Box) intersect(c Box) Box {
	return Box{max(b.MinX, c.MinX), max(b.MinY, c.MinY), min(b.MaxX, c.MaxX), min(b.MaxY, c.MaxY)}
}

func (b Box) include(p Point) Box { return b.union(Box{p.X, p.Y, p.X, p.Y}) }

func (b Box) overlaps(c Box) bool {
	return b.MinX <= c.MaxX && c.MinX <= b.MaxX && b.MinY <= c.MaxY && c.MinY <= b.MaxY
}

func (b Box) corners() [4]Point {
	return [4]Point{{b.MinX, b.MinY}, {b.MaxX, b.MinY}, {b.MaxX, b.MaxY}, {b.MinX, b.MaxY}}
}

func (b Box) path() *Path {
	c := b.corners()
	return new(Path).polyline(c[:], true)
}

// handle is how far the handles of a quarter of a circle reach, as a share of the radius.
const handle = 0.5523

// round is a closed rectangle with corners of a radius.
func (b Box) round(radius float64) *Path {
	if radius <= 0 {
		return b.path()
	}
	r, k := radius, radius*(1-handle)
	at := func(x, y float64) Point { return Point{x, y} }
	return new(Path).
		move(at(b.MinX+r, b.MinY)).
		line(at(b.MaxX-r, b.MinY)).
		cubic(at(b.MaxX-k, b.MinY), at(b.MaxX, b.MinY+k), at(b.MaxX, b.MinY+r)).
		line(at(b.MaxX, b.MaxY-r)).
		cubic(at(b.MaxX, b.MaxY-k), at(b.MaxX-k, b.MaxY), at(b.MaxX-r, b.MaxY)).
		line(at(b.MinX+r, b.MaxY)).
		cubic(at(b.MinX+k, b.MaxY), at(b.MinX, b.MaxY-k), at(b.MinX, b.MaxY-r)).
		line(at(b.MinX, b.MinY+r)).
		cubic(at(b.MinX, b.MinY+k), at(b.MinX+k, b.MinY), at(b.MinX+r, b.MinY)).
		close()
}

// matrix maps (x, y) to (a·x + c·y + e, b·x + d·y + f), as in SVG.
type matrix struct{ a, b, c, d, e, f float64 }

var identity = matrix{a: 1, d: 1}

func translation(x, y float64) matrix { return matrix{a: 1, d: 1, e: x, f: y} }
func scaling(x, y float64) matrix     { return matrix{a: x, d: y} }

// rotation turns clockwise, as y points down, about a point.
func rotation(angle float64, about Point) matrix {
	sin, cos := math.Sincos(angle)
	turn := matrix{cos, sin, -sin, cos, 0, 0}
	return translation(about.X, about.Y).times(turn).times(translation(-about.X, -about.Y))
}

// times is m after n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b,
		m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d,
		m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f,
	}
}

func (m matrix) apply(p Point) Point {
	return Point{m.a*p.X + m.c*p.Y + m.e, m.b*p.X + m.d*p.Y + m.f}
}

// around is the box around a mapped box.
func (m matrix) around(b Box) Box {
	mapped := nothing
	for _, c := range b.corners() {
		mapped = mapped.include(m.apply(c))
	}
	return mapped
}

// inverse is the way back; false when there is none.
func (m matrix) inverse() (matrix, bool) {
	det := m.a*m.d - m.b*m.c
	if det == 0 || math.IsNaN(det) || math.IsInf(det, 0) {
		return identity, false
	}
	n := matrix{a: m.d / det, b: -m.b / det, c: -m.c / det, d: m.a / det}
	n.e = -(n.a*m.e + n.c*m.f)
	n.f = -(n.b*m.e + n.d*m.f)
	return n, true
}

// scale is by how much lengths grow: exactly, where all grow alike.
func (m matrix) scale() float64 { return math.Sqrt(math.Abs(m.a*m.d - m.b*m.c)) }
