package client

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

const (
	// defaultWindow is how many parts of a stream may be under way.
	defaultWindow = 64
	// maxWindowBytes bounds them in bytes.
	maxWindowBytes = 4 << 20
	// keepAlives is how many keep-alives go out in a stream's idle time, so that some may
	// come late.
	keepAlives = 3
	// protocolViolation is what the end of a stream says when the service acknowledges what
	// it cannot have. Source: JavaScript client SDK.
	protocolViolation = "ProtocolViolation"
)

// StreamOptions refine [Client.OpenStream]; nil is none.
type StreamOptions struct {
	// NoEcho keeps the stream from the sender itself, when it is in the group.
	NoEcho bool
	// IdleTimeout is how long the service waits for the next part or a sign of life; then it
	// ends the stream. The client gives signs of life by itself, at most one each second.
	// At least a millisecond; 0 is [webpubsub.DefaultStreamIdle].
	IdleTimeout time.Duration
	// Window is how many parts may be under way; further ones wait. 0 is 64. All parts
	// together also keep to 4 MiB.
	Window int
}

// StreamWriter publishes a stream: one long message in parts. It is safe for concurrent use.
// A stream lives until Close or CloseWithError, or as long as its connection.
type StreamWriter struct {
	// Fixed.
	client *Client
	id     string
	group  webpubsub.GroupName
	o      StreamOptions

	// All of these are guarded by Client.mu.
	window  window
	open    bool // the service has accepted it
	ended   bool // nothing more may be written
	over    bool // closed by the service, or failed
	err     error
	rewind  bool // the service missed a part
	sent    time.Time
	changed broadcast // fires when any of these changes
}

// OpenStream begins a stream to g. It returns when the service has accepted it.
//
//   - Errors: Forbidden without the role webpubsub.sendToGroup for g; BadRequest; Unavailable
//     when the socket is lost in between; ctx.Err().
//   - Source: streaming to a group.
func (c *Client) OpenStream(ctx context.Context, g webpubsub.GroupName, o *StreamOptions) (*StreamWriter, error) {
	w, err := c.openStream(ctx, g, o)
	return w, wrap("open stream to group", g, err)
}

func (c *Client) openStream(ctx context.Context, g webpubsub.GroupName, o *StreamOptions) (*StreamWriter, error) {
	w := &StreamWriter{client: c, id: rand.Text(), group: g, window: newWindow()}
	if o != nil {
		w.o = *o
	}
	orElse(&w.o.IdleTimeout, webpubsub.DefaultStreamIdle)
	orElse(&w.o.Window, defaultWindow)
	if w.o.IdleTimeout < time.Millisecond || w.o.Window < 0 {
		return nil, webpubsub.Errorf(webpubsub.BadRequest, "idle time-out %v or window %d is too small", w.o.IdleTimeout, w.o.Window)
	}
	frame, err := c.encode(wire.Request{Type: wire.StreamStart, Group: g, NoEcho: w.o.NoEcho, StreamID: w.id, StreamIdle: w.o.IdleTimeout})
	if err != nil {
		return nil, err
	}
	defer c.budget.await()()
	err = c.onLink(ctx, func(l *link) error {
		c.writers[w.id] = w
		w.sent = time.Now()
		l.push(frame)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := w.wait(ctx, func() (bool, error) { return w.open, nil }); err != nil {
		w.abandon()
		return nil, err
	}
	return w, nil
}

// wait waits until try says that it is done or failed, the stream fails, or ctx ends. It
// calls try with mu held, while the stream has not failed.
func (w *StreamWriter) wait(ctx context.Context, try func() (done bool, err error)) error {
	for {
		w.client.mu.Lock()
		done, err := false, w.err
		if err == nil {
			done, err = try()
		}
		changed := w.changed.wait()
		w.client.mu.Unlock()
		if err != nil || done {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// abandon gives up a stream that nobody will write to.
func (w *StreamWriter) abandon() {
	c := w.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writers[w.id] != w {
		return
	}
	delete(c.writers, w.id)
	if c.link != nil {
		c.link.push(c.mustEncode(wire.Request{Type: wire.StreamEnd, StreamID: w.id, StreamError: &webpubsub.StreamError{Message: "abandoned"}}))
	}
}

// ID is the stream's name, as subscribers see it.
func (w *StreamWriter) ID() string { return w.id }

// Write sends the next part. It returns when the part is queued, for which it waits while
// too many parts are not acknowledged. Parts of calls that follow one another arrive in
// that order. Once a Write has failed other than by its context, the stream is over.
//
//   - Limits: as in [Client.SendToGroup].
//   - Errors: BadRequest, TooLarge, and the stream goes on; why the service ended the
//     stream; Unavailable when the connection was lost for good; ctx.Err(), and the part is
//     not sent.
func (w *StreamWriter) Write(ctx context.Context, d webpubsub.Data) error {
	defer w.client.budget.await()()
	return wrap("write to stream of group", w.group, w.write(ctx, d))
}

func (w *StreamWriter) write(ctx context.Context, d webpubsub.Data) error {
	// The number is not known yet; the longest one tells whether the part fits.
	if _, err := w.client.encode(wire.Request{Type: wire.StreamData, StreamID: w.id, SequenceID: 1<<64 - 1, Data: &d}); err != nil {
		return err
	}
	return w.wait(ctx, func() (bool, error) {
		switch {
		case w.ended:
			return false, errStreamEnded
		case w.window.full(w.o.Window, maxWindowBytes):
			return false, nil
		}
		w.sendLocked(wire.Request{Type: wire.StreamData, StreamID: w.id, SequenceID: w.window.next(), Data: &d})
		return true, nil
	})
}

// sendLocked adds a frame to the window and sends it, now or when there is a socket again.
func (w *StreamWriter) sendLocked(r wire.Request) {
	frame := w.client.mustEncode(r)
	w.window.add(frame)
	if l := w.client.link; l != nil {
		l.push(frame)
		w.sent = time.Now()
	}
}

// Close ends the stream and waits until the service has published all of it. When ctx ends
// first, the end is still sent. Errors: why the service ended the stream before; Unavailable
// when the connection was lost for good; ctx.Err().
func (w *StreamWriter) Close(ctx context.Context) error {
	return w.finish(ctx, nil)
}

// CloseWithError ends the stream early: subscribers get a [StreamError] with the name
// UserError. The code is the app's own and may be empty. It waits as Close does.
func (w *StreamWriter) CloseWithError(ctx context.Context, code, message string) error {
	return w.finish(ctx, &webpubsub.StreamError{Message: message, UserErrorCode: code})
}

func (w *StreamWriter) finish(ctx context.Context, why *webpubsub.StreamError) error {
	defer w.client.budget.await()()
	r := wire.Request{Type: wire.StreamEnd, StreamID: w.id, StreamError: why}
	if _, err := w.client.encode(r); err != nil {
		return wrap("close stream of group", w.group, err)
	}
	err := w.wait(ctx, func() (bool, error) {
		if !w.ended {
			w.ended = true
			w.sendLocked(r)
			w.changed.fire()
		}
		return w.over, nil
	})
	return wrap("close stream of group", w.group, err)
}

// streamAnswered takes what the service says about a stream of this client.
func (c *Client) streamAnswered(l *link, r wire.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.writers[r.StreamID]
	if w == nil {
		return
	}
	switch r.Type {
	case wire.StreamClosed:
		w.closedLocked(r.Error)
	case wire.StreamNack:
		w.rewind = true
		w.acknowledgedLocked(l, r.ExpectedSequenceID)
	default:
		w.acknowledgedLocked(l, r.ExpectedSequenceID)
	}
	w.changed.fire()
}

func (w *StreamWriter) closedLocked(why *wire.Error) {
	switch {
	case why != nil:
		w.failLocked(serviceError(why))
	case !w.ended:
		w.failLocked(webpubsub.Errorf(webpubsub.Unavailable, "the service closed the stream"))
	default:
		w.over = true
		delete(w.client.writers, w.id)
	}
}

// acknowledgedLocked moves the window. The first acknowledgement accepts the stream.
func (w *StreamWriter) acknowledgedLocked(l *link, expected uint64) {
	if err := w.window.acknowledge(expected); err != nil {
		l.push(w.client.mustEncode(wire.Request{
			Type: wire.StreamEnd, StreamID: w.id,
			StreamError: &webpubsub.StreamError{Message: webpubsub.MessageOf(err), UserErrorCode: protocolViolation},
		}))
		w.failLocked(err)
		return
	}
	w.open = true
}

// failLocked ends the stream without the service.
func (w *StreamWriter) failLocked(err error) {
	w.err, w.ended, w.over, w.window = err, true, true, newWindow()
	delete(w.client.writers, w.id)
	w.changed.fire()
}

// detached is told when the socket is lost: a stream that was not accepted yet cannot be
// told from one that was.
func (w *StreamWriter) detached() {
	if !w.open {
		w.failLocked(errLost)
	}
}

// resend sends again, on a recovered connection or after a nack, what is not acknowledged.
func (w *StreamWriter) resend(l *link) {
	w.rewind = false
	for _, frame := range w.window.frames {
		l.push(frame)
	}
	w.sent = time.Now()
}

// tend sends again what the service missed, no more than once each tick so that a row of
// nacks has one effect, and shows that the writer is still there.
func (w *StreamWriter) tend(l *link, now time.Time) {
	switch {
	case w.rewind && !l.full():
		w.resend(l)
	case w.open && !w.ended && now.Sub(w.sent) >= w.o.IdleTimeout/keepAlives:
		l.push(w.client.mustEncode(wire.Request{Type: wire.StreamData, StreamID: w.id}))
		w.sent = now
	}
}
