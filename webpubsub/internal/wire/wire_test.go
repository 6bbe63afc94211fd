package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

func show(r Request) string {
	ack := "-"
	if r.AckID != nil {
		ack = fmt.Sprint(*r.AckID)
	}
	return fmt.Sprintf("%d ack=%s group=%s event=%s noEcho=%v %v=%s ttl=%v seq=%d", r.Type, ack, r.Group, r.Event, r.NoEcho, r.Data.Type, r.Data.Bytes, r.TTL, r.SequenceID)
}

func TestDecode_requests(t *testing.T) {
	id := func(n uint64) *uint64 { return &n }
	text := func(s string) webpubsub.Data { return webpubsub.Data{Type: webpubsub.Text, Bytes: []byte(s)} }
	for frame, want := range map[string]Request{
		`{"type":"joinGroup","group":"room-7","ackId":1}`:                                           {Type: JoinGroup, Group: "room-7", AckID: id(1)},
		`{"type":"LEAVEGROUP","group":"Räum"}`:                                                      {Type: LeaveGroup, Group: "Räum"},
		`{"type":"sendToGroup","group":"g","ackId":18446744073709551615,"data":{"b":1.0,"a":[]}}`:   {Type: SendToGroup, Group: "g", AckID: id(1<<64 - 1), Data: webpubsub.Data{Bytes: []byte(`{"b":1.0,"a":[]}`)}},
		`{"type":"sendToGroup","group":"g","noEcho":true,"dataType":"TEXT","data":"hi \u00fc 😀"}`:   {Type: SendToGroup, Group: "g", NoEcho: true, Data: text("hi ü 😀")},
		`{"type":"sendToGroup","group":"g","dataType":"text","data":"\ud83d\ude00","ttlSeconds":5}`: {Type: SendToGroup, Group: "g", Data: text("😀"), TTL: 5 * time.Second},
		`{"type":"sendToGroup","group":"g","dataType":"binary","data":"AAH/","noEcho":null}`:        {Type: SendToGroup, Group: "g", Data: webpubsub.Data{Type: webpubsub.Binary, Bytes: []byte{0, 1, 255}}},
		`{"type":"event","event":"draw","ackId":null,"dataType":"text","data":"hi","more":[1]}`:     {Type: Event, Event: "draw", Data: text("hi")},
		`{"type":"ping"}`:                          {Type: Ping},
		`{"type":"sequenceAck","sequenceId":7}`:    {Type: SequenceAck, SequenceID: 7},
		`{"type":"sequenceAck","sequenceId":"12"}`: {Type: SequenceAck, SequenceID: 12},
		` {"type":"event","event":"e","data":0} `:  {Type: Event, Event: "e", Data: webpubsub.Data{Bytes: []byte("0")}},
	} {
		if got, err := Decode([]byte(frame)); err != nil || show(got) != show(want) {
			t.Errorf("%s\n got %s, %v\nwant %s", frame, show(got), err, show(want))
		}
	}
}

func TestDecode_malformed_isRefused(t *testing.T) {
	long := strings.Repeat("g", webpubsub.MaxGroupName+1)
	for _, frame := range []string{
		``, `null`, `[]`, `"ping"`, `{`, `{"type":"ping"}x`, "{\"type\":\"\xff\"}",
		`{}`, `{"type":1}`, `{"type":"jump"}`, `{"Type":"ping"}`,
		`{"type":"joinGroup"}`, `{"type":"joinGroup","group":7}`, `{"type":"joinGroup","group":""}`, `{"type":"joinGroup","group":" "}`,
		`{"type":"joinGroup","group":"` + long + `"}`, `{"type":"joinGroup","Group":"g"}`,
		`{"type":"joinGroup","group":"g","ackId":"1"}`, `{"type":"joinGroup","group":"g","ackId":-1}`, `{"type":"joinGroup","group":"g","ackId":1.0}`,
		`{"type":"joinGroup","group":"g","ackId":18446744073709551616}`, `{"type":"joinGroup","group":"\ud800"}`, `{"type":"joinGroup","group":"\udc00\ud800"}`,
		`{"type":"sendToGroup","group":"g"}`, `{"type":"sendToGroup","group":"g","data":null}`, `{"type":"sendToGroup","group":"g","data":1,"noEcho":"true"}`,
		`{"type":"sendToGroup","group":"g","data":1,"ttlSeconds":301}`, `{"type":"sendToGroup","group":"g","data":1,"ttlSeconds":-1}`,
		`{"type":"sendToGroup","group":"g","dataType":"text","data":1}`, `{"type":"sendToGroup","group":"g","dataType":"xml","data":"1"}`,
		`{"type":"sendToGroup","group":"g","dataType":"binary","data":"A"}`, `{"type":"sendToGroup","group":"g","dataType":"binary","data":"AA=="x}`,
		`{"type":"event","data":1}`, `{"type":"event","event":"1a","data":1}`, `{"type":"event","event":"a b","data":1}`, `{"type":"event","event":"e"}`,
		`{"type":"sequenceAck"}`, `{"type":"sequenceAck","sequenceId":-1}`, `{"type":"sequenceAck","sequenceId":"x"}`,
	} {
		if r, err := Decode([]byte(frame)); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%.80s: got %s, %v; want BadRequest", frame, show(r), err)
		}
	}
}

func TestResponses_asDocumented(t *testing.T) {
	message := func(m webpubsub.Message) string { return string(Share(m).JSON()) }
	for _, c := range []struct{ got, want string }{
		{string(Connected("ann", "c1", "")), `{"type":"system","event":"connected","userId":"ann","connectionId":"c1"}`},
		{string(Connected("", "c1", "tok")), `{"type":"system","event":"connected","userId":null,"connectionId":"c1","reconnectionToken":"tok"}`},
		{string(Disconnected(`bye "you"`)), `{"type":"system","event":"disconnected","message":"bye \"you\""}`},
		{string(Ack(1<<64 - 1)), `{"type":"ack","ackId":18446744073709551615,"success":true}`},
		{string(Nack(2, ErrForbidden, "no")), `{"type":"ack","ackId":2,"success":false,"error":{"name":"Forbidden","message":"no"}}`},
		{string(Pong()), `{"type":"pong"}`},
		{message(webpubsub.Message{Group: "room-7", FromUserID: "ann", Data: webpubsub.Data{Type: webpubsub.Text, Bytes: []byte("hi")}}),
			`{"type":"message","from":"group","fromUserId":"ann","group":"room-7","dataType":"text","data":"hi"}`},
		{message(webpubsub.Message{Data: webpubsub.Data{Bytes: []byte(`{"n":1.0}`)}}), `{"type":"message","from":"server","dataType":"json","data":{"n":1.0}}`},
		{string(Share(webpubsub.Message{Group: "g", Data: webpubsub.Data{Type: webpubsub.Binary, Bytes: []byte{0, 1, 255}}}).ReliableJSON(7)),
			`{"sequenceId":7,"type":"message","from":"group","group":"g","dataType":"binary","data":"AAH/"}`},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, frame := range []string{
		`{"type":"joinGroup","group":"g","ackId":1}`, `{"type":"sendToGroup","group":"g","noEcho":true,"dataType":"json","data":{"x":[1,2]}}`,
		`{"type":"event","event":"e","dataType":"binary","data":"AAH/"}`, `{"type":"sequenceAck","sequenceId":3}`, `{"type":"event","event":"e","dataType":"text","data":"\ud83d\ude00\\u"}`,
	} {
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		r, err := Decode(frame)
		if err != nil || r.Type != SendToGroup {
			return
		}
		// What is passed on must be JSON, with the data that came in.
		m := webpubsub.Message{Group: r.Group, Data: r.Data}
		for _, out := range [][]byte{Share(m).JSON(), Share(m).ReliableJSON(1)} {
			if !json.Valid(out) {
				t.Fatalf("%q became %q, which is not JSON", frame, out)
			}
			again, err := Decode([]byte(strings.Replace(strings.Replace(string(out), `"type":"message"`, `"type":"sendToGroup"`, 1), `"from":"group",`, "", 1)))
			if err != nil || again.Group != r.Group || string(again.Data.Bytes) != string(r.Data.Bytes) {
				t.Fatalf("%q: decoding what was encoded gives %s, %v", frame, show(again), err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	frame := []byte(`{"type":"sendToGroup","group":"b.Ab3dEf9hIjKl.l","noEcho":true,"dataType":"json","data":{"k":"c","a":"actor123","x":101.5,"y":-20}}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if _, err := Decode(frame); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	m := webpubsub.Message{Group: "b.Ab3dEf9hIjKl.l", FromUserID: "ann", Data: webpubsub.Data{Bytes: []byte(`{"k":"c","a":"actor123","x":101.5,"y":-20}`)}}
	b.ReportAllocs()
	for b.Loop() {
		Share(m).JSON()
	}
}
