package server

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/connid"
	"github.com/easelhq/easel/webpubsub/internal/engine"
	"github.com/easelhq/easel/webpubsub/internal/tunnel"
	"github.com/easelhq/easel/webpubsub/internal/websocket"
	"github.com/easelhq/easel/webpubsub/token"
)

const (
	tunnelPath = "/server/tunnel"
	// maxTunnels is how many tunnels one hub may have.
	maxTunnels = 100
)

// tunnels are the connections of app servers that have no address. They outlive those of
// clients, whose last events they carry. Safe for concurrent use.
type tunnels struct {
	engine *engine.Engine
	limits engine.Limits
	life   context.Context // of every tunnel; ended by close
	kill   context.CancelFunc

	mu      sync.Mutex
	hubs    map[webpubsub.HubName][]*tunnelConn // guarded by mu
	closing bool                                // guarded by mu
	work    sync.WaitGroup                      // grows under mu while not closing
}

// tunnelConn is one tunnel; all is fixed.
type tunnelConn struct {
	server *Server
	hub    webpubsub.HubName
	id     string
	host   string // of the service, as the app server knows it
	socket *socket
	peer   *tunnel.Peer

	life   context.Context // ended with the socket
	end    context.CancelFunc
	frames chan []byte   // from the socket's reader to the peer
	gone   chan struct{} // closed when the socket is
}

func newTunnels(l engine.Limits) *tunnels {
	t := &tunnels{engine: engine.New(), limits: l, hubs: map[webpubsub.HubName][]*tunnelConn{}}
	t.life, t.kill = context.WithCancel(context.Background())
	return t
}

// Tunnel implements upstream.Tunnels.
func (t *tunnels) Tunnel(hub webpubsub.HubName, last string) (id string, rt http.RoundTripper, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.hubs[hub]
	if len(all) == 0 {
		return "", nil, false
	}
	i := slices.IndexFunc(all, func(c *tunnelConn) bool { return c.id == last })
	if i < 0 {
		i = rand.IntN(len(all))
	}
	return all[i].id, all[i].peer, true
}

// begin counts a tunnel that is about to be; the caller then has to call t.work.Done.
// Errors: Unavailable, while closing and when the hub has its share.
func (t *tunnels) begin(hub webpubsub.HubName) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		return webpubsub.Errorf(webpubsub.Unavailable, "the service is shutting down")
	}
	if n := len(t.hubs[hub]); n >= maxTunnels {
		return webpubsub.Errorf(webpubsub.Unavailable, "hub %s has %d tunnels; the limit is %d", hub, n, maxTunnels)
	}
	t.work.Add(1)
	return nil
}

func (t *tunnels) add(c *tunnelConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hubs[c.hub] = append(t.hubs[c.hub], c)
	if t.closing { // missed by close
		c.socket.Finish(connection.CloseGoingAway, "")
	}
}

func (t *tunnels) remove(c *tunnelConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := slices.DeleteFunc(t.hubs[c.hub], func(other *tunnelConn) bool { return other == c })
	if len(rest) == 0 {
		delete(t.hubs, c.hub)
		return
	}
	t.hubs[c.hub] = rest
}

// close closes all tunnels with 1001, which has app servers connect again, soon to the next
// run of the service, and waits for them.
func (t *tunnels) close(ctx context.Context) {
	t.mu.Lock()
	t.closing = true
	for _, all := range t.hubs {
		for _, c := range all {
			c.socket.Finish(connection.CloseGoingAway, "")
		}
	}
	t.mu.Unlock()
	defer context.AfterFunc(ctx, func() {
		t.kill()
		t.engine.Close()
	})()
	t.work.Wait()
	t.kill()
	t.engine.Close()
}

// serveTunnel connects an app server until it, or the service, goes.
//
// Source: tunnel protocol, connect.
func (s *Server) serveTunnel(w http.ResponseWriter, r *http.Request) {
	hub, user, err := s.authorizeTunnel(r)
	if err == nil {
		err = s.tunnels.begin(hub)
	}
	if err != nil {
		s.log.Info("tunnel refused", "hub", hub, "err", err)
		refuseTunnel(w, err)
		return
	}
	defer s.tunnels.work.Done()
	c := &tunnelConn{server: s, hub: hub, id: string(connid.New().Text()), host: r.Host, frames: make(chan []byte), gone: make(chan struct{})}
	c.life, c.end = context.WithCancel(s.tunnels.life)
	defer c.end()
	c.peer = tunnel.NewPeer(c, tunnel.Options{Handler: c, Workers: 1})
	c.socket, err = upgrade(s.tunnels.engine, w, r, "", engine.Options{
		Handler: c, Limits: &s.tunnels.limits, MaxMessage: tunnel.MaxFrameBytes, KeepAlive: webpubsub.DefaultKeepAlive,
	})
	if err != nil {
		s.log.Info("tunnel refused", "hub", hub, "err", err)
		return
	}
	c.run(user)
}

func refuseTunnel(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	switch webpubsub.CodeOf(err) {
	case webpubsub.Unauthorized:
		status = http.StatusUnauthorized
	case webpubsub.Unavailable:
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "1")
	}
	http.Error(w, webpubsub.MessageOf(err), status)
}

// authorizeTunnel returns the hub and who the app server says it is. A token counts for
// the hub that its audience names. Errors: BadRequest, Unauthorized.
func (s *Server) authorizeTunnel(r *http.Request) (hub webpubsub.HubName, user string, err error) {
	if err := checkUpgrade(r); err != nil {
		return "", "", err
	}
	if hub, err = webpubsub.ParseHubName(r.URL.Query().Get("hub")); err != nil {
		return "", "", err
	}
	raw := rawToken(r.URL.Query(), r.Header)
	if raw == "" {
		return hub, "", webpubsub.Errorf(webpubsub.Unauthorized, "the access token is missing")
	}
	accept := token.RESTAudience(r.Host, tunnelPath, s.audiences)
	claims, err := token.Verify(raw, s.settings.Settings().Keys, time.Now(), func(aud string) bool {
		return accept(aud) && isForHub(aud, hub)
	})
	return hub, claims.UserID, err
}

// isForHub reports whether an audience is without a hub, or with this one.
func isForHub(aud string, hub webpubsub.HubName) bool {
	u, err := url.Parse(aud)
	if err != nil {
		return false
	}
	named := u.Query().Get("hub")
	return named == "" || strings.EqualFold(named, string(hub))
}

func (c *tunnelConn) run(user string) {
	s := c.server
	c.socket.Start()
	err := c.peer.Send(c.life, &tunnel.Connected{ConnectionID: c.id, UserID: user})
	if err == nil {
		s.tunnels.add(c)
		s.log.Info("tunnel connected", "hub", c.hub, "conn", c.id, "user", user)
		err = c.peer.Run(c.life)
		s.tunnels.remove(c)
	}
	c.end()
	c.socket.Abort()
	<-c.gone
	s.log.Info("tunnel ended", "hub", c.hub, "conn", c.id, "err", err)
}

var (
	errTunnelFull  = errors.New("the tunnel's outbound queue is full")
	errTunnelEnded = errors.New("the tunnel's connection has ended")
)

// Write queues a frame.
func (c *tunnelConn) Write(_ context.Context, frame []byte) error {
	if c.life.Err() != nil {
		return c.life.Err()
	}
	if !c.socket.Push(websocket.Binary, frame) {
		return errTunnelFull
	}
	return nil
}

// Read returns the next frame.
func (c *tunnelConn) Read(context.Context) ([]byte, error) {
	select {
	case frame := <-c.frames:
		return frame, nil
	case <-c.life.Done():
		return nil, errTunnelEnded
	}
}

// Message implements engine.Handler. It waits for the peer, as only a tunnel may, for it is
// never on an event loop.
func (c *tunnelConn) Message(_ *socket, _ bool, payload []byte) (busy bool) {
	select {
	case c.frames <- payload:
	case <-c.life.Done():
	}
	return false
}

// Busy implements engine.Handler.
func (c *tunnelConn) Busy(*socket) bool { return false }

// Broken implements engine.Handler.
func (c *tunnelConn) Broken(_ *socket, code int) { c.socket.Finish(code, "") }

// Sent implements engine.Handler.
func (c *tunnelConn) Sent(*socket, int) {}

// Closed implements engine.Handler.
func (c *tunnelConn) Closed(*socket, int, string) {
	c.end()
	close(c.gone)
}

// ServeHTTP answers a REST call that came up the tunnel. The tunnel's identity counts, and
// reaches no further than its hub.
func (c *tunnelConn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !c.mayCall(r.URL.Path) {
		http.Error(w, "this tunnel may call /api/hubs/"+string(c.hub)+" only", http.StatusForbidden)
		return
	}
	r.Host = c.host // the URL has a placeholder
	raw, err := token.Mint(c.server.settings.Settings().Keys.Primary, token.MintOptions{
		Audience: "https://" + c.host + r.URL.EscapedPath(), Lifetime: time.Minute,
	}, time.Now())
	if err != nil {
		c.server.log.Error("REST call in tunnel", "hub", c.hub, "err", err)
		http.Error(w, "Internal server error", http.StatusInternalServerError)
		return
	}
	r.Header.Set("Authorization", "Bearer "+raw)
	c.server.rest.ServeHTTP(w, r)
}

// mayCall reports whether path is of the tunnel's hub.
func (c *tunnelConn) mayCall(path string) bool {
	rest, ok := strings.CutPrefix(path, "/api/hubs/")
	name, _, _ := strings.Cut(rest, "/")
	return ok && strings.EqualFold(name, string(c.hub)) && !slices.Contains(strings.Split(path, "/"), "..")
}
