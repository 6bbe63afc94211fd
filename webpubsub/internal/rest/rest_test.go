package rest_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/internal/rest/resttest"
	"github.com/easelhq/easel/webpubsub/token"
)

var (
	keys = webpubsub.Keys{Primary: "primary-key-0123456789-abcdefghij", Secondary: "secondary-key-0123456789-abcdefgh"}
	now  = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
)

const host = "wps.example.net"

// bench is the API over fakes: hub board with c1 and c2 of ann and c3 of nobody, all but
// c3 in the group room.
type bench struct {
	http.Handler
	engine   *resttest.Engine
	settings *resttest.Settings
}

func newBench(o rest.Options) *bench {
	b := &bench{engine: resttest.NewEngine("board"), settings: resttest.NewSettings(keys)}
	b.engine.Connect("c1", "ann", "room")
	b.engine.Connect("c2", "ann", "room")
	b.engine.Connect("c3", "")
	b.engine.Connect("full", "bob").Full = true
	o.Settings = b.settings
	o.Now = func() time.Time { return now }
	b.Handler = rest.New(b.engine, o)
	return b
}

// do sends one request with a good token unless headers say otherwise.
func (b *bench) do(t *testing.T, method, target, body string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://"+host+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+mint(t, keys.Primary, r.URL.String()))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Del(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Result()
}

func mint(t testing.TB, key, audience string) string {
	t.Helper()
	raw, err := token.Mint(key, token.MintOptions{Audience: audience, Lifetime: time.Minute}, now)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const (
	json1  = "Content-Type: application/json"
	plain  = "Content-Type: text/plain"
	octets = "Content-Type: application/octet-stream"
)

func TestOperations(t *testing.T) {
	long := strings.Repeat("g", webpubsub.MaxGroupName+1)
	cases := []struct {
		request string // method and target; ~ is /api/hubs/board
		body    string
		header  string
		status  int
		code    string // x-ms-error-code
		call    string // what the engine was asked to do
	}{
		{"HEAD /api/health", "", "Authorization: ", 200, "", ""},
		{"GET /api/health?api-version=2024-12-01", "", "Authorization: ", 200, "", ""},

		{"POST ~/:addToGroups", `{"groups":["g"]}`, json1, 200, "", ""},
		{"POST ~/:addToGroups", `{"groups":["g"],"filter":"userId eq"}`, json1, 400, "Error.BadRequest", ""},
		{"POST ~/:addToGroups", `{"groups":["g"]}`, "Content-Type: ", 415, "", ""},
		{"POST ~/:removeFromGroups", `{"groups":["g"],"filter":""}`, "Content-Type: application/json; charset=utf-8", 200, "", ""},
		{"POST ~/:removeFromGroups", `{"groups":[]}`, json1, 400, "Error.BadRequest", ""},

		{"POST ~/:closeConnections?excluded=c1&excluded=c2,%20&reason=nightly%20restart", "", "", 204, "", `close board all excluded=["c1" "c2, "] reason="nightly restart"`},
		{"POST ~/:closeConnections", "", "", 204, "", `close board all excluded=[] reason=""`},
		{"POST /api/hubs/1board/:closeConnections", "", "", 400, "Error.BadRequest", ""},

		{"POST ~/:send?messageTtlSeconds=60&excluded=c1", "hi", plain, 202, "", `send board all text:"hi" excluded=["c1"] ttl=1m0s`},
		{"POST /api/hubs/BOARD/:send", "\x00\xff", octets, 202, "", `send board all binary:"\x00\xff" excluded=[] ttl=0s`},
		{"POST ~/%3Asend", `{"n": 1}`, json1, 202, "", `send board all json:"{\"n\": 1}" excluded=[] ttl=0s`},
		{"POST ~/:send/", "hi", "Content-Type: ", 202, "", `send board all binary:"hi" excluded=[] ttl=0s`},
		{"POST ~/:send?messageTtlSeconds=300", "", plain, 202, "", `send board all text:"" excluded=[] ttl=5m0s`},
		{"POST ~/:send?messageTtlSeconds=301", "hi", plain, 400, "Error.BadRequest", ""},
		{"POST ~/:send?messageTtlSeconds=-1", "hi", plain, 400, "Error.BadRequest", ""},
		{"POST ~/:send?MESSAGETTLSECONDS=x", "hi", plain, 400, "Error.BadRequest", ""},
		{"POST ~/:send?filter=userId%20eq%20'ann'", "hi", plain, 202, "", `send board all text:"hi" excluded=[] ttl=0s filter=[c1 c2]`},
		{"POST ~/:send?filter=userId%20eq", "hi", plain, 400, "Error.BadRequest", ""},
		{"POST ~/:send?filter=", "hi", plain, 202, "", `send board all text:"hi" excluded=[] ttl=0s`},
		{"POST ~/:send", `{"n":`, json1, 400, "Error.BadRequest", ""},
		{"POST ~/:send", "", json1, 400, "Error.BadRequest", ""},
		{"POST ~/:send", "<x/>", "Content-Type: application/xml", 415, "", ""},
		{"POST ~/:send", "hi", "Content-Type: text/", 415, "", ""},
		{"POST ~/:send", "hi", "Content-Type: text/plain; charset=klingon", 415, "", ""},
		{"POST ~/:send", "a\x00\xe9\x00", "Content-Type: text/plain; charset=UTF-16", 202, "", `send board all text:"aé" excluded=[] ttl=0s`},
		{"POST ~/:send", "\xfe\xff\x00a", "Content-Type: text/plain; charset=utf-16", 202, "", `send board all text:"a" excluded=[] ttl=0s`},
		{"POST ~/:send", "a\x00c", "Content-Type: text/plain; charset=utf-16", 202, "", `send board all text:"a�" excluded=[] ttl=0s`},
		{"POST ~/:send", "\x00\x01\xf6\x00", "Content-Type: text/plain; charset=utf-32be", 202, "", `send board all text:"😀" excluded=[] ttl=0s`},
		{"POST ~/:send", "\x80", "Content-Type: text/plain; charset=Windows-1252", 202, "", `send board all text:"€" excluded=[] ttl=0s`},
		{"POST ~/:send", "\xef\xbb\xbf{}", json1, 202, "", `send board all json:"{}" excluded=[] ttl=0s`},
		{"POST ~/:send", "{\x00}\x00", "Content-Type: application/json; charset=utf-16le", 202, "", `send board all json:"{}" excluded=[] ttl=0s`},
		{"POST ~/:send", "hi", "X-WebPubSub-Metadata-Trace: a1, b2", 202, "", `send board all binary:"hi" excluded=[] ttl=0s map[trace:b2]`},
		{"POST ~/:send", "\xe9", "Content-Type: text/plain; charset=iso-8859-1", 202, "", `send board all text:"é" excluded=[] ttl=0s`},
		{"POST ~/:send", "\xe9", plain, 202, "", `send board all text:"�" excluded=[] ttl=0s`},

		{"HEAD ~/connections/c1", "", "", 200, "", ""},
		{"HEAD ~/connections/c9", "", "", 404, "Warning.Connection.NotExisted", ""},
		{"HEAD ~/connections/%20", "", "", 400, "Error.BadRequest", ""},
		{"DELETE ~/connections/c1?reason=idle", "", "", 204, "", `close board connection "c1" reason="idle"`},
		{"DELETE ~/connections/c9", "", "", 204, "", `close board connection "c9" reason=""`},
		{"POST ~/connections/c1/:send?messageTtlSeconds=1&excluded=c1", `[1]`, json1, 202, "", `send board connection "c1" json:"[1]" excluded=[] ttl=1s`},
		{"POST ~/connections/c1/:send?filter=ignored", "x", plain, 202, "", `send board connection "c1" text:"x" excluded=[] ttl=0s`},
		{"POST ~/connections/c9/:send", `[1]`, "Content-Type: application/json; charset=utf-8", 202, "", `send board connection "c9" json:"[1]" excluded=[] ttl=0s`},
		{"POST ~/connections/%20/:send", "hi", plain, 400, "Error.BadRequest", ""},
		{"DELETE ~/connections/c1/groups", "", "", 204, "", ""},
		{"DELETE ~/connections/c9/groups", "", "", 204, "", ""},

		{"HEAD ~/groups/room", "", "", 200, "", ""},
		{"HEAD ~/groups/Room", "", "", 404, "Warning.Group.NotExisted", ""},
		{"HEAD ~/groups/" + long, "", "", 400, "Error.BadRequest", ""},
		{"POST ~/groups/room/:closeConnections?reason=room%20closed&excluded=c1", "", "", 204, "", `close board group "room" excluded=["c1"] reason="room closed"`},
		{"POST ~/groups/%09/:closeConnections", "", "", 400, "Error.BadRequest", ""},
		{"POST ~/groups/a%2Fb/:send?excluded=c1", "hi", plain, 202, "", `send board group "a/b" text:"hi" excluded=["c1"] ttl=0s`},
		{"POST ~/groups/room/:send?filter=x", "hi", plain, 400, "Error.BadRequest", ""},
		{"POST ~/groups/room/:send?filter='room'%20in%20groups&excluded=c1", "hi", plain, 202, "", `send board group "room" text:"hi" excluded=["c1"] ttl=0s filter=[c1 c2]`},
		{"PUT ~/groups/new/connections/c1", "", "", 200, "", ""},
		{"PUT ~/groups/new/connections/c9", "", "", 404, "Error.Connection.NotExisted", ""},
		{"DELETE ~/groups/room/connections/c1", "", "", 204, "", ""},
		{"DELETE ~/groups/room/connections/c9", "", "", 204, "", ""},

		{"PUT ~/permissions/sendToGroup/connections/c1?targetName=room", "", "", 200, "", ""},
		{"PUT ~/permissions/JOINLEAVEGROUP/connections/c1?targetName=*", "", "", 200, "", ""},
		{"PUT ~/permissions/sendToGroup/connections/c9?targetName=room", "", "", 404, "Info.Connection.NotExisted", ""},
		{"PUT ~/permissions/sendToGroup/connections/full?targetName=room", "", "", 409, "Error.Connection.Conflict", ""},
		{"PUT ~/permissions/sendToGroup/connections/c1", "", "", 400, "Error.BadRequest", ""},
		{"PUT ~/permissions/fly/connections/c1?targetName=room", "", "", 400, "Error.BadRequest", ""},
		{"DELETE ~/permissions/sendToGroup/connections/c1?targetName=room", "", "", 204, "", ""},
		{"DELETE ~/permissions/sendToGroup/connections/c9?targetName=room", "", "", 204, "", ""},
		{"DELETE ~/permissions/sendToGroup/connections/full?targetName=room", "", "", 409, "Error.Connection.Conflict", ""},
		{"DELETE ~/permissions/sendToGroup/connections/c1", "", "", 400, "Error.BadRequest", ""},
		{"HEAD ~/permissions/1/connections/c1?targetName=room", "", "", 404, "Info.Connection.NotExisted", ""},
		{"HEAD ~/permissions/sendToGroup/connections/c9?targetName=room", "", "", 404, "Info.Connection.NotExisted", ""},
		{"HEAD ~/permissions/sendToGroup/connections/c1", "", "", 400, "Error.BadRequest", ""},

		{"HEAD ~/users/ann", "", "", 200, "", ""},
		{"HEAD ~/users/Ann", "", "", 404, "Warning.User.NotExisted", ""},
		{"HEAD ~/users/%FF", "", "", 400, "Error.BadRequest", ""},
		{"POST ~/users/ann/:closeConnections?reason=banned", "", "", 204, "", `close board user "ann" excluded=[] reason="banned"`},
		{"POST ~/users/ann%2Fb%3Ac%25/:send?excluded=c1", "hi", plain, 202, "", `send board user "ann/b:c%" text:"hi" excluded=[] ttl=0s`},
		{"POST ~/users/ann/:send?filter=userId%20eq%20null", "hi", plain, 202, "", `send board user "ann" text:"hi" excluded=[] ttl=0s filter=[c3]`},
		{"POST ~/users/ann/:send?messageTtlSeconds=1.5", "hi", plain, 400, "Error.BadRequest", ""},
		{"DELETE ~/users/ann/groups", "", "", 204, "", ""},
		{"PUT ~/users/ann/groups/new", "", "", 200, "", ""},
		{"PUT ~/users/zoe/groups/new", "", "", 404, "Error.User.NotExisted", ""},
		{"DELETE ~/users/ann/groups/room", "", "", 204, "", ""},
		{"DELETE ~/users/zoe/groups/room", "", "", 204, "", ""},

		{"POST ~/:send?api-version=2020-10-01", "hi", plain, 202, "", `send board all text:"hi" excluded=[] ttl=0s`},
		{"HEAD ~/users/ann?api-version=2021-05-01-preview", "", "", 200, "", ""},
		{"HEAD ~/users/ann?api-version=", "", "", 200, "", ""},
		{"HEAD ~/users/ann?api-version=2019-01-01", "", "", 400, "Error.BadRequest", ""},
		{"HEAD ~/users/ann?api-version=2024-12-01&api-version=2024-12-01", "", "", 400, "Error.BadRequest", ""},
		{"HEAD ~/users/ann?api-version=2024-12-01,2024-01-01", "", "", 400, "Error.BadRequest", ""},

		{"POST ~/:shout", "", "", 404, "", ""},
		{"GET /api/", "", "", 404, "", ""},
		{"GET /api/hubs/board/groups", "", "", 404, "", ""},
		{"GET ~/:send", "", "", 405, "", ""},
	}
	for _, c := range cases {
		t.Run(c.request+" "+c.header, func(t *testing.T) {
			b := newBench(rest.Options{})
			method, target, _ := strings.Cut(strings.Replace(c.request, "~", "/api/hubs/board", 1), " ")
			r := b.do(t, method, target, c.body, c.header)
			body := text(t, r)
			if r.StatusCode != c.status || r.Header.Get("x-ms-error-code") != c.code {
				t.Errorf("got %d %q %s, want %d %q", r.StatusCode, r.Header.Get("x-ms-error-code"), body, c.status, c.code)
			}
			if got := strings.Join(b.engine.Calls(), "\n"); got != c.call {
				t.Errorf("engine was asked %s\nwant %s", got, c.call)
			}
			checkCommon(t, r, method, body)
		})
	}
}

// checkCommon holds for every answer.
func checkCommon(t *testing.T, r *http.Response, method, body string) {
	t.Helper()
	if got := r.Header.Get("api-supported-versions"); got != "2021-10-01, 2022-11-01, 2023-07-01, 2024-01-01, 2024-12-01" {
		t.Errorf("api-supported-versions is %q", got)
	}
	code := r.Header.Get("x-ms-error-code")
	switch {
	case code == "" || method == http.MethodHead:
		if body != "" {
			t.Errorf("unexpected body %q", body)
		}
		if r.StatusCode != 204 && r.Header.Get("Content-Length") != "0" {
			t.Errorf("Content-Length is %q", r.Header.Get("Content-Length"))
		}
	default:
		var p struct{ Code, Message, Target string }
		if err := json.Unmarshal([]byte(body), &p); err != nil || p.Code != code || p.Message == "" || p.Target == "" {
			t.Errorf("body %s does not match code %q (%v)", body, code, err)
		}
	}
}

func TestRoutes_allBehindToken(t *testing.T) {
	for _, route := range rest.RoutesForTest() {
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("{hub}", "board", "{permission}", "sendToGroup", "{", "", "}", "").Replace(path)
		b := newBench(rest.Options{})
		r := b.do(t, method, "/"+path, "", "Authorization: ")
		want := http.StatusUnauthorized
		if path == "api/health" {
			want = http.StatusOK
		}
		if r.StatusCode != want || text(t, r) != "" || len(b.engine.Calls()) != 0 {
			t.Errorf("%s without a token: got %d, want %d and nothing done", route, r.StatusCode, want)
		}
	}
}

func TestToken_refused(t *testing.T) {
	b := newBench(rest.Options{})
	path := "http://" + host + "/api/hubs/board/users/ann"
	for name, header := range map[string]string{
		"other key":       "Bearer " + mint(t, "another-key-0123456789-abcdefghijk", path),
		"other path":      "Bearer " + mint(t, keys.Primary, path+"X"),
		"client audience": "Bearer " + mint(t, keys.Primary, "http://"+host+"/client/hubs/board"),
		"other host":      "Bearer " + mint(t, keys.Primary, "http://evil.example.net/api/hubs/board/users/ann"),
		"other scheme":    "Basic " + mint(t, keys.Primary, path),
		"not a token":     "Bearer x",
	} {
		r := b.do(t, "HEAD", "/api/hubs/board/users/ann", "", "Authorization: "+header)
		if r.StatusCode != 401 || r.Header.Get("x-ms-error-code") != "" {
			t.Errorf("%s: got %d", name, r.StatusCode)
		}
	}
}

func TestToken_accepted(t *testing.T) {
	b := newBench(rest.Options{Audiences: []string{"https://public.example.net"}})
	for _, header := range []string{
		"Bearer " + mint(t, keys.Secondary, "https://"+host+"/api/hubs/board/users/ann"),
		"bearer " + mint(t, keys.Primary, "http://"+host+"/api/hubs/board/users/ann?api-version=2024-12-01"),
		"Bearer " + mint(t, keys.Primary, "https://PUBLIC.example.net/api/hubs/board/users/ann/"),
		"Bearer " + mint(t, keys.Primary, "wss://"+strings.ToUpper(host)+"/api/hubs/board/users/%61nn"),
		"Bearer " + mint(t, keys.Primary, "http://"+host+"/api/hubs/board/users/ann/groups/g"),
	} {
		if r := b.do(t, "HEAD", "/api/hubs/board/users/ann", "", "Authorization: "+header); r.StatusCode != 200 {
			t.Errorf("got %d", r.StatusCode)
		}
	}
}

func TestCheckOrder(t *testing.T) {
	b := newBench(rest.Options{})
	noToken, xml, metadata := "Authorization: ", "Content-Type: application/xml", "X-WebPubSub-Metadata-a: ü"
	cases := []struct {
		target, body string
		headers      []string
		status       int
		says         string
	}{
		{"/api/hubs/1/:send?messageTtlSeconds=x", "", []string{noToken}, 401, ""},
		{"/api/hubs/1/:send?messageTtlSeconds=x", "", []string{xml}, 400, "hub name"},
		{"/api/hubs/h/:send?messageTtlSeconds=x&filter=y", "", []string{xml}, 400, "messageTtlSeconds"},
		{"/api/hubs/h/:send?filter=y", "", []string{xml, metadata}, 400, "ilter"},
		{"/api/hubs/h/:send", strings.Repeat("x", webpubsub.MaxMessageBytes+1), []string{xml, metadata}, 400, "metadata value"},
		{"/api/hubs/h/:send", strings.Repeat("x", webpubsub.MaxMessageBytes+1), []string{xml}, 400, "Invalid Content-Length"},
		{"/api/hubs/h/:send", "{", []string{xml}, 415, ""},
		{"/api/hubs/h/:send", "{", []string{json1}, 400, "not a valid JSON"},
	}
	for _, c := range cases {
		r := b.do(t, "POST", c.target, c.body, c.headers...)
		if body := text(t, r); r.StatusCode != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: got %d %s, want %d saying %q", c.target, r.StatusCode, body, c.status, c.says)
		}
	}
}

func TestBody_chunked_isLimitedToo(t *testing.T) {
	b := newBench(rest.Options{})
	for size, want := range map[int]int{webpubsub.MaxMessageBytes: 202, webpubsub.MaxMessageBytes + 1: 400} {
		r := httptest.NewRequest("POST", "http://"+host+"/api/hubs/board/:send", io.MultiReader(strings.NewReader(strings.Repeat("x", size))))
		r.Header.Set("Authorization", "Bearer "+mint(t, keys.Primary, r.URL.String()))
		r.Header.Set("Content-Type", "text/plain")
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if r.ContentLength != -1 || w.Code != want {
			t.Errorf("%d bytes: got %d, want %d", size, w.Code, want)
		}
	}
}

func TestBody_growsInUTF8_isLimited(t *testing.T) {
	b := newBench(rest.Options{})
	r := b.do(t, "POST", "/api/hubs/board/:send", strings.Repeat("\xe9", webpubsub.MaxMessageBytes), "Content-Type: text/plain; charset=latin1")
	if body := text(t, r); r.StatusCode != 400 || !strings.Contains(body, fmt.Sprint(2*webpubsub.MaxMessageBytes)) {
		t.Errorf("got %d %s", r.StatusCode, body)
	}
}

func TestPermission_grantThenCheckThenRevoke(t *testing.T) {
	b := newBench(rest.Options{})
	target := "/api/hubs/board/permissions/sendToGroup/connections/c1?targetName=room"
	for _, step := range []struct {
		method string
		status int
	}{{"HEAD", 404}, {"PUT", 200}, {"HEAD", 200}, {"DELETE", 204}, {"HEAD", 404}} {
		if r := b.do(t, step.method, target, ""); r.StatusCode != step.status {
			t.Errorf("%s: got %d, want %d", step.method, r.StatusCode, step.status)
		}
	}
}

func TestMembership_changes(t *testing.T) {
	b := newBench(rest.Options{})
	steps := []struct {
		request string
		members string
	}{
		{"PUT groups/g/connections/c3", "c3"},
		{"PUT users/ann/groups/g", "c1 c2 c3"},
		{"DELETE groups/g/connections/c1", "c2 c3"},
		{"DELETE users/ann/groups/g", "c3"},
		{"PUT users/ann/groups/g", "c1 c2 c3"},
		{"DELETE users/ann/groups", "c3"},
		{"DELETE connections/c3/groups", ""},
	}
	for _, s := range steps {
		method, path, _ := strings.Cut(s.request, " ")
		b.do(t, method, "/api/hubs/board/"+path, "")
		var ids []string
		for _, m := range b.engine.GroupMembers("board", "g", "", 10) {
			ids = append(ids, string(m.ConnectionID))
		}
		if got := strings.Join(ids, " "); got != s.members {
			t.Errorf("after %s: got %q, want %q", s.request, got, s.members)
		}
	}
}

func TestRequestID_isEchoed(t *testing.T) {
	b := newBench(rest.Options{})
	if r := b.do(t, "GET", "/api/health", "", "x-ms-client-request-id: 42"); r.Header.Get("x-ms-client-request-id") != "42" {
		t.Error("the request id was not echoed")
	}
}

func TestGenerateToken(t *testing.T) {
	b := newBench(rest.Options{Audiences: []string{"https://public.example.net/"}})
	r := b.do(t, "POST", "/api/hubs/Board/:generateToken?userId=ann&role=webpubsub.sendToGroup&role=r2&group=g1&group=g2&minutesToExpire=30", "")
	raw := tokenIn(t, r)
	payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[1])
	if !strings.Contains(string(payload), fmt.Sprintf(`"nbf":%d`, now.Unix())) {
		t.Errorf("no nbf in %s", payload)
	}
	claims, err := token.Verify(raw, webpubsub.Keys{Primary: keys.Primary}, now, func(aud string) bool {
		return aud == "https://public.example.net/client/hubs/board"
	})
	if err != nil || claims.UserID != "ann" || !slices.Equal(claims.Roles, []string{"webpubsub.sendToGroup", "r2"}) ||
		!slices.Equal(claims.Groups, []string{"g1", "g2"}) || !claims.ExpiresAt.Equal(now.Add(30*time.Minute)) {
		t.Errorf("got %+v, %v", claims, err)
	}
}

func TestGenerateToken_defaults(t *testing.T) {
	b := newBench(rest.Options{})
	for kind, path := range map[string]string{
		"":                     "/client/hubs/board",
		"?clientType=default":  "/client/hubs/board",
		"?clientType=MQTT":     "/clients/mqtt/hubs/board",
		"?clientType=socketio": "/clients/socketio/hubs/board",
	} {
		raw := tokenIn(t, b.do(t, "POST", "/api/hubs/board/:generateToken"+kind, ""))
		claims, err := token.Verify(raw, keys, now, func(aud string) bool { return aud == "http://"+host+path })
		if err != nil || claims.UserID != "" || !claims.ExpiresAt.Equal(now.Add(time.Hour)) {
			t.Errorf("%s: got %+v, %v", kind, claims, err)
		}
	}
}

func TestGenerateToken_bad(t *testing.T) {
	b := newBench(rest.Options{})
	for _, q := range []string{"minutesToExpire=0", "minutesToExpire=x", "minutesToExpire=99999999999", "clientType=fax", "group=", "group=%20"} {
		if r := b.do(t, "POST", "/api/hubs/board/:generateToken?"+q, ""); r.StatusCode != 400 {
			t.Errorf("%s: got %d", q, r.StatusCode)
		}
	}
}

func tokenIn(t *testing.T, r *http.Response) string {
	t.Helper()
	var body struct{ Token string }
	if s := text(t, r); r.StatusCode != 200 || json.Unmarshal([]byte(s), &body) != nil || body.Token == "" {
		t.Fatalf("got %d %s", r.StatusCode, s)
	}
	return body.Token
}

func TestInternalError_isNotShown(t *testing.T) {
	b := newBench(rest.Options{})
	b.settings.Err = errors.New("disk is on fire")
	r := b.do(t, "DELETE", "/api/settings/hubs/board", "")
	if body := text(t, r); r.StatusCode != 500 || strings.Contains(body, "fire") {
		t.Errorf("got %d %s", r.StatusCode, body)
	}
}

func TestOrigin_inLinks(t *testing.T) {
	for _, c := range []struct {
		audiences []string
		want      string
	}{
		{nil, "http://" + host},
		{[]string{"https://a.example.net", "https://" + host + "/"}, "https://" + host},
		{[]string{"https://a.example.net/pubsub", "https://b.example.net"}, "https://a.example.net/pubsub"},
	} {
		b := newBench(rest.Options{Audiences: c.audiences})
		var got webpubsub.KeysResource
		if err := json.Unmarshal([]byte(text(t, b.do(t, "GET", "/api/settings/keys", ""))), &got); err != nil {
			t.Fatal(err)
		}
		if want := webpubsub.NewKeysResource(c.want, keys); got != want {
			t.Errorf("audiences %q: got %+v", c.audiences, got)
		}
	}
}
