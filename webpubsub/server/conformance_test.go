package server_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/websocket/websockettest"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

// transport is a way in which a client's bytes reach the service. Those of TCP are served by
// event loops or by goroutines, as all tests are run.
type transport struct {
	name string
	tls  bool
}

func transports() []transport {
	if onLoops {
		return []transport{{"tcp", false}}
	}
	return []transport{{"tcp", false}, {"tls", true}}
}

// startOver is start over one of the transports.
func startOver(t *testing.T, encrypted bool, change ...func(*server.Options)) *fixture {
	t.Helper()
	f := start(t, change...)
	if !encrypted {
		return f
	}
	f.listener.Close()
	f.listener = httptest.NewTLSServer(f.server)
	var err error
	f.rest, err = service.New(token.ConnectionString{Endpoint: f.listener.URL, AccessKey: f.keys.Primary}.String(), "board",
		&service.Options{Transport: f.listener.Client().Transport})
	check(t, err)
	return f
}

// wireClient is a client that writes bytes, and reads frames by the naive decoder.
type wireClient struct {
	t    *testing.T
	conn net.Conn
	in   []byte
	// What the service says to the handshake.
	header http.Header
}

// wireClient opens a connection to a path of the service, with further headers.
func (f *fixture) wireClient(t *testing.T, path string, headers ...string) *wireClient {
	t.Helper()
	u, err := url.Parse(f.listener.URL)
	check(t, err)
	conn, err := net.Dial("tcp", u.Host)
	check(t, err)
	if u.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{RootCAs: f.listener.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"})
	}
	t.Cleanup(func() { conn.Close() })
	check(t, conn.SetDeadline(time.Now().Add(patience)))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", path, u.Host)
	for _, h := range headers {
		fmt.Fprintf(conn, "%s\r\n", h)
	}
	io.WriteString(conn, "\r\n")
	r := bufio.NewReader(conn)
	answer, err := http.ReadResponse(r, nil)
	check(t, err)
	if answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("the handshake is answered with %s", answer.Status)
	}
	if got := answer.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("Sec-WebSocket-Accept: %s", got)
	}
	early, err := r.Peek(r.Buffered())
	check(t, err)
	return &wireClient{t: t, conn: conn, in: bytes.Clone(early), header: answer.Header}
}

// write sends bytes in pieces. That the service may have closed already is no error.
func (c *wireClient) write(b []byte, size int) {
	for len(b) > 0 {
		n := min(size, len(b))
		if _, err := c.conn.Write(b[:n]); err != nil {
			return
		}
		b = b[n:]
	}
}

// next returns the next frame; false at the end of the connection.
func (c *wireClient) next() (websockettest.Frame, bool) {
	c.t.Helper()
	buf := make([]byte, 64<<10)
	for {
		if f, rest, ok := websockettest.Decode(c.in); ok {
			c.in = rest
			return f, true
		}
		n, err := c.conn.Read(buf)
		c.in = append(c.in, buf[:n]...)
		if n > 0 {
			continue
		}
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			c.t.Fatal("nothing comes any more")
		}
		if len(c.in) > 0 {
			c.t.Fatalf("the connection ends inside a frame: %.40x", c.in)
		}
		return websockettest.Frame{}, false
	}
}

// heard is what a client got. Of several pings only the last has to be answered, and pongs
// may overtake messages.
type heard struct{ messages, pongs, closes []websockettest.Answer }

func (h *heard) add(a websockettest.Answer) {
	list := &h.messages
	switch a.Opcode {
	case websockettest.Pong:
		list = &h.pongs
	case websockettest.Close:
		list = &h.closes
	}
	*list = append(*list, a)
}

// has reports whether all that is wanted is there, besides the close.
func (h *heard) has(want heard) bool {
	if len(h.messages) < len(want.messages) || len(want.pongs) == 0 {
		return len(h.messages) >= len(want.messages)
	}
	last := want.pongs[len(want.pongs)-1]
	return slices.ContainsFunc(h.pongs, last.Equal)
}

func (h *heard) check(t *testing.T, want heard) {
	t.Helper()
	if !slices.EqualFunc(h.messages, want.messages, websockettest.Answer.Equal) {
		t.Errorf("messages %.200s, want %.200s", fmt.Sprint(h.messages), fmt.Sprint(want.messages))
	}
	if !slices.EqualFunc(h.closes, want.closes, websockettest.Answer.Equal) {
		t.Errorf("%v, want %v", h.closes, want.closes)
	}
	missing := want.pongs
	for _, pong := range h.pongs {
		i := slices.IndexFunc(missing, pong.Equal)
		if i < 0 {
			t.Fatalf("%v is a pong too many", pong)
		}
		missing = missing[i+1:]
	}
	if len(missing) > 0 {
		t.Errorf("the last ping is not answered; pongs %v", h.pongs)
	}
}

// play runs a case and looks at every frame of the service.
func (c *wireClient) play(script websockettest.Case, size int, frame func(websockettest.Frame) websockettest.Frame) {
	c.t.Helper()
	var got, want heard
	for _, a := range script.Want {
		want.add(a)
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write(script.Send, size)
	}()
	defer func() { <-written }()
	then := script.Then
	for {
		if then != nil && got.has(want) {
			<-written
			c.write(then, size)
			then = nil
		}
		f, ok := c.next()
		if !ok {
			break
		}
		if f = frame(f); !f.Unmasked || f.More || f.RSV1 || f.RSV2 || f.RSV3 {
			c.t.Fatalf("not a frame that a server sends: %v", f)
		}
		got.add(websockettest.AnswerOf(f))
		if f.Opcode == websockettest.Close && len(f.Payload) > 125 {
			c.t.Errorf("a close frame of %d bytes", len(f.Payload))
		}
	}
	got.check(c.t, want)
}

// echoPath is the endpoint of a simple client whose messages go to a group of its own.
func (f *fixture) echoPath(group string) string {
	raw := f.token(token.MintOptions{Groups: []string{group}, Roles: []string{"webpubsub.sendToGroup." + group}})
	return "/client/hubs/board?webpubsub_mode=sendToGroup&group=" + group + "&access_token=" + raw
}

// Every endpoint passes the cases of RFC 6455, whatever its bytes travel by.
func TestConformance_RFC6455(t *testing.T) {
	if webpubsub.MaxMessageBytes != websockettest.MaxMessage {
		t.Fatalf("the cases are for messages of %d bytes, not of %d", websockettest.MaxMessage, webpubsub.MaxMessageBytes)
	}
	for _, transport := range transports() {
		t.Run(transport.name, func(t *testing.T) {
			f := startOver(t, transport.tls)
			for i, script := range websockettest.Cases() {
				if script.Deflate {
					continue
				}
				t.Run(script.Name, func(t *testing.T) {
					c := f.wireClient(t, f.echoPath(fmt.Sprintf("g%d", i)))
					c.play(script, len(script.Send)+1, asItIs)
				})
				if len(script.Send) > 2000 {
					continue
				}
				t.Run(script.Name+", in pieces", func(t *testing.T) {
					c := f.wireClient(t, f.echoPath(fmt.Sprintf("p%d", i)))
					c.play(script, 1+i%11, asItIs)
				})
			}
		})
	}
}

// And those of RFC 7692, when it compresses. What it sends may be compressed or not.
func TestConformance_RFC7692(t *testing.T) {
	const answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for _, transport := range transports() {
		t.Run(transport.name, func(t *testing.T) {
			f := startOver(t, transport.tls, func(o *server.Options) { o.Compression = true })
			for i, script := range websockettest.Cases() {
				if !script.Deflate || script.Takeover {
					continue
				}
				t.Run(script.Name, func(t *testing.T) {
					c := f.wireClient(t, f.echoPath(fmt.Sprintf("g%d", i)), "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
					if got := c.header.Get("Sec-WebSocket-Extensions"); got != answer {
						t.Fatalf("the answer is %q", got)
					}
					compressed := 0
					c.play(script, 997, func(frame websockettest.Frame) websockettest.Frame {
						if frame.RSV1 {
							compressed++
							return inflated(t, frame)
						}
						return frame
					})
					for _, a := range script.Want {
						if len(a.Payload) > 4000 && compressed == 0 {
							t.Errorf("a message of %d bytes came back as it is", len(a.Payload))
						}
					}
				})
			}
		})
	}
}

// inflated is a frame whose payload is decompressed, by itself.
func inflated(t *testing.T, f websockettest.Frame) websockettest.Frame {
	t.Helper()
	if f.Opcode != websockettest.Text && f.Opcode != websockettest.Binary {
		t.Fatalf("compressed: %v", f)
	}
	r := flate.NewReader(io.MultiReader(bytes.NewReader(f.Payload), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff")))
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("not compressed: %v", f)
	}
	f.RSV1, f.Payload = false, b
	return f
}

func asItIs(f websockettest.Frame) websockettest.Frame { return f }
