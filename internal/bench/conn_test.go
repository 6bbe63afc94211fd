package bench

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// script is a server that answers each connection with the same bytes, however they are cut,
// once it has read the request.
func script(t *testing.T, pieces ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					return
				}
				for _, p := range pieces {
					if _, err := c.Write([]byte(p)); err != nil {
						return
					}
				}
				io.Copy(io.Discard, c) // until the client goes
			}()
		}
	}()
	return "ws://" + l.Addr().String() + "/"
}

const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n"

// textFrame is an unmasked frame, as servers send them.
func textFrame(op opcode, final bool, payload string) string {
	b := unmasked(appendFrame(nil, op, []byte(payload)))
	if !final {
		b[0] &^= 0x80
	}
	return string(b)
}

func TestConnect_readsAServerHoweverItCutsItsBytes(t *testing.T) {
	all := switching + textFrame(opPing, true, "p") + textFrame(opText, false, "he") + textFrame(opPing, true, "") + textFrame(opContinue, false, "l") + textFrame(opContinue, true, "lo")
	var single []string
	for _, c := range []byte(all) {
		single = append(single, string([]byte{c}))
	}
	for name, pieces := range map[string][]string{"at once": {all}, "byte by byte": single} {
		for _, portable := range []bool{false, true} {
			o := short
			o.portable = portable
			r, err := Run(t.Context(), Storm{Connections: 3, AtOnce: 2}, Target{Server: "ws", URL: script(t, pieces...)}, o)
			if err != nil || r.Count != 3 {
				t.Errorf("%s: %+v, %v", name, r, err)
			}
		}
	}
}

func TestConnect_saysWhatIsWrongWithAServer(t *testing.T) {
	for want, answer := range map[string]string{
		"401 Unauthorized":      "HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope",
		"no right Sec-WebSock":  strings.Replace(switching, accept, "AAAA", 1),
		"masks its frames":      switching + "\x81\x85\x01\x02\x03\x04hello",
		"closes the connection": switching + textFrame(opClose, true, "\x03\xf0policy"),
		`answered "shoo"`:       switching + textFrame(opText, true, "shoo"),
		"more than 16384 bytes": "HTTP/1.1 101 x\r\n" + strings.Repeat("a", maxHead),
		"limit is 16777216":     switching + "\x82\x7f\x00\x00\x00\x00\x7f\x00\x00\x00",
	} {
		for _, portable := range []bool{false, true} {
			o := short
			o.portable = portable
			_, err := Run(t.Context(), Storm{Connections: 1, AtOnce: 1}, Target{Server: "ws", URL: script(t, answer)}, o)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("portable %v: %v, want %q", portable, err, want)
			}
		}
	}
}

// faulty is a server of the tiny protocol that does something to each message for its members.
func faulty(t *testing.T, deliver func(n int, body []byte) [][]byte) http.Handler {
	members := make(chan *websocket.Conn, 10)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		ctx := context.Background()
		ws.Write(ctx, websocket.MessageText, []byte("hello"))
		var all []*websocket.Conn
		for n := 0; ; {
			_, message, err := ws.Read(ctx)
			if err != nil {
				return
			}
			if group, ok := strings.CutPrefix(string(message), "join "); ok {
				members <- ws
				ws.Write(ctx, websocket.MessageText, []byte("joined "+group))
				continue
			}
			for len(members) > 0 {
				all = append(all, <-members)
			}
			body := message[strings.Index(string(message), "["):]
			for _, m := range all {
				for _, b := range deliver(n, body) {
					m.Write(ctx, websocket.MessageText, b)
				}
			}
			n++
		}
	})
}

func TestRun_failsWhenAServerLosesOrDoublesMessages(t *testing.T) {
	var held []byte
	for _, tt := range []struct {
		name, want string
		deliver    func(n int, body []byte) [][]byte
	}{
		{"all is well", "", func(n int, body []byte) [][]byte { return [][]byte{body} }},
		{"one is lost", "are lost or late", func(n int, body []byte) [][]byte {
			if n == 3 {
				return nil
			}
			return [][]byte{body}
		}},
		{"one comes twice", "came again", func(n int, body []byte) [][]byte {
			if n == 3 {
				return [][]byte{body, body}
			}
			return [][]byte{body}
		}},
		{"two change places", "are lost or late", func(n int, body []byte) [][]byte {
			if n == 3 {
				held = append([]byte{}, body...)
				return nil
			}
			if n == 4 {
				return [][]byte{body, held}
			}
			return [][]byte{body}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := httptest.NewServer(faulty(t, tt.deliver))
			defer s.Close()
			_, err := Run(t.Context(), Fanout{Members: 1, Size: 64, Rate: 200}, Target{Server: "ws", URL: "ws" + strings.TrimPrefix(s.URL, "http")}, short)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestRun_speaksTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(faulty(t, func(_ int, body []byte) [][]byte { return [][]byte{body} }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are to fail
	s.StartTLS()
	defer s.Close()
	trust := s.Client().Transport.(*http.Transport).TLSClientConfig
	target := Target{Server: "ws", URL: "wss" + strings.TrimPrefix(s.URL, "https"), TLS: trust}
	r, err := Run(t.Context(), Fanout{Members: 3, Size: 64, InFlight: 2}, target, short)
	if err != nil || r.Count == 0 {
		t.Errorf("%+v, %v", r, err)
	}
	target.TLS = &tls.Config{}
	if _, err := Run(t.Context(), Fanout{Members: 3, Size: 64, InFlight: 2}, target, short); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown authority: %v", err)
	}
}

func TestRun_endsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Run(ctx, Storm{Connections: 1, AtOnce: 1}, Target{Server: "ws", URL: script(t, "HTTP/1.1 1")}, short)
	if err == nil || !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) {
		t.Errorf("got %v", err)
	}
}

func TestCaller_readsResponsesHoweverTheyAreCut(t *testing.T) {
	answers := 0
	r := &caller{answered: func() { answers++ }}
	one := "HTTP/1.1 202 Accepted\r\nX: y\r\ncontent-LENGTH: 5\r\n\r\nhello"
	for cut := range len(one) {
		if n, err := r.received(nil, []byte(one[:cut])); n != 0 || err != nil {
			t.Errorf("%d bytes: %d, %v", cut, n, err)
		}
	}
	if n, err := r.received(nil, []byte(one+"HTTP")); n != len(one) || err != nil || answers != 1 {
		t.Errorf("%d of %d, %v, %d answers", n, len(one), err, answers)
	}
	if n, err := r.received(nil, []byte("HTTP/1.1 204 No Content\r\n\r\n")); n != 27 || err != nil {
		t.Errorf("without a body: %d, %v", n, err)
	}
	for want, bad := range map[string]string{
		"503 Busy":      "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno",
		"no length":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		"length of a":   "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
		"16384 bytes":   strings.Repeat("a", maxHead+1),
		`is "99999999"`: fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 99999999),
	} {
		if _, err := r.received(nil, []byte(bad)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", bad, err, want)
		}
	}
}
