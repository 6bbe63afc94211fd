package client

import (
	"context"
	"sync"
)

const (
	// maxAheadBytes bounds what is read ahead while somebody waits for something behind it.
	maxAheadBytes = 64 << 20
	// itemOverhead is what an item costs beside its data, in bytes.
	itemOverhead = 256
)

// budget bounds what has been received and not yet taken, in all queues together. The reader
// pauses while it is used up, unless somebody waits for what has not been read yet.
type budget struct {
	// Fixed.
	maxItems, maxBytes int
	wake               chan struct{} // holds one; for the reader

	mu      sync.Mutex
	items   int  // guarded by mu
	bytes   int  // guarded by mu
	waiting int  // guarded by mu; callers who need the reader to go on
	paused  bool // guarded by mu
}

func newBudget(items, bytes int) *budget {
	return &budget{maxItems: items, maxBytes: bytes, wake: make(chan struct{}, 1)}
}

// use adds to what is used, or gives back when negative.
func (b *budget) use(items, bytes int) {
	b.mu.Lock()
	b.items += items
	b.bytes += bytes
	b.mu.Unlock()
	if items <= 0 {
		b.signal()
	}
}

// await says that the caller needs the reader to go on, until it calls done.
func (b *budget) await() (done func()) {
	b.mu.Lock()
	b.waiting++
	b.mu.Unlock()
	b.signal()
	return func() {
		b.mu.Lock()
		b.waiting--
		b.mu.Unlock()
	}
}

func (b *budget) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// room waits until the reader may go on, and reports whether it had to wait at all; ok is
// false when the socket is gone first.
func (b *budget) room(gone <-chan struct{}) (waited, ok bool) {
	for {
		if b.open() {
			return waited, true
		}
		waited = true
		select {
		case <-b.wake:
		case <-gone:
			return waited, false
		}
	}
}

func (b *budget) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	within := b.items < b.maxItems && b.bytes < b.maxBytes
	b.paused = !within && (b.waiting == 0 || b.bytes >= maxAheadBytes)
	return !b.paused
}

func (b *budget) isPaused() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.paused
}

// queue passes items from one reader to any number of takers, in order. The budget bounds
// it; nil is none.
type queue[T any] struct {
	budget *budget
	wake   chan struct{} // holds one; for a taker

	mu    sync.Mutex
	items []item[T] // guarded by mu
	ended error     // guarded by mu; what takers get after the last item
}

type item[T any] struct {
	value T
	bytes int
}

func newQueue[T any](b *budget) *queue[T] {
	return &queue[T]{budget: b, wake: make(chan struct{}, 1)}
}

// push appends an item of that many bytes; after the end it is thrown away.
func (q *queue[T]) push(value T, bytes int) {
	bytes += itemOverhead
	q.mu.Lock()
	if q.ended == nil {
		q.items = append(q.items, item[T]{value, bytes})
		if q.budget != nil {
			q.budget.use(1, bytes)
		}
	}
	q.mu.Unlock()
	q.signal()
}

// end makes takers get err once the queue is empty. The first end counts.
func (q *queue[T]) end(err error) {
	q.mu.Lock()
	if q.ended == nil {
		q.ended = err
	}
	q.mu.Unlock()
	q.signal()
}

// clear throws away what is in the queue.
func (q *queue[T]) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, i := range q.items {
		q.giveBack(i)
	}
	q.items = nil
}

// dropOldest throws away what goes beyond n items and reports whether there was any.
func (q *queue[T]) dropOldest(n int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) <= n {
		return false
	}
	for _, i := range q.items[:len(q.items)-n] {
		q.giveBack(i)
	}
	q.items = append([]item[T](nil), q.items[len(q.items)-n:]...)
	return true
}

func (q *queue[T]) giveBack(i item[T]) {
	if q.budget != nil {
		q.budget.use(-1, -i.bytes)
	}
}

func (q *queue[T]) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take returns the next item; it waits for one until ctx ends.
func (q *queue[T]) take(ctx context.Context) (value T, err error) {
	value, ok, err := q.next()
	if ok || err != nil {
		return value, err
	}
	if q.budget != nil {
		defer q.budget.await()()
	}
	for {
		select {
		case <-q.wake:
		case <-ctx.Done():
			return value, ctx.Err()
		}
		if value, ok, err = q.next(); ok || err != nil {
			return value, err
		}
	}
}

func (q *queue[T]) next() (value T, ok bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		if q.ended != nil {
			q.signal() // for the next taker
		}
		return value, false, q.ended
	}
	first := q.items[0]
	q.items[0] = item[T]{}
	q.items = q.items[1:]
	q.giveBack(first)
	if len(q.items) > 0 || q.ended != nil {
		q.signal()
	}
	return first.value, true, nil
}
