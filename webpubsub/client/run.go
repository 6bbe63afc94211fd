package client

import (
	"context"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// run keeps the connection up until the client is closed or gives up.
func (c *Client) run(l *link) {
	defer close(c.done)
	var cause error
	dropped := time.Now()
	for l != nil {
		cause = c.serve(l)
		if l.alive {
			dropped = time.Now()
		}
		l, cause = c.comeBack(l, cause, dropped)
	}
	c.mu.Lock()
	if c.closing {
		cause = ErrClosed
	}
	connection := c.session.Connection
	if f := c.o.OnDisconnected; f != nil && connection.ID != "" {
		c.post(func() { f(connection, cause) })
	}
	c.stopLocked(cause)
	c.mu.Unlock()
	c.readers.lose(cause)
	c.kill()
	c.work.Wait()
}

// comeBack finds a new socket after one was lost: on the same connection or on a new one.
// Nil is the end, with its cause.
func (c *Client) comeBack(lost *link, cause error, dropped time.Time) (*link, error) {
	if c.isClosing() {
		return nil, cause
	}
	code, _ := closeStatus(cause)
	connection, recoverable := c.recoverable()
	c.log.Info("socket lost", "conn", connection.ID, "code", code, "err", cause)
	if recoverable && code != closePolicyViolation {
		if l := c.recover(lost, dropped); l != nil {
			return l, nil
		}
	}
	if c.isClosing() {
		return nil, cause
	}
	cause = c.lose(cause)
	if c.o.NoReconnect {
		return nil, cause
	}
	return c.reconnect(), cause
}

func (c *Client) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing || c.life.Err() != nil
}

func (c *Client) recoverable() (Connection, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.Connection, c.o.Subprotocol.reliable() && c.session.token != ""
}

// recover takes the connection up again within the window; nil when it cannot. The service
// answers a connection that it does not know any more with a socket that it closes at once,
// so that is noticed later, by its close code.
func (c *Client) recover(lost *link, dropped time.Time) *link {
	ctx, cancel := context.WithDeadline(c.life, dropped.Add(recoveryWindow))
	defer cancel()
	c.mu.Lock()
	to, err := c.session.recoveryURL()
	c.mu.Unlock()
	if err != nil { // it was dialed before
		return nil
	}
	delay := time.Duration(float64(c.o.RetryDelay) * c.o.Jitter * random())
	if !lost.alive {
		delay = c.pause(0, c.o.RetryDelay)
	}
	for sleep(ctx, delay) {
		sock, err := c.dial(ctx, to)
		if err == nil {
			return c.resume(sock)
		}
		c.log.Debug("recovery failed", "conn", c.current().ID, "err", err)
		delay = c.pause(0, c.o.RetryDelay)
	}
	return nil
}

// reconnect opens a new connection, however long it takes; nil when the client is closed.
func (c *Client) reconnect() *link {
	for n := 0; sleep(c.life, c.pause(n, c.o.MaxReconnectDelay)); n++ {
		l, err := c.connect(c.life)
		if err == nil {
			return l
		}
		if c.life.Err() == nil {
			c.log.Warn("reconnection failed", "attempt", n+1, "err", err)
		}
	}
	return nil
}

// sleep waits; false when ctx ends first.
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

func (c *Client) dial(ctx context.Context, to string) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.ConnectTimeout)
	defer cancel()
	return dial(ctx, c.life, to, &c.o)
}

// connect opens a new connection and makes it the client's.
func (c *Client) connect(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.ConnectTimeout)
	defer cancel()
	to, err := c.source(ctx)
	if err != nil {
		return nil, err
	}
	sock, err := dial(ctx, c.life, to, &c.o)
	if err != nil {
		return nil, err
	}
	greeting, err := c.greeting(ctx, sock)
	if err != nil {
		sock.release()
		return nil, err
	}
	return c.begin(sock, to, greeting), nil
}

// greeting reads the first frame of a connection.
func (c *Client) greeting(ctx context.Context, sock *socket) (wire.Response, error) {
	defer context.AfterFunc(ctx, func() { sock.abort(ctx.Err()) })()
	frame, err := sock.read()
	if err != nil {
		return wire.Response{}, &webpubsub.Error{Code: webpubsub.Unavailable, Msg: "the service does not greet", Err: err}
	}
	r, err := wire.DecodeResponse(c.format, frame)
	if err != nil || r.Type != wire.Connected {
		return r, &webpubsub.Error{Code: webpubsub.Unavailable, Msg: "the service does not greet first", Err: err}
	}
	return r, nil
}

// begin starts a new connection: groups are joined again before all else, then comes what
// the old one did not answer.
func (c *Client) begin(sock *socket, to string, greeting wire.Response) *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	again := c.phase == running
	c.session = session{
		Connection: Connection{greeting.ConnectionID, greeting.UserID},
		url:        to, token: greeting.ReconnectionToken,
	}
	c.link = newLink(sock)
	c.link.alive = true
	unanswered := c.unansweredLocked()
	if again {
		c.rejoinLocked()
		c.repeatLocked(unanswered)
	}
	if f := c.o.OnConnected; f != nil {
		connection := c.session.Connection
		c.post(func() { f(connection) })
	}
	c.changed.fire()
	return c.link
}

// resume goes on with the connection on a new socket: what had no answer is sent again.
func (c *Client) resume(sock *socket) *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = newLink(sock)
	c.session.received.resent()
	c.link.ack = c.session.received.owed()
	c.link.signal()
	for _, r := range c.unansweredLocked() {
		c.link.push(r.frame)
	}
	for _, w := range c.writers {
		w.resend(c.link)
	}
	c.changed.fire()
	return c.link
}

// detach takes a lost link out of use.
func (c *Client) detach(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == l {
		c.link = nil
	}
	for id, r := range c.invocations {
		delete(c.invocations, id)
		r.fail(errLost)
	}
	for _, w := range c.writers {
		w.detached()
	}
	c.changed.fire()
}

// lose gives up the connection. It returns cause with what the service said about it.
func (c *Client) lose(cause error) error {
	c.mu.Lock()
	connection := c.session.Connection
	if said := c.session.reason; said != "" {
		cause = &webpubsub.Error{Code: webpubsub.Unavailable, Msg: said, Err: cause}
	}
	c.session = session{}
	for _, w := range c.writers {
		w.failLocked(errLost)
	}
	if c.o.MaxRetries == 0 || c.o.NoReconnect {
		c.failLocked(errLost)
	}
	if f := c.o.OnDisconnected; f != nil {
		c.post(func() { f(connection, cause) })
	}
	c.changed.fire()
	c.mu.Unlock()
	c.readers.lose(errLost)
	c.log.Warn("connection lost", "conn", connection.ID, "err", cause)
	return cause
}
