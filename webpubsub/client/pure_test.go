package client

import (
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

func TestSequence_property_acceptsEachIDOnce_inOrder(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var s sequence
	next := uint64(1)
	for range 10_000 {
		id := next
		if next > 1 && rng.IntN(3) == 0 { // sent again
			id = 1 + rng.Uint64N(next-1)
		} else {
			id += rng.Uint64N(2) // one may have expired
			next = id + 1
		}
		fresh := id > s.last
		if s.accept(id) != fresh {
			t.Fatalf("id %d after %d: accepted %v", id, s.last, !fresh)
		}
		if s.urgent() != (s.last-s.acked > 300) || s.owed() != (s.last != s.acked) {
			t.Fatalf("%+v: urgent %v, owed %v", s, s.urgent(), s.owed())
		}
		if s.urgent() {
			s.acked = s.last
		}
	}
}

func TestSequence_plainConnection_acceptsEverything(t *testing.T) {
	var s sequence
	for range 2 {
		if !s.accept(0) || s.owed() {
			t.Errorf("%+v", s)
		}
	}
}

func TestSession_recoveryURL_keepsTheQuery(t *testing.T) {
	s := session{url: "wss://example.net/client/hubs/chat?access_token=a.b&x=1", token: "t/+", Connection: Connection{ID: "c1"}}
	got, err := s.recoveryURL()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(got)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Host != "example.net" || u.Path != "/client/hubs/chat" || q.Get("access_token") != "a.b" || q.Get("x") != "1" ||
		q.Get("awps_connection_id") != "c1" || q.Get("awps_reconnection_token") != "t/+" {
		t.Errorf("%s", got)
	}
}

func TestWindow_acknowledge(t *testing.T) {
	for _, tt := range []struct {
		name            string
		parts, expected uint64
		first           uint64 // afterwards
		violation       bool
	}{
		{"accepts an empty stream", 0, 1, 1, false},
		{"nothing", 3, 1, 1, false},
		{"some", 3, 3, 3, false},
		{"all", 3, 4, 4, false},
		{"too many", 3, 5, 1, true},
		{"zero", 3, 0, 1, true},
	} {
		w := newWindow()
		for range tt.parts {
			w.add([]byte("12345678"))
		}
		err := w.acknowledge(tt.expected)
		if (err != nil) != tt.violation || tt.violation && webpubsub.CodeOf(err) != webpubsub.Internal {
			t.Errorf("%s: %v", tt.name, err)
		}
		if w.first != tt.first || w.next() != tt.parts+1 || w.bytes != 8*len(w.frames) {
			t.Errorf("%s: %+v", tt.name, w)
		}
	}
}

func TestWindow_acknowledgedTwice_isNoViolation_lessIs(t *testing.T) {
	w := newWindow()
	w.add(nil)
	w.add(nil)
	for range 2 {
		if err := w.acknowledge(3); err != nil {
			t.Error(err)
		}
	}
	if w.acknowledge(2) == nil {
		t.Error("an acknowledgement may go back")
	}
}

func TestWindow_full(t *testing.T) {
	w := newWindow()
	w.add(make([]byte, 10))
	for _, tt := range []struct {
		parts, bytes int
		want         bool
	}{{2, 11, false}, {1, 11, true}, {2, 10, true}} {
		if got := w.full(tt.parts, tt.bytes); got != tt.want {
			t.Errorf("full with bounds %d, %d: %v", tt.parts, tt.bytes, got)
		}
	}
}

func TestPause_doublesUpToTheBound_withJitter(t *testing.T) {
	c, err := New(URL("ws://localhost"), &Options{Jitter: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	for n, base := range []time.Duration{1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second} {
		for range 100 {
			if d := c.pause(n, 10*time.Second); d < base/2 || d > base*3/2 {
				t.Fatalf("pause %d is %v", n, d)
			}
		}
	}
	if d := c.pause(1<<40, 10*time.Second); d > 15*time.Second {
		t.Errorf("a late pause is %v", d)
	}
}

func TestCallbacks_slowApp_leavesTheOldestOut(t *testing.T) {
	q := newQueue[int](nil)
	for i := range 70 {
		q.push(i, 0)
		q.dropOldest(maxEvents)
	}
	for want := 6; want < 70; want++ {
		if got, err := q.take(t.Context()); got != want || err != nil {
			t.Fatalf("took %d, %v; want %d", got, err, want)
		}
	}
}

func TestQueue_severalTakers_eachItemGoesToOne_andAllSeeTheEnd(t *testing.T) {
	q := newQueue[int](newBudget(10, 1<<20))
	const takers, items = 4, 1000
	sums := make(chan int, takers)
	for range takers {
		go func() {
			sum := 0
			for {
				n, err := q.take(t.Context())
				if err != nil {
					sums <- sum
					return
				}
				sum += n
			}
		}()
	}
	for i := range items {
		q.push(i, 0)
	}
	q.end(ErrClosed)
	total := 0
	for range takers {
		total += <-sums
	}
	if want := items * (items - 1) / 2; total != want {
		t.Errorf("the takers took %d in all; want %d", total, want)
	}
	if q.budget.items != 0 || q.budget.bytes != 0 || q.budget.waiting != 0 {
		t.Errorf("the budget is not given back: %+v", q.budget)
	}
}

func TestBudget_opensTheReading(t *testing.T) {
	for _, tt := range []struct {
		name         string
		items, bytes int
		waiting      bool
		want         bool
	}{
		{"empty", 0, 0, false, true},
		{"below the bounds", 9, 999, false, true},
		{"too many items", 10, 0, false, false},
		{"too many bytes", 1, 1000, false, false},
		{"somebody waits for what is behind", 5000, 1 << 20, true, true},
		{"even for those who wait there is a bound", 1, maxAheadBytes, true, false},
	} {
		b := newBudget(10, 1000)
		b.use(tt.items, tt.bytes)
		if tt.waiting {
			b.await()
		}
		if got := b.open(); got != tt.want || b.isPaused() == tt.want {
			t.Errorf("%s: open %v, paused %v", tt.name, got, b.isPaused())
		}
	}
}

func TestBudget_reader_waitsUntilItemsAreTaken_orTheSocketIsGone(t *testing.T) {
	b := newBudget(1, 1000)
	b.use(1, 1)
	gone := make(chan struct{})
	go b.use(-1, -1)
	if _, ok := b.room(gone); !ok {
		t.Error("no room after an item was taken")
	}
	b.use(1, 1)
	close(gone)
	if waited, ok := b.room(gone); ok || !waited {
		t.Errorf("waited %v, room %v on a lost socket", waited, ok)
	}
}
