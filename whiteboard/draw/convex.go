package draw

// commonPart is what two convex polygons have in common, both clockwise on the screen
// (Sutherland–Hodgman). If that is nothing, a polygon without an inside.
// Source: web/src/geometry/convex.ts.
func commonPart(a, b []Point) []Point {
	part := a
	for i, from := range b {
		part = cut(part, from, b[(i+1)%len(b)])
	}
	if len(part) == 0 {
		return []Point{a[0], a[0], a[0]}
	}
	return part
}

// cut is what a line through two points leaves of a polygon: what is on its right, as one
// looks along it.
func cut(polygon []Point, from, to Point) (part []Point) {
	side := func(p Point) float64 { return to.sub(from).cross(p.sub(from)) }
	for i, p := range polygon {
		before := polygon[(i+len(polygon)-1)%len(polygon)]
		s, t := side(before), side(p)
		if s < 0 != (t < 0) {
			part = append(part, towards(before, p, s/(s-t)))
		}
		if t >= 0 {
			part = append(part, p)
		}
	}
	return part
}
