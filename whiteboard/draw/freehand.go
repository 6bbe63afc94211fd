package draw

import "math"

// The outline of freehand strokes. This file is a port of the parts of perfect-freehand
// 1.2.3 that the client uses: complete strokes with round ends, pressure given.
//
// Copyright (c) 2021 Stephen Ruiz Ltd. MIT License:
//
// Permission is hereby granted, free of charge, to any person obtaining a copy of this
// software and associated documentation files (the "Software"), to deal in the Software
// without restriction, including without limitation the rights to use, copy, modify, merge,
// publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons
// to whom the Software is furnished to do so, subject to the following conditions:
//
// The above copyright notice and this permission notice shall be included in all copies or
// substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED,
// INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR
// PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE
// FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
// OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
// DEALINGS IN THE SOFTWARE.

// inkPoint is a point of ink with the pressure it is drawn with, 0 to 1.
type inkPoint struct {
	Point
	pressure float64
}

// freehand says how a stroke's outline is made, as perfect-freehand's options do.
type freehand struct {
	size, thinning, smoothing, streamline float64
}

const (
	// fixedPi is a little more than π, which keeps caps from ending in a seam.
	fixedPi          = math.Pi + 0.0001
	startCapSegments = 13
	endCapSegments   = 29
	cornerSegments   = 13
	// outlineRoom is for caps and a corner.
	outlineRoom = startCapSegments + endCapSegments + cornerSegments
	// endNoise is the length at the end in which points are left out.
	endNoise           = 3
	minStreamline      = 0.15
	streamlineRange    = 0.85
	minRadius          = 0.01
	unmeasuredPressure = 0.5
)

// strokePoint is a point of the smoothed centre line.
type strokePoint struct {
	point Point
	// vector points to the point before; its length is 1.
	vector        Point
	pressure      float64
	runningLength float64
}

// outline returns the closed polygon around the points.
func (f freehand) outline(points []inkPoint) []Point {
	return f.around(f.centreLine(points))
}

// spread makes more of strokes of one or two points.
func spread(points []inkPoint) []inkPoint {
	switch len(points) {
	case 1:
		p := points[0]
		return []inkPoint{p, {p.Point.add(Point{1, 1}), p.pressure}}
	case 2:
		a, b := points[0], points[1]
		points = []inkPoint{a}
		for i := 1; i < 5; i++ {
			points = append(points, inkPoint{towards(a.Point, b.Point, float64(i)/4), unmeasuredPressure})
		}
	}
	return points
}

func (f freehand) centreLine(input []inkPoint) []strokePoint {
	if len(input) == 0 {
		return nil
	}
	points := spread(input)
	t := minStreamline + (1-f.streamline)*streamlineRange
	line := append(make([]strokePoint, 0, len(points)), strokePoint{point: points[0].Point, pressure: points[0].pressure})
	prev, length, begun := line[0], 0.0, false
	for i, last := 1, len(points)-1; i <= last; i++ {
		point := points[i].Point
		if i < last {
			point = towards(prev.point, point, t)
		}
		if point == prev.point {
			continue
		}
		distance := point.sub(prev.point).length()
		length += distance
		if i < last && !begun {
			// Near the start there is noise.
			if length < f.size {
				continue
			}
			begun = true
		}
		prev = strokePoint{point, unit(prev.point.sub(point)), points[i].pressure, length}
		line = append(line, prev)
	}
	if len(line) > 1 {
		line[0].vector = line[1].vector
	}
	return line
}

// sides collects the two sides of an outline.
type sides struct {
	left, right []Point
	// lastLeft and lastRight are the points that the next are measured against.
	lastLeft, lastRight Point
	minDistance         float64 // squared
}

func (f freehand) around(points []strokePoint) []Point {
	if len(points) == 0 || f.size <= 0 {
		return nil
	}
	s := sides{left: make([]Point, 0, 2*len(points)+outlineRoom), right: make([]Point, 0, len(points)+outlineRoom), lastLeft: points[0].point, lastRight: points[0].point, minDistance: math.Pow(f.size*f.smoothing, 2)}
	radius, firstRadius := f.radius(points[len(points)-1].pressure), 0.0
	total := points[len(points)-1].runningLength
	prevVector, afterCorner := points[0].vector, false
	for i, p := range points {
		isLast := i == len(points)-1
		if !isLast && total-p.runningLength < endNoise {
			continue
		}
		radius = f.radius(p.pressure)
		if firstRadius == 0 {
			firstRadius = radius
		}
		radius = max(minRadius, radius)
		next, nextDot := p.vector, 1.0
		if !isLast {
			next = points[i+1].vector
			nextDot = p.vector.dot(next)
		}
		if p.vector.dot(prevVector) < 0 && !afterCorner || nextDot < 0 {
			s.corner(p.point, perpendicular(prevVector).mul(radius))
			afterCorner = afterCorner || nextDot < 0
			continue
		}
		afterCorner = false
		if isLast {
			offset := perpendicular(p.vector).mul(radius)
			s.left = append(s.left, p.point.sub(offset))
			s.right = append(s.right, p.point.add(offset))
			continue
		}
		s.regular(p.point, perpendicular(towards(next, p.vector, nextDot)).mul(radius), i <= 1)
		prevVector = p.vector
	}
	if len(points) == 1 {
		if firstRadius == 0 {
			firstRadius = radius
		}
		return dot(points[0].point, firstRadius)
	}
	return s.join(points[0].point, points[len(points)-1], radius)
}

func (f freehand) radius(pressure float64) float64 {
	if f.thinning == 0 {
		return f.size / 2
	}
	return f.size * (0.5 - f.thinning*(0.5-pressure))
}

// corner rounds a sharp corner on both sides.
func (s *sides) corner(at, offset Point) {
	const step = 1.0 / cornerSegments
	for t := 0.0; t <= 1; t += step {
		s.lastLeft = rotated(at.sub(offset), at, fixedPi*t)
		s.left = append(s.left, s.lastLeft)
		s.lastRight = rotated(at.add(offset), at, fixedPi*-t)
		s.right = append(s.right, s.lastRight)
	}
}

// regular adds a point on either side, unless it is too close to the one before.
func (s *sides) regular(at, offset Point, always bool) {
	if left := at.sub(offset); always || distance2(s.lastLeft, left) > s.minDistance {
		s.left = append(s.left, left)
		s.lastLeft = left
	}
	if right := at.add(offset); always || distance2(s.lastRight, right) > s.minDistance {
		s.right = append(s.right, right)
		s.lastRight = right
	}
}

// join closes the sides with round caps.
func (s *sides) join(first Point, last strokePoint, radius float64) []Point {
	polygon := s.left
	start := last.point.add(perpendicular(Point{-last.vector.X, -last.vector.Y}).mul(radius))
	const endStep = 1.0 / endCapSegments
	for t := endStep; t < 1; t += endStep {
		polygon = append(polygon, rotated(start, last.point, fixedPi*3*t))
	}
	for i := len(s.right) - 1; i >= 0; i-- {
		polygon = append(polygon, s.right[i])
	}
	const startStep = 1.0 / startCapSegments
	for t := startStep; t <= 1; t += startStep {
		polygon = append(polygon, rotated(s.right[0], first, fixedPi*t))
	}
	return polygon
}

func dot(centre Point, radius float64) []Point {
	var polygon []Point
	start := centre.sub(unit(perpendicular(centre.sub(centre.add(Point{1, 1})))).mul(radius))
	const step = 1.0 / startCapSegments
	for t := step; t <= 1; t += step {
		polygon = append(polygon, rotated(start, centre, fixedPi*2*t))
	}
	return polygon
}

func perpendicular(p Point) Point { return Point{p.Y, -p.X} }

func unit(p Point) Point {
	n := p.length()
	return Point{p.X / n, p.Y / n}
}

// towards is the point at the share t of the way from a to b.
func towards(a, b Point, t float64) Point { return a.add(b.sub(a).mul(t)) }

func distance2(a, b Point) float64 {
	d := a.sub(b)
	return d.dot(d)
}

func rotated(p, about Point, angle float64) Point {
	sin, cos := math.Sincos(angle)
	d := p.sub(about)
	return Point{d.X*cos - d.Y*sin + about.X, d.X*sin + d.Y*cos + about.Y}
}
