package server_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

var everything = token.MintOptions{UserID: "ann", Roles: []string{"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"}}

func TestGroups_messagesReachMembersOnce(t *testing.T) {
	f := start(t)
	ann, bob := f.connect(plain, everything), f.connect(reliable, token.MintOptions{UserID: "bob", Groups: []string{"g"}})
	ann.send(`{"type":"joinGroup","group":"g","ackId":1}`)
	if ack := ann.next(); !ack.Success {
		t.Fatalf("%+v", ack)
	}
	ann.send(`{"type":"sendToGroup","group":"g","noEcho":true,"ackId":2,"data":{"b":1.0,"a":2}}`)
	if ack := ann.next(); ack.Type != "ack" || !ack.Success {
		t.Errorf("with noEcho the sender gets the ack alone: %+v", ack)
	}
	if m := bob.next(); m.Type != "message" || m.SequenceID != 1 || m.FromUserID != "ann" || string(m.Data) != `{"b":1.0,"a":2}` {
		t.Errorf("%+v", m)
	}
	ann.send(`{"type":"sendToGroup","group":"g","data":"echo"}`)
	if m := ann.next(); m.Type != "message" || string(m.Data) != `"echo"` {
		t.Errorf("%+v", m)
	}
	if m := bob.next(); m.SequenceID != 2 {
		t.Errorf("%+v", m)
	}
}

func TestOrder_oneSendersMessages_arriveInOrder(t *testing.T) {
	f := start(t)
	ann, bob := f.connect(plain, everything), f.connect(reliable, token.MintOptions{Groups: []string{"g"}})
	const n = 500
	go func() {
		for i := range n {
			if ann.ws.Write(t.Context(), websocket.MessageText, fmt.Appendf(nil, `{"type":"sendToGroup","group":"g","noEcho":true,"data":%d}`, i)) != nil {
				return
			}
		}
	}()
	for i := range n {
		if m := bob.next(); string(m.Data) != fmt.Sprint(i) || m.SequenceID != uint64(i+1) {
			t.Fatalf("message %d is %+v", i, m)
		}
	}
}

func TestMalformedFrames_closeWithTheDocumentedCode(t *testing.T) {
	f := start(t)
	other := f.connect(plain, everything)
	const invalid = "The client message is not a valid JSON protocol message."
	for name, c := range map[string]struct {
		kind   websocket.MessageType
		frame  string
		code   websocket.StatusCode
		reason string
	}{
		"not JSON":        {websocket.MessageText, "hello", 1007, invalid},
		"unknown type":    {websocket.MessageText, `{"type":"jump"}`, 1007, invalid},
		"a missing group": {websocket.MessageText, `{"type":"joinGroup"}`, 1007, invalid},
		"binary":          {websocket.MessageBinary, `{"type":"ping"}`, 1003, "The JSON subprotocol requires text messages."},
		"too large":       {websocket.MessageText, strings.Repeat(" ", webpubsub.MaxMessageBytes) + `{"type":"ping"}`, 1009, "The client message is too large."},
	} {
		for _, subprotocol := range []string{plain, reliable} {
			t.Run(name+", "+subprotocol, func(t *testing.T) {
				cl := f.connect(subprotocol, everything)
				cl.ws.Write(t.Context(), c.kind, []byte(c.frame)) // the server may close while a large one is on its way
				if code, reason, _ := cl.closed(); code != c.code || reason != c.reason {
					t.Errorf("closed with %d %q; want %d %q", code, reason, c.code, c.reason)
				}
				if exists, err := f.rest.ConnectionExists(t.Context(), cl.id); err != nil || exists {
					t.Errorf("the connection still exists: %v, %v", exists, err)
				}
			})
		}
	}
	const invalidProtobuf = "The client message is not a valid protobuf protocol message."
	for name, c := range map[string]struct {
		kind   websocket.MessageType
		frame  string
		code   websocket.StatusCode
		reason string
	}{
		"empty":            {websocket.MessageBinary, "", 1007, invalidProtobuf},
		"broken bytes":     {websocket.MessageBinary, "\xff", 1007, invalidProtobuf},
		"a missing group":  {websocket.MessageBinary, "\x32\x00", 1007, invalidProtobuf},
		"an unknown field": {websocket.MessageBinary, "\x52\x00", 1007, invalidProtobuf},
		"text":             {websocket.MessageText, `{"type":"ping"}`, 1003, "The protobuf subprotocol requires binary messages."},
		"too large":        {websocket.MessageBinary, strings.Repeat("\x4a\x00", webpubsub.MaxMessageBytes/2+1), 1009, "The client message is too large."},
	} {
		for _, subprotocol := range []string{plainProtobuf, reliableProtobuf} {
			t.Run(name+", "+subprotocol, func(t *testing.T) {
				p := f.peer(subprotocol, everything)
				p.ws.Write(t.Context(), c.kind, []byte(c.frame))
				if code, reason, _ := p.closed(); code != c.code || reason != c.reason {
					t.Errorf("closed with %d %q; want %d %q", code, reason, c.code, c.reason)
				}
				if exists, err := f.rest.ConnectionExists(t.Context(), p.id); err != nil || exists {
					t.Errorf("the connection still exists: %v, %v", exists, err)
				}
			})
		}
	}
	other.send(`{"type":"ping"}`)
	if m := other.next(); m.Type != "pong" {
		t.Errorf("%+v", m)
	}
}

func TestLargestMessage_passes(t *testing.T) {
	f := start(t)
	ann := f.connect(plain, token.MintOptions{Roles: everything.Roles, Groups: []string{"g"}})
	head, tail := `{"type":"sendToGroup","group":"g","dataType":"text","data":"`, `"}`
	ann.send(head + strings.Repeat("x", webpubsub.MaxMessageBytes-len(head)-len(tail)) + tail)
	if m := ann.next(); m.Type != "message" {
		t.Errorf("%+v", m)
	}
}

func TestClose_byTheApplication(t *testing.T) {
	f := start(t)
	for _, subprotocol := range []string{plain, reliable} {
		c := f.connect(subprotocol, everything)
		check(t, f.rest.CloseConnection(t.Context(), c.id, "nightly restart"))
		code, reason, said := c.closed()
		if code != 1000 || reason != "" || said != "Application server closed the connection. Reason: nightly restart" {
			t.Errorf("%s: %d %q, said %q", subprotocol, code, reason, said)
		}
	}
	simple := f.connect("", everything)
	f.awaitUser("ann")
	check(t, f.rest.CloseUser(t.Context(), "ann", nil))
	if code, reason, _ := simple.closed(); code != 1000 || reason != "Application server closed the connection." {
		t.Errorf("%d %q", code, reason)
	}
}

func TestREST_reachesTheRightConnections(t *testing.T) {
	f := start(t)
	ann, bob := f.connect(plain, everything), f.connect(plain, token.MintOptions{UserID: "bob", Groups: []string{"g"}})
	ctx := t.Context()
	text := func(s string) webpubsub.Data { return service.Text(s) }
	// Each send is followed by one to everybody, so that what should not arrive would show.
	for name, c := range map[string]struct {
		send     func() error
		ann, bob bool
	}{
		"all": {func() error { return f.rest.SendToAll(ctx, text("x"), nil) }, true, true},
		"all but one": {func() error {
			return f.rest.SendToAll(ctx, text("x"), &service.SendOptions{Excluded: []webpubsub.ConnectionID{ann.id}})
		}, false, true},
		"a group":        {func() error { return f.rest.SendToGroup(ctx, "g", text("x"), nil) }, false, true},
		"an empty group": {func() error { return f.rest.SendToGroup(ctx, "h", text("x"), nil) }, false, false},
		"a user":         {func() error { return f.rest.SendToUser(ctx, "ann", text("x"), nil) }, true, false},
		"a connection":   {func() error { return f.rest.SendToConnection(ctx, bob.id, text("x"), nil) }, false, true},
		"nobody who is":  {func() error { return f.rest.SendToConnection(ctx, "gone", text("x"), nil) }, false, false},
		"a group but one": {func() error {
			return f.rest.SendToGroup(ctx, "g", text("x"), &service.SendOptions{Excluded: []webpubsub.ConnectionID{bob.id}})
		}, false, false},
	} {
		check(t, c.send())
		check(t, f.rest.SendToAll(ctx, text("end"), nil))
		for who, want := range map[*client]bool{ann: c.ann, bob: c.bob} {
			got := string(who.next().Data) == `"x"`
			if got {
				who.next()
			}
			if got != want {
				t.Errorf("%s: ann or bob got it: %v, want %v", name, got, want)
			}
		}
	}
}

func TestPermissions_changeWhileConnected(t *testing.T) {
	f := start(t)
	c := f.connect(plain, token.MintOptions{})
	ctx := t.Context()
	join := func(id int) bool {
		c.send(fmt.Sprintf(`{"type":"joinGroup","group":"g","ackId":%d}`, id))
		return c.next().Success
	}
	if join(1) {
		t.Error("joining without permission")
	}
	check(t, f.rest.Grant(ctx, webpubsub.JoinLeaveGroup, c.id, "g"))
	if has, err := f.rest.HasPermission(ctx, webpubsub.JoinLeaveGroup, c.id, "g"); err != nil || !has {
		t.Errorf("%v, %v", has, err)
	}
	if !join(1) {
		t.Error("joining with permission; the id of a failed request may be used again")
	}
	check(t, f.rest.Revoke(ctx, webpubsub.JoinLeaveGroup, c.id, "g"))
	if join(2) {
		t.Error("joining after revocation")
	}
	members := 0
	for m, err := range f.rest.GroupMembers(ctx, "g", nil) {
		check(t, err)
		if m.ConnectionID == c.id {
			members++
		}
	}
	if members != 1 {
		t.Errorf("revoking evicts nobody: %d", members)
	}
}

func TestUserEvents_answerBeforeAckAndStateIsKept(t *testing.T) {
	f := start(t)
	f.handle(f.handler(eventhandler.Options{
		UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			if e.Name == "fail" {
				return nil, webpubsub.Errorf(webpubsub.BadRequest, "no")
			}
			count := "1"
			if e.State != nil {
				count = *e.State + "1"
			}
			d := service.JSON([]byte(`{"seen":"` + count + `"}`))
			return &eventhandler.UserResponse{Data: &d, State: &count}, nil
		},
	}))
	c := f.connect(plain, everything)
	for i, want := range []string{"1", "11"} {
		c.send(fmt.Sprintf(`{"type":"event","event":"count","ackId":%d,"data":1}`, i))
		if m := c.next(); m.From != "server" || string(m.Data) != `{"seen":"`+want+`"}` {
			t.Errorf("%+v", m)
		}
		if ack := c.next(); !ack.Success || ack.AckID != uint64(i) {
			t.Errorf("%+v", ack)
		}
	}
	c.send(`{"type":"event","event":"fail","ackId":9,"data":1}`)
	if ack := c.next(); ack.Error.Name != "InternalServerError" {
		t.Errorf("%+v", ack)
	}
}

func TestSimpleClient_events(t *testing.T) {
	f := start(t)
	f.handle(f.handler(eventhandler.Options{
		UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			if string(e.Data.Bytes) == "fail" {
				return nil, webpubsub.Errorf(webpubsub.BadRequest, "no")
			}
			d := webpubsub.Data{Type: e.Data.Type, Bytes: append([]byte("you said "), e.Data.Bytes...)}
			return &eventhandler.UserResponse{Data: &d}, nil
		},
	}))
	c := f.connect("", everything)
	c.send("hi")
	if kind, b, err := c.read(); err != nil || kind != websocket.MessageText || string(b) != "you said hi" {
		t.Errorf("%v %q %v", kind, b, err)
	}
	c.send("fail")
	if code, reason, _ := c.closed(); code != 1011 || reason != "Internal server error" {
		t.Errorf("%d %q", code, reason)
	}
}

func TestSimpleClient_sendToGroup(t *testing.T) {
	f := start(t)
	member := f.connect(plain, token.MintOptions{Groups: []string{"g"}})
	c := f.connect("", everything, "webpubsub_mode=sendToGroup", "group=g")
	c.send("hi")
	if m := member.next(); m.Group != "g" || m.DataType != "text" || string(m.Data) != `"hi"` {
		t.Errorf("%+v", m)
	}
	denied := f.connect("", token.MintOptions{}, "webpubsub_mode=sendToGroup", "group=g")
	denied.send("hi")
	if code, reason, _ := denied.closed(); code != 1008 || !strings.Contains(reason, "not authorized") {
		t.Errorf("%d %q", code, reason)
	}
}

func TestSlowReader_isClosedAndDelaysNobody(t *testing.T) {
	f := start(t)
	gone := newEventLog()
	f.handle(f.handler(eventhandler.Options{Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { gone.add(e.Reason) }}))
	slow := f.connect(plain, token.MintOptions{UserID: "slow", Groups: []string{"g"}})
	quick := f.connect(plain, token.MintOptions{UserID: "quick", Groups: []string{"g"}})
	payload := service.Binary(bytes.Repeat([]byte{7}, 256<<10))
	for i := 0; ; i++ {
		check(t, f.rest.SendToGroup(t.Context(), "g", payload, nil))
		if m := quick.next(); m.Group != "g" {
			t.Fatalf("%+v", m)
		}
		if exists, err := f.rest.ConnectionExists(t.Context(), slow.id); err != nil || !exists {
			check(t, err)
			break
		}
		if i > 500 {
			t.Fatal("the slow reader is never closed")
		}
	}
	if got := gone.await(t, 1); got[0] != "The outbound message queue is full." {
		t.Errorf("%q", got)
	}
}

func TestShutdown_saysSoAndEndsEverything(t *testing.T) {
	f := start(t)
	subprotocol, simple := f.connect(reliable, everything), f.connect("", token.MintOptions{UserID: "simple"})
	f.awaitUser("simple")
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		done <- f.server.Shutdown(ctx)
	}()
	if code, _, said := subprotocol.closed(); code != 1001 || said == "" {
		t.Errorf("%d, said %q", code, said)
	}
	if code, _, _ := simple.closed(); code != 1001 {
		t.Errorf("%d", code)
	}
	check(t, <-done)
	if _, res, err := f.dial("/client/hubs/board?access_token="+f.token(everything), plain); err == nil || res.StatusCode != 503 {
		t.Errorf("after the end: %v, %v", res, err)
	}
}

// What a client sends behind an event waits for the handler's answer, and what it sends
// after that answer comes after what has waited.
func TestOrder_behindEvents_isKept(t *testing.T) {
	f := start(t)
	f.handle(f.handler(eventhandler.Options{UserEvent: func(context.Context, *eventhandler.UserEvent) (*eventhandler.UserResponse, error) { return nil, nil }}))
	ann, bob := f.connect(plain, everything), f.connect(plain, token.MintOptions{Groups: []string{"g"}})
	const n = 1000 // fewer than a queue holds
	go func() {
		for i := range n {
			frame := fmt.Appendf(nil, `{"type":"sendToGroup","group":"g","data":%d}`, i)
			if i%20 == 0 {
				ann.ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"event","event":"e","data":1}`))
			}
			if ann.ws.Write(t.Context(), websocket.MessageText, frame) != nil {
				return
			}
		}
	}()
	for i := range n {
		if m := bob.next(); string(m.Data) != fmt.Sprint(i) {
			t.Fatalf("message %d is %s", i, m.Data)
		}
	}
}
