package upstream

import (
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/listener"
)

// sinks are the open sinks, by endpoint. One is opened by the first event for it, and
// closed when settings no longer name it and another is opened, or at the end.
type sinks struct {
	factories map[string]listener.Factory // fixed

	mu   sync.Mutex
	open map[webpubsub.ListenerEndpoint]*openSink // guarded by mu
}

// openSink is guarded by sinks.mu.
type openSink struct {
	sink    listener.Sink
	users   int
	retired bool // to be closed by the last user
}

func newSinks(factories map[string]listener.Factory, transport http.RoundTripper) *sinks {
	all := map[string]listener.Factory{webpubsub.ListenerHTTP: listener.HTTP(transport)}
	maps.Copy(all, factories)
	return &sinks{factories: all, open: map[webpubsub.ListenerEndpoint]*openSink{}}
}

// acquire returns the sink of an endpoint, to be given back with release.
// Errors: BadRequest when the service was built without its type.
func (s *sinks) acquire(to webpubsub.ListenerEndpoint, now webpubsub.Settings) (sink listener.Sink, release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.open[to]
	if o == nil {
		factory := s.factories[to.Type]
		if factory == nil {
			return nil, nil, webpubsub.Errorf(webpubsub.BadRequest, "this service has no listener endpoints of type %q", to.Type)
		}
		opened, err := factory(to)
		if err != nil {
			return nil, nil, err
		}
		s.retireLocked(now)
		o = &openSink{sink: opened}
		s.open[to] = o
	}
	o.users++
	return o.sink, func() { s.release(o) }, nil
}

// retireLocked closes the sinks that no settings name, as soon as nobody uses them.
func (s *sinks) retireLocked(now webpubsub.Settings) {
	for endpoint, o := range s.open {
		if !named(endpoint, now) {
			delete(s.open, endpoint)
			o.retired = true
			o.closeIfDone()
		}
	}
}

func named(e webpubsub.ListenerEndpoint, now webpubsub.Settings) bool {
	for _, hub := range now.Hubs {
		if slices.ContainsFunc(hub.EventListeners, func(l webpubsub.EventListener) bool { return l.Endpoint == e }) {
			return true
		}
	}
	return false
}

func (s *sinks) release(o *openSink) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.users--
	o.closeIfDone()
}

func (o *openSink) closeIfDone() {
	if o.retired && o.users == 0 {
		_ = o.sink.Close() // nothing more is to be sent
	}
}

// close closes all sinks; nobody uses one any more.
func (s *sinks) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for endpoint, o := range s.open {
		delete(s.open, endpoint)
		o.retired = true
		o.closeIfDone()
	}
}
