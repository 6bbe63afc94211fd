package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub/token"
)

// testHandshake is about who gets in, and how.
func testHandshake(t *testing.T, s *suite) {
	for _, subprotocol := range []string{plainJSON, reliableJSON, plainProto, reliableProto} {
		s.run(t, "the first frame of "+subprotocol+" says who one is", func(t *testing.T, h *hub) {
			c := h.connect(t, as{user: "ann", protocols: []string{subprotocol}})
			if c.conn.Subprotocol() != subprotocol {
				t.Errorf("the subprotocol is %q", c.conn.Subprotocol())
			}
			if c.id == "" || url.PathEscape(c.id) != c.id {
				t.Errorf("connection id %q cannot stand in a path as it is", c.id)
			}
			if reliable := strings.Contains(subprotocol, "reliable"); reliable != (c.reconnectionToken != "") {
				t.Errorf("reconnection token %q", c.reconnectionToken)
			}
			h.want(t, 200, call{method: "HEAD", path: "/connections/" + c.id})
		})
	}
	s.run(t, "connected names the user", func(t *testing.T, h *hub) {
		query := url.Values{"access_token": {h.mint(t, token.MintOptions{UserID: "ann"})}}
		c, _ := h.dial(t, h.socketURL(query), nil, plainJSON)
		c.expect(`{"type":"system","event":"connected","userId":"ann","connectionId":"<present>","reconnectionToken":"<absent>"}`)
	})
	s.run(t, "the first known of the offered subprotocols is taken", func(t *testing.T, h *hub) {
		c := h.connect(t, as{protocols: []string{"other", reliableJSON, plainJSON}})
		if got := c.conn.Subprotocol(); got != reliableJSON {
			t.Errorf("the subprotocol is %q", got)
		}
	})
	s.run(t, "a client that offers none has none", func(t *testing.T, h *hub) {
		if got := h.connect(t, as{protocols: []string{}}).conn.Subprotocol(); got != "" {
			t.Errorf("the subprotocol is %q", got)
		}
	})
	s.run(t, "the hub may be named in the query", func(t *testing.T, h *hub) {
		query := url.Values{"hub": {h.name}, "access_token": {h.mint(t, token.MintOptions{})}}
		u := strings.Replace(h.socketURL(query), token.ClientPath+h.name, "/client/", 1)
		c, resp := h.dial(t, u, nil, plainJSON)
		if c == nil {
			t.Fatalf("refused with %s", resp.Status)
		}
		c.expect(`{"event":"connected"}`)
	})
	s.run(t, "the hub's name may be in any case", func(t *testing.T, h *hub) {
		ann := h.connect(t, as{})
		shouting := &hub{h.suite, strings.ToUpper(h.name)}
		bob := shouting.connect(t, as{})
		h.post(t, "/:send", "hi", nil)
		for _, c := range []*client{ann, bob} {
			c.expect(`{"data":"hi"}`)
		}
	})
	testAnonymous(t, s)
}

// testAnonymous expects hubs to deny clients without a token, as they do by default.
func testAnonymous(t *testing.T, s *suite) {
	s.run(t, "without a token the handshake is refused", func(t *testing.T, h *hub) {
		h.refused(t, http.StatusUnauthorized, h.socketURL(nil), nil)
	})
	s.run(t, "a client with a token may have no user", func(t *testing.T, h *hub) {
		c := h.connect(t, as{roles: everything, groups: []string{"g"}})
		c.send(`{"type":"sendToGroup","group":"g","dataType":"text","data":"x"}`)
		if from, there := c.expect(`{"type":"message","data":"x"}`)["fromUserId"]; there && from != nil {
			t.Errorf("the message is from user %v", from)
		}
	})
}

// refused dials and checks the status of the refusal.
func (h *hub) refused(t *testing.T, status int, rawURL string, header http.Header) {
	t.Helper()
	c, resp := h.dial(t, rawURL, header, plainJSON)
	if c != nil {
		t.Fatalf("the service let the client in; want %d", status)
	}
	if resp.StatusCode != status {
		t.Fatalf("refused with %d, want %d", resp.StatusCode, status)
	}
}

// testTokens is about what a client's token must be.
func testTokens(t *testing.T, s *suite) {
	now := time.Now().Unix()
	good := func(h *hub) map[string]any {
		return map[string]any{"aud": strings.TrimRight(h.endpoint.String(), "/") + token.ClientPath + h.name, "exp": now + 600}
	}
	for _, test := range []struct {
		name   string
		status int
		key    func(*hub) string
		header map[string]any
		change map[string]any
	}{
		{name: "as it should be"},
		{name: "with iat and nbf", change: map[string]any{"iat": now, "nbf": now}},
		{name: "with a single role and group as text", change: map[string]any{"role": "webpubsub.sendToGroup", "webpubsub.group": "g"}},
		{name: "with claims of its own", change: map[string]any{"theme": "dark", "nested": map[string]any{"a": 1}}},
		{name: "with roles nobody knows", change: map[string]any{"role": []string{"painter", "webpubsub.fly"}}},
		{name: "signed with another key", status: 401, key: func(*hub) string { return strings.Repeat("x", 44) }},
		{name: "expired", status: 401, change: map[string]any{"exp": now - 600}},
		{name: "not valid yet", status: 401, change: map[string]any{"nbf": now + 600}},
		{name: "for another hub", status: 401, change: map[string]any{"aud": s.endpoint.String() + token.ClientPath + "another"}},
		{name: "for another service", status: 401, change: map[string]any{"aud": "https://other.example.net" + token.ClientPath + "hub"}},
		{name: "for the REST API", status: 401, change: map[string]any{"aud": s.endpoint.String() + "/api/hubs/hub"}},
		{name: "of algorithm none", status: 401, header: map[string]any{"alg": "none"}},
		{name: "of algorithm HS512", status: 401, header: map[string]any{"alg": "HS512"}},
	} {
		s.run(t, test.name, func(t *testing.T, h *hub) {
			key := h.key
			if test.key != nil {
				key = test.key(h)
			}
			raw := forge(t, key, test.header, good(h), test.change)
			for _, how := range []struct {
				query  url.Values
				header http.Header
			}{
				{query: url.Values{"access_token": {raw}}},
				{header: http.Header{"Authorization": {"Bearer " + raw}}},
			} {
				if test.status != 0 {
					h.refused(t, test.status, h.socketURL(how.query), how.header)
				} else if c, resp := h.dial(t, h.socketURL(how.query), how.header, plainJSON); c == nil {
					t.Errorf("refused with %s", resp.Status)
				}
			}
		})
	}
	s.run(t, "that is no token", func(t *testing.T, h *hub) {
		for _, raw := range []string{"x", "a.b.c", strings.Repeat(".", 100)} {
			h.refused(t, 401, h.socketURL(url.Values{"access_token": {raw}}), nil)
		}
	})
	s.run(t, "expires, and the connection stays", func(t *testing.T, h *hub) {
		// Clocks may differ by minutes, so a token's end can't be waited for; this one has ended
		// by its own account, within what is allowed.
		raw := forge(t, h.key, nil, good(h), map[string]any{"exp": now - 1})
		c, resp := h.dial(t, h.socketURL(url.Values{"access_token": {raw}}), nil, plainJSON)
		if c == nil {
			t.Fatalf("refused with %s", resp.Status)
		}
		c.expect(`{"event":"connected"}`)
		c.settle()
	})
	s.run(t, "puts the client in groups, without a role", func(t *testing.T, h *hub) {
		c := h.connect(t, as{groups: []string{"g", "h i/ä"}})
		h.post(t, "/groups/g/:send", "one", nil)
		h.post(t, "/groups/"+url.PathEscape("h i/ä")+"/:send", "two", nil)
		c.expect(`{"group":"g","data":"one"}`)
		c.expect(`{"group":"h i/ä","data":"two"}`)
	})
	s.run(t, "gives the user", func(t *testing.T, h *hub) {
		h.connect(t, as{user: "ä b/c"})
		h.want(t, 200, call{method: "HEAD", path: "/users/" + url.PathEscape("ä b/c")})
	})
}

func statusCode(t *testing.T, text string) websocket.StatusCode {
	t.Helper()
	for code := websocket.StatusNormalClosure; code < 1016; code++ {
		if text == decimal(int(code)) {
			return code
		}
	}
	t.Fatalf("%q is no close code", text)
	return 0
}
