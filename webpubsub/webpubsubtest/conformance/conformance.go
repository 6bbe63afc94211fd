// Package conformance tests whether a service speaks Azure Web PubSub. It knows the service
// by its address alone, so it runs against Easel, Azure, or anything that claims to be one
// of them:
//
//	make conformance TARGET='Endpoint=https://…;AccessKey=…;Version=1.0;'
//
// It speaks raw frames and plain HTTP, and leaves nothing behind: each test has a hub of its
// own, whose connections end with the test. What the public documents and the official SDKs
// rely on is tested everywhere. Where these are silent and Easel has made a choice, the
// tests stand below "deliberate" and run only when [Target].Deliberate asks for them.
package conformance

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub/token"
)

// patience is how long a test waits for anything.
const patience = 45 * time.Second

// Target is the service to be tested.
type Target struct {
	// ConnectionString names the endpoint and one of its keys. Required.
	ConnectionString string
	// HTTPClient makes all requests and dials; nil is http.DefaultClient.
	HTTPClient *http.Client
	// Handlers is how the service reaches event handlers; nil leaves the tests of events out.
	Handlers *Handlers
	// Deliberate adds what Easel has chosen where documents and SDKs are silent.
	Deliberate bool
}

// Handlers says where the tests receive events. The service must have been told to send all
// events of Hub to URL/{event}: connect, connected, disconnected, and every user event.
type Handlers struct {
	// Hub is the hub whose events arrive.
	Hub string
	// Handle is called once, with what answers the events, before the first of them.
	Handle func(http.Handler)
}

// suite is a run against one target.
type suite struct {
	Target
	endpoint *url.URL
	key      string
	client   *http.Client
}

// Run tests the target, in subtests of t.
func Run(t *testing.T, target Target) {
	t.Helper()
	at, err := token.ParseConnectionString(target.ConnectionString)
	if err != nil {
		t.Fatalf("connection string: %v", err)
	}
	endpoint, err := url.Parse(at.Endpoint)
	if err != nil {
		t.Fatalf("endpoint: %v", err)
	}
	s := &suite{Target: target, endpoint: endpoint, key: at.AccessKey, client: target.HTTPClient}
	if s.client == nil {
		s.client = http.DefaultClient
	}
	for _, part := range []struct {
		name string
		run  func(*testing.T, *suite)
	}{
		{"handshake", testHandshake},
		{"token", testTokens},
		{"json", testJSON},
		{"reliable", testReliable},
		{"simple", testSimple},
		{"protobuf", testProtobuf},
		{"stream", testStreams},
		{"limits", testLimits},
		{"operations", testOperations},
		{"refusals", testRefusals},
		{"lists", testLists},
		{"filters", testFilters},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, s) })
	}
	if target.Handlers != nil {
		t.Run("events", func(t *testing.T) { testEvents(t, s) })
	}
	if target.Deliberate {
		t.Run("deliberate", func(t *testing.T) { testDeliberate(t, s) })
	}
}

// hub is a hub that one test has for itself.
type hub struct {
	*suite
	name string
}

// newHub returns a hub that nobody uses, and closes what is left in it when the test ends.
func (s *suite) newHub(t *testing.T) *hub {
	t.Helper()
	b := make([]byte, 8)
	rand.Read(b) // never fails
	h := &hub{s, "conformance_" + hex.EncodeToString(b)}
	t.Cleanup(func() { h.do(t, call{method: "POST", path: "/:closeConnections"}) })
	return h
}

// run starts a parallel subtest with a hub of its own.
func (s *suite) run(t *testing.T, name string, test func(*testing.T, *hub)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		test(t, s.newHub(t))
	})
}

// socketURL is the address of the client endpoint, without a token.
func (h *hub) socketURL(query url.Values) string {
	u := *h.endpoint
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	u.Path = token.ClientPath + h.name
	u.RawQuery = query.Encode()
	return u.String()
}

// mint makes a client's token for the hub.
func (h *hub) mint(t *testing.T, o token.MintOptions) string {
	t.Helper()
	if o.Audience == "" {
		o.Audience = strings.TrimRight(h.endpoint.String(), "/") + token.ClientPath + h.name
	}
	raw, err := token.Mint(h.key, o, time.Now())
	if err != nil {
		t.Fatalf("mint: %v", err)
	}
	return raw
}
