package bench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// whiteboard is the web app of an easel, as a browser sees it. Source: docs/board-protocol.md.
type whiteboard struct {
	base string // no trailing slash
	http *http.Client
}

func newWhiteboard(t Target) (*whiteboard, error) {
	if t.Server != "easel" {
		return nil, errors.New("only an easel has boards")
	}
	u, err := url.Parse(t.App)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not the http or https URL of a whiteboard", t.App)
	}
	w := &whiteboard{strings.TrimRight(t.App, "/"), &http.Client{Timeout: appPatience}}
	if o := t.service(); o != nil {
		w.http.Transport = o.Transport
	}
	return w, nil
}

// appPatience bounds one request to the web app.
const appPatience = 30 * time.Second

// board is one of a whiteboard's boards, by the link for editors.
type board struct{ id, secret string }

func (w *whiteboard) newBoard(ctx context.Context) (board, error) {
	var made struct {
		ID    string
		Links struct{ Edit string }
	}
	err := w.do(ctx, http.MethodPost, "/boards", "", []byte(`{"title":"easel bench"}`), &made)
	_, secret, _ := strings.Cut(made.Links.Edit, "#")
	return board{made.ID, secret}, err
}

// negotiate returns where someone new connects to a board.
func (w *whiteboard) negotiate(ctx context.Context, b board) (path string, err error) {
	var answer struct{ URL string }
	if err := w.do(ctx, http.MethodGet, "/negotiate?board="+b.id, b.secret, nil, &answer); err != nil {
		return "", err
	}
	u, err := url.Parse(answer.URL)
	if err != nil {
		return "", err
	}
	return u.RequestURI(), nil
}

func (w *whiteboard) do(ctx context.Context, method, path, secret string, body []byte, into any) error {
	answer, err := w.send(ctx, method, path, secret, body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxSize))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %.200s", method, path, answer.Status, text)
	}
	return json.Unmarshal(text, into)
}

func (w *whiteboard) send(ctx context.Context, method, path, secret string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, w.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	return w.http.Do(r)
}

// boardClients speaks the protocol of boards: what is published is a commit, and a message
// brings one or more of them back.
type boardClients struct{ easel }

func (d *boardClients) receive(message []byte, s session) error {
	if bytes.Contains(message, []byte(`"k":"rej"`)) {
		return refusal(message)
	}
	commits := 0
	for rest := message; ; commits++ {
		i := bytes.IndexByte(rest, '@')
		st, ok := stamp{}, false
		if i >= 0 {
			st, ok = findStamp(rest[i:])
		}
		if !ok {
			break
		}
		s.delivered(st)
		rest = rest[i+1+stampSize:]
	}
	switch {
	case commits > 0:
	case bytes.Contains(message, []byte(`"event":"connected"`)):
		s.connected()
	case bytes.Contains(message, []byte(`"k":"ops"`)): // the board's title
	case bytes.Contains(message, []byte(`"k":"here"`)), bytes.Contains(message, []byte(`"k":"dig"`)):
	default:
		return refusal(message)
	}
	return nil
}

// author writes the commits of one client: each adds a stroke, as a pen makes them.
type author struct {
	actor string
	n     uint32 // commits written
	last  int64  // the last stamp's time: milliseconds and a counter
}

// strokePoints is the length of a usual stroke.
const strokePoints = 60

// strokeText is its points. Source: docs/board-protocol.md, points.
var strokeText = func() string {
	b := []byte{0}
	for i := range int64(strokePoints) {
		b = binary.AppendVarint(binary.AppendVarint(b, 20), i%9-4)
	}
	return base64.StdEncoding.EncodeToString(b)
}()

// op appends an op that adds a stroke with a stamp in it.
func (a *author) op(b []byte, s stamp, nth int) []byte {
	a.last = max(time.Now().UnixMilli()*stampsPerMilli, a.last+1)
	body := newBody(MinSize)
	s.put(body)
	b = fmt.Appendf(b, `["%s","s%s%dn%d",{"kind":"draw","at":[%d,%d],"z":"a1b2","color":"indigo","width":4,"p0":"%s","meta":{"bench":%s}}]`,
		base36(a.last, 12), a.actor, a.n, nth, a.n%1000*40, a.n/1000*40, strokeText, body)
	return b
}

// stampsPerMilli is how many stamps an actor has for a millisecond: three digits of base 36.
const stampsPerMilli = 36 * 36 * 36

func base36(v int64, digits int) string {
	s := strconv.FormatInt(v, 36)
	return strings.Repeat("0", max(0, digits-len(s))) + s
}

// batch appends a commit of so many strokes.
func (a *author) batch(b []byte, s stamp, strokes int) []byte {
	a.n++
	b = fmt.Appendf(b, `{"type":"event","event":"ops","dataType":"json","data":{"c":%q,"n":%d,"ops":[`, a.actor, a.n)
	for i := range strokes {
		if i > 0 {
			b = append(b, ',')
		}
		b = a.op(b, s, i)
	}
	return append(b, "]}}"...)
}

// newActor returns a name that no other run uses.
func newActor(i int) string { return fmt.Sprintf("b%08x%06x", rand.Uint32(), i) }

// Commits is people who draw on boards: each commits a stroke, waits until it is back, durable
// and in order, and commits the next. The boards stay.
type Commits struct{ Boards, Writers int }

func (w Commits) name() string { return "commits" }

func (w Commits) check() error {
	return cmp.Or(inRange("boards", w.Boards, 1, maxConnections), inRange("writers", w.Writers, 1, maxConnections))
}

func (w Commits) run(ctx context.Context, l *load, t Target, o Options) (*Result, error) {
	d, conns, err := w.connect(ctx, l, t)
	if err != nil {
		return nil, err
	}
	l.driver = d
	if err := l.connect(ctx, conns...); err != nil {
		return nil, err
	}
	authors := make([]author, len(conns))
	expected, stop := uint64(0), false
	draw := func(c *conn, i int) {
		a := &authors[i]
		l.message = a.batch(l.message[:0], stamp{uint32(i), a.n, l.clock()}, 1)
		l.send(c, l.op, l.message)
		expected += uint64(len(c.next))
	}
	own := &Histogram{}
	l.arrived = func(c *conn, s stamp) {
		if c != conns[s.source] { // somebody else's
			return
		}
		if l.window != nil {
			own.Add(l.now - s.sent)
		}
		if !stop {
			draw(c, int(s.source))
		}
	}
	for i, c := range conns {
		authors[i].actor = newActor(i)
		draw(c, i)
	}
	tick := func() time.Duration {
		l.say("%d deliveries of commits", l.count)
		return longestTurn
	}
	window, err := l.warmUpAndMeasure(ctx, o, tick)
	if err != nil {
		return nil, err
	}
	stop = true
	if err := l.drain(ctx, expected); err != nil {
		return nil, err
	}
	r := (&Result{Unit: "commits", Latency: latencyOf(own)}).over(window, own.Count())
	r.Parameters = map[string]float64{"boards": float64(w.Boards), "writers": float64(w.Writers)}
	return r, nil
}

// connect makes the boards, and lets the writers in: as many on each board as can be.
func (w Commits) connect(ctx context.Context, l *load, t Target) (driver, []*conn, error) {
	app, err := newWhiteboard(t)
	if err != nil {
		return nil, nil, err
	}
	boards := make([]board, min(w.Boards, w.Writers))
	for i := range boards {
		if boards[i], err = app.newBoard(ctx); err != nil {
			return nil, nil, err
		}
	}
	conns := make([]*conn, w.Writers)
	for i := range conns {
		at := i * len(boards) / w.Writers
		first := (at*w.Writers + len(boards) - 1) / len(boards)
		next := ((at+1)*w.Writers + len(boards) - 1) / len(boards)
		conns[i] = &conn{
			client:   client{user: fmt.Sprintf("writer-%d", i)},
			receipts: receipts{first: uint32(first), next: make([]uint32, next-first)},
		}
		path, err := app.negotiate(ctx, boards[at])
		if err != nil {
			return nil, nil, err
		}
		conns[i].want = upgrade{path, jsonSubprotocol}
		l.say("asking for tokens: %d of %d", i, w.Writers)
	}
	return &boardClients{easel{}}, conns, nil
}

// Diagram is a large board that is opened again and again, by one after the other.
type Diagram struct{ Shapes int }

func (w Diagram) name() string { return "diagram" }

func (w Diagram) check() error { return inRange("shapes", w.Shapes, 1, 200_000) }

// strokesAtOnce is how many strokes fit in one commit.
const strokesAtOnce = 150

func (w Diagram) run(ctx context.Context, l *load, t Target, o Options) (*Result, error) {
	app, err := newWhiteboard(t)
	if err != nil {
		return nil, err
	}
	b, err := w.fill(ctx, l, app)
	if err != nil {
		return nil, err
	}
	var first, whole Histogram
	window, err := l.open()
	if err != nil {
		return nil, err
	}
	size, count := int64(0), uint64(0)
	for end := l.clock() + o.Duration; l.clock() < end || count == 0; count++ {
		start := l.clock()
		r, err := app.send(ctx, http.MethodGet, "/diagram?board="+b.id, b.secret, nil)
		if err != nil {
			return nil, err
		}
		first.Add(l.clock() - start)
		n, err := io.Copy(io.Discard, r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("the board was answered with %s, %d bytes: %w", r.Status, n, err)
		}
		whole.Add(l.clock() - start)
		size = n
		l.say("%d times %d bytes", count, n)
	}
	if err := l.end(window); err != nil {
		return nil, err
	}
	r := (&Result{Unit: "loads", Latency: latencyOf(&whole)}).over(window, count)
	r.Parameters = map[string]float64{"shapes": float64(w.Shapes)}
	r.Note = fmt.Sprintf("%d bytes; to the first byte p50 %.2f ms", size, milliseconds(first.Quantile(0.5)))
	return r, nil
}

// fill makes a board of so many strokes.
func (w Diagram) fill(ctx context.Context, l *load, app *whiteboard) (b board, err error) {
	if b, err = app.newBoard(ctx); err != nil {
		return b, err
	}
	path, err := app.negotiate(ctx, b)
	if err != nil {
		return b, err
	}
	c := &conn{client: client{user: "writer"}, want: upgrade{path, jsonSubprotocol}, expendable: true}
	l.driver = &boardClients{easel{}}
	if err := l.connect(ctx, c); err != nil {
		return b, err
	}
	a := author{actor: newActor(0)}
	for left := w.Shapes; left > 0; {
		n := min(left, strokesAtOnce)
		left -= n
		l.message = a.batch(l.message[:0], stamp{seq: a.n, sent: l.clock()}, n)
		l.send(c, l.op, l.message)
		want := uint64(w.Shapes - left)
		ok, err := l.until(ctx, appPatience, nil, func() bool { return c.got >= want || c.stage == gone })
		if err != nil || !ok || c.stage == gone {
			return b, cmp.Or(err, fmt.Errorf("filling a board ended after %d of %d shapes: %w", c.got, w.Shapes, c.reason))
		}
		l.say("filling the board: %d of %d shapes", c.got, w.Shapes)
	}
	return b, nil
}
