package server_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

// trafficOf is the row of a hub and a protocol; zero when there is none.
func trafficOf(s server.Stats, hub webpubsub.HubName, protocol string) (row server.TrafficStats) {
	for _, row := range s.Traffic {
		if row.Hub == hub && row.Protocol == protocol {
			return row
		}
	}
	return row
}

func closedFor(s server.Stats, reason string) (n uint64) {
	for _, c := range s.Closed {
		if c.Hub == "board" && c.Reason == reason {
			n += c.Count
		}
	}
	return n
}

// eventually waits until something is so that happens by itself.
func eventually(t *testing.T, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !so(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("it does not happen")
		}
	}
}

func TestStats_countMessagesExactly_alsoOfThoseThatHaveLeft(t *testing.T) {
	f := start(t)
	roles := []string{"webpubsub.sendToGroup"}
	a := f.connect(plain, token.MintOptions{Groups: []string{"g"}, Roles: roles})
	b := f.connect(plain, token.MintOptions{Groups: []string{"g"}, Roles: roles})
	c := f.connect("", token.MintOptions{Groups: []string{"g"}})
	// A simple client gets no greeting, so it may be there a moment before the service says so.
	eventually(t, func() bool { return trafficOf(f.server.Stats(), "board", "none").Connections == 1 })
	before := f.server.Stats()
	if row := trafficOf(before, "board", plain); row.Connections != 2 || row.Opened != 2 || row.In.Messages != 0 || row.Out.Messages != 2 {
		t.Errorf("after two greetings: %+v", row)
	}
	if row := trafficOf(before, "board", "none"); row.Connections != 1 || row.Out.Messages != 0 {
		t.Errorf("of the simple client: %+v", row)
	}
	const n = 20
	var in, out, bare uint64
	for i := range n {
		text := fmt.Sprintf(`{"type":"sendToGroup","group":"g","noEcho":true,"dataType":"text","data":"%s"}`, strings.Repeat("x", i*100))
		in += uint64(len(text))
		a.send(text)
		_, frame, err := b.read()
		check(t, err)
		out += uint64(len(frame))
		_, payload, err := c.read()
		check(t, err)
		bare += uint64(len(payload))
	}
	diff := func() server.TrafficStats {
		now, then := trafficOf(f.server.Stats(), "board", plain), trafficOf(before, "board", plain)
		now.In.Messages -= then.In.Messages
		now.In.Bytes -= then.In.Bytes
		now.Out.Messages -= then.Out.Messages
		now.Out.Bytes -= then.Out.Bytes
		return now
	}
	want := func(connections int) string {
		return fmt.Sprint(server.TrafficStats{Hub: "board", Protocol: plain, Connections: connections, Opened: 2, In: server.Traffic{Messages: n, Bytes: in}, Out: server.Traffic{Messages: n, Bytes: out}})
	}
	if got := fmt.Sprint(diff()); got != want(2) {
		t.Errorf("plain: %s, want %s", got, want(2))
	}
	if row := trafficOf(f.server.Stats(), "board", "none"); row.Out != (server.Traffic{Messages: n, Bytes: bare}) {
		t.Errorf("bare: %+v, want %d bytes", row, bare)
	}
	eventually(t, func() bool { return f.server.Stats().Sockets.Batches.Sum == 3-1+n+n }) // greetings, and each to two
	sockets := f.server.Stats().Sockets
	if sockets.Batches.Count == 0 || sockets.Written < out+bare || sockets.Broken != 0 {
		t.Errorf("%+v", sockets)
	}
	if onLoops && (sockets.Turns.Count < n || sockets.Turns.Sum < 0) {
		t.Errorf("turns: %+v", sockets.Turns)
	}
	check(t, a.ws.Close(websocket.StatusNormalClosure, ""))
	check(t, b.ws.Close(websocket.StatusNormalClosure, ""))
	eventually(t, func() bool { return trafficOf(f.server.Stats(), "board", plain).Connections == 0 })
	if got := fmt.Sprint(diff()); got != want(0) {
		t.Errorf("after they have left: %s, want %s", got, want(0))
	}
	if got := closedFor(f.server.Stats(), "client"); got != 2 {
		t.Errorf("%d were closed by clients", got)
	}
}

func TestStats_countEndsByReason(t *testing.T) {
	f := start(t)
	f.handle(f.handler(eventhandler.Options{}))
	application := f.connect(plain, token.MintOptions{})
	check(t, f.rest.CloseConnection(t.Context(), application.id, ""))
	application.closed()
	broken := f.wireClient(t, f.echoPath("g"))
	broken.write([]byte{0xff, 0xff}, 2)
	broken.next()
	tooLong := f.wireClient(t, f.echoPath("g"))
	tooLong.write([]byte{0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, 14)
	tooLong.next()
	malformed := f.connect(plain, token.MintOptions{})
	malformed.send("{")
	malformed.closed()
	lost := f.connect(plain, token.MintOptions{})
	lost.ws.CloseNow()
	if n := f.server.Stats().Sockets.Broken; n != 2 {
		t.Errorf("%d sockets broke the protocol", n)
	}
	want := map[string]uint64{"application": 1, "frameBroken": 1, "frameTooLarge": 1, "frameMalformed": 1, "lost": 1}
	eventually(t, func() bool { return len(f.server.Stats().Closed) >= len(want) })
	got := map[string]uint64{}
	for _, c := range f.server.Stats().Closed {
		got[c.Reason] = c.Count
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestStats_countRefusals(t *testing.T) {
	f := start(t, func(o *server.Options) { o.MaxConnections = 1 })
	for _, path := range []string{"/client/hubs/board", "/client/hubs/board", "/client/hubs/board?access_token=x"} {
		if _, _, err := f.dial(path); err == nil {
			t.Fatalf("%s is let in", path)
		}
	}
	f.connect(plain, token.MintOptions{})
	if _, _, err := f.dial("/client/hubs/board?access_token=" + f.token(token.MintOptions{})); err == nil {
		t.Fatal("a second connection is let in")
	}
	sum, full := uint64(0), uint64(0)
	for _, r := range f.server.Stats().Refused {
		sum += r.Count
		if r.Reason == "tooManyClients" {
			full = r.Count
		}
	}
	if sum != 4 || full != 1 {
		t.Errorf("%+v", f.server.Stats().Refused)
	}
}

func TestStats_timeHandlers(t *testing.T) {
	f := start(t)
	f.handle(f.handler(eventhandler.Options{
		UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			if e.Name == "bad" {
				return nil, &webpubsub.Error{Code: webpubsub.Forbidden, Msg: "no"} // which is not tried again
			}
			return nil, nil
		},
	}))
	c := f.connect(plain, token.MintOptions{})
	for i, name := range []string{"good", "bad", "good"} {
		c.send(fmt.Sprintf(`{"type":"event","event":%q,"ackId":%d,"dataType":"text","data":""}`, name, i+1))
		if ack := c.next(); ack.Success == (name == "bad") {
			t.Errorf("%s: %+v", name, ack)
		}
	}
	for _, h := range f.server.Stats().Handlers {
		switch h.Event {
		case "user":
			if h.Hub != "board" || h.Took.Count != 3 || h.Failed != 1 || h.Took.Sum <= 0 {
				t.Errorf("%+v", h)
			}
		case "connect":
			if h.Took.Count != 1 || h.Failed != 0 {
				t.Errorf("%+v", h)
			}
		}
	}
}

// Who may connect to any hub must not fill the memory.
func TestStats_boundTheNamesOfHubs(t *testing.T) {
	f := start(t)
	const more = 5
	for i := range 1000 + more {
		hub := webpubsub.HubName(fmt.Sprintf("hub%d", i))
		raw, err := token.Mint(f.keys.Primary, token.MintOptions{Audience: f.listener.URL + "/client/hubs/" + string(hub)}, time.Now())
		check(t, err)
		c, _, err := f.dial("/client/hubs/" + string(hub) + "?access_token=" + raw)
		check(t, err)
		check(t, c.ws.Close(websocket.StatusNormalClosure, ""))
	}
	hubs := map[webpubsub.HubName]uint64{}
	for _, row := range f.server.Stats().Traffic {
		hubs[row.Hub] += row.Opened
	}
	if len(hubs) != 1001 || hubs["(other)"] != more {
		t.Errorf("%d hubs, %d connections of others", len(hubs), hubs["(other)"])
	}
}

func TestStats_showWhatIsQueued(t *testing.T) {
	f := start(t)
	c := f.wireClient(t, f.echoPath("g"))
	eventually(t, func() bool { return trafficOf(f.server.Stats(), "board", "none").Connections == 1 })
	// The client doesn't read: what the system does not take waits.
	data := service.Text(strings.Repeat("x", 1<<20))
	for range 12 {
		f.server.SendToGroup("board", "g", data, rest.SendOptions{})
	}
	row := trafficOf(f.server.Stats(), "board", "none")
	if row.Out.Messages != 12 || row.Queued.Messages == 0 || row.Queued.Bytes != row.Queued.Messages<<20 || row.Queued.Messages > 12 {
		t.Errorf("%+v", row)
	}
	for range 12 {
		if _, ok := c.next(); !ok {
			t.Fatal("the connection has ended")
		}
	}
	eventually(t, func() bool { return trafficOf(f.server.Stats(), "board", "none").Queued == server.Traffic{} })
}
