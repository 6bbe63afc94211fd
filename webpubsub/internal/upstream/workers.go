package upstream

import (
	"slices"
	"sync"
)

// maxIdle is how many goroutines wait for more to do. Each has a stack that has grown to what
// an event takes, which to grow anew costs as much as the event.
const maxIdle = 32

// workers call functions in the background. Each may wait as long as it likes, and keeps no
// other from beginning; still, of many that come at once those that don't wait are called by
// a few goroutines: whoever takes one first sees to it that another goroutine looks for the
// next, and by the time that one runs there may be nothing left to take.
//
// What waits is bounded by whoever calls Go: a connection has one event at a time. The zero
// value is ready for use.
type workers struct {
	done sync.WaitGroup

	mu     sync.Mutex
	more   sync.Cond // with mu; the idle wait for it
	queue  []func()  // guarded by mu; from head on
	head   int       // guarded by mu
	coming bool      // guarded by mu; a goroutine is about to look at the queue
	idle   int       // guarded by mu
	ended  bool      // guarded by mu
}

// Go calls f in a goroutine, which Close waits for.
func (d *Dispatcher) Go(f func()) { d.workers.do(f) }

func (w *workers) do(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, f)
	w.callLocked()
}

// callLocked calls for a goroutine when there is something to do and none is coming.
func (w *workers) callLocked() {
	if w.coming || w.head == len(w.queue) {
		return
	}
	w.coming = true
	if w.idle == 0 {
		w.done.Go(w.work)
		return
	}
	w.idle--
	w.more.Signal()
}

// work does what there is, until enough others are idle.
func (w *workers) work() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.more.L = &w.mu
	for {
		w.coming = false
		for w.head < len(w.queue) {
			f := w.takeLocked()
			w.callLocked()
			w.mu.Unlock()
			f()
			w.mu.Lock()
		}
		if w.ended || w.idle == maxIdle {
			return
		}
		w.idle++
		w.more.Wait()
	}
}

func (w *workers) takeLocked() (f func()) {
	f, w.queue[w.head] = w.queue[w.head], nil
	if w.head++; 2*w.head >= len(w.queue) { // a move for each that is taken, at most
		w.queue, w.head = slices.Delete(w.queue, 0, w.head), 0
	}
	return f
}

// end lets the idle go, and waits until all is done.
func (w *workers) end() {
	w.mu.Lock()
	w.ended = true
	w.idle = 0
	w.more.Broadcast()
	w.mu.Unlock()
	w.done.Wait()
}
