// Command nbio is a naive broadcast over github.com/lesismal/nbio, whose event loop holds the
// connections.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"

	"github.com/easelhq/easel/test/peers"
	"github.com/easelhq/easel/test/peers/rooms"
)

type conn struct{ *websocket.Conn }

func (c conn) Send(message []byte) { c.WriteMessage(websocket.TextMessage, message) }

func broadcast(members []conn, body []byte) {
	for _, m := range members {
		m.Send(body)
	}
}

func main() {
	logging.SetLevel(logging.LevelNone)
	var all rooms.Rooms[conn]
	up := websocket.NewUpgrader()
	up.OnOpen(func(c *websocket.Conn) { all.Hello(conn{c}) })
	up.OnClose(func(c *websocket.Conn, _ error) { all.Leave(conn{c}) })
	up.OnMessage(func(c *websocket.Conn, _ websocket.MessageType, message []byte) {
		all.Receive(conn{c}, message, broadcast)
	})
	mux := http.NewServeMux()
	mux.HandleFunc(peers.PublishRoute, peers.Publish("", func(group string, body []byte) error {
		return all.Publish(group, body, broadcast)
	}))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { up.Upgrade(w, r, nil) })
	e := nbhttp.NewEngine(nbhttp.Config{
		Network: "tcp", Addrs: []string{"127.0.0.1:0"},
		Handler: mux,
	})
	if err := e.Start(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ws://%s/\n", e.Addrs[0])
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	<-interrupted
}
