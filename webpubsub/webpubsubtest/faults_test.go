package webpubsubtest_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

var member = token.MintOptions{UserID: "ann", Groups: []string{"room"}}

// throughFaults is a service with a proxy, and a client of group room behind it.
func throughFaults(t *testing.T, p webpubsubtest.FaultPlan) (*webpubsubtest.Faults, *service.Client, *client) {
	t.Helper()
	s := webpubsubtest.Start(t)
	f := s.Faults(t, 0)
	f.Use(p)
	rest, err := service.New(s.ConnectionString, "chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := dial(t, f.ClientURL(s.ClientURL(t, "chat", member)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.conn.CloseNow() })
	c.expect(map[string]any{"event": "connected", "userId": "ann"})
	return f, rest, c
}

func say(t *testing.T, rest *service.Client, text string) {
	t.Helper()
	if err := rest.SendToGroup(t.Context(), "room", service.Text(text), nil); err != nil {
		t.Fatal(err)
	}
}

// brokeOff reads until the connection ends, and fails when it was closed properly.
func brokeOff(t *testing.T, c *client) (read int) {
	t.Helper()
	for {
		_, _, err := c.conn.Read(c.ctx)
		if err == nil {
			read++
			continue
		}
		if status := websocket.CloseStatus(err); status != -1 || c.ctx.Err() != nil {
			t.Errorf("the connection ended with %v; want a broken one", err)
		}
		return read
	}
}

func TestFaults_withoutPlan_passEverythingOn(t *testing.T) {
	f, rest, c := throughFaults(t, webpubsubtest.FaultPlan{})
	say(t, rest, "one")
	c.expect(map[string]any{"data": "one"})
	c.write(`{"type":"ping"}`)
	c.expect(map[string]any{"type": "pong"})
	if err := rest.CloseAll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	c.expect(map[string]any{"event": "disconnected"})
	if _, _, err := c.conn.Read(c.ctx); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("closed with %v; want the service's 1000", err)
	}
	if f.Cuts() != 0 {
		t.Errorf("%d cuts", f.Cuts())
	}
}

func TestFaults_passRefusalsAndRequestsOn(t *testing.T) {
	s := webpubsubtest.Start(t)
	f := s.Faults(t, 0)
	if _, res, err := dial(t, f.ClientURL(s.Endpoint+"/client/hubs/chat")); err == nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %v, %v", res, err)
	}
	key := s.Settings.Settings().Keys.Primary
	rest, err := service.New(token.ConnectionString{Endpoint: f.Endpoint, AccessKey: key}.String(), "chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	if exists, err := rest.UserExists(t.Context(), "ann"); exists || err != nil {
		t.Errorf("over REST: %v, %v", exists, err)
	}
}

func TestFaults_cut_breaksWithoutCloseFrame(t *testing.T) {
	f, _, c := throughFaults(t, webpubsubtest.FaultPlan{})
	if n := f.Cut(); n != 1 {
		t.Errorf("%d connections cut", n)
	}
	brokeOff(t, c)
	if f.Cuts() != 1 {
		t.Errorf("%d cuts counted", f.Cuts())
	}
}

func TestFaults_cutAfter_letsThatManyPass(t *testing.T) {
	f, rest, c := throughFaults(t, webpubsubtest.FaultPlan{})
	f.CutAfter(3)
	for i := range 5 {
		say(t, rest, fmt.Sprint(i))
	}
	if n := brokeOff(t, c); n != 3 {
		t.Errorf("%d messages came through", n)
	}
}

func TestFaults_cutAfterBytes_breaksInTheMiddleOfAMessage(t *testing.T) {
	s := webpubsubtest.Start(t)
	f := s.Faults(t, 0)
	f.Use(webpubsubtest.FaultPlan{CutAfterBytes: 600})
	for range 20 {
		if c, _, err := dial(t, f.ClientURL(s.ClientURL(t, "chat", member))); err == nil {
			c.conn.SetReadLimit(-1)
			c.conn.Write(c.ctx, websocket.MessageText, []byte(`{"type":"ping","more":"`+string(make([]byte, 1200))+`"}`))
			brokeOff(t, c)
		}
	}
	if f.Cuts() < 20 {
		t.Errorf("%d cuts", f.Cuts())
	}
}

func TestFaults_repeat_sendsMessagesTwice(t *testing.T) {
	s := webpubsubtest.Start(t)
	f := s.Faults(t, 0)
	f.Use(webpubsubtest.FaultPlan{RepeatToClient: 1, RepeatToService: 1, MaxDelay: time.Millisecond})
	c, _, err := dial(t, f.ClientURL(s.ClientURL(t, "chat", member)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.CloseNow()
	for range 2 {
		c.expect(map[string]any{"event": "connected"})
	}
	c.write(`{"type":"ping"}`)
	for range 4 {
		c.expect(map[string]any{"type": "pong"})
	}
}

func TestFaults_sameSeed_cutsAtTheSameMessage(t *testing.T) {
	count := func(seed uint64) int {
		s := webpubsubtest.Start(t)
		f := s.Faults(t, seed)
		f.Use(webpubsubtest.FaultPlan{CutAfterMessages: 20})
		c, _, err := dial(t, f.ClientURL(s.ClientURL(t, "chat", member)))
		if err != nil {
			t.Fatal(err)
		}
		defer c.conn.CloseNow()
		rest, err := service.New(s.ConnectionString, "chat", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			say(t, rest, fmt.Sprint(i))
		}
		return brokeOff(t, c)
	}
	if a, b := count(7), count(7); a != b {
		t.Errorf("with the same seed %d and %d messages came through", a, b)
	}
}

func TestFaults_refuse_thenAccept(t *testing.T) {
	s := webpubsubtest.Start(t)
	f := s.Faults(t, 0)
	f.Refuse()
	if _, res, err := dial(t, f.ClientURL(s.ClientURL(t, "chat", member))); err == nil || res != nil {
		t.Errorf("refused: %v, %v", res, err)
	}
	f.Accept()
	c, _, err := dial(t, f.ClientURL(s.ClientURL(t, "chat", member)))
	if err != nil {
		t.Fatal(err)
	}
	c.conn.CloseNow()
}

func TestFaults_hold_passesNothingUntilRelease(t *testing.T) {
	s := webpubsubtest.Start(t)
	f := s.Faults(t, 0)
	c, _, err := dial(t, f.ClientURL(s.ClientURL(t, "chat", member)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.CloseNow()
	c.expect(map[string]any{"event": "connected"})
	f.Hold()
	reading := c.conn.CloseRead(c.ctx) // takes pongs
	ctx, cancel := context.WithTimeout(c.ctx, 50*time.Millisecond)
	defer cancel()
	if err := c.conn.Ping(ctx); err == nil {
		t.Error("a ping was answered")
	}
	f.Release()
	if err := c.conn.Ping(reading); err != nil {
		t.Errorf("after the release: %v", err)
	}
}

func TestFaults_silentService_isDroppedByItsKeepAlive(t *testing.T) {
	s := webpubsubtest.Start(t)
	if err := s.Settings.SetHub(t.Context(), "chat", webpubsub.Hub{KeepAlive: 20 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	f := s.Faults(t, 0)
	c, _, err := dial(t, f.ClientURL(s.ClientURL(t, "chat", member)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.CloseNow()
	c.expect(map[string]any{"event": "connected"})
	f.Hold()
	rest, err := service.New(s.ConnectionString, "chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		exists, err := rest.UserExists(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		if !exists {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the service did not notice that nothing comes through")
		}
	}
}
