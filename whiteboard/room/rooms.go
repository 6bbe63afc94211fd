package room

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/easelhq/easel/whiteboard"
)

// Defaults of [Options].
const (
	DefaultIdle    = 5 * time.Minute
	DefaultMaxOpen = 1000
)

// errClosed is the error of calls after Close.
var errClosed = errors.New("rooms are closed")

// Options configures [New]; the zero value works.
type Options struct {
	// Now tells the time for entries and for the clock rule; nil is time.Now.
	Now func() time.Time
	// Idle is how long a board stays open without use; 0 is [DefaultIdle].
	Idle time.Duration
	// MaxOpen is how many boards are open at most; the one longest unused makes room for
	// the next. 0 is [DefaultMaxOpen].
	MaxOpen int
	// Logger receives failures of the store and the publisher; nil discards them.
	Logger *slog.Logger
}

// Rooms are the boards that are open. Safe for concurrent use.
type Rooms struct {
	// Fixed after New.
	store   whiteboard.Store
	publish Publisher
	now     func() time.Time
	idle    time.Duration
	maxOpen int
	log     *slog.Logger

	mu     sync.Mutex
	open   map[whiteboard.BoardID]*room // guarded by mu
	uses   uint64                       // guarded by mu; counts calls, to order rooms by last use
	closed bool                         // guarded by mu
}

// New returns Rooms that keep boards in store and publish their entries. The caller closes
// them, before the store.
func New(store whiteboard.Store, publish Publisher, o Options) *Rooms {
	rs := &Rooms{
		store:   store,
		publish: publish,
		now:     o.Now,
		idle:    o.Idle,
		maxOpen: o.MaxOpen,
		log:     o.Logger,
		open:    map[whiteboard.BoardID]*room{},
	}
	if rs.now == nil {
		rs.now = time.Now
	}
	if rs.idle <= 0 {
		rs.idle = DefaultIdle
	}
	if rs.maxOpen <= 0 {
		rs.maxOpen = DefaultMaxOpen
	}
	if rs.log == nil {
		rs.log = slog.New(slog.DiscardHandler)
	}
	return rs
}

// Commit gives a batch, as the client sent it, its place in the board's order and returns
// once it is durable; it is published soon after. A batch that has been committed before
// gets a receipt that says so.
//
//   - Errors: a *[Rejection] to answer the sender with; or ctx's error, when ctx ends
//     first: then the outcome is unknown, and sending again is harmless.
//   - Concurrency: batches of one actor are expected one at a time.
func (rs *Rooms) Commit(ctx context.Context, board whiteboard.BoardID, by Author, raw []byte) (Receipt, error) {
	p := newProposal(by, raw)
	if p.flaw != nil && (!p.batch.Actor.Valid() || by.Role != whiteboard.Editor) {
		return Receipt{}, rs.reject(p.batch.N, 0, p.flaw)
	}
	receipt, err := ask(ctx, rs, board, func(ctx context.Context, r *room, reply func(Receipt, error)) {
		r.commit(ctx, p, reply)
	})
	if errors.Is(err, errClosed) {
		err = rs.reject(p.batch.N, 0, err)
	}
	return receipt, err
}

// Snapshot returns a board's durable records and position. The records are shared and must
// not be changed. Errors: whiteboard.ErrNotFound, the store's, or ctx's.
func (rs *Rooms) Snapshot(ctx context.Context, board whiteboard.BoardID) (whiteboard.Snapshot, error) {
	return ask(ctx, rs, board, func(ctx context.Context, r *room, reply func(whiteboard.Snapshot, error)) {
		if err := r.load(ctx); err != nil {
			reply(whiteboard.Snapshot{}, err)
			return
		}
		reply(r.doc.snapshot(), nil)
	})
}

// Seq returns the position of a board's last durable entry.
// Errors: whiteboard.ErrNotFound, the store's, or ctx's.
func (rs *Rooms) Seq(ctx context.Context, board whiteboard.BoardID) (uint64, error) {
	return ask(ctx, rs, board, func(ctx context.Context, r *room, reply func(uint64, error)) {
		if err := r.load(ctx); err != nil {
			reply(0, err)
			return
		}
		reply(r.doc.durable, nil)
	})
}

// Entries returns at most limit entries after a position, in order; see whiteboard.Store.
func (rs *Rooms) Entries(ctx context.Context, board whiteboard.BoardID, after uint64, limit int) ([]whiteboard.Entry, error) {
	return rs.store.Entries(ctx, board, after, limit)
}

// Close refuses new calls, lets every room finish its commits and publish them, and waits
// for that. When ctx ends first, it cuts them short and returns ctx's error.
func (rs *Rooms) Close(ctx context.Context) error {
	rooms := rs.stopAll()
	var err error
	for _, r := range rooms {
		select {
		case <-r.done:
		case <-ctx.Done():
			err = fmt.Errorf("close rooms: %w", ctx.Err())
			r.abort()
			<-r.done
		}
	}
	return err
}

func (rs *Rooms) stopAll() []*room {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.closed = true
	rooms := make([]*room, 0, len(rs.open))
	for _, r := range rs.open {
		r.stopLocked()
		rooms = append(rooms, r)
	}
	return rooms
}

// ask has the board's loop run do, which must cause one reply, and returns that.
func ask[T any](ctx context.Context, rs *Rooms, board whiteboard.BoardID, do func(ctx context.Context, r *room, reply func(T, error))) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	t := func(ctx context.Context, r *room) {
		do(ctx, r, func(v T, err error) { answers <- answer{v, err} })
	}
	if err := rs.hand(ctx, board, t); err != nil {
		var none T
		return none, err
	}
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// hand gives a task to the board's loop, opening the board when it is not.
func (rs *Rooms) hand(ctx context.Context, board whiteboard.BoardID, t task) error {
	for {
		r, wait, err := rs.find(ctx, board)
		if err != nil {
			return err
		}
		var inbox chan<- task
		if r != nil {
			inbox, wait = r.inbox, r.done
		}
		select {
		case inbox <- t:
			return nil
		case <-wait: // the room ended, or another made way: look again
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// find returns the board's room, opened if there is a place for it; else the end of which
// room to wait for before trying again.
func (rs *Rooms) find(ctx context.Context, board whiteboard.BoardID) (r *room, wait <-chan struct{}, err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.uses++
	if rs.closed {
		return nil, nil, errClosed
	}
	if r := rs.open[board]; r != nil {
		r.used = rs.uses
		if r.stopping {
			return nil, r.done, nil
		}
		return r, nil, nil
	}
	if len(rs.open) >= rs.maxOpen {
		oldest := rs.oldest()
		oldest.stopLocked()
		return nil, oldest.done, nil
	}
	r = rs.start(ctx, board)
	rs.open[board] = r
	return r, nil, nil
}

// oldest returns the room that has been unused for longest. The caller holds mu; at least
// one room is open.
func (rs *Rooms) oldest() *room {
	var oldest *room
	for _, r := range rs.open {
		if oldest == nil || r.used < oldest.used {
			oldest = r
		}
	}
	return oldest
}

// forget takes a room whose loop has ended off the list.
func (rs *Rooms) forget(r *room) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	delete(rs.open, r.board)
}

// reject returns the rejection for a flaw: a whiteboard.Refusal, or a failure that the
// sender may overcome by trying again.
func (rs *Rooms) reject(n, have uint64, flaw error) *Rejection {
	r := &Rejection{N: n, Code: whiteboard.CodeUnavailable, Have: have, Now: rs.now(),
		Message: "the board can't be written at the moment; try again"}
	if refusal, ok := errors.AsType[*whiteboard.Refusal](flaw); ok {
		r.Code, r.Message = refusal.Code, refusal.Message
	}
	if errors.Is(flaw, whiteboard.ErrNotFound) {
		r.Code, r.Message = whiteboard.CodeForbidden, "there is no such board"
	}
	return r
}
