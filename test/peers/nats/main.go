// Command nats is a NATS server that clients reach by WebSocket.
package main

import (
	"fmt"
	"log"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

func main() {
	s, err := server.NewServer(&server.Options{
		DontListen: true, NoSigs: true, MaxPending: 64 << 20,
		Websocket: server.WebsocketOpts{Host: "127.0.0.1", Port: -1, NoTLS: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		log.Fatal("the server is not ready")
	}
	fmt.Println(s.WebsocketURL())
	s.WaitForShutdown()
}
