package bench

import (
	"math"
	"math/bits"
	"time"
)

// fineBits says how exact a Histogram is: a value is known to one part in 2^fineBits.
const fineBits = 6

// Histogram counts durations, each to within 1.6 % of its value, in constant memory. The zero
// value is empty.
type Histogram struct {
	counts [(64 - fineBits) << fineBits]uint64
	total  uint64
	max    time.Duration
}

// Add counts d; one below zero counts as zero.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.counts[slot(uint64(d))]++
	h.total++
	h.max = max(h.max, d)
}

// Merge adds what other has counted.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
	h.max = max(h.max, other.max)
}

// Count is how many durations have been added.
func (h *Histogram) Count() uint64 { return h.total }

// Max is the longest duration, exactly.
func (h *Histogram) Max() time.Duration { return h.max }

// Quantile is the duration that the part q of all doesn't exceed; 0 when there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := max(1, uint64(math.Ceil(q*float64(h.total))))
	seen := uint64(0)
	for i, n := range h.counts {
		if seen += n; seen >= rank {
			return min(time.Duration(upper(i)), h.max)
		}
	}
	return h.max
}

// slot is where v is counted: values below 2^fineBits have slots of their own, above them each
// power of two has 2^fineBits slots.
func slot(v uint64) int {
	shift := max(0, bits.Len64(v)-fineBits-1)
	return shift<<fineBits + int(v>>shift)
}

// upper is the largest value counted in a slot.
func upper(slot int) uint64 {
	shift := max(0, slot>>fineBits-1)
	return uint64(slot-shift<<fineBits+1)<<shift - 1
}
