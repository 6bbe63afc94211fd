package tunnel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// pipe is one end of a connection in memory.
type pipe struct {
	in, out chan []byte
	broken  chan struct{} // shared by both ends
}

func newPipe() (pipe, pipe, func()) {
	a, b, broken := make(chan []byte, 64), make(chan []byte, 64), make(chan struct{})
	return pipe{a, b, broken}, pipe{b, a, broken}, sync.OnceFunc(func() { close(broken) })
}

var errBroken = errors.New("broken")

func (p pipe) Read(ctx context.Context) ([]byte, error) {
	select {
	case b := <-p.in:
		return b, nil
	case <-p.broken:
		return nil, errBroken
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p pipe) Write(ctx context.Context, b []byte) error {
	select {
	case p.out <- b:
		return nil
	case <-p.broken:
		return errBroken
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join runs two ends until the test ends; the service's handler serves the app's requests,
// and the other way round. cut breaks the connection.
func join(t *testing.T, service, app http.Handler) (servicePeer, appPeer *Peer, cut func()) {
	t.Helper()
	a, b, cut := newPipe()
	servicePeer = NewPeer(a, Options{Handler: service, Workers: 1})
	appPeer = NewPeer(b, Options{Handler: app, Workers: 8, LocalRouting: true})
	var both sync.WaitGroup
	both.Go(func() { servicePeer.Run(context.Background()) })
	both.Go(func() { appPeer.Run(context.Background()) })
	t.Cleanup(func() { cut(); both.Wait() })
	return servicePeer, appPeer, cut
}

func request(method, url, body string) *http.Request {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.RequestURI = ""
	return r
}

func call(t *testing.T, p *Peer, r *http.Request) (status int, body string, header http.Header) {
	t.Helper()
	resp, err := p.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), resp.Header
}

func TestPeer_bothWays_carriesRequestsAndResponses(t *testing.T) {
	echo := func(who string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header()["x-lower"] = []string{r.Header.Get("X-In")}
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprintf(w, "%s %s %s %d %s", who, r.Method, r.URL, r.ContentLength, body)
		})
	}
	service, app, _ := join(t, echo("service"), echo("app"))
	for want, p := range map[string]*Peer{"app": service, "service": app} {
		r := request("POST", "https://wps.example.net/ev/draw?a=1", "\x00hi")
		r.Header["X-In"] = []string{"v"}
		status, body, header := call(t, p, r)
		if status != 202 || body != want+" POST https://wps.example.net/ev/draw?a=1 3 \x00hi" || header.Get("X-Lower") != "v" {
			t.Errorf("%d %q %v", status, body, header)
		}
	}
}

func TestPeer_longResponse_comesInPartsAsOne(t *testing.T) {
	long := strings.Repeat("0123456789", partBytes/4)
	service, _, _ := join(t, http.NotFoundHandler(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first ")
		w.(http.Flusher).Flush()
		io.WriteString(w, long)
	}))
	if status, body, _ := call(t, service, request("GET", "/", "")); status != 200 || body != "first "+long {
		t.Errorf("%d, %d bytes", status, len(body))
	}
}

func TestPeer_responseOverTheLimit_fails(t *testing.T) {
	service, _, _ := join(t, http.NotFoundHandler(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(make([]byte, webpubsub.MaxHandlerResponseBytes+1))
	}))
	if _, err := service.RoundTrip(request("GET", "/", "")); webpubsub.CodeOf(err) != webpubsub.TooLarge {
		t.Errorf("got %v", err)
	}
}

func TestPeer_oneWorker_keepsTheOrder(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	a, b, cut := newPipe()
	defer cut()
	p := NewPeer(a, Options{Workers: 1, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.URL.Path)
	})})
	go p.Run(t.Context())
	want := ""
	for i := range 20 {
		frame, err := Encode(&Request{AckID: uint64(i), Method: "POST", URL: fmt.Sprintf("https://host/%d", i), ChannelName: "c", LocalRouting: true})
		if err != nil {
			t.Fatal(err)
		}
		want += fmt.Sprintf("/%d ", i)
		b.Write(t.Context(), frame)
	}
	for i := range 20 {
		frame, err := b.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		m, err := Decode(frame)
		if r, ok := m.(*Response); err != nil || !ok || r.AckID != uint64(i) || r.ChannelName != "c" || !r.LocalRouting {
			t.Errorf("response %d: %+v, %v", i, m, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(seen, " ") + " "; got != want {
		t.Errorf("served %s", got)
	}
}

func TestPeer_connectionBreaks_requestsFailAndHandlersAreWaitedFor(t *testing.T) {
	running := make(chan struct{})
	ended := false
	a, b, cut := newPipe()
	service := NewPeer(a, Options{Handler: http.NotFoundHandler(), Workers: 1})
	app := NewPeer(b, Options{Workers: 4, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(running)
		<-r.Context().Done()
		ended = true
	})})
	var both sync.WaitGroup
	both.Go(func() { service.Run(context.Background()) })
	both.Go(func() {
		app.Run(context.Background())
		if !ended {
			t.Error("Run returned before its handler")
		}
	})
	go func() { <-running; cut() }()
	if _, err := service.RoundTrip(request("GET", "/", "")); !errors.Is(err, errBroken) {
		t.Errorf("under way: %v", err)
	}
	both.Wait()
	if _, err := service.RoundTrip(request("GET", "/", "")); !errors.Is(err, errEnded) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestPeer_callerGivesUp_isLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, _, _ := join(t, http.NotFoundHandler(), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := service.RoundTrip(request("GET", "/", "").WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if n := len(service.pending); n != 0 {
			t.Errorf("%d requests are remembered", n)
		}
	})
}

func TestPeer_tooManyWaiting_answers503(t *testing.T) {
	block := make(chan struct{})
	a, b, cut := newPipe()
	p := NewPeer(a, Options{Workers: 1, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-block })})
	var run sync.WaitGroup
	run.Go(func() { p.Run(context.Background()) })
	defer run.Wait()
	defer cut()
	defer close(block)
	frame, err := Encode(&Request{AckID: 3, Method: "GET", URL: "/"})
	if err != nil {
		t.Fatal(err)
	}
	for range maxWaiting + 2 { // one is being served
		b.Write(t.Context(), bytes.Clone(frame))
	}
	answer, err := b.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m, err := Decode(answer); err != nil || m.(*Response).StatusCode != 503 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestPeer_badRequestsAndPanics_areAnswered(t *testing.T) {
	_, app, _ := join(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oops") }), http.NotFoundHandler())
	if status, body, _ := call(t, app, request("GET", "/", "")); status != 500 || strings.Contains(body, "oops") {
		t.Errorf("panic: %d %s", status, body)
	}
	a, b, cut := newPipe()
	defer cut()
	go NewPeer(a, Options{Handler: http.NotFoundHandler()}).Run(t.Context())
	frame, _ := Encode(&Request{Method: "GET", URL: "http://[::1"})
	b.Write(t.Context(), frame)
	answer, err := b.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m, err := Decode(answer); err != nil || m.(*Response).StatusCode != 400 {
		t.Errorf("bad URL: %+v, %v", m, err)
	}
}

func TestPeer_garbage_endsTheConnection(t *testing.T) {
	a, b, cut := newPipe()
	defer cut()
	b.Write(t.Context(), []byte("garbage"))
	if err := NewPeer(a, Options{Handler: http.NotFoundHandler()}).Run(t.Context()); webpubsub.CodeOf(err) != webpubsub.BadRequest {
		t.Errorf("got %v", err)
	}
}
