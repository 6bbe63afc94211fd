package server

import "testing"

// No count is lost when a counter is full, and what comes after it is counted as well.
func TestCounter_isCarriedOver(t *testing.T) {
	var c conn
	want := Traffic{}
	for range 5000 {
		const bytes = 1 << 20
		if c.out.add(bytes) {
			c.carryLocked()
		}
		want.plus(Traffic{1, bytes})
	}
	if _, out := c.trafficLocked(); out != want {
		t.Errorf("%+v, want %+v", out, want)
	}
}
