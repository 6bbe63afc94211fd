package main

import (
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub/service"
)

func TestExample_servesClientsBesideTheApp(t *testing.T) {
	embedded, h, err := newHandler("primary-key-0123456789-abcdefghij")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Listener = embedded.Listener(s.Listener)
	s.Start()
	defer s.Close()
	c, err := service.New("Endpoint="+s.URL+";AccessKey=primary-key-0123456789-abcdefghij;", "chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.ClientToken(service.TokenOptions{UserID: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	ws, _, err := websocket.Dial(t.Context(), token.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	for exists := false; !exists; { // it appears a moment after the handshake
		if exists, err = c.UserExists(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.SendToUser(t.Context(), "ann", service.Text("hi"), nil); err != nil {
		t.Fatal(err)
	}
	if _, b, err := ws.Read(t.Context()); err != nil || string(b) != "hi" {
		t.Errorf("%q, %v", b, err)
	}
}
