package conformance

import (
	"bufio"
	"strings"
	"testing"
)

// transcript is a conversation, a line each: "> frame" is sent, "< frame" is expected to
// have at least these fields, "." that nothing else has come, "closed CODE reason". A name
// and a colon before it say who; without, it is the first client.
type transcript struct {
	name    string
	clients map[string]as // nil is one client with all roles, as user ann
	lines   string
}

// play runs a transcript with every client on a subprotocol.
func (tr transcript) play(t *testing.T, h *hub, protocol string) {
	t.Helper()
	people := tr.clients
	if people == nil {
		people = map[string]as{"": {user: "ann", roles: everything}}
	}
	clients := map[string]*client{}
	for name, a := range people {
		a.protocols = []string{protocol}
		clients[name] = h.connect(t, a)
	}
	lines := bufio.NewScanner(strings.NewReader(strings.TrimSpace(tr.lines)))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		who, line := "", strings.TrimSpace(lines.Text())
		if name, rest, ok := strings.Cut(line, ": "); ok && people[name].user+name != "" && clients[name] != nil {
			who, line = name, rest
		}
		c := clients[who]
		if c == nil {
			t.Fatalf("nobody says %q", line)
		}
		speak(t, c, line)
	}
}

func speak(t *testing.T, c *client, line string) {
	t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	binary := strings.HasPrefix(c.conn.Subprotocol(), "protobuf")
	switch {
	case verb == ">" && binary:
		c.sendHex(rest)
	case verb == ">":
		c.send(rest)
	case verb == "<" && binary:
		c.expectHex(rest)
	case verb == "<":
		c.expect(rest)
	case verb == ".":
		c.settle()
	case verb == "closed":
		code, reason, _ := strings.Cut(rest, " ")
		c.expectClose(statusCode(t, code), reason)
	default:
		t.Fatalf("a line that says nothing: %q", line)
	}
}
