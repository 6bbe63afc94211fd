package engine

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	// drainTime is how long a loop goes on reading before it writes, while there is so much to
	// do that more comes in meanwhile.
	drainTime = 3 * time.Millisecond
	// readRounds is how many buffers are read from one connection before others have their turn.
	readRounds = 4
	// writeRounds is how many batches are written to one connection likewise.
	writeRounds = 4
	// flushesAtOnce is how many connections are written to before the input is looked at again.
	flushesAtOnce = 64
	// eventsAtOnce is how many ready connections one system call tells of.
	eventsAtOnce = 256
	// manyReady is from how many connections to write to on a loop drains its input first.
	manyReady = 64
	// maxSpares and maxSpareFrames bound the memory for queues that a loop keeps.
	maxSpares, maxSpareFrames = 4096, 64
)

// loop serves its members by one goroutine and one epoll instance.
type loop struct {
	// Fixed.
	engine *Engine
	epoll  int
	event  int             // eventfd; written to when the loop sleeps
	file   *os.File        // of epoll, in the runtime's own poller
	raw    syscall.RawConn // of file

	count atomic.Int32 // of members and guests, for others to choose by
	meter meter

	// Owned by the loop's goroutine.
	members []*member // by slot
	free    []int32   // slots
	gen     uint32    // of the latest member
	timers  timers
	now     int64 // engine time of this turn
	armed   int64 // what file's deadline is; 0 is none
	events  [eventsAtOnce]syscall.EpollEvent
	seen    int // of events
	in      [batchBytes]byte
	out     [batchBytes]byte
	last    lastBatch
	working []*member // being written to
	freed   [][]frame // to be spares
	more    []*member // that have more to read
	ports   []*port
	outbox  Outbox
	owing   bool // something has been put off
	ended   bool

	mu     sync.Mutex
	asleep bool      // guarded by mu; the loop waits, and has to be woken
	ready  []*member // guarded by mu; to be written to
	goOn   []*member // guarded by mu; to be read from, after a start or a pause
	posts  []func()  // guarded by mu; to be called on the loop
	spares [][]frame // guarded by mu
}

// newLoop starts a loop.
func newLoop(e *Engine) (*loop, error) {
	l := &loop{engine: e}
	var err error
	if l.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("event loop: %w", err)
	}
	syscall.SetNonblock(l.epoll, true)
	l.file = os.NewFile(uintptr(l.epoll), "epoll")
	if l.raw, err = l.file.SyscallConn(); err == nil {
		err = l.file.SetReadDeadline(time.Time{}) // only what the runtime can wait for takes one
	}
	if err != nil {
		l.file.Close()
		return nil, fmt.Errorf("event loop: %w", err)
	}
	event, _, errno := syscall.RawSyscall(syscall.SYS_EVENTFD2, 0, syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if errno != 0 {
		l.file.Close()
		return nil, fmt.Errorf("event loop: %w", errno)
	}
	l.event = int(event)
	if err := l.watch(l.event, slotEvent, 0, syscall.EPOLLIN|epollET); err != nil {
		syscall.Close(l.event)
		l.file.Close()
		return nil, err
	}
	return l, nil
}

// What the kernel tells of that is no member.
const (
	slotEvent = -1
	slotPort  = -2 // and below: -2-i is ports[i]
)

const epollET = 1 << 31

func (l *loop) watch(fd int, slot int32, gen uint32, events uint32) error {
	err := syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: events, Fd: slot, Pad: int32(gen)})
	if err != nil {
		return fmt.Errorf("event loop: %w", err)
	}
	return nil
}

// wakeLocked wakes the loop when it sleeps. The caller holds mu.
func (l *loop) wakeLocked() {
	if l.asleep {
		l.asleep = false
		rawNotify(l.event)
	}
}

func (l *loop) measured() *meter { return &l.meter }

// post has f called on the loop.
func (l *loop) post(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts = append(l.posts, f)
	l.wakeLocked()
}

// discard gives everything back.
func (l *loop) discard() {
	l.file.Close()
	syscall.Close(l.event)
}

// run turns until there is nothing left to serve.
func (l *loop) run() {
	defer l.discard()
	for !l.ended {
		l.wait()
		l.turn()
	}
}

// wait waits until there is something to do. The goroutine sleeps in the runtime's poller,
// which watches the epoll instance, so that other goroutines may have the processor. What
// has become ready is in events then.
func (l *loop) wait() {
	if next := l.timers.next(); next != l.armed {
		l.armed = next
		at := time.Time{}
		if next != 0 {
			at = l.engine.start.Add(time.Duration(next))
		}
		l.file.SetReadDeadline(at)
	}
	err := l.raw.Read(func(uintptr) bool { return l.poll() || l.hasWork() })
	if err != nil {
		l.armed = -1 // the deadline is over, and has to be set again
	}
	l.mu.Lock()
	l.asleep = false
	l.mu.Unlock()
}

// poll asks what is ready, without waiting.
func (l *loop) poll() bool {
	l.seen = rawEpoll(l.epoll, l.events[:])
	return l.seen > 0
}

// hasWork reports whether others have left something to do, and else falls asleep.
func (l *loop) hasWork() bool {
	if len(l.more) > 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	work := len(l.ready)+len(l.goOn)+len(l.posts) > 0
	l.asleep = !work
	return work
}

// turn reads what has come, has it handled, and writes what follows from it.
func (l *loop) turn() {
	l.now = l.engine.now()
	began, long := l.now, false
	for {
		l.read()
		if long = l.crowded(); !long || l.engine.now()-began > int64(drainTime) || !l.poll() {
			break
		}
	}
	l.seen = 0
	for now := l.engine.now(); ; {
		m := l.timers.due(now)
		if m == nil {
			break
		}
		m.expired()
	}
	l.flush()
	l.meter.turn(l.engine.now() - began)
	if long || len(l.more) > 0 { // there may be no time to sleep, and others wait
		runtime.Gosched()
	}
}

// read deals with what is ready, and with what others have left to do.
func (l *loop) read() {
	l.dispatch()
	more := l.more
	l.more = nil
	for _, m := range more {
		m.readable()
	}
	l.callPosted()
	l.settle()
}

// settle does what handlers have put off.
func (l *loop) settle() {
	if l.owing {
		l.owing = false
		l.outbox.Settle()
	}
}

// crowded reports whether writing is going to take so long that it is worth to see first what
// else there is to write.
func (l *loop) crowded() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen == eventsAtOnce || len(l.ready) >= manyReady
}

func (l *loop) dispatch() {
	for i := range l.events[:l.seen] {
		e := &l.events[i]
		switch {
		case e.Fd >= 0:
			if m := l.members[e.Fd]; m != nil && m.gen == uint32(e.Pad) {
				m.event(e.Events)
			}
		case e.Fd <= slotPort:
			if p := l.ports[slotPort-e.Fd]; p != nil {
				p.accept(l, int(slotPort-e.Fd))
			}
		}
	}
}

// callPosted does what others have left, and goes on with connections that have started or
// were paused.
func (l *loop) callPosted() {
	l.mu.Lock()
	posts, on := l.posts, l.goOn
	l.posts, l.goOn = nil, nil
	l.mu.Unlock()
	for _, f := range posts {
		f()
	}
	for _, m := range on {
		m.goOn()
	}
}

// flush writes to everyone for whom there is something. Where that takes long, what comes in
// meanwhile still reaches those whose turn is yet to come, in the same write as what they were
// to get; the others have their turn again after that.
func (l *loop) flush() {
	l.mu.Lock()
	l.working, l.ready = l.ready, l.working[:0]
	for _, q := range l.freed {
		if len(l.spares) < maxSpares {
			l.spares = append(l.spares, q)
		}
	}
	l.mu.Unlock()
	clear(l.freed)
	l.freed = l.freed[:0]
	for i, m := range l.working {
		if i%flushesAtOnce == flushesAtOnce-1 && l.poll() {
			l.read()
		}
		m.flush()
		l.settle() // in case that it has begun to be read from
		l.working[i] = nil
	}
}

// release keeps the memory of a queue for others.
func (l *loop) release(q *queue) {
	if frames := q.frames; cap(frames) > 0 && cap(frames) <= maxSpareFrames {
		l.freed = append(l.freed, frames[:0])
	}
	q.frames, q.head = nil, 0
}

// add makes room for a member and watches its socket.
func (l *loop) add(m *member) error {
	if n := len(l.free); n > 0 {
		m.slot, l.free = l.free[n-1], l.free[:n-1]
	} else {
		m.slot = int32(len(l.members))
		l.members = append(l.members, nil)
	}
	l.gen++
	m.gen = l.gen
	l.members[m.slot] = m
	l.count.Add(1)
	if err := l.watch(int(m.fd), m.slot, m.gen, syscall.EPOLLIN|syscall.EPOLLOUT|syscall.EPOLLRDHUP|epollET); err != nil {
		l.remove(m)
		return err
	}
	return nil
}

// remove forgets a member; its socket is another matter.
func (l *loop) remove(m *member) {
	l.members[m.slot] = nil
	l.free = append(l.free, m.slot)
	l.timers.remove(m)
	l.count.Add(-1)
	l.endMaybe()
}

// endMaybe ends the loop when it was told to and serves nobody any more.
func (l *loop) endMaybe() {
	l.ended = l.ending() && l.count.Load() == 0
}

func (l *loop) ending() bool {
	return l.engine.closed.Load() && !slices.ContainsFunc(l.ports, func(p *port) bool { return p != nil })
}

// close aborts all connections. While others may still come in, to learn that there is
// nothing to get, guests stay.
func (l *loop) close() {
	for _, m := range slices.Clone(l.members) {
		switch {
		case m == nil:
		case m.port == nil:
			m.Abort()
		case !m.stopped && l.ending():
			m.leave()
		}
	}
	l.endMaybe()
}

// lastBatch is what was gathered last. When the same waits for the next connection, which is
// what happens in a group, it is not gathered again.
type lastBatch struct {
	frames []frame
	batch  batch
}

// gather is like that of queue; buf must always be the same.
func (l *lastBatch) gather(q *queue, buf []byte) batch {
	waiting := q.frames[q.head:]
	if q.sent == 0 && len(waiting) == len(l.frames) && slices.EqualFunc(waiting, l.frames, sameFrame) {
		return l.batch
	}
	l.batch = q.gather(buf)
	clear(l.frames)
	l.frames = l.frames[:0]
	if q.sent == 0 && l.batch.frames == len(waiting) && len(waiting) <= maxSpareFrames {
		l.frames = append(l.frames, waiting...)
	}
	return l.batch
}

// sameFrame reports whether two frames are one, not only alike.
func sameFrame(a, b frame) bool {
	return a.kind == b.kind && len(a.payload) == len(b.payload) && unsafe.SliceData(a.payload) == unsafe.SliceData(b.payload)
}
