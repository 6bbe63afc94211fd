package histogram

import (
	"math/rand/v2"
	"testing"
)

func TestLog2_countsAsOneWouldByHand(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var h Log2
	values := []uint64{0, 1, 1, 2, 3, 4, 1023, 1024, 1025, 1 << 40}
	for range 1000 {
		values = append(values, rng.Uint64()>>rng.IntN(64)>>10)
	}
	var sum uint64
	for _, v := range values {
		h.Observe(v)
		sum += v
	}
	var c Counts
	c.Add(&h)
	for power := range size - 1 {
		var want uint64
		for _, v := range values {
			if v < 1<<power {
				want++
			}
		}
		if got := c.Upto(power); got != want {
			t.Errorf("%d values are less than 1<<%d, want %d", got, power, want)
		}
	}
	if c.Count() != uint64(len(values)) || c.Sum != sum {
		t.Errorf("%d values, sum %d; want %d, %d", c.Count(), c.Sum, len(values), sum)
	}
	c.Add(&h)
	if c.Count() != 2*uint64(len(values)) {
		t.Errorf("two histograms have %d values", c.Count())
	}
}

func BenchmarkObserve(b *testing.B) {
	var h Log2
	v := uint64(0)
	for b.Loop() {
		h.Observe(v)
		v++
	}
}
