package upstream

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// statuses answers with one status after the other, then with the last again, and keeps
// the time of each request since it was made.
type statuses struct {
	list  []int
	start time.Time

	mu       sync.Mutex
	at       []time.Duration // guarded by mu
	requests []http.Header   // guarded by mu
}

func (s *statuses) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Since(s.start))
	s.requests = append(s.requests, r.Header.Clone())
	w.WriteHeader(s.list[min(len(s.at), len(s.list))-1])
}

func TestConnect_retries(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct {
		statuses []int
		at       []time.Duration
		want     int // status for the client; 0 is accepted
	}{
		"good":         {[]int{200}, []time.Duration{0}, 0},
		"once bad":     {[]int{503, 200}, []time.Duration{0, 1 * s}, 0},
		"thrice bad":   {[]int{500, 408, 599, 204}, []time.Duration{0, 1 * s, 4 * s, 9 * s}, 0},
		"always bad":   {[]int{500, 502, 503, 504}, []time.Duration{0, 1 * s, 4 * s, 9 * s}, 504},
		"time-outs":    {[]int{408}, []time.Duration{0, 1 * s, 4 * s, 9 * s}, 408},
		"forbidden":    {[]int{403}, []time.Duration{0}, 403},
		"too many":     {[]int{429}, []time.Duration{0}, 429},
		"bad, then no": {[]int{500, 401}, []time.Duration{0, 1 * s}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				app := &statuses{list: c.statuses, start: time.Now()}
				d := newDispatcher(t, board(everything), transport{consenting(app.serve)})
				_, err := d.Connect(t.Context(), ann, ConnectRequest{})
				status := 0
				if e, ok := errors.AsType[*StatusError](err); ok {
					status = e.Status
				}
				if status != c.want || !reflect.DeepEqual(app.at, c.at) {
					t.Errorf("status %d, requests at %v; want %d, %v", status, app.at, c.want, c.at)
				}
				for _, h := range app.requests {
					if !reflect.DeepEqual(h, app.requests[0]) {
						t.Errorf("headers differ between attempts:\n%v\n%v", h, app.requests[0])
					}
				}
			})
		})
	}
}

func TestUserEvent_noNetwork_isRetriedThenFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		down := errors.New("connection refused")
		d := newDispatcher(t, board(everything), failing(func(*http.Request) error { tries++; return down }))
		start := time.Now()
		_, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil)
		if !errors.Is(err, down) || webpubsub.CodeOf(err) != webpubsub.Internal || strings.Contains(err.Error(), "secret") {
			t.Errorf("error %v", err)
		}
		if tries != 4 || time.Since(start) != 9*time.Second {
			t.Errorf("%d tries in %v", tries, time.Since(start))
		}
	})
}

// hang answers only when the request is given up.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func TestConnect_handlerHangs_endsAfterHandlerTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDispatcher(t, board(everything), contextTransport{consenting(hang)})
		start := time.Now()
		_, err := d.Connect(t.Context(), ann, ConnectRequest{})
		if e, ok := errors.AsType[*StatusError](err); !ok || e.Status != 500 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want status 500 for the deadline", err)
		}
		if took := time.Since(start); took != webpubsub.HandlerTimeout {
			t.Errorf("took %v", took)
		}
	})
}

// contextTransport fails like a network when the request is given up.
type contextTransport struct{ http.Handler }

func (t contextTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := transport(t).RoundTrip(r)
	if r.Context().Err() != nil {
		return nil, r.Context().Err()
	}
	return resp, err
}

func TestUserEvent_clientGone_cancelsTheCallWithoutRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &recorder{next: consenting(hang)}
		d := newDispatcher(t, board(everything), contextTransport{app})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		start := time.Now()
		_, err := d.UserEvent(ctx, ann, "draw", webpubsub.Data{}, nil)
		if !errors.Is(err, context.Canceled) || time.Since(start) != 2*time.Second || len(app.all()) != 2 {
			t.Errorf("%v after %v, %d requests", err, time.Since(start), len(app.all()))
		}
	})
}

func TestClose_eventUnderWay_waitsThenCutsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{Settings: board(everything), Transport: contextTransport{consenting(hang)}})
		failed := make(chan error, 1)
		go func() {
			_, err := d.Connect(context.Background(), ann, ConnectRequest{})
			failed <- err
		}()
		d.Connected(ann)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		if err := d.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
			t.Errorf("close: %v after %v", err, time.Since(start))
		}
		if err := <-failed; err == nil {
			t.Error("the event is answered although its handler hangs")
		}
	})
}

// Whoever waits for another attempt is told of the failure at once.
func TestStopRetrying_failingEvents_endAfterTheirAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &statuses{list: []int{503}, start: time.Now()}
		d := newDispatcher(t, board(everything), transport{consenting(app.serve)})
		status := make(chan error, 1)
		go func() {
			_, err := d.Connect(t.Context(), ann, ConnectRequest{})
			status <- err
		}()
		synctest.Wait()
		d.StopRetrying()
		if e, ok := errors.AsType[*StatusError](<-status); !ok || e.Status != 503 {
			t.Errorf("connect: %v", e)
		}
		if _, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil); webpubsub.CodeOf(err) != webpubsub.Internal {
			t.Errorf("user event: %v", err)
		}
		if want := []time.Duration{0, 0}; !reflect.DeepEqual(app.at, want) {
			t.Errorf("requests at %v, want %v", app.at, want)
		}
	})
}
