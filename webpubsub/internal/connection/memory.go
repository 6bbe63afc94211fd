package connection

import (
	"slices"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// ackIDs remembers the last [webpubsub.MaxRememberedAckIDs] successful ack ids, in order of
// success. Clients count theirs, so that mostly they are one run.
type ackIDs struct {
	latest ackRun
	older  *[]ackRun // nil for most
}

// ackRun is consecutive ids.
type ackRun struct{ first, count uint64 }

func (r ackRun) has(id uint64) bool { return id-r.first < r.count }

func (a *ackIDs) known(id *uint64) bool {
	switch {
	case id == nil:
		return false
	case a.older == nil || a.latest.has(*id):
		return a.latest.has(*id)
	}
	return slices.ContainsFunc(*a.older, func(r ackRun) bool { return r.has(*id) })
}

func (a *ackIDs) len() uint64 {
	n := a.latest.count
	if a.older != nil {
		for _, r := range *a.older {
			n += r.count
		}
	}
	return n
}

// remember takes an id that is not known.
func (a *ackIDs) remember(id uint64) {
	if a.latest.count > 0 && id-a.latest.first != a.latest.count {
		if a.older == nil {
			a.older = &[]ackRun{}
		}
		*a.older = append(*a.older, a.latest)
		a.latest = ackRun{}
	}
	if a.latest.count == 0 {
		a.latest.first = id
	}
	a.latest.count++
	if a.len() > webpubsub.MaxRememberedAckIDs {
		a.forgetOne()
	}
}

// forgetOne forgets the oldest id.
func (a *ackIDs) forgetOne() {
	oldest := &a.latest
	if a.older != nil {
		oldest = &(*a.older)[0]
	}
	oldest.first++
	if oldest.count--; oldest.count > 0 || a.older == nil {
		return
	}
	if *a.older = slices.Delete(*a.older, 0, 1); len(*a.older) == 0 {
		a.older = nil
	}
}

// replay keeps what a reliable connection has not acknowledged. The zero value is that of a
// connection that got nothing yet.
type replay struct {
	last  uint64 // sequence id given out
	queue []unacked
	bytes int
}

type unacked struct {
	id      uint64
	frame   []byte
	expires time.Time // zero is never
}

// fits reports whether there is room for a frame.
func (r *replay) fits(f Frame, messages, bytes int) bool {
	return len(r.queue) < messages && r.bytes+len(f.Bytes) <= bytes
}

// add keeps a frame, which has the next sequence id.
func (r *replay) add(f Frame, expires time.Time) {
	r.last++
	r.bytes += len(f.Bytes)
	r.queue = append(r.queue, unacked{r.last, f.Bytes, expires})
}

// expiry returns when a message stops waiting; zero is never.
func expiry(now time.Time, ttl time.Duration) time.Time {
	if ttl == 0 {
		return time.Time{}
	}
	return now.Add(ttl)
}

// acknowledge frees everything up to id.
func (r *replay) acknowledge(id uint64) {
	n := 0
	for n < len(r.queue) && r.queue[n].id <= id {
		r.bytes -= len(r.queue[n].frame)
		n++
	}
	r.queue = slices.Delete(r.queue, 0, n)
	if len(r.queue) == 0 && cap(r.queue) > fewUnacked {
		r.queue = nil
	}
}

// fewUnacked is for how many messages a connection keeps room that has acknowledged them all.
const fewUnacked = 16

// live drops what has expired while waiting and returns the rest.
func (r *replay) live(now time.Time) []unacked {
	r.queue = slices.DeleteFunc(r.queue, func(m unacked) bool {
		expired := !m.expires.IsZero() && !now.Before(m.expires)
		if expired {
			r.bytes -= len(m.frame)
		}
		return expired
	})
	return r.queue
}
