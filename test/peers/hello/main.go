// Command hello is net/http and nothing else: what a request costs before anything is done.
package main

import (
	"log"
	"net/http"

	"github.com/easelhq/easel/test/peers"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc(peers.PublishRoute, peers.Publish("", func(string, []byte) error { return nil }))
	log.Fatal(http.Serve(peers.Listen("/"), mux))
}
