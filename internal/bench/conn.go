package bench

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// stage is how far a connection has come.
type stage uint8

const (
	dialing   stage = iota
	upgrading       // the HTTP request has been sent
	greeting        // the WebSocket is open
	joining
	ready
	gone
)

// conn is one connection of a load. It is its driver's session.
type conn struct {
	id     int
	load   *load
	client client
	want   upgrade
	stage  stage
	joins  int    // groups joined
	parts  []byte // of a fragmented message
	half   []byte // kept by the driver
	receipts
	began time.Duration // dialing
	took  time.Duration // until it was ready
	// requests is set for a connection of plain HTTP.
	requests *caller
	// answered is called with each answer to what was published asking for one.
	answered func()
	// expendable connections may end, and miss messages.
	expendable bool
	got        uint64 // by an expendable connection
	reason     error  // of its end
}

// key and accept are what every client sends as Sec-WebSocket-Key, and what a server makes of
// it. Source: RFC 6455, section 1.3.
const (
	key    = "dGhlIHNhbXBsZSBub25jZQ=="
	accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// maxHead bounds the head of a response.
const maxHead = 16 << 10

func (c *conn) opened() {
	if c.requests != nil {
		c.become(ready)
		return
	}
	c.stage = upgrading
	b := fmt.Appendf(c.load.scratch[:0], "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n", c.want.path, c.load.host, key)
	if c.want.subprotocol != "" {
		b = fmt.Appendf(b, "Sec-WebSocket-Protocol: %s\r\n", c.want.subprotocol)
	}
	c.load.scratch = append(b, "\r\n"...)
	c.want = upgrade{}
	c.load.net.write(c.id, c.load.scratch)
}

// received reads what is complete in b, and returns how much that is.
func (c *conn) received(b []byte) (used int, err error) {
	if c.requests != nil {
		return c.requests.received(c, b)
	}
	if c.stage == upgrading {
		if used, err = c.upgraded(b); used == 0 || err != nil {
			return used, err
		}
	}
	for used < len(b) && c.stage != gone {
		f, n, err := nextFrame(b[used:])
		if n == 0 || err != nil {
			return used, err
		}
		used += n
		if err := c.frame(f); err != nil {
			return used, err
		}
	}
	return used, nil
}

func (c *conn) upgraded(b []byte) (int, error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	switch {
	case end < 0 && len(b) > maxHead:
		return 0, fmt.Errorf("the response to the handshake has more than %d bytes", maxHead)
	case end < 0:
		return 0, nil
	case !bytes.HasPrefix(b, []byte("HTTP/1.1 101 ")):
		line, _, _ := bytes.Cut(b, []byte("\r\n"))
		_, body, _ := bytes.Cut(b, []byte("\r\n\r\n"))
		return 0, fmt.Errorf("the handshake was answered %.100q: %.200q", line, body)
	case !bytes.Contains(b[:end], []byte(accept)):
		return 0, errors.New("the handshake's answer has no right Sec-WebSocket-Accept")
	}
	c.stage = greeting
	if hello := c.load.driver.greet(&c.client); hello != nil {
		c.reply(hello)
	}
	return end + 4, nil
}

func (c *conn) frame(f frame) error {
	switch f.op {
	case opPing:
		c.load.send(c, opPong, f.payload)
		return nil
	case opPong:
		return nil
	case opClose:
		return fmt.Errorf("the server closes the connection: %q", f.payload)
	}
	if f.final && c.parts == nil {
		return c.load.driver.receive(f.payload, c)
	}
	c.parts = append(c.parts, f.payload...)
	if len(c.parts) > maxFrame {
		return fmt.Errorf("a message has more than %d bytes", maxFrame)
	}
	if !f.final {
		return nil
	}
	message := c.parts
	c.parts = nil
	return c.load.driver.receive(message, c)
}

func (c *conn) connected() {
	if c.stage != greeting {
		return
	}
	c.stage = joining
	for i, g := range c.client.groups {
		c.load.message = c.load.driver.join(c.load.message[:0], g, i)
		c.load.send(c, c.load.op, c.load.message)
	}
	if len(c.client.groups) == 0 {
		c.become(ready)
	}
}

func (c *conn) joined() {
	switch c.stage {
	case greeting: // a protocol whose answers all look the same
		c.connected()
	case joining:
		if c.joins++; c.joins == len(c.client.groups) {
			c.become(ready)
		}
	case ready:
		if c.answered != nil {
			c.answered()
		}
	}
}

func (c *conn) become(s stage) {
	c.stage = s
	if s == ready {
		c.load.pending--
		c.load.ready++
		c.took = c.load.clock() - c.began
	}
}

func (c *conn) delivered(s stamp) { c.load.delivered(c, s) }

func (c *conn) reply(message []byte) { c.load.send(c, c.load.op, message) }

func (c *conn) keep(rest []byte) { c.half = append(c.half[:0], rest...) }

func (c *conn) kept(message []byte) []byte {
	if len(c.half) == 0 {
		return message
	}
	return append(c.half, message...)
}
