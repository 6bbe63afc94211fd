// Command embed runs the Web PubSub service inside a server of one's own, beside other
// routes.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
)

func main() {
	key := os.Getenv("ACCESS_KEY")
	if key == "" {
		log.Fatal("ACCESS_KEY is missing: any long random text")
	}
	s, h, err := newHandler(key)
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "localhost:8080")
	if err != nil {
		log.Fatal(err)
	}
	// Without s.Listener it works as well, and takes more memory and time.
	log.Fatal(http.Serve(s.Listener(l), h))
}

// newHandler serves the service at /client and /api, and everything else itself.
func newHandler(key string) (*server.Server, http.Handler, error) {
	s, err := server.New(server.Options{Settings: settings{webpubsub.Keys{Primary: key}}})
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/client/", s)
	mux.Handle("/api/", s)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Hello from the app.") })
	return s, mux, nil
}

// settings is a store of fixed settings. A real one would keep changes.
type settings struct{ keys webpubsub.Keys }

func (s settings) Settings() webpubsub.Settings { return webpubsub.Settings{Keys: s.keys} }

func (settings) SetKeys(context.Context, webpubsub.Keys) error { return errFixed }

func (settings) SetHub(context.Context, webpubsub.HubName, webpubsub.Hub) error { return errFixed }

func (settings) DeleteHub(context.Context, webpubsub.HubName) error { return errFixed }

var errFixed = webpubsub.Errorf(webpubsub.Forbidden, "settings are fixed in the program")
