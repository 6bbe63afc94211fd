package main

import "testing"

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
	if m := readMemory(); m.allocated == 0 || m.objects == 0 || m.live > m.allocated {
		t.Errorf("%+v", m)
	}
}
