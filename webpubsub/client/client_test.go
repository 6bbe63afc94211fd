package client_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/client"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

func TestSendToGroup_everyDataType_reachesMembersAndSender(t *testing.T) {
	s := webpubsubtest.Start(t)
	any := webpubsub.Data{Type: webpubsub.Protobuf, Bytes: []byte("\x0a\x01x\x12\x01y")}
	inEach(t, subprotocols, func(t *testing.T, p client.Subprotocol) {
		sender := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p})
		member := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p})
		check(t, sender.JoinGroup(soon(t), "room"))
		check(t, member.JoinGroup(soon(t), "room"))
		for _, d := range []webpubsub.Data{client.Text("grüß dich"), client.Text(""), client.JSON([]byte(`{"n":1.0}`)), client.Binary([]byte{0, 255}), any} {
			check(t, sender.SendToGroup(soon(t), "room", d, nil))
			expect(t, member, "room", d)
			m := expect(t, sender, "room", d)
			if strings.HasPrefix(string(p), "json") && m.FromUserID != "ann" {
				t.Errorf("from user %q", m.FromUserID)
			}
		}
		check(t, sender.LeaveGroup(soon(t), "room"))
		check(t, sender.SendToGroup(soon(t), "room", client.Text("bye"), nil))
		expect(t, member, "room", client.Text("bye"))
		check(t, sender.JoinGroup(soon(t), "room"))
		check(t, sender.SendToGroup(soon(t), "room", client.Text("back"), nil))
		expect(t, sender, "room", client.Text("back"))
	})
}

func TestSendToGroup_options(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, subprotocols, func(t *testing.T, p client.Subprotocol) {
		c := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p, Metadata: webpubsub.Metadata{"app": "test", "trace": "none"}})
		check(t, c.JoinGroup(soon(t), "room"))
		check(t, c.SendToGroup(soon(t), "room", client.Text("silent"), &client.SendOptions{NoEcho: true}))
		check(t, c.SendToGroup(soon(t), "room", client.Text("forgotten"), &client.SendOptions{FireAndForget: true, Metadata: webpubsub.Metadata{"trace": "a1"}}))
		m := expect(t, c, "room", client.Text("forgotten"))
		if len(m.Metadata) != 2 || m.Metadata["trace"] != "a1" || m.Metadata["app"] != "test" {
			t.Errorf("metadata %v", m.Metadata)
		}
		for range 2 { // the second time it is a duplicate
			check(t, c.SendToGroup(soon(t), "room", client.Text("once"), &client.SendOptions{AckID: client.MinAckID + 7}))
		}
		check(t, c.SendToGroup(soon(t), "room", client.Text("last"), nil))
		expect(t, c, "room", client.Text("once"))
		expect(t, c, "room", client.Text("last"))
	})
}

func TestOperations_withoutPermission_areForbiddenAtOnce(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, subprotocols, func(t *testing.T, p client.Subprotocol) {
		c := connect(t, client.URL(s.ClientURL(t, hub, token.MintOptions{})), client.Options{Subprotocol: p})
		expectCode(t, "join", c.JoinGroup(soon(t), "room"), webpubsub.Forbidden)
		expectCode(t, "leave", c.LeaveGroup(soon(t), "room"), webpubsub.Forbidden)
		err := c.SendToGroup(soon(t), "room", client.Text("hi"), nil)
		expectCode(t, "send", err, webpubsub.Forbidden)
		if !strings.Contains(err.Error(), `send to group "room"`) {
			t.Errorf("the error does not say what failed: %v", err)
		}
		if n := len(c.Done()); n != 0 || c.Err() != nil {
			t.Errorf("the client ended: %v", c.Err())
		}
	})
}

func TestOperations_badInput_isRefusedBeforeItIsSent(t *testing.T) {
	s := webpubsubtest.Start(t)
	c := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{NoReconnect: true})
	ctx := soon(t)
	send := func(d webpubsub.Data, o *client.SendOptions) error { return c.SendToGroup(ctx, "room", d, o) }
	for what, err := range map[string]error{
		"blank group":       c.JoinGroup(ctx, " "),
		"long group":        c.JoinGroup(ctx, webpubsub.GroupName(strings.Repeat("g", 1025))),
		"event name":        c.SendEvent(ctx, "1st", client.Text(""), nil),
		"not JSON":          send(client.JSON([]byte(`1,"noEcho":true`)), nil),
		"null":              send(client.JSON([]byte(`null`)), nil),
		"no data":           send(webpubsub.Data{}, nil),
		"lone surrogate":    send(client.JSON([]byte(`"\ud800"`)), nil),
		"not UTF-8":         send(client.Text("\xff"), nil),
		"not an Any":        send(webpubsub.Data{Type: webpubsub.Protobuf, Bytes: []byte("x")}, nil),
		"unknown data type": send(webpubsub.Data{Type: 9}, nil),
		"half seconds":      send(client.Text("x"), &client.SendOptions{TTL: 1500e6}),
		"long TTL":          send(client.Text("x"), &client.SendOptions{TTL: 301e9}),
		"metadata":          send(client.Text("x"), &client.SendOptions{Metadata: webpubsub.Metadata{"a b": "c"}}),
		"small ack id":      send(client.Text("x"), &client.SendOptions{AckID: 7}),
	} {
		expectCode(t, what, err, webpubsub.BadRequest)
	}
	err := send(client.Binary(make([]byte, 1<<20)), nil)
	expectCode(t, "too large", err, webpubsub.TooLarge)
	if !strings.Contains(err.Error(), "1048576") {
		t.Errorf("the error does not name the limit: %v", err)
	}
	check(t, send(client.Binary(make([]byte, 700<<10)), nil)) // the connection still stands
}

func TestSendEvent_answersComeBeforeItReturns(t *testing.T) {
	s := webpubsubtest.Start(t)
	events := make(chan *eventhandler.UserEvent, 10)
	handle(t, s, eventhandler.Options{UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
		events <- e
		d := client.Text("heard " + string(e.Data.Bytes))
		return &eventhandler.UserResponse{Data: &d}, nil
	}})
	inEach(t, subprotocols, func(t *testing.T, p client.Subprotocol) {
		c := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p})
		check(t, c.SendEvent(soon(t), "wave", client.Text("hello"), nil))
		e := await(t, events)
		if connection, ok := c.Connection(); !ok || e.ConnectionID != connection.ID || connection.UserID != "ann" || e.Name != "wave" {
			t.Errorf("event %+v on connection %+v", e, connection)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // it is there already
		if m, err := c.Receive(ctx); err != nil || m.Group != "" || string(m.Data.Bytes) != "heard hello" {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

func TestSendEvent_handlerFails_isTriedAgain(t *testing.T) {
	s := webpubsubtest.Start(t)
	var calls atomic.Int32
	handle(t, s, eventhandler.Options{UserEvent: func(context.Context, *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
		if calls.Add(1)%3 != 0 {
			return nil, webpubsub.Errorf(webpubsub.Conflict, "not now")
		}
		return nil, nil
	}})
	c := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{})
	check(t, c.SendEvent(soon(t), "wave", client.Text("hello"), nil))
	if n := calls.Load(); n != 3 {
		t.Errorf("%d calls; want 3", n)
	}
	once := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{MaxRetries: -1})
	expectCode(t, "without retries", once.SendEvent(soon(t), "wave", client.Text("hello"), nil), webpubsub.Internal)
	if n := calls.Load(); n != 4 {
		t.Errorf("%d calls; want 4", n)
	}
}

func TestStart_refused_tellsWhyWithoutTheToken(t *testing.T) {
	s := webpubsubtest.Start(t)
	busy := httptest.NewServer(refuse(503))
	defer busy.Close()
	for _, tt := range []struct {
		name, url string
		code      webpubsub.Code
	}{
		{"bad token", s.Endpoint + "/client/hubs/chat?access_token=secret", webpubsub.Unauthorized},
		{"no such path", s.Endpoint + "/nowhere?access_token=secret", webpubsub.NotFound},
		{"bad hub", s.Endpoint + "/client/hubs/1?access_token=secret", webpubsub.BadRequest},
		{"busy", busy.URL + "?access_token=secret", webpubsub.Unavailable},
		{"nobody there", "ws://127.0.0.1:1/?access_token=secret", webpubsub.Unavailable},
		{"not a URL", "ws://a b/?access_token=secret", webpubsub.Unavailable},
		{"not a WebSocket URL", "ftp://localhost/?access_token=secret", webpubsub.Unavailable},
	} {
		c, err := client.New(client.URL(tt.url), nil)
		check(t, err)
		err = c.Start(soon(t))
		expectCode(t, tt.name, err, tt.code)
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the token: %v", tt.name, err)
		}
		c.Close()
	}
}

func TestStart_afterAnError_mayBeTriedAgain(t *testing.T) {
	s := webpubsubtest.Start(t)
	broken := errors.New("no token today")
	calls := 0
	c, err := client.New(func(context.Context) (string, error) {
		if calls++; calls == 1 {
			return "", broken
		}
		return s.ClientURL(t, hub, everything), nil
	}, nil)
	check(t, err)
	defer c.Close()
	expectCode(t, "before the start", c.JoinGroup(soon(t), "room"), webpubsub.Unavailable)
	if err := c.Start(soon(t)); !errors.Is(err, broken) {
		t.Errorf("start: %v", err)
	}
	check(t, c.Start(soon(t)))
	expectCode(t, "third start", c.Start(soon(t)), webpubsub.Conflict)
	check(t, c.JoinGroup(soon(t), "room"))
}

func TestNew_badOptions_areRefused(t *testing.T) {
	for what, o := range map[string]client.Options{
		"subprotocol": {Subprotocol: "mqtt"},
		"jitter":      {Jitter: 1.5},
		"delay":       {RetryDelay: -1},
		"bound":       {MaxReceivedBytes: -1},
		"metadata":    {Metadata: webpubsub.Metadata{"": ""}},
	} {
		_, err := client.New(client.URL("ws://localhost"), &o)
		expectCode(t, what, err, webpubsub.BadRequest)
	}
	_, err := client.New(nil, nil)
	expectCode(t, "no source", err, webpubsub.BadRequest)
}
