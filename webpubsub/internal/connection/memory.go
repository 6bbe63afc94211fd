package connection

import (
	"slices"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// ackIDs remembers the last [webpubsub.MaxRememberedAckIDs] successful ack ids.
type ackIDs struct {
	set  map[uint64]struct{}
	ring []uint64 // in order of success, from next on when full
	next int
}

func (a *ackIDs) known(id *uint64) bool {
	if id == nil {
		return false
	}
	_, ok := a.set[*id]
	return ok
}

func (a *ackIDs) remember(id uint64) {
	if a.set == nil {
		a.set = map[uint64]struct{}{}
	}
	a.set[id] = struct{}{}
	if len(a.ring) < webpubsub.MaxRememberedAckIDs {
		a.ring = append(a.ring, id)
		return
	}
	delete(a.set, a.ring[a.next])
	a.ring[a.next] = id
	a.next = (a.next + 1) % len(a.ring)
}

// replay keeps what a reliable connection has not acknowledged.
type replay struct {
	last  uint64 // sequence id given out
	queue []unacked
	bytes int
}

type unacked struct {
	id      uint64
	frame   wire.Framed
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
	r.queue = append(r.queue, unacked{r.last, f.Framed, expires})
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
		r.bytes -= len(r.queue[n].frame.Payload())
		n++
	}
	r.queue = slices.Delete(r.queue, 0, n)
}

// live drops what has expired while waiting and returns the rest.
func (r *replay) live(now time.Time) []unacked {
	r.queue = slices.DeleteFunc(r.queue, func(m unacked) bool {
		expired := !m.expires.IsZero() && !now.Before(m.expires)
		if expired {
			r.bytes -= len(m.frame.Payload())
		}
		return expired
	})
	return r.queue
}
