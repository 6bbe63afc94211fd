package bench

import (
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub/server"
)

// TestRun_tellsHowLongBytesWaited sees that the kernel's times of arrival are found, and are
// on the clock they are compared with.
func TestRun_tellsHowLongBytesWaited(t *testing.T) {
	r, err := Run(t.Context(), Fanout{Members: 20, Size: 128, Rate: 200}, ours(t, server.Options{}), short)
	if err != nil {
		t.Fatal(err)
	}
	if w := r.Waits; w == nil || w.P50 <= 0 || w.Max > milliseconds(time.Minute) {
		t.Errorf("waits %v, latency %v", r.Waits, r.Latency)
	}
}
