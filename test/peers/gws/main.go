// Command gws is a naive broadcast over github.com/lxzan/gws, with its broadcaster.
package main

import (
	"log"
	"net/http"

	"github.com/lxzan/gws"

	"github.com/easelhq/easel/test/peers"
	"github.com/easelhq/easel/test/peers/rooms"
)

type conn struct{ *gws.Conn }

// Send writes one message in line with those of the broadcaster.
func (c conn) Send(message []byte) {
	c.WriteAsync(gws.OpcodeText, append([]byte{}, message...), nil)
}

type handler struct {
	gws.BuiltinEventHandler
	rooms rooms.Rooms[conn]
}

func (h *handler) OnOpen(c *gws.Conn)           { h.rooms.Hello(conn{c}) }
func (h *handler) OnClose(c *gws.Conn, _ error) { h.rooms.Leave(conn{c}) }

func (h *handler) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	h.rooms.Receive(conn{c}, m.Bytes(), broadcast)
}

func broadcast(members []conn, body []byte) {
	b := gws.NewBroadcaster(gws.OpcodeText, append([]byte{}, body...))
	defer b.Close()
	for _, member := range members {
		b.Broadcast(member.Conn)
	}
}

func main() {
	h := &handler{}
	up := gws.NewUpgrader(h, &gws.ServerOption{})
	mux := http.NewServeMux()
	mux.HandleFunc(peers.PublishRoute, peers.Publish("", func(group string, body []byte) error {
		return h.rooms.Publish(group, body, broadcast)
	}))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r)
		if err != nil {
			return
		}
		go c.ReadLoop()
	})
	log.Fatal(http.Serve(peers.Listen("/"), mux))
}
