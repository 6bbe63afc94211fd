package draw

import (
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

// edge is a side of a polygon, going down.
type edge struct {
	first, last int32 // the rows of samples it crosses, last excluded
	winding     crossing
	x, step     float64 // the column, and a half, where it crosses the first of them, and how far on the next is
}

// crossing is where an edge crosses a row of samples: twice the column, and one more if it
// goes down.
type crossing int32

const down crossing = 1

// edges collects the sides of polygons that cross the rows of pixels from top to bottom.
type edges struct {
	top, bottom int
	first, last int32 // the rows of samples that any of them crosses
	list        []edge
}

func (e *edges) reset(top, bottom int) {
	e.top, e.bottom, e.list = top, bottom, e.list[:0]
	e.first, e.last = math.MaxInt32, 0
}

// polygon adds a closed polygon, in pixels.
func (e *edges) polygon(corners []Point) {
	if len(corners) == 0 {
		return
	}
	a := corners[len(corners)-1]
	for _, b := range corners {
		e.add(a, b)
		a = b
	}
}

func (e *edges) add(a, b Point) {
	winding := down
	if a.Y > b.Y {
		a, b, winding = b, a, 0
	}
	if !(math.Abs(a.X)+math.Abs(a.Y)+math.Abs(b.X)+math.Abs(b.Y) < 1e12) {
		return
	}
	first := max(sampleRow(a.Y), int64(e.top)*subRows)
	last := min(sampleRow(b.Y), int64(e.bottom)*subRows)
	if first >= last {
		return
	}
	slope := (b.X - a.X) / (b.Y - a.Y)
	x := a.X + ((float64(first)+0.5)/subRows-a.Y)*slope
	e.list = append(e.list, edge{int32(first), int32(last), winding, x*subColumns + 0.5, slope * subColumns / subRows})
	e.first, e.last = min(e.first, int32(first)), max(e.last, int32(last))
}

// sampleRow is the first row of samples at or below y.
func sampleRow(y float64) int64 { return int64(math.Ceil(y*subRows - 0.5)) }

// scanner turns edges into the coverage of pixels, row by row.
type scanner struct {
	width int
	// stopped tells whether to give up; nil = never.
	stopped   func() bool
	ends      []int32    // of the crossings of each row of samples
	crossings []crossing // of a strip, row by row
	deltas    []int32    // of coverage, from pixel to pixel
	cover     []int32
}

func newScanner(width int) *scanner {
	return &scanner{width: width, deltas: make([]int32, width+2), cover: make([]int32, width)}
}

const (
	// maxCrossings is how many crossings a strip has, unless it is a single row of pixels.
	maxCrossings = 1 << 18
	// rowsBetweenLooks is how many rows are filled before the scanner looks whether to stop.
	rowsBetweenLooks = 8
)

// fill calls row for each row of pixels that the polygons touch, with the coverage, 0 to
// full, of the pixels from left on.
func (s *scanner) fill(e *edges, row func(y, left int, cover []int32)) {
	if len(e.list) == 0 {
		return
	}
	top, bottom := int(e.first)/subRows, (int(e.last)+subRows-1)/subRows
	s.count(e, top, bottom)
	for y := top; y < bottom; {
		end := s.strip(y-top, bottom-top) + top
		s.cross(e, top, y, end)
		for from := int32(0); y < end; y++ {
			if y%rowsBetweenLooks == 0 && s.stopped != nil && s.stopped() {
				return
			}
			left, right := s.width, 0
			for _, to := range s.ends[(y-top)*subRows : (y-top+1)*subRows] {
				if to > from {
					l, r := s.sample(s.crossings[from:to])
					left, right, from = min(left, l), max(right, r), to
				}
			}
			if left < right {
				row(y, left, s.sum(left, right))
			}
		}
	}
}

// count sets ends to how many crossings each row of samples has.
func (s *scanner) count(e *edges, top, bottom int) {
	s.ends = slices.Grow(s.ends[:0], (bottom-top)*subRows+1)[:(bottom-top)*subRows+1]
	clear(s.ends)
	base := int32(top * subRows)
	for i := range e.list {
		s.ends[e.list[i].first-base]++
		s.ends[e.list[i].last-base]--
	}
	count := int32(0)
	for i, by := range s.ends {
		count += by
		s.ends[i] = count
	}
}

// strip returns up to which row of pixels, of rows, those from y on have few enough
// crossings.
func (s *scanner) strip(y, rows int) int {
	total := 0
	for end := y; end < rows; end++ {
		for _, count := range s.ends[end*subRows : (end+1)*subRows] {
			total += int(count)
		}
		if total > maxCrossings && end > y {
			return end
		}
	}
	return rows
}

// cross collects the crossings of a strip of rows of pixels, and makes its ends, which are
// counts, the places at which those of each row end.
func (s *scanner) cross(e *edges, top, from, to int) {
	ends := s.ends[(from-top)*subRows : (to-top)*subRows]
	total := int32(0)
	for i, count := range ends {
		ends[i] = total // where it begins, until they are in
		total += count
	}
	s.crossings = slices.Grow(s.crossings[:0], int(total))[:total]
	first, last := int32(from*subRows), int32(to*subRows)
	most := s.width * subColumns
	for i := range e.list {
		edge := &e.list[i]
		x, row := edge.x, max(edge.first, first)
		if row > edge.first {
			x += edge.step * float64(row-edge.first)
		}
		for ; row < min(edge.last, last); row++ {
			column := min(max(int(x), 0), most)
			at := ends[row-first]
			s.crossings[at] = crossing(column)<<1 | edge.winding
			ends[row-first] = at + 1
			x += edge.step
		}
	}
}

// sample adds the spans of one row of samples. It returns between which pixels it found
// something.
func (s *scanner) sample(crossings []crossing) (left, right int) {
	sortCrossings(crossings)
	left, right = s.width, 0
	winding, from := 0, 0
	for _, c := range crossings {
		column := int(c >> 1)
		if winding == 0 {
			from = column
		}
		winding += int(c&down)*2 - 1
		if winding == 0 && from < column {
			l, r := s.span(from, column)
			left, right = min(left, l), max(right, r)
		}
	}
	return left, right
}

// fewCrossings are sorted by insertion.
const fewCrossings = 32

func sortCrossings(list []crossing) {
	if len(list) > fewCrossings {
		slices.Sort(list)
		return
	}
	for i := 1; i < len(list); i++ {
		c := list[i]
		j := i
		for ; j > 0 && list[j-1] > c; j-- {
			list[j] = list[j-1]
		}
		list[j] = c
	}
}

func (s *scanner) span(a, b int) (left, right int) {
	left, right = a/subColumns, b/subColumns
	inA, inB := int32(a%subColumns), int32(b%subColumns)
	s.deltas[left] += subColumns - inA
	s.deltas[left+1] += inA
	s.deltas[right] -= subColumns - inB
	s.deltas[right+1] -= inB
	return left, min(right+1, s.width)
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
