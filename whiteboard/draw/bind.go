package draw

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/easelhq/easel/whiteboard"
)

// Ends that follow shapes. Source: web/src/shapes/bind.ts.

const (
	// bindGap is the room between an arrow's end and the outline of what it is bound to,
	// lines' widths not included.
	bindGap = 4
	// aside: a place so far from the middle of a shape, as a share of its box, says on which
	// side an elbow route arrives.
	aside = 0.3
	// maxBound is through how many lines a line may be bound to a shape.
	maxBound = 4
)

// target is what an end is bound to, where it is on the plane.
type target struct {
	// aim is the place that the end aims at.
	aim Point
	// inside: the end is at that place, however deep in the shape.
	inside  bool
	corners []Point
	width   float64
}

// resolver fills in what other records decide. Not safe for concurrent use.
type resolver struct {
	records map[whiteboard.RecordID]props
	// bodies are those that were asked for, of shapes other than lines.
	bodies map[whiteboard.RecordID]*body
}

// body is where a shape is that ends are bound to; nil if it is malformed.
type body struct {
	box      Box
	corners  []Point // of its outline, turned
	rotation float64
	width    float64
}

// look resolves a shape's properties. What is not there, or in a circle, is as if it were
// not bound: at and size hold the last known ends.
func (r *resolver) look(id whiteboard.RecordID, p props) look {
	return r.lookAbove(p, []whiteboard.RecordID{id})
}

// lookAbove resolves what is bound to, for the lines above.
func (r *resolver) lookAbove(p props, above []whiteboard.RecordID) look {
	l := look{props: p, rotation: p.number("rotation", 0)}
	if kind := p.text("kind", ""); kind != "line" && kind != "arrow" {
		return l
	}
	l.points = p.placedPoints()
	if len(l.points) == 0 {
		return l
	}
	start, end := r.follow(p["startbind"], above), r.follow(p["endbind"], above)
	switch elbow := p.text("route", "") == "elbow"; {
	case start != nil || end != nil:
		l.bind(start, end, elbow)
	case elbow:
		l.via = viaOf(l.points, nil, nil, 0)
	}
	return l
}

// bind moves the ends to where they are bound to, and unrotates the line.
func (l *look) bind(start, end *target, elbow bool) {
	points := l.unrotated()
	l.rotation = 0
	n := len(points)
	bends := points[1 : n-1]
	first, last := points[0], points[n-1]
	if start != nil {
		first = start.aim
	}
	if end != nil {
		last = end.aim
	}
	stopAt := func(t *target, other, beyond Point) Point {
		switch {
		case elbow && len(bends) > 0:
			other = t.abreast(other, beyond)
		case elbow:
			other = t.beside(other)
		}
		return t.stop(other, l.width())
	}
	a, b := first, last
	if way := append(slices.Clone(bends), last, last); start != nil {
		a = stopAt(start, way[0], way[1])
	}
	if way := append([]Point{first, first}, bends...); end != nil {
		b = stopAt(end, way[len(way)-1], way[len(way)-2])
	}
	if len(bends) == 0 && !elbow && b.sub(a).dot(last.sub(first)) < 0 {
		// As between shapes that overlap: each ends beyond where the other begins, and the line would point backwards.
		a, b = first, last
	}
	l.points = append(append([]Point{a}, bends...), b)
	if elbow {
		l.via = viaOf(l.points, start, end, l.width())
	}
}

// unrotated is the line's points where they are on the plane.
func (l *look) unrotated() []Point {
	if l.rotation == 0 {
		return l.points
	}
	middle := aroundPoints(l.points).centre()
	points := make([]Point, len(l.points))
	for i, p := range l.points {
		points[i] = turn(p, middle, l.rotation)
	}
	return points
}

// turn is a point turned about another, by radians, clockwise.
func turn(p, about Point, angle float64) Point {
	if angle == 0 {
		return p
	}
	return rotated(p, about, angle)
}

// follow finds what an end is bound to; nil if it is free.
func (r *resolver) follow(raw json.RawMessage, above []whiteboard.RecordID) *target {
	var b struct {
		To     *whiteboard.RecordID
		At     json.RawMessage
		Inside json.RawMessage
	}
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &b) != nil || b.To == nil {
		return nil
	}
	at, ok := pointOf(b.At)
	p := r.records[*b.To]
	if !ok || p == nil || p.is("deleted") || len(above) > maxBound {
		return nil
	}
	for _, id := range above {
		if id == *b.To {
			return nil
		}
	}
	found := r.body(*b.To, p, above)
	if found == nil {
		return nil
	}
	return found.target(at, string(b.Inside) == "true")
}

// body finds where a shape is, for the lines above.
func (r *resolver) body(id whiteboard.RecordID, p props, above []whiteboard.RecordID) *body {
	if known, ok := r.bodies[id]; ok {
		return known
	}
	l := r.lookAbove(p, append(above[:len(above):len(above)], id))
	found := bodyOf(l)
	if l.points == nil { // where lines are depends on those above
		r.bodies[id] = found
	}
	return found
}

func bodyOf(l look) *body {
	k := kinds[l.text("kind", "")]
	if k == nil {
		return nil
	}
	box, ok := k.frame(l)
	if !ok {
		return nil
	}
	b := &body{box: box, rotation: l.rotation, width: l.width()}
	for _, corner := range k.outline(l) {
		b.corners = append(b.corners, turn(corner, box.centre(), l.rotation))
	}
	return b
}

func (b *body) target(at Point, inside bool) *target {
	place := Point{b.box.MinX + at.X*b.box.width(), b.box.MinY + at.Y*b.box.height()}
	return &target{aim: turn(place, b.box.centre(), b.rotation), inside: inside, corners: b.corners, width: b.width}
}

// stop is where an end stops that comes from a point and aims at the shape. A place beside
// the shape stands for the outline there.
func (t *target) stop(from Point, own float64) Point {
	if t.inside || len(t.corners) == 0 || isWithin(from, t.corners) {
		return t.aim
	}
	goal := t.aim
	if !isWithin(goal, t.corners) {
		goal = hitOr(goal, goal, aroundPoints(t.corners).centre(), t.corners)
	}
	hit := hitOr(goal, from, goal, t.corners)
	gap := bindGap + (t.width+own)/2
	return onWay(hit, from, min(gap, from.sub(hit).length()/2))
}

// isWithin reports whether a point is inside a polygon (even-odd).
func isWithin(p Point, corners []Point) bool {
	inside := false
	for i, a := range corners {
		b := corners[(i+len(corners)-1)%len(corners)]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < (b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y)+a.X {
			inside = !inside
		}
	}
	return inside
}

// firstHit is the point nearest to from at which the way to to crosses a closed line.
func firstHit(from, to Point, corners []Point) (Point, bool) {
	d := to.sub(from)
	nearest := math.Inf(1)
	for i, a := range corners {
		e := corners[(i+1)%len(corners)].sub(a)
		cross := d.cross(e)
		if math.Abs(cross) < 1e-12 {
			continue
		}
		t, s := a.sub(from).cross(e)/cross, a.sub(from).cross(d)/cross
		if t >= 0 && t <= 1 && s >= 0 && s <= 1 {
			nearest = min(nearest, t)
		}
	}
	return Point{from.X + d.X*nearest, from.Y + d.Y*nearest}, nearest <= 1
}

// hitOr is firstHit, or otherwise when there is none.
func hitOr(otherwise, from, to Point, corners []Point) Point {
	if hit, ok := firstHit(from, to, corners); ok {
		return hit
	}
	return otherwise
}

// farAway is how far beside a shape an elbow route is taken to come from.
const farAway = 1e4

// abreast is the point straight beside the shape at which an elbow route turns towards a bend
// and what is beyond it.
func (t *target) abreast(bend, beyond Point) Point {
	turn := bend
	switch level, upright := nearly(bend.Y, beyond.Y), nearly(bend.X, beyond.X); {
	case level && !upright:
		turn = Point{t.aim.X, bend.Y}
	case upright && !level:
		turn = Point{bend.X, t.aim.Y}
	}
	if isWithin(turn, t.corners) {
		return bend
	}
	return turn
}

// beside is a point straight beside the shape, on the side on which an elbow route arrives.
func (t *target) beside(other Point) Point {
	side, ok := t.side(other)
	if !ok {
		return other
	}
	box := aroundPoints(t.corners)
	switch {
	case side.X > 0:
		return Point{max(box.MaxX, t.aim.X) + farAway, t.aim.Y}
	case side.X < 0:
		return Point{min(box.MinX, t.aim.X) - farAway, t.aim.Y}
	case side.Y > 0:
		return Point{t.aim.X, max(box.MaxY, t.aim.Y) + farAway}
	}
	return Point{t.aim.X, min(box.MinY, t.aim.Y) - farAway}
}

// side is the direction away from the shape on the side on which a route arrives; false if
// it ends inside.
func (t *target) side(other Point) (Point, bool) {
	if t.inside || len(t.corners) == 0 {
		return Point{}, false
	}
	box := aroundPoints(t.corners)
	w, h := max(box.width(), 1e-6), max(box.height(), 1e-6)
	middle := box.centre()
	share := func(p Point) Point { return Point{(p.X - middle.X) / w, (p.Y - middle.Y) / h} }
	if from := share(t.aim); max(math.Abs(from.X), math.Abs(from.Y)) > aside {
		return axis(from), true
	}
	return axis(share(other)), true
}

func axis(p Point) Point {
	switch {
	case math.Abs(p.X) > math.Abs(p.Y) && p.X < 0:
		return Point{-1, 0}
	case math.Abs(p.X) > math.Abs(p.Y):
		return Point{1, 0}
	case p.Y < 0:
		return Point{0, -1}
	}
	return Point{0, 1}
}

// viaOf are the corners of an elbow route, ends not included.
func viaOf(points []Point, start, end *target, width float64) []Point {
	if len(points) > 2 {
		return inner(rightAngled(points))
	}
	a, b := points[0], points[1]
	aimA, aimB := a, b
	if start != nil {
		aimA = start.aim
	}
	if end != nil {
		aimB = end.aim
	}
	return inner(elbowRoute(start.elbowEnd(a, aimB), end.elbowEnd(b, aimA), bindGap+width))
}

// inner is all but the ends.
func inner(points []Point) []Point {
	if len(points) < 2 {
		return nil
	}
	return points[1 : len(points)-1]
}

// elbowEnd is the end of an elbow route at a target, which may be nil.
func (t *target) elbowEnd(at, other Point) elbowEnd {
	e := elbowEnd{at: at}
	if t == nil {
		return e
	}
	if side, ok := t.side(other); ok {
		e.side = &side
	}
	if !t.inside && len(t.corners) > 0 {
		box := aroundPoints(t.corners)
		e.box = &box
	}
	return e
}
