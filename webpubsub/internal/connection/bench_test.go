package connection

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

func benchState(p Protocol) *State {
	permissions, _ := webpubsub.NewPermissions([]string{"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"})
	return New(Config{User: "user-12345", Protocol: p, Permissions: *permissions})
}

// BenchmarkDeliver is what one member of a group costs before its socket: the message is
// encoded already.
func BenchmarkDeliver(b *testing.B) {
	m := wire.Share(webpubsub.Message{Group: "b.Ab3dEf9hIjKl.l", FromUserID: "ann", Data: webpubsub.Data{Type: webpubsub.JSON, Bytes: []byte(`{"x":"` + strings.Repeat("x", 120) + `"}`)}})
	for _, c := range []struct {
		name string
		p    Protocol
	}{{"simple", Simple}, {"json", JSON}, {"protobuf", Protobuf}, {"reliable-json", ReliableJSON}, {"reliable-protobuf", ReliableProtobuf}} {
		b.Run("protocol="+c.name, func(b *testing.B) {
			s := benchState(c.p)
			b.ReportAllocs()
			for n := uint64(1); b.Loop(); n++ {
				if _, send, _ := s.Deliver(time.Time{}, m); !send {
					b.Fatal("nothing to send")
				}
				if s.Reliable() && n%64 == 0 { // as clients acknowledge
					s.replay.acknowledge(n)
				}
			}
		})
	}
}

// BenchmarkReceive is a client's frame, from its bytes to the effects.
func BenchmarkReceive(b *testing.B) {
	now := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	for name, text := range map[string]string{
		"ping":         `{"type":"ping"}`,
		"send":         `{"type":"sendToGroup","group":"b.Ab3dEf9hIjKl.l","noEcho":true,"data":{"k":"c","a":"actor123","x":101.5,"y":-20}}`,
		"send/ack":     `{"type":"sendToGroup","group":"b.Ab3dEf9hIjKl.l","ackId":%d,"data":{"k":"c","a":"actor123","x":101.5,"y":-20}}`,
		"sequenceAck":  `{"type":"sequenceAck","sequenceId":12345}`,
		"event/answer": `{"type":"event","event":"commit","data":{"k":"c","a":"actor123","x":101.5,"y":-20}}`,
	} {
		b.Run("frame="+name, func(b *testing.B) {
			s := benchState(JSON)
			frame := []byte(text)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if strings.Contains(text, "%d") {
					frame = fmt.Appendf(frame[:0], text, n)
				}
				s.Receive(now, Frame{Text: true, Bytes: frame})
				if s.pending != nil {
					s.EventDone(now, Outcome{})
				}
			}
		})
	}
}

// BenchmarkState reports how much memory a connection takes that has joined two groups and is
// quiet: its State and what hangs on it.
func BenchmarkState(b *testing.B) {
	for _, c := range []struct {
		name  string
		p     Protocol
		roles []string
	}{
		{"protocol=json/roles=all", JSON, []string{"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"}},
		{"protocol=json/roles=group", JSON, []string{"webpubsub.joinLeaveGroup.b.Ab3dEf9hIjKl", "webpubsub.sendToGroup.b.Ab3dEf9hIjKl"}},
		{"protocol=reliable-json/roles=all", ReliableJSON, []string{"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			const many = 10000
			states := make([]*State, many)
			before := memory()
			for i := range states {
				states[i] = joined(c.p, c.roles)
			}
			after := memory()
			runtime.KeepAlive(states)
			for b.Loop() {
				joined(c.p, c.roles)
			}
			bytes, allocs := after.HeapAlloc-before.HeapAlloc, after.HeapObjects-before.HeapObjects
			b.ReportMetric(float64(bytes)/many, "B/conn")
			b.ReportMetric(float64(allocs)/many, "objects/conn")
		})
	}
}

func joined(p Protocol, roles []string) *State {
	permissions, _ := webpubsub.NewPermissions(roles)
	s := New(Config{User: "user-12345", Protocol: p, Permissions: *permissions})
	for _, frame := range joins {
		s.Receive(time.Time{}, Frame{Text: true, Bytes: frame})
	}
	return s
}

var joins = [][]byte{
	[]byte(`{"type":"joinGroup","group":"b.Ab3dEf9hIjKl.l","ackId":1}`),
	[]byte(`{"type":"joinGroup","group":"b.Ab3dEf9hIjKl.d","ackId":2}`),
}

func memory() (m runtime.MemStats) {
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}

func TestState_isSmall(t *testing.T) {
	if size := unsafe.Sizeof(State{}); size > 128 {
		t.Errorf("a State has %d bytes; there are as many as connections", size)
	}
}
