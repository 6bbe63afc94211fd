package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/draw"
	"github.com/easelhq/easel/whiteboard/room"
)

// Options configure [New].
type Options struct {
	// Store keeps the boards. Required; the caller closes it after Close.
	Store whiteboard.Store
	// Service returns the client of the hub that carries the boards; it is asked at
	// each use, since keys may change. Required.
	Service func() *service.Client
	// AccessKeys returns the keys that sign events; asked at each event. Required.
	AccessKeys func() []string
	// Static serves the browser client. Required.
	Static http.Handler
	// Embedded says that the service listens where the app does: clients are sent to
	// the host they came to.
	Embedded bool
	// Fonts sets the lines of pictures in scripts that the board's own fonts lack; nil draws
	// boxes.
	Fonts draw.Setter
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// Logger receives failures; nil discards.
	Logger *slog.Logger
}

// App is the web app. Safe for concurrent use; end it with Close.
type App struct {
	// Fixed after New.
	Options
	rooms    *room.Rooms
	presence *presence
	pictures *queue // of those who want pictures
	made     album  // of those made last
	diagrams diagrams
	identity []byte // signs user cookies
	routes   http.Handler

	mu     sync.Mutex
	events http.Handler // guarded by mu; takes events signed with keys
	keys   []string     // guarded by mu
}

// New returns an App. Errors: the store's.
func New(ctx context.Context, o Options) (*App, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	secret, err := o.Store.Secret(ctx, "identity")
	if err != nil {
		return nil, fmt.Errorf("read identity secret: %w", err)
	}
	a := &App{Options: o, identity: secret}
	a.rooms = room.New(o.Store, publisher{a}, room.Options{Now: o.Now, Logger: o.Logger})
	a.presence = newPresence(a)
	a.pictures = newQueue(picturesAtOnce, picturesWaiting)
	a.made.most = maxPictureBytes
	a.routes = a.newRoutes()
	return a, nil
}

// Close finishes what is being committed and published. When ctx ends first, it cuts that
// short and returns ctx's error.
func (a *App) Close(ctx context.Context) error {
	return errors.Join(a.presence.close(ctx), a.rooms.Close(ctx))
}

// ServeHTTP serves everything but the Web PubSub service.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'")
	a.routes.ServeHTTP(w, r)
}

// The groups of a board. Source: docs/board-protocol.md §1.
func boardGroup(id whiteboard.BoardID) webpubsub.GroupName {
	return webpubsub.GroupName("b." + string(id))
}

func liveGroup(id whiteboard.BoardID) webpubsub.GroupName { return boardGroup(id) + ".l" }

func roleGroup(id whiteboard.BoardID, r whiteboard.Role) webpubsub.GroupName {
	return boardGroup(id) + "." + webpubsub.GroupName(r)
}

// publisher sends the rooms' messages to their boards.
type publisher struct{ app *App }

func (p publisher) Publish(ctx context.Context, board whiteboard.BoardID, message json.RawMessage) error {
	return p.app.Service().SendToGroup(ctx, boardGroup(board), service.JSON(message), nil)
}

// serveEvents takes an event of the service, signed with one of the present keys.
func (a *App) serveEvents(w http.ResponseWriter, r *http.Request) {
	h, err := a.eventHandler()
	if err != nil {
		a.fail(w, r, err)
		return
	}
	h.ServeHTTP(w, r)
}

func (a *App) eventHandler() (http.Handler, error) {
	keys := a.AccessKeys()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.events != nil && slices.Equal(keys, a.keys) {
		return a.events, nil
	}
	h, err := eventhandler.New(eventhandler.Options{
		Hub:          string(a.Service().Hub()),
		AccessKeys:   keys,
		Connect:      a.onConnect,
		Connected:    a.onConnected,
		Disconnected: a.onDisconnected,
		UserEvent:    a.onUserEvent,
		Logger:       a.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("event handler: %w", err)
	}
	a.events, a.keys = h, keys
	return h, nil
}
