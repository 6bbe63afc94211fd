package wire

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

func id(n uint64) *uint64 { return &n }

func data(t webpubsub.DataType, s string) *webpubsub.Data {
	return &webpubsub.Data{Type: t, Bytes: []byte(s)}
}

func text(s string) *webpubsub.Data { return data(webpubsub.Text, s) }

func dump(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func TestDecodeRequest_json(t *testing.T) {
	for frame, want := range map[string]Request{
		`{"type":"joinGroup","group":"room-7","ackId":1}`:                                           {Type: JoinGroup, Group: "room-7", AckID: id(1)},
		`{"type":"LEAVEGROUP","group":"Räum"}`:                                                      {Type: LeaveGroup, Group: "Räum"},
		`{"type":"sendToGroup","group":"g","ackId":18446744073709551615,"data":{"b":1.0,"a":[]}}`:   {Type: SendToGroup, Group: "g", AckID: id(1<<64 - 1), Data: data(webpubsub.JSON, `{"b":1.0,"a":[]}`)},
		`{"type":"sendToGroup","group":"g","noEcho":true,"dataType":"TEXT","data":"hi \u00fc 😀"}`:   {Type: SendToGroup, Group: "g", NoEcho: true, Data: text("hi ü 😀")},
		`{"type":"sendToGroup","group":"g","dataType":"text","data":"\ud83d\ude00","ttlSeconds":5}`: {Type: SendToGroup, Group: "g", Data: text("😀"), TTL: 5 * time.Second},
		`{"type":"sendToGroup","group":"g","dataType":"binary","data":"AAH/","noEcho":null}`:        {Type: SendToGroup, Group: "g", Data: data(webpubsub.Binary, "\x00\x01\xff")},
		`{"type":"sendToGroup","group":"g","dataType":"protobuf","data":"CgFh"}`:                    {Type: SendToGroup, Group: "g", Data: data(webpubsub.Protobuf, "\x0a\x01a")},
		`{"type":"sendToGroup","group":"g","data":1,"ttlSeconds":300,"metadata":{"Trace":"a1"}}`:    {Type: SendToGroup, Group: "g", Data: data(webpubsub.JSON, "1"), TTL: webpubsub.MaxTTL, Metadata: webpubsub.Metadata{"Trace": "a1"}},
		`{"type":"sendToGroup","group":"g","metadata":{"a":"1"}}`:                                   {Type: SendToGroup, Group: "g", Data: text(""), Metadata: webpubsub.Metadata{"a": "1"}},
		`{"type":"sendToGroup","group":"g","metadata":null,"data":1}`:                               {Type: SendToGroup, Group: "g", Data: data(webpubsub.JSON, "1")},
		`{"type":"event","event":"draw","ackId":null,"dataType":"text","data":"hi","more":[1]}`:     {Type: Event, Event: "draw", Data: text("hi")},
		`{"type":"event","event":"e","metadata":{"a":"1"}}`:                                         {Type: Event, Event: "e", Data: text(""), Metadata: webpubsub.Metadata{"a": "1"}},
		`{"type":"ping"}`:                          {Type: Ping},
		`{"type":"sequenceAck","sequenceId":7}`:    {Type: SequenceAck, SequenceID: 7},
		`{"type":"sequenceAck","sequenceId":"12"}`: {Type: SequenceAck, SequenceID: 12},
		` {"type":"event","event":"e","data":0} `:  {Type: Event, Event: "e", Data: data(webpubsub.JSON, "0")},
		`{"type":"invoke","invocationId":"1","target":"event","event":"draw","data":{"a":1}}`:                    {Type: Invoke, InvocationID: "1", Event: "draw", Data: data(webpubsub.JSON, `{"a":1}`)},
		`{"type":"invoke","invocationId":"","target":"event","event":"draw"}`:                                    {Type: Invoke, Event: "draw"},
		`{"type":"cancelInvocation","invocationId":"1"}`:                                                         {Type: CancelInvocation, InvocationID: "1"},
		`{"type":"sendToGroup","group":"room-7","noEcho":true,"stream":{"streamId":"s1","idleTimeoutMs":60000}}`: {Type: StreamStart, Group: "room-7", NoEcho: true, StreamID: "s1", StreamIdle: time.Minute},
		`{"type":"sendToGroup","group":"room-7","stream":{"streamId":"s1"}}`:                                     {Type: StreamStart, Group: "room-7", StreamID: "s1", StreamIdle: 5 * time.Minute},
		`{"type":"streamData","streamId":"s1","streamSequenceId":1,"dataType":"text","data":"He"}`:               {Type: StreamData, StreamID: "s1", SequenceID: 1, Data: text("He")},
		`{"type":"streamData","streamId":"s1"}`:                                                                  {Type: StreamData, StreamID: "s1"},
		`{"type":"streamEnd","streamId":"s1"}`:                                                                   {Type: StreamEnd, StreamID: "s1"},
		`{"type":"streamEnd","streamId":"s1","error":{"message":"stopped","userErrorCode":"E1"}}`:                {Type: StreamEnd, StreamID: "s1", StreamError: &webpubsub.StreamError{Message: "stopped", UserErrorCode: "E1"}},
		`{"type":"streamEnd","streamId":"s1","error":{}}`:                                                        {Type: StreamEnd, StreamID: "s1", StreamError: &webpubsub.StreamError{}},
		`{"type":"setGroupState","group":"room-7","ackId":8,"state":{"cursor":"4,9"}}`:                           {Type: SetGroupState, Group: "room-7", AckID: id(8), State: map[string]string{"cursor": "4,9"}},
		`{"type":"setGroupState","group":"room-7","state":null}`:                                                 {Type: SetGroupState, Group: "room-7"},
		`{"type":"setGroupState","group":"room-7","state":{}}`:                                                   {Type: SetGroupState, Group: "room-7", State: map[string]string{}},
		`{"type":"subscribeGroupState","group":"room-7","ackId":0}`:                                              {Type: SubscribeGroupState, Group: "room-7", AckID: id(0)},
		`{"type":"unsubscribeGroupState","group":"room-7"}`:                                                      {Type: UnsubscribeGroupState, Group: "room-7"},
	} {
		got, err := DecodeRequest(JSON, []byte(frame))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %s, %v\nwant %s", frame, dump(got), err, dump(want))
			continue
		}
		again, err := EncodeRequest(JSON, got)
		if back, backErr := DecodeRequest(JSON, again); err != nil || backErr != nil || !reflect.DeepEqual(back, want) {
			t.Errorf("%s is encoded as %s, which reads %s, %v", frame, again, dump(back), backErr)
		}
	}
}

func TestDecodeRequest_malformedJSON_isRefused(t *testing.T) {
	long := strings.Repeat("g", webpubsub.MaxGroupName+1)
	many := `"a":"` + strings.Repeat("v", 1024) + `"`
	for k := range 8 {
		many += `,"` + string(rune('b'+k)) + `":"` + strings.Repeat("v", 1024) + `"`
	}
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
		`{"type":"sendToGroup","group":"g","dataType":"protobuf","data":"Cg=="}`, `{"type":"sendToGroup","group":"g","dataType":null,"data":1}`,
		`{"type":"sendToGroup","group":"g","data":1,"metadata":{"a":"1","a":"1"}}`, `{"type":"sendToGroup","group":"g","data":1,"metadata":{"a":1}}`,
		`{"type":"sendToGroup","group":"g","data":1,"metadata":{"a":{"b":"c"}}}`, `{"type":"sendToGroup","group":"g","data":1,"metadata":{"a b":"1"}}`,
		`{"type":"sendToGroup","group":"g","data":1,"metadata":{"a":"ü"}}`, `{"type":"sendToGroup","group":"g","data":1,"metadata":[]}`,
		`{"type":"sendToGroup","group":"g","data":1,"metadata":{"":"1"}}`, `{"type":"sendToGroup","group":"g","data":1,"metadata":{` + many + `}}`,
		`{"type":"event","data":1}`, `{"type":"event","event":"1a","data":1}`, `{"type":"event","event":"a b","data":1}`, `{"type":"event","event":"e"}`,
		`{"type":"sequenceAck"}`, `{"type":"sequenceAck","sequenceId":-1}`, `{"type":"sequenceAck","sequenceId":"x"}`,
		`{"type":"invoke","target":"event","event":"e"}`, `{"type":"invoke","invocationId":"1","event":"e"}`, `{"type":"invoke","invocationId":"1","target":"group","event":"e"}`,
		`{"type":"invoke","invocationId":1,"target":"event","event":"e"}`, `{"type":"invoke","invocationId":"1","target":"event","event":"e","data":null}`,
		`{"type":"invoke","invocationId":"` + long + `","target":"event","event":"e"}`, `{"type":"cancelInvocation"}`,
		`{"type":"sendToGroup","group":"g","stream":{}}`, `{"type":"sendToGroup","group":"g","stream":{"streamId":""}}`, `{"type":"sendToGroup","group":"g","stream":"s1"}`,
		`{"type":"sendToGroup","group":"g","data":1,"stream":{"streamId":"s"}}`, `{"type":"sendToGroup","group":"g","ackId":1,"stream":{"streamId":"s"}}`,
		`{"type":"sendToGroup","group":"g","stream":{"streamId":"s","idleTimeoutMs":0}}`, `{"type":"sendToGroup","group":"g","stream":{"streamId":"s","idleTimeoutMs":-1}}`,
		`{"type":"sendToGroup","group":"g","stream":{"streamId":"` + long + `"}}`,
		`{"type":"streamData","streamId":"s","data":1}`, `{"type":"streamData","streamSequenceId":1,"data":1}`, `{"type":"streamData","streamId":"s","streamSequenceId":"1","data":1}`,
		`{"type":"streamEnd"}`, `{"type":"streamEnd","streamId":"s","error":{"name":"x"}}`, `{"type":"streamEnd","streamId":"s","error":"x"}`, `{"type":"streamEnd","streamId":"s","error":{"message":1}}`,
		`{"type":"setGroupState","group":"g","state":{"a":1}}`, `{"type":"setGroupState","group":"g","state":{"a":"1","a":"2"}}`, `{"type":"setGroupState","group":"g","state":{` + many + `}}`,
		`{"type":"subscribeGroupState"}`,
	} {
		if r, err := DecodeRequest(JSON, []byte(frame)); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%.120s: got %s, %v; want BadRequest", frame, dump(r), err)
		}
	}
}

// responses are every kind of response, as JSON and, where it has that form, as protobuf.
var responses = []struct {
	r        Response
	json     string
	protobuf string // in hex
}{
	{Response{Type: Connected, ConnectionID: "c1", UserID: "ann"}, `{"type":"system","event":"connected","userId":"ann","connectionId":"c1"}`, "1a0b0a090a0263311203616e6e"},
	{Response{Type: Connected, ConnectionID: "c1", UserID: "ann", ReconnectionToken: "tok"}, `{"type":"system","event":"connected","userId":"ann","connectionId":"c1","reconnectionToken":"tok"}`, "1a100a0e0a0263311203616e6e1a03746f6b"},
	{Response{Type: Connected, ConnectionID: "c1"}, `{"type":"system","event":"connected","userId":null,"connectionId":"c1"}`, "1a060a040a026331"},
	{Response{Type: Disconnected, Reason: "bye"}, `{"type":"system","event":"disconnected","message":"bye"}`, "1a0712051203627965"},
	{Response{Type: Disconnected, Reason: `bye "you"`}, `{"type":"system","event":"disconnected","message":"bye \"you\""}`, "1a0d120b12096279652022796f7522"},
	{Response{Type: Ack, AckID: 1, Success: true}, `{"type":"ack","ackId":1,"success":true}`, "0a0408011001"},
	{Response{Type: Ack, AckID: 1<<64 - 1, Success: true}, `{"type":"ack","ackId":18446744073709551615,"success":true}`, "0a0d08ffffffffffffffffff011001"},
	{Response{Type: Ack, Success: true}, `{"type":"ack","ackId":0,"success":true}`, "0a021001"},
	{Response{Type: Ack, AckID: 2, Error: &Error{ErrForbidden, "no"}}, `{"type":"ack","ackId":2,"success":false,"error":{"name":"Forbidden","message":"no"}}`, "0a1308021a0f0a09466f7262696464656e12026e6f"},
	{Response{Type: Pong}, `{"type":"pong"}`, "2200"},
	{Response{Type: Message, Message: webpubsub.Message{Group: "room-7", Data: *text("hi")}}, `{"type":"message","from":"group","group":"room-7","dataType":"text","data":"hi"}`, "12150a0567726f75701206726f6f6d2d371a040a026869"},
	{Response{Type: Message, SequenceID: 7, Message: webpubsub.Message{Group: "room-7", Data: *text("hi")}}, `{"sequenceId":7,"type":"message","from":"group","group":"room-7","dataType":"text","data":"hi"}`, "12170a0567726f75701206726f6f6d2d371a040a0268692007"},
	{Response{Type: Message, Message: webpubsub.Message{Data: *data(webpubsub.JSON, `{"n":1}`)}}, `{"type":"message","from":"server","dataType":"json","data":{"n":1}}`, "12130a067365727665721a0922077b226e223a317d"},
	{Response{Type: Message, SequenceID: 1, Message: webpubsub.Message{Data: *data(webpubsub.Binary, "\x00\x01\xff"), Metadata: webpubsub.Metadata{"trace": "a", "A": "b"}}},
		`{"sequenceId":1,"type":"message","from":"server","dataType":"binary","data":"AAH/","metadata":{"A":"b","trace":"a"}}`, "12250a067365727665721a0512030001ff20012a060a01411201622a0a0a057472616365120161"},
	{Response{Type: Message, Message: webpubsub.Message{Group: "room-7", Data: *text("hi"), Stream: &webpubsub.StreamPart{ID: "s1", SequenceID: 1}}},
		`{"type":"message","from":"group","group":"room-7","dataType":"text","data":"hi","stream":{"streamId":"s1","streamSequenceId":1}}`, "121d0a0567726f75701206726f6f6d2d371a040a02686932060a0273311001"},
	{Response{Type: Message, Message: webpubsub.Message{Group: "room-7", Data: *text(""), Stream: &webpubsub.StreamPart{ID: "s1", SequenceID: 2, End: true}}},
		`{"type":"message","from":"group","group":"room-7","dataType":"text","data":"","stream":{"streamId":"s1","streamSequenceId":2,"endOfStream":true}}`, "12190a0567726f75701206726f6f6d2d3732080a02733110021801"},
	{Response{Type: Message, Message: webpubsub.Message{Group: "room-7", Data: *text(""), Stream: &webpubsub.StreamPart{ID: "s1", SequenceID: 3, End: true, Error: &webpubsub.StreamError{Name: ErrUser, Message: "stopped", UserErrorCode: "E1"}}}},
		`{"type":"message","from":"group","group":"room-7","dataType":"text","data":"","stream":{"streamId":"s1","streamSequenceId":3,"endOfStream":true,"error":{"name":"UserError","message":"stopped","userErrorCode":"E1"}}}`,
		"12330a0567726f75701206726f6f6d2d3732220a0273311003180122180a09557365724572726f72120773746f707065641a024531"},
	{Response{Type: InvokeResponse, InvocationID: "1", Success: true, Data: data(webpubsub.JSON, `{"ok":true}`)}, `{"type":"invokeResponse","invocationId":"1","success":true,"dataType":"json","data":{"ok":true}}`, ""},
	{Response{Type: InvokeResponse, InvocationID: "1", Success: true}, `{"type":"invokeResponse","invocationId":"1","success":true}`, ""},
	{Response{Type: InvokeResponse, InvocationID: "1", Error: &Error{ErrInternal, "no"}}, `{"type":"invokeResponse","invocationId":"1","success":false,"error":{"name":"InternalServerError","message":"no"}}`, ""},
	{Response{Type: StreamAck, StreamID: "s1", ExpectedSequenceID: 1}, `{"type":"streamAck","streamId":"s1","expectedSequenceId":1}`, "32060a0273311001"},
	{Response{Type: StreamNack, StreamID: "s1", Error: &Error{ErrInvalidSequenceID, "gap"}, ExpectedSequenceID: 3}, `{"type":"streamNack","streamId":"s1","name":"InvalidSequenceId","message":"gap","expectedSequenceId":3}`, "3a1e0a0273311211496e76616c696453657175656e636549641a036761702003"},
	{Response{Type: StreamClosed, StreamID: "s1"}, `{"type":"streamClosed","streamId":"s1"}`, "42040a027331"},
	{Response{Type: StreamClosed, StreamID: "s1", Error: &Error{ErrIdleTimeout, "x"}}, `{"type":"streamClosed","streamId":"s1","error":{"name":"IdleTimeout","message":"x"}}`, "42160a02733112100a0b49646c6554696d656f7574120178"},
	{Response{Type: GroupStateSnapshot, Group: "room-7", Items: []StateItem{{"c1", "ann", map[string]string{"cursor": "4,9"}, time.UnixMilli(1788220800123).UTC()}}},
		`{"type":"groupStateSnapshot","group":"room-7","items":[{"connectionId":"c1","userId":"ann","state":{"cursor":"4,9"},"updatedAt":1788220800123}]}`, ""},
	{Response{Type: GroupStateSnapshot, Group: "room-7", SequenceID: 3}, `{"sequenceId":3,"type":"groupStateSnapshot","group":"room-7","items":[]}`, ""},
	{Response{Type: GroupStateUpdate, Group: "room-7", Items: []StateItem{{"c1", "", nil, time.UnixMilli(1788220801000).UTC()}}},
		`{"type":"groupStateUpdate","group":"room-7","items":[{"connectionId":"c1","updatedAt":1788220801000}]}`, ""},
}

func TestResponses_asDocumented(t *testing.T) {
	for _, c := range responses {
		if got := string(EncodeResponse(JSON, c.r)); got != c.json {
			t.Errorf("got  %s\nwant %s", got, c.json)
		}
		if got := hex.EncodeToString(EncodeResponse(Protobuf, c.r)); got != c.protobuf {
			t.Errorf("%s\ngot  %s\nwant %s", c.json, got, c.protobuf)
		}
		if got, err := DecodeResponse(JSON, []byte(c.json)); err != nil || !sameResponse(got, c.r) {
			t.Errorf("%s\n got %s, %v\nwant %s", c.json, dump(got), err, dump(c.r))
		}
		frame, _ := hex.DecodeString(c.protobuf)
		if got, err := DecodeResponse(Protobuf, frame); c.protobuf != "" && (err != nil || !sameResponse(got, c.r)) {
			t.Errorf("%s\n got %s, %v\nwant %s", c.protobuf, dump(got), err, dump(c.r))
		}
	}
}

// sameResponse takes an empty list of items for none.
func sameResponse(a, b Response) bool {
	if len(a.Items)+len(b.Items) == 0 {
		a.Items, b.Items = nil, nil
	}
	return reflect.DeepEqual(a, b)
}

func TestMessages_nameTheirSenderInJSONOnly(t *testing.T) {
	m := Share(webpubsub.Message{Group: "g", FromUserID: "ann", Data: *text("hi")})
	if got, want := string(m.Frame(JSON)), `{"type":"message","from":"group","fromUserId":"ann","group":"g","dataType":"text","data":"hi"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r, err := DecodeResponse(JSON, m.Frame(JSON)); err != nil || r.Message.FromUserID != "ann" {
		t.Errorf("%s, %v", dump(r), err)
	}
	if r, err := DecodeResponse(Protobuf, m.Frame(Protobuf)); err != nil || r.Message.FromUserID != "" || r.Message.Group != "g" {
		t.Errorf("%s, %v", dump(r), err)
	}
}

func TestDecodeResponse_ofUnknownKind_isUnknown(t *testing.T) {
	for _, frame := range []string{`{"type":"later","x":1}`, `{"type":"system","event":"later"}`} {
		if r, err := DecodeResponse(JSON, []byte(frame)); err != nil || r.Type != Unknown {
			t.Errorf("%s: %s, %v", frame, dump(r), err)
		}
	}
	for _, frame := range []string{"", "2a00", "7a020801", "1a00"} {
		b, _ := hex.DecodeString(frame)
		if r, err := DecodeResponse(Protobuf, b); err != nil || r.Type != Unknown {
			t.Errorf("%s: %s, %v", frame, dump(r), err)
		}
	}
}

func TestDecodeResponse_malformed_isRefused(t *testing.T) {
	for _, frame := range []string{
		``, `[]`, `{}`, `{"type":"system"}`, `{"type":"system","event":"connected"}`, `{"type":"ack","success":true}`, `{"type":"ack","ackId":1}`, `{"type":"ack","ackId":1,"success":"true"}`,
		`{"type":"message","data":1}`, `{"type":"message","from":"group","data":1}`, `{"type":"message","from":"server","data":1,"sequenceId":-1}`, `{"type":"message","from":"server","dataType":"text","data":1}`,
		`{"type":"message","from":"server","data":1,"stream":{"streamId":"s"}}`, `{"type":"invokeResponse","success":true}`, `{"type":"streamAck","streamId":"s"}`, `{"type":"streamNack","streamId":"s"}`, `{"type":"streamClosed"}`,
		`{"type":"groupStateUpdate","group":"g"}`, `{"type":"groupStateUpdate","group":"g","items":[{}]}`, `{"type":"groupStateUpdate","items":[]}`,
	} {
		if r, err := DecodeResponse(JSON, []byte(frame)); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%s: got %s, %v", frame, dump(r), err)
		}
	}
	for _, frame := range []string{"ff", "12", "120a", "12050a03ffffff", "12070a0567726f7570", "12060a06736572", "1206" + "1a0422027b7d"[:8], "12081a0622047b226e22"} {
		b, _ := hex.DecodeString(frame)
		if r, err := DecodeResponse(Protobuf, b); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%s: got %s, %v", frame, dump(r), err)
		}
	}
}

func TestBare_isThePayloadAlone_textOrNot(t *testing.T) {
	for kind, wantText := range map[webpubsub.DataType]bool{webpubsub.Text: true, webpubsub.JSON: true, webpubsub.Binary: false, webpubsub.Protobuf: false} {
		d := data(kind, "1")
		frame, text := Share(webpubsub.Message{Data: *d}).Bare()
		if string(frame) != "1" || text != wantText || &frame[0] == &d.Bytes[0] {
			t.Errorf("%v: %q, text %t", kind, frame, text)
		}
	}
	if frame, text := Share(webpubsub.Message{Data: *text("")}).Bare(); frame == nil || !text {
		t.Error("an empty message is none")
	}
}
