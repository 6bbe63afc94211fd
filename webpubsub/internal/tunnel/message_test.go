package tunnel

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

// The vectors of the tunnel protocol.
var vectors = []struct {
	message Message
	frame   string
}{
	{&Connected{Type: ConnectedType, ConnectionID: "t1", UserID: "u1"},
		"5c000000930ad9577b2254797065223a31302c22436f6e6e656374696f6e4964223a227431222c22557365724964223a227531222c225265636f6e6e656374696f6e546f6b656e223a6e756c6c2c2254726163696e674964223a6e756c6c7dc0"},
	{&Notice{Type: StatusType, Message: "ok"},
		"2f0000009305d92a7b2254797065223a352c224d657373616765223a226f6b222c2254726163696e674964223a6e756c6c7dc0"},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		frame, err := Encode(v.message)
		if err != nil || hex.EncodeToString(frame) != v.frame {
			t.Errorf("encoded %x, %v\nwant %s", frame, err, v.frame)
		}
		want, _ := hex.DecodeString(v.frame)
		if got, err := Decode(want); err != nil || !reflect.DeepEqual(got, v.message) {
			t.Errorf("decoded %+v, %v; want %+v", got, err, v.message)
		}
	}
}

func TestEncode_jsonIsThatOfTheProtocol(t *testing.T) {
	for _, c := range []struct {
		message Message
		json    string
	}{
		{&Request{AckID: 5, Method: "POST", URL: "https://h/a?b&c", Headers: map[string][]string{"k": {"v"}}},
			`{"Type":1,"AckId":5,"HttpMethod":"POST","Url":"https://h/a?b&c","Headers":{"k":["v"]},"LocalRouting":false,"ChannelName":"","TracingId":null}`},
		{&Response{AckID: 5, StatusCode: 200, Headers: map[string][]string{"content-type": {"text/plain"}}},
			`{"Type":2,"AckId":5,"StatusCode":200,"Headers":{"content-type":["text/plain"]},"LocalRouting":false,"ChannelName":"","NotCompleted":false,"TracingId":null}`},
		{&Move{Type: ReconnectType, TargetID: "t", Endpoint: "https://h", Message: "m"},
			`{"Type":6,"TargetId":"t","Endpoint":"https://h","Message":"m","TracingId":null}`},
		{&Notice{Type: CloseType, Message: "m"}, `{"Type":7,"Message":"m","TracingId":null}`},
	} {
		frame, err := Encode(c.message)
		if err != nil || !bytes.Contains(frame, []byte(c.json)) {
			t.Errorf("%s, %v; want %s", frame, err, c.json)
		}
	}
}

func TestRoundTrip_contentOfEverySize(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 65535, 65536, webpubsub.MaxMessageBytes} {
		m := &Request{Type: RequestType, AckID: 1 << 40, Method: "POST", URL: strings.Repeat("u", n/2), Headers: map[string][]string{}, Content: bytes.Repeat([]byte{0xff}, n)}
		frame, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(frame); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestEncode_overTheLimit_isTooLarge(t *testing.T) {
	_, err := Encode(&Response{Content: make([]byte, MaxFrameBytes)})
	if webpubsub.CodeOf(err) != webpubsub.TooLarge {
		t.Errorf("got %v", err)
	}
}

// framed is a frame around MessagePack.
func framed(pack string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(pack))), pack...)
}

func TestDecode_otherForms_areUnderstood(t *testing.T) {
	want := &Response{Type: ResponseType, AckID: 7, StatusCode: 204}
	json := `{"StatusCode":204,"AckId":7,"TracingId":null,"Extra":{"a":1}}` // the app's order, and less
	short := `{"AckId":7,"StatusCode":204}`
	for name, pack := range map[string]string{
		"str 8":            "\x93\x02\xd9" + string(rune(len(json))) + json + "\xc0",
		"fixstr":           "\x93\x02" + string([]byte{0xa0 | byte(len(short))}) + short + "\xc0",
		"str 16, array 16": "\xdc\x00\x03\xcc\x02\xda\x00" + string(rune(len(json))) + json + "\xc0",
		"str 32, array 32": "\xdd\x00\x00\x00\x03\xd3\x00\x00\x00\x00\x00\x00\x00\x02\xdb\x00\x00\x00" + string(rune(len(json))) + json + "\xc0",
	} {
		if got, err := Decode(framed(pack)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestDecode_unknownType_isNothing(t *testing.T) {
	for _, pack := range []string{"\x93\x03\xa2{}\xc0", "\x93\x63\xa2{}\xc4\x01x"} {
		if m, err := Decode(framed(pack)); m != nil || err != nil {
			t.Errorf("%x: %+v, %v", pack, m, err)
		}
	}
}

func TestDecode_malformed_isABadRequest(t *testing.T) {
	for name, frame := range map[string][]byte{
		"empty":          {},
		"no length":      {1, 0, 0},
		"short":          {9, 0, 0, 0, 0x93},
		"two messages":   append(framed("\x93\x05\xa2{}\xc0"), framed("\x93\x05\xa2{}\xc0")...),
		"two fields":     framed("\x92\x05\xa2{}"),
		"more fields":    framed("\x94\x05\xa2{}\xc0\xc0"),
		"no array":       framed("\xa2{}"),
		"negative type":  framed("\x93\xff\xa2{}\xc0"),
		"huge type":      framed("\x93\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa2{}\xc0"),
		"no string":      framed("\x93\x05\xc0\xc0"),
		"huge string":    framed("\x93\x05\xdb\xff\xff\xff\xff{}\xc0"),
		"content a text": framed("\x93\x01\xa2{}\xa1x"),
		"no JSON":        framed("\x93\x05\xa1{\xc0"),
		"wrong JSON":     framed("\x93\x02\xafX{\"AckId\":\"one\"}\xc0"),
	} {
		if m, err := Decode(frame); webpubsub.CodeOf(err) != webpubsub.BadRequest || err == nil {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

// FuzzDecode: what is decoded is the same after encoding.
func FuzzDecode(f *testing.F) {
	for _, v := range vectors {
		frame, _ := hex.DecodeString(v.frame)
		f.Add(frame)
	}
	for _, m := range []Message{
		&Request{AckID: 1, Method: "POST", URL: "/x", Headers: map[string][]string{"a": {"b", "c"}}, Content: []byte("hi")},
		&Response{AckID: 1, StatusCode: 200, NotCompleted: true, TracingID: "t"},
		&Move{Type: RebalanceType, TargetID: "t"},
	} {
		frame, err := Encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := Decode(frame)
		if err != nil || m == nil {
			return
		}
		again, err := Encode(m)
		if err != nil {
			t.Fatalf("%+v: %v", m, err)
		}
		if back, err := Decode(again); err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%+v became %+v, %v", m, back, err)
		}
	})
}
