package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/engine"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/internal/story"
	"github.com/easelhq/easel/webpubsub/internal/upstream"
	"github.com/easelhq/easel/webpubsub/listener"
)

// Options configure [New].
type Options struct {
	// Settings hold keys and hubs; read at each use, so changes work at once. Required.
	Settings webpubsub.SettingsStore
	// Audiences are further origins that tokens may name, besides the Host of the
	// request: public URLs behind a proxy, such as https://wps.example.net.
	Audiences []string
	// Origin is the host announced to event handlers; empty is that of the first
	// audience, or localhost.
	Origin string
	// CORSOrigins are the origins whose pages may call the REST API from a browser, such
	// as https://app.example.net; * is every one. None by default, for the API is for
	// servers: a page that calls it holds a token with an app server's rights.
	CORSOrigins []string
	// HandlerTransport carries events to handlers; nil is a pool of connections.
	HandlerTransport http.RoundTripper
	// RecoveryWindow is how long a dropped reliable connection waits; 0 is
	// [webpubsub.RecoveryWindow].
	RecoveryWindow time.Duration
	// Stories is how many recent connections, refused ones included, are remembered for
	// easel why; 0 is [DefaultStories], below 0 none are. Memory is bounded to 8 MiB, and
	// what is remembered holds no tokens and no payloads.
	Stories int
	// MaxConnections is how many connections there may be at a time, those included whose
	// clients may still come back. One more is answered with 429. 0 is no limit.
	MaxConnections int
	// MaxUnacknowledged and MaxUnacknowledgedBytes bound the messages that a reliable
	// connection keeps until its client acknowledges them. One more ends it with 1008.
	// 0 is [webpubsub.MaxQueuedMessages] messages and [webpubsub.MaxQueuedBytes] bytes.
	MaxUnacknowledged, MaxUnacknowledgedBytes int
	// MaxQueued and MaxQueuedBytes bound the frames that wait for a slow socket. One more
	// ends the connection with 1008. 0 is as above. A reliable connection's queue always
	// has room for what a recovery sends again.
	MaxQueued, MaxQueuedBytes int
	// Compression agrees to permessage-deflate with clients that offer it. It saves bytes of
	// long messages and costs time for each: a message for many is compressed once for all,
	// but every reliable connection's by itself. No memory is kept for a connection.
	Compression bool
	// JSONAsText sends JSON payloads to protobuf clients as text_data instead of json_data,
	// for clients that were generated from the older published interface.
	JSONAsText bool
	// Sinks open the endpoints of event listeners by their type, besides
	// [webpubsub.ListenerHTTP], which is there always.
	Sinks map[string]listener.Factory
	// Logger receives connections' ends and failures; nil discards.
	Logger *slog.Logger
}

// DefaultStories is how many connections are remembered when nothing is said.
const DefaultStories = story.DefaultStories

// Server is a running service. It serves /client, /api/ and /server/tunnel; safe for
// concurrent use.
type Server struct {
	// Fixed after New.
	settings  webpubsub.SettingsStore
	audiences []string
	log       *slog.Logger
	stories   *story.Recorder
	tally     *tally
	config    connection.Config // what all connections have in common
	maxConns  int               // 0 is no limit
	deflated  *deflated         // nil when messages are not compressed
	engine    *engine.Engine
	outboxes  *outboxes
	short     engine.Limits // of plain connections
	long      engine.Limits // of reliable ones: what a recovery sends again has to fit
	events    *upstream.Dispatcher
	tunnels   *tunnels
	rest      http.Handler
	secret    []byte // signs reconnection tokens; connections don't outlive the process

	life context.Context // of every event; ended by Shutdown
	kill context.CancelFunc

	mu      sync.Mutex
	hubs    map[webpubsub.HubName]*hub // guarded by mu; a hub is here while it has connections
	kinds   map[kind]*kind             // guarded by mu; some of them
	conns   int                        // guarded by mu; admitted and not yet gone
	closing bool                       // guarded by mu

	work sync.WaitGroup // sockets and events under way; grows under mu while not closing
}

// New returns a Server. It listens to nothing by itself; end it with Shutdown.
func New(o Options) (*Server, error) {
	if o.Settings == nil {
		return nil, errors.New("server: Options.Settings is missing")
	}
	if err := rest.CheckCORSOrigins(o.CORSOrigins); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if least := min(o.MaxConnections, o.MaxUnacknowledged, o.MaxUnacknowledgedBytes, o.MaxQueued, o.MaxQueuedBytes, int(o.RecoveryWindow)); least < 0 {
		return nil, fmt.Errorf("server: Options has a negative limit, %d; 0 is the default", least)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Origin == "" && len(o.Audiences) > 0 {
		o.Origin = o.Audiences[0]
	}
	s := &Server{
		settings:  o.Settings,
		audiences: o.Audiences,
		log:       o.Logger,
		stories:   newStories(o.Stories),
		tally:     newTally(),
		maxConns:  o.MaxConnections,
		config: connection.Config{
			JSONAsText: o.JSONAsText, RecoveryWindow: o.RecoveryWindow,
			MaxUnacknowledged: o.MaxUnacknowledged, MaxUnacknowledgedBytes: o.MaxUnacknowledgedBytes,
		},
		engine: engine.New(), outboxes: newOutboxes(),
		secret: make([]byte, 32),
		hubs:   map[webpubsub.HubName]*hub{},
		kinds:  map[kind]*kind{},
	}
	s.short, s.long = limits(
		engine.Limits{Messages: cmp.Or(o.MaxQueued, webpubsub.MaxQueuedMessages), Bytes: cmp.Or(o.MaxQueuedBytes, webpubsub.MaxQueuedBytes)},
		engine.Limits{Messages: cmp.Or(o.MaxUnacknowledged, webpubsub.MaxQueuedMessages), Bytes: cmp.Or(o.MaxUnacknowledgedBytes, webpubsub.MaxQueuedBytes)},
	)
	s.tunnels = newTunnels(s.short)
	rand.Read(s.secret)
	if o.Compression {
		s.deflated = &deflated{}
	}
	s.life, s.kill = context.WithCancel(context.Background())
	s.events = upstream.New(upstream.Options{
		Settings: o.Settings, Transport: o.HandlerTransport, Origin: o.Origin,
		Tunnels: s.tunnels, Sinks: o.Sinks, Stories: s.stories, Logger: o.Logger, Observe: s.tally.handled,
	})
	s.rest = rest.New(s, rest.Options{
		Settings: o.Settings, Audiences: o.Audiences, CORSOrigins: o.CORSOrigins, Logger: o.Logger,
		Validate: s.events.Validate, Advice: upstream.Advice, Restart: s.restart, Connections: s.count, Stories: s.stories,
	})
	return s, nil
}

// ServeHTTP serves the client endpoint, the REST API and tunnels; anything else is 404.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/api/"):
		s.rest.ServeHTTP(w, r)
	case isClientPath(path):
		s.serveClient(w, r)
	case path == tunnelPath:
		s.serveTunnel(w, r)
	default:
		http.NotFound(w, r)
	}
}

// ListenerStats returns what became of copies of events for listeners since the start.
func (s *Server) ListenerStats() listener.Stats { return s.events.ListenerStats() }

// Shutdown refuses new connections, closes the present ones with 1001, and waits for them
// and for the events they raise, which are no longer tried again when they fail. When ctx
// ends first it cuts everything off and returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.events.StopRetrying()
	s.restart()
	idle := make(chan struct{})
	go func() {
		s.work.Wait()
		close(idle)
	}()
	var err error
	select {
	case <-idle:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.kill()
	s.engine.Close()
	closed := s.events.Close(ctx)
	s.tunnels.close(ctx)
	<-idle
	return errors.Join(err, closed)
}

// restart closes all present connections with 1001; clients come back.
func (s *Server) restart() {
	for _, c := range s.all() {
		c.act((*connState).Shutdown)
	}
}

// count is the number of connections over all hubs.
func (s *Server) count() int { return len(s.all()) }

func (s *Server) all() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*conn
	for _, h := range s.hubs {
		all = append(all, h.all()...)
	}
	return all
}

// begin counts a piece of work, which then has to call s.work.Done; false when closing.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.work.Add(1)
	}
	return !s.closing
}

// hub returns a hub that has connections; else nil.
func (s *Server) hub(name webpubsub.HubName) *hub {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hubs[name]
}

// enter makes a connection visible, in the groups it starts with, and tells its handler;
// false when closing.
func (s *Server) enter(c *conn, groups []webpubsub.GroupName) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	h := s.hubs[c.hubName]
	if h == nil {
		h = newHub()
		s.hubs[c.hubName] = h
	}
	c.hub = h
	s.events.Connected(c.source(1)) // nobody finds the hub, to look, before it has the connection
	h.add(c, groups)
	s.tally.opened(c)
	return true
}

// leave removes a connection from everything.
func (s *Server) leave(c *conn) {
	catchUp(s.remove(c))
}

func (s *Server) remove(c *conn) (behind []*conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns--
	left, behind := c.hub.remove(c)
	s.tally.ended(c)
	if left == 0 && s.hubs[c.hubName] == c.hub {
		delete(s.hubs, c.hubName)
	}
	return behind
}

// maxKinds is how many kinds of connections are shared. Clients choose hubs and spellings.
const maxKinds = 64

func (s *Server) kindOf(hub webpubsub.HubName, subprotocol string) *kind {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := kind{s, hub, subprotocol}
	k := s.kinds[of]
	if k == nil {
		if len(s.kinds) >= maxKinds {
			clear(s.kinds)
		}
		k = &of
		s.kinds[of] = k
	}
	return k
}

// admit takes a place for a connection; false when there is none left.
func (s *Server) admit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.maxConns > 0 && s.conns >= s.maxConns {
		return false
	}
	s.conns++
	return true
}

// giveUp gives the place of a connection back that did not come about.
func (s *Server) giveUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns--
}
