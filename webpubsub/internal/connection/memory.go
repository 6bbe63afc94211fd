package connection

import (
	"slices"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// ackIDs remembers the last [webpubsub.MaxRememberedAckIDs] successful ack ids, in order of
// success. Clients count theirs, so that mostly they are one run.
type ackIDs []ackRun

// ackRun is consecutive ids.
type ackRun struct{ first, count uint64 }

func (a ackIDs) known(id *uint64) bool {
	if id == nil {
		return false
	}
	for i := range a {
		if *id-a[i].first < a[i].count {
			return true
		}
	}
	return false
}

func (a ackIDs) len() (n uint64) {
	for i := range a {
		n += a[i].count
	}
	return n
}

// remember takes an id that is not known.
func (a *ackIDs) remember(id uint64) {
	runs := *a
	if last := len(runs) - 1; last >= 0 && id-runs[last].first == runs[last].count {
		runs[last].count++
	} else {
		runs = append(runs, ackRun{id, 1})
	}
	if runs.len() > webpubsub.MaxRememberedAckIDs {
		runs[0].first++
		if runs[0].count--; runs[0].count == 0 {
			runs = slices.Delete(runs, 0, 1)
		}
	}
	*a = runs
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
