package draw

// Ink, as in web/src/geometry/ink.ts.

const (
	// runPoints is how many points share an outline; a stroke is a chain of such runs that
	// share their end points.
	runPoints = 256
	// maxThinning is how much of the width pressure takes or adds with a nib of full
	// thinning.
	maxThinning   = 0.9
	maxStreamline = 0.7
	// fine is by how much points are enlarged: perfect-freehand leaves out points within 3
	// units of the end.
	fine = 8

	restPressure = 0.5
	pressureRate = 0.2
	// fast is the speed, in widths per sample, above which simulated pressure falls no more.
	fast = 5
)

// nib is how a pen writes; both 0 to 1.
type nib struct{ thinning, smoothing float64 }

// reach is how far ink reaches from the centre line at most, in widths.
func (n nib) reach() float64 { return 0.5 + maxThinning*n.thinning/2 }

// outline is the outline of a run as a closed polygon. A single point gives a dot.
func (n nib) outline(run []inkPoint, width float64) []Point {
	enlarged := make([]inkPoint, len(run))
	for i, p := range run {
		enlarged[i] = inkPoint{p.Point.mul(fine), p.pressure}
	}
	f := freehand{width * fine, maxThinning * n.thinning, n.smoothing, maxStreamline * n.smoothing}
	polygon := f.outline(enlarged)
	for i, p := range polygon {
		polygon[i] = Point{p.X / fine, p.Y / fine}
	}
	return polygon
}

// simulated gives points the pressure of a hand without a pen: less the faster it moves.
func simulated(points []Point, width float64) []inkPoint {
	ink := make([]inkPoint, len(points))
	value := restPressure
	for i, p := range points {
		if i == 0 {
			ink[i] = inkPoint{p, value}
			continue
		}
		speed := p.sub(points[i-1]).length() / (max(width, 2) * fast)
		target := restPressure + 0.25 - 0.5*min(speed, 1)
		value += (target - value) * pressureRate
		ink[i] = inkPoint{p, value}
	}
	return ink
}

// runs cuts a stroke's points into runs that share their end points.
func runs[T any](points []T) [][]T {
	var cut [][]T
	for from := 0; from == 0 || from < len(points)-1; from += runPoints - 1 {
		cut = append(cut, points[from:min(from+runPoints, len(points))])
	}
	return cut
}
