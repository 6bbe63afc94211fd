package bench

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/easelhq/easel/webpubsub/token"
)

// sign makes a token for servers that know secret; none without it.
func (c *client) sign(secret string) (err error) {
	if secret != "" {
		c.token, err = token.Mint(secret, token.MintOptions{Audience: "bench", UserID: c.user}, time.Now())
	}
	return err
}

// centrifugo speaks the JSON protocol of Centrifugo and Centrifuge. A message is one or more
// lines of JSON. Source: centrifugal.dev, client protocol.
type centrifugo struct {
	path, secret string
}

func (d *centrifugo) request(c *client) (upgrade, error) {
	return upgrade{path: d.path}, c.sign(d.secret)
}

func (d *centrifugo) greet(c *client) []byte {
	return fmt.Appendf(nil, `{"id":1,"connect":{"token":%q}}`, c.token)
}

func (d *centrifugo) event(b []byte, body []byte) []byte {
	b = append(append(b, `{"id":1001,"rpc":{"method":"echo","data":`...), body...)
	return append(b, "}}"...)
}

func (d *centrifugo) binary() bool { return false }
func (d *centrifugo) echoes() bool { return true }

func (d *centrifugo) join(b []byte, group string, n int) []byte {
	return fmt.Appendf(b, `{"id":%d,"subscribe":{"channel":%q}}`, n+2, group)
}

func (d *centrifugo) publish(b []byte, group string, body []byte) []byte {
	b = append(b, `{"id":1000,"publish":{"channel":"`...)
	b = append(b, group...)
	b = append(b, `","data":`...)
	return append(append(b, body...), "}}"...)
}

func (d *centrifugo) receive(message []byte, s session) error {
	for len(message) > 0 {
		line := message
		if i := bytes.IndexByte(message, '\n'); i >= 0 {
			line, message = message[:i], message[i+1:]
		} else {
			message = nil
		}
		if err := d.line(line, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *centrifugo) line(line []byte, s session) error {
	if st, ok := findStamp(line); ok {
		s.delivered(st)
		return nil
	}
	switch {
	case len(line) == 0:
	case bytes.Equal(line, []byte("{}")): // ping
		s.reply(line)
	case bytes.Contains(line, []byte(`"error"`)), bytes.Contains(line, []byte(`"disconnect"`)):
		return refusal(line)
	case bytes.Contains(line, []byte(`"connect":{`)):
		s.connected()
	case bytes.Contains(line, []byte(`"subscribe":{`)):
		s.joined()
	case bytes.Contains(line, []byte(`"publish":{`)):
	default:
		return refusal(line)
	}
	return nil
}

// socketIO speaks Socket.IO 5 over Engine.IO 4, by WebSocket alone. Messages are events that
// the server in test/peers understands: join and pub in, msg out.
// Source: socket.io/docs, protocols of Engine.IO and Socket.IO.
type socketIO struct {
	path, secret string
}

func (d *socketIO) request(c *client) (upgrade, error) {
	return upgrade{path: d.path + "?EIO=4&transport=websocket"}, c.sign(d.secret)
}

func (d *socketIO) greet(c *client) []byte { return fmt.Appendf(nil, `40{"token":%q}`, c.token) }

func (d *socketIO) event(b []byte, body []byte) []byte {
	return append(append(append(b, `42["echo",`...), body...), ']')
}

func (d *socketIO) binary() bool { return false }
func (d *socketIO) echoes() bool { return false }

func (d *socketIO) join(b []byte, group string, n int) []byte {
	return fmt.Appendf(b, `42%d["join",%q]`, n, group)
}

func (d *socketIO) publish(b []byte, group string, body []byte) []byte {
	b = append(b, `42["pub","`...)
	b = append(b, group...)
	b = append(b, `",`...)
	return append(append(b, body...), ']')
}

func (d *socketIO) receive(message []byte, s session) error {
	switch {
	case bytes.HasPrefix(message, []byte("42")):
		st, ok := findStamp(message)
		if !ok {
			return refusal(message)
		}
		s.delivered(st)
	case bytes.HasPrefix(message, []byte("43")):
		s.joined()
	case bytes.HasPrefix(message, []byte("40")):
		s.connected()
	case bytes.HasPrefix(message, []byte("0")): // open
	case bytes.Equal(message, []byte("2")):
		s.reply([]byte("3"))
	default:
		return refusal(message)
	}
	return nil
}

// nats speaks NATS over WebSocket: the client protocol as a stream of bytes in binary frames.
// Source: docs.nats.io, client protocol.
type nats struct{ path string }

func (d *nats) request(*client) (upgrade, error) { return upgrade{path: d.path}, nil }

func (d *nats) event([]byte, []byte) []byte { return nil }

func (d *nats) greet(*client) []byte {
	return []byte("CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false,\"lang\":\"easel-bench\",\"version\":\"1\",\"protocol\":1}\r\nPING\r\n")
}

func (d *nats) binary() bool { return true }
func (d *nats) echoes() bool { return false }

// join asks for an answer, for a subscription has none.
func (d *nats) join(b []byte, group string, n int) []byte {
	return fmt.Appendf(b, "SUB %s %d\r\nPING\r\n", group, n+1)
}

func (d *nats) publish(b []byte, group string, body []byte) []byte {
	b = append(append(b, "PUB "...), group...)
	b = strconv.AppendInt(append(b, ' '), int64(len(body)), 10)
	b = append(append(b, "\r\n"...), body...)
	return append(b, "\r\n"...)
}

func (d *nats) publishAsking(b []byte, group string, body []byte) []byte {
	return append(d.publish(b, group, body), "PING\r\n"...)
}

func (d *nats) receive(message []byte, s session) error {
	b := s.kept(message)
	for {
		n, err := d.next(b, s)
		if err != nil {
			return err
		}
		if n == 0 {
			s.keep(b)
			return nil
		}
		b = b[n:]
	}
}

// next reads one operation, and returns its size; 0 when it isn't all there.
func (d *nats) next(b []byte, s session) (int, error) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return 0, nil
	}
	line, size := bytes.TrimSuffix(b[:i], []byte("\r")), i+1
	switch {
	case bytes.HasPrefix(line, []byte("MSG ")):
		n, err := strconv.Atoi(string(line[bytes.LastIndexByte(line, ' ')+1:]))
		if err != nil || n < 0 || n > maxFrame {
			return 0, refusal(line)
		}
		if len(b) < size+n+2 {
			return 0, nil
		}
		st, ok := findStamp(b[size : size+n])
		if !ok {
			return 0, refusal(b[size : size+n])
		}
		s.delivered(st)
		size += n + 2
	case bytes.Equal(line, []byte("PONG")):
		s.joined()
	case bytes.Equal(line, []byte("PING")):
		s.reply([]byte("PONG\r\n"))
	case bytes.HasPrefix(line, []byte("INFO ")), bytes.Equal(line, []byte("+OK")):
	default:
		return 0, refusal(line)
	}
	return size, nil
}

// plain speaks the tiny protocol of the servers in test/peers: "join GROUP" is answered by
// "joined GROUP", "pub GROUP BODY" brings BODY to the other members, and "echo BODY" back.
type plain struct{ path string }

func (p *plain) request(*client) (upgrade, error) { return upgrade{path: p.path}, nil }
func (p *plain) greet(*client) []byte             { return nil }
func (p *plain) binary() bool                     { return false }
func (p *plain) echoes() bool                     { return false }

func (p *plain) join(b []byte, group string, _ int) []byte {
	return append(append(b, "join "...), group...)
}

func (p *plain) publish(b []byte, group string, body []byte) []byte {
	b = append(append(b, "pub "...), group...)
	return append(append(b, ' '), body...)
}

func (p *plain) event(b []byte, body []byte) []byte {
	return append(append(b, "echo "...), body...)
}

func (p *plain) receive(message []byte, s session) error {
	if st, ok := findStamp(message); ok {
		s.delivered(st)
		return nil
	}
	switch {
	case bytes.HasPrefix(message, []byte("joined ")):
		s.joined()
	case bytes.Equal(message, []byte("hello")):
		s.connected()
	default:
		return refusal(message)
	}
	return nil
}

// web is a server that has no clients: only requests can be sent to it.
type web struct{}

var errNoClients = errors.New("a plain web server has no clients")

func (*web) request(*client) (upgrade, error)            { return upgrade{}, errNoClients }
func (*web) greet(*client) []byte                        { return nil }
func (*web) join(b []byte, _ string, _ int) []byte       { return b }
func (*web) publish(b []byte, _ string, _ []byte) []byte { return b }
func (*web) event([]byte, []byte) []byte                 { return nil }
func (*web) receive([]byte, session) error               { return errNoClients }
func (*web) binary() bool                                { return false }
func (*web) echoes() bool                                { return false }
