package server_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/internal/wire"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

func TestSubprotocols_exchangeMessagesOfEveryType(t *testing.T) {
	f := start(t)
	receivers := map[string]*peer{}
	for name := range subprotocols {
		receivers[name] = f.peer(name, token.MintOptions{Groups: []string{"g"}})
	}
	simple := f.connect("", token.MintOptions{UserID: "simple", Groups: []string{"g"}})
	f.awaitUser("simple")
	for sender := range subprotocols {
		from := f.peer(sender, everything)
		for _, d := range []webpubsub.Data{
			{Type: webpubsub.JSON, Bytes: []byte(`{"b":1.0,"a":[null]}`)}, {Type: webpubsub.Text, Bytes: []byte("hi 😀")}, {Type: webpubsub.Text, Bytes: []byte{}},
			{Type: webpubsub.Binary, Bytes: []byte("\x00\xff")}, {Type: webpubsub.Protobuf, Bytes: []byte("\x0a\x01a\x12\x02hi")},
		} {
			m := webpubsub.Metadata{"trace": "a1"}
			if a := from.acked(wire.Request{Type: wire.SendToGroup, Group: "g", Data: &d, Metadata: m}); !a.Success {
				t.Fatalf("%s: %+v", sender, a)
			}
			for name, to := range receivers {
				got := to.expect(wire.Message).Message
				want := webpubsub.Message{Group: "g", Data: d, Metadata: m}
				if to.format == wire.JSON {
					want.FromUserID = "ann"
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s to %s: got %+v, want %+v", sender, name, got, want)
				}
			}
			kind, b, err := simple.read()
			if wantText := d.Type == webpubsub.Text || d.Type == webpubsub.JSON; err != nil || (kind == websocket.MessageText) != wantText || string(b) != string(d.Bytes) {
				t.Errorf("%s to a simple client: %v %q, %v", sender, kind, b, err)
			}
		}
	}
}

func TestEveryRequest_isAcknowledgedInEverySubprotocol(t *testing.T) {
	forEachSubprotocol(t, func(t *testing.T, f *fixture, subprotocol string) {
		f.handle(f.handler(eventhandler.Options{UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			return &eventhandler.UserResponse{Data: &e.Data}, nil
		}}))
		p := f.peer(subprotocol, token.MintOptions{UserID: "ann", Roles: []string{"webpubsub.joinLeaveGroup.g", "webpubsub.sendToGroup.g"}})
		if reliable := subprotocol == reliable || subprotocol == reliableProtobuf; (p.reconnectionToken != "") != reliable || p.connected.UserID != "ann" {
			t.Errorf("greeted by %+v", p.connected)
		}
		for _, r := range []wire.Request{
			{Type: wire.JoinGroup, Group: "g"}, {Type: wire.SendToGroup, Group: "g", NoEcho: true, Data: textData("hi")}, {Type: wire.LeaveGroup, Group: "g"}, {Type: wire.Event, Event: "e", Data: textData("hi")},
		} {
			if a := p.acked(r); !a.Success || a.Error != nil {
				t.Errorf("%+v: %+v", r, a)
			}
			p.lastAckID-- // again with the same id
			if a := p.acked(r); a.Success || a.Error.Name != "Duplicate" || a.Error.Message != fmt.Sprintf("Message with ack-id: %d has been processed", a.AckID) {
				t.Errorf("%+v again: %+v", r, a)
			}
		}
		if a := p.acked(wire.Request{Type: wire.JoinGroup, Group: "h"}); a.Success || a.Error.Name != "Forbidden" {
			t.Errorf("%+v", a)
		}
		p.request(wire.Request{Type: wire.Ping})
		p.expect(wire.Pong)
		check(t, f.rest.CloseConnection(t.Context(), p.id, "nightly restart"))
		if got := p.expect(wire.Disconnected); got.Reason != "Application server closed the connection. Reason: nightly restart" {
			t.Errorf("%+v", got)
		}
		if code, reason, _ := p.closed(); code != 1000 || reason != "" {
			t.Errorf("%d %q", code, reason)
		}
	})
}

// One invocation is answered, one fails, one is cancelled at its handler, which notices, and
// what is behind it goes on.
func TestInvoke_andCancel(t *testing.T) {
	f := start(t)
	begun, noticed := make(chan struct{}), make(chan struct{})
	f.handle(f.handler(eventhandler.Options{UserEvent: func(ctx context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
		switch e.Name {
		case "fail":
			return nil, webpubsub.Errorf(webpubsub.Forbidden, "no")
		case "hang":
			close(begun)
			<-ctx.Done()
			close(noticed)
			return nil, ctx.Err()
		}
		return &eventhandler.UserResponse{Data: &e.Data}, nil
	}}))
	p := f.peer(reliable, everything)
	p.request(wire.Request{Type: wire.Invoke, InvocationID: "1", Event: "echo", Data: textData("hi")})
	if got := p.expect(wire.InvokeResponse); got.InvocationID != "1" || !got.Success || string(got.Data.Bytes) != "hi" {
		t.Errorf("%+v", got)
	}
	p.request(wire.Request{Type: wire.Invoke, InvocationID: "2", Event: "fail"})
	if got := p.expect(wire.InvokeResponse); got.InvocationID != "2" || got.Success || got.Error.Name != "InternalServerError" {
		t.Errorf("%+v", got)
	}
	p.request(wire.Request{Type: wire.Invoke, InvocationID: "3", Event: "hang"})
	<-begun
	p.request(wire.Request{Type: wire.Invoke, InvocationID: "4", Event: "echo", Data: textData("behind")})
	p.request(wire.Request{Type: wire.CancelInvocation, InvocationID: "3"})
	if got := p.expect(wire.InvokeResponse); got.InvocationID != "4" || string(got.Data.Bytes) != "behind" {
		t.Errorf("%+v", got)
	}
	<-noticed
}

func TestSimpleClient_lost_cancelsItsEvent(t *testing.T) {
	f := start(t)
	begun, noticed := make(chan struct{}), make(chan struct{})
	f.handle(f.handler(eventhandler.Options{UserEvent: func(ctx context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
		close(begun)
		<-ctx.Done()
		close(noticed)
		return nil, ctx.Err()
	}}))
	c := f.connect("", everything)
	c.send("hi")
	<-begun
	c.ws.CloseNow()
	<-noticed
}

// metadata goes from a client to its handler and back.
func TestMetadata_ofEvents_reachesTheHandlerAndComesBack(t *testing.T) {
	forEachSubprotocol(t, func(t *testing.T, f *fixture, subprotocol string) {
		f.handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WebHook-Allowed-Origin", "*")
			if trace := r.Header.Get("X-Webpubsub-Metadata-Trace"); trace != "" {
				w.Header().Set("X-WebPubSub-Metadata-Trace", trace+"!")
			}
		}))
		p := f.peer(subprotocol, everything)
		p.request(wire.Request{Type: wire.Event, Event: "e", Data: textData("hi"), Metadata: webpubsub.Metadata{"trace": "a1"}})
		m := p.expect(wire.Message).Message
		if !reflect.DeepEqual(m.Metadata, webpubsub.Metadata{"trace": "a1!"}) || len(m.Data.Bytes) != 0 {
			t.Errorf("%+v", m)
		}
	})
}

func TestStream_reachesEverySubprotocol(t *testing.T) {
	f := start(t)
	receivers := map[string]*peer{}
	for name := range subprotocols {
		receivers[name] = f.peer(name, token.MintOptions{Groups: []string{"g"}})
	}
	for name := range subprotocols {
		p := f.peer(name, token.MintOptions{Roles: everything.Roles, Groups: []string{"g"}})
		p.request(wire.Request{Type: wire.StreamStart, Group: "g", NoEcho: true, StreamID: name, StreamIdle: time.Minute})
		if got := p.expect(wire.StreamAck); got.StreamID != name || got.ExpectedSequenceID != 1 {
			t.Fatalf("%+v", got)
		}
		for i := range uint64(3) {
			p.request(wire.Request{Type: wire.StreamData, StreamID: name, SequenceID: i + 1, Data: textData(fmt.Sprint(i + 1))})
			if got := p.expect(wire.StreamAck); got.ExpectedSequenceID != i+2 {
				t.Fatalf("%+v", got)
			}
		}
		p.request(wire.Request{Type: wire.StreamEnd, StreamID: name, StreamError: &webpubsub.StreamError{Message: "stopped", UserErrorCode: "E1"}})
		if got := p.expect(wire.StreamClosed); got.Error != nil {
			t.Errorf("%+v", got)
		}
		for to, r := range receivers {
			for i := range uint64(4) {
				want := &webpubsub.StreamPart{ID: name, SequenceID: i + 1}
				if i == 3 {
					want.End, want.Error = true, &webpubsub.StreamError{Name: "UserError", Message: "stopped", UserErrorCode: "E1"}
				}
				if m := r.expect(wire.Message).Message; !reflect.DeepEqual(m.Stream, want) || m.Group != "g" || i < 3 && string(m.Data.Bytes) != fmt.Sprint(i+1) {
					t.Errorf("%s to %s: %+v, want %+v", name, to, m, want)
				}
			}
		}
		p.ws.Close(websocket.StatusNormalClosure, "")
	}
}

// A stream goes on after a recovery, times out when nothing comes, and is cancelled with its
// publisher.
func TestStream_recovery_idleTimeout_cancellation(t *testing.T) {
	for _, name := range []string{reliable, reliableProtobuf} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			member := f.peer(plain, token.MintOptions{Groups: []string{"g"}})
			p := f.peer(name, everything)
			begin := func(id string, idle time.Duration) {
				p.request(wire.Request{Type: wire.StreamStart, Group: "g", StreamID: id, StreamIdle: idle})
				p.expect(wire.StreamAck)
			}
			begin("lasting", time.Hour)
			p.request(wire.Request{Type: wire.StreamData, StreamID: "lasting", SequenceID: 1, Data: textData("1")})
			p.expect(wire.StreamAck)
			p.ws.CloseNow()
			p.resume(f, name)
			p.request(wire.Request{Type: wire.StreamData, StreamID: "lasting", SequenceID: 1, Data: textData("1")})
			p.request(wire.Request{Type: wire.StreamData, StreamID: "lasting", SequenceID: 2, Data: textData("2")})
			for _, want := range []uint64{2, 3} {
				if got := p.expect(wire.StreamAck); got.ExpectedSequenceID != want {
					t.Errorf("%+v", got)
				}
			}
			begin("short", 20*time.Millisecond)
			if got := p.expect(wire.StreamClosed); got.StreamID != "short" || got.Error.Name != "IdleTimeout" {
				t.Errorf("%+v", got)
			}
			p.ws.Close(websocket.StatusNormalClosure, "bye")
			for _, want := range []struct {
				text, err string
				id        uint64
			}{{"1", "", 1}, {"2", "", 2}, {"", "IdleTimeout", 1}, {"", "Cancelled", 3}} {
				m := member.expect(wire.Message).Message
				if string(m.Data.Bytes) != want.text || m.Stream.SequenceID != want.id || (m.Stream.Error != nil) != (want.err != "") || m.Stream.Error != nil && m.Stream.Error.Name != want.err {
					t.Errorf("%+v %+v, want %+v", m, m.Stream, want)
				}
			}
		})
	}
}

func TestGroupState_snapshotThenUpdates(t *testing.T) {
	f := start(t)
	ann, bob := f.peer(plain, everything), f.peer(reliable, token.MintOptions{UserID: "bob", Roles: everything.Roles})
	set := func(p *peer, state map[string]string) {
		t.Helper()
		if a := p.acked(wire.Request{Type: wire.SetGroupState, Group: "g", State: state}); !a.Success {
			t.Fatalf("%+v", a)
		}
	}
	var last time.Time
	change := func(r wire.Response, who *peer, user webpubsub.UserID, state map[string]string) {
		t.Helper()
		if len(r.Items) != 1 || r.Group != "g" {
			t.Fatalf("%+v", r)
		}
		item := r.Items[0]
		if item.ConnectionID != who.id || item.UserID != user || !reflect.DeepEqual(item.State, state) || !item.UpdatedAt.After(last) {
			t.Errorf("%+v; want %v of %s after %v", item, state, user, last)
		}
		last = item.UpdatedAt
	}
	set(ann, map[string]string{"cursor": "1"})
	bob.request(wire.Request{Type: wire.SubscribeGroupState, Group: "g"})
	r := bob.expect(wire.GroupStateSnapshot)
	change(r, ann, "ann", map[string]string{"cursor": "1"})
	if r.SequenceID != 1 {
		t.Errorf("%+v", r)
	}
	for i := range 3 {
		state := map[string]string{"cursor": fmt.Sprint(i)}
		set(ann, state)
		change(bob.expect(wire.GroupStateUpdate), ann, "ann", state)
	}
	set(ann, nil)
	change(bob.expect(wire.GroupStateUpdate), ann, "ann", nil)
	set(ann, map[string]string{"cursor": "2"})
	change(bob.expect(wire.GroupStateUpdate), ann, "ann", map[string]string{"cursor": "2"})
	// Lost news are sent again, the end of a connection clears its state.
	bob.ws.CloseNow()
	ann.ws.Close(websocket.StatusNormalClosure, "")
	bob.resume(f, reliable)
	bob.expect(wire.GroupStateSnapshot)
	for range 5 {
		bob.expect(wire.GroupStateUpdate)
	}
	change(bob.expect(wire.GroupStateUpdate), ann, "ann", nil)
	if a := bob.acked(wire.Request{Type: wire.UnsubscribeGroupState, Group: "g"}); !a.Success {
		t.Errorf("%+v", a)
	}
}

func TestConnectHandler_choosesAnUnknownSubprotocol_makesASimpleClient(t *testing.T) {
	f := start(t)
	f.handle(f.handler(eventhandler.Options{
		Connect: func(context.Context, *eventhandler.ConnectRequest) (*eventhandler.ConnectResponse, error) {
			return &eventhandler.ConnectResponse{Subprotocol: "chat"}, nil
		},
		UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			return &eventhandler.UserResponse{Data: &e.Data}, nil
		},
	}))
	c, res, err := f.dial("/client/hubs/board?access_token="+f.token(everything), plain, "chat")
	check(t, err)
	if got := res.Header.Get("Sec-WebSocket-Protocol"); got != "chat" {
		t.Errorf("agreed on %q", got)
	}
	c.send("bare")
	if _, b, err := c.read(); err != nil || string(b) != "bare" {
		t.Errorf("%q, %v", b, err)
	}
	if _, res, err := f.dial("/client/hubs/board?webpubsub_mode=shout&access_token="+f.token(everything), plain, "chat"); err == nil || res.StatusCode != 400 {
		t.Errorf("a simple client with a bad mode: %v, %v", res, err)
	}
}

func TestRecovery_answersWithTheOriginalSubprotocol(t *testing.T) {
	f := start(t)
	for _, name := range []string{reliable, reliableProtobuf} {
		p := f.peer(name, everything)
		p.ws.CloseNow()
		// The mode, wrong or not, and the token don't matter any more.
		path := fmt.Sprintf("/client/hubs/board?webpubsub_mode=shout&access_token=old&awps_connection_id=%s&awps_reconnection_token=%s", p.id, p.reconnectionToken)
		req, err := http.NewRequest(http.MethodGet, f.listener.URL+path, nil)
		check(t, err)
		upgradeHeaders(req.Header)
		res, err := http.DefaultTransport.RoundTrip(req)
		check(t, err)
		res.Body.Close()
		if got := res.Header.Get("Sec-WebSocket-Protocol"); res.StatusCode != 101 || got != name {
			t.Errorf("offered nothing, agreed on %q, want %q", got, name)
		}
	}
}

func upgradeHeaders(h http.Header) {
	h.Set("Connection", "keep-alive, Upgrade")
	h.Set("Upgrade", "websocket")
	h.Set("Sec-WebSocket-Version", "13")
	h.Set("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
}

func TestHandshake_thatIsNone_is400(t *testing.T) {
	f := start(t)
	for name, change := range map[string]func(*http.Request){
		"a POST":              func(r *http.Request) { r.Method = http.MethodPost },
		"no Connection":       func(r *http.Request) { r.Header.Del("Connection") },
		"another Connection":  func(r *http.Request) { r.Header.Set("Connection", "keep-alive") },
		"no Upgrade":          func(r *http.Request) { r.Header.Del("Upgrade") },
		"another Upgrade":     func(r *http.Request) { r.Header.Set("Upgrade", "h2c") },
		"an old version":      func(r *http.Request) { r.Header.Set("Sec-WebSocket-Version", "8") },
		"no version":          func(r *http.Request) { r.Header.Del("Sec-WebSocket-Version") },
		"no key":              func(r *http.Request) { r.Header.Del("Sec-WebSocket-Key") },
		"a short key":         func(r *http.Request) { r.Header.Set("Sec-WebSocket-Key", "AAAA") },
		"a key not in base64": func(r *http.Request) { r.Header.Set("Sec-WebSocket-Key", "?") },
		"two keys":            func(r *http.Request) { r.Header.Add("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==") },
	} {
		req, err := http.NewRequest(http.MethodGet, f.listener.URL+"/client/hubs/board?access_token="+f.token(everything), nil)
		check(t, err)
		upgradeHeaders(req.Header)
		change(req)
		res, err := http.DefaultTransport.RoundTrip(req)
		check(t, err)
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
}

func TestConnectionQuota(t *testing.T) {
	gone := newEventLog()
	f := start(t, func(o *server.Options) { o.MaxConnections = 2 })
	f.handle(f.handler(eventhandler.Options{Disconnected: func(context.Context, *eventhandler.DisconnectedEvent) { gone.add("gone") }}))
	full := func(want bool) {
		t.Helper()
		c, res, err := f.dial("/client/hubs/board?access_token="+f.token(everything), plain)
		switch {
		case want && (err == nil || res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == ""):
			t.Errorf("%v, %v; want 429", res, err)
		case !want:
			check(t, err)
			c.ws.Close(websocket.StatusNormalClosure, "")
		}
	}
	first, second := f.peer(reliable, everything), f.peer(plain, everything)
	full(true)
	first.ws.CloseNow() // it may come back, and keeps its place
	full(true)
	first.resume(f, reliable)
	second.ws.Close(websocket.StatusNormalClosure, "")
	gone.await(t, 1)
	full(false)
	gone.await(t, 2)
	// A refused handshake takes no place.
	for range 5 {
		if _, res, err := f.dial("/client/hubs/board?access_token=bad", plain); err == nil || res.StatusCode != 401 {
			t.Errorf("%v, %v", res, err)
		}
	}
	full(false)
}

func TestJSONAsText_option(t *testing.T) {
	f := start(t, func(o *server.Options) { o.JSONAsText = true })
	p := f.peer(plainProtobuf, token.MintOptions{UserID: "ann"})
	check(t, f.rest.SendToUser(t.Context(), "ann", service.JSON([]byte(`{"n":1}`)), nil))
	if m := p.expect(wire.Message).Message; m.Data.Type != webpubsub.Text || string(m.Data.Bytes) != `{"n":1}` {
		t.Errorf("%+v", m)
	}
}
