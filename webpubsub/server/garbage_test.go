package server_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
	"github.com/easelhq/easel/webpubsub/token"
)

// Ten thousand frames of garbage by each kind of client, from many connections at once, do
// not keep a healthy pair from exchanging messages all the time, and leave nothing behind.
func TestGarbage_leavesTheOthersServed(t *testing.T) {
	for _, subprotocol := range []string{"", plain, reliable, plainProtobuf, reliableProtobuf} {
		t.Run("subprotocol "+subprotocol, func(t *testing.T) {
			f := start(t)
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			ann, bob := f.peer(plain, everything), f.peer(reliableProtobuf, token.MintOptions{Groups: []string{"healthy"}})
			const vandals = 8
			done := make(chan int, vandals)
			for i := range vandals {
				v := vandal{f: f, subprotocol: subprotocol, rng: rand.New(rand.NewPCG(seed, uint64(i)))}
				go func() { done <- v.rage(10_000 / vandals) }()
			}
			sent, exchanged := 0, 0
			for left := vandals; left > 0 || exchanged < 10; exchanged++ {
				text := fmt.Sprint(exchanged)
				ann.request(wire.Request{Type: wire.SendToGroup, Group: "healthy", NoEcho: true, Data: textData(text)})
				if m := bob.expect(wire.Message); string(m.Message.Data.Bytes) != text || m.SequenceID != uint64(exchanged+1) {
					t.Fatalf("%+v, want %s", m, text)
				}
				bob.request(wire.Request{Type: wire.SequenceAck, SequenceID: uint64(exchanged + 1)})
				select {
				case n := <-done:
					left--
					sent += n
				default:
				}
			}
			if sent < 10_000 {
				t.Errorf("only %d frames of garbage were sent", sent)
			}
			t.Logf("%d messages exchanged meanwhile", exchanged)
		})
	}
}

// vandal is a client that sends garbage.
type vandal struct {
	f           *fixture
	subprotocol string
	rng         *rand.Rand
}

// rage sends n frames, on a new connection whenever the present one is closed, and returns
// how many it has sent.
func (v *vandal) rage(n int) (sent int) {
	o := &websocket.DialOptions{}
	if v.subprotocol != "" {
		o.Subprotocols = []string{v.subprotocol}
	}
	where := v.f.socketURL("/client/hubs/board?access_token=" + v.f.token(everything))
	for sent < n {
		ws, _, err := websocket.Dial(v.f.t.Context(), where, o)
		if err != nil {
			return sent
		}
		ended, end := context.WithCancel(context.Background())
		go func() {
			defer end()
			for err := error(nil); err == nil; {
				_, _, err = ws.Read(v.f.t.Context())
			}
		}()
		// A burst before an answer is seen, then on until the service has enough.
		for i := 0; sent < n && (i < 10 || ended.Err() == nil && i < 50); i++ {
			sent++
			kind, b := v.garbage()
			if ws.Write(v.f.t.Context(), kind, b) != nil {
				break
			}
		}
		ws.CloseNow()
		<-ended.Done()
	}
	return sent
}

// garbage is random bytes, or a valid frame with some bytes changed, cut off or doubled;
// sometimes of the wrong kind.
func (v *vandal) garbage() (websocket.MessageType, []byte) {
	format := subprotocols[v.subprotocol]
	b, err := wire.EncodeRequest(format, validRequests[v.rng.IntN(len(validRequests))])
	if err != nil || v.rng.IntN(4) == 0 {
		b = make([]byte, v.rng.IntN(200))
		for i := range b {
			b[i] = byte(v.rng.Uint32())
		}
	}
	for range v.rng.IntN(3) {
		if len(b) == 0 {
			break
		}
		switch i := v.rng.IntN(len(b)); v.rng.IntN(3) {
		case 0:
			b[i] = byte(v.rng.Uint32())
		case 1:
			b = b[:i]
		default:
			b = append(b, b[i:]...)
		}
	}
	if v.rng.IntN(20) == 0 {
		return websocket.MessageType(1 + v.rng.IntN(2)), b
	}
	return messageType(format), b
}

// validRequests are some of every kind; a state machine that took them all has seen much.
var validRequests = []wire.Request{
	{Type: wire.JoinGroup, Group: "g", AckID: new(uint64)},
	{Type: wire.LeaveGroup, Group: "g"},
	{Type: wire.SendToGroup, Group: "g", TTL: time.Second, Data: textData("hi"), Metadata: webpubsub.Metadata{"k": "v"}},
	{Type: wire.Event, Event: "e", AckID: new(uint64), Data: textData("hi")},
	{Type: wire.Ping},
	{Type: wire.SequenceAck, SequenceID: 7},
	{Type: wire.Invoke, InvocationID: "1", Event: "e"},
	{Type: wire.CancelInvocation, InvocationID: "1"},
	{Type: wire.StreamStart, Group: "g", StreamID: "s", StreamIdle: time.Millisecond},
	{Type: wire.StreamData, StreamID: "s", SequenceID: 1, Data: textData("hi")},
	{Type: wire.StreamEnd, StreamID: "s", StreamError: &webpubsub.StreamError{Message: "m"}},
	{Type: wire.SetGroupState, Group: "g", State: map[string]string{"k": "v"}},
	{Type: wire.SubscribeGroupState, Group: "g"},
	{Type: wire.UnsubscribeGroupState, Group: "g"},
}
