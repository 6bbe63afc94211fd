package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub/token"
)

// newestVersion is the api-version of a call that names none.
const newestVersion = "2024-12-01"

// call is a request of the REST API.
type call struct {
	method string
	// path is escaped and goes on from the hub's; absolute when it begins with "/api".
	path  string
	query url.Values
	// version is the api-version; empty is newestVersion, "-" leaves it out.
	version     string
	contentType string
	body        string
	// token replaces the signed one; "-" leaves it out.
	token  string
	header http.Header
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// field returns a field of the reply's JSON object; empty when there is none.
func (r reply) field(name string) string {
	var all map[string]any
	if json.Unmarshal([]byte(r.body), &all) != nil {
		return ""
	}
	s, _ := all[name].(string)
	return s
}

// do makes the call.
func (h *hub) do(t testing.TB, c call) reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience) // cleanups call too
	defer cancel()
	base := strings.TrimRight(h.endpoint.String(), "/")
	if strings.HasPrefix(c.path, "/api") {
		base += c.path
	} else {
		base += "/api/hubs/" + h.name + c.path
	}
	query := url.Values{"api-version": {newestVersion}}
	switch c.version {
	case "":
	case "-":
		query = url.Values{}
	default:
		query.Set("api-version", c.version)
	}
	for name, values := range c.query {
		query[name] = values
	}
	r, err := http.NewRequestWithContext(ctx, c.method, base+"?"+query.Encode(), strings.NewReader(c.body))
	if err != nil {
		t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	for name, values := range c.header {
		r.Header[name] = values
	}
	if c.contentType != "" {
		r.Header.Set("Content-Type", c.contentType)
	}
	switch c.token {
	case "-":
	case "":
		r.Header.Set("Authorization", "Bearer "+h.sign(t, base))
	default:
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	return h.roundTrip(t, r)
}

// roundTrip sends a request and reads all of the answer.
func (h *hub) roundTrip(t testing.TB, r *http.Request) reply {
	t.Helper()
	resp, err := h.client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := io.Copy(&body, resp.Body); err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	return reply{resp.StatusCode, resp.Header, body.String()}
}

// sign makes a server's token for one URL.
func (h *hub) sign(t testing.TB, audience string) string {
	t.Helper()
	raw, err := token.Mint(h.key, token.MintOptions{Audience: audience, Lifetime: time.Minute}, time.Now())
	if err != nil {
		t.Fatalf("mint: %v", err)
	}
	return raw
}

// want makes the call and checks its status.
func (h *hub) want(t testing.TB, status int, c call) reply {
	t.Helper()
	r := h.do(t, c)
	if r.status != status {
		t.Fatalf("%s %s: status %d, want %d: %s", c.method, c.path, r.status, status, r.body)
	}
	return r
}

// post sends text to a path, which must be accepted.
func (h *hub) post(t testing.TB, path, text string, query url.Values) {
	t.Helper()
	h.want(t, http.StatusAccepted, call{method: "POST", path: path, query: query, contentType: "text/plain", body: text})
}
