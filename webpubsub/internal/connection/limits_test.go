package connection

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

var allRoles = []string{"webpubsub.sendToGroup", "webpubsub.joinLeaveGroup"}

// say lets the connection receive a JSON frame and returns its last effect as text, timers
// aside; empty is none.
func say(s *State, format string, args ...any) string {
	effects := s.Receive(beginning, Frame{Text: true, Bytes: fmt.Appendf(nil, format, args...)})
	last := ""
	for _, e := range effects {
		if _, timer := e.(Timer); !timer {
			last = effectText(e)
		}
	}
	return last
}

func TestStreams_tooMany_areRefused(t *testing.T) {
	s := newState("json", allRoles)
	start := func(i int) string {
		return say(s, `{"type":"sendToGroup","group":"g","stream":{"streamId":"s%d"}}`, i)
	}
	for i := range webpubsub.MaxStreams {
		if got := start(i); !strings.Contains(got, `"streamAck"`) {
			t.Fatalf("stream %d: %s", i, got)
		}
	}
	const refusal = `< {"type":"streamClosed","streamId":"s100","error":{"name":"BadRequest","message":"The connection has 100 active streams; that is the limit."}}`
	if got := start(webpubsub.MaxStreams); got != refusal {
		t.Errorf("%s", got)
	}
	say(s, `{"type":"streamEnd","streamId":"s0"}`)
	if got := start(webpubsub.MaxStreams); !strings.Contains(got, `"streamAck"`) {
		t.Errorf("after one has ended: %s", got)
	}
}

func TestStreams_onlyTheLatestFinished_areRemembered(t *testing.T) {
	s := newState("json", allRoles)
	for i := range webpubsub.MaxStreams + 1 {
		say(s, `{"type":"sendToGroup","group":"g","stream":{"streamId":"s%d"}}`, i)
		say(s, `{"type":"streamEnd","streamId":"s%d"}`, i)
	}
	if got := say(s, `{"type":"streamEnd","streamId":"s0"}`); !strings.Contains(got, wire.ErrStreamNotFound) {
		t.Errorf("the oldest: %s", got)
	}
	if got := say(s, `{"type":"streamEnd","streamId":"s1"}`); got != `< {"type":"streamClosed","streamId":"s1"}` {
		t.Errorf("the one after it: %s", got)
	}
	for range 3 * webpubsub.MaxStreams { // one id again and again takes one place
		say(s, `{"type":"sendToGroup","group":"g","stream":{"streamId":"again"}}`)
		say(s, `{"type":"streamEnd","streamId":"again"}`)
	}
	if got := len(s.seldom().streams.order); got != webpubsub.MaxStreams || len(s.seldom().streams.finished) != got {
		t.Errorf("%d ids in order, %d remembered", got, len(s.seldom().streams.finished))
	}
}

func TestInvocations_tooMany_areRefusedAtOnce(t *testing.T) {
	s := newState("json", nil)
	const invoke = `{"type":"invoke","invocationId":"i%d","target":"event","event":"e"}`
	for i := range webpubsub.MaxInvocations {
		say(s, invoke, i)
	}
	if s.Busy() {
		t.Error("as many as are allowed must not stop the reading, or no cancellation could be seen")
	}
	const refusal = `< {"type":"invokeResponse","invocationId":"i100","success":false,"error":{"name":"TransientError","message":"The connection has 100 invocations under way; that is the limit."}}`
	if got := say(s, invoke, webpubsub.MaxInvocations); got != refusal {
		t.Errorf("%s", got)
	}
	say(s, `{"type":"cancelInvocation","invocationId":"i50"}`)
	if got := say(s, invoke, webpubsub.MaxInvocations); got != "" {
		t.Errorf("after one was cancelled: %s", got)
	}
	for range webpubsub.MaxInvocations {
		s.EventDone(beginning, Outcome{})
	}
	if s.pending != nil || len(s.seldom().waiting) != 0 || s.seldom().size != 0 {
		t.Errorf("%v is pending, %d wait with %d bytes", s.pending, len(s.seldom().waiting), s.seldom().size)
	}
}

func TestGroupStates_tooMany_areForbidden(t *testing.T) {
	s := newState("json", allRoles)
	for i := range webpubsub.MaxGroupStates {
		say(s, `{"type":"setGroupState","group":"g%d","state":{}}`, i)
		say(s, `{"type":"subscribeGroupState","group":"g%d"}`, i)
	}
	if got := say(s, `{"type":"setGroupState","group":"more","ackId":1,"state":{}}`); !strings.Contains(got, `"Forbidden","message":"The connection has a state in 100 groups; that is the limit."`) {
		t.Errorf("%s", got)
	}
	if got := say(s, `{"type":"subscribeGroupState","group":"more","ackId":1}`); !strings.Contains(got, `"Forbidden","message":"The connection is subscribed to the state of 100 groups; that is the limit."`) {
		t.Errorf("%s", got)
	}
	say(s, `{"type":"setGroupState","group":"g0"}`)
	say(s, `{"type":"unsubscribeGroupState","group":"g0"}`)
	for _, frame := range []string{`{"type":"setGroupState","group":"more","ackId":1,"state":{}}`, `{"type":"subscribeGroupState","group":"more","ackId":2}`} {
		if got := say(s, "%s", frame); !strings.Contains(got, `"success":true`) {
			t.Errorf("after one was given up: %s", got)
		}
	}
}

func TestUnacknowledged_boundIsConfigurable(t *testing.T) {
	s := New(Config{Protocol: ReliableProtobuf, MaxUnacknowledged: 3, RecoveryWindow: time.Minute})
	if last := deliverN(s, 3, 1); len(last) != 0 {
		t.Fatalf("%v", last)
	}
	s.Receive(beginning, Frame{Bytes: []byte{0x42, 2, 8, 1}}) // sequence ack 1
	deliverN(s, 1, 1)
	if last := deliverN(s, 1, 1); len(last) != 2 || effectText(last[0]) != "close 1008 The reliable message buffer is full." {
		t.Errorf("%v", last)
	}
}

func TestUnacknowledged_expired_makeRoomWhileTheClientIsAway(t *testing.T) {
	message := func(ttl time.Duration) *wire.Shared {
		return wire.Share(webpubsub.Message{Group: "g", Data: webpubsub.Data{Type: webpubsub.Text}, TTL: ttl})
	}
	for _, away := range []bool{true, false} {
		s := New(Config{Protocol: ReliableJSON, MaxUnacknowledged: 3})
		if away {
			s.Dropped(beginning, 1006, "")
		}
		s.Deliver(beginning, message(0))
		s.Deliver(beginning, message(5*time.Second))
		s.Deliver(beginning, message(9*time.Second))
		s.Deliver(beginning.Add(5*time.Second), message(20*time.Second))
		if s.Ended() == away {
			t.Errorf("away %v: ended %v", away, s.Ended())
		}
		if !away {
			continue
		}
		var ids []uint64
		for _, m := range s.replay.live(beginning.Add(6 * time.Second)) {
			ids = append(ids, m.id)
		}
		if !slices.Equal(ids, []uint64{1, 3, 4}) {
			t.Errorf("kept %d", ids)
		}
		// A message without an end of its own finds room as well.
		s.Deliver(beginning.Add(10*time.Second), message(0))
		if s.Ended() {
			t.Error("one more was refused though one had expired")
		}
	}
}

func TestClose_reasonThatIsNotUTF8_isMendedForEveryProtocol(t *testing.T) {
	const want = "Application server closed the connection. Reason: a\uFFFDb"
	for _, protocol := range []Protocol{Simple, JSON, ReliableProtobuf} {
		effects := New(Config{Protocol: protocol}).Close("a\xffb")
		said := ""
		switch first := effects[0].(type) {
		case Close:
			said = first.Reason
		case Send:
			r, err := wire.DecodeResponse(protocol.format(false), first.Bytes)
			if err != nil {
				t.Errorf("%v: %v", protocol, err)
			}
			said = r.Reason
		}
		if said != want {
			t.Errorf("%v: %q", protocol, said)
		}
	}
}

func TestJSONAsText_isForProtobufAlone(t *testing.T) {
	m := wire.Share(webpubsub.Message{Data: webpubsub.Data{Bytes: []byte("1")}})
	for protocol, want := range map[Protocol]webpubsub.DataType{Protobuf: webpubsub.Text, ReliableProtobuf: webpubsub.Text, JSON: webpubsub.JSON, ReliableJSON: webpubsub.JSON} {
		s := New(Config{Protocol: protocol, JSONAsText: true})
		f, send, _ := s.Deliver(beginning, m)
		if r, err := wire.DecodeResponse(s.format, f.Bytes); !send || err != nil || r.Message.Data.Type != want {
			t.Errorf("%v: %v, %v", protocol, r.Message.Data.Type, err)
		}
	}
}

func TestDeliver_ofASharedMessage_allocatesOnlyTheReliableFrame(t *testing.T) {
	m := wire.Share(webpubsub.Message{Group: "g", Data: webpubsub.Data{Type: webpubsub.Text, Bytes: []byte("hi")}})
	for protocol, most := range map[Protocol]float64{Simple: 0, JSON: 0, Protobuf: 0, ReliableJSON: 1, ReliableProtobuf: 1} {
		s := New(Config{Protocol: protocol})
		s.replay = &replay{queue: make([]unacked, 0, 300)}
		if got := testing.AllocsPerRun(200, func() { s.Deliver(beginning, m) }); got > most {
			t.Errorf("%v: %v allocations, want at most %v", protocol, got, most)
		}
	}
}
