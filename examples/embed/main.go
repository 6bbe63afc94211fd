// Command embed runs the Web PubSub service inside a server of one's own, beside other
// routes.
package main

import (
	"context"
	"fmt"
	"log"
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
	h, err := newHandler(key)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("localhost:8080", h))
}

// newHandler serves the service at /client and /api, and everything else itself.
func newHandler(key string) (http.Handler, error) {
	s, err := server.New(server.Options{Settings: settings{webpubsub.Keys{Primary: key}}})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/client/", s)
	mux.Handle("/api/", s)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Hello from the app.") })
	return mux, nil
}

// settings is a store of fixed settings. A real one would keep changes.
type settings struct{ keys webpubsub.Keys }

func (s settings) Settings() webpubsub.Settings { return webpubsub.Settings{Keys: s.keys} }

func (settings) SetKeys(context.Context, webpubsub.Keys) error { return errFixed }

func (settings) SetHub(context.Context, webpubsub.HubName, webpubsub.Hub) error { return errFixed }

func (settings) DeleteHub(context.Context, webpubsub.HubName) error { return errFixed }

var errFixed = webpubsub.Errorf(webpubsub.Forbidden, "settings are fixed in the program")
