package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/internal/wire"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

// What is within a limit passes, in every subprotocol; one more closes the connection with
// the documented code and reason, and it is gone.
func TestLimits_ofRequests(t *testing.T) {
	ascii := func(n int) string { return strings.Repeat("g", n) }
	send := func(r wire.Request) wire.Request {
		r.Type, r.Group, r.Data = wire.SendToGroup, "g", textData("hi")
		return r
	}
	metadata := func(entries, size int) webpubsub.Metadata {
		m := webpubsub.Metadata{}
		for i := range entries {
			m[string(rune('a'+i))] = strings.Repeat("v", size)
		}
		return m
	}
	for name, c := range map[string]struct{ within, beyond wire.Request }{
		"group name": {
			wire.Request{Type: wire.JoinGroup, Group: webpubsub.GroupName(ascii(1024))},
			wire.Request{Type: wire.JoinGroup, Group: webpubsub.GroupName(ascii(1025))}},
		"group name, in UTF-16 units": {
			wire.Request{Type: wire.JoinGroup, Group: webpubsub.GroupName(strings.Repeat("😀", 512))},
			wire.Request{Type: wire.JoinGroup, Group: webpubsub.GroupName(strings.Repeat("😀", 512) + "g")}},
		"event name": {
			wire.Request{Type: wire.Event, Event: webpubsub.EventName(ascii(128)), Data: textData("")},
			wire.Request{Type: wire.Event, Event: webpubsub.EventName(ascii(129)), Data: textData("")}},
		"ttl":            {send(wire.Request{TTL: 300 * time.Second}), send(wire.Request{TTL: 301 * time.Second})},
		"metadata key":   {send(wire.Request{Metadata: webpubsub.Metadata{ascii(256): "v"}}), send(wire.Request{Metadata: webpubsub.Metadata{ascii(257): "v"}})},
		"metadata value": {send(wire.Request{Metadata: metadata(1, 1024)}), send(wire.Request{Metadata: metadata(1, 1025)})},
		"metadata sum":   {send(wire.Request{Metadata: metadata(8, 1023)}), send(wire.Request{Metadata: metadata(9, 1000)})},
		"stream id": {
			wire.Request{Type: wire.StreamStart, Group: "g", StreamID: ascii(1024), StreamIdle: time.Minute},
			wire.Request{Type: wire.StreamStart, Group: "g", StreamID: ascii(1025), StreamIdle: time.Minute}},
		"group state, JSON": {
			wire.Request{Type: wire.SetGroupState, Group: "g", State: map[string]string{"k": strings.Repeat("v", 8191)}},
			wire.Request{Type: wire.SetGroupState, Group: "g", State: map[string]string{"k": strings.Repeat("v", 8192)}}},
		"invocation id, JSON": {
			wire.Request{Type: wire.Invoke, Event: "e", InvocationID: ascii(1024)},
			wire.Request{Type: wire.Invoke, Event: "e", InvocationID: ascii(1025)}},
	} {
		f := start(t)
		for subprotocol, format := range subprotocols {
			if format != wire.JSON && strings.HasSuffix(name, "JSON") {
				continue
			}
			p := f.peer(subprotocol, everything)
			p.request(c.within)
			p.request(wire.Request{Type: wire.Ping})
			for p.response().Type != wire.Pong { // after answers to the first
			}
			p.request(c.beyond)
			reason := "The client message is not a valid JSON protocol message."
			if format != wire.JSON {
				reason = "The client message is not a valid protobuf protocol message."
			}
			if code, got, _ := p.closed(); code != 1007 || got != reason {
				t.Errorf("%s, %s: closed with %d %q", name, subprotocol, code, got)
			}
			if exists, err := f.rest.ConnectionExists(t.Context(), p.id); err != nil || exists {
				t.Errorf("%s, %s: the connection still exists: %v, %v", name, subprotocol, exists, err)
			}
		}
	}
}

// Broken frames end every connection for good, a recoverable one too.
func TestBrokenFraming_closesWith1002(t *testing.T) {
	for _, subprotocol := range []string{"", plain, reliable, plainProtobuf, reliableProtobuf} {
		t.Run("subprotocol "+subprotocol, func(t *testing.T) {
			f := start(t)
			gone := newEventLog()
			f.handle(f.handler(eventhandler.Options{Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { gone.add(e.Reason) }}))
			dialer := &net.Dialer{}
			var tcp net.Conn
			o := &websocket.DialOptions{HTTPClient: clientOf(func(ctx context.Context, network, addr string) (net.Conn, error) {
				var err error
				tcp, err = dialer.DialContext(ctx, network, addr)
				return tcp, err
			})}
			if subprotocol != "" {
				o.Subprotocols = []string{subprotocol}
			}
			ws, _, err := websocket.Dial(t.Context(), f.socketURL("/client/hubs/board?access_token="+f.token(everything)), o)
			check(t, err)
			defer ws.CloseNow()
			_, err = tcp.Write([]byte{0xf3, 0x80, 1, 2, 3, 4}) // reserved bits and an unknown opcode
			check(t, err)
			c := &client{t: t, ws: ws}
			if code, reason, _ := c.closed(); code != 1002 || reason != "The client frame is invalid." {
				t.Errorf("%d %q", code, reason)
			}
			if got := gone.await(t, 1); got[0] != "The client frame is invalid." {
				t.Errorf("%q", got)
			}
		})
	}
}

// The queue of a slow client, and what a reliable one does not acknowledge, are bounded as
// the options say.
func TestLimits_ofWhatWaits(t *testing.T) {
	big := service.Binary(bytes.Repeat([]byte{7}, 1<<20))
	small := service.Text("x")
	for name, c := range map[string]struct {
		subprotocol string
		change      func(*server.Options)
		data        webpubsub.Data
		most        int // messages that surely can't be kept
		reason      string
	}{
		"unacknowledged, by default":        {reliable, nil, small, 1001, "The reliable message buffer is full."},
		"unacknowledged, messages":          {reliableProtobuf, func(o *server.Options) { o.MaxUnacknowledged = 10 }, small, 11, "The reliable message buffer is full."},
		"unacknowledged, bytes":             {reliable, func(o *server.Options) { o.MaxUnacknowledgedBytes = 100 }, small, 2, "The reliable message buffer is full."},
		"unacknowledged, bytes, by default": {reliableProtobuf, nil, big, 17, "The reliable message buffer is full."},
		"queued, bytes, by default":         {plainProtobuf, nil, big, 40, "The outbound message queue is full."},
		"queued, bytes":                     {plain, func(o *server.Options) { o.MaxQueuedBytes = 1 << 10 }, big, 1, "The outbound message queue is full."},
		"queued, of a simple client":        {"", nil, big, 40, "The outbound message queue is full."},
	} {
		t.Run(name, func(t *testing.T) {
			gone := newEventLog()
			f := start(t, func(o *server.Options) {
				if c.change != nil {
					c.change(o)
				}
			})
			f.handle(f.handler(eventhandler.Options{Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { gone.add(e.Reason) }}))
			cl, _, err := f.dial("/client/hubs/board?access_token="+f.token(token.MintOptions{UserID: "slow"}), c.subprotocol)
			check(t, err)
			f.awaitUser("slow")
			for range c.most {
				check(t, f.rest.SendToUser(t.Context(), "slow", c.data, nil))
			}
			if got := gone.await(t, 1); got[0] != c.reason {
				t.Errorf("%q", got)
			}
			if c.data.Type == webpubsub.Text {
				if code, reason, _ := cl.closed(); code != 1008 || reason != c.reason {
					t.Errorf("%d %q", code, reason)
				}
			}
		})
	}
}

func TestLimits_ofRoles(t *testing.T) {
	f := start(t)
	var roles []string
	for i := range webpubsub.MaxPermissionPatterns + 1 {
		roles = append(roles, fmt.Sprintf("webpubsub.sendToGroups.p%d.*", i))
	}
	for i := range webpubsub.MaxPermissionGroups + 1 {
		roles = append(roles, fmt.Sprintf("webpubsub.joinLeaveGroup.g%d", i))
	}
	p := f.peer(plain, token.MintOptions{Roles: append(roles, "webpubsub.sendToGroups.a*b*c*d*e*f*")})
	for group, want := range map[webpubsub.GroupName]bool{"p0.x": true, "p9.x": true, "p10.x": false, "abcdef": false} {
		if a := p.acked(wire.Request{Type: wire.SendToGroup, Group: group, Data: textData("")}); a.Success != want {
			t.Errorf("send to %s: %+v", group, a)
		}
	}
	for group, want := range map[webpubsub.GroupName]bool{"g0": true, "g999": true, "g1000": false} {
		if a := p.acked(wire.Request{Type: wire.JoinGroup, Group: group}); a.Success != want {
			t.Errorf("join %s: %+v", group, a)
		}
	}
	if err := f.rest.Grant(t.Context(), webpubsub.JoinLeaveGroup, p.id, "g1000"); webpubsub.CodeOf(err) != webpubsub.Conflict {
		t.Errorf("the 1001st group is granted: %v", err)
	}
}

func TestLimits_ofAckIDs(t *testing.T) {
	f := start(t)
	p := f.peer(plainProtobuf, everything)
	const n = webpubsub.MaxRememberedAckIDs
	for id := range uint64(n + 1) {
		p.request(wire.Request{Type: wire.JoinGroup, Group: "g", AckID: &id})
		if a := p.expect(wire.Ack); a.AckID != id || !a.Success {
			t.Fatalf("%+v", a)
		}
	}
	for id, want := range map[uint64]bool{0: true, 2: false, n: false} {
		p.request(wire.Request{Type: wire.JoinGroup, Group: "g", AckID: &id})
		if a := p.expect(wire.Ack); a.Success != want || !want && a.Error.Name != "Duplicate" {
			t.Errorf("id %d again: %+v", id, a)
		}
	}
}

func TestOptions_negativeLimits_areRefused(t *testing.T) {
	for name, change := range map[string]func(*server.Options){
		"MaxConnections": func(o *server.Options) { o.MaxConnections = -1 },
		"MaxQueued":      func(o *server.Options) { o.MaxQueued = -1 },
		"RecoveryWindow": func(o *server.Options) { o.RecoveryWindow = -1 },
	} {
		o := server.Options{Settings: start(t).settings}
		change(&o)
		if s, err := server.New(o); err == nil || !strings.Contains(err.Error(), "-1") {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

// In the fake time of a bubble: a client that for half a minute takes nothing from its socket
// is slow, not gone; one that is silent for far longer is gone.
func TestKeepAlive_slowSocket_isGivenTwoIntervals(t *testing.T) {
	for _, c := range []struct {
		pause time.Duration
		alive bool
	}{{35 * time.Second, true}, {2 * time.Minute, false}} {
		t.Run(c.pause.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testPause(t, c.pause, c.alive) })
		})
	}
}

// A client that reads nothing holds up the writer with the first message; then as many fit as
// the documentation says.
func TestLimits_ofTheQueue_inMessages(t *testing.T) {
	for name, c := range map[string]struct {
		subprotocol string
		most, want  int
	}{
		"by default":         {plain, 0, 1000},
		"as the option says": {plainProtobuf, 7, 7},
		"simple":             {"", 0, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := startBubble(t, server.Options{MaxQueued: c.most})
				ws := b.dial(c.subprotocol)
				synctest.Wait()
				if c.subprotocol != "" { // the greeting
					_, _, err := ws.Read(t.Context())
					check(t, err)
				}
				send := func() { b.server.SendToUser("board", "ann", service.Text("x"), rest.SendOptions{}) }
				send()
				synctest.Wait() // now it is being written
				for range c.want {
					send()
				}
				if !b.server.UserExists("board", "ann") {
					t.Errorf("%d messages must fit", c.want)
				}
				send()
				if b.server.UserExists("board", "ann") {
					t.Errorf("one more than %d must not fit", c.want)
				}
				b.stop(ws)
			})
		})
	}
}

func testPause(t *testing.T, pause time.Duration, alive bool) {
	b := startBubble(t, server.Options{})
	ws := b.dial(plain)
	c := &client{t: t, ws: ws}
	c.greeted()

	<-time.After(pause)
	answered := make(chan error, 1)
	go func() { // a pipe takes nothing while nobody reads
		_, _, err := ws.Read(t.Context())
		answered <- err
	}()
	writeErr := ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"ping"}`))
	if readErr := <-answered; (readErr == nil) != alive || alive && writeErr != nil {
		t.Errorf("after %v: %v, %v; alive must be %v", pause, readErr, writeErr, alive)
	}
	b.stop(ws)
}

// bubble is a service in memory, for the fake time of synctest.
type bubble struct {
	t      *testing.T
	server *server.Server
	http   *http.Server
	client *http.Client
	token  string

	settings webpubsub.SettingsStore
}

func startBubble(t *testing.T, o server.Options) *bubble {
	keys := webpubsub.Keys{Primary: token.NewKey()}
	o.Settings = webpubsubtest.NewSettings(keys)
	s, err := server.New(o)
	check(t, err)
	raw, err := token.Mint(keys.Primary, token.MintOptions{UserID: "ann", Audience: "http://wps.example.net/client/hubs/board"}, time.Now())
	check(t, err)
	pipes := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	b := &bubble{t: t, server: s, http: &http.Server{Handler: s}, client: clientOf(pipes.dial), token: raw, settings: o.Settings}
	go b.http.Serve(pipes)
	return b
}

func (b *bubble) dial(subprotocol string) *websocket.Conn {
	o := &websocket.DialOptions{HTTPClient: b.client}
	if subprotocol != "" {
		o.Subprotocols = []string{subprotocol}
	}
	ws, _, err := websocket.Dial(b.t.Context(), "ws://wps.example.net/client/hubs/board?access_token="+b.token, o)
	check(b.t, err)
	return ws
}

func (b *bubble) stop(ws *websocket.Conn) {
	ws.CloseNow()
	b.client.CloseIdleConnections()
	check(b.t, b.server.Shutdown(context.Background()))
	check(b.t, b.http.Close())
}

// pipeListener accepts connections in memory.
type pipeListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// clientOf is an HTTP client whose connections are made by dial.
func clientOf(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
}
