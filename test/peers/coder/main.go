// Command coder is a naive broadcast over github.com/coder/websocket: a queue and a writing
// goroutine for each connection.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/test/peers"
	"github.com/easelhq/easel/test/peers/rooms"
)

type conn struct {
	*websocket.Conn
	out  chan []byte // never closed
	gone <-chan struct{}
}

// queue is how many messages wait for a connection; one more blocks the publisher.
const queue = 1024

func (c *conn) Send(message []byte) {
	select {
	case c.out <- message:
	case <-c.gone:
	}
}

func (c *conn) write(ctx context.Context) {
	for {
		select {
		case m := <-c.out:
			if c.Write(ctx, websocket.MessageText, m) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func broadcast(members []*conn, body []byte) {
	for _, m := range members {
		m.Send(body)
	}
}

func main() {
	var all rooms.Rooms[*conn]
	mux := http.NewServeMux()
	mux.HandleFunc(peers.PublishRoute, peers.Publish("", func(group string, body []byte) error {
		return all.Publish(group, body, broadcast)
	}))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		ws.SetReadLimit(2 << 20)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		c := &conn{ws, make(chan []byte, queue), ctx.Done()}
		go c.write(ctx)
		defer all.Leave(c)
		all.Hello(c)
		for {
			_, message, err := ws.Read(ctx)
			if err != nil {
				return
			}
			all.Receive(c, message, broadcast)
		}
	})
	log.Fatal(http.Serve(peers.Listen("/"), mux))
}
