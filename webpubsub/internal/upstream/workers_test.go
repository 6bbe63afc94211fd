package upstream

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestWorkers_allWaiting_allBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 3 * maxIdle
		var w workers
		var begun atomic.Int32
		release := make(chan struct{})
		for range n {
			w.do(func() { begun.Add(1); <-release })
		}
		synctest.Wait()
		if begun.Load() != n {
			t.Errorf("%d of %d have begun", begun.Load(), n)
		}
		close(release)
		synctest.Wait()
		if w.idle != maxIdle {
			t.Errorf("%d are idle, want %d", w.idle, maxIdle)
		}
		w.end()
	})
}

func TestWorkers_oneWaiting_othersDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w workers
		var done atomic.Int32
		release := make(chan struct{})
		for i := range 100 {
			w.do(func() {
				if i == 50 {
					<-release
				}
				done.Add(1)
			})
		}
		synctest.Wait()
		if done.Load() != 99 {
			t.Errorf("%d are done, want 99", done.Load())
		}
		close(release)
		w.end()
		if done.Load() != 100 {
			t.Errorf("%d are done at the end, want 100", done.Load())
		}
	})
}

func TestWorkers_fromManyGoroutines_eachOnce(t *testing.T) {
	const callers, each = 8, 2000
	var w workers
	var mu sync.Mutex
	began := make([][]int, callers)
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := range each {
				done := make(chan struct{})
				w.do(func() {
					mu.Lock()
					began[c] = append(began[c], i)
					mu.Unlock()
					close(done)
				})
				if i%3 == 0 { // sometimes alone, sometimes many
					<-done
				}
			}
		})
	}
	all.Wait()
	w.end()
	for c, list := range began {
		slices.Sort(list)
		if len(list) != each || list[0] != 0 || list[each-1] != each-1 {
			t.Errorf("caller %d: %d calls, want %d, each once", c, len(list), each)
		}
	}
	if w.idle != 0 || w.head != len(w.queue) {
		t.Errorf("after the end: %d idle, %d waiting", w.idle, len(w.queue)-w.head)
	}
}

func TestWorkers_afterEnd_stillDone(t *testing.T) {
	var w workers
	w.end()
	done := make(chan struct{})
	w.do(func() { close(done) })
	<-done
	w.end()
}
