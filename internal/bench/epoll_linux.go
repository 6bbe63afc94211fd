package bench

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"syscall"
	"time"
	"unsafe"
)

const (
	// eventsAtOnce is how many connections one call of epoll_wait tells of.
	eventsAtOnce = 512
	// maxUnsent bounds what waits because the peer doesn't read.
	maxUnsent = 64 << 20
)

// epoll is a network without goroutines. Everything is owned by its user's goroutine.
type epoll struct {
	to     syscall.Sockaddr
	family int
	addr   netip.Addr
	fd     int
	events [eventsAtOnce]syscall.EpollEvent
	socks  []sock
	buf    []byte
	// control is for what a timed read brings besides bytes; as numbers, so that it is aligned.
	control [8]uint64
	broken  []broken // found while writing; told by wait
}

type broken struct {
	id  int
	err error
}

// sock is one connection.
type sock struct {
	fd   int  // -1 after its end
	open bool // connected
	// stalled sockets are not read from.
	stalled bool
	// timed sockets' bytes come with the time when they arrived.
	timed bool
	rest  []byte // received, but not used
	out   []byte // to be sent when it can be
}

func newEpoll(to netip.AddrPort) (network, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	e := &epoll{addr: to.Addr(), fd: fd, buf: make([]byte, readSize)}
	if to.Addr().Is4() {
		e.family, e.to = syscall.AF_INET, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	} else {
		e.family, e.to = syscall.AF_INET6, &syscall.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	}
	return e, nil
}

// ipBindAddressNoPort leaves the choice of a port to connect, which knows which are free for
// its destination. Source: ip(7), since Linux 4.2.
const ipBindAddressNoPort = 24

func (e *epoll) dial() error {
	id := len(e.socks)
	fd, err := syscall.Socket(e.family, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	e.socks = append(e.socks, sock{fd: fd})
	if from, ok := source(e.addr, id); ok {
		err = errors.Join(
			syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, ipBindAddressNoPort, 1),
			syscall.Bind(fd, &syscall.SockaddrInet4{Addr: from.As4()}))
	}
	err = errors.Join(err,
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1),
		// Closing resets the connection: no port has to rest.
		syscall.SetsockoptLinger(fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1}))
	if err == nil && id%timedOneOf == 0 {
		e.socks[id].timed = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1) == nil
	}
	if err == nil {
		if err = syscall.Connect(fd, e.to); err == syscall.EINPROGRESS {
			err = nil
		}
	}
	if err == nil {
		err = e.watch(syscall.EPOLL_CTL_ADD, id, syscall.EPOLLOUT)
	}
	if err != nil {
		e.close(id)
	}
	return err
}

// timedOneOf is of how many sockets one tells when its bytes arrived.
const timedOneOf = 16

func (e *epoll) watch(op, id int, events uint32) error {
	return os.NewSyscallError("epoll_ctl", syscall.EpollCtl(e.fd, op, e.socks[id].fd, &syscall.EpollEvent{Events: events, Fd: int32(id)}))
}

func (e *epoll) write(id int, b []byte) {
	s := &e.socks[id]
	if s.fd < 0 {
		return
	}
	if len(s.out) > 0 {
		if len(s.out)+len(b) > maxUnsent {
			e.broken = append(e.broken, broken{id, fmt.Errorf("the server has not read for so long that %d bytes wait for it", len(s.out))})
			return
		}
		s.out = append(s.out, b...)
		return
	}
	n, err := send(s.fd, b)
	if err == nil && n < len(b) {
		s.out = append(s.out, b[n:]...)
		err = e.watch(syscall.EPOLL_CTL_MOD, id, syscall.EPOLLIN|syscall.EPOLLOUT)
	}
	if err != nil {
		e.broken = append(e.broken, broken{id, err})
	}
}

// flush sends what waits.
func (e *epoll) flush(id int) error {
	s := &e.socks[id]
	n, err := send(s.fd, s.out)
	s.out = s.out[:copy(s.out, s.out[n:])]
	if err != nil || len(s.out) > 0 {
		return err
	}
	s.out = nil
	return e.watch(syscall.EPOLL_CTL_MOD, id, syscall.EPOLLIN)
}

func (e *epoll) stall(id int) {
	if s := &e.socks[id]; s.fd >= 0 {
		s.stalled = true
		if err := e.watch(syscall.EPOLL_CTL_MOD, id, 0); err != nil {
			e.broken = append(e.broken, broken{id, err})
		}
	}
}

func (e *epoll) resume(id int) {
	if s := &e.socks[id]; s.fd >= 0 {
		s.stalled = false
		if err := e.watch(syscall.EPOLL_CTL_MOD, id, syscall.EPOLLIN); err != nil {
			e.broken = append(e.broken, broken{id, err})
		}
	}
}

func (e *epoll) close(id int) {
	s := &e.socks[id]
	if s.fd >= 0 {
		syscall.Close(s.fd)
	}
	*s = sock{fd: -1}
}

func (e *epoll) shutdown() {
	for id := range e.socks {
		e.close(id)
	}
	syscall.Close(e.fd)
}

func (e *epoll) wait(timeout time.Duration, s sink) error {
	n, err := epollWait(e.fd, e.events[:], timeout)
	if err != nil {
		return err
	}
	for _, ev := range e.events[:n] {
		e.handle(int(ev.Fd), ev.Events, s)
	}
	for len(e.broken) > 0 {
		b := e.broken[0]
		e.broken = e.broken[1:]
		e.end(b.id, b.err, s)
	}
	return nil
}

func (e *epoll) end(id int, err error, s sink) {
	if e.socks[id].fd >= 0 {
		e.close(id)
		s.ended(id, err)
	}
}

func (e *epoll) handle(id int, events uint32, s sink) {
	k := &e.socks[id]
	if k.fd < 0 {
		return
	}
	if !k.open {
		if err := e.connected(id); err != nil {
			e.end(id, err, s)
			return
		}
		k.open = true
		s.opened(id)
		return
	}
	if k.stalled {
		if events&(syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
			e.end(id, io.EOF, s)
		}
		return
	}
	if events&syscall.EPOLLOUT != 0 {
		if err := e.flush(id); err != nil {
			e.end(id, err, s)
			return
		}
	}
	if events&^syscall.EPOLLOUT != 0 {
		if err := e.read(id, s); err != nil {
			e.end(id, err, s)
		}
	}
}

func (e *epoll) connected(id int) error {
	code, err := syscall.GetsockoptInt(e.socks[id].fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
	if err == nil && code != 0 {
		err = syscall.Errno(code)
	}
	if err != nil {
		return os.NewSyscallError("connect", err)
	}
	return e.watch(syscall.EPOLL_CTL_MOD, id, syscall.EPOLLIN)
}

// read reads once; epoll tells again when there is more.
func (e *epoll) read(id int, s sink) error {
	k := &e.socks[id]
	old := copy(e.buf, k.rest)
	n, err := 0, error(nil)
	if k.timed {
		var arrived time.Time
		if n, arrived, err = e.receiveTimed(k.fd, e.buf[old:]); !arrived.IsZero() {
			s.waited(time.Since(arrived))
		}
	} else {
		n, err = receive(k.fd, e.buf[old:])
	}
	switch {
	case err != nil:
		return err
	case n < 0:
		return nil
	case n == 0:
		return io.EOF
	}
	b := e.buf[:old+n]
	used := s.received(id, b)
	k = &e.socks[id] // dialing may have moved it
	if k.fd < 0 {
		return nil
	}
	k.rest = append(k.rest[:0], b[used:]...)
	if 2*len(k.rest) > len(e.buf) {
		e.buf = make([]byte, 2*len(e.buf))
	}
	if cap(k.rest) > 0 && len(k.rest) == 0 {
		k.rest = nil
	}
	return nil
}

// receive and send don't block, so that the scheduler need not know of them.

// receive returns -1 when there is nothing to read.
func receive(fd int, b []byte) (int, error) {
	n, _, code := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	switch code {
	case 0:
		return int(n), nil
	case syscall.EAGAIN, syscall.EINTR:
		return -1, nil
	}
	return 0, os.NewSyscallError("read", code)
}

// receiveTimed also returns when the last of the bytes arrived, the zero time when the kernel
// doesn't say.
func (e *epoll) receiveTimed(fd int, b []byte) (int, time.Time, error) {
	vector := syscall.Iovec{Base: &b[0]}
	vector.SetLen(len(b))
	control := unsafe.Slice((*byte)(unsafe.Pointer(&e.control)), unsafe.Sizeof(e.control))
	header := syscall.Msghdr{Iov: &vector, Iovlen: 1, Control: &control[0]}
	header.SetControllen(len(control))
	n, _, code := syscall.RawSyscall(syscall.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&header)), 0)
	switch code {
	case 0:
		return int(n), arrival(control[:min(int(header.Controllen), len(control))]), nil
	case syscall.EAGAIN, syscall.EINTR:
		return -1, time.Time{}, nil
	}
	return 0, time.Time{}, os.NewSyscallError("recvmsg", code)
}

// arrival reads what SO_TIMESTAMPNS brings. Source: socket(7).
func arrival(control []byte) time.Time {
	if len(control) < syscall.CmsgLen(int(unsafe.Sizeof(syscall.Timespec{}))) {
		return time.Time{}
	}
	head := (*syscall.Cmsghdr)(unsafe.Pointer(&control[0]))
	if head.Level != syscall.SOL_SOCKET || head.Type != syscall.SO_TIMESTAMPNS {
		return time.Time{}
	}
	return time.Unix((*syscall.Timespec)(unsafe.Pointer(&control[syscall.CmsgLen(0)])).Unix())
}

// send returns how much has been sent, perhaps nothing.
func send(fd int, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	n, _, code := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	switch code {
	case 0:
		return int(n), nil
	case syscall.EAGAIN, syscall.EINTR, syscall.ENOTCONN:
		return 0, nil
	}
	return 0, os.NewSyscallError("write", code)
}

// sysEpollPwait2 is epoll_wait with a timeout in nanoseconds, since Linux 5.11; its number is
// the same on all architectures.
const sysEpollPwait2 = 441

func epollWait(fd int, events []syscall.EpollEvent, timeout time.Duration) (int, error) {
	spec := syscall.NsecToTimespec(max(0, timeout).Nanoseconds())
	n, _, code := syscall.Syscall6(sysEpollPwait2, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(unsafe.Pointer(&spec)), 0, 0)
	switch code {
	case 0:
		return int(n), nil
	case syscall.EINTR:
		return 0, nil
	case syscall.ENOSYS:
		n, err := syscall.EpollWait(fd, events, int((timeout+time.Millisecond-1)/time.Millisecond))
		if err == syscall.EINTR {
			return 0, nil
		}
		return n, os.NewSyscallError("epoll_wait", err)
	}
	return 0, os.NewSyscallError("epoll_pwait2", code)
}
