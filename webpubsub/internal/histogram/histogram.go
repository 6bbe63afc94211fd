// Package histogram counts values by their magnitude, cheaply.
package histogram

import (
	"math/bits"
	"sync/atomic"
)

// size is how many powers of two are told apart; more is counted with the last.
const size = 32

// Log2 counts values by powers of two. The zero value is ready; safe for concurrent use,
// and fast while only one core observes.
type Log2 struct {
	counts [size]atomic.Uint64
	sum    atomic.Uint64
}

// Observe counts a value.
func (h *Log2) Observe(v uint64) {
	h.counts[min(bits.Len64(v), size-1)].Add(1)
	h.sum.Add(v)
}

// Counts are what a Log2 has counted. The zero value is nothing.
type Counts struct {
	// Of values less than 1<<i, and not less than half of that; the last has all larger ones.
	Of  [size]uint64
	Sum uint64
}

// Add adds what h has counted.
func (c *Counts) Add(h *Log2) {
	for i := range h.counts {
		c.Of[i] += h.counts[i].Load()
	}
	c.Sum += h.sum.Load()
}

// Upto returns how many values were less than 1<<power, which is less than 31.
func (c *Counts) Upto(power int) (n uint64) {
	for _, of := range c.Of[:power+1] {
		n += of
	}
	return n
}

// Count is how many values there were.
func (c *Counts) Count() uint64 { return c.Upto(size - 1) }
