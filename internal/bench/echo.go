package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// Echo is clients whose events a handler answers with what was in them.
type Echo struct {
	Clients  int
	InFlight int // events of each client on their way
	Size     int // bytes of an event
	// Listen is where this process answers the events, as the hub's only event handler until
	// the run is over; empty leaves them to the handler that the hub has. Servers that are no
	// easel are told of it by POST /handler, with the key in X-API-Key, as those in test/peers
	// understand it.
	Listen string
}

func (w Echo) name() string { return "echo" }

func (w Echo) check() error {
	return cmp.Or(
		inRange("connections", w.Clients, 1, maxConnections), inRange("in flight", w.InFlight, 1, maxInFlight),
		inRange("size", w.Size, MinSize, maxSize))
}

func (w Echo) run(ctx context.Context, l *load, t Target, o Options) (r *Result, err error) {
	if l.body = newBody(w.Size); l.driver.event(nil, l.body) == nil {
		return nil, errors.New("servers of this kind have no handlers")
	}
	if w.Listen != "" {
		stop, err := w.handle(ctx, l, t)
		if err != nil {
			return nil, fmt.Errorf("event handler: %w", err)
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	conns := make([]*conn, w.Clients)
	for i := range conns {
		conns[i] = &conn{client: client{user: fmt.Sprintf("client-%d", i)}, receipts: receipts{first: uint32(i), next: make([]uint32, 1)}}
	}
	if err := l.connect(ctx, conns...); err != nil {
		return nil, err
	}
	sent, stop := make([]uint32, w.Clients), false
	ask := func(c *conn) {
		stamp{c.first, sent[c.first], l.clock()}.put(l.body)
		l.message = l.driver.event(l.message[:0], l.body)
		l.send(c, l.op, l.message)
		sent[c.first]++
	}
	l.arrived = func(c *conn, _ stamp) {
		if !stop {
			ask(c)
		}
	}
	for _, c := range conns {
		for range w.InFlight {
			ask(c)
		}
	}
	tick := func() time.Duration {
		l.say("%d events answered", l.count)
		return longestTurn
	}
	window, err := l.warmUpAndMeasure(ctx, o, tick)
	if err != nil {
		return nil, err
	}
	stop = true
	total := uint64(0)
	for _, n := range sent {
		total += uint64(n)
	}
	if err := l.drain(ctx, total); err != nil {
		return nil, err
	}
	r = window.result("events")
	r.Parameters = map[string]float64{"connections": float64(w.Clients), "in flight": float64(w.InFlight), "size": float64(w.Size)}
	return r, nil
}

// handle answers events here, until stop.
func (w Echo) handle(ctx context.Context, l *load, t Target) (stop func() error, err error) {
	listener, err := net.Listen("tcp", w.Listen)
	if err != nil {
		return nil, err
	}
	s := &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: handlerPatience}
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	end := func() error {
		err := s.Close()
		<-served
		return err
	}
	where := "http://" + listener.Addr().String() + "/"
	if t.Server != "easel" {
		err := tellPeer(ctx, l.host, t.Secret, where)
		if err != nil {
			err = errors.Join(err, end())
		}
		return end, err
	}
	restore, err := t.setHandler(ctx, where)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	return func() error {
		// The hub is given back even when the run has been cancelled.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handlerPatience)
		defer cancel()
		return errors.Join(restore(ctx), end())
	}, nil
}

// setHandler makes one handler the hub's only one, until restore.
func (t Target) setHandler(ctx context.Context, where string) (restore func(context.Context) error, err error) {
	settings, err := service.NewSettings(t.ConnectionString, t.service())
	if err != nil {
		return nil, err
	}
	hub := webpubsub.HubName(t.Hub)
	was, err := settings.Hub(ctx, hub)
	missing := webpubsub.CodeOf(err) == webpubsub.NotFound
	if err != nil && !missing {
		return nil, err
	}
	_, _, err = settings.SetHub(ctx, hub, webpubsub.HubProperties{EventHandlers: []webpubsub.EventHandlerResource{
		{URLTemplate: where, UserEventPattern: "*"},
	}})
	return func(ctx context.Context) error {
		if missing {
			return settings.DeleteHub(ctx, hub)
		}
		_, _, err := settings.SetHub(ctx, hub, was.Properties)
		return err
	}, err
}

// tellPeer tells a server that is no easel where its handler is.
func tellPeer(ctx context.Context, host, key, where string) error {
	ctx, cancel := context.WithTimeout(ctx, handlerPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host+"/handler", strings.NewReader(where))
	if err != nil {
		return err
	}
	r.Header.Set("X-API-Key", key)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	a.Body.Close()
	if a.StatusCode/100 != 2 {
		return fmt.Errorf("the server takes none: it answered POST /handler with %s; an empty --listen leaves events to the handler it has", a.Status)
	}
	return nil
}

// handlerPatience bounds what should take no time.
const handlerPatience = 10 * time.Second

// answer is an event handler that returns the event's data.
func answer(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		w.Header().Set("WebHook-Allowed-Origin", "*")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, webpubsub.MaxMessageBytes))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	if _, err := w.Write(body); err != nil {
		return // the service has gone; the run will tell
	}
}
