package webpubsubtest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

const subprotocol = "json.webpubsub.azure.v1"

// client is a WebSocket client that reads frames as JSON.
type client struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
}

func dial(t *testing.T, url string) (*client, *http.Response, error) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	conn, resp, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{subprotocol}})
	return &client{t, ctx, conn}, resp, err
}

func (c *client) write(frame string) {
	c.t.Helper()
	if err := c.conn.Write(c.ctx, websocket.MessageText, []byte(frame)); err != nil {
		c.t.Fatal(err)
	}
}

// read returns the next frame's fields.
func (c *client) read() map[string]any {
	c.t.Helper()
	_, raw, err := c.conn.Read(c.ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	var frame map[string]any
	if err := json.Unmarshal(raw, &frame); err != nil {
		c.t.Fatalf("%s: %v", raw, err)
	}
	return frame
}

// expect reads a frame and compares the fields that are given.
func (c *client) expect(fields map[string]any) {
	c.t.Helper()
	frame := c.read()
	for name, want := range fields {
		if frame[name] != want {
			c.t.Errorf("frame %v: %s is not %v", frame, name, want)
		}
	}
}

// app is what an app server does with events; it passes on what it saw.
type app struct {
	connect      chan *eventhandler.ConnectRequest
	connected    chan *eventhandler.ConnectedEvent
	event        chan *eventhandler.UserEvent
	disconnected chan *eventhandler.DisconnectedEvent
}

func ptr[T any](v T) *T { return &v }

func startApp(t *testing.T, s *webpubsubtest.Service) *app {
	t.Helper()
	a := &app{
		make(chan *eventhandler.ConnectRequest, 1), make(chan *eventhandler.ConnectedEvent, 1),
		make(chan *eventhandler.UserEvent, 1), make(chan *eventhandler.DisconnectedEvent, 1),
	}
	key, err := token.ParseConnectionString(s.ConnectionString)
	if err != nil {
		t.Fatal(err)
	}
	h, err := eventhandler.New(eventhandler.Options{
		Hub: "chat", AccessKeys: []string{key.AccessKey},
		Connect: func(_ context.Context, r *eventhandler.ConnectRequest) (*eventhandler.ConnectResponse, error) {
			if r.UserID == "mallory" {
				return nil, webpubsub.Errorf(webpubsub.Forbidden, "not you")
			}
			a.connect <- r
			return &eventhandler.ConnectResponse{
				UserID: ptr("Ann"), Groups: []string{"room"}, Roles: []string{"webpubsub.sendToGroup.room"}, State: ptr("seat 4"),
			}, nil
		},
		Connected: func(_ context.Context, e *eventhandler.ConnectedEvent) { a.connected <- e },
		UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			a.event <- e
			return &eventhandler.UserResponse{Data: &webpubsub.Data{Type: webpubsub.Text, Bytes: []byte("hello")}, State: ptr("seat 5")}, nil
		},
		Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { a.disconnected <- e },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.HandleEvents(t, "chat", h)
	return a
}

func TestService_lifeOfAConnection_reachesTheEventHandler(t *testing.T) {
	s := webpubsubtest.Start(t)
	a := startApp(t, s)
	c, _, err := dial(t, s.ClientURL(t, "chat", token.MintOptions{UserID: "ann"})+"&theme=dark")
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.CloseNow()

	request := receive(t, a.connect)
	if request.UserID != "ann" || request.EventID != 0 || strings.Join(request.Query["theme"], "") != "dark" || len(request.Query) != 1 ||
		len(request.Subprotocols) != 1 || request.Subprotocols[0] != subprotocol || strings.Join(request.Claims["sub"], "") != "ann" {
		t.Errorf("connect request %+v", request)
	}
	id := request.ConnectionID
	checkConnection(t, receive(t, a.connected).Connection, id, "seat 4")
	c.expect(map[string]any{"type": "system", "event": "connected", "userId": "Ann", "connectionId": string(id)})

	c.write(`{"type":"sendToGroup","group":"room","dataType":"text","data":"to all"}`)
	c.expect(map[string]any{"type": "message", "from": "group", "group": "room", "data": "to all", "fromUserId": "Ann"})

	c.write(`{"type":"event","event":"wave","dataType":"json","data":{"x":1},"ackId":1}`)
	wave := receive(t, a.event)
	checkConnection(t, wave.Connection, id, "seat 4")
	if wave.Name != "wave" || wave.Data.Type != webpubsub.JSON || string(wave.Data.Bytes) != `{"x":1}` {
		t.Errorf("user event %+v", wave)
	}
	c.expect(map[string]any{"type": "message", "from": "server", "dataType": "text", "data": "hello"})
	c.expect(map[string]any{"type": "ack", "ackId": 1.0, "success": true})

	if err := c.conn.Close(websocket.StatusNormalClosure, "had enough"); err != nil {
		t.Fatal(err)
	}
	gone := receive(t, a.disconnected)
	checkConnection(t, gone.Connection, id, "seat 5")
	if gone.Reason != "had enough" || gone.EventID <= wave.EventID {
		t.Errorf("disconnected %+v", gone)
	}
}

func receive[T any](t *testing.T, from chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("no %T", *new(T))
		panic("unreachable")
	}
}

func checkConnection(t *testing.T, c eventhandler.Connection, id webpubsub.ConnectionID, state string) {
	t.Helper()
	if c.Hub != "chat" || c.ConnectionID != id || c.UserID != "Ann" || c.Subprotocol != subprotocol || c.State == nil || *c.State != state {
		t.Errorf("event of %+v; want connection %s with state %q", c, id, state)
	}
}

func TestService_handlerRefuses_clientGetsItsStatus(t *testing.T) {
	s := webpubsubtest.Start(t)
	startApp(t, s)
	_, resp, err := dial(t, s.ClientURL(t, "chat", token.MintOptions{UserID: "mallory"}))
	if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("dial: %v, response %v; want 403", err, resp)
	}
}

func TestService_keyReplaced_refusesOldTokens(t *testing.T) {
	s := webpubsubtest.Start(t)
	url := s.ClientURL(t, "chat", token.MintOptions{UserID: "ann"})
	if err := s.Settings.SetKeys(t.Context(), webpubsub.Keys{Primary: token.NewKey(), Secondary: token.NewKey()}); err != nil {
		t.Fatal(err)
	}
	if _, resp, err := dial(t, url); err == nil || resp == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("dial: %v, response %v; want 401", err, resp)
	}
}
