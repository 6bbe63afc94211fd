// Command embedded is Easel's service inside a program that also is the event handler, and
// answers events with what is in them. It prints a connection string in the place of a URL.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime"

	"github.com/easelhq/easel/internal/inproc"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/token"
)

const handlerHost = "handler.internal"

// ballast is never touched: it has the heap collected as seldom as that of the easel command.
var ballast = make([]byte, 16<<20)

func main() {
	defer runtime.KeepAlive(ballast)
	keys := webpubsub.Keys{Primary: token.NewKey(), Secondary: token.NewKey()}
	hub, err := webpubsub.HubProperties{EventHandlers: []webpubsub.EventHandlerResource{
		{URLTemplate: "http://" + handlerHost + "/", UserEventPattern: "*"},
	}}.Hub()
	if err != nil {
		log.Fatal(err)
	}
	s, err := server.New(server.Options{
		Settings:         fixed{webpubsub.Settings{Keys: keys, Hubs: map[webpubsub.HubName]webpubsub.Hub{"bench": hub}}},
		HandlerTransport: &inproc.Transport{Handlers: map[string]http.Handler{handlerHost: http.HandlerFunc(echo)}, Whole: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(webpubsub.NewKeysResource("http://"+l.Addr().String(), keys).PrimaryConnectionString)
	log.Fatal(http.Serve(s.Listener(l), s))
}

func echo(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		w.Header().Set("WebHook-Allowed-Origin", "*")
		return
	}
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	io.Copy(w, r.Body)
}

// fixed is a store of settings that don't change.
type fixed struct{ settings webpubsub.Settings }

func (f fixed) Settings() webpubsub.Settings { return f.settings }

func (fixed) SetKeys(context.Context, webpubsub.Keys) error { return errFixed }

func (fixed) SetHub(context.Context, webpubsub.HubName, webpubsub.Hub) error { return errFixed }

func (fixed) DeleteHub(context.Context, webpubsub.HubName) error { return errFixed }

var errFixed = webpubsub.Errorf(webpubsub.Forbidden, "settings are fixed in the program")
