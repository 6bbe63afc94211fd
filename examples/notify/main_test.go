package main

import (
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

func TestExample_reachesTheGroupWithoutTheExcepted(t *testing.T) {
	s := webpubsubtest.Start(t)
	sockets := map[string]*websocket.Conn{}
	for user, groups := range map[string][]string{"ann": nil, "bob": nil, "cem": {"other"}} {
		ws, _, err := websocket.Dial(t.Context(), s.ClientURL(t, "chat", token.MintOptions{UserID: user, Groups: groups}), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.CloseNow()
		sockets[user] = ws
	}
	c, err := service.New(s.ConnectionString, "chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	for user := range sockets { // each appears a moment after its handshake
		for exists := false; !exists; {
			if exists, err = c.UserExists(t.Context(), webpubsub.UserID(user)); err != nil {
				t.Fatal(user, err)
			}
		}
	}
	var out strings.Builder
	getenv := func(string) string { return s.ConnectionString }
	if err := run(t.Context(), []string{"-to", "lobby", "-except", "ann", "The", "doors", "are", "open."}, getenv, &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "ann is in lobby\n") || !strings.Contains(got, "bob is in lobby\n") || strings.Contains(got, "cem") {
		t.Errorf("it says %q", got)
	}
	if err := c.SendToAll(t.Context(), service.Text("end"), nil); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]string{"ann": "end", "bob": "The doors are open.", "cem": "end"} {
		if _, b, err := sockets[user].Read(t.Context()); err != nil || string(b) != want {
			t.Errorf("%s got %q, %v; want %q", user, b, err, want)
		}
	}
}
