package room

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/easelhq/easel/whiteboard"
)

const (
	// maxMessageBytes is the largest message that several entries are gathered into.
	maxMessageBytes = 512 << 10
	// maxQueuedBytes bounds the entries of a board that wait to be published; beyond it
	// the oldest are dropped, and clients fetch them.
	maxQueuedBytes = 8 << 20
	// publishTimeout bounds one attempt to publish.
	publishTimeout = 10 * time.Second
	// maxAttempts is how often a message is tried, with pauses of firstPause, twice that
	// and so on between.
	maxAttempts = 6
	firstPause  = 100 * time.Millisecond
	// digestEvery is the least time between two digests, and from a change to its digest.
	digestEvery = 10 * time.Second
)

// outbox is what is on its way to the board's group. Owned by the room's loop.
type outbox struct {
	begun   bool
	last    uint64   // seq of the last entry queued, or where the room began
	entries [][]byte // encoded, in order of seq
	bytes   int      // of entries
	sending message  // what the publisher has
	sent    chan error
}

// message is the kind of a message to the group.
type message uint8

const (
	nothing message = iota
	opsMessage
	digestMessage
)

func (o *outbox) begin(seq uint64) { o.begun, o.last = true, seq }

// publishLater queues an entry for the group.
func (r *room) publishLater(e whiteboard.Entry) {
	o := &r.outbox
	text := e.Append(nil)
	o.last = e.Seq
	o.entries = append(o.entries, text)
	o.bytes += len(text)
	for o.bytes > maxQueuedBytes {
		r.log.Warn("publish: queue is full, oldest entry dropped", "board", r.board, "bytes", o.bytes)
		o.take(1)
	}
}

// take removes the first n entries.
func (o *outbox) take(n int) [][]byte {
	taken := o.entries[:n:n]
	o.entries = o.entries[n:]
	for _, e := range taken {
		o.bytes -= len(e)
	}
	return taken
}

// next takes as many entries as fit and returns them as one message.
func (o *outbox) next() json.RawMessage {
	n, size := 0, 0
	for n < len(o.entries) && (n == 0 || size+len(o.entries[n]) < maxMessageBytes-64) {
		size += len(o.entries[n]) + 1
		n++
	}
	m := append(make([]byte, 0, size+64), `{"k":"ops","b":[`...)
	for i, e := range o.take(n) {
		if i > 0 {
			m = append(m, ',')
		}
		m = append(m, e...)
	}
	return append(m, "]}"...)
}

// send hands the next message to the publisher, unless it still has one: entries first,
// and a digest when there is nothing else to do.
func (r *room) send(ctx context.Context) {
	o := &r.outbox
	var m json.RawMessage
	switch {
	case o.sending != nothing:
		return
	case len(o.entries) > 0:
		m, o.sending = o.next(), opsMessage
	case r.digest.due && !r.busy() && r.doc != nil:
		r.digest.due = false
		m, o.sending = r.doc.digest(), digestMessage
	default:
		return
	}
	go func() { o.sent <- r.publishWithin(ctx, m) }()
}

// publishWithin publishes a message, trying again when that fails.
func (r *room) publishWithin(ctx context.Context, m json.RawMessage) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := r.publishOnce(ctx, m)
		if err == nil || attempt == maxAttempts || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
		pause *= 2
	}
}

func (r *room) publishOnce(ctx context.Context, m json.RawMessage) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	return r.publish.Publish(ctx, r.board, m)
}

// afterSend notes the end of a message. Entries that could not be published are lost to the
// group: the next digest tells the clients that they miss something. A digest that could
// not be published is not repeated.
func (r *room) afterSend(err error) {
	if err != nil {
		r.log.Error("publish", "board", r.board, "seq", r.outbox.last, "err", err)
		if r.outbox.sending == opsMessage {
			r.digest.arm()
		}
	}
	r.outbox.sending = nothing
}

// digester says when a digest is due. Owned by the room's loop.
type digester struct {
	timer *time.Timer
	armed bool // the timer runs
	due   bool
}

func newDigester() digester {
	d := digester{timer: time.NewTimer(digestEvery)}
	d.timer.Stop()
	return d
}

// arm has a digest sent once digestEvery has passed.
func (d *digester) arm() {
	if !d.armed {
		d.armed = true
		d.timer.Reset(digestEvery)
	}
}

func (d *digester) fire() { d.armed, d.due = false, true }

// digest returns the message about the durable records: {"k":"dig","q","n","h"}.
func (d *document) digest() json.RawMessage {
	return fmt.Appendf(nil, `{"k":"dig","q":%d,"n":%d,"h":%q}`, d.durable, d.base.Len(), d.base.Digest())
}
