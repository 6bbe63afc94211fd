package draw

import (
	"cmp"
	"math"
	"slices"
)

// Polygons are filled by scan lines: each row of pixels is sampled at subRows heights, at
// each of which the crossings with the edges give spans that are exact to 1/subColumns of
// a pixel. Winding numbers are counted truly, so that pieces that overlap, as those of
// strokes do, cover a pixel no more than once.

const (
	subRows    = 16
	subColumns = 256
	// full is the coverage of a whole pixel.
	full = subRows * subColumns
)

// edge is a side of a polygon, going down; up says that it went up.
type edge struct {
	first, last int     // the rows of samples it crosses, last excluded
	x, step     float64 // where it crosses the current row of samples, and its slope
	winding     int
}

// edges collects the sides of polygons that cross the rows of pixels from top to bottom.
type edges struct {
	top, bottom int
	list        []edge
}

func (e *edges) reset(top, bottom int) {
	e.top, e.bottom, e.list = top, bottom, e.list[:0]
}

// polygon adds a closed polygon, in pixels.
func (e *edges) polygon(corners []Point) {
	for i, a := range corners {
		e.add(a, corners[(i+1)%len(corners)])
	}
}

func (e *edges) add(a, b Point) {
	winding := 1
	if a.Y > b.Y {
		a, b, winding = b, a, -1
	}
	if !(math.Abs(a.X)+math.Abs(a.Y)+math.Abs(b.X)+math.Abs(b.Y) < 1e12) {
		return
	}
	first := max(sampleRow(a.Y), e.top*subRows)
	last := min(sampleRow(b.Y), e.bottom*subRows)
	if first >= last {
		return
	}
	slope := (b.X - a.X) / (b.Y - a.Y)
	x := a.X + ((float64(first)+0.5)/subRows-a.Y)*slope
	e.list = append(e.list, edge{first, last, x, slope / subRows, winding})
}

// sampleRow is the first row of samples at or below y.
func sampleRow(y float64) int { return int(math.Ceil(y*subRows - 0.5)) }

// scanner turns edges into the coverage of pixels, row by row.
type scanner struct {
	width int
	// stopped tells whether to give up; nil = never.
	stopped func() bool
	active  []edge
	deltas  []int32 // of coverage, from pixel to pixel
	cover   []int32
}

func newScanner(width int) *scanner {
	return &scanner{width: width, deltas: make([]int32, width+2), cover: make([]int32, width)}
}

// rowsBetweenLooks is how many rows are filled before the scanner looks whether to stop.
const rowsBetweenLooks = 8

// fill calls row for each row of pixels that the polygons touch, with the coverage, 0 to
// full, of the pixels from left on.
func (s *scanner) fill(e *edges, row func(y, left int, cover []int32)) {
	slices.SortFunc(e.list, func(a, b edge) int { return cmp.Compare(a.first, b.first) })
	s.active = s.active[:0]
	next := 0
	for y := e.top; y < e.bottom; y++ {
		if len(s.active) == 0 {
			if next == len(e.list) {
				return
			}
			y = max(y, e.list[next].first/subRows)
		}
		if y%rowsBetweenLooks == 0 && s.stopped != nil && s.stopped() {
			return
		}
		left, right := s.width, 0
		for sample := y * subRows; sample < (y+1)*subRows; sample++ {
			for next < len(e.list) && e.list[next].first <= sample {
				s.active = append(s.active, e.list[next])
				next++
			}
			l, r := s.sample(sample)
			left, right = min(left, l), max(right, r)
		}
		if left < right {
			row(y, left, s.sum(left, right))
		}
	}
}

// sample adds the spans of one row of samples and moves the edges on to the next. It
// returns between which pixels it found something.
func (s *scanner) sample(row int) (left, right int) {
	s.active = slices.DeleteFunc(s.active, func(e edge) bool { return e.last <= row })
	sortByX(s.active)
	left, right = s.width, 0
	winding, from := 0, 0.0
	for i := range s.active {
		e := &s.active[i]
		if winding == 0 {
			from = e.x
		}
		if winding += e.winding; winding == 0 {
			l, r := s.span(from, e.x)
			left, right = min(left, l), max(right, r)
		}
		e.x += e.step
	}
	return left, right
}

// fewEdges are sorted by insertion, since from one row to the next little changes.
const fewEdges = 64

func sortByX(list []edge) {
	if len(list) > fewEdges {
		slices.SortFunc(list, func(a, b edge) int { return cmp.Compare(a.x, b.x) })
		return
	}
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j].x < list[j-1].x; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

func (s *scanner) span(from, to float64) (left, right int) {
	a, b := s.column(from), s.column(to)
	if a >= b {
		return s.width, 0
	}
	left, right = a/subColumns, b/subColumns
	inA, inB := int32(a%subColumns), int32(b%subColumns)
	s.deltas[left] += subColumns - inA
	s.deltas[left+1] += inA
	s.deltas[right] -= subColumns - inB
	s.deltas[right+1] -= inB
	return left, min(right+1, s.width)
}

func (s *scanner) column(x float64) int {
	return int(math.Round(min(max(x, 0), float64(s.width)) * subColumns))
}

// sum adds the deltas up and clears them.
func (s *scanner) sum(left, right int) []int32 {
	total := int32(0)
	for i := left; i < right; i++ {
		total += s.deltas[i]
		s.cover[i] = total
	}
	clear(s.deltas[left : right+2])
	return s.cover[left:right]
}
