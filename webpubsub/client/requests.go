package client

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// request is something that was sent and is not answered yet. Client.mu guards it while it
// is in one of the client's maps.
type request struct {
	ackID   uint64
	frame   []byte
	retries int // how often it may be sent again other than on a recovered connection
	// done, unless nil, is called with mu held when the request has succeeded.
	done   func()
	answer chan answer // holds one
}

type answer struct {
	response wire.Response
	err      error
}

func newRequest(frame []byte, retries int) *request {
	return &request{frame: frame, retries: retries, answer: make(chan answer, 1)}
}

func (r *request) fail(err error) { r.answer <- answer{err: err} }

// succeed passes the service's answer on; an error of the service is r's.
func (r *request) succeed(response wire.Response) {
	a := answer{response: response}
	if !response.Success {
		a.err = serviceError(response.Error)
	}
	if r.done != nil && (a.err == nil || webpubsub.CodeOf(a.err) == webpubsub.Duplicate) {
		r.done()
	}
	r.answer <- a
}

// encode writes a frame that the service will not refuse as malformed, for which it would
// close the connection. Errors: BadRequest, also when the subprotocol has no form for it;
// TooLarge.
func (c *Client) encode(r wire.Request) ([]byte, error) {
	if err := checkData(r.Data); err != nil {
		return nil, err
	}
	frame, err := wire.EncodeRequest(c.format, r)
	if err != nil {
		return nil, err
	}
	if n := len(frame); n > webpubsub.MaxMessageBytes {
		return nil, webpubsub.Errorf(webpubsub.TooLarge, "the message has %d bytes with its envelope; the limit is %d", n, webpubsub.MaxMessageBytes)
	}
	_, err = wire.DecodeRequest(c.format, frame)
	return frame, err
}

// checkData refuses what would change on its way, or the frame around it.
func checkData(d *webpubsub.Data) error {
	switch {
	case d == nil:
		return nil
	case d.Type > webpubsub.Protobuf:
		return webpubsub.Errorf(webpubsub.BadRequest, "data type %d is unknown", d.Type)
	case d.Type == webpubsub.JSON && !(utf8.Valid(d.Bytes) && json.Valid(d.Bytes)):
		return webpubsub.Errorf(webpubsub.BadRequest, "the data is not JSON")
	case d.Type == webpubsub.Text && !utf8.Valid(d.Bytes):
		return webpubsub.Errorf(webpubsub.BadRequest, "the text is not UTF-8")
	case d.Type == webpubsub.Protobuf && !webpubsub.IsAny(d.Bytes):
		return webpubsub.Errorf(webpubsub.BadRequest, "the data is not a google.protobuf.Any")
	}
	return nil
}

// mustEncode is for what every format has a form for.
func (c *Client) mustEncode(r wire.Request) []byte {
	frame, err := wire.EncodeRequest(c.format, r)
	if err != nil {
		panic(fmt.Sprintf("client: request %d has no form: %v", r.Type, err))
	}
	return frame
}

// call sends a request that is acknowledged, again when it may go well the next time. A
// duplicate is a success: the service did it at an earlier attempt.
// done may be nil; see [request].
func (c *Client) call(ctx context.Context, r wire.Request, done func()) error {
	defer c.budget.await()()
	id, err := c.nextAckID(r.AckID)
	if err != nil {
		return err
	}
	r.AckID = &id
	frame, err := c.encode(r)
	if err != nil {
		return err
	}
	q := newRequest(frame, c.o.MaxRetries)
	q.ackID, q.done = id, done
	for {
		_, err := c.exchange(ctx, q, func() error { return c.awaitAck(q) })
		if err == nil || webpubsub.CodeOf(err) == webpubsub.Duplicate {
			return nil
		}
		if ctx.Err() != nil || q.retries == 0 || !mayRepeat(err) || c.isOver() {
			return err
		}
		c.log.Debug("operation failed; trying again", "err", err)
		q.retries--
		if !sleep(ctx, c.pause(0, c.o.RetryDelay)) {
			return ctx.Err()
		}
	}
}

func (c *Client) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing || c.draining || c.phase != running
}

// MinAckID is the least ack id that an app may choose; the client counts its own from 1.
const MinAckID = 1 << 32

func (c *Client) nextAckID(chosen *uint64) (uint64, error) {
	if chosen != nil && *chosen < MinAckID {
		return 0, webpubsub.Errorf(webpubsub.BadRequest, "ack id %d is less than %d", *chosen, uint64(MinAckID))
	}
	if chosen != nil {
		return *chosen, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastID++
	return c.lastID, nil
}

func (c *Client) awaitAck(q *request) error {
	if c.pending[q.ackID] != nil {
		return webpubsub.Errorf(webpubsub.Conflict, "an operation with ack id %d is under way", q.ackID)
	}
	c.pending[q.ackID] = q
	return nil
}

// exchange sends a request and waits for its answer. enter is called with mu held; it
// notes whose answer is awaited.
func (c *Client) exchange(ctx context.Context, q *request, enter func() error) (wire.Response, error) {
	err := c.onLink(ctx, func(l *link) error {
		if err := enter(); err != nil {
			return err
		}
		l.push(q.frame)
		return nil
	})
	if err != nil {
		return wire.Response{}, err
	}
	select {
	case a := <-q.answer:
		return a.response, a.err
	case <-ctx.Done():
		c.forget(q)
		return wire.Response{}, ctx.Err()
	}
}

// onLink waits for a socket with room in its queue, and calls f with mu held.
func (c *Client) onLink(ctx context.Context, f func(*link) error) error {
	for {
		changed, err := c.tryOnLink(f)
		if changed == nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *Client) tryOnLink(f func(*link) error) (changed <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.phase == stopped:
		return nil, c.err
	case c.closing || c.draining:
		return nil, ErrClosed
	case c.phase == idle:
		return nil, errNotStarted
	case c.phase == starting || c.link == nil || c.link.full():
		return c.changed.wait(), nil
	}
	return nil, f(c.link)
}

func (c *Client) forget(q *request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending[q.ackID] == q {
		delete(c.pending, q.ackID)
	}
	c.changed.fire()
}

// acknowledged passes an ack to who waits for it; nobody does when it is repeated.
func (c *Client) acknowledged(r wire.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q := c.pending[r.AckID]; q != nil {
		delete(c.pending, r.AckID)
		q.succeed(r)
	}
	if c.draining {
		c.changed.fire()
	}
}

// unansweredLocked returns the requests without ack, in the order they were made.
func (c *Client) unansweredLocked() []*request {
	return slices.SortedFunc(maps.Values(c.pending), func(a, b *request) int { return cmp.Compare(a.ackID, b.ackID) })
}

// repeatLocked sends requests of a lost connection on a new one, those that may be.
func (c *Client) repeatLocked(old []*request) {
	for _, q := range old {
		if q.retries == 0 {
			delete(c.pending, q.ackID)
			q.fail(errLost)
			continue
		}
		q.retries--
		c.link.push(q.frame)
	}
}

// failLocked fails all requests.
func (c *Client) failLocked(err error) {
	for id, q := range c.pending {
		delete(c.pending, id)
		q.fail(err)
	}
	for id, q := range c.invocations {
		delete(c.invocations, id)
		q.fail(err)
	}
}
