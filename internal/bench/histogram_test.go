package bench

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestSlot_holdsEveryValueBetweenItsBounds(t *testing.T) {
	values := []uint64{0, 1, 63, 64, 65, 127, 128, 129, 255, 256, 1 << 20, 1<<20 - 1, 1 << 40, 1<<63 - 1}
	for _, v := range values {
		s := slot(v)
		if low := uint64(0); s > 0 {
			low = upper(s-1) + 1
			if v < low {
				t.Errorf("%d is counted in slot %d, which begins at %d", v, s, low)
			}
		}
		if v > upper(s) {
			t.Errorf("%d is counted in slot %d, which ends at %d", v, s, upper(s))
		}
		if exact := v >> fineBits; upper(s)-v > exact {
			t.Errorf("slot %d ends at %d: %d is off by more than %d", s, upper(s), v, exact)
		}
	}
}

func TestHistogram_quantilesAreThoseOfTheSortedValues(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	var h, half Histogram
	var all []time.Duration
	for i := range 20_000 {
		d := time.Duration(r.ExpFloat64() * float64(time.Millisecond) * float64(1+i%50))
		all = append(all, d)
		if i%2 == 0 {
			h.Add(d)
		} else {
			half.Add(d)
		}
	}
	h.Merge(&half)
	slices.Sort(all)
	if h.Count() != uint64(len(all)) || h.Max() != all[len(all)-1] {
		t.Errorf("count %d, max %v; want %d, %v", h.Count(), h.Max(), len(all), all[len(all)-1])
	}
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[max(0, int(q*float64(len(all))+0.999999)-1)]
		got := h.Quantile(q)
		if got < want || got > want+want>>fineBits+1 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
}

func TestHistogram_emptyIsZero(t *testing.T) {
	var h Histogram
	if h.Quantile(0.99) != 0 || h.Max() != 0 || h.Count() != 0 {
		t.Error("an empty histogram has values")
	}
	h.Add(-time.Second)
	if h.Quantile(1) != 0 || h.Count() != 1 {
		t.Error("a duration below zero is not counted as zero")
	}
}
