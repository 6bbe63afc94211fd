package bench

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/easelhq/easel/webpubsub/token"
)

// REST is messages that an app server sends over the REST API. To servers that are no easel it
// sends POST /publish/GROUP, with the key in X-API-Key, as those in test/peers understand it; a
// user is a group of one there. A plain web server gets the same requests, and delivers nothing.
// Where clients can ask for an answer to what they publish, a client does that.
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
	app := &appServer{load: l, rest: w, hub: t.Hub, key: t.Secret, targets: make([]sending, w.Targets)}
	if t.Server == "easel" {
		cs, err := token.ParseConnectionString(t.ConnectionString)
		if err != nil {
			return nil, err
		}
		app.access = &cs
	}
	if _, ok := l.driver.(*web); ok {
		w.Members = 0
	}
	app.asking, _ = l.driver.(answering)
	l.body = newBody(w.Size)
	if err := l.connect(ctx, w.receivers(app.access != nil)...); err != nil {
		return nil, err
	}
	for i := range w.AtOnce {
		c := &conn{client: client{user: "app server"}}
		if app.asking == nil {
			c.requests = &caller{}
		}
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
	if w.Members == 0 {
		r.Latency = nil
	}
	r.Answers = latencyOf(latency)
	r.Parameters = map[string]float64{"members": float64(w.Members), "targets": float64(w.Targets), "at once": float64(w.AtOnce), "size": float64(w.Size)}
	return r, nil
}

// receivers are the clients. Where there are no users, each has a group.
func (w REST) receivers(users bool) (conns []*conn) {
	for target := range w.Targets {
		for m := range w.Members {
			c := &conn{
				client:   client{user: fmt.Sprintf("user-%d", target)},
				receipts: receipts{first: uint32(target % w.AtOnce), next: make([]uint32, 1)},
			}
			if w.Groups {
				name := fmt.Sprintf("bench-%d", target)
				c.client = client{user: fmt.Sprintf("user-%d-%d", target, m), roles: inGroup(name), groups: []string{name}}
			} else if !users {
				c.client.groups = []string{c.client.user}
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
	access  *token.ConnectionString // of an easel
	hub     string
	key     string    // of another server
	asking  answering // nil sends requests
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
	group  string // of a server that is no easel
	head   []byte // of the request
}

// lane is one connection that calls.
type lane struct {
	app    *appServer
	conn   *conn
	number int
	target int           // of the next request
	sent   time.Duration // of the one on its way
}

func (n *lane) begin() {
	answered := func() {
		n.app.answered++
		if h := n.app.latency; h != nil {
			h.Add(n.app.load.clock() - n.sent)
		}
		if !n.app.stop {
			n.call()
		}
	}
	if n.conn.answered = answered; n.conn.requests != nil {
		n.conn.requests.answered = answered
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
	n.sent = now
	stamp{uint32(n.number), to.next, now}.put(l.body)
	to.next++
	app.sent++
	if n.target += len(app.lanes); n.target >= len(app.targets) {
		n.target = n.number
	}
	if app.asking != nil {
		l.message = app.asking.publishAsking(l.message[:0], to.group, l.body)
		l.send(n.conn, l.op, l.message)
		return
	}
	l.scratch = append(append(l.scratch[:0], to.head...), l.body...)
	l.net.write(n.conn.id, l.scratch)
}

// sign makes the head of a request, with a token as SDKs make it: for the request's URL, and
// the same within a second.
func (a *appServer) sign(to *sending, target int) error {
	if a.access == nil {
		a.address(to, target)
		return nil
	}
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

// address makes the head of a request to a server that is no easel, once.
func (a *appServer) address(to *sending, target int) {
	if to.head != nil {
		return
	}
	to.group = fmt.Sprintf("user-%d", target)
	if a.rest.Groups {
		to.group = fmt.Sprintf("bench-%d", target)
	}
	to.head = fmt.Appendf(nil, "POST /publish/%s HTTP/1.1\r\nHost: %s\r\nX-API-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		to.group, a.load.host, a.key, len(a.load.body))
}
