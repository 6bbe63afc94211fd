package wire

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/easelhq/easel/webpubsub"
)

// The vectors of protobuf requests, each as we write it too.
func TestProtobufRequests_vectors(t *testing.T) {
	any := "\x0a\x2ftype.googleapis.com/google.protobuf.StringValue\x12\x04\x0a\x02hi"
	for frame, want := range map[string]Request{
		"320a0a06726f6f6d2d371001":                   {Type: JoinGroup, Group: "room-7", AckID: id(1)},
		"32080a06726f6f6d2d37":                       {Type: JoinGroup, Group: "room-7"},
		"320a0a06726f6f6d2d371000":                   {Type: JoinGroup, Group: "room-7", AckID: id(0)},
		"3a0a0a06726f6f6d2d371002":                   {Type: LeaveGroup, Group: "room-7", AckID: id(2)},
		"0a120a06726f6f6d2d3710031a040a0268692001":   {Type: SendToGroup, Group: "room-7", AckID: id(3), NoEcho: true, Data: text("hi")},
		"0a0e0a06726f6f6d2d371a04120200ff":           {Type: SendToGroup, Group: "room-7", Data: data(webpubsub.Binary, "\x00\xff")},
		"0a130a06726f6f6d2d371a0922077b226e223a317d": {Type: SendToGroup, Group: "room-7", Data: data(webpubsub.JSON, `{"n":1}`)},
		"0a430a06726f6f6d2d371a391a370a2f747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e537472696e6756616c756512040a026869": {Type: SendToGroup, Group: "room-7", Data: data(webpubsub.Protobuf, any)},
		"0a1c0a06726f6f6d2d371a040a026869283c320a0a057472616365120161":                                                                               {Type: SendToGroup, Group: "room-7", Data: text("hi"), TTL: time.Minute, Metadata: webpubsub.Metadata{"trace": "a"}},
		"0a0c0a06726f6f6d2d371a020a00":     {Type: SendToGroup, Group: "room-7", Data: text("")},
		"2a0e0a046472617712040a0268691804": {Type: Event, Event: "draw", Data: text("hi"), AckID: id(4)},
		"42020807":                         {Type: SequenceAck, SequenceID: 7},
		"4200":                             {Type: SequenceAck},
		"4a00":                             {Type: Ping},
		"0a120a06726f6f6d2d373a080a02733110e0d403": {Type: StreamStart, Group: "room-7", StreamID: "s1", StreamIdle: time.Minute},
		"6a0c0a02733110011a040a026869":             {Type: StreamData, StreamID: "s1", SequenceID: 1, Data: text("hi")},
		"6a040a027331":                             {Type: StreamData, StreamID: "s1"},
		"72040a027331":                             {Type: StreamEnd, StreamID: "s1"},
		"72100a027331120a0a0473746f7012024531":     {Type: StreamEnd, StreamID: "s1", StreamError: &webpubsub.StreamError{Message: "stop", UserErrorCode: "E1"}},
	} {
		b, _ := hex.DecodeString(frame)
		if got, err := DecodeRequest(Protobuf, b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %s, %v\nwant %s", frame, dump(got), err, dump(want))
		}
		if got, err := EncodeRequest(Protobuf, want); err != nil || hex.EncodeToString(got) != frame {
			t.Errorf("%s\nis encoded as %x, %v\nwant          %s", dump(want), got, err, frame)
		}
	}
}

// field is one of the message's fields, written by hand.
func field(number protowire.Number, value any) []byte {
	switch v := value.(type) {
	case int:
		return appendPresent(nil, number, uint64(v))
	case uint64:
		return appendPresent(nil, number, v)
	case []byte:
		return appendBytes(nil, number, v)
	}
	return appendBytes(nil, number, []byte(value.(string)))
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestProtobufRequests_writtenDifferently_meanTheSame(t *testing.T) {
	trace := join(field(1, "trace"), field(2, "a"))
	for name, c := range map[string]struct {
		frame []byte
		want  Request
	}{
		"the last member counts":              {join(field(7, field(1, "x")), field(6, field(1, "g"))), Request{Type: JoinGroup, Group: "g"}},
		"unknown fields before and after":     {join(field(99, 7), field(9, ""), field(98, "x")), Request{Type: Ping}},
		"unknown fields within":               {field(6, join(field(99, "x"), field(1, "g"), field(98, 1))), Request{Type: JoinGroup, Group: "g"}},
		"another wire type is unknown":        {field(6, join(field(1, "g"), field(2, "7"))), Request{Type: JoinGroup, Group: "g"}},
		"a negative id of older clients":      {field(6, join(field(1, "g"), field(2, uint64(1<<64-1)))), Request{Type: JoinGroup, Group: "g", AckID: id(1<<64 - 1)}},
		"fields in another order":             {field(1, join(field(3, field(1, "hi")), field(1, "g"))), Request{Type: SendToGroup, Group: "g", Data: text("hi")}},
		"no_echo false, ttl 0":                {field(1, join(field(1, "g"), field(3, field(1, "hi")), field(4, 0), field(5, 0))), Request{Type: SendToGroup, Group: "g", Data: text("hi")}},
		"no data beside metadata":             {field(1, join(field(1, "g"), field(6, trace))), Request{Type: SendToGroup, Group: "g", Data: text(""), Metadata: webpubsub.Metadata{"trace": "a"}}},
		"no data beside metadata of an event": {field(5, join(field(1, "e"), field(4, trace))), Request{Type: Event, Event: "e", Data: text(""), Metadata: webpubsub.Metadata{"trace": "a"}}},
		"a repeated key replaces":             {field(5, join(field(1, "e"), field(4, trace), field(4, join(field(1, "trace"), field(2, "b"))))), Request{Type: Event, Event: "e", Data: text(""), Metadata: webpubsub.Metadata{"trace": "b"}}},
		"an empty metadata value":             {field(5, join(field(1, "e"), field(2, field(1, "hi")), field(4, field(1, "k")))), Request{Type: Event, Event: "e", Data: text("hi"), Metadata: webpubsub.Metadata{"k": ""}}},
		"a stream without idle time":          {field(1, join(field(1, "g"), field(7, field(1, "s")))), Request{Type: StreamStart, Group: "g", StreamID: "s", StreamIdle: 5 * time.Minute}},
		"an end with an empty error":          {field(14, join(field(1, "s"), field(2, ""))), Request{Type: StreamEnd, StreamID: "s", StreamError: &webpubsub.StreamError{}}},
	} {
		if got, err := DecodeRequest(Protobuf, c.frame); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %x\n got %s, %v\nwant %s", name, c.frame, dump(got), err, dump(c.want))
		}
	}
}

func TestProtobufRequests_malformed_areRefused(t *testing.T) {
	vector := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	send := func(fields ...[]byte) []byte { return field(1, join(append(fields, field(1, "g"))...)) }
	for name, frame := range map[string][]byte{
		"an empty frame":             vector(""),
		"broken bytes":               vector("ff"),
		"a join without group":       vector("3200"),
		"a send without data":        vector("0a060a04726f6f6d"),
		"the unpublished field 10":   vector("5200"),
		"field 0":                    vector("0200"),
		"a length beyond the end":    vector("32050a03"),
		"a broken embedded message":  field(6, "\x0a\x05a"),
		"a ping that does not parse": field(9, "\xff"),
		"a blank group":              field(6, field(1, " ")),
		"a group of bad UTF-8":       field(6, field(1, "\xff")),
		"data with no member":        send(field(3, "")),
		"text of bad UTF-8":          send(field(3, field(1, "\xff"))),
		"json_data that is not JSON": send(field(3, field(4, "{"))),
		"json_data of bad UTF-8":     send(field(3, field(4, "\"\xff\""))),
		"json_data, lone surrogate":  send(field(3, field(4, `"\ud800"`))),
		"json_data null":             send(field(3, field(4, "null"))),
		"protobuf_data, not an Any":  send(field(3, field(3, "\x0a"))),
		"ttl beyond the limit":       send(field(3, field(1, "")), field(5, 301)),
		"a huge ttl":                 send(field(3, field(1, "")), field(5, uint64(1<<63))),
		"metadata without key":       send(field(3, field(1, "")), field(6, "")),
		"metadata that is not ASCII": send(field(3, field(1, "")), field(6, join(field(1, "k"), field(2, "ü")))),
		"metadata that is broken":    send(field(3, field(1, "")), field(6, "\x0a\x05a")),
		"an event with a stream":     field(5, join(field(1, "e"), field(2, field(1, "")), field(5, field(1, "s")))),
		"an event without name":      field(5, field(2, field(1, ""))),
		"an event without data":      field(5, field(1, "e")),
		"a stream without id":        send(field(7, "")),
		"a stream with data":         send(field(3, field(1, "")), field(7, field(1, "s"))),
		"a stream with ack_id":       send(field(2, 0), field(7, field(1, "s"))),
		"a stream with idle time 0":  send(field(7, join(field(1, "s"), field(2, 0)))),
		"an idle time over 32 bits":  send(field(7, join(field(1, "s"), field(2, uint64(1<<32))))),
		"stream data without id":     field(13, join(field(2, 1), field(3, field(1, "")))),
		"stream data without number": field(13, join(field(1, "s"), field(3, field(1, "")))),
		"stream data with no member": field(13, join(field(1, "s"), field(2, 1), field(3, ""))),
		"an end without id":          field(14, ""),
	} {
		if r, err := DecodeRequest(Protobuf, frame); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%s: %x: got %s, %v; want BadRequest", name, frame, dump(r), err)
		}
	}
}

func TestProtobuf_withoutAForm_isAnError(t *testing.T) {
	for _, kind := range []RequestType{Invoke, CancelInvocation, SetGroupState, SubscribeGroupState, UnsubscribeGroupState} {
		if b, err := EncodeRequest(Protobuf, Request{Type: kind, Group: "g"}); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%d: %x, %v", kind, b, err)
		}
	}
	state := ShareResponse(Response{Type: GroupStateUpdate, Group: "g"})
	if b := state.Reliable(Protobuf, 1); b != nil {
		t.Errorf("%x", b)
	}
}

func TestProtobufJSONAsText_changesJSONPayloadsAlone(t *testing.T) {
	for _, d := range []*webpubsub.Data{data(webpubsub.JSON, `{"n":1}`), data(webpubsub.Binary, "\x00"), text("hi"), data(webpubsub.Protobuf, "")} {
		m := Share(webpubsub.Message{Group: "g", Data: *d})
		want := d.Type
		if want == webpubsub.JSON {
			want = webpubsub.Text
		}
		for _, frame := range [][]byte{m.Frame(ProtobufJSONAsText), m.Reliable(ProtobufJSONAsText, 7)} {
			if r, err := DecodeResponse(Protobuf, frame); err != nil || r.Message.Data.Type != want || string(r.Message.Data.Bytes) != string(d.Bytes) {
				t.Errorf("%v became %s, %v", d.Type, dump(r), err)
			}
		}
	}
}

// A sequence id changes the length of the message it goes into, and with it, at 128 bytes,
// the length of that length.
func TestReliable_ofEveryLength_differsInItsSequenceIDAlone(t *testing.T) {
	for size := range 300 {
		m := Share(webpubsub.Message{Group: "g", Data: *text(strings.Repeat("x", size)), Metadata: webpubsub.Metadata{"k": "v"}})
		for _, f := range []Format{JSON, Protobuf, ProtobufJSONAsText} {
			for _, seq := range []uint64{1, 127, 128, 1 << 32, 1<<64 - 1} {
				r, err := DecodeResponse(f, m.Reliable(f, seq))
				if err != nil || r.SequenceID != seq {
					t.Fatalf("size %d, id %d: %d, %v", size, seq, r.SequenceID, err)
				}
				r.SequenceID = 0
				if got := EncodeResponse(f, r); !bytes.Equal(got, m.Frame(f)) {
					t.Fatalf("size %d, id %d: %x", size, seq, got)
				}
			}
		}
	}
}
