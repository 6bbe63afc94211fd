package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

const (
	patience = 30 * time.Second
	plain    = "json.webpubsub.azure.v1"
	reliable = "json.reliable.webpubsub.azure.v1"

	plainProtobuf    = "protobuf.webpubsub.azure.v1"
	reliableProtobuf = "protobuf.reliable.webpubsub.azure.v1"
)

// fixture is a running service and its REST client for hub board.
type fixture struct {
	t        *testing.T
	server   *server.Server
	listener *httptest.Server
	settings webpubsub.SettingsStore
	keys     webpubsub.Keys
	rest     *service.Client
	// Event handlers; they close after the service, whose last events they take.
	upstreams []*httptest.Server
}

func start(t *testing.T, change ...func(*server.Options)) *fixture {
	t.Helper()
	f := &fixture{t: t, keys: webpubsub.Keys{Primary: token.NewKey(), Secondary: token.NewKey()}}
	f.settings = webpubsubtest.NewSettings(f.keys)
	o := server.Options{Settings: f.settings}
	for _, c := range change {
		c(&o)
	}
	var err error
	f.server, err = server.New(o)
	check(t, err)
	f.listener = httptest.NewUnstartedServer(f.server)
	if onLoops {
		f.listener.Listener = f.server.Listener(f.listener.Listener)
	}
	f.listener.Start()
	f.rest, err = service.New(token.ConnectionString{Endpoint: f.listener.URL, AccessKey: f.keys.Primary}.String(), "board", nil)
	check(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		f.server.Shutdown(ctx)
		f.listener.Close()
		for _, u := range f.upstreams {
			u.Close()
		}
	})
	return f
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) socketURL(path string) string {
	return "ws" + strings.TrimPrefix(f.listener.URL, "http") + path
}

// token makes a token for clients of hub board.
func (f *fixture) token(o token.MintOptions) string {
	f.t.Helper()
	o.Audience = f.listener.URL + "/client/hubs/board"
	raw, err := token.Mint(f.keys.Primary, o, time.Now())
	check(f.t, err)
	return raw
}

// handle makes h the hub's event handler, over HTTP.
func (f *fixture) handle(h http.Handler) {
	f.t.Helper()
	upstream := httptest.NewServer(h)
	f.upstreams = append(f.upstreams, upstream)
	check(f.t, f.settings.SetHub(f.t.Context(), "board", webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{
		URLTemplate: upstream.URL + "/{event}", UserEventPattern: "*", SystemEvents: []string{"connect", "connected", "disconnected"},
	}}}))
}

// handler is an event handler with what a test says.
func (f *fixture) handler(o eventhandler.Options) http.Handler {
	f.t.Helper()
	o.Hub, o.AccessKeys = "board", []string{f.keys.Primary}
	h, err := eventhandler.New(o)
	check(f.t, err)
	return h
}

// client is a WebSocket client.
type client struct {
	t  *testing.T
	ws *websocket.Conn
	id webpubsub.ConnectionID
	// For recovery.
	reconnectionToken string
}

// connect opens a connection with a subprotocol; none is a simple client.
func (f *fixture) connect(subprotocol string, o token.MintOptions, query ...string) *client {
	f.t.Helper()
	q := strings.Join(append(query, "access_token="+f.token(o)), "&")
	c, _, err := f.dial("/client/hubs/board?"+q, subprotocol)
	check(f.t, err)
	if subprotocol != "" {
		c.greeted()
	}
	return c
}

func (f *fixture) dial(path string, subprotocols ...string) (*client, *http.Response, error) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	o := &websocket.DialOptions{}
	if len(subprotocols) > 0 && subprotocols[0] != "" {
		o.Subprotocols = subprotocols
	}
	ws, res, err := websocket.Dial(ctx, f.socketURL(path), o)
	if err != nil {
		return nil, res, err
	}
	ws.SetReadLimit(32 << 20)
	f.t.Cleanup(func() { ws.CloseNow() })
	return &client{t: f.t, ws: ws}, res, nil
}

// frame is what a client receives.
type frame struct {
	Type, Event, From, FromUserID, Group, DataType, Message string
	ConnectionID                                            webpubsub.ConnectionID
	UserID                                                  *string
	ReconnectionToken                                       string
	SequenceID, AckID                                       uint64
	Success                                                 bool
	Error                                                   struct{ Name string }
	Data                                                    json.RawMessage
}

func (c *client) greeted() {
	c.t.Helper()
	f := c.next()
	if f.Event != "connected" {
		c.t.Fatalf("the first frame is %+v", f)
	}
	c.id, c.reconnectionToken = f.ConnectionID, f.ReconnectionToken
}

func (c *client) read() (websocket.MessageType, []byte, error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	return c.ws.Read(ctx)
}

func (c *client) next() (f frame) {
	c.t.Helper()
	_, b, err := c.read()
	check(c.t, err)
	check(c.t, json.Unmarshal(b, &f))
	return f
}

func (c *client) send(text string) {
	c.t.Helper()
	check(c.t, c.ws.Write(c.t.Context(), websocket.MessageText, []byte(text)))
}

// closed reads to the end and returns how the service closed, and what it said before.
func (c *client) closed() (code websocket.StatusCode, reason, said string) {
	c.t.Helper()
	for {
		_, b, err := c.read()
		if err != nil {
			var closing websocket.CloseError
			if !errors.As(err, &closing) {
				c.t.Fatalf("no close frame: %v", err)
			}
			return closing.Code, closing.Reason, said
		}
		var f frame
		if json.Unmarshal(b, &f) == nil && f.Event == "disconnected" {
			said = f.Message
		}
	}
}

// recover comes back to the connection with its token.
func (f *fixture) recover(c *client, subprotocol string) *client {
	f.t.Helper()
	q := url.Values{"awps_connection_id": {string(c.id)}, "awps_reconnection_token": {c.reconnectionToken}}
	again, _, err := f.dial("/client/hubs/board?"+q.Encode(), subprotocol)
	check(f.t, err)
	again.id = c.id
	return again
}

// eventLog records events of one kind.
type eventLog struct {
	mu     sync.Mutex
	events []string
	more   chan struct{}
}

func newEventLog() *eventLog { return &eventLog{more: make(chan struct{}, 1000)} }

func (l *eventLog) add(s string) {
	l.mu.Lock()
	l.events = append(l.events, s)
	l.mu.Unlock()
	l.more <- struct{}{}
}

func (l *eventLog) await(t *testing.T, n int) []string {
	t.Helper()
	deadline := time.After(patience)
	for {
		l.mu.Lock()
		got := append([]string(nil), l.events...)
		l.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-l.more:
		case <-deadline:
			t.Fatalf("%d events, want %d: %q", len(got), n, got)
		}
	}
}

// awaitUser waits until the service knows a user. A simple client gets no greeting, so it may
// be connected a moment before that.
func (f *fixture) awaitUser(u webpubsub.UserID) {
	f.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		exists, err := f.rest.UserExists(f.t.Context(), u)
		check(f.t, err)
		if exists {
			return
		}
	}
	f.t.Fatalf("user %s does not appear", u)
}
