package server_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/internal/tunnel"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/token"
	apptunnel "github.com/easelhq/easel/webpubsub/tunnel"
)

// tunnelToken is a token for an audience, signed with key.
func tunnelToken(t *testing.T, key, audience string, life time.Duration) string {
	t.Helper()
	raw, err := token.Mint(key, token.MintOptions{Audience: audience, UserID: "app-1", Lifetime: life}, time.Now().Add(-time.Hour))
	check(t, err)
	return raw
}

func TestTunnelEndpoint_authorizesByAudienceAndHub(t *testing.T) {
	f := start(t, func(o *server.Options) { o.Audiences = []string{"https://wps.example.net"} })
	here := f.socketURL("/server/tunnel")
	const valid = 2 * time.Hour
	for name, c := range map[string]struct {
		query, raw string
		status     int
	}{
		"as the tools sign":   {"?hub=board", tunnelToken(t, f.keys.Primary, here+"?hub=board", valid), 101},
		"secondary key":       {"?hub=board", tunnelToken(t, f.keys.Secondary, here+"?hub=board", valid), 101},
		"http scheme":         {"?hub=board", tunnelToken(t, f.keys.Primary, f.listener.URL+"/server/tunnel?hub=board", valid), 101},
		"public origin":       {"?hub=Board", tunnelToken(t, f.keys.Primary, "wss://wps.example.net/server/tunnel?hub=board", valid), 101},
		"with target":         {"?hub=board&target=t", tunnelToken(t, f.keys.Primary, here+"?hub=board&target=t", valid), 101},
		"another hub's token": {"?hub=board", tunnelToken(t, f.keys.Primary, here+"?hub=other", valid), 401},
		"client's token":      {"?hub=board", f.token(token.MintOptions{}), 401},
		"wrong key":           {"?hub=board", tunnelToken(t, "wrong", here+"?hub=board", valid), 401},
		"expired":             {"?hub=board", tunnelToken(t, f.keys.Primary, here+"?hub=board", time.Minute), 401},
		"no token":            {"?hub=board", "", 401},
		"no hub":              {"", tunnelToken(t, f.keys.Primary, here, valid), 400},
	} {
		separator := "&"
		if c.query == "" {
			separator = "?"
		}
		ws, res, err := websocket.Dial(t.Context(), here+c.query+separator+"access_token="+c.raw, nil)
		if res == nil || res.StatusCode != c.status {
			t.Errorf("%s: %v, %v; want %d", name, res, err, c.status)
		}
		if ws != nil {
			ws.CloseNow()
		}
	}
	res, err := http.Get(f.listener.URL + "/server/tunnel?hub=board")
	check(t, err)
	res.Body.Close()
	if res.StatusCode != 400 {
		t.Errorf("not a WebSocket: %d", res.StatusCode)
	}
}

// rawTunnel is an app server that speaks frames.
func (f *fixture) rawTunnel() *websocket.Conn {
	f.t.Helper()
	here := f.socketURL("/server/tunnel?hub=board")
	ws, _, err := websocket.Dial(f.t.Context(), here+"&access_token="+tunnelToken(f.t, f.keys.Primary, here, 2*time.Hour), nil)
	check(f.t, err)
	ws.SetReadLimit(tunnel.MaxFrameBytes)
	f.t.Cleanup(func() { ws.CloseNow() })
	return ws
}

func nextMessage[T tunnel.Message](t *testing.T, ws *websocket.Conn) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	kind, b, err := ws.Read(ctx)
	check(t, err)
	m, err := tunnel.Decode(b)
	check(t, err)
	got, ok := m.(T)
	if !ok || kind != websocket.MessageBinary {
		t.Fatalf("got %T %+v in a %v frame", m, m, kind)
	}
	return got
}

func sendMessage(t *testing.T, ws *websocket.Conn, m tunnel.Message) {
	t.Helper()
	b, err := tunnel.Encode(m)
	check(t, err)
	check(t, ws.Write(t.Context(), websocket.MessageBinary, b))
}

func (f *fixture) handleByTunnel() {
	f.t.Helper()
	check(f.t, f.settings.SetHub(f.t.Context(), "board", webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{
		URLTemplate: "tunnel:///ev/{hub}/{event}?a=1", UserEventPattern: "*", SystemEvents: []string{"disconnected"},
	}}}))
}

func TestTunnelEndpoint_frames(t *testing.T) {
	f := start(t, func(o *server.Options) { o.Audiences = []string{"https://wps.example.net:8443"} })
	f.handleByTunnel()
	ws := f.rawTunnel()
	if m := nextMessage[*tunnel.Connected](t, ws); m.UserID != "app-1" || m.ConnectionID == "" {
		t.Errorf("greeting %+v", m)
	}
	c := f.connect(plain, token.MintOptions{UserID: "ann"})
	c.send(`{"type":"event","event":"draw","dataType":"text","data":"hi","ackId":1}`)
	r := nextMessage[*tunnel.Request](t, ws)
	if r.Method != "POST" || r.URL != "https://wps.example.net:8443/ev/board/draw?a=1" || string(r.Content) != "hi" || r.LocalRouting || r.ChannelName != "" {
		t.Errorf("request %+v", r)
	}
	header := http.Header{}
	for k, v := range r.Headers {
		header[http.CanonicalHeaderKey(k)] = v
	}
	for name, want := range map[string]string{
		"ce-type": "azure.webpubsub.user.draw", "ce-userId": "ann", "ce-connectionId": string(c.id), "Content-Type": "text/plain; charset=utf-8",
		"Content-Length": "2", "WebHook-Request-Origin": "wps.example.net", "ce-awpsversion": "1.0",
	} {
		if header.Get(name) != want {
			t.Errorf("header %s is %q, want %q", name, header.Get(name), want)
		}
	}
	sendMessage(t, ws, &tunnel.Response{AckID: r.AckID, StatusCode: 200, Headers: map[string][]string{"content-type": {"application/json"}, "ce-connectionstate": {"e30="}}, NotCompleted: true, Content: []byte(`{"a"`)})
	sendMessage(t, ws, &tunnel.Response{AckID: r.AckID, StatusCode: 200, Content: []byte(`:1}`)})
	if m := c.next(); m.From != "server" || string(m.Data) != `{"a":1}` {
		t.Errorf("answer %+v", m)
	}
	if m := c.next(); !m.Success || m.AckID != 1 {
		t.Errorf("ack %+v", m)
	}
	c.send(`{"type":"event","event":"erase","dataType":"text","data":"x"}`)
	r = nextMessage[*tunnel.Request](t, ws)
	if !slices.Equal(r.Headers["Ce-Connectionstate"], []string{"e30="}) {
		t.Errorf("state %v", r.Headers)
	}
	sendMessage(t, ws, &tunnel.Response{AckID: r.AckID, StatusCode: 204})
}

func TestTunnelEndpoint_restCalls_areAnsweredInOrder(t *testing.T) {
	f := start(t)
	ws := f.rawTunnel()
	nextMessage[*tunnel.Connected](t, ws)
	c := f.connect(plain, token.MintOptions{UserID: "ann"})
	calls := []struct {
		method, path string
		status       int
	}{
		{"POST", "board/:send", 202},
		{"HEAD", "board/users/ann", 200},
		{"HEAD", "board/users/bob", 404},
		{"PUT", "board/groups/g/connections/" + string(c.id), 200},
		{"DELETE", "board/groups/g/connections/" + string(c.id), 204},
		{"POST", "other/:send", 403},
		{"GET", "BOARD/groups/g/connections", 200},
	}
	for i, call := range calls {
		sendMessage(t, ws, &tunnel.Request{
			AckID: uint64(i) + 7, Method: call.method, URL: "https://host/api/hubs/" + call.path + "?api-version=2024-12-01",
			Headers: map[string][]string{"Content-Type": {"text/plain"}}, LocalRouting: true, ChannelName: "ch", Content: []byte("hello"),
		})
	}
	for i, call := range calls {
		m := nextMessage[*tunnel.Response](t, ws)
		if m.AckID != uint64(i)+7 || m.StatusCode != call.status || !m.LocalRouting || m.ChannelName != "ch" || m.NotCompleted {
			t.Errorf("%s %s: %+v %s", call.method, call.path, m, m.Content)
		}
	}
	if m := c.next(); string(m.Data) != `"hello"` {
		t.Errorf("message %+v", m)
	}
}

func TestTunnelEndpoint_nonsense_endsTheTunnelAlone(t *testing.T) {
	f := start(t)
	ws := f.rawTunnel()
	nextMessage[*tunnel.Connected](t, ws)
	check(t, ws.Write(t.Context(), websocket.MessageBinary, []byte("nonsense")))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, _, err := ws.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("the tunnel goes on: %v", err)
	}
	check(t, f.rest.Health(t.Context()))
}

// The last events of clients still go down the tunnel; then it is closed with 1001.
func TestShutdown_tunnelCarriesTheLastEvents(t *testing.T) {
	f := start(t)
	f.handleByTunnel()
	gone := newEventLog()
	var mu sync.Mutex
	var last error
	tun, err := apptunnel.New(token.ConnectionString{Endpoint: f.listener.URL, AccessKey: f.keys.Primary}.String(), "board",
		f.handler(eventhandler.Options{Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { gone.add(string(e.UserID)) }}),
		&apptunnel.Options{OnState: func(connected bool, err error) {
			mu.Lock()
			defer mu.Unlock()
			if !connected && last == nil {
				last = err
			}
			gone.add(map[bool]string{true: "up", false: "down"}[connected])
		}})
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { tun.Run(ctx) })
	defer run.Wait()
	defer cancel()
	gone.await(t, 1)
	for _, user := range []string{"ann", "bob", "cat"} {
		c := f.connect(plain, token.MintOptions{UserID: user})
		go func() { // answers the close frame
			for err := error(nil); err == nil; _, _, err = c.ws.Read(ctx) {
			}
		}()
	}
	stop, done := context.WithTimeout(t.Context(), patience)
	defer done()
	check(t, f.server.Shutdown(stop))
	told := gone.await(t, 5)
	for _, user := range []string{"ann", "bob", "cat"} {
		if !slices.Contains(told[:4], user) {
			t.Errorf("%s is missing in %q", user, told)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if websocket.CloseStatus(last) != websocket.StatusGoingAway {
		t.Errorf("the tunnel ended with %v", last)
	}
	_, res, err := websocket.Dial(t.Context(), f.socketURL("/server/tunnel?hub=board"), nil)
	if err == nil {
		t.Error("a tunnel was accepted after the end")
	}
	io.Copy(io.Discard, res.Body)
	if !strings.HasPrefix(res.Status, "401") { // without a token that is all one learns
		t.Errorf("status %s", res.Status)
	}
}
