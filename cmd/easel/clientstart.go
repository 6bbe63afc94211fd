package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

const (
	subprotocol = "json.webpubsub.azure.v1"
	// ackPatience is how long client start waits for answers after the end of its input.
	ackPatience = 10 * time.Second
	// maxFrame bounds what is received: a message, escaped, and what is around it.
	maxFrame = 8 * webpubsub.MaxMessageBytes
)

const clientHelp = `  joingroup GROUP              join a group
  leavegroup GROUP             leave it
  sendtogroup GROUP MESSAGE    send text to it
  event NAME MESSAGE           send an event, with text, to the event handlers
  exit                         end, as the end of the input does`

// clientStart is an interactive client that may join and send to every group.
func (p *program) clientStart(ctx context.Context, args []string) error {
	f := p.hubFlags("client start", "connect as a client, print what arrives, and send what is typed:\n\n"+clientHelp)
	user := f.String("user-id", "", "who the client is; empty is anonymous")
	hub, err := f.parse(args)
	if err != nil {
		return err
	}
	t, err := f.reach(ctx)
	if err != nil {
		return err
	}
	signed, err := t.clientToken(hub, service.TokenOptions{
		UserID: webpubsub.UserID(*user), Roles: []string{"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"},
	})
	if err != nil {
		return err
	}
	socket, err := t.dial(ctx, signed)
	if err != nil {
		return fmt.Errorf("connect to hub %s: %w", hub, err)
	}
	c := &terminal{program: p, socket: socket, pending: map[uint64]struct{}{}}
	return c.run(ctx)
}

// dial opens a client's connection. Its errors don't hold the token.
func (t target) dial(ctx context.Context, signed service.Token) (*websocket.Conn, error) {
	o := &websocket.DialOptions{Subprotocols: []string{subprotocol}}
	if t.options != nil && t.options.Transport != nil {
		o.HTTPClient = &http.Client{Transport: t.options.Transport}
	}
	socket, _, err := websocket.Dial(ctx, signed.URL, o)
	if err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), signed.Token, "…"))
	}
	socket.SetReadLimit(maxFrame)
	return socket, nil
}

// terminal is an interactive client. Its fields are owned by run.
type terminal struct {
	program *program
	socket  *websocket.Conn
	sent    uint64              // ack ids given out
	pending map[uint64]struct{} // of those, the ones without an ack
	failed  int
}

// run sends what is typed and prints what arrives until the input ends and everything sent
// has been answered, or the service closes the connection.
func (c *terminal) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	defer c.socket.CloseNow()
	frames, closed := make(chan []byte), make(chan error, 1)
	work.Go(func() { closed <- c.receive(ctx, frames) })
	typed := readLines(ctx, c.program.stdin)
	var impatient <-chan time.Time
	for typed != nil || len(c.pending) > 0 {
		select {
		case line, more := <-typed:
			switch {
			case line.err != nil:
				return fmt.Errorf("read standard input: %w", line.err)
			case !more || line.text == "exit":
				typed, impatient = nil, time.After(ackPatience)
			default:
				if err := c.take(ctx, line.text); err != nil {
					return err
				}
			}
		case frame := <-frames:
			if err := c.show(frame); err != nil {
				return err
			}
		case err := <-closed:
			return fmt.Errorf("the connection has ended: %w", err)
		case <-impatient:
			return fmt.Errorf("%d requests have had no answer within %v", len(c.pending), ackPatience)
		case <-ctx.Done():
			return nil
		}
	}
	if err := c.end(frames); err != nil {
		return err
	}
	if c.failed > 0 {
		return fmt.Errorf("%d of %d requests failed", c.failed, c.sent)
	}
	return nil
}

// end closes the connection and prints what still arrives.
func (c *terminal) end(frames <-chan []byte) error {
	closing := make(chan error, 1)
	go func() { closing <- c.socket.Close(websocket.StatusNormalClosure, "") }()
	for {
		select {
		case frame := <-frames:
			if err := c.show(frame); err != nil {
				return err
			}
		case err := <-closing:
			return err
		}
	}
}

// receive hands out frames until the connection ends, and returns why it did.
func (c *terminal) receive(ctx context.Context, frames chan<- []byte) error {
	for {
		_, frame, err := c.socket.Read(ctx)
		if err != nil {
			return err
		}
		select {
		case frames <- frame:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// typedLine is a line of the input, or why there are no more.
type typedLine struct {
	text string
	err  error
}

// readLines hands out the lines of r, and closes at its end. Its goroutine ends with the
// next line after ctx; a terminal can't be told to stop reading.
func readLines(ctx context.Context, r io.Reader) <-chan typedLine {
	out := make(chan typedLine)
	go func() {
		defer close(out)
		s := bufio.NewScanner(r)
		s.Buffer(nil, webpubsub.MaxMessageBytes)
		for more := true; more; {
			more = s.Scan()
			line := typedLine{strings.TrimSpace(s.Text()), s.Err()}
			if !more && line.err == nil {
				return
			}
			select {
			case out <- line:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// clientRequest is a frame that a client sends. Source: JSON subprotocol.
type clientRequest struct {
	Type     string  `json:"type"`
	Group    string  `json:"group,omitempty"`
	Event    string  `json:"event,omitempty"`
	DataType string  `json:"dataType,omitempty"`
	Data     *string `json:"data,omitempty"`
	AckID    uint64  `json:"ackId"`
}

// parseLine reads what was typed; false when it makes no sense.
func parseLine(line string) (r clientRequest, ok bool) {
	verb, rest, _ := strings.Cut(line, " ")
	name, text, more := strings.Cut(strings.TrimSpace(rest), " ")
	switch verb = strings.ToLower(verb); verb {
	case "joingroup", "leavegroup":
		kind := map[string]string{"joingroup": "joinGroup", "leavegroup": "leaveGroup"}[verb]
		return clientRequest{Type: kind, Group: name}, name != "" && !more
	case "sendtogroup":
		return clientRequest{Type: "sendToGroup", Group: name, DataType: "text", Data: &text}, more
	case "event":
		return clientRequest{Type: "event", Event: name, DataType: "text", Data: &text}, more
	}
	return r, false
}

// take sends what was typed, or says what can be.
func (c *terminal) take(ctx context.Context, line string) error {
	if line == "" {
		return nil
	}
	r, ok := parseLine(line)
	if !ok {
		fmt.Fprintf(c.program.stderr, "%q is none of these:\n%s\n", line, clientHelp)
		return nil
	}
	c.sent++
	r.AckID = c.sent
	c.pending[r.AckID] = struct{}{}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := c.socket.Write(ctx, websocket.MessageText, text); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// show prints a frame, and takes note when it answers a request.
func (c *terminal) show(frame []byte) error {
	var ack struct {
		Type    string
		AckID   uint64
		Success bool
	}
	if err := json.Unmarshal(frame, &ack); err == nil && ack.Type == "ack" {
		delete(c.pending, ack.AckID)
		if !ack.Success {
			c.failed++
		}
	}
	_, err := fmt.Fprintf(c.program.stdout, "%s\n", frame)
	return err
}
