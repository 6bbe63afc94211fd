//go:build !linux

package engine

import "net"

// Listener returns l, for there are no event loops on this system.
func (e *Engine) Listener(l net.Listener, doors ...Door) (net.Listener, bool) {
	return l, false
}

// loop does not exist here.
type loop struct{}

func (*loop) post(func()) {}
func (*loop) close()      {}

func (*loop) measured() *meter { return &meter{} }

// Guest is a new connection; there is none on this system.
type Guest struct{}

// Upgrade makes it a WebSocket.
func (g *Guest) Upgrade(head []byte, o Options) *Conn { panic("no event loops on this system") }

// Reply writes a response and closes.
func (g *Guest) Reply(response []byte) {}

// Respond answers a request.
func (g *Guest) Respond(response []byte, used int) {}

// Await waits for more.
func (g *Guest) Await(n int) {}

// Pass gives it to whoever accepts from the listener.
func (g *Guest) Pass() {}
