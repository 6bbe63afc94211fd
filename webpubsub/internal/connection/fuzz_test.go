package connection

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

func FuzzReceive(f *testing.F) {
	for _, r := range validRequests {
		for p := range ReliableProtobuf + 1 {
			if frame, err := wire.EncodeRequest(p.format(false), r); err == nil {
				f.Add(p == JSON || p == ReliableJSON, frame, byte(p))
			}
		}
	}
	f.Add(false, []byte{0}, byte(0))
	f.Fuzz(func(t *testing.T, text bool, frame []byte, protocol byte) {
		receiveAnything(t, Protocol(protocol%5), Frame{Text: text, Bytes: frame})
	})
}

// receiveAnything lets a fresh connection receive a frame, come to its end, and checks that
// what it wants done makes sense.
func receiveAnything(t *testing.T, protocol Protocol, f Frame) {
	t.Helper()
	now := time.Unix(1788220800, 0)
	permissions, _ := webpubsub.NewPermissions([]string{"webpubsub.sendToGroup", "webpubsub.joinLeaveGroup"})
	s := New(Config{Protocol: protocol, Permissions: *permissions})
	effects := s.Receive(now, f)
	if s.pending != nil {
		effects = append(effects, s.EventDone(now, Outcome{})...)
	}
	started := len(s.seldom().streams.active)
	ended := s.Ended()
	if !ended {
		effects = append(effects, s.Close("")...)
	}
	ends, terminals := 0, 0
	for _, e := range effects {
		switch e := e.(type) {
		case Send:
			if e.Text != (protocol == JSON || protocol == ReliableJSON) || e.Text && !json.Valid(e.Bytes) {
				t.Fatalf("%q is answered with %q", f.Bytes, e.Bytes)
			}
		case Publish:
			if e.Message.Stream != nil && e.Message.Stream.End {
				terminals++
			}
		case Close:
			if len(e.Reason) > maxReasonBytes {
				t.Fatalf("%q closes with %q", f.Bytes, e.Reason)
			}
		case End:
			ends++
		}
	}
	if _, last := effects[len(effects)-1].(End); !last || ends != 1 || terminals != started {
		t.Fatalf("%q: %d ends, %d of %d streams ended: %v", f.Bytes, ends, terminals, started, effects)
	}
}

var validRequests = []wire.Request{
	{Type: wire.JoinGroup, Group: "g", AckID: new(uint64)},
	{Type: wire.LeaveGroup, Group: "g"},
	{Type: wire.SendToGroup, Group: "g", TTL: time.Second, Data: &webpubsub.Data{Bytes: []byte(`{"x":[1]}`)}, Metadata: webpubsub.Metadata{"k": "v"}},
	{Type: wire.Event, Event: "e", AckID: new(uint64), Data: &webpubsub.Data{Type: webpubsub.Text, Bytes: []byte("hi")}},
	{Type: wire.Ping},
	{Type: wire.SequenceAck, SequenceID: 7},
	{Type: wire.Invoke, InvocationID: "1", Event: "e"},
	{Type: wire.CancelInvocation, InvocationID: "1"},
	{Type: wire.StreamStart, Group: "g", StreamID: "s", StreamIdle: time.Second},
	{Type: wire.StreamData, StreamID: "s", SequenceID: 1, Data: &webpubsub.Data{Type: webpubsub.Binary, Bytes: []byte{0}}},
	{Type: wire.StreamEnd, StreamID: "s", StreamError: &webpubsub.StreamError{Message: "m"}},
	{Type: wire.SetGroupState, Group: "g", State: map[string]string{"k": "v"}},
	{Type: wire.SubscribeGroupState, Group: "g"},
	{Type: wire.UnsubscribeGroupState, Group: "g"},
}

// Frames for each protocol: random bytes, and valid frames with some bytes
// changed, cut out or doubled.
func TestReceive_garbage_neverPanics(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for protocol := range ReliableProtobuf + 1 {
		for range 3_000 {
			receiveAnything(t, protocol, Frame{Text: rng.IntN(8) != 0 == (protocol.format(false) == wire.JSON), Bytes: garbage(rng, protocol.format(false))})
		}
	}
}

func garbage(rng *rand.Rand, f wire.Format) []byte {
	b, err := wire.EncodeRequest(f, validRequests[rng.IntN(len(validRequests))])
	if err != nil || rng.IntN(3) == 0 {
		b = make([]byte, rng.IntN(100))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
	}
	for range rng.IntN(4) {
		if len(b) == 0 {
			break
		}
		switch i := rng.IntN(len(b)); rng.IntN(3) {
		case 0:
			b[i] = byte(rng.Uint32())
		case 1:
			b = b[:i]
		default:
			b = append(b, b[i:]...)
		}
	}
	return b
}
