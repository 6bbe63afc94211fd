package room

import (
	"context"
	"maps"
	"slices"

	"github.com/easelhq/easel/whiteboard"
)

const (
	// maxPending is how many accepted batches wait for a flush; more wait outside.
	maxPending = 256
	// maxActors is how many actors' progress a room remembers; the store knows the rest.
	maxActors = 4096
)

// proposal is a batch on its way in. Flaw is what is wrong with it on its own.
type proposal struct {
	by    Author
	batch whiteboard.Batch
	flaw  error
}

// newProposal reads and checks a batch as far as that is possible without the board.
func newProposal(by Author, raw []byte) proposal {
	p := proposal{by: by}
	p.batch, p.flaw = whiteboard.DecodeBatch(raw)
	if by.Role != whiteboard.Editor {
		p.flaw = whiteboard.Refusef(whiteboard.CodeForbidden, "role %q may not change the board", by.Role)
	}
	for _, op := range p.batch.Ops {
		if p.flaw == nil {
			p.flaw = whiteboard.Validate(op)
		}
	}
	return p
}

// accepted is a batch that has its place in the order. Replies are sent after the flush:
// the first to the sender, others to senders of copies.
type accepted struct {
	whiteboard.Commit
	replies []func(Receipt, error)
}

// journal is what is on its way to the store. Owned by the room's loop.
type journal struct {
	progress map[whiteboard.ActorID]whiteboard.Progress // pending batches included
	pending  []*accepted
	flushing []*accepted // at the store
	flushed  chan error  // the result of flushing
}

// commit checks a proposal against the board and, if it is good, accepts it.
func (r *room) commit(ctx context.Context, p proposal, reply func(Receipt, error)) {
	b := p.batch
	if err := r.load(ctx); err != nil {
		reply(Receipt{}, r.reject(b.N, 0, err))
		return
	}
	have, err := r.progress(ctx, b.Actor)
	if err != nil {
		reply(Receipt{}, r.reject(b.N, 0, err))
		return
	}
	if err := checkActor(p, have); err != nil {
		reply(Receipt{}, r.reject(b.N, have.N, err))
		return
	}
	if b.N <= have.N {
		r.acknowledge(b.N, have, reply)
		return
	}
	records, err := r.check(p, have)
	if err != nil {
		reply(Receipt{}, r.reject(b.N, have.N, err))
		return
	}
	r.accept(p, records, reply)
}

// checkActor checks what holds for copies of committed batches too.
func checkActor(p proposal, have whiteboard.Progress) error {
	if p.flaw != nil {
		return p.flaw
	}
	if have.N > 0 && have.User != p.by.User {
		return whiteboard.Refusef(whiteboard.CodeForbidden, "actor %s belongs to another user", p.batch.Actor)
	}
	return nil
}

// acknowledge answers a copy of a batch that was accepted before: at once when the actor's
// last batch is durable, else together with it.
func (r *room) acknowledge(n uint64, have whiteboard.Progress, reply func(Receipt, error)) {
	for _, a := range slices.Concat(r.journal.flushing, r.journal.pending) {
		if a.Entry.Seq == have.Seq {
			a.replies = append(a.replies, func(_ Receipt, err error) {
				if err != nil {
					reply(Receipt{}, err)
					return
				}
				reply(Receipt{N: n, Seq: have.Seq, Duplicate: true}, nil)
			})
			return
		}
	}
	reply(Receipt{N: n, Seq: have.Seq, Duplicate: true}, nil)
}

// check checks a new batch against the actor's progress, the clock and the board, and
// returns the records it changes. Errors: a whiteboard.Refusal.
func (r *room) check(p proposal, have whiteboard.Progress) ([]whiteboard.Record, error) {
	if p.batch.N != have.N+1 {
		return nil, whiteboard.Refusef(whiteboard.CodeOrder, "n is %d; the next is %d", p.batch.N, have.N+1)
	}
	last := have.Stamp
	for _, op := range p.batch.Ops {
		if op.Stamp <= last {
			return nil, whiteboard.Refusef(whiteboard.CodeOrder, "stamp %s does not lie after %s", op.Stamp, last)
		}
		last = op.Stamp
	}
	if err := last.CheckTime(r.now()); err != nil {
		return nil, err
	}
	return r.doc.draft(p.batch.Ops, p.by.User)
}

// accept gives a batch its place in the order; it is flushed with the next group.
func (r *room) accept(p proposal, records []whiteboard.Record, reply func(Receipt, error)) {
	b := p.batch
	seq := r.doc.accept(records)
	r.journal.progress[b.Actor] = whiteboard.Progress{N: b.N, Stamp: b.Ops[len(b.Ops)-1].Stamp, Seq: seq, User: p.by.User}
	r.journal.pending = append(r.journal.pending, &accepted{
		Commit: whiteboard.Commit{
			Board:   r.board,
			Entry:   whiteboard.Entry{Seq: seq, User: p.by.User, At: r.now(), Batch: b},
			Records: records,
		},
		replies: []func(Receipt, error){reply},
	})
}

// progress returns how far an actor has got, accepted batches included.
func (r *room) progress(ctx context.Context, a whiteboard.ActorID) (whiteboard.Progress, error) {
	j := &r.journal
	if p, ok := j.progress[a]; ok {
		return p, nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	p, err := r.store.Progress(ctx, r.board, a)
	if err != nil {
		r.log.Error("progress of actor", "board", r.board, "err", err)
		return p, err
	}
	if len(j.progress) >= maxActors {
		maps.DeleteFunc(j.progress, func(_ whiteboard.ActorID, p whiteboard.Progress) bool { return p.Seq <= r.doc.durable })
	}
	if j.progress == nil {
		j.progress = map[whiteboard.ActorID]whiteboard.Progress{}
	}
	j.progress[a] = p
	return p, nil
}

// flush hands the pending batches to the store, unless it still has some.
func (r *room) flush(ctx context.Context) {
	j := &r.journal
	if len(j.flushing) > 0 || len(j.pending) == 0 {
		return
	}
	j.flushing, j.pending = j.pending, nil
	commits := make([]whiteboard.Commit, len(j.flushing))
	for i, a := range j.flushing {
		commits[i] = a.Commit
	}
	go func() {
		ctx, cancel := context.WithTimeout(ctx, storeTimeout)
		defer cancel()
		j.flushed <- r.store.Commit(ctx, commits...)
	}()
}

// afterFlush answers the senders. After a failure the room knows no more what is durable:
// everything accepted is given up, and the next task reads the board anew.
func (r *room) afterFlush(err error) {
	j := &r.journal
	group := j.flushing
	j.flushing = nil
	if err == nil {
		for _, a := range group {
			r.settle(a)
		}
		return
	}
	r.log.Error("journal entries", "board", r.board, "seq", group[0].Entry.Seq, "err", err)
	group = slices.Concat(group, j.pending)
	r.doc, j.pending, j.progress = nil, nil, nil
	for _, a := range group {
		for _, reply := range a.replies {
			reply(Receipt{}, r.reject(a.Entry.N, 0, err))
		}
	}
}

// settle answers the senders of a batch that is durable and queues it for the group.
func (r *room) settle(a *accepted) {
	r.doc.flushed(a.Commit)
	r.publishLater(a.Entry)
	r.digest.arm()
	for _, reply := range a.replies {
		reply(Receipt{N: a.Entry.N, Seq: a.Entry.Seq}, nil)
	}
}
