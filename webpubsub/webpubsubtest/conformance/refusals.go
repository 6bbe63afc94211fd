package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub/token"
)

// refusal is a call that must not succeed.
type refusal struct {
	name   string
	status int
	call   call
	// code is what the error names itself; empty is not looked at.
	code string
}

var refusals = []refusal{
	{name: "without a token", status: 401, call: call{method: "POST", path: "/:send", token: "-", contentType: "text/plain", body: "x"}},
	{name: "with a token that is none", status: 401, call: call{method: "HEAD", path: "/users/ann", token: "nonsense"}},
	{name: "with an unknown api-version", status: 400, call: call{method: "POST", path: "/:send", version: "1999-01-01", contentType: "text/plain", body: "x"}},
	{name: "with a hub that no hub is called", status: 400, call: call{method: "POST", path: "/api/hubs/1st/:send", contentType: "text/plain", body: "x"}},
	{name: "with a group of blanks", status: 400, call: call{method: "POST", path: "/groups/%20/:send", contentType: "text/plain", body: "x"}},
	{name: "with JSON that is none", status: 400, call: call{method: "POST", path: "/:send", contentType: "application/json", body: `{"a":`}, code: "Error.BadRequest"},
	{name: "with a content type nobody takes", status: 415, call: call{method: "POST", path: "/:send", contentType: "image/png", body: "x"}},
	{name: "with too long a time to live", status: 400, call: call{method: "POST", path: "/:send", query: url.Values{"messageTtlSeconds": {"301"}}, contentType: "text/plain", body: "x"}},
	{name: "with a time to live that is no number", status: 400, call: call{method: "POST", path: "/groups/g/:send", query: url.Values{"messageTtlSeconds": {"soon"}}, contentType: "text/plain", body: "x"}},
	{name: "with a filter that is none", status: 400, call: call{method: "POST", path: "/:send", query: url.Values{"filter": {"userId eq"}}, contentType: "text/plain", body: "x"}},
	{name: "with a permission nobody has", status: 400, call: call{method: "PUT", path: "/permissions/fly/connections/c", query: url.Values{"targetName": {"g"}}}},
	{name: "of a permission without its target", status: 400, call: call{method: "PUT", path: "/permissions/sendToGroup/connections/c"}},
	{name: "of a token that lasts no time", status: 400, call: call{method: "POST", path: "/:generateToken", query: url.Values{"minutesToExpire": {"0"}}}},
	{name: "of a token for a client of another kind", status: 400, call: call{method: "POST", path: "/:generateToken", query: url.Values{"clientType": {"telnet"}}}},
	{name: "of groups for many without groups", status: 400, call: call{method: "POST", path: "/:addToGroups", contentType: "application/json", body: `{"groups":[]}`}},
	{name: "of groups for many with a bad filter", status: 400, call: call{method: "POST", path: "/:removeFromGroups", contentType: "application/json", body: `{"groups":["g"],"filter":"nonsense"}`}},
	{name: "of a connection that is not there into a group", status: 404, call: call{method: "PUT", path: "/groups/g/connections/missing"}, code: "Error.Connection.NotExisted"},
	{name: "of a permission for a connection that is not there", status: 404, call: call{method: "PUT", path: "/permissions/sendToGroup/connections/missing", query: url.Values{"targetName": {"g"}}}},
	{name: "of a path that leads nowhere", status: 404, call: call{method: "POST", path: "/:fly"}},
}

// testRefusals is about calls of the REST API that fail, and about who may call.
func testRefusals(t *testing.T, s *suite) {
	for _, r := range refusals {
		s.run(t, r.name, func(t *testing.T, h *hub) {
			c := h.connect(t, as{})
			got := h.want(t, r.status, r.call)
			if r.code != "" && (got.header.Get("x-ms-error-code") != r.code || got.field("code") != r.code || got.field("message") == "") {
				t.Errorf("header %q, body %s, want code %s", got.header.Get("x-ms-error-code"), got.body, r.code)
			}
			c.settle()
		})
	}
	for name, path := range map[string]string{"Group": "/groups/empty", "User": "/users/nobody"} {
		s.run(t, "what is missing is told by a header: "+name, func(t *testing.T, h *hub) {
			r := h.want(t, 404, call{method: "HEAD", path: path})
			if got, want := r.header.Get("x-ms-error-code"), "Warning."+name+".NotExisted"; got != want {
				t.Errorf("x-ms-error-code is %q, want %q", got, want)
			}
		})
	}
	testServerTokens(t, s)
}

// testServerTokens is about the audiences the SDKs sign for.
func testServerTokens(t *testing.T, s *suite) {
	base := strings.TrimRight(s.endpoint.String(), "/")
	for name, audience := range map[string]func(string) string{
		"the URL":                 func(path string) string { return base + path },
		"the URL with its query":  func(path string) string { return base + path + "?api-version=" + newestVersion },
		"the URL of another hub":  func(string) string { return base + "/api/hubs/another/:send" },
		"another service":         func(path string) string { return "https://other.example.net" + path },
		"a client of the hub":     func(path string) string { return base + strings.Replace(path, "/api", "/client", 1) },
		"a beginning of the path": func(path string) string { return base + strings.TrimSuffix(path, "/:send") },
	} {
		s.run(t, "a token for "+name, func(t *testing.T, h *hub) {
			status := http.StatusUnauthorized
			if strings.HasPrefix(name, "the URL") && !strings.HasSuffix(name, "another hub") {
				status = http.StatusAccepted
			}
			raw := h.sign(t, audience("/api/hubs/"+h.name+"/:send"))
			h.want(t, status, call{method: "POST", path: "/:send", token: raw, contentType: "text/plain", body: "x"})
		})
	}
	s.run(t, "an expired token", func(t *testing.T, h *hub) {
		audience := base + "/api/hubs/" + h.name + "/users/ann"
		raw := forge(t, h.key, nil, map[string]any{"aud": audience, "exp": time.Now().Unix() - 600}, nil)
		h.want(t, 401, call{method: "HEAD", path: "/users/ann", token: raw})
	})
	s.run(t, "a client's token is none for the REST API", func(t *testing.T, h *hub) {
		raw := h.mint(t, token.MintOptions{UserID: "ann", Roles: everything})
		h.want(t, 401, call{method: "HEAD", path: "/users/ann", token: raw})
	})
}
