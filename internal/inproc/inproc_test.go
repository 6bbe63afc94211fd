package inproc

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func client(h http.HandlerFunc) *http.Client { return newClient(h, false) }

func newClient(h http.HandlerFunc, whole bool) *http.Client {
	return &http.Client{Transport: &Transport{Handlers: map[string]http.Handler{"app.internal": h}, Fallback: refuse{}, Whole: whole}}
}

func eitherWay(t *testing.T, test func(t *testing.T, client func(http.HandlerFunc) *http.Client)) {
	for name, whole := range map[string]bool{"in pieces": false, "whole": true} {
		t.Run(name, func(t *testing.T) {
			test(t, func(h http.HandlerFunc) *http.Client { return newClient(h, whole) })
		})
	}
}

type refuse struct{}

var errRefused = errors.New("refused")

func (refuse) RoundTrip(*http.Request) (*http.Response, error) { return nil, errRefused }

func TestRoundTrip_requestAndResponseArriveWhole(t *testing.T) {
	eitherWay(t, testRequestAndResponseArriveWhole)
}

func testRequestAndResponseArriveWhole(t *testing.T, client func(http.HandlerFunc) *http.Client) {
	c := client(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.Host+" "+r.RequestURI+" "+r.Header.Get("X-Sent"))
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-Late", "ignored")
		w.Write(append(b, " back"...))
	})
	r, _ := http.NewRequest(http.MethodPost, "http://app.internal/a%2Fb?q=1", strings.NewReader("there and"))
	r.Header.Set("X-Sent", "yes")
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || string(b) != "there and back" || res.StatusCode != http.StatusTeapot {
		t.Errorf("got %d %q, %v", res.StatusCode, b, err)
	}
	if got, want := res.Header.Get("X-Seen"), "POST app.internal /a%2Fb?q=1 yes"; got != want || res.Header.Get("X-Late") != "" {
		t.Errorf("header %q, want %q; late %q", got, want, res.Header.Get("X-Late"))
	}
}

func TestRoundTrip_otherHosts_takeTheFallback(t *testing.T) {
	if _, err := client(nil).Get("http://elsewhere.internal/"); !errors.Is(err, errRefused) {
		t.Errorf("got %v", err)
	}
}

func TestRoundTrip_responsesStream(t *testing.T) {
	next := make(chan struct{})
	c := client(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		<-next
		io.WriteString(w, "second")
	})
	res, err := c.Get("http://app.internal/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b := make([]byte, 5)
	if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != "first" {
		t.Fatalf("got %q, %v", b, err)
	}
	close(next)
	if rest, err := io.ReadAll(res.Body); err != nil || string(rest) != "second" {
		t.Errorf("got %q, %v", rest, err)
	}
}

func TestRoundTrip_callerGivesUp_handlerHearsIt(t *testing.T) {
	eitherWay(t, testCallerGivesUpHandlerHearsIt)
}

func testCallerGivesUpHandlerHearsIt(t *testing.T, client func(http.HandlerFunc) *http.Client) {
	heard := make(chan error, 1)
	entered := make(chan struct{})
	c := client(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		heard <- r.Context().Err()
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-entered; cancel() }()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://app.internal/", nil)
	if _, err := c.Do(r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := <-heard; !errors.Is(err, context.Canceled) {
		t.Errorf("the handler saw %v", err)
	}
}

func TestRoundTrip_bodyClosedEarly_endsTheHandler(t *testing.T) {
	ended := make(chan struct{})
	c := client(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	res, err := c.Get("http://app.internal/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	<-ended
}

func TestRoundTrip_panic_isAnError(t *testing.T) {
	eitherWay(t, testPanicIsAnError)
}

func testPanicIsAnError(t *testing.T, client func(http.HandlerFunc) *http.Client) {
	c := client(func(http.ResponseWriter, *http.Request) { panic("oops") })
	if _, err := c.Get("http://app.internal/"); err == nil || !strings.Contains(err.Error(), "oops") {
		t.Errorf("got %v", err)
	}
}

// What a handler does not write whole comes as it was written, whatever its length.
func TestRoundTrip_bodiesOfAllLengths_arriveWhole(t *testing.T) {
	eitherWay(t, testBodiesOfAllLengthsArriveWhole)
}

func testBodiesOfAllLengthsArriveWhole(t *testing.T, client func(http.HandlerFunc) *http.Client) {
	for _, length := range []int{0, 1, bufferSize - 1, bufferSize, bufferSize + 1, 3*bufferSize + 7} {
		for _, piece := range []int{1 << 10, 1<<10 + 1, 5 * bufferSize} {
			want := strings.Repeat("0123456789abcdef", length/16+1)[:length]
			c := client(func(w http.ResponseWriter, r *http.Request) {
				for rest := want; rest != ""; {
					n := min(piece, len(rest))
					io.WriteString(w, rest[:n])
					rest = rest[n:]
				}
			})
			res, err := c.Get("http://app.internal/")
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			if res.Body.Close(); err != nil || string(got) != want {
				t.Errorf("%d bytes in pieces of %d: got %d bytes, %v", length, piece, len(got), err)
			}
			if res.ContentLength >= 0 && res.ContentLength != int64(length) {
				t.Errorf("%d bytes in pieces of %d: announced as %d", length, piece, res.ContentLength)
			}
		}
	}
}

func TestRoundTrip_callerGivesUpBeforeAnything_isRead_writingFails(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error, 1)
	c := client(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
		for {
			if _, err := w.Write(make([]byte, bufferSize)); err != nil {
				failed <- err
				return
			}
		}
	})
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://app.internal/", nil)
	if _, err := c.Do(r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("writing failed with %v", err)
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	t := &Transport{Handlers: map[string]http.Handler{"app.internal": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		io.Copy(w, r.Body)
	})}}
	b.ReportAllocs()
	for b.Loop() {
		r, _ := http.NewRequest(http.MethodPost, "http://app.internal/ev", strings.NewReader("there and back"))
		r.Header.Set("Content-Type", "text/plain")
		res, err := t.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

func TestRoundTrip_whole_isBounded(t *testing.T) {
	failed := false
	c := newClient(func(w http.ResponseWriter, r *http.Request) {
		for range MaxWhole / bufferSize {
			w.Write(make([]byte, bufferSize))
			w.(http.Flusher).Flush()
		}
		_, err := w.Write([]byte("more"))
		failed = err != nil
	}, true)
	res, err := c.Get("http://app.internal/")
	if err != nil {
		t.Fatal(err)
	}
	if res.Body.Close(); !failed || res.ContentLength != MaxWhole {
		t.Errorf("writing failed: %t; %d bytes", failed, res.ContentLength)
	}
}
