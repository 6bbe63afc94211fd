package tunnel

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	wire "github.com/easelhq/easel/webpubsub/internal/tunnel"
	"github.com/easelhq/easel/webpubsub/token"
)

const (
	// tokenLife is how long a token is good for; it matters while connecting only.
	tokenLife = time.Hour
	// connectTimeout bounds the connection's set-up, and the wait for the greeting.
	connectTimeout = 15 * time.Second
	// The pauses before connecting again double from the first to the longest.
	firstPause   = time.Second
	longestPause = 15 * time.Second
	// workers is how many requests are answered at a time.
	workers = 64
)

// Options configure [New]. The zero value works.
type Options struct {
	// Client makes the connection; nil is [http.DefaultClient].
	Client *http.Client
	// Logger hears of connections that come and go; nil discards.
	Logger *slog.Logger
	// OnState is told whenever a connection is there, with a nil error, and whenever one
	// has ended or could not be made, with the reason. It should not wait.
	OnState func(connected bool, err error)
}

// Tunnel connects an app server to a service. Make it with [New], and call Run. It is an
// http.RoundTripper for REST calls of its hub, so that package service can use it as a
// transport. Safe for concurrent use.
type Tunnel struct {
	// Fixed.
	Options
	hub     webpubsub.HubName
	service token.ConnectionString
	handler http.Handler
	name    string // of this app server

	mu   sync.Mutex
	peer *wire.Peer // guarded by mu; nil while there is no connection
}

// New returns a Tunnel that has h answer the events of hub: a handler of package
// eventhandler, or what [Forward] returns. Errors: BadRequest.
func New(connectionString, hub string, h http.Handler, o *Options) (*Tunnel, error) {
	name, err := webpubsub.ParseHubName(hub)
	if err != nil {
		return nil, err
	}
	service, err := token.ParseConnectionString(connectionString)
	if err != nil {
		return nil, err
	}
	t := &Tunnel{hub: name, service: service, handler: h, name: rand.Text()}
	if o != nil {
		t.Options = *o
	}
	if t.Logger == nil {
		t.Logger = slog.New(slog.DiscardHandler)
	}
	return t, nil
}

// Run keeps the tunnel connected until ctx ends, and returns ctx's error then. It gives up
// only when the service refuses its token, or tells it to stop. Errors: Unauthorized,
// Unavailable.
func (t *Tunnel) Run(ctx context.Context) error {
	home := place{endpoint: t.service.Endpoint}
	at, pause := home, firstPause
	for {
		end := t.connect(ctx, at)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.tell(false, end.err)
		switch {
		case final(end.err):
			return end.err
		case end.next != nil:
			at = *end.next
			continue
		case end.greeted:
			pause = firstPause
		}
		if !sleep(ctx, pause) {
			return ctx.Err()
		}
		at, pause = home, min(2*pause, longestPause)
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (t *Tunnel) tell(connected bool, err error) {
	if connected {
		t.Logger.Info("tunnel connected", "hub", t.hub)
	} else {
		t.Logger.Warn("tunnel not connected", "hub", t.hub, "err", err)
	}
	if t.OnState != nil {
		t.OnState(connected, err)
	}
}

// errStopped is the service's wish that this app server be silent.
var errStopped = &webpubsub.Error{Op: "tunnel", Code: webpubsub.Unavailable, Msg: "the service told the tunnel to stop"}

func final(err error) bool {
	return errors.Is(err, errStopped) || webpubsub.CodeOf(err) == webpubsub.Unauthorized
}

// place is where to connect.
type place struct{ endpoint, target string }

// address is the URL of a tunnel, with a token for it.
func (t *Tunnel) address(at place) (string, error) {
	audience := "ws" + strings.TrimPrefix(strings.TrimSuffix(at.endpoint, "/"), "http") + "/server/tunnel?hub=" + url.QueryEscape(string(t.hub))
	if at.target != "" {
		audience += "&target=" + url.QueryEscape(at.target)
	}
	raw, err := token.Mint(t.service.AccessKey, token.MintOptions{Audience: audience, UserID: t.name, Lifetime: tokenLife}, time.Now())
	return audience + "&access_token=" + raw, err
}

// ending is how a connection ended.
type ending struct {
	err     error
	greeted bool
	next    *place // where the service wants the next connection; nil is anywhere
}

// connect runs one connection to its end.
func (t *Tunnel) connect(ctx context.Context, at place) ending {
	c, err := t.dial(ctx, at)
	if err != nil {
		return ending{err: err}
	}
	defer c.close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	greeting := time.AfterFunc(connectTimeout, func() { cancel(errors.New("the service does not greet the tunnel")) })
	defer greeting.Stop()

	r := &run{tunnel: t, at: at, cancel: cancel}
	r.peer = wire.NewPeer(c, wire.Options{
		Handler: t.handler, Workers: workers, LocalRouting: true,
		OnMessage: func(m wire.Message) {
			greeting.Stop()
			r.receive(m)
		},
	})
	var pings sync.WaitGroup
	pings.Go(func() { c.keepAlive(ctx, cancel) })
	r.err = r.peer.Run(ctx)
	t.use(nil)
	if cause := context.Cause(ctx); cause != nil {
		r.err = cause
	}
	cancel(nil)
	pings.Wait()
	return r.ending
}

// run is one connection; its fields are of the goroutine that reads.
type run struct {
	tunnel *Tunnel
	at     place
	peer   *wire.Peer
	cancel context.CancelCauseFunc
	ending
}

// receive takes the service's word.
func (r *run) receive(m wire.Message) {
	switch m := m.(type) {
	case *wire.Connected:
		r.greeted = true
		r.tunnel.use(r.peer)
		r.tunnel.tell(true, nil)
	case *wire.Move:
		if m.Type != wire.ReconnectType { // more connections would be of no use
			return
		}
		r.next = &place{endpoint: r.at.endpoint, target: m.TargetID}
		if m.Endpoint != "" {
			r.next.endpoint = m.Endpoint
		}
		r.cancel(fmt.Errorf("the service asks to connect again: %s", m.Message))
	case *wire.Notice:
		if m.Type == wire.CloseType {
			r.cancel(fmt.Errorf("%w: %s", errStopped, m.Message))
		}
	}
}

func (t *Tunnel) use(p *wire.Peer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.peer = p
}

// RoundTrip makes a REST call of the tunnel's hub through the tunnel; the tunnel's identity
// counts, and an Authorization header is left out. Errors: Unavailable while the tunnel is
// not connected.
func (t *Tunnel) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	p := t.peer
	t.mu.Unlock()
	if p == nil {
		return nil, &webpubsub.Error{Op: "tunnel", Code: webpubsub.Unavailable, Msg: "the tunnel is not connected"}
	}
	r = r.Clone(r.Context())
	r.Header.Del("Authorization")
	return p.RoundTrip(r)
}
