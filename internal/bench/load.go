package bench

import (
	"context"
	"fmt"
	"time"
)

// load is all connections of a run, and what they count. It is owned by one goroutine.
type load struct {
	// Fixed.
	driver  driver
	op      opcode // of messages
	net     network
	host    string
	process process
	report  func(string)
	started time.Time

	atOnce  int // handshakes on their way
	conns   []*conn
	pending int // connections that are not ready yet
	ready   int
	now     time.Duration // of the present event, since started
	spoken  time.Duration // when progress was last reported
	err     error         // what has gone wrong first
	scratch []byte        // the frame being sent
	message []byte        // the message in it
	body    []byte        // in the message
	count   uint64        // deliveries
	// arrived is called with each delivery.
	arrived func(c *conn, s stamp)
	window  *window // nil while nothing is measured
}

// window is what a stretch of time has brought.
type window struct {
	from, to      time.Duration
	before, after Usage
	own           time.Duration // CPU time of this process
	deliveries    uint64
	latency       Histogram
	waits         Histogram // of bytes to be read here
	stolen        time.Duration
}

func (w *window) seconds() float64 { return (w.to - w.from).Seconds() }

func (l *load) clock() time.Duration {
	l.now = time.Since(l.started)
	return l.now
}

// fail notes an error. The first one ends the run.
func (l *load) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// load is the sink of its network.

func (l *load) opened(id int) { l.conns[id].opened() }

func (l *load) received(id int, b []byte) int {
	l.clock()
	c := l.conns[id]
	used, err := c.received(b)
	if err != nil {
		l.drop(c, err)
		return len(b)
	}
	return used
}

func (l *load) ended(id int, err error) { l.lost(l.conns[id], err) }

func (l *load) waited(d time.Duration) {
	if w := l.window; w != nil {
		w.waits.Add(d)
	}
}

// drop ends a connection for a reason.
func (l *load) drop(c *conn, err error) {
	l.net.close(c.id)
	l.lost(c, err)
}

func (l *load) lost(c *conn, err error) {
	was := c.stage
	c.stage, c.reason = gone, err
	switch {
	case was == gone:
		return
	case was == ready:
		l.ready--
	default:
		l.pending--
	}
	if !c.expendable {
		l.fail(fmt.Errorf("connection %d (%s): %w", c.id, c.client.user, err))
	}
}

// send sends one frame.
func (l *load) send(c *conn, op opcode, payload []byte) {
	l.scratch = appendFrame(l.scratch[:0], op, payload)
	l.net.write(c.id, l.scratch)
}

// publish sends the nth message of a source from c to a group.
func (l *load) publish(c *conn, group string, source, n uint32) {
	stamp{source, n, l.clock()}.put(l.body)
	l.message = l.driver.publish(l.message[:0], group, l.body)
	l.send(c, l.op, l.message)
}

func (l *load) delivered(c *conn, s stamp) {
	if c.expendable {
		c.got++
		return
	}
	if err := c.take(s); err != nil {
		l.fail(fmt.Errorf("connection %d (%s): %w", c.id, c.client.user, err))
		return
	}
	l.count++
	if w := l.window; w != nil {
		w.deliveries++
		w.latency.Add(l.now - s.sent)
	}
	if l.arrived != nil {
		l.arrived(c, s)
	}
}

// until handles what happens until done, which is asked after each turn, or until so much time
// has passed. Tick, called before each turn, returns how long the turn may wait at most.
// It returns whether it was done.
func (l *load) until(ctx context.Context, limit time.Duration, tick func() time.Duration, done func() bool) (bool, error) {
	end := l.clock() + limit
	for !done() {
		wait := min(end-l.clock(), longestTurn)
		if wait <= 0 {
			return false, nil
		}
		if tick != nil {
			wait = min(wait, tick())
		}
		if err := l.net.wait(wait, l); err != nil {
			return false, err
		}
		if l.err == nil {
			l.err = ctx.Err()
		}
		if l.err != nil {
			return false, l.err
		}
	}
	return true, nil
}

// longestTurn bounds how long nobody looks at the context and the progress.
const longestTurn = 100 * time.Millisecond

// say reports progress, unless it has just been reported.
func (l *load) say(format string, args ...any) {
	if l.report != nil && l.now-l.spoken >= 500*time.Millisecond {
		l.spoken = l.now
		l.report(fmt.Sprintf(format, args...))
	}
}

// dial begins a connection.
func (l *load) dial(c *conn) error {
	c.id, c.load, c.began = len(l.conns), l, l.clock()
	if err := l.prepare(c); err != nil {
		return err
	}
	if err := l.net.dial(); err != nil {
		return fmt.Errorf("connection %d: %w", c.id, err)
	}
	l.conns = append(l.conns, c)
	l.pending++
	return nil
}

// prepare makes a connection's token, if that hasn't been done.
func (l *load) prepare(c *conn) (err error) {
	if c.requests == nil && c.want.path == "" {
		c.want, err = l.driver.request(&c.client)
	}
	return err
}

// defaultAtOnce is how many handshakes are on their way at a time.
const defaultAtOnce = 128

// connect opens connections and waits until all are ready.
func (l *load) connect(ctx context.Context, conns ...*conn) error {
	next, started := 0, l.ready
	all := func() bool { return next == len(conns) && l.pending == 0 }
	ok, err := l.until(ctx, connectLimit, func() time.Duration {
		for ; next < len(conns) && l.pending < l.atOnce; next++ {
			if err := l.dial(conns[next]); err != nil {
				l.fail(err)
				return 0
			}
		}
		l.say("connecting: %d of %d", l.ready-started, len(conns))
		return longestTurn
	}, all)
	if err == nil && !ok {
		err = fmt.Errorf("of %d connections only %d are ready after %v", len(conns), l.ready-started, connectLimit)
	}
	return err
}

// connectLimit bounds how long all handshakes of a run may take.
const connectLimit = 2 * time.Minute

// warmUpAndMeasure is measure after what happens while the server warms up.
func (l *load) warmUpAndMeasure(ctx context.Context, o Options, tick func() time.Duration) (*window, error) {
	if err := l.pause(ctx, o.Warmup, tick); err != nil {
		return nil, err
	}
	return l.measure(ctx, o.Duration, tick)
}

// measure handles what happens for so long, and returns what that brought.
func (l *load) measure(ctx context.Context, length time.Duration, tick func() time.Duration) (*window, error) {
	w, err := l.open()
	if err != nil {
		return nil, err
	}
	l.window = w
	_, err = l.until(ctx, length, tick, func() bool { return false })
	l.window = nil
	if err != nil {
		return nil, err
	}
	return w, l.end(w)
}

// open begins a window, and end ends it.
func (l *load) open() (w *window, err error) {
	w = &window{from: l.clock(), own: ownTime(), stolen: stolenTime()}
	w.before, err = l.process.usage()
	return w, err
}

func (l *load) end(w *window) (err error) {
	w.to, w.own, w.stolen = l.clock(), ownTime()-w.own, stolenTime()-w.stolen
	w.after, err = l.process.usage()
	return err
}

// pause handles what happens for so long, and measures nothing.
func (l *load) pause(ctx context.Context, length time.Duration, tick func() time.Duration) error {
	_, err := l.until(ctx, length, tick, func() bool { return false })
	return err
}

// drain waits until as many deliveries have come as there must be, and a moment longer, in
// which none must come.
func (l *load) drain(ctx context.Context, want uint64) error {
	ok, err := l.until(ctx, drainLimit, func() time.Duration {
		l.say("waiting for the last messages: %d of %d", l.count, want)
		return longestTurn
	}, func() bool { return l.count >= want })
	if err == nil && !ok {
		err = fmt.Errorf("%d of %d messages have not arrived within %v", want-l.count, want, drainLimit)
	}
	if err == nil {
		err = l.pause(ctx, 2*longestTurn, nil)
	}
	if err == nil && l.count != want {
		err = fmt.Errorf("%d messages have arrived; %d should have", l.count, want)
	}
	return err
}

// drainLimit bounds how long what has been sent may take to arrive.
const drainLimit = 30 * time.Second
