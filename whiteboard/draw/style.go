package draw

import (
	"math"
	"slices"
)

// Lines and fills of shapes. Source: web/src/shapes/style.ts and fill.ts.

// stroke is the line that a shape is drawn with.
func (l look) stroke() *Stroke {
	s := l.solidStroke()
	switch width := s.Width; l.text("dash", "") { // round ends add the width to a dash and take it from a gap
	case "dashed":
		s.Dash = []float64{2*width + 4, 2*width + 4}
	case "dotted":
		s.Dash = []float64{0, 2*width + 1}
	}
	return s
}

// solidStroke is the same line without dashes.
func (l look) solidStroke() *Stroke {
	return &Stroke{Color: l.color(), Width: l.width(), RoundCap: true, RoundJoin: true}
}

const (
	// minGap and maxGap are how far apart the lines of a hatching are, in world units.
	minGap, maxGap = 6, 40
	// maxHatching is how many lines there are at most.
	maxHatching = 1000
	// coarseAlpha is the share of a coarse hatching that is covered.
	coarseAlpha = 0.3
)

// ground is the colour that all of a closed outline is filled with; empty if it is hatched or
// has none.
func (l look) ground() string {
	if l.oneOf("fillstyle", "", "hachure", "crosshatch", "zigzag") != "" {
		return ""
	}
	return l.fill()
}

// fills is what fills a closed outline, given as a path and as its corners.
func (l look) fills(path *Path, corners []Point) Picture {
	fill := l.fill()
	if fill == "" {
		return nil
	}
	if l.coarse && l.ground() == "" {
		return Picture{PathItem{Path: path, Fill: fill, Alpha: coarseAlpha}}
	}
	hatching, width := new(Path), l.width()
	switch l.text("fillstyle", "") {
	case "hachure":
		hatch(hatching, corners, width, 1, false)
	case "zigzag":
		hatch(hatching, corners, width, 1, true)
	case "crosshatch":
		hatch(hatching, corners, width, 1, false)
		hatch(hatching, corners, width, -1, false)
	default:
		return Picture{PathItem{Path: path, Fill: fill, Alpha: 1}}
	}
	return Picture{PathItem{Path: hatching, Stroke: &Stroke{Color: fill, Width: min(width, max(width/2, 1)), RoundCap: true, RoundJoin: true}, Alpha: 1}}
}

// hatch adds lines within a polygon that rise at 45° (slope -1: that fall), anchored to the
// first corner so that they move with the shape. Joined, they make a zigzag.
func hatch(path *Path, corners []Point, width, slope float64, joined bool) {
	if len(corners) == 0 {
		return
	}
	first := corners[0]
	heights := make([]float64, len(corners))
	for i, c := range corners {
		heights[i] = (c.X-first.X)*slope + (c.Y - first.Y)
	}
	low, high := slices.Min(heights), slices.Max(heights)
	step := max(min(max(4*width, minGap), maxGap)*math.Sqrt2, (high-low)/maxHatching)
	last := math.Inf(-1)
	for n := math.Ceil(low/step + 0.001); n*step < high; n++ {
		for _, piece := range crossings(corners, heights, n*step) {
			if joined && last == n-1 {
				path.line(piece[0])
			} else {
				path.move(piece[0])
			}
			path.line(piece[1])
			last = n
		}
	}
}

// crossings are the pieces of a stripe that are inside the polygon, from left to right
// (even-odd).
func crossings(corners []Point, heights []float64, at float64) [][2]Point {
	var points []Point
	for i, b := range corners {
		j := (i + len(corners) - 1) % len(corners)
		a := corners[j]
		from, to := heights[j]-at, heights[i]-at
		if from < 0 != (to < 0) {
			points = append(points, towards(a, b, from/(from-to)))
		}
	}
	slices.SortStableFunc(points, func(a, b Point) int { return compare(a.X, b.X) })
	var pairs [][2]Point
	for i := 0; i+1 < len(points); i += 2 {
		pairs = append(pairs, [2]Point{points[i], points[i+1]})
	}
	return pairs
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
