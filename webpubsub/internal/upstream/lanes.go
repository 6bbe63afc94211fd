package upstream

import (
	"sync"

	"github.com/easelhq/easel/webpubsub"
)

// job is something to be done for a connection in the background.
type job struct {
	conn webpubsub.ConnectionID
	size int // bytes it holds, about
	run  func()
}

// lanes do jobs in the background: those of one lane and one connection in order, others
// at the same time. Each lane has its own workers, which end when nothing is left, so that
// a slow lane does not delay another.
type lanes[K comparable] struct {
	// Fixed.
	maxJobs, maxBytes int // of one lane, waiting or under way
	maxWorkers        int // of one lane
	start             func(func())

	mu    sync.Mutex
	lanes map[K]*lane // guarded by mu; only lanes with workers
}

// lane is guarded by lanes.mu.
type lane struct {
	count, bytes int // waiting or under way
	workers      int
	ready        []job // first in, first out; at most one of a connection
	// later holds, for each connection with one ready or under way, what follows.
	later map[webpubsub.ConnectionID][]job
}

// newLanes returns lanes whose goroutines begin with start.
func newLanes[K comparable](maxJobs, maxBytes, maxWorkers int, start func(func())) *lanes[K] {
	return &lanes[K]{maxJobs: maxJobs, maxBytes: maxBytes, maxWorkers: maxWorkers, start: start, lanes: make(map[K]*lane)}
}

// push queues j; false when the lane is full.
func (q *lanes[K]) push(key K, j job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[key]
	if l == nil {
		l = &lane{later: make(map[webpubsub.ConnectionID][]job)}
		q.lanes[key] = l
	}
	if l.count >= q.maxJobs || l.count > 0 && l.bytes+j.size > q.maxBytes {
		return false
	}
	l.count++
	l.bytes += j.size
	if following, busy := l.later[j.conn]; busy {
		l.later[j.conn] = append(following, j)
		return true
	}
	l.later[j.conn] = nil
	l.ready = append(l.ready, j)
	if l.workers < q.maxWorkers {
		l.workers++
		q.start(func() { q.work(key, l) })
	}
	return true
}

// work does jobs of a lane until none is ready.
func (q *lanes[K]) work(key K, l *lane) {
	for {
		j, ok := q.take(key, l)
		if !ok {
			return
		}
		j.run()
		q.finish(l, j)
	}
}

func (q *lanes[K]) take(key K, l *lane) (job, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(l.ready) == 0 {
		l.workers--
		if l.workers == 0 { // then nothing is under way, and nothing follows it
			delete(q.lanes, key)
		}
		return job{}, false
	}
	j := l.ready[0]
	l.ready[0] = job{} // let go of its memory
	l.ready = l.ready[1:]
	return j, true
}

// finish makes the connection's next job ready; the worker that calls it is about to take
// one, so none is left alone.
func (q *lanes[K]) finish(l *lane, j job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.count--
	l.bytes -= j.size
	following := l.later[j.conn]
	if len(following) == 0 {
		delete(l.later, j.conn)
		return
	}
	l.ready = append(l.ready, following[0])
	l.later[j.conn] = following[1:]
}
