package bench

import (
	"context"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

// ours runs our service until the test's end.
func ours(t *testing.T, o server.Options) Target {
	t.Helper()
	keys := webpubsub.Keys{Primary: token.NewKey()}
	o.Settings = webpubsubtest.NewSettings(keys)
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l := httptest.NewUnstartedServer(s)
	l.Listener = smallBuffers{l.Listener}
	l.Start()
	t.Cleanup(func() {
		s.Shutdown(context.Background())
		l.Close()
	})
	return Target{Server: "easel", Hub: "bench", ConnectionString: webpubsub.NewKeysResource(l.URL, keys).PrimaryConnectionString}
}

// smallBuffers is a listener whose connections have the kernel keep little: what a client
// does not read waits in the service.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetWriteBuffer(64 << 10)
	}
	return c, err
}

// short is enough to see that everything arrives, but not on every busy machine.
var short = Options{Warmup: 20 * time.Millisecond, Duration: 300 * time.Millisecond}

func TestRun_countsWhatOurServiceDelivers(t *testing.T) {
	for name, w := range map[string]Workload{
		"saturated": Fanout{Members: 20, Size: 128, InFlight: 4},
		"at a rate": Fanout{Members: 20, Size: 4096, Rate: 200},
		"groups":    Groups{Groups: 5, Members: 3, Rate: 20, Size: MinSize},
		"storm":     Storm{Connections: 50, AtOnce: 10},
		"slow":      Slow{Fanout{Members: 5, Size: 128, Rate: 100}, 2},
		"to users":  REST{Targets: 8, Members: 1, AtOnce: 3, Size: 128},
		"to groups": REST{Targets: 4, Members: 3, AtOnce: 2, Size: 128, Groups: true},
		"echo":      Echo{Clients: 4, InFlight: 3, Size: 128, Listen: "127.0.0.1:0"},
	} {
		for _, protobuf := range []bool{false, true} {
			for _, portable := range []bool{false, true} {
				t.Run(name, func(t *testing.T) {
					target, o := ours(t, server.Options{}), short
					target.Protobuf, o.portable = protobuf, portable
					r := counted(t, w, target, o)
					if r.Count == 0 || r.Latency == nil || r.Latency.P50 <= 0 || r.Latency.Max < r.Latency.P99 {
						t.Errorf("%+v, %v", r, r.Latency)
					}
				})
			}
		}
	}
}

// counted is what a run counts, in a longer window when a busy machine did nothing in a short one.
func counted(t *testing.T, w Workload, target Target, o Options) *Result {
	for {
		r, err := Run(t.Context(), w, target, o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Count > 0 || o.Duration > 10*time.Second {
			return r
		}
		o.Duration *= 10
	}
}

func TestRun_refusesBoundsThatMakeNoSense(t *testing.T) {
	for want, w := range map[string]Workload{
		"members is 0": Fanout{Size: 128, InFlight: 1},
		"size is 3":    Fanout{Members: 1, Size: 3, InFlight: 1},
		"in flight is": Fanout{Members: 1, Size: 128, InFlight: maxInFlight + 1},
		"rate is":      Groups{Groups: 1, Members: 2, Size: 128},
	} {
		_, err := Run(t.Context(), w, Target{}, short)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", w, err, want)
		}
	}
}

func TestIdle_tellsOfMemoryAndNeedsAProcess(t *testing.T) {
	target := ours(t, server.Options{})
	if _, err := Run(t.Context(), Idle{Connections: 5}, target, short); err == nil {
		t.Error("memory of no process is measured")
	}
	target.PID = os.Getpid()
	r, err := Run(t.Context(), Idle{Connections: 30}, target, short)
	if err != nil {
		t.Fatal(err)
	}
	if r.BytesPerConnection == nil || r.Resident == 0 || r.Count != 30 {
		t.Errorf("%+v", r)
	}
}

func TestSlow_tellsWhyTheServiceClosesMembersThatNeverRead(t *testing.T) {
	const size = 128 << 10
	w := Slow{Fanout{Members: 2, Size: size, Rate: 50}, 2}
	o := Options{Duration: 3 * time.Second}
	target := ours(t, server.Options{MaxQueuedBytes: 8 << 20})
	r, err := Run(t.Context(), w, target, o)
	// Some 90 of the messages fill what the service keeps for a member, and what the kernel does; a busy machine takes its time to send them.
	for err == nil && r.Slow.Closed < 2 && o.Duration < 30*time.Second {
		o.Duration *= 4
		r, err = Run(t.Context(), w, target, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Slow; len(s.Without) != 2 || len(s.With) != 2 || s.Chance < 0.3 || s.Closed != 2 || s.Causes["slowClient"] != 2 {
		t.Errorf("%+v, %s", s, r.Note)
	}
}

func TestSlow_tellsOfAServerThatKeepsThem(t *testing.T) {
	s := httptest.NewServer(faulty(t, func(_ int, body []byte) [][]byte { return [][]byte{body} }))
	defer s.Close()
	target := Target{Server: "ws", URL: "ws" + strings.TrimPrefix(s.URL, "http")}
	r, err := Run(t.Context(), Slow{Fanout{Members: 2, Size: 64, Rate: 100}, 2}, target, short)
	if err != nil || r.Slow.Closed != 0 || !strings.Contains(r.Note, "still connected") {
		t.Errorf("%+v, %v", r, err)
	}
}

// What is more than the generator can send is not made up for without end.
func TestRun_endsThoughTheRateIsTooHigh(t *testing.T) {
	w := Fanout{Members: 1, Size: 64 << 10, Rate: maxRate}
	done := make(chan error, 1)
	target := ours(t, server.Options{MaxQueuedBytes: 1 << 30, MaxQueued: 1 << 20})
	go func() {
		_, err := Run(t.Context(), w, target, Options{Duration: 50 * time.Millisecond})
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it sends for ever")
	}
}
