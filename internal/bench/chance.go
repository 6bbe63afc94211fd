package bench

import (
	"math"
	"slices"
)

// Alternation is what the others noticed of a member that never read.
type Alternation struct {
	// Without and With are the p99 of each window, in milliseconds, in their order.
	Without []float64 `json:"without"`
	With    []float64 `json:"with"`
	// Chance is how probable it is that two such rows, or more different ones, are of the
	// same kind: by the ranks of their values (Mann and Whitney, two-sided). From 0.05 on no
	// difference has been shown.
	Chance float64 `json:"chance"`
	// Closed is how many of the members that never read the server has closed while it was
	// measured, and Causes why, in the server's words.
	Closed int            `json:"closed"`
	Causes map[string]int `json:"causes,omitempty"`
}

// chance is the two-sided probability that the ranks of a and b are as different as they are,
// or more, when both are drawn from the same values. It is exact, ties included: all ways of
// drawing len(a) of the values are counted.
func chance(a, b []float64) float64 {
	all := slices.Sorted(slices.Values(append(slices.Clone(a), b...)))
	// Twice the rank, which is whole for ties, too.
	rank := func(v float64) int {
		first, _ := slices.BinarySearch(all, v)
		last := first
		for last < len(all) && all[last] == v {
			last++
		}
		return first + last + 1
	}
	most, seen := 0, 0
	for _, v := range all {
		most += rank(v)
	}
	for _, v := range a {
		seen += rank(v)
	}
	// ways[n][s] is how many ways there are to draw n values whose ranks add up to s.
	ways := make([][]float64, len(a)+1)
	for n := range ways {
		ways[n] = make([]float64, most+1)
	}
	ways[0][0] = 1
	for _, v := range all {
		r := rank(v)
		for n := len(a); n > 0; n-- {
			for s := most; s >= r; s-- {
				ways[n][s] += ways[n-1][s-r]
			}
		}
	}
	middle := float64(most) * float64(len(a)) / float64(len(all))
	off := math.Abs(float64(seen) - middle)
	total, extreme := 0.0, 0.0
	for s, n := range ways[len(a)] {
		total += n
		if math.Abs(float64(s)-middle) >= off-1e-9 {
			extreme += n
		}
	}
	return extreme / total
}

// median is the middle value; 0 when there is none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
