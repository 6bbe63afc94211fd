package room

import (
	"github.com/easelhq/easel/whiteboard"
)

// document is a board's records in two layers: what is durable, and ahead of it what has
// been accepted but not flushed. Owned by the room's loop.
type document struct {
	base     *whiteboard.BoardState
	durable  uint64 // the position of base
	accepted uint64 // the position of the last entry accepted

	ahead map[whiteboard.RecordID]version
	fresh int // how many records of ahead are not in base

	talk *whiteboard.Talk // of what is accepted; nil until somebody comments

	snap *whiteboard.Snapshot // of base; nil when not made yet
}

// version is a record as the entry at seq left it.
type version struct {
	whiteboard.Record
	seq uint64
}

func newDocument(s whiteboard.Snapshot) *document {
	return &document{
		base:     whiteboard.NewBoardState(s.Records),
		durable:  s.Seq,
		accepted: s.Seq,
		ahead:    map[whiteboard.RecordID]version{},
		snap:     &s,
	}
}

// record returns a record as accepted; the zero Record when there is none.
func (d *document) record(id whiteboard.RecordID) whiteboard.Record {
	if v, ok := d.ahead[id]; ok {
		return v.Record
	}
	return d.base.Record(id)
}

// draft checks ops by a user one after the other, each on the records the ones before have
// left, and returns the records that change. The document stays as it is.
// Errors: a whiteboard.Refusal.
func (d *document) draft(ops []whiteboard.Op, by whiteboard.UserID) ([]whiteboard.Record, error) {
	var changed []whiteboard.Record
	place := map[whiteboard.RecordID]int{} // index in changed
	added := 0
	for _, op := range ops {
		before := d.record(op.Record)
		i, again := place[op.Record]
		if again {
			before = changed[i]
		}
		if err := whiteboard.ValidateChange(before, op, by); err != nil {
			return nil, err
		}
		after, differs := whiteboard.Merge(before, op)
		switch {
		case again:
			changed[i] = after
		case differs:
			place[op.Record] = len(changed)
			changed = append(changed, after)
		}
		if before.V == "" {
			added++
		}
	}
	if n := d.base.Len() + d.fresh + added; added > 0 && n > whiteboard.MaxRecords {
		return nil, whiteboard.Refusef(whiteboard.CodeQuota, "the board would have %d records; the limit is %d", n, whiteboard.MaxRecords)
	}
	return changed, d.checkTalk(changed)
}

// checkTalk checks that threads and comments don't become too many by records to be accepted.
func (d *document) checkTalk(changed []whiteboard.Record) error {
	var more whiteboard.Talk
	matters := false
	for _, r := range changed {
		matters = more.Replace(d.record(r.ID), r) || matters
	}
	if !matters {
		return nil
	}
	if d.talk == nil {
		d.talk = d.count()
	}
	return d.talk.Admit(&more)
}

func (d *document) count() *whiteboard.Talk {
	t := &whiteboard.Talk{}
	for _, r := range d.base.Records() {
		t.Replace(whiteboard.Record{}, r)
	}
	for id, v := range d.ahead {
		t.Replace(d.base.Record(id), v.Record)
	}
	return t
}

// accept adds the records of the next entry and returns its seq.
func (d *document) accept(records []whiteboard.Record) uint64 {
	d.accepted++
	for _, r := range records {
		before := d.record(r.ID)
		if before.V == "" {
			d.fresh++
		}
		if d.talk != nil {
			d.talk.Replace(before, r)
		}
		d.ahead[r.ID] = version{r, d.accepted}
	}
	return d.accepted
}

// flushed moves the records of a commit, the next one, to the durable layer.
func (d *document) flushed(c whiteboard.Commit) {
	d.durable, d.snap = c.Entry.Seq, nil
	for _, r := range c.Records {
		if d.base.Record(r.ID).V == "" {
			d.fresh--
		}
		d.base.Put(r)
		if d.ahead[r.ID].seq == d.durable {
			delete(d.ahead, r.ID)
		}
	}
}

// snapshot returns the durable records and their position.
func (d *document) snapshot() whiteboard.Snapshot {
	if d.snap == nil {
		d.snap = &whiteboard.Snapshot{Seq: d.durable, Records: d.base.Records()}
	}
	return *d.snap
}
