package engine

import (
	"bytes"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	// acceptsAtOnce is how many connections are accepted before others have their turn.
	acceptsAtOnce = 64
	// acceptPause is how long nothing is accepted when the system is out of something.
	acceptPause = 100 * time.Millisecond
)

// port is a listening socket that all loops share.
type port struct {
	engine *Engine
	fd     int
	addr   net.Addr
	doors  []Door

	mu     sync.Mutex
	some   sync.Cond
	passed []net.Conn // guarded by mu
	closed bool       // guarded by mu
}

// Listener takes over a listener of plain TCP: its connections are served by event loops, when
// their request is for one of the doors; all others are accepted from the listener that is
// returned. It reports false, and returns l itself, when this is not possible.
func (e *Engine) Listener(l net.Listener, doors ...Door) (net.Listener, bool) {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return l, false
	}
	fd, err := duplicate(tcp)
	if err != nil {
		return l, false
	}
	loops, err := e.startLoops()
	if err != nil {
		syscall.Close(fd)
		return l, false
	}
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1) // what is accepted inherits it
	p := &port{engine: e, fd: fd, addr: l.Addr(), doors: doors}
	p.some.L = &p.mu
	l.Close()
	for _, l := range loops {
		l.post(func() { l.open(p) })
	}
	return p, true
}

func duplicate(l *net.TCPListener) (fd int, err error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return 0, err
	}
	var errno syscall.Errno
	err = raw.Control(func(of uintptr) {
		var n uintptr
		n, _, errno = syscall.Syscall(syscall.SYS_FCNTL, of, syscall.F_DUPFD_CLOEXEC, 0)
		fd = int(n)
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return fd, err
}

// startLoops starts a loop for each processor, the first time.
func (e *Engine) startLoops() ([]*loop, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed.Load() {
		return nil, net.ErrClosed
	}
	if e.loops != nil {
		return e.loops, nil
	}
	var loops []*loop
	for range runtime.GOMAXPROCS(0) {
		l, err := newLoop(e)
		if err != nil {
			for _, l := range loops {
				l.discard()
			}
			return nil, err
		}
		loops = append(loops, l)
	}
	e.loops = loops
	for _, l := range loops {
		go l.run()
	}
	return loops, nil
}

// epollExclusive has one of the loops woken for a connection, not all.
const epollExclusive = 1 << 28

// open begins to accept.
func (l *loop) open(p *port) {
	l.ports = append(l.ports, p)
	l.watchPort(len(l.ports) - 1)
}

func (l *loop) watchPort(i int) {
	if p := l.ports[i]; p != nil {
		l.watch(p.fd, int32(slotPort-i), 0, syscall.EPOLLIN|epollExclusive)
	}
}

// shut ends accepting.
func (l *loop) shut(p *port) {
	for i, of := range l.ports {
		if of == p {
			syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_DEL, p.fd, nil)
			l.ports[i] = nil
		}
	}
	if l.ending() {
		l.close()
	}
}

// accept accepts what waits.
func (p *port) accept(l *loop, index int) {
	for range acceptsAtOnce {
		fd, _, errno := syscall.RawSyscall6(syscall.SYS_ACCEPT4, uintptr(p.fd), 0, 0, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0, 0)
		switch errno {
		case 0:
			p.admit(l, int(fd))
		case syscall.EAGAIN:
			return
		case syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM:
			syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_DEL, p.fd, nil)
			time.AfterFunc(acceptPause, func() { l.post(func() { l.watchPort(index) }) })
			return
		}
	}
}

// admit gives a new connection to the loop that has the fewest.
func (p *port) admit(l *loop, fd int) {
	to := l
	for _, other := range p.engine.loops {
		if other.count.Load()+acceptsAtOnce < to.count.Load() {
			to = other
		}
	}
	if to == l {
		l.welcome(p, fd)
		return
	}
	to.post(func() { to.welcome(p, fd) })
}

// welcome makes a connection a guest.
func (l *loop) welcome(p *port, fd int) {
	m := &member{loop: l, port: p, fd: int32(fd)}
	if l.add(m) != nil {
		syscall.Close(fd)
		return
	}
	l.timers.set(m, coarse(l.now+int64(headTimeout), headTimeout))
}

// pass gives a connection to whoever accepts from the port.
func (m *member) pass(read []byte) {
	p := m.port
	m.gone, m.rest = true, nil
	syscall.EpollCtl(m.loop.epoll, syscall.EPOLL_CTL_DEL, int(m.fd), nil)
	m.loop.remove(m)
	f := os.NewFile(uintptr(m.fd), "")
	conn, err := net.FileConn(f)
	f.Close()
	if err != nil {
		return
	}
	p.offer(&passedConn{TCPConn: conn.(*net.TCPConn), early: bytes.Clone(read)})
}

// passedConn is a connection of which something has been read already.
type passedConn struct {
	*net.TCPConn
	early []byte
}

func (c *passedConn) Read(b []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(b, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	return c.TCPConn.Read(b)
}

func (p *port) offer(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.Close()
		return
	}
	p.passed = append(p.passed, c)
	p.some.Signal()
}

// Accept returns the next connection that is not for the engine.
func (p *port) Accept() (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.passed) == 0 && !p.closed {
		p.some.Wait()
	}
	if p.closed {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: p.addr, Err: net.ErrClosed}
	}
	c := p.passed[0]
	p.passed = p.passed[1:]
	return c, nil
}

// Addr returns the address of the listener that was taken over.
func (p *port) Addr() net.Addr { return p.addr }

// Close ends accepting; it returns when no loop knows of the socket any more.
func (p *port) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return net.ErrClosed
	}
	p.closed = true
	for _, c := range p.passed {
		c.Close()
	}
	p.passed = nil
	p.some.Broadcast()
	p.mu.Unlock()
	var all sync.WaitGroup
	for _, l := range p.engine.loops {
		all.Add(1)
		l.post(func() {
			defer all.Done()
			l.shut(p)
		})
	}
	all.Wait()
	return syscall.Close(p.fd)
}
