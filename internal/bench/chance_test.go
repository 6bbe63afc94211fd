package bench

import (
	"math"
	"testing"
)

func TestChance_isThatOfTheRankSumTest(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b []float64
		want float64
	}{
		// 2 of the C(6,3) = 20 ways are as extreme, 2 of C(8,4) = 70.
		{"apart", []float64{1, 2, 3}, []float64{4, 5, 6}, 2.0 / 20},
		{"apart, the other way round", []float64{9, 8, 7, 6}, []float64{1, 2, 3, 4}, 2.0 / 70},
		{"interleaved", []float64{1, 4}, []float64{2, 3}, 1},
		{"all the same", []float64{5, 5, 5}, []float64{5, 5}, 1},
		// Ranks 1.5, 1.5 against 3, 4: sums of two are 3, 4.5 ×2, 5.5 ×2, 7.
		{"ties", []float64{1, 1}, []float64{2, 3}, 2.0 / 6},
	} {
		if got := chance(tt.a, tt.b); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: %g, want %g", tt.name, got, tt.want)
		}
	}
	var a, b []float64
	for i := range maxWindows {
		a, b = append(a, float64(i)), append(b, float64(i)+0.5)
	}
	if got := chance(a, b); got < 0.5 || got > 1 {
		t.Errorf("much the same: %g", got)
	}
	for i := range b {
		b[i] += maxWindows
	}
	if got := chance(a, b); got > 1e-9 || got < 0 {
		t.Errorf("apart: %g", got)
	}
}

func TestMedian(t *testing.T) {
	for want, of := range map[float64][]float64{0: nil, 3: {9, 3, 1}, 2.5: {4, 1, 2, 3}} {
		if got := median(of); got != want {
			t.Errorf("%v: %g", of, got)
		}
	}
}
