package upstream

// maxIdle is how many goroutines wait for the next event. Each has a stack that has grown to what
// an event takes, which to grow anew costs as much as the event.
const maxIdle = 32

// workers are goroutines that have done something and may do more.
type workers struct {
	next chan func()   // unbuffered, never closed: whoever receives is idle
	idle chan struct{} // holds one for each that is idle
}

func newWorkers() workers {
	return workers{next: make(chan func()), idle: make(chan struct{}, maxIdle)}
}

// Go calls f in a goroutine, which Close waits for.
func (d *Dispatcher) Go(f func()) {
	select {
	case d.workers.next <- f:
	default:
		d.workersDone.Go(func() { d.workOn(f) })
	}
}

func (d *Dispatcher) workOn(f func()) {
	for f != nil {
		f()
		f = d.nextWork()
	}
}

// nextWork is nil when enough others are idle, or Close was called.
func (d *Dispatcher) nextWork() (f func()) {
	select {
	case d.workers.idle <- struct{}{}:
	default:
		return nil
	}
	defer func() { <-d.workers.idle }()
	select {
	case f = <-d.workers.next:
	case <-d.open.Done():
	}
	return f
}
