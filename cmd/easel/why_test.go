package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

const (
	plainJSON    = "json.webpubsub.azure.v1"
	reliableJSON = "json.reliable.webpubsub.azure.v1"
)

// stage is a running service and one hub of it, for one mistake.
type stage struct {
	t        *testing.T
	url      string
	hub      string
	keys     webpubsub.KeysResource
	settings *service.Settings
	rest     *service.Client
}

// mistake is something that people do wrong, and what easel why has to say.
type mistake struct {
	name string
	// commit does it, and returns the arguments of easel why.
	commit func(*stage) []string
	says   []string
}

// last asks for the most recent trouble of the hub, refused handshakes included.
func (s *stage) last() []string { return []string{"--last", "--hub", s.hub} }

// ofHub asks for the hub.
func (s *stage) ofHub() []string { return []string{"--hub", s.hub} }

// claims are those of a good token.
func (s *stage) claims() map[string]any {
	now := time.Now()
	return map[string]any{"aud": s.url + "/client/hubs/" + s.hub, "sub": "ann", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
}

// sign makes a token of any kind.
func sign(algorithm string, claims map[string]any, key []byte) string {
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(map[string]string{"alg": algorithm, "typ": "JWT"}) + "." + part(claims)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s *stage) endpoint() string {
	return strings.Replace(s.url, "http", "ws", 1) + "/client/hubs/" + s.hub
}

func (s *stage) dial(query string, subprotocols ...string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, s.endpoint()+"?"+query, &websocket.DialOptions{Subprotocols: subprotocols})
	if err == nil {
		ws.SetReadLimit(-1)
		s.t.Cleanup(func() { ws.CloseNow() })
	}
	return ws, err
}

// refused connects with a token and must fail.
func (s *stage) refused(token string) []string {
	s.t.Helper()
	if _, err := s.dial("access_token="+token, plainJSON); err == nil {
		s.t.Fatal("the client got in")
	}
	return s.last()
}

// badToken is refused with a token whose claims are changed.
func badToken(change func(s *stage, claims map[string]any)) func(*stage) []string {
	return func(s *stage) []string {
		c := s.claims()
		change(s, c)
		return s.refused(sign("HS256", c, []byte(s.keys.PrimaryKey)))
	}
}

// user is a connected client.
type user struct {
	*stage
	ws    *websocket.Conn
	id    string
	token string // for recovery
}

// connect opens a connection with a subprotocol and roles.
func (s *stage) connect(subprotocol string, roles ...string) *user {
	s.t.Helper()
	c := s.claims()
	c["role"] = roles
	return s.connectWith(subprotocol, c)
}

func (s *stage) connectWith(subprotocol string, claims map[string]any) *user {
	s.t.Helper()
	ws, err := s.dial("access_token="+sign("HS256", claims, []byte(s.keys.PrimaryKey)), subprotocol)
	check(s.t, err)
	u := &user{stage: s, ws: ws}
	var f struct{ ConnectionID, ReconnectionToken string }
	check(s.t, json.Unmarshal([]byte(u.read()), &f))
	u.id, u.token = f.ConnectionID, f.ReconnectionToken
	return u
}

func (u *user) read() string {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), patience)
	defer cancel()
	_, b, err := u.ws.Read(ctx)
	check(u.t, err)
	return string(b)
}

// send sends text frames.
func (u *user) send(frames ...string) *user {
	u.t.Helper()
	for _, f := range frames {
		check(u.t, u.ws.Write(u.t.Context(), websocket.MessageText, []byte(f)))
	}
	return u
}

func (u *user) why() []string { return []string{u.id} }

// sends is a mistake made by frames of a connected client.
func sends(roles []string, frames ...string) func(*stage) []string {
	return func(s *stage) []string { return s.connect(plainJSON, roles...).send(frames...).why() }
}

// handle makes h the hub's event handler and returns its URL. Events are those of
// eventsOfHub, unless others are named.
func (s *stage) handle(h http.HandlerFunc, events ...string) string {
	s.t.Helper()
	app := httptest.NewServer(h)
	s.t.Cleanup(app.Close)
	s.handleAt(app.URL+"/eventhandler/{event}?code=hush", events...)
	return app.URL
}

func (s *stage) handleAt(urlTemplate string, events ...string) {
	s.t.Helper()
	e := webpubsub.EventHandlerResource{URLTemplate: urlTemplate, UserEventPattern: "*", SystemEvents: []string{"connect"}}
	if len(events) > 0 {
		e.UserEventPattern, e.SystemEvents = events[0], events[1:]
	}
	_, _, err := s.settings.SetHub(s.t.Context(), webpubsub.HubName(s.hub), webpubsub.HubProperties{EventHandlers: []webpubsub.EventHandlerResource{e}})
	check(s.t, err)
	// Otherwise the service would try to tell a closed handler of its last connections.
	s.t.Cleanup(func() { check(s.t, s.settings.DeleteHub(context.Background(), webpubsub.HubName(s.hub))) })
}

// consenting is a handler that agrees to get events and answers them by h.
func consenting(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WebHook-Allowed-Origin", "*")
		if r.Method == http.MethodPost {
			h(w, r)
		}
	}
}

// answers is a handler with a fixed answer to events.
func answers(status int, header, body string) http.HandlerFunc {
	return consenting(func(w http.ResponseWriter, r *http.Request) {
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

// connectsTo has a client connect to a hub with handler h, which need not succeed in time.
func connectsTo(h http.HandlerFunc) func(*stage) []string {
	return func(s *stage) []string {
		s.handle(h)
		s.goConnect()
		return s.last()
	}
}

// goConnect starts to connect and waits only for the test's end: a handshake that fails is
// tried again for a while by the service, and the story can be read meanwhile.
func (s *stage) goConnect() {
	ctx, cancel := context.WithCancel(context.Background())
	token := sign("HS256", s.claims(), []byte(s.keys.PrimaryKey))
	done := make(chan struct{})
	go func() {
		defer close(done)
		ws, _, err := websocket.Dial(ctx, s.endpoint()+"?access_token="+token, &websocket.DialOptions{Subprotocols: []string{plainJSON}})
		if err == nil {
			ws.CloseNow()
		}
	}()
	s.t.Cleanup(func() { cancel(); <-done })
}

// startService runs the real program for mistakes.
func startService(t *testing.T, args ...string) func(t *testing.T, hub string) *stage {
	t.Helper()
	dir := t.TempDir()
	p := launch(t, nil, append([]string{"pubsub", "--addr", "127.0.0.1:0", "--data", dir, "--log-level", "error"}, args...)...)
	keys := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir)
	return func(t *testing.T, hub string) *stage {
		t.Helper()
		settings, err := service.NewSettings(keys.PrimaryConnectionString, nil)
		check(t, err)
		rest, err := service.New(keys.PrimaryConnectionString, hub, nil)
		check(t, err)
		return &stage{t: t, url: p.url, hub: hub, keys: keys, settings: settings, rest: rest}
	}
}

// tells runs easel why until it says what it should: what is told may be written a moment
// later than the mistake shows elsewhere.
func (s *stage) tells(args []string, says []string) {
	s.t.Helper()
	args = append(append([]string{"why"}, args...), "--connection-string", s.keys.PrimaryConnectionString)
	var out, errs string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		out, errs, _ = easel(nil, args...)
		if missing(out, says) == "" {
			s.noSecrets(out)
			return
		}
	}
	s.t.Errorf("easel why %s does not say %q:\n%s%s", strings.Join(args[1:], " "), missing(out, says), out, errs)
}

func missing(out string, says []string) string {
	for _, sentence := range says {
		if !strings.Contains(out, sentence) {
			return sentence
		}
	}
	return ""
}

// noSecrets checks that a story holds no token, key, query or payload.
func (s *stage) noSecrets(out string) {
	s.t.Helper()
	for _, secret := range []string{"eyJ", s.keys.PrimaryKey, s.keys.SecondaryKey, "hush", "sesame"} {
		if strings.Contains(out, secret) {
			s.t.Errorf("%q is told:\n%s", secret, out)
		}
	}
}

func TestWhy_everyMistake_isNamedWithItsRemedy(t *testing.T) {
	on := startService(t)
	all := append(append(append(tokenMistakes, frameMistakes...), handlerMistakes...), otherMistakes...)
	if len(all) < 30 {
		t.Fatalf("only %d mistakes", len(all))
	}
	t.Run("all", func(t *testing.T) { // returns when its parallel parts have
		for i, m := range all {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				s := on(t, fmt.Sprintf("hub%d", i))
				s.tells(m.commit(s), m.says)
			})
		}
	})
}
