package draw

import "math"

// A path becomes polylines before it is filled or stroked: curves are cut into pieces that
// stray from them by less than flatness.

const (
	// flatness is in pixels.
	flatness = 0.05
	// maxPieces is into how many pieces a curve is cut at most.
	maxPieces = 256
)

// polyline is a line through points; a closed one leads back to its first point.
type polyline struct {
	points []Point
	closed bool
}

// flatten returns a path's lines in pixels.
func flatten(p *Path, m matrix) []polyline { return new(flattener).add(p, m).lines }

// flattener collects the lines of paths, in memory that is used again.
type flattener struct {
	m      matrix
	lines  []polyline
	points []Point // of all lines
	from   int     // where those of the current line begin
}

// again forgets all lines; those handed out are no longer valid.
func (f *flattener) again() *flattener {
	f.lines, f.points, f.from = f.lines[:0], f.points[:0], 0
	return f
}

// add adds a path's lines in pixels.
func (f *flattener) add(p *Path, m matrix) *flattener {
	f.m = m
	p.each(f.command)
	f.end(false)
	return f
}

func (f *flattener) command(c Command, at []float64) {
	point := func(i int) Point { return f.m.apply(Point{at[2*i], at[2*i+1]}) }
	switch c {
	case 'M':
		f.end(false)
		f.points = append(f.points, point(0))
	case 'L':
		f.points = append(f.points, point(0))
	case 'Q':
		f.quadratic(point(0), point(1))
	case 'C':
		f.cubic(point(0), point(1), point(2))
	case 'Z':
		f.end(true)
	}
}

// end finishes the line; after a closed one, the next begins at the same point.
func (f *flattener) end(closed bool) {
	current := f.points[f.from:len(f.points):len(f.points)]
	if len(current) > 1 || closed && len(current) > 0 {
		f.lines = append(f.lines, polyline{current, closed})
	}
	f.from = len(f.points)
	if closed && len(current) > 0 {
		f.points = append(f.points, current[0])
	}
}

func (f *flattener) last(otherwise Point) Point {
	if n := len(f.points); n > f.from {
		return f.points[n-1]
	}
	f.points = append(f.points, otherwise)
	return otherwise
}

func (f *flattener) quadratic(c, to Point) {
	from := f.last(c)
	bend := from.sub(c.mul(2)).add(to).length()
	for i, n := 1, pieces(bend/4); i <= n; i++ {
		t := float64(i) / float64(n)
		f.points = append(f.points, onQuadratic(from, c, to, t))
	}
}

func (f *flattener) cubic(a, b, to Point) {
	from := f.last(a)
	bend := max(from.sub(a.mul(2)).add(b).length(), a.sub(b.mul(2)).add(to).length())
	for i, n := 1, pieces(bend*3/4); i <= n; i++ {
		t := float64(i) / float64(n)
		f.points = append(f.points, onCubic(from, a, b, to, t))
	}
}

// pieces is into how many a curve is cut that strays from its chord by less than stray
// pixels.
func pieces(stray float64) int {
	n := math.Ceil(math.Sqrt(stray / flatness))
	if !(n > 1) {
		return 1
	}
	return int(min(n, maxPieces))
}
