package main

import (
	"math"
	"runtime"
	"testing"
)

func TestMemory_isGivenBackWhenMuchIsWasteAndNothingHappens(t *testing.T) {
	const mb = 1 << 20
	for name, c := range map[string]struct {
		before, now memory
		want        bool
	}{
		"after a rush":       {memory{allocated: 100 * mb}, memory{100*mb + 1000, 10 * mb, 18 * mb, 2 * mb}, true},
		"free, not returned": {memory{allocated: 100 * mb}, memory{100 * mb, 18 * mb, 18 * mb, 9 * mb}, true},
		"in a rush":          {memory{allocated: 90 * mb}, memory{100 * mb, 10 * mb, 18 * mb, 2 * mb}, false},
		"given back already": {memory{allocated: 100 * mb}, memory{100 * mb, 18 * mb, 18 * mb, 0}, false},
		"more is live now":   {memory{allocated: 100 * mb}, memory{100 * mb, 18 * mb, 17 * mb, mb}, false},
	} {
		if got := c.now.wasteful(c.before); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// What the runtime tells has the names that it is asked by.
func TestMemory_isRead(t *testing.T) {
	if m := readMemory(0); m.allocated == 0 || m.objects == 0 || m.live > m.allocated {
		t.Errorf("%+v", m)
	}
}

func TestMemory_ofTheBallastDoesNotCount(t *testing.T) {
	before := readMemory(0)
	b := ballast(math.MaxInt64)
	runtime.GC()
	after := readMemory(len(b))
	if grown := int64(after.live) - int64(before.objects); len(b) != ballastBytes || grown > ballastBytes/2 {
		t.Errorf("%d bytes of ballast: %+v became %+v", len(b), before, after)
	}
	runtime.KeepAlive(b)
}

func TestBallast_isOnlyWhereMemoryIsNotScarce(t *testing.T) {
	for limit, want := range map[int64]int{
		math.MaxInt64:                 ballastBytes,
		ballastShare * ballastBytes:   ballastBytes,
		ballastShare*ballastBytes - 1: 0,
		0:                             0,
	} {
		if got := len(ballast(limit)); got != want {
			t.Errorf("a limit of %d bytes: %d, want %d", limit, got, want)
		}
	}
}
