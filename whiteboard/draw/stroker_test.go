package draw

import (
	"math"
	"testing"
)

// area fills what a stroke covers and adds the coverage up, in pixels.
func area(p *Path, s *Stroke) float64 {
	var e edges
	e.reset(0, 100)
	stroke(&e, flatten(p, identity), s, 1, Box{0, 0, 100, 100})
	return areaOf(&e)
}

func areaOf(e *edges) (total float64) {
	newScanner(100).fill(e, func(_, _ int, cover []int32) {
		for _, c := range cover {
			total += float64(c) / full
		}
	})
	return total
}

func TestStroke_coversWhatItShould(t *testing.T) {
	line := func(points ...Point) *Path { return new(Path).polyline(points, false) }
	square := Box{20, 20, 60, 60}.path()
	for name, c := range map[string]struct {
		path   *Path
		stroke Stroke
		want   float64
	}{
		"a line":                           {line(Point{10, 10}, Point{50, 10}), Stroke{Width: 4}, 160},
		"between pixels":                   {line(Point{10.25, 10.25}, Point{50.25, 10.25}), Stroke{Width: 3}, 120},
		"slanted":                          {line(Point{10, 10}, Point{40, 50}), Stroke{Width: 4}, 200},
		"round caps":                       {line(Point{10, 10}, Point{50, 10}), Stroke{Width: 8, RoundCap: true}, 320 + 16*math.Pi},
		"a dot":                            {line(Point{10, 10}, Point{10, 10}), Stroke{Width: 8, RoundCap: true}, 16 * math.Pi},
		"a mitred corner":                  {line(Point{10, 10}, Point{50, 10}, Point{50, 50}), Stroke{Width: 8}, 2 * 40 * 8},
		"a round corner":                   {line(Point{10, 10}, Point{50, 10}, Point{50, 50}), Stroke{Width: 8, RoundJoin: true}, 2*40*8 - 16 + 4*math.Pi},
		"a square":                         {square, Stroke{Width: 4}, 44*44 - 36*36},
		"back over itself":                 {line(Point{10, 10}, Point{50, 10}, Point{10, 10}), Stroke{Width: 4, RoundJoin: true}, 160 + 2*math.Pi},
		"dashes":                           {line(Point{0, 10}, Point{100, 10}), Stroke{Width: 2, Dash: []float64{6, 4}}, 120},
		"dashes around corners":            {square, Stroke{Width: 2, Dash: []float64{10, 10}}, 160},
		"dots":                             {line(Point{10, 10}, Point{59, 10}), Stroke{Width: 4, Dash: []float64{0, 10}, RoundCap: true}, 5 * 4 * math.Pi},
		"an odd number of dashes":          {line(Point{0, 10}, Point{90, 10}), Stroke{Width: 2, Dash: []float64{15}}, 90},
		"dashes that come from far away":   {line(Point{-1e6, 10}, Point{1e6, 10}), Stroke{Width: 2, Dash: []float64{6, 4}}, 120},
		"dashes too fine to count":         {line(Point{0, 10}, Point{100, 10}), Stroke{Width: 2, Dash: []float64{1e-4, 1e-4}}, 200},
		"dashes of no length":              {line(Point{0, 10}, Point{100, 10}), Stroke{Width: 2, Dash: []float64{0, 0}}, 200},
		"a line from far away to far away": {line(Point{-1e9, 50}, Point{1e9, 50}), Stroke{Width: 2}, 200},
		"no width":                         {line(Point{0, 10}, Point{100, 10}), Stroke{}, 0},
		"no number":                        {line(Point{math.NaN(), 10}, Point{math.Inf(1), 10}), Stroke{Width: 3}, 0},
	} {
		if got := area(c.path, &c.stroke); math.Abs(got-c.want) > 0.01*c.want+0.1 {
			t.Errorf("%s covers %.2f pixels, want %.2f", name, got, c.want)
		}
	}
}

// TestFill_countsWindings: what is wound around twice is filled once, and what is wound
// around forth and back is not.
func TestFill_countsWindings(t *testing.T) {
	fill := func(boxes ...Box) float64 {
		var e edges
		e.reset(0, 100)
		for _, b := range boxes {
			c := b.corners()
			e.polygon(c[:])
		}
		return areaOf(&e)
	}
	if got := fill(Box{10, 10, 30, 30}, Box{20, 20, 40, 40}); got != 700 {
		t.Errorf("two overlapping squares cover %v pixels, want 700", got)
	}
	if got := fill(Box{10, 10, 40, 40}, Box{30, 20, 20, 30}); got != 800 {
		t.Errorf("a square with a hole covers %v pixels, want 800", got)
	}
	if got := fill(Box{-50, -50, 150, 150}); got != 10000 {
		t.Errorf("a square around everything covers %v pixels, want 10000", got)
	}
	if got := fill(Box{10.25, 10.5, 10.5, 10.75}); math.Abs(got-0.0625) > 1e-3 {
		t.Errorf("a sixteenth of a pixel covers %v", got)
	}
}
