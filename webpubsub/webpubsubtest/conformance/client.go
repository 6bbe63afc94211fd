package conformance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub/token"
)

const (
	plainJSON     = "json.webpubsub.azure.v1"
	reliableJSON  = "json.reliable.webpubsub.azure.v1"
	plainProto    = "protobuf.webpubsub.azure.v1"
	reliableProto = "protobuf.reliable.webpubsub.azure.v1"
)

// Kinds of messages.
const text, binary = websocket.MessageText, websocket.MessageBinary

// everything is the roles that allow all that roles can allow.
var everything = []string{"webpubsub.sendToGroup", "webpubsub.joinLeaveGroup"}

// as is how a client comes: the zero value is anonymous, without roles, on plainJSON.
type as struct {
	user          string
	roles, groups []string
	// protocols are offered; nil offers plainJSON, empty nothing.
	protocols []string
	query     url.Values
}

// client is a connection to the service.
type client struct {
	t    *testing.T
	conn *websocket.Conn
	// From the frame connected; empty for clients without a subprotocol.
	id, reconnectionToken string
	url                   string
}

func (c *client) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.t.Context(), patience)
}

// dial opens a WebSocket; the response is there when the service refused it.
func (h *hub) dial(t *testing.T, rawURL string, header http.Header, protocols ...string) (*client, *http.Response) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, resp, err := websocket.Dial(ctx, rawURL, &websocket.DialOptions{HTTPClient: h.client, HTTPHeader: header, Subprotocols: protocols})
	if err != nil {
		if resp == nil {
			t.Fatalf("dial: %v", err)
		}
		return nil, resp
	}
	conn.SetReadLimit(4 << 20)
	t.Cleanup(func() { conn.CloseNow() })
	return &client{t: t, conn: conn, url: rawURL}, resp
}

// connect opens a connection and reads the frame connected where there is one.
func (h *hub) connect(t *testing.T, a as) *client {
	t.Helper()
	protocols, groups, arrival := a.protocols, a.groups, ""
	if protocols == nil {
		protocols = []string{plainJSON}
	}
	if !slices.ContainsFunc(protocols, known) {
		arrival = "arrival " + rand.Text()
		groups = append(slices.Clone(groups), arrival)
	}
	query := url.Values{"access_token": {h.mint(t, token.MintOptions{UserID: a.user, Roles: a.roles, Groups: groups})}}
	for name, values := range a.query {
		query[name] = values
	}
	c, resp := h.dial(t, h.socketURL(query), nil, protocols...)
	if c == nil {
		t.Fatalf("the handshake was refused with %s", resp.Status)
	}
	switch c.conn.Subprotocol() {
	case plainJSON, reliableJSON:
		frame := c.expect(`{"type":"system","event":"connected"}`)
		c.id, _ = frame["connectionId"].(string)
		c.reconnectionToken, _ = frame["reconnectionToken"].(string)
	case plainProto, reliableProto:
		c.id, c.reconnectionToken = readConnected(t, c.readBytes(websocket.MessageBinary))
	default:
		h.awaitGroup(t, arrival)
	}
	return c
}

func known(protocol string) bool {
	return slices.Contains([]string{plainJSON, reliableJSON, plainProto, reliableProto}, protocol)
}

// awaitGroup waits until a group has a member: a client without a subprotocol is not told
// when it is there.
func (h *hub) awaitGroup(t *testing.T, name string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if h.do(t, call{method: "HEAD", path: "/groups/" + url.PathEscape(name)}).status == http.StatusOK {
			return
		}
	}
	t.Fatal("the client is not there, though it was let in")
}

// awaitGone waits until the service has no connection with the id: it may answer a client's
// goodbye a moment before.
func (h *hub) awaitGone(t *testing.T, id string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if h.do(t, call{method: "HEAD", path: "/connections/" + url.PathEscape(id)}).status == http.StatusNotFound {
			return
		}
	}
	t.Fatal("the connection is there, though the client has ended it")
}

// connectAll opens a connection for each, in order.
func (h *hub) connectAll(t *testing.T, all ...as) []*client {
	t.Helper()
	var clients []*client
	for _, a := range all {
		clients = append(clients, h.connect(t, a))
	}
	return clients
}

func (c *client) send(frame string) { c.t.Helper(); c.write(websocket.MessageText, []byte(frame)) }

func (c *client) sendHex(frame string) {
	c.t.Helper()
	b, err := hex.DecodeString(frame)
	if err != nil {
		c.t.Fatalf("%q: %v", frame, err)
	}
	c.write(websocket.MessageBinary, b)
}

func (c *client) write(kind websocket.MessageType, b []byte) {
	c.t.Helper()
	ctx, cancel := c.context()
	defer cancel()
	if err := c.conn.Write(ctx, kind, b); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// readBytes returns the next message, which must be of the kind.
func (c *client) readBytes(kind websocket.MessageType) []byte {
	c.t.Helper()
	ctx, cancel := c.context()
	defer cancel()
	got, b, err := c.conn.Read(ctx)
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	if got != kind {
		c.t.Fatalf("a message of kind %v, want %v: %q", got, kind, b)
	}
	return b
}

// read returns the next frame of JSON.
func (c *client) read() map[string]any {
	c.t.Helper()
	raw := c.readBytes(websocket.MessageText)
	frame, ok := decode(c.t, string(raw)).(map[string]any)
	if !ok {
		c.t.Fatalf("the frame is not an object: %s", raw)
	}
	return frame
}

// expect reads a frame and checks that it has all of want.
func (c *client) expect(want string) map[string]any {
	c.t.Helper()
	got := c.read()
	if problem := mismatch(got, decode(c.t, want)); problem != "" {
		text, _ := json.Marshal(got) // it came from JSON
		c.t.Fatalf("%s\n got %s\nwant %s", problem, text, want)
	}
	return got
}

// expectHex reads a frame of protobuf and compares all of it.
func (c *client) expectHex(want string) {
	c.t.Helper()
	if got := hex.EncodeToString(c.readBytes(websocket.MessageBinary)); got != want {
		c.t.Fatalf("frame\n got %s\nwant %s", got, want)
	}
}

// expectClose reads until the service closes and checks code and, unless empty, reason.
func (c *client) expectClose(code websocket.StatusCode, reason string) {
	c.t.Helper()
	ctx, cancel := c.context()
	defer cancel()
	for {
		_, _, err := c.conn.Read(ctx)
		if err == nil {
			continue
		}
		e, ok := errors.AsType[websocket.CloseError](err)
		if !ok || e.Code != code || !strings.HasPrefix(e.Reason, reason) {
			c.t.Fatalf("closed with %v, want %d %q", err, code, reason)
		}
		return
	}
}

// settle waits until the service has worked off all the client has sent, and fails if it
// had anything to say meanwhile.
func (c *client) settle() {
	c.t.Helper()
	if strings.HasPrefix(c.conn.Subprotocol(), "protobuf") {
		c.sendHex("4a00")
		c.expectHex("2200")
		return
	}
	c.send(`{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
}

// close says goodbye with a code and waits for the answer.
func (c *client) close(code websocket.StatusCode) {
	c.t.Helper()
	if err := c.conn.Close(code, ""); err != nil {
		c.t.Fatalf("close: %v", err)
	}
}

// drop loses the connection without a word, as a bad network does.
func (c *client) drop() { c.conn.CloseNow() }

func decode(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// absent and present stand for values in what is expected.
const absent, present = "<absent>", "<present>"

// mismatch tells how got fails to have all of want; empty when it has. Objects may have
// more fields than wanted.
func mismatch(got, want any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return "not an object"
		}
		for name, value := range w {
			field, there := g[name]
			switch {
			case value == absent && !there, value == present && there:
			case value == absent || !there:
				return name + ": unexpected or missing"
			default:
				if problem := mismatch(field, value); problem != "" {
					return name + ": " + problem
				}
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return "another array"
		}
		for i := range w {
			if problem := mismatch(g[i], w[i]); problem != "" {
				return problem
			}
		}
		return ""
	}
	if got != want {
		return "another value"
	}
	return ""
}

// expectClosed reads until the service closes, with whatever code.
func (c *client) expectClosed() {
	c.t.Helper()
	ctx, cancel := c.context()
	defer cancel()
	for {
		if _, _, err := c.conn.Read(ctx); err != nil {
			if ctx.Err() != nil {
				c.t.Fatal("the connection stays open")
			}
			return
		}
	}
}
