package wire

import (
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

var (
	cursor = `{"k":"c","a":"actor123","x":101.5,"y":-20}`
	shape  = `{"id":"Ab3dEf9hIjKl","kind":"stroke","points":[` + strings.Repeat(`[101.5,-20,0.5],`, 63) + `[1,2,3]],"text":"` + strings.Repeat("ü", 16) + `"}`

	benchRequests = []struct {
		name string
		r    Request
	}{
		{"sendToGroup/size=42B", Request{Type: SendToGroup, Group: "b.Ab3dEf9hIjKl.l", NoEcho: true, AckID: id(17), Data: data(webpubsub.JSON, cursor)}},
		{"sendToGroup/size=1KiB", Request{Type: SendToGroup, Group: "b.Ab3dEf9hIjKl.l", AckID: id(17), Data: data(webpubsub.JSON, shape)}},
		{"sendToGroup/type=text", Request{Type: SendToGroup, Group: "b.Ab3dEf9hIjKl.l", Data: text("say \"hi\"\n")}},
		{"event", Request{Type: Event, Event: "commit", AckID: id(17), Data: data(webpubsub.JSON, cursor)}},
		{"sequenceAck", Request{Type: SequenceAck, SequenceID: 12345}},
		{"joinGroup", Request{Type: JoinGroup, Group: "b.Ab3dEf9hIjKl.l", AckID: id(17)}},
		{"ping", Request{Type: Ping}},
	}
	benchFormats = []struct {
		name string
		f    Format
	}{{"json", JSON}, {"protobuf", Protobuf}}
)

func BenchmarkDecode(b *testing.B) {
	for _, c := range benchRequests {
		for _, f := range benchFormats {
			b.Run(c.name+"/format="+f.name, func(b *testing.B) {
				frame, err := EncodeRequest(f.f, c.r)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.SetBytes(int64(len(frame)))
				for b.Loop() {
					if _, err := DecodeRequest(f.f, frame); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	m := webpubsub.Message{Group: "b.Ab3dEf9hIjKl.l", FromUserID: "ann", Data: *data(webpubsub.JSON, cursor)}
	for _, f := range benchFormats {
		b.Run("message/format="+f.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Share(m).Frame(f.f)
			}
		})
		b.Run("text/format="+f.name, func(b *testing.B) {
			m := webpubsub.Message{Group: "g", Data: *text("say \"hi\", Ännchen\n")}
			b.ReportAllocs()
			for b.Loop() {
				Share(m).Frame(f.f)
			}
		})
		b.Run("encoded/format="+f.name, func(b *testing.B) {
			s := Share(m)
			b.ReportAllocs()
			for b.Loop() {
				s.Frame(f.f)
			}
		})
		b.Run("reliable/format="+f.name, func(b *testing.B) {
			s := Share(m)
			b.ReportAllocs()
			for b.Loop() {
				s.Reliable(f.f, 12345)
			}
		})
		b.Run("ack/format="+f.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				EncodeResponse(f.f, Response{Type: Ack, AckID: 17, Success: true})
			}
		})
		b.Run("pong/format="+f.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				EncodeResponse(f.f, Response{Type: Pong})
			}
		})
	}
}
