package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub/internal/websocket"
	"github.com/easelhq/easel/webpubsub/token"
)

// burster is a client that sends many frames in one write.
type burster struct {
	t      *testing.T
	conn   net.Conn
	r      *bufio.Reader
	parser websocket.Parser
	rest   []byte
}

func (f *fixture) burster(o token.MintOptions) *burster {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.listener.Listener.Addr().String())
	check(f.t, err)
	f.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(conn, "GET /client/hubs/board?access_token=%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Protocol: %s\r\n\r\n", f.token(o), conn.RemoteAddr(), plain)
	c := &burster{t: f.t, conn: conn, r: bufio.NewReader(conn), parser: websocket.Parser{Server: true, Limit: 1 << 20}}
	res, err := http.ReadResponse(c.r, nil)
	check(f.t, err)
	if res.StatusCode != http.StatusSwitchingProtocols {
		f.t.Fatal(res.Status)
	}
	if hello := c.next(); hello.Event != "connected" {
		f.t.Fatalf("the first frame is %+v", hello)
	}
	return c
}

func (c *burster) send(frames []string) {
	c.t.Helper()
	var b []byte
	for _, f := range frames {
		b = websocket.AppendMasked(b, websocket.Text, [4]byte{1, 2, 3, 4}, []byte(f))
	}
	_, err := c.conn.Write(b)
	check(c.t, err)
}

func (c *burster) next() (f frame) {
	c.t.Helper()
	for {
		for len(c.rest) > 0 {
			n, e := c.parser.Next(c.rest)
			c.rest = c.rest[n:]
			if e.Kind == websocket.Text {
				check(c.t, json.Unmarshal(e.Payload, &f))
				return f
			}
		}
		_, err := c.r.Peek(1)
		check(c.t, err)
		c.rest = make([]byte, c.r.Buffered())
		_, err = io.ReadFull(c.r, c.rest)
		check(c.t, err)
	}
}

// brief is what the test below compares of a frame.
func brief(f frame) string {
	switch f.Type {
	case "ack":
		return fmt.Sprint("ack ", f.AckID, f.Success)
	case "groupStateUpdate":
		return "state of " + f.Group
	}
	return fmt.Sprint(f.Group, " ", string(f.Data))
}

// However much comes in at once, everyone sees what a client does in the order in which it
// did it: members its messages and its state, the client its own messages, those sent while
// it was a member, and its acks.
func TestBurst_isSeenInTheOrderItWasSent(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	f := start(t)
	sender := f.burster(token.MintOptions{UserID: "ann", Roles: everything.Roles, Groups: []string{"h"}})
	bob := f.connect(plain, token.MintOptions{Groups: []string{"g", "h"}, Roles: everything.Roles})
	rita := f.connect(reliable, token.MintOptions{Groups: []string{"g", "h"}})
	bob.send(`{"type":"subscribeGroupState","group":"h","ackId":1}`)
	for bob.next().Type != "ack" {
	}
	var frames, wantSender, wantBob, wantRita []string
	member := map[string]bool{"h": true}
	for i := 1; i <= 300; i++ {
		switch n := rng.IntN(20); {
		case n == 0 && !member["g"]:
			frames = append(frames, fmt.Sprintf(`{"type":"joinGroup","group":"g","ackId":%d}`, i))
			member["g"] = true
		case n == 0:
			frames = append(frames, fmt.Sprintf(`{"type":"leaveGroup","group":"g","ackId":%d}`, i))
			member["g"] = false
		case n == 1:
			frames = append(frames, fmt.Sprintf(`{"type":"setGroupState","group":"h","state":{"n":"%d"},"ackId":%d}`, i, i))
			wantBob = append(wantBob, "state of h")
		default:
			to, noEcho := []string{"g", "h"}[rng.IntN(2)], rng.IntN(8) != 0
			frames = append(frames, fmt.Sprintf(`{"type":"sendToGroup","group":"%s","noEcho":%t,"data":%d,"ackId":%d}`, to, noEcho, i, i))
			message := fmt.Sprint(to, " ", i)
			wantBob, wantRita = append(wantBob, message), append(wantRita, message)
			if member[to] && !noEcho {
				wantSender = append(wantSender, message)
			}
		}
		wantSender = append(wantSender, fmt.Sprint("ack ", i, true))
	}
	sender.send(frames)
	for i, want := range wantSender {
		if got := brief(sender.next()); got != want {
			t.Fatalf("frame %d for the sender is %q, want %q", i, got, want)
		}
	}
	for i, want := range wantBob {
		if got := brief(bob.next()); got != want {
			t.Fatalf("frame %d for bob is %q, want %q", i, got, want)
		}
	}
	for i, want := range wantRita {
		m := rita.next()
		if got := brief(m); got != want || m.SequenceID != uint64(i+1) {
			t.Fatalf("frame %d for rita is %q with id %d, want %q", i, got, m.SequenceID, want)
		}
	}
}
