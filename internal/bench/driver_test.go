package bench

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// heard is a session that writes down what its driver tells.
type heard struct {
	words []string
	half  []byte
}

func (h *heard) connected() { h.words = append(h.words, "connected") }
func (h *heard) joined()    { h.words = append(h.words, "joined") }
func (h *heard) delivered(s stamp) {
	h.words = append(h.words, fmt.Sprint("delivered ", s.source, " ", s.seq))
}
func (h *heard) reply(message []byte) { h.words = append(h.words, "reply "+string(message)) }
func (h *heard) keep(rest []byte)     { h.half = append([]byte{}, rest...) }
func (h *heard) kept(message []byte) []byte {
	return append(h.half, message...)
}

func stamped(source, seq uint32) string {
	b := newBody(MinSize)
	stamp{source: source, seq: seq}.put(b)
	return string(b)
}

func peer(t *testing.T, server, secret string) driver {
	t.Helper()
	d, err := newDriver(server, &url.URL{Scheme: "ws", Host: "example.net"}, secret)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDrivers_understandTheirServers(t *testing.T) {
	body := stamped(3, 9)
	for _, tt := range []struct {
		name     string
		d        driver
		messages []string
		want     []string
	}{
		{"easel", &easel{}, []string{
			`{"type":"system","event":"connected","userId":"u","connectionId":"c"}`,
			`{"type":"ack","ackId":1,"success":true}`,
			`{"type":"message","from":"group","group":"g","dataType":"json","data":` + body + `}`,
		}, []string{"connected", "joined", "delivered 3 9"}},
		{"easel protobuf", &easelProtobuf{}, []string{
			"\x1a\x07\x0a\x05\x0a\x01c\x12\x00",
			"\x0a\x04\x08\x01\x10\x01",
			string(appendField(nil, downData, appendField(appendField(nil, 1, []byte("group")), 3, appendField(nil, dataJSON, []byte(body))))),
		}, []string{"connected", "joined", "delivered 3 9"}},
		{"centrifugo", peer(t, "centrifugo", ""), []string{
			`{"id":1,"connect":{"client":"c","version":"0","ping":25,"pong":true}}`,
			`{"id":2,"subscribe":{}}` + "\n" + `{"push":{"channel":"g","pub":{"data":` + body + `}}}` + "\n" + `{}` + "\n",
			`{"id":1000,"publish":{}}`,
			`{"id":1001,"rpc":{"data":` + body + `}}`,
		}, []string{"connected", "joined", "delivered 3 9", "reply {}", "delivered 3 9"}},
		{"Socket.IO", peer(t, "socketio", ""), []string{
			`0{"sid":"s","upgrades":[],"pingInterval":25000}`, `40{"sid":"s"}`, `430[]`, `2`, `42["msg",` + body + `]`,
		}, []string{"connected", "joined", "reply 3", "delivered 3 9"}},
		{"NATS in pieces", peer(t, "nats", ""), []string{
			"INFO {\"server_id\":\"n\"}\r\nPO", "NG\r\nPING\r\nMSG g 1 ", fmt.Sprintf("%d\r\n%s", len(body), body[:7]), body[7:] + "\r", "\n+OK\r\n",
		}, []string{"joined", "reply PONG\r\n", "delivered 3 9"}},
		{"ws", peer(t, "ws", ""), []string{"hello", "joined g", body}, []string{"connected", "joined", "delivered 3 9"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &heard{}
			for _, m := range tt.messages {
				if err := tt.d.receive([]byte(m), h); err != nil {
					t.Fatalf("%q: %v", m, err)
				}
			}
			if !slices.Equal(h.words, tt.want) {
				t.Errorf("heard %q, want %q", h.words, tt.want)
			}
		})
	}
}

func TestDrivers_takeRefusalsForErrors(t *testing.T) {
	for _, tt := range []struct {
		d       driver
		message string
	}{
		{&easel{}, `{"type":"ack","ackId":1,"success":false,"error":{"name":"Forbidden"}}`},
		{&easel{}, `{"type":"system","event":"disconnected","message":"bye"}`},
		{&easelProtobuf{}, "\x0a\x06\x08\x01\x1a\x02\x0a\x00"},
		{&easelProtobuf{}, ""},
		{peer(t, "centrifugo", ""), `{"id":2,"error":{"code":103,"message":"permission denied"}}`},
		{peer(t, "centrifugo", ""), `{"push":{"disconnect":{"code":3000}}}`},
		{peer(t, "socketio", ""), `44{"message":"unauthorized"}`},
		{peer(t, "socketio", ""), `42["other"]`},
		{peer(t, "nats", ""), "-ERR 'Authorization Violation'\r\n"},
		{peer(t, "nats", ""), "MSG g 1 -5\r\n"},
		{peer(t, "nats", ""), "MSG g 1 3\r\nabc\r\n"},
		{peer(t, "ws", ""), "what?"},
	} {
		if err := tt.d.receive([]byte(tt.message), &heard{}); err == nil {
			t.Errorf("%T takes %q", tt.d, tt.message)
		}
	}
}

func TestDrivers_signTokensWhenTheyKnowTheSecret(t *testing.T) {
	for _, name := range []string{"centrifugo", "socketio"} {
		for secret, dots := range map[string]int{"": 0, "a-secret-of-some-length-0123456789": 2} {
			d, c := peer(t, name, secret), client{user: "ann"}
			if _, err := d.request(&c); err != nil {
				t.Fatal(err)
			}
			if greeting := string(d.greet(&c)); strings.Count(greeting, ".") != dots {
				t.Errorf("%s with secret %q greets %q", name, secret, greeting)
			}
		}
	}
}

func TestRun_countsWhatNATSDelivers(t *testing.T) {
	s, err := server.NewServer(&server.Options{
		DontListen: true, NoSigs: true, NoLog: true,
		Websocket: server.WebsocketOpts{Host: "127.0.0.1", Port: -1, NoTLS: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(s.WaitForShutdown)
	t.Cleanup(s.Shutdown)
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready")
	}
	for _, portable := range []bool{false, true} {
		o := short
		o.portable = portable
		for _, w := range []Workload{
			Fanout{Members: 20, Size: 128, InFlight: 16}, Fanout{Members: 3, Size: 100_000, InFlight: 2},
			Groups{Groups: 4, Members: 3, Rate: 20, Size: 64},
			REST{Targets: 4, Members: 2, AtOnce: 2, Size: 64, Groups: true},
		} {
			r, err := Run(t.Context(), w, Target{Server: "nats", URL: s.WebsocketURL()}, o)
			if err != nil || r.Count == 0 {
				t.Errorf("%+v: %+v, %v", w, r, err)
			}
		}
	}
}

func FuzzDrivers(f *testing.F) {
	f.Add([]byte("MSG g 1 3\r\nabc\r\nPING\r\n"))
	f.Add([]byte(`{"id":1,"connect":{}}` + "\n{}"))
	f.Add([]byte("\x0a\x04\x08\x01\x10\x01"))
	f.Fuzz(func(t *testing.T, message []byte) {
		for _, d := range []driver{&easel{}, &easelProtobuf{}, peer(t, "centrifugo", ""), peer(t, "socketio", ""), peer(t, "nats", ""), peer(t, "ws", "")} {
			h := &heard{}
			for range 2 {
				if d.receive(message, h) != nil {
					break
				}
			}
			if len(h.half) > 2*len(message) {
				t.Errorf("%T keeps %d bytes of %d", d, len(h.half), 2*len(message))
			}
		}
	})
}
