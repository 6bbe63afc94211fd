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
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/internal/wire"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

// faultyDialer makes connections that break after some bytes, read or written.
type faultyDialer struct{ rng *rand.Rand }

func (d faultyDialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	f := &faultyConn{Conn: c}
	f.left.Store(500 + d.rng.Int64N(20_000))
	return f, err
}

type faultyConn struct {
	net.Conn
	left atomic.Int64
}

func (c *faultyConn) Read(b []byte) (int, error) {
	left := c.left.Load()
	if left <= 0 {
		c.Conn.Close()
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.Conn.Read(b[:min(len(b), int(left))])
	c.left.Add(-int64(n))
	return n, err
}

func (c *faultyConn) Write(b []byte) (int, error) {
	left := max(c.left.Load(), 0)
	n, err := c.Conn.Write(b[:min(len(b), int(left))])
	c.left.Add(-int64(n))
	if err == nil && n < len(b) {
		c.Conn.Close()
		err = io.ErrClosedPipe
	}
	return n, err
}

// wanderer is a reliable client that comes back whenever its connection breaks.
type wanderer struct {
	f      *fixture
	format wire.Format
	name   string // of the subprotocol
	http   *http.Client
	where  url.Values // of the next connection
	joined chan struct{}
	cuts   int
}

func newWanderer(f *fixture, format wire.Format, name string, rng *rand.Rand) *wanderer {
	return &wanderer{
		f: f, format: format, name: name, joined: make(chan struct{}),
		http:  &http.Client{Transport: &http.Transport{DialContext: faultyDialer{rng}.dial, DisableKeepAlives: true}},
		where: url.Values{"access_token": {f.token(token.MintOptions{Groups: []string{"g"}})}},
	}
}

// receive calls each for every response, until it says that it has enough. What each returns
// as ack is acknowledged, unless it is 0.
func (w *wanderer) receive(each func(wire.Response) (ack uint64, enough bool)) {
	w.f.t.Helper()
	for {
		ws, _, err := websocket.Dial(w.f.t.Context(), w.f.socketURL("/client/hubs/board?"+w.where.Encode()), &websocket.DialOptions{Subprotocols: []string{w.name}, HTTPClient: w.http})
		if err != nil {
			continue // it broke in the handshake
		}
		enough := w.receiveOn(ws, each)
		ws.CloseNow()
		if enough {
			return
		}
		w.cuts++
	}
}

func (w *wanderer) receiveOn(ws *websocket.Conn, each func(wire.Response) (uint64, bool)) (enough bool) {
	w.f.t.Helper()
	for {
		ctx, cancel := context.WithTimeout(w.f.t.Context(), patience)
		_, b, err := ws.Read(ctx)
		cancel()
		if code := websocket.CloseStatus(err); code != -1 || ctx.Err() == context.DeadlineExceeded {
			w.f.t.Fatalf("after %d cuts: %v", w.cuts, err)
		}
		if err != nil {
			return false
		}
		r, err := wire.DecodeResponse(w.format, b)
		check(w.f.t, err)
		if r.Type == wire.Connected {
			if _, again := w.where["awps_connection_id"]; !again {
				close(w.joined)
			}
			w.where = url.Values{"awps_connection_id": {string(r.ConnectionID)}, "awps_reconnection_token": {r.ReconnectionToken}}
			continue
		}
		ack, enough := each(r)
		if ack > 0 {
			frame, err := wire.EncodeRequest(w.format, wire.Request{Type: wire.SequenceAck, SequenceID: ack})
			check(w.f.t, err)
			if w.format.Text() {
				ws.Write(w.f.t.Context(), websocket.MessageText, frame)
			} else {
				ws.Write(w.f.t.Context(), websocket.MessageBinary, frame)
			}
		}
		if enough {
			return true
		}
	}
}

// A reliable client whose connection breaks again and again, in the middle of frames too,
// gets every message once and in order, while two publishers send as fast as they can.
func TestRecovery_underLoadOverBreakingConnections_losesAndRepeatsNothing(t *testing.T) {
	for name, format := range map[string]wire.Format{reliable: wire.JSON, reliableProtobuf: wire.Protobuf} {
		t.Run(name, func(t *testing.T) {
			// The publishers don't wait for anyone, so everything may have to be kept.
			f := start(t, func(o *server.Options) { o.MaxUnacknowledged = 10_000 })
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			rng := rand.New(rand.NewPCG(seed, 1))
			const each = 1500
			w := newWanderer(f, format, name, rng)
			for publisher := range 2 {
				c := f.connect(plain, token.MintOptions{Roles: everything.Roles})
				go func() {
					<-w.joined
					for i := range each {
						frame := fmt.Appendf(nil, `{"type":"sendToGroup","group":"g","data":[%d,%d]}`, publisher, i)
						if c.ws.Write(t.Context(), websocket.MessageText, frame) != nil {
							return
						}
					}
				}()
			}
			var last uint64
			var got [2]int
			w.receive(func(r wire.Response) (ack uint64, enough bool) {
				if r.SequenceID > last { // else it was sent again before its ack had arrived
					var data [2]int
					check(t, json.Unmarshal(r.Message.Data.Bytes, &data))
					if r.SequenceID != last+1 || data[1] != got[data[0]] {
						t.Fatalf("message %d of %v has sequence id %d after %d", got[data[0]], data, r.SequenceID, last)
					}
					last = r.SequenceID
					got[data[0]]++
				}
				if rng.IntN(20) == 0 {
					ack = last
				}
				return ack, got == [2]int{each, each}
			})
			if w.cuts < 5 {
				t.Errorf("only %d cuts; the test tests nothing", w.cuts)
			}
		})
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
