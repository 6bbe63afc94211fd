package server

import (
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

func TestConnKey_isItsID(t *testing.T) {
	k := newConnKey()
	if again, ok := keyOf(k.id()); !ok || again != k {
		t.Errorf("%s is read as %s, %v", k.id(), again.id(), ok)
	}
	for _, id := range []webpubsub.ConnectionID{"", "c1", k.id()[1:], k.id() + "0", "g" + k.id()[1:], webpubsub.ConnectionID(strings.Repeat("AB", 16))} {
		if _, ok := keyOf(id); ok {
			t.Errorf("%q is no id", id)
		}
	}
}

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
