package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

// faultyDialer makes connections that break after some bytes.
type faultyDialer struct{ rng *rand.Rand }

func (d faultyDialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	return &faultyConn{Conn: c, left: 300 + d.rng.IntN(3000)}, err
}

type faultyConn struct {
	net.Conn
	left int
}

func (c *faultyConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		c.Conn.Close()
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

// A reliable client whose connection breaks again and again, in the middle of frames too,
// gets every message once and in order.
func TestRecovery_overBreakingConnections_losesAndRepeatsNothing(t *testing.T) {
	f := start(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	breaking := &http.Client{Transport: &http.Transport{DialContext: faultyDialer{rng}.dial, DisableKeepAlives: true}}
	const n = 400
	sent := make(chan error, 1)
	ready := make(chan struct{})
	go func() {
		<-ready
		for i := range n {
			if err := f.rest.SendToGroup(t.Context(), "g", service.JSON(fmt.Appendf(nil, "%d", i)), nil); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()

	where := url.Values{"access_token": {f.token(token.MintOptions{Groups: []string{"g"}})}}
	got, cuts, started := 0, 0, false // the very first frame may be cut off, too
	var last uint64
	for got < n {
		ws, _, err := websocket.Dial(t.Context(), f.socketURL("/client/hubs/board?"+where.Encode()), &websocket.DialOptions{Subprotocols: []string{reliable}, HTTPClient: breaking})
		if err != nil {
			continue // it broke in the handshake
		}
		for {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			_, b, err := ws.Read(ctx)
			cancel()
			if err != nil {
				if code := websocket.CloseStatus(err); code == websocket.StatusPolicyViolation {
					t.Fatalf("after %d messages and %d cuts: %v", got, cuts, err)
				}
				break
			}
			var m frame
			check(t, json.Unmarshal(b, &m))
			switch {
			case m.Event == "connected":
				where = url.Values{"awps_connection_id": {string(m.ConnectionID)}, "awps_reconnection_token": {m.ReconnectionToken}}
				if !started {
					started = true
					close(ready)
				}
			case m.SequenceID <= last: // sent again before its ack had arrived
			case string(m.Data) != fmt.Sprint(got) || m.SequenceID != last+1:
				t.Fatalf("message %d is %s with sequence id %d after %d", got, m.Data, m.SequenceID, last)
			default:
				got, last = got+1, m.SequenceID
			}
			if rng.IntN(5) == 0 {
				ws.Write(t.Context(), websocket.MessageText, fmt.Appendf(nil, `{"type":"sequenceAck","sequenceId":%d}`, last))
			}
			if got == n {
				break
			}
		}
		ws.CloseNow()
		cuts++
	}
	check(t, <-sent)
	if cuts < 5 {
		t.Errorf("only %d cuts; the test tests nothing", cuts)
	}
}

func TestRecovery_refused_closesWith1008(t *testing.T) {
	gone := newEventLog()
	f := start(t, func(o *server.Options) { o.RecoveryWindow = 50 * time.Millisecond })
	f.handle(f.handler(eventhandler.Options{Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { gone.add(e.Reason) }}))
	refused := func(what string, c *client, subprotocol string) {
		t.Helper()
		if code, reason, _ := f.recover(c, subprotocol).closed(); code != 1008 || reason != "The connection could not be recovered." {
			t.Errorf("%s: closed with %d %q", what, code, reason)
		}
	}
	expired := f.connect(reliable, everything)
	expired.ws.CloseNow()
	if got := gone.await(t, 1); got[0] != "The connection recovery timeout expired." {
		t.Errorf("%q", got)
	}
	refused("after the window", expired, reliable)

	ended := f.connect(reliable, everything)
	ended.ws.Close(websocket.StatusNormalClosure, "bye")
	if got := gone.await(t, 2); got[1] != "bye" {
		t.Errorf("%q", got)
	}
	refused("after a clean close", ended, reliable)

	never := f.connect(plain, everything)
	refused("a plain connection", never, plain)
	wrong := f.connect(reliable, everything)
	wrong.reconnectionToken = f.connect(reliable, everything).reconnectionToken
	refused("another connection's token", wrong, reliable)
	refused("nobody's id", &client{id: "0000", reconnectionToken: "x"}, reliable)
}

func TestRecovery_takesOverFromALivingSocket(t *testing.T) {
	f := start(t)
	old := f.connect(reliable, token.MintOptions{Groups: []string{"g"}, Roles: everything.Roles})
	check(t, f.rest.SendToGroup(t.Context(), "g", service.Text("one"), nil))
	again := f.recover(old, reliable)
	if m := again.next(); m.Event != "connected" || m.ConnectionID != old.id || m.ReconnectionToken == "" {
		t.Errorf("%+v", m)
	}
	if m := again.next(); m.SequenceID != 1 || string(m.Data) != `"one"` {
		t.Errorf("%+v", m)
	}
	again.send(`{"type":"sendToGroup","group":"g","ackId":1,"dataType":"text","data":"two"}`)
	if m := again.next(); m.SequenceID != 2 {
		t.Errorf("%+v", m)
	}
	if _, _, err := old.read(); err == nil {
		// What was on its way to the old socket may still arrive; then it ends.
		if _, _, err = old.read(); err == nil {
			t.Error("the old socket lives on")
		}
	}
}
