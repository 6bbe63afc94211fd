// Command gobwas is a naive broadcast over github.com/gobwas/ws: a goroutine reads each
// connection, and the publisher's writes to all of them.
package main

import (
	"log"
	"net"
	"sync"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/easelhq/easel/test/peers"
	"github.com/easelhq/easel/test/peers/rooms"
)

type conn struct {
	net.Conn
	mu sync.Mutex
}

func (c *conn) Send(message []byte) { c.write(ws.MustCompileFrame(ws.NewTextFrame(message))) }

func (c *conn) write(frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Write(frame)
}

func main() {
	l := peers.Listen("/")
	var all rooms.Rooms[*conn]
	for {
		socket, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(&conn{Conn: socket}, &all)
	}
}

func serve(c *conn, all *rooms.Rooms[*conn]) {
	defer c.Close()
	if _, err := ws.Upgrade(c.Conn); err != nil {
		return
	}
	defer all.Leave(c)
	all.Hello(c)
	for {
		message, _, err := wsutil.ReadClientData(c.Conn)
		if err != nil {
			return
		}
		all.Receive(c, message, func(members []*conn, body []byte) {
			frame := ws.MustCompileFrame(ws.NewTextFrame(body))
			for _, m := range members {
				m.write(frame)
			}
		})
	}
}
