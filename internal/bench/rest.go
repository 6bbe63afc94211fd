package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/easelhq/easel/webpubsub/token"
)

// REST is messages that an app server sends over the REST API.
type REST struct {
	// Groups says that messages go to groups of Members, else to users with one connection.
	Groups bool
	// Targets is how many groups or users there are.
	Targets, Members int
	// AtOnce is how many requests are on their way at a time, each on a connection.
	AtOnce int
	Size   int // bytes of a message
}

func (w REST) name() string {
	if w.Groups {
		return "rest group"
	}
	return "rest user"
}

func (w REST) check() error {
	return cmp.Or(
		inRange("at once", w.AtOnce, 1, maxAtOnce), inRange("targets", w.Targets, w.AtOnce, maxConnections),
		inRange("members", w.Members, 1, maxConnections), inRange("connections", w.Targets*w.Members, 1, maxConnections),
		inRange("size", w.Size, MinSize, maxSize))
}

// run gives each calling connection targets of its own, so that every target gets its messages
// in order.
func (w REST) run(ctx context.Context, l *load, t Target, o Options) (*Result, error) {
	if t.Server != "easel" {
		return nil, errors.New("only an easel has this REST API")
	}
	cs, err := token.ParseConnectionString(t.ConnectionString)
	if err != nil {
		return nil, err
	}
	l.body = newBody(w.Size)
	if err := l.connect(ctx, w.receivers()...); err != nil {
		return nil, err
	}
	app := &appServer{load: l, rest: w, access: cs, hub: t.Hub, targets: make([]sending, w.Targets)}
	for i := range w.AtOnce {
		c := &conn{client: client{user: "app server"}, requests: &caller{}}
		app.lanes = append(app.lanes, &lane{app: app, conn: c, number: i, target: i})
		if err := l.connect(ctx, c); err != nil {
			return nil, err
		}
	}
	for _, calling := range app.lanes {
		calling.begin()
	}
	tick := func() time.Duration {
		l.say("%d requests answered, %d deliveries", app.answered, l.count)
		return longestTurn
	}
	if err := l.pause(ctx, o.Warmup, tick); err != nil {
		return nil, err
	}
	before := app.answered
	app.latency = &Histogram{}
	window, err := l.measure(ctx, o.Duration, tick)
	if err != nil {
		return nil, err
	}
	requests, latency := app.answered-before, app.latency
	app.stop = true
	if ok, err := l.until(ctx, drainLimit, nil, func() bool { return app.answered == app.sent }); err != nil || !ok {
		return nil, cmp.Or(err, fmt.Errorf("%d requests have had no answer within %v", app.sent-app.answered, drainLimit))
	}
	if err := l.drain(ctx, app.sent*uint64(w.Members)); err != nil {
		return nil, err
	}
	r := window.result("requests").over(window, requests)
	r.Answers = latencyOf(latency)
	r.Parameters = map[string]float64{"members": float64(w.Members), "targets": float64(w.Targets), "at once": float64(w.AtOnce), "size": float64(w.Size)}
	return r, nil
}

func (w REST) receivers() (conns []*conn) {
	for target := range w.Targets {
		for m := range w.Members {
			c := &conn{
				client:   client{user: fmt.Sprintf("user-%d", target)},
				receipts: receipts{first: uint32(target % w.AtOnce), next: make([]uint32, 1)},
			}
			if w.Groups {
				name := fmt.Sprintf("bench-%d", target)
				c.client = client{user: fmt.Sprintf("user-%d-%d", target, m), roles: inGroup(name), groups: []string{name}}
			}
			conns = append(conns, c)
		}
	}
	return conns
}

// appServer sends the requests. It is owned by the load's goroutine.
type appServer struct {
	load    *load
	rest    REST
	access  token.ConnectionString
	hub     string
	targets []sending
	lanes   []*lane

	sent, answered uint64
	latency        *Histogram // of answers; nil while nothing is measured
	stop           bool
}

// sending is what is sent to one target.
type sending struct {
	next   uint32
	signed int64  // the second its token was signed
	head   []byte // of the request
}

// lane is one connection that calls.
type lane struct {
	app    *appServer
	conn   *conn
	number int
	target int // of the next request
}

func (n *lane) begin() {
	n.conn.requests.answered = func() {
		n.app.answered++
		if h := n.app.latency; h != nil {
			h.Add(n.app.load.clock() - n.conn.requests.sent)
		}
		if !n.app.stop {
			n.call()
		}
	}
	n.call()
}

// call sends the next request.
func (n *lane) call() {
	app, l := n.app, n.app.load
	to := &app.targets[n.target]
	if err := app.sign(to, n.target); err != nil {
		l.fail(err)
		return
	}
	now := l.clock()
	n.conn.requests.sent = now
	stamp{uint32(n.number), to.next, now}.put(l.body)
	to.next++
	app.sent++
	if n.target += len(app.lanes); n.target >= len(app.targets) {
		n.target = n.number
	}
	l.scratch = append(append(l.scratch[:0], to.head...), l.body...)
	l.net.write(n.conn.id, l.scratch)
}

// sign makes the head of a request, with a token as SDKs make it: for the request's URL, and
// the same within a second.
func (a *appServer) sign(to *sending, target int) error {
	now := a.load.started.Add(a.load.now)
	if to.signed == now.Unix() {
		return nil
	}
	path := fmt.Sprintf("/api/hubs/%s/users/user-%d/:send", url.PathEscape(a.hub), target)
	if a.rest.Groups {
		path = fmt.Sprintf("/api/hubs/%s/groups/bench-%d/:send", url.PathEscape(a.hub), target)
	}
	raw, err := token.Mint(a.access.AccessKey, token.MintOptions{Audience: a.access.Endpoint + path, Lifetime: time.Minute}, now)
	if err != nil {
		return err
	}
	to.signed = now.Unix()
	to.head = fmt.Appendf(to.head[:0], "POST %s?api-version=2024-12-01 HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		path, a.load.host, raw, len(a.load.body))
	return nil
}
