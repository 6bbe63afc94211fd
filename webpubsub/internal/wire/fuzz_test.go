package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/jsonscan"
)

// requests are one of each kind.
var requests = []Request{
	{Type: JoinGroup, Group: "room-7", AckID: id(1)},
	{Type: LeaveGroup, Group: "Räum"},
	{Type: SendToGroup, Group: "g", AckID: id(0), NoEcho: true, TTL: time.Minute, Data: data(webpubsub.JSON, `{"x":[1,2]}`), Metadata: webpubsub.Metadata{"trace": "a1", "b": ""}},
	{Type: SendToGroup, Group: "g", Data: data(webpubsub.Protobuf, "\x0a\x01a\x12\x02hi")},
	{Type: Event, Event: "draw", AckID: id(1<<64 - 1), Data: data(webpubsub.Binary, "\x00\x01\xff")},
	{Type: Event, Event: "draw", Data: text("\"😀\\u\n"), Metadata: webpubsub.Metadata{"trace": "a1"}},
	{Type: Ping},
	{Type: SequenceAck, SequenceID: 7},
	{Type: Invoke, InvocationID: "1", Event: "draw", Data: text("hi")},
	{Type: Invoke, InvocationID: "1", Event: "draw"},
	{Type: CancelInvocation, InvocationID: "1"},
	{Type: StreamStart, Group: "g", NoEcho: true, StreamID: "s1", StreamIdle: time.Minute},
	{Type: StreamData, StreamID: "s1", SequenceID: 0, Data: text("He")},
	{Type: StreamData, StreamID: "s1"},
	{Type: StreamEnd, StreamID: "s1"},
	{Type: StreamEnd, StreamID: "s1", StreamError: &webpubsub.StreamError{Message: "stop", UserErrorCode: "E1"}},
	{Type: SetGroupState, Group: "g", AckID: id(8), State: map[string]string{"cursor": "4,9", "": "ü"}},
	{Type: SetGroupState, Group: "g"},
	{Type: SubscribeGroupState, Group: "g"},
	{Type: UnsubscribeGroupState, Group: "g"},
}

func FuzzDecodeRequestJSON(f *testing.F) {
	for _, r := range requests {
		f.Add(encodeJSONRequest(r))
	}
	f.Add([]byte(`{"type":"event","event":"e","dataType":"text","data":"\ud83d\ude00\\u"}`))
	f.Add([]byte(`{"type":"sequenceAck","sequenceId":"12"}`))
	f.Fuzz(func(t *testing.T, frame []byte) { checkRequest(t, JSON, frame) })
}

// FuzzFields holds what finds the properties of a frame to what encoding/json makes of it.
func FuzzFields(f *testing.F) {
	for _, r := range requests {
		f.Add(encodeJSONRequest(r))
	}
	for _, c := range responses {
		f.Add([]byte(c.json))
	}
	f.Add([]byte(`{"type":"\ud83d\ude00\u00fc\\u\/","\u0074ype":1.5e+3,"data":[{"a":[]},{},-0,0.1E-9,true,null]} `))
	f.Add([]byte(`{"group":"\ud800x","state":{"a":"b","a":{}},"items":[null,{"type":1}]}`))
	f.Add([]byte(`{"data":` + strings.Repeat("[", 9999) + strings.Repeat("]", 9999) + `}`))
	f.Add([]byte(`{"data":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		var want map[string]json.RawMessage
		isObject := utf8.Valid(frame) && json.Unmarshal(frame, &want) == nil && want != nil
		var got fields
		err := got.parse(frame)
		if isObject && loneSurrogate(frame) {
			isObject = false // which encoding/json would silently replace
		}
		if isObject != (err == nil) {
			t.Fatalf("%q: %v; encoding/json takes it: %t", frame, err, isObject)
		}
		if err != nil {
			return
		}
		for p := range properties {
			raw := want[p.String()]
			if !bytes.Equal(got.raw(p), raw) {
				t.Fatalf("%q: %s is %q; want %q", frame, p, got.raw(p), raw)
			}
			var s string
			if isText := len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &s) == nil; isText {
				if text, err := got.text(p); err != nil || text != s {
					t.Fatalf("%q: %s is %q, %v; want %q", frame, p, text, err, s)
				}
				var back string
				if again := appendString(nil, s); json.Unmarshal(again, &back) != nil || back != s {
					t.Fatalf("%q is written %s", s, again)
				}
			}
			if jsonscan.Valid(raw) != json.Valid(raw) {
				t.Fatalf("%q: Valid is %t", raw, jsonscan.Valid(raw))
			}
		}
	})
}

var escapes = regexp.MustCompile(`\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F])|\\.`)

// loneSurrogate reports whether a \u escape in valid JSON is half of a pair.
func loneSurrogate(frame []byte) bool {
	return slices.ContainsFunc(escapes.FindAllSubmatch(frame, -1), func(m [][]byte) bool { return m[1] != nil })
}

func FuzzDecodeRequestProtobuf(f *testing.F) {
	for _, r := range requests {
		if frame, err := EncodeRequest(Protobuf, r); err == nil {
			f.Add(frame)
		}
	}
	f.Fuzz(func(t *testing.T, frame []byte) { checkRequest(t, Protobuf, frame) })
}

// checkRequest: what is understood is understood the same way when it is written anew, and
// a message in it can be passed on in every format.
func checkRequest(t *testing.T, f Format, frame []byte) {
	r, err := DecodeRequest(f, frame)
	if err != nil {
		return
	}
	again, err := EncodeRequest(f, r)
	if err != nil {
		t.Fatalf("%q: %v", frame, err)
	}
	if back, err := DecodeRequest(f, again); err != nil || !reflect.DeepEqual(back, r) {
		t.Fatalf("%q\nis  %s\nbut %s, %v\nas %q", frame, dump(r), dump(back), err, again)
	}
	if r.Data == nil {
		return
	}
	m := webpubsub.Message{Group: "g", Data: *r.Data, Metadata: r.Metadata}
	for _, out := range []Format{JSON, Protobuf} {
		sent := Share(m).Reliable(out, 1)
		if out == JSON && !json.Valid(sent) {
			t.Fatalf("%q became %q, which is not JSON", frame, sent)
		}
		if got, err := DecodeResponse(out, sent); err != nil || !reflect.DeepEqual(got.Message, m) {
			t.Fatalf("%q became %s, %v", frame, dump(got), err)
		}
	}
}

func FuzzDecodeResponseJSON(f *testing.F) {
	for _, c := range responses {
		f.Add([]byte(c.json))
	}
	f.Add([]byte(`{"type":"message","from":"server","data":null}`))
	f.Fuzz(func(t *testing.T, frame []byte) { checkResponse(t, JSON, frame) })
}

func FuzzDecodeResponseProtobuf(f *testing.F) {
	for _, c := range responses {
		frame, err := hex.DecodeString(c.protobuf)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) { checkResponse(t, Protobuf, frame) })
}

func checkResponse(t *testing.T, f Format, frame []byte) {
	r, err := DecodeResponse(f, frame)
	if err != nil || r.Type == Unknown {
		return
	}
	if r.Message.Stream != nil && r.Message.Stream.End {
		r.Message.Data = *emptyText() // the last message has no data of its own
	}
	again := EncodeResponse(f, r)
	if back, err := DecodeResponse(f, again); err != nil || !sameResponse(back, r) {
		t.Fatalf("%q\nis  %s\nbut %s, %v\nas %q", frame, dump(r), dump(back), err, again)
	}
}
