package room

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/easelhq/easel/whiteboard"
)

const (
	// storeTimeout bounds one call of the store.
	storeTimeout = 30 * time.Second
	// maxCatchUp is how many entries are published that a failed commit left durable but
	// unpublished.
	maxCatchUp = 256
)

// task is something for a room's loop to do.
type task func(ctx context.Context, r *room)

// room is one open board.
type room struct {
	// Fixed after start.
	*Rooms
	board whiteboard.BoardID
	inbox chan task          // unbuffered, never closed
	stop  chan struct{}      // closed to have the room finish and end
	done  chan struct{}      // closed when the loop has returned
	abort context.CancelFunc // cuts calls of store and publisher short

	stopping bool   // guarded by Rooms.mu: stop is closed
	used     uint64 // guarded by Rooms.mu

	// Owned by the loop.
	doc     *document // nil until loaded, and after a failed flush
	journal journal
	outbox  outbox
	digest  digester
	ending  bool // no more tasks
}

// start starts a board's room. The caller holds mu.
func (rs *Rooms) start(ctx context.Context, board whiteboard.BoardID) *room {
	// A room outlives the call that opens it.
	ctx, abort := context.WithCancel(context.WithoutCancel(ctx))
	r := &room{
		Rooms:   rs,
		board:   board,
		inbox:   make(chan task),
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
		abort:   abort,
		used:    rs.uses,
		journal: journal{flushed: make(chan error, 1)},
		outbox:  outbox{sent: make(chan error, 1)},
		digest:  newDigester(),
	}
	go r.run(ctx)
	return r
}

// stopLocked asks the loop to end. The caller holds Rooms.mu.
func (r *room) stopLocked() {
	if !r.stopping {
		r.stopping = true
		close(r.stop)
	}
}

// run is the room's loop.
func (r *room) run(ctx context.Context) {
	defer close(r.done)
	defer r.forget(r)
	defer r.abort()
	defer r.digest.timer.Stop()
	idle := time.NewTimer(r.idle)
	defer idle.Stop()
	stop := r.stop
	for !r.ending || r.busy() {
		r.flush(ctx)
		r.send(ctx)
		select {
		case t := <-r.admit():
			t(ctx, r)
			idle.Reset(r.idle)
		case err := <-r.journal.flushed:
			r.afterFlush(err)
		case err := <-r.outbox.sent:
			r.afterSend(err)
		case <-r.digest.timer.C:
			r.digest.fire()
		case <-idle.C:
			r.ending = !r.busy() && !r.digest.armed
			idle.Reset(r.idle)
		case <-stop:
			r.ending, stop = true, nil
		}
	}
}

// admit returns the channel to take tasks from; nil while there are enough.
func (r *room) admit() <-chan task {
	if r.ending || len(r.journal.pending) >= maxPending {
		return nil
	}
	return r.inbox
}

// busy reports whether something is to be flushed or published yet.
func (r *room) busy() bool {
	return len(r.journal.pending) > 0 || len(r.journal.flushing) > 0 || len(r.outbox.entries) > 0 ||
		r.outbox.sending != nothing
}

// load reads the board from the store unless it is there already.
// Errors: whiteboard.ErrNotFound, or the store's.
func (r *room) load(ctx context.Context) error {
	if r.doc != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	s, err := r.store.Snapshot(ctx, r.board)
	if errors.Is(err, whiteboard.ErrNotFound) {
		r.ending = true
		return err
	}
	if err != nil {
		r.log.Error("load board", "board", r.board, "err", err)
		return fmt.Errorf("load board %s: %w", r.board, err)
	}
	r.doc = newDocument(s)
	r.catchUp(ctx)
	return nil
}

// catchUp publishes what has become durable although its commit was reported as failed.
func (r *room) catchUp(ctx context.Context) {
	if !r.outbox.begun {
		r.outbox.begin(r.doc.durable)
		return
	}
	if r.doc.durable == r.outbox.last {
		return
	}
	r.digest.arm()
	entries, err := r.store.Entries(ctx, r.board, r.outbox.last, maxCatchUp)
	if err != nil {
		r.log.Warn("entries to publish after a failed commit", "board", r.board, "seq", r.outbox.last, "err", err)
	}
	for _, e := range entries {
		if e.Seq <= r.doc.durable {
			r.publishLater(e)
		}
	}
	r.outbox.last = r.doc.durable
}
