// Command event-handler is a small chat server for a Web PubSub hub: it puts each client
// into a group at connect, and answers what clients send.
//
// Run it beside a service, then tell the service where it is:
//
//	export WebPubSubConnectionString='Endpoint=http://localhost:8080;AccessKey=…;Version=1.0;'
//	go run ./examples/event-handler
//	easel hub create --hub-name chat --event-handler url-template=http://localhost:3000/eventhandler \
//	    user-event-pattern='*' system-event=connect system-event=connected system-event=disconnected
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/token"
)

func main() {
	if err := run(os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(getenv func(string) string) error {
	service, err := token.ParseConnectionString(getenv("WebPubSubConnectionString"))
	if err != nil {
		return fmt.Errorf("WebPubSubConnectionString: %w", err)
	}
	app, err := newApp(service.AccessKey, slog.Default())
	if err != nil {
		return err
	}
	server := &http.Server{Addr: "localhost:3000", Handler: app, ReadHeaderTimeout: 10 * time.Second}
	slog.Info("waiting for events", "url", "http://localhost:3000/eventhandler")
	return server.ListenAndServe()
}

func newApp(accessKey string, log *slog.Logger) (http.Handler, error) {
	events, err := eventhandler.New(eventhandler.Options{
		Hub:        "chat",
		AccessKeys: []string{accessKey},
		Connect:    connect,
		Connected: func(_ context.Context, e *eventhandler.ConnectedEvent) {
			log.Info("connected", "user", e.UserID, "conn", e.ConnectionID)
		},
		Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) {
			log.Info("disconnected", "user", e.UserID, "conn", e.ConnectionID, "reason", e.Reason)
		},
		UserEvent: count,
		Logger:    log,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/eventhandler", events)
	return mux, nil
}

// connect refuses clients without a user and lets the others talk in the lobby.
func connect(_ context.Context, r *eventhandler.ConnectRequest) (*eventhandler.ConnectResponse, error) {
	if r.UserID == "" {
		return nil, webpubsub.Errorf(webpubsub.Unauthorized, "say who you are")
	}
	return &eventhandler.ConnectResponse{
		Groups: []string{"lobby"},
		Roles:  []string{"webpubsub.sendToGroup.lobby"},
	}, nil
}

// count answers with the number of events that the client has sent; the service keeps it
// as the state of the connection.
func count(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
	n := 0
	if e.State != nil {
		var err error
		if n, err = strconv.Atoi(*e.State); err != nil {
			return nil, fmt.Errorf("state of %s: %w", e.ConnectionID, err)
		}
	}
	state := strconv.Itoa(n + 1)
	return &eventhandler.UserResponse{
		Data:  &webpubsub.Data{Type: webpubsub.Text, Bytes: fmt.Appendf(nil, "%s: event %s, %q", e.UserID, state, e.Name)},
		State: &state,
	}, nil
}
