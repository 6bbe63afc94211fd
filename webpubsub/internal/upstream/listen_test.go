package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/listener"
)

// memorySink keeps what it gets; fail may refuse it.
type memorySink struct {
	fail func(listener.Event) error

	mu     sync.Mutex
	events []listener.Event // guarded by mu
	closed int              // guarded by mu
}

func (s *memorySink) Send(ctx context.Context, e listener.Event) error {
	if s.fail != nil {
		if err := s.fail(e); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
	return ctx.Err()
}

func (s *memorySink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed++
	return nil
}

func (s *memorySink) all() []listener.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]listener.Event(nil), s.events...)
}

var memory = webpubsub.ListenerEndpoint{Type: "Memory"}

// listening is hub board with a listener for all its events, and these handlers.
func listening(handlers ...webpubsub.EventHandler) settings {
	s := board(handlers...)
	hub := s.Hubs["board"]
	hub.EventListeners = []webpubsub.EventListener{{SystemEvents: []string{"Connected", "disconnected"}, UserEventPattern: "draw, ERASE", Endpoint: memory}}
	s.Hubs["board"] = hub
	return s
}

func listenerDispatcher(s settings, sink listener.Sink, rt http.RoundTripper, log *lockedBuffer) *Dispatcher {
	return New(Options{Settings: s, Transport: rt, Origin: "wps.example.net", Logger: logTo(log),
		Sinks: map[string]listener.Factory{"Memory": func(webpubsub.ListenerEndpoint) (listener.Sink, error) { return sink, nil }}})
}

func closeNow(t *testing.T, d *Dispatcher) {
	t.Helper()
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestListens_isByNameWithoutWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{{"*", "a.b", true}, {"", "draw", false}, {"draw, ERASE", "erase", true}, {"dr*", "draw", false}, {"x,*", "draw", true}} {
		if got := listens(webpubsub.EventListener{UserEventPattern: c.pattern}, userEvent, c.name); got != c.want {
			t.Errorf("%q %q: %v", c.pattern, c.name, got)
		}
	}
	all := webpubsub.EventListener{SystemEvents: []string{"connected"}, UserEventPattern: "*"}
	if listens(all, systemEvent, "connect") || listens(all, presenceEvent, "joined") || listens(webpubsub.EventListener{UserEventPattern: "*"}, systemEvent, "connected") {
		t.Error("events of another kind match")
	}
}

func TestListener_copyHasTheDocumentedShape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memorySink{}
		d := listenerDispatcher(listening(), sink, nil, &lockedBuffer{})
		s := Source{Hub: "board", ConnectionID: "c1", UserID: "ann", Subprotocol: "json.webpubsub.azure.v1", State: ptr(""), EventID: 7}
		if _, err := d.UserEvent(t.Context(), s, "draw", webpubsub.Data{Type: webpubsub.Text, Bytes: []byte("hi")}, webpubsub.Metadata{"Trace": "t"}); err != nil {
			t.Fatal(err)
		}
		d.Disconnected(Source{Hub: "board", ConnectionID: "c2", EventID: 3}, "bye")
		closeNow(t, d)
		all := sink.all()
		if len(all) != 2 {
			t.Fatalf("%d events", len(all))
		}
		if all[0].PartitionKey == "c2" {
			all[0], all[1] = all[1], all[0]
		}
		now := time.Now().UTC().Format("2006-01-02T15:04:05Z")
		want := map[string]string{
			"cloudEvents:specversion": "1.0", "cloudEvents:awpsversion": "1.0", "cloudEvents:type": "azure.webpubsub.user.draw",
			"cloudEvents:source": "/hubs/board/client/c1", "cloudEvents:id": "7", "cloudEvents:time": now, "cloudEvents:hub": "board",
			"cloudEvents:eventname": "draw", "cloudEvents:connectionid": "c1", "cloudEvents:userid": "ann",
			"cloudEvents:subprotocol": "json.webpubsub.azure.v1", "cloudEvents:connectionstate": "", "x-webpubsub-metadata-trace": "t",
		}
		if e := all[0]; !reflect.DeepEqual(e.Properties, want) || e.MessageID != "c1/7" || e.PartitionKey != "c1" || string(e.Body) != "hi" || e.ContentType != "text/plain; charset=utf-8" {
			t.Errorf("user event %+v", e)
		}
		e := all[1]
		_, user := e.Properties["cloudEvents:userid"]
		_, state := e.Properties["cloudEvents:connectionstate"]
		if e.Properties["cloudEvents:type"] != "azure.webpubsub.sys.disconnected" || string(e.Body) != `{"reason":"bye"}` || user || state || e.MessageID != "c2/3" {
			t.Errorf("disconnected %+v", e)
		}
	})
}

func TestListener_withoutHandler_userEventSucceeds(t *testing.T) {
	sink := &memorySink{}
	d := listenerDispatcher(listening(), sink, failing(func(*http.Request) error { t.Error("request sent"); return io.EOF }), &lockedBuffer{})
	if r, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil); err != nil || r == nil || r.Data != nil || r.State != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := d.UserEvent(t.Context(), ann, "move", webpubsub.Data{}, nil); webpubsub.CodeOf(err) != webpubsub.NotFound {
		t.Errorf("an event nobody takes: %v", err)
	}
	if r, err := d.Connect(t.Context(), ann, ConnectRequest{}); r != nil || err != nil {
		t.Errorf("connect: %v, %v", r, err)
	}
	closeNow(t, d)
	if n := len(sink.all()); n != 1 {
		t.Errorf("%d copies", n)
	}
}

func TestListener_besideAHandler_hasItsIDAndTheStateBefore(t *testing.T) {
	sink := &memorySink{}
	app := &recorder{next: consenting(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("ce-connectionState", "after") })}
	d := listenerDispatcher(listening(everything), sink, transport{app}, &lockedBuffer{})
	s := ann
	s.EventID, s.State = 5, ptr("before")
	if r, err := d.UserEvent(t.Context(), s, "draw", webpubsub.Data{}, nil); err != nil || *r.State != "after" {
		t.Fatalf("%+v, %v", r, err)
	}
	closeNow(t, d)
	got, post := sink.all()[0].Properties, app.all()[1].header
	if got["cloudEvents:id"] != "5" || post.Get("ce-id") != "5" || got["cloudEvents:connectionstate"] != "before" || got["cloudEvents:time"] != post.Get("ce-time") {
		t.Errorf("%v\n%v", got, post)
	}
}

func TestListener_eventsOfOneConnection_stayInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		sink := &memorySink{fail: func(e listener.Event) error {
			if tries++; tries%7 == 0 {
				return errors.New("hiccup")
			}
			return nil
		}}
		d := listenerDispatcher(listening(), sink, nil, &lockedBuffer{})
		s := ann
		for i := range 50 {
			s.EventID = uint64(i)
			d.UserEvent(t.Context(), s, "draw", webpubsub.Data{}, nil)
		}
		pause(t.Context(), time.Minute)
		closeNow(t, d)
		for i, e := range sink.all() {
			if want := fmt.Sprintf("%s/%d", ann.ConnectionID, i); e.MessageID != want {
				t.Errorf("copy %d is %s", i, e.MessageID)
			}
		}
		if st := d.ListenerStats(); st != (listener.Stats{Sent: 50}) {
			t.Errorf("%+v", st)
		}
	})
}

func TestListener_failures_areCountedLoggedAndNeverFelt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		sink := &memorySink{fail: func(e listener.Event) error {
			if e.Name == "erase" {
				return fmt.Errorf("no: %w", listener.ErrRefused)
			}
			return errors.New("broker down")
		}}
		d := listenerDispatcher(listening(), sink, nil, &log)
		start := time.Now()
		for _, name := range []webpubsub.EventName{"erase", "draw"} {
			if _, err := d.UserEvent(t.Context(), ann, name, webpubsub.Data{}, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the client waited %v", took)
		}
		synctest.Wait()
		if st := d.ListenerStats(); st != (listener.Stats{Failed: 1}) {
			t.Errorf("a refusal: %+v", st)
		}
		pause(t.Context(), 9*time.Second+1)
		if st := d.ListenerStats(); st != (listener.Stats{Failed: 2}) {
			t.Errorf("after the retries: %+v", st)
		}
		closeNow(t, d)
		d.Connected(ann)
		if st := d.ListenerStats(); st != (listener.Stats{Failed: 2, Dropped: 1}) {
			t.Errorf("after the end: %+v", st)
		}
		for _, want := range []string{"broker down", "event=erase", "hub=board", "shutting down"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("log lacks %q:\n%s", want, log.String())
			}
		}
	})
}

func TestListener_unknownEndpointType_failsWithAReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		d := New(Options{Settings: listening(), Logger: logTo(&log)})
		d.Connected(ann)
		closeNow(t, d)
		if !strings.Contains(log.String(), `no listener endpoints of type`) || d.ListenerStats().Failed != 1 {
			t.Errorf("%+v %s", d.ListenerStats(), log.String())
		}
	})
}

func TestLanes_full_takeNoMore(t *testing.T) {
	q := newLanes[string](3, 100, 1, func(func()) {}) // no worker ever runs
	for i, c := range []struct {
		size int
		want bool
	}{{200, true}, {1, false}} { // the first always fits
		if got := q.push("a", job{size: c.size}); got != c.want {
			t.Errorf("bytes, job %d: %v", i, got)
		}
	}
	for i := range 4 {
		if got := q.push("b", job{size: 1}); got != (i < 3) {
			t.Errorf("count, job %d: %v", i, got)
		}
	}
}

func TestSinks_noLongerNamed_areClosedOnceNobodyUsesThem(t *testing.T) {
	first, second := &memorySink{}, &memorySink{}
	s := newSinks(map[string]listener.Factory{
		"A": func(webpubsub.ListenerEndpoint) (listener.Sink, error) { return first, nil },
		"B": func(webpubsub.ListenerEndpoint) (listener.Sink, error) { return second, nil },
	}, nil)
	a, b := webpubsub.ListenerEndpoint{Type: "A"}, webpubsub.ListenerEndpoint{Type: "B"}
	of := func(e webpubsub.ListenerEndpoint) webpubsub.Settings {
		return webpubsub.Settings{Hubs: map[webpubsub.HubName]webpubsub.Hub{"h": {EventListeners: []webpubsub.EventListener{{Endpoint: e}}}}}
	}
	_, release, err := s.acquire(a, of(a))
	if err != nil {
		t.Fatal(err)
	}
	_, releaseB, err := s.acquire(b, of(b))
	if err != nil || first.closed != 0 {
		t.Fatalf("%v; closed %d times while in use", err, first.closed)
	}
	release()
	releaseB()
	if first.closed != 1 || second.closed != 0 {
		t.Errorf("closed %d and %d times", first.closed, second.closed)
	}
	s.close()
	if first.closed != 1 || second.closed != 1 {
		t.Errorf("in the end closed %d and %d times", first.closed, second.closed)
	}
}
