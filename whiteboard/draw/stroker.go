package draw

import (
	"math"
	"slices"
)

// Strokes are filled as a union of pieces: a rectangle for each segment, a wedge for each
// join, half a disc for each round cap, all wound the same way.

// miterLimit is when a mitred join is cut off, as on a canvas.
const miterLimit = 10

// maxDashes is how many dashes of a stroke are drawn at most; one with more in sight is
// drawn solid.
const maxDashes = 100_000

// pen makes the pieces of strokes.
type pen struct {
	half                float64 // half the width, in pixels
	roundCap, roundJoin bool
	dash                []float64
	visible             Box
	out                 *edges
	sector              []Point // the piece being made
}

// stroke adds the pieces of a path's stroke, as far as they can be seen within visible.
func stroke(out *edges, lines []polyline, s *Stroke, scale float64, visible Box) {
	p := pen{half: s.Width * scale / 2, roundCap: s.RoundCap, roundJoin: s.RoundJoin, out: out}
	if !(p.half > 0) {
		return
	}
	p.visible = visible.grow(p.half*miterLimit + 1)
	p.dash = dashesOf(s.Dash, scale)
	if p.visibleLength(lines) > maxDashes*sum(p.dash) {
		p.dash = nil
	}
	for _, l := range lines {
		l.points = slices.Compact(l.points)
		if l.closed && len(l.points) > 1 && l.points[0] == l.points[len(l.points)-1] {
			l.points = l.points[:len(l.points)-1]
		}
		if p.dash == nil {
			p.line(l)
		} else {
			p.dashed(l)
		}
	}
}

// visibleLength is how much of the lines can be seen.
func (p *pen) visibleLength(lines []polyline) (length float64) {
	for _, l := range lines {
		for i, a := range l.points {
			if i+1 == len(l.points) && !l.closed {
				break
			}
			b := l.points[(i+1)%len(l.points)]
			if from, to := within(a, b, p.visible); from < to {
				length += (to - from) * b.sub(a).length()
			}
		}
	}
	return length
}

// dashesOf returns lengths in pixels, an even number of them; nil when the line is solid.
func dashesOf(lengths []float64, scale float64) []float64 {
	var dash []float64
	total := 0.0
	for _, length := range lengths {
		if !(length >= 0) || math.IsInf(length, 0) {
			return nil
		}
		dash = append(dash, length*scale)
		total += length * scale
	}
	if len(dash)%2 == 1 {
		dash = append(dash, dash...)
	}
	if total < 1e-3 {
		return nil
	}
	return dash
}

// line adds the pieces of an undashed line.
func (p *pen) line(l polyline) {
	n := len(l.points)
	if n == 1 {
		if p.roundCap || p.roundJoin && l.closed {
			p.disc(l.points[0])
		}
		return
	}
	ends := n - 1
	if l.closed {
		ends = n
	}
	for i := range ends {
		p.segment(l.points[i], l.points[(i+1)%n])
		if i+1 < n-1 || l.closed {
			p.join(l.points[i], l.points[(i+1)%n], l.points[(i+2)%n])
		}
	}
	if !l.closed && p.roundCap {
		p.cap(l.points[1], l.points[0])
		p.cap(l.points[n-2], l.points[n-1])
	}
}

// side is the vector from a segment to its left side.
func (p *pen) side(a, b Point) Point { return perpendicular(unit(b.sub(a))).mul(p.half) }

func (p *pen) segment(a, b Point) {
	if !p.visible.overlaps(boxOf(a, b)) {
		return
	}
	side := p.side(a, b)
	p.piece(a.add(side), b.add(side), b.sub(side), a.sub(side))
}

// join fills the outer side of the corner at b.
func (p *pen) join(a, b, c Point) {
	if !p.visible.overlaps(boxOf(b, b)) {
		return
	}
	from, to := p.side(a, b), p.side(b, c)
	if from.cross(to) > 0 { // turns right: the left side is the outer one
		p.wedge(b, from, to)
	} else {
		p.wedge(b, to.mul(-1), from.mul(-1))
	}
}

// wedge fills between two sides of a corner, turning clockwise on the screen.
func (p *pen) wedge(at, from, to Point) {
	angle := math.Atan2(from.cross(to), from.dot(to))
	if angle < 0 {
		angle += 2 * math.Pi
	}
	switch {
	case p.roundJoin:
		p.arc(at, from, angle)
	case math.Cos(angle/2)*miterLimit > 1:
		tip := from.add(to).mul(1 / (2 * math.Cos(angle/2) * math.Cos(angle/2)))
		p.piece(at, at.add(from), at.add(tip), at.add(to))
	default:
		p.piece(at, at.add(from), at.add(to))
	}
}

func (p *pen) cap(inner, end Point) {
	if p.visible.overlaps(boxOf(end, end)) {
		p.arc(end, p.side(inner, end), math.Pi)
	}
}

func (p *pen) disc(at Point) {
	if p.visible.overlaps(boxOf(at, at)) {
		p.arc(at, Point{p.half, 0}, 2*math.Pi)
	}
}

// arc adds a sector.
func (p *pen) arc(at, from Point, angle float64) {
	step := 2 * math.Acos(max(1-flatness/4/p.half, 0)) // corners on the arc make it a little thinner
	n := int(min(math.Ceil(angle/step), maxPieces))
	p.sector = append(p.sector[:0], at, at.add(from))
	for i := 1; i <= n; i++ {
		p.sector = append(p.sector, at.add(rotated(from, Point{}, angle*float64(i)/float64(n))))
	}
	p.out.polygon(p.sector)
}

func (p *pen) piece(corners ...Point) { p.out.polygon(corners) }

// dashed adds the pieces of those dashes that can be seen.
func (p *pen) dashed(l polyline) {
	points := l.points
	if l.closed {
		points = append(slices.Clone(points), points[0])
	}
	d := dasher{pen: p, period: sum(p.dash)}
	d.begin(points[0], 0)
	for i := 1; i < len(points); i++ {
		d.segment(points[i-1], points[i])
	}
	d.lift()
}

// dasher walks along a line and draws its dashes.
type dasher struct {
	*pen
	period float64
	walked float64 // along the line
	index  int     // of the dash, if it is even, or gap
	rest   float64 // of it
	dashed []Point // the dash being drawn
	lost   bool    // the line was out of sight
}

// begin goes on at a place that is so far along the line.
func (d *dasher) begin(at Point, walked float64) {
	d.lift()
	d.lost = false
	d.rest = math.Mod(walked, d.period)
	for d.index = 0; d.index < len(d.dash)-1 && d.rest > d.dash[d.index]; d.index++ {
		d.rest -= d.dash[d.index]
	}
	d.rest = max(d.dash[d.index]-d.rest, 0)
	d.draw(at)
}

func (d *dasher) segment(a, b Point) {
	length := b.sub(a).length()
	from, to := within(a, b, d.visible)
	defer func() { d.walked += length }()
	if from >= to {
		d.lift()
		d.lost = true
		return
	}
	at := from * length
	if from > 0 || d.lost {
		d.begin(towards(a, b, from), d.walked+at)
	}
	for ; d.rest <= to*length-at; d.rest = d.dash[d.index] {
		at += d.rest
		corner := towards(a, b, at/length)
		d.draw(corner)
		d.lift()
		d.index = (d.index + 1) % len(d.dash)
		d.draw(corner)
	}
	d.rest -= to*length - at
	d.draw(towards(a, b, to))
	d.lost = to < 1
}

// draw adds a point to the dash, unless this is a gap.
func (d *dasher) draw(to Point) {
	if d.index%2 == 0 {
		d.dashed = append(d.dashed, to)
	}
}

// lift ends the dash.
func (d *dasher) lift() {
	if len(d.dashed) > 0 {
		d.line(polyline{points: slices.Compact(d.dashed)})
	}
	d.dashed = nil
}

// within returns which part of a segment is in a box, as shares; from ≥ to means none.
func within(a, b Point, box Box) (from, to float64) {
	from, to = 0, 1
	clip := func(at, by, least, most float64) {
		if by == 0 {
			if at < least || at > most {
				to = -1
			}
			return
		}
		s, t := (least-at)/by, (most-at)/by
		from, to = max(from, min(s, t)), min(to, max(s, t))
	}
	clip(a.X, b.X-a.X, box.MinX, box.MaxX)
	clip(a.Y, b.Y-a.Y, box.MinY, box.MaxY)
	return from, to
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}
