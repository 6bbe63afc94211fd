package upstream

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
	"github.com/easelhq/easel/webpubsub/listener"
)

// Options configure a [Dispatcher].
type Options struct {
	// Settings says which handlers a hub has and which keys sign; read at each event.
	// Required.
	Settings webpubsub.SettingsStore
	// Transport carries the requests; nil is a pool of connections of its own.
	Transport http.RoundTripper
	// Origin is the service's public host, announced without its port to handlers. A
	// whole URL will do. Empty is localhost.
	Origin string
	// Tunnels carry the events of handlers at tunnel:/// URLs; nil is none.
	Tunnels Tunnels
	// Sinks open the endpoints of event listeners by type, besides [webpubsub.ListenerHTTP].
	Sinks map[string]listener.Factory
	// Stories are told of handlers that fail; nil is nobody.
	Stories *story.Recorder
	// Observe is told of every event that was handled, or not: connect, connected,
	// disconnected, user, or presence, and how long that took; nil is nobody.
	Observe func(hub webpubsub.HubName, event string, took time.Duration, err error)
	// Logger hears of handlers that fail, once, and of lost notifications; nil discards.
	Logger *slog.Logger
}

// Dispatcher delivers events. Make one with [New]; end it with [Dispatcher.Close].
type Dispatcher struct {
	// Fixed after New.
	settings  webpubsub.SettingsStore
	transport http.RoundTripper
	targets   targets
	origin    origin
	tunnels   Tunnels
	log       *slog.Logger
	stories   *story.Recorder
	observe   func(hub webpubsub.HubName, event string, took time.Duration, err error)
	problems  story.Problems
	consents  *consents
	notices   *lanes[webpubsub.HubName]
	copies    *lanes[webpubsub.ListenerEndpoint]
	sinks     *sinks
	tokens    bearerTokens
	counts    listenerCounts
	life      context.Context // of everything in the background; ended by Close
	end       context.CancelFunc
	open      context.Context // ended by StopRetrying
	shut      context.CancelFunc

	workers workers

	work sync.WaitGroup // calls and goroutines under way; grows only while one is counted or by begin

	mu     sync.Mutex
	closed bool // guarded by mu
}

// New returns a Dispatcher. It starts nothing until there is an event.
func New(o Options) *Dispatcher {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Transport == nil {
		o.Transport = newTransport()
	}
	if o.Tunnels == nil {
		o.Tunnels = noTunnels{}
	}
	d := &Dispatcher{
		settings:  o.Settings,
		tunnels:   o.Tunnels,
		transport: o.Transport,
		origin:    parseOrigin(o.Origin),
		log:       o.Logger,
		stories:   o.Stories,
		observe:   o.Observe,
	}
	if d.observe == nil {
		d.observe = func(webpubsub.HubName, string, time.Duration, error) {}
	}
	// Background work outlives the calls that cause it, so its context is made here.
	d.life, d.end = context.WithCancel(context.Background())
	d.open, d.shut = context.WithCancel(d.life)
	start := func(f func()) { d.work.Go(f) }
	d.consents = newConsents(d.askConsent, start)
	d.notices = newLanes[webpubsub.HubName](maxNotices, maxNoticeBytes, noticeWorkers, start)
	d.copies = newLanes[webpubsub.ListenerEndpoint](maxCopies, maxCopyBytes, copyWorkers, start)
	d.sinks = newSinks(o.Sinks, d.transport)
	return d
}

// StopRetrying makes the next failure of every event its last, so that nobody waits for
// another attempt. Events are still taken. It is for a service that is about to Close.
func (d *Dispatcher) StopRetrying() { d.shut() }

// Close refuses further events, waits until those accepted are delivered or have failed,
// and returns nil; as for what fails from now on, see StopRetrying. When ctx ends first, it cuts
// them off and returns ctx's error. It may be called more than once.
func (d *Dispatcher) Close(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.StopRetrying()

	idle := make(chan struct{})
	go func() {
		d.work.Wait()
		close(idle)
	}()
	defer (&http.Client{Transport: d.transport}).CloseIdleConnections()
	defer d.sinks.close()
	defer d.workers.end()
	defer d.end()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		d.end()
		<-idle
		return ctx.Err()
	}
}

// begin counts a piece of work, which then has to call d.work.Done; false when closed.
func (d *Dispatcher) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.work.Add(1)
	}
	return !d.closed
}

// within derives the context of one event: it ends after [webpubsub.HandlerTimeout] and
// when Close gives up waiting.
func (d *Dispatcher) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, webpubsub.HandlerTimeout)
	detach := context.AfterFunc(d.life, cancel)
	return ctx, func() { detach(); cancel() }
}

func newTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns = 1024
	t.MaxIdleConnsPerHost = 1024 // most events go to one host
	return t
}

// origin is the service as handlers know it.
type origin struct {
	host     string // announced
	hostPort string // accepted as well
}

func parseOrigin(s string) origin {
	if !strings.Contains(s, "://") {
		s = "//" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" {
		return origin{host: "localhost", hostPort: "localhost"}
	}
	return origin{host: strings.TrimSuffix(u.Host, ":"+u.Port()), hostPort: u.Host}
}

// allows reports whether a WebHook-Allowed-Origin line means us.
func (o origin) allows(line string) bool {
	line = strings.TrimSpace(line)
	return line == "*" || strings.EqualFold(line, o.host) || strings.EqualFold(line, o.hostPort)
}
