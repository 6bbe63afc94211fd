package webpubsubtest

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// Faults is a proxy in front of a service that treats clients as a bad network does: it cuts
// connections, refuses them, holds them up, and delays and repeats messages. It ends the
// WebSockets of both sides, so it knows whole messages. Safe for concurrent use.
//
// Messages are never reordered or lost in the middle: TCP does not do that.
type Faults struct {
	// Endpoint is http://127.0.0.1:port. REST requests pass untouched.
	Endpoint string
	// Seed decides all that is random. Which message meets which fault also depends on how
	// messages of both directions interleave.
	Seed uint64

	// Fixed after start.
	service *url.URL
	front   *httptest.Server
	rest    http.Handler
	life    context.Context
	work    sync.WaitGroup // connections being proxied

	mu       sync.Mutex
	plan     FaultPlan            // guarded by mu
	links    map[*faultyLink]bool // guarded by mu
	accepted int                  // guarded by mu; sockets so far
	opened   int                  // guarded by mu; of these, what became connections
	cuts     int                  // guarded by mu
	refusing bool                 // guarded by mu
	released chan struct{}        // guarded by mu; nil unless holding, closed by Release
}

// FaultPlan says what happens at random. The zero value leaves everything alone.
type FaultPlan struct {
	// CutAfterMessages is about how many messages a connection lives for, both directions
	// together, drawn anew for each connection from 1 to twice as many; 0 is for ever.
	CutAfterMessages int
	// CutAfterBytes is the same in bytes on the client's side, handshake included: it also
	// cuts handshakes and the middle of messages.
	CutAfterBytes int
	// RepeatToClient and RepeatToService are the shares of messages, 0 to 1, that are sent
	// twice in a row in that direction.
	RepeatToClient, RepeatToService float64
	// MaxDelay bounds how long each message waits, a random time; later ones wait behind.
	MaxDelay time.Duration
}

// Faults starts a proxy in front of the service until the test ends. The seed 0 stands for
// one that nobody chose; the test's log tells it.
func (s *Service) Faults(tb testing.TB, seed uint64) *Faults {
	tb.Helper()
	return NewFaults(tb, s.Endpoint, seed)
}

// NewFaults is [Service.Faults] for any service, by its http or https endpoint.
func NewFaults(tb testing.TB, endpoint string, seed uint64) *Faults {
	tb.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		tb.Fatalf("faults: endpoint: %v", err)
	}
	if seed == 0 {
		seed = rand.Uint64()
	}
	tb.Logf("faults: seed %d", seed)
	life, end := context.WithCancel(context.Background())
	f := &Faults{Seed: seed, service: target, life: life, links: map[*faultyLink]bool{}}
	// The host that the request names stays, as it is in the audience of its token.
	f.rest = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	f.front = httptest.NewUnstartedServer(f)
	f.front.Listener = &faultyListener{f.front.Listener, f}
	f.front.Start()
	f.Endpoint = f.front.URL
	tb.Cleanup(func() {
		f.Release()
		end()
		f.work.Wait()
		f.front.Close()
	})
	return f
}

// ClientURL leads the URL of a client through the proxy. Its token stays good.
func (f *Faults) ClientURL(direct string) string {
	_, rest, _ := strings.Cut(direct, "://")
	_, path, _ := strings.Cut(rest, "/")
	return strings.Replace(f.Endpoint, "http", "ws", 1) + "/" + path
}

// Use sets the plan of connections that open from now on.
func (f *Faults) Use(p FaultPlan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan = p
}

// Cut breaks all connections without a close frame and returns how many there were.
func (f *Faults) Cut() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.links)
	for l := range f.links {
		f.cutLocked(l)
	}
	return n
}

// CutAfter breaks each present connection once n more messages have passed on it.
func (f *Faults) CutAfter(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := range f.links {
		l.left = n
	}
}

// Cuts is how many connections have been broken so far.
func (f *Faults) Cuts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cuts
}

// Opened is how many connections got through the handshake so far.
func (f *Faults) Opened() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opened
}

// Refuse breaks new connections before the handshake until [Faults.Accept]; present ones
// live on.
func (f *Faults) Refuse() { f.setRefusing(true) }

// Accept ends what [Faults.Refuse] began.
func (f *Faults) Accept() { f.setRefusing(false) }

func (f *Faults) setRefusing(yes bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refusing = yes
}

// Hold makes all connections half-open until [Faults.Release]: they stay, but nothing comes
// through, neither messages nor pongs. New ones wait in the handshake.
func (f *Faults) Hold() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.released == nil {
		f.released = make(chan struct{})
	}
}

// Release lets pass what [Faults.Hold] held up.
func (f *Faults) Release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.released != nil {
		close(f.released)
		f.released = nil
	}
}

// wait waits while connections are held; false when ctx ends first.
func (f *Faults) wait(ctx context.Context) bool {
	f.mu.Lock()
	released := f.released
	f.mu.Unlock()
	if released == nil {
		return ctx.Err() == nil
	}
	select {
	case <-released:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f *Faults) answersPings(context.Context, []byte) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.released == nil
}

// ServeHTTP proxies a request.
func (f *Faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		f.rest.ServeHTTP(w, r)
		return
	}
	f.work.Add(1)
	defer f.work.Done()
	ctx, cancel := context.WithCancel(f.life)
	defer cancel()
	defer context.AfterFunc(r.Context(), cancel)()
	if !f.wait(ctx) {
		return
	}
	service, ok := f.dial(ctx, w, r)
	if !ok {
		return
	}
	defer service.CloseNow()
	client, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{service.Subprotocol()}, InsecureSkipVerify: true, OnPingReceived: f.answersPings,
	})
	if err != nil {
		return
	}
	defer client.CloseNow()
	l := f.open(client, service)
	defer f.forget(l)
	l.run(f.life)
}

// dial makes the handshake with the service; a refusal is passed on.
func (f *Faults) dial(ctx context.Context, w http.ResponseWriter, r *http.Request) (*websocket.Conn, bool) {
	to := *f.service
	to.Path, to.RawPath, to.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
	o := &websocket.DialOptions{HTTPHeader: http.Header{}, OnPingReceived: f.answersPings}
	if a := r.Header.Get("Authorization"); a != "" {
		o.HTTPHeader.Set("Authorization", a)
	}
	for list := range strings.SplitSeq(strings.Join(r.Header.Values("Sec-Websocket-Protocol"), ","), ",") {
		if name := strings.TrimSpace(list); name != "" {
			o.Subprotocols = append(o.Subprotocols, name)
		}
	}
	service, res, err := websocket.Dial(ctx, to.String(), o)
	switch {
	case err == nil:
		return service, true
	case res != nil:
		w.WriteHeader(res.StatusCode)
		if res.Body != nil {
			io.Copy(w, res.Body)
		}
	default:
		w.WriteHeader(http.StatusBadGateway)
	}
	return nil, false
}

func (f *Faults) open(client, service *websocket.Conn) *faultyLink {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened++
	l := &faultyLink{faults: f, client: client, service: service, plan: f.plan, number: uint64(f.opened)}
	l.left = draw(l.random(0), f.plan.CutAfterMessages)
	f.links[l] = true
	return l
}

// draw returns a number from 1 to twice the mean, or no limit.
func draw(rng *rand.Rand, mean int) int {
	if mean == 0 {
		return unlimited
	}
	return 1 + rng.IntN(2*mean)
}

const unlimited = -1

func (f *Faults) forget(l *faultyLink) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.links, l)
}

func (f *Faults) cutLocked(l *faultyLink) {
	if !f.links[l] {
		return
	}
	delete(f.links, l)
	f.cuts++
	// CloseNow waits for a read in progress to notice.
	f.work.Go(func() {
		l.client.CloseNow()
		l.service.CloseNow()
	})
}

// faultyLink is one proxied connection.
type faultyLink struct {
	// Fixed.
	faults          *Faults
	client, service *websocket.Conn
	plan            FaultPlan
	number          uint64

	left int // guarded by Faults.mu; messages until the cut, or unlimited
}

// random returns the numbers of one purpose, the same for a seed.
func (l *faultyLink) random(purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(l.faults.Seed, l.number<<2|purpose))
}

func (l *faultyLink) run(life context.Context) {
	var both sync.WaitGroup
	both.Go(func() { l.forward(life, l.client, l.service, l.random(1), l.plan.RepeatToService) })
	both.Go(func() { l.forward(life, l.service, l.client, l.random(2), l.plan.RepeatToClient) })
	both.Wait()
}

// forward passes messages on, and how the sender closed.
func (l *faultyLink) forward(life context.Context, from, to *websocket.Conn, rng *rand.Rand, repeat float64) {
	from.SetReadLimit(-1)
	err := l.pass(life, from, to, rng, repeat)
	if c, ok := errors.AsType[websocket.CloseError](err); ok && l.faults.wait(life) {
		to.Close(c.Code, c.Reason)
		return
	}
	to.CloseNow()
	from.CloseNow()
}

func (l *faultyLink) pass(life context.Context, from, to *websocket.Conn, rng *rand.Rand, repeat float64) error {
	for {
		kind, b, err := from.Read(life)
		if err != nil {
			return err
		}
		if !l.faults.wait(life) || !l.delay(life, rng) {
			return life.Err()
		}
		copies := 1
		if rng.Float64() < repeat {
			copies = 2
		}
		for range copies {
			if l.spent() {
				return errCut
			}
			if err := to.Write(life, kind, b); err != nil {
				return err
			}
		}
	}
}

var errCut = errors.New("cut by the test")

func (l *faultyLink) delay(life context.Context, rng *rand.Rand) bool {
	if l.plan.MaxDelay == 0 {
		return true
	}
	timer := time.NewTimer(time.Duration(rng.Int64N(int64(l.plan.MaxDelay))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-life.Done():
		return false
	}
}

// spent counts a message; true when the connection's time has come.
func (l *faultyLink) spent() bool {
	f := l.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.left == 0 {
		f.cutLocked(l)
		return true
	}
	if l.left > 0 {
		l.left--
	}
	return false
}

// faultyListener accepts connections with a limit on their bytes.
type faultyListener struct {
	net.Listener
	faults *Faults
}

func (l *faultyListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		f := l.faults
		f.mu.Lock()
		refusing := f.refusing
		f.accepted++
		limit := draw(rand.New(rand.NewPCG(f.Seed, uint64(f.accepted)<<2|3)), f.plan.CutAfterBytes)
		f.mu.Unlock()
		if !refusing {
			return &faultyConn{Conn: c, faults: f, left: limit}, nil
		}
		c.Close()
	}
}

// faultyConn breaks after some bytes.
type faultyConn struct {
	net.Conn
	faults *Faults

	mu   sync.Mutex
	left int // guarded by mu; or unlimited
}

// spend returns how many of n bytes may pass.
func (c *faultyConn) spend(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == unlimited {
		return n
	}
	n = min(n, c.left)
	c.left -= n
	return n
}

func (c *faultyConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if pass := c.spend(n); pass < n {
		return pass, c.cut()
	}
	return n, err
}

func (c *faultyConn) Write(b []byte) (int, error) {
	pass := c.spend(len(b))
	n, err := c.Conn.Write(b[:pass])
	if err == nil && pass < len(b) {
		err = c.cut()
	}
	return n, err
}

func (c *faultyConn) cut() error {
	c.faults.mu.Lock()
	c.faults.cuts++
	c.faults.mu.Unlock()
	c.Conn.Close()
	return errCut
}
