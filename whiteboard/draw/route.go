package draw

// Routes of lines. Source: web/src/shapes/route.ts.

// elbowRadius: the corners of an elbow route are round, but no more than this.
const elbowRadius = 12

// placedPoints are the points of a line or arrow that were placed, from end to end, before
// rotation; nil if malformed.
func (p props) placedPoints() []Point {
	at, ok := p.point("at")
	size, ok2 := p.point("size")
	if !ok || !ok2 {
		return nil
	}
	points := append([]Point{at}, p.pointsAfter(at, "bends")...)
	return append(points, at.add(size))
}

// routePoints are those that a line goes through: of an elbow route, its corners.
func (l look) routePoints() []Point {
	if l.text("route", "") != "elbow" || len(l.points) == 0 {
		return l.points
	}
	points := append([]Point{l.points[0]}, l.via...)
	return append(points, l.points[len(l.points)-1])
}

func (l look) routePath() *Path {
	points, closed := l.routePoints(), l.is("closed")
	switch route := l.text("route", ""); {
	case route == "curved" && len(points) > 2:
		return curve(points, closed)
	case route == "elbow" && !closed && len(points) > 0:
		return elbow(points)
	}
	return new(Path).polyline(points, closed)
}

// curve is a smooth curve through all points (Catmull-Rom).
func curve(points []Point, closed bool) *Path {
	n := len(points)
	at := func(i int) Point {
		if closed {
			return points[(i+n)%n]
		}
		return points[min(max(i, 0), n-1)]
	}
	path := new(Path).move(points[0])
	pieces := n - 1
	if closed {
		pieces = n
	}
	for i := range pieces {
		p0, p1, p2, p3 := at(i-1), at(i), at(i+1), at(i+2)
		path.cubic(Point{p1.X + (p2.X-p0.X)/6, p1.Y + (p2.Y-p0.Y)/6}, Point{p2.X - (p3.X-p1.X)/6, p2.Y - (p3.Y-p1.Y)/6}, p2)
	}
	if closed {
		return path.close()
	}
	return path
}

func elbow(points []Point) *Path {
	path := new(Path).move(points[0])
	for i := 1; i < len(points)-1; i++ {
		before, corner, after := points[i-1], points[i], points[i+1]
		radius := min(elbowRadius, corner.sub(before).length()/2, after.sub(corner).length()/2)
		path.line(onWay(corner, before, radius)).quadratic(corner, onWay(corner, after, radius))
	}
	return path.line(points[len(points)-1])
}

// onWay is the point on the way from one to another, so far from the first.
func onWay(from, to Point, by float64) Point {
	length := to.sub(from).length()
	if length == 0 {
		return from
	}
	return Point{from.X + (to.X-from.X)*by/length, from.Y + (to.Y-from.Y)*by/length}
}
