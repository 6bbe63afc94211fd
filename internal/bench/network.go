package bench

import (
	"crypto/tls"
	"net"
	"net/netip"
	"time"
)

// network carries the bytes of many connections to and from one goroutine, which makes all
// calls. Connections are numbered from 0, in the order of dial.
type network interface {
	// dial begins a connection. Sink.opened or sink.ended follow during wait.
	dial() error
	// write sends b, now or as soon as the peer takes it. B may be used again at once.
	write(id int, b []byte)
	// stall reads no more from a connection, until resume.
	stall(id int)
	resume(id int)
	// close ends a connection without a word; nothing is heard of it any more.
	close(id int)
	// wait hands what has happened to s, after at most so long.
	wait(timeout time.Duration, s sink) error
	// shutdown closes everything.
	shutdown()
}

// sink is told what happens to connections.
type sink interface {
	opened(id int)
	// received hands over bytes, and returns how many of them it has used. The others come
	// again, with those that follow. Nothing of b may be kept.
	received(id int, b []byte) (used int)
	// ended tells that the peer is gone, or never was there.
	ended(id int, err error)
	// waited tells, of some of the reads, how long their last bytes had been in this machine's
	// kernel.
	waited(d time.Duration)
}

// newNetwork connects to one address: by epoll where that is possible.
func newNetwork(to netip.AddrPort, secure *tls.Config) (network, error) {
	if secure == nil {
		if n, err := newEpoll(to); n != nil || err != nil {
			return n, err
		}
	}
	return newGoroutines(to, secure), nil
}

// readSize is how much is read at once. The buffer grows for a frame that doesn't fit, up to
// maxFrame and its head.
const readSize = 256 << 10

// sourcesAtOnce is over how many loopback addresses connections to a loopback address are
// spread: one address has some 28 000 ports, and used ones rest for a minute.
const sourcesAtOnce = 8

// source is where connection id to a loopback address comes from, if that may be chosen.
func source(to netip.Addr, id int) (netip.Addr, bool) {
	if !to.Is4() || !to.IsLoopback() {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, byte(2 + id%sourcesAtOnce)}), true
}

// resolve finds the address of a host.
func resolve(host, port string) (netip.AddrPort, error) {
	a, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return netip.AddrPort{}, err
	}
	to := a.AddrPort()
	return netip.AddrPortFrom(to.Addr().Unmap(), to.Port()), nil
}
