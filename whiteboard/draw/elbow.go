package draw

import (
	"math"
	"slices"
)

// Routes of right angles. Source: web/src/shapes/elbow.ts.

const (
	// stubLength is how far a route leads straight away from a shape before it may turn.
	stubLength = 20
	// turnCost: a turn costs as much as such a way.
	turnCost = 50
	// offMiddle: a route turns halfway rather than elsewhere, if that costs no more.
	offMiddle = 1
	// same: places closer than this are the same.
	same = 0.01
)

// elbowEnd is an end of an elbow route.
type elbowEnd struct {
	at Point
	// side is the direction away from the shape that it is bound to; nil for none.
	side *Point
	// box is around that shape: the route does not lead through it.
	box *Box
}

// elbowRoute returns the points of a route of right angles between two ends, ends included:
// the way of least length and fewest turns on a grid of the lines that matter, around the
// shapes at its ends where that is possible.
func elbowRoute(start, end elbowEnd, gap float64) []Point {
	g := grid{leave: start.heading(end.at), arrive: end.heading(start.at)}
	g.a, g.b = start.stub(g.leave, end.at), end.stub(g.arrive, start.at)
	g.middle = Point{(g.a.X + g.b.X) / 2, (g.a.Y + g.b.Y) / 2}
	var walls []Box
	xs, ys := []float64{g.a.X, g.b.X, g.middle.X}, []float64{g.a.Y, g.b.Y, g.middle.Y}
	for _, box := range []*Box{start.box, end.box} {
		if box != nil {
			walls = append(walls, box.grow(min(gap, stubLength)*0.9))
			xs = append(xs, box.MinX-stubLength, box.MaxX+stubLength)
			ys = append(ys, box.MinY-stubLength, box.MaxY+stubLength)
		}
	}
	g.xs, g.ys = gridLines(xs), gridLines(ys)
	way := g.search(walls)
	if way == nil {
		way = g.search(nil)
	}
	if way == nil {
		way = []Point{g.a, g.b}
	}
	return simplified(append(append([]Point{start.at}, way...), end.at))
}

// rightAngled returns the points with a corner between each two that are not on one upright
// or level line. A corner goes on in the direction of what is before it, at the start in that
// of what comes after it: so ends may move, and the pieces between them stay.
func rightAngled(points []Point) []Point {
	var all []Point
	for i, p := range points {
		if n := len(all); n > 0 && !nearly(all[n-1].X, p.X) && !nearly(all[n-1].Y, p.Y) {
			if last := all[n-1]; goesUpright(all, points[i:]) {
				all = append(all, Point{last.X, p.Y})
			} else {
				all = append(all, Point{p.X, last.Y})
			}
		}
		all = append(all, p)
	}
	return simplified(all)
}

// goesUpright reports whether the way from the last point of a route to the first of those
// to come begins upright.
func goesUpright(route, rest []Point) bool {
	n, to := len(route), rest[0]
	if n == 1 {
		return len(rest) > 1 && nearly(to.Y, rest[1].Y)
	}
	before, from := route[n-2], route[n-1]
	upright := nearly(before.X, from.X)
	was, is := from.X-before.X, to.X-from.X
	if upright {
		was, is = from.Y-before.Y, to.Y-from.Y
	}
	// Only an end pulls the corner before it back.
	return upright != (len(rest) > 1 && was*is < 0)
}

func nearly(a, b float64) bool { return math.Abs(a-b) <= same }

func (e elbowEnd) heading(other Point) Point {
	if e.side != nil {
		return *e.side
	}
	d := other.sub(e.at)
	switch {
	case math.Abs(d.X) >= math.Abs(d.Y) && d.X < 0:
		return Point{-1, 0}
	case math.Abs(d.X) >= math.Abs(d.Y):
		return Point{1, 0}
	case d.Y < 0:
		return Point{0, -1}
	}
	return Point{0, 1}
}

// stub is the first corner of the route from an end.
func (e elbowEnd) stub(heading, other Point) Point {
	by := float64(stubLength)
	if e.side == nil {
		by = min(by, (math.Abs(other.X-e.at.X)*math.Abs(heading.X)+math.Abs(other.Y-e.at.Y)*math.Abs(heading.Y))/2)
	}
	return e.at.add(heading.mul(by))
}

// grid is what a route from a to b may follow.
type grid struct {
	a, b, middle  Point
	leave, arrive Point // directions away from the ends
	xs, ys        []float64
}

var directions = [4]Point{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}

// place is a crossing of the grid, and the direction in which it was come by.
type place struct{ x, y, heading int }

type visit struct {
	place
	cost   float64
	before *visit
}

// search is Dijkstra's; nil if the walls leave no way.
func (g *grid) search(walls []Box) []Point {
	goal := place{nearest(g.xs, g.b.X), nearest(g.ys, g.b.Y), headingIndex(g.arrive.mul(-1))}
	open := []*visit{{place: place{nearest(g.xs, g.a.X), nearest(g.ys, g.a.Y), headingIndex(g.leave)}}}
	done := map[place]bool{}
	for len(open) > 0 {
		best := cheapest(open)
		v := open[best]
		open = slices.Delete(open, best, best+1)
		if v.place == goal {
			return g.wayTo(v)
		}
		if done[v.place] {
			continue
		}
		done[v.place] = true
		for _, next := range v.steps() {
			if next.x < 0 || next.y < 0 || next.x >= len(g.xs) || next.y >= len(g.ys) || done[next] {
				continue
			}
			from, to := g.at(v.place), g.at(next)
			if slices.ContainsFunc(walls, func(wall Box) bool { return isBlocked(from, to, wall) }) {
				continue
			}
			cost := v.cost + g.cost(from, to)
			if next.heading != v.heading {
				cost += turnCost
			}
			open = append(open, &visit{next, cost, v})
		}
	}
	return nil
}

func (g *grid) at(p place) Point { return Point{g.xs[p.x], g.ys[p.y]} }

// steps are one place on in each direction but back; and, so that a route may end in any
// direction, a turn on the spot.
func (p place) steps() []place {
	var steps []place
	for i, d := range directions {
		if i != (p.heading+2)%4 {
			steps = append(steps, place{p.x + int(d.X), p.y + int(d.Y), i})
		}
	}
	return append(steps, place{p.x, p.y, (p.heading + 1) % 4}, place{p.x, p.y, (p.heading + 3) % 4})
}

func (g *grid) cost(from, to Point) float64 {
	dx, dy := math.Abs(to.X-from.X), math.Abs(to.Y-from.Y)
	off := math.Abs(from.Y - g.middle.Y)
	if dx == 0 {
		off = math.Abs(from.X - g.middle.X)
	}
	if dx+dy == 0 || off < same {
		return dx + dy
	}
	return dx + dy + offMiddle
}

func cheapest(open []*visit) int {
	best := 0
	for i, v := range open {
		if v.cost < open[best].cost-1e-6 {
			best = i
		}
	}
	return best
}

func (g *grid) wayTo(v *visit) []Point {
	var way []Point
	for ; v != nil; v = v.before {
		way = append(way, g.at(v.place))
	}
	slices.Reverse(way)
	return way
}

// isBlocked reports whether a level or upright way leads through the inside of a box.
func isBlocked(a, b Point, box Box) bool {
	return max(a.X, b.X) > box.MinX && min(a.X, b.X) < box.MaxX && max(a.Y, b.Y) > box.MinY && min(a.Y, b.Y) < box.MaxY
}

// gridLines are the values in order, those that are the same once.
func gridLines(values []float64) []float64 {
	slices.Sort(values)
	var lines []float64
	for i, v := range values {
		if i == 0 || v-values[i-1] > same {
			lines = append(lines, v)
		}
	}
	return lines
}

// nearest is the index of the value nearest to another.
func nearest(values []float64, value float64) int {
	best := 0
	for i, v := range values {
		if math.Abs(v-value) < math.Abs(values[best]-value) {
			best = i
		}
	}
	return best
}

func headingIndex(p Point) int {
	switch {
	case p.X > 0:
		return 0
	case p.Y > 0:
		return 1
	case p.X < 0:
		return 2
	}
	return 3
}

// simplified is without points on the line between their neighbours.
func simplified(points []Point) []Point {
	var kept []Point
	for _, p := range points {
		n := len(kept)
		if n > 0 && isSame(kept[n-1], p) {
			continue
		}
		if n > 1 && isBetween(kept[n-2], kept[n-1], p) {
			kept = kept[:n-1]
		}
		kept = append(kept, p)
	}
	if len(kept) < 2 && len(points) > 0 {
		return []Point{points[0], points[len(points)-1]}
	}
	return kept
}

func isSame(a, b Point) bool { return math.Abs(a.X-b.X) < same && math.Abs(a.Y-b.Y) < same }

func isBetween(a, b, c Point) bool {
	level := math.Abs(a.Y-b.Y) < same && math.Abs(b.Y-c.Y) < same
	upright := math.Abs(a.X-b.X) < same && math.Abs(b.X-c.X) < same
	return level || upright
}
