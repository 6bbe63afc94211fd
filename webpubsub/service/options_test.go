package service_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

func TestSendOptions_metadataReachesTheEngine(t *testing.T) {
	a := start(t)
	c, ctx := a.client(t), t.Context()
	with := func(m webpubsub.Metadata) *service.SendOptions { return &service.SendOptions{Metadata: m} }
	if err := c.SendToConnection(ctx, "c1", service.Text("x"), with(webpubsub.Metadata{"Trace": "a b", "n": "1"})); err != nil {
		t.Fatal(err)
	}
	if calls := a.Calls(); len(calls) != 1 || !strings.HasSuffix(calls[0], "map[n:1 trace:a b]") {
		t.Errorf("the engine was told %q", calls)
	}
	for _, m := range []webpubsub.Metadata{
		{"a b": "x"}, {"": "x"}, {"k": "ü"}, {"k": "a,b"}, {"k": " a"}, {"k": "a "}, {"k": "1", "K": "2"},
		{"k": strings.Repeat("x", webpubsub.MaxMetadataValue+1)},
	} {
		if err := c.SendToAll(ctx, service.Text("x"), with(m)); webpubsub.CodeOf(err) != webpubsub.BadRequest || len(a.Calls()) != 0 {
			t.Errorf("%.40q: %v", m, err)
		}
	}
}

func TestReverseProxyEndpoint_carriesRequests_tokensStay(t *testing.T) {
	a := start(t)
	a.Connect("c1", "ann", "g")
	cs, err := token.ParseConnectionString(a.connectionString)
	if err != nil {
		t.Fatal(err)
	}
	behind, err := url.Parse(cs.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	var passed []string
	front := httptest.NewServer(http.StripPrefix("/pubsub", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		passed = append(passed, r.Method+" "+r.URL.EscapedPath())
		r, _ = http.NewRequestWithContext(r.Context(), r.Method, behind.String()+r.URL.RequestURI(), r.Body)
		r.Header.Set("Authorization", "Bearer "+mintFor(t, cs, r.URL))
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		defer res.Body.Close()
		w.WriteHeader(res.StatusCode)
	})))
	defer front.Close()
	c, err := service.New(a.connectionString, "board", &service.Options{ReverseProxyEndpoint: front.URL + "/pubsub/", MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	if exists, err := c.GroupExists(t.Context(), "g"); err != nil || !exists {
		t.Errorf("got %v, %v", exists, err)
	}
	if want := "[HEAD /api/hubs/board/groups/g]"; fmt.Sprint(passed) != want {
		t.Errorf("the proxy saw %q, want %s", passed, want)
	}
	tok, err := c.ClientToken(service.TokenOptions{})
	if err != nil || tok.BaseURL != "ws://"+behind.Host+"/client/hubs/board" {
		t.Errorf("clients are sent to %q, %v", tok.BaseURL, err)
	}
}

// mintFor signs a request to what is behind a proxy.
func mintFor(t *testing.T, cs token.ConnectionString, u *url.URL) string {
	raw, err := token.Mint(cs.AccessKey, token.MintOptions{Audience: u.String()}, time.Now())
	if err != nil {
		t.Error(err)
	}
	return raw
}

// recorder answers every request alike and keeps the last.
type recorder struct{ last *http.Request }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.last = req
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}

func TestRequests_areThoseAzureExpects(t *testing.T) {
	r := &recorder{}
	c, err := service.New("Endpoint=https://wps.example.net;AccessKey=key;Version=1.0;", "Board", &service.Options{Transport: r, ReverseProxyEndpoint: "https://gate.example.net"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SendToGroup(t.Context(), "a/b", service.Text("x"), &service.SendOptions{Filter: "userId ne 'a b'", TTL: time.Minute}); err != nil {
		t.Fatal(err)
	}
	if got, want := r.last.URL.String(), "https://gate.example.net/api/hubs/board/groups/a%2Fb/:send?api-version=2024-12-01&filter=userId+ne+%27a+b%27&messageTtlSeconds=60"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	raw := strings.TrimPrefix(r.last.Header.Get("Authorization"), "Bearer ")
	if _, err := token.Verify(raw, webpubsub.Keys{Primary: "key"}, time.Now(), func(aud string) bool {
		return aud == "https://wps.example.net/api/hubs/board/groups/a%2Fb/:send"
	}); err != nil {
		t.Error(err)
	}
	if r.last.ContentLength != 1 || r.last.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("%d bytes of %s", r.last.ContentLength, r.last.Header.Get("Content-Type"))
	}
}

func TestNew_badReverseProxy(t *testing.T) {
	for _, s := range []string{"gate.example.net", "ftp://gate.example.net", "https://", "https://gate.example.net?x=1", "://"} {
		if _, err := service.New("Endpoint=https://wps.example.net;AccessKey=key;", "board", &service.Options{ReverseProxyEndpoint: s}); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestGroupMembers_options(t *testing.T) {
	a := start(t)
	for i := range 7 {
		a.Connect(webpubsub.ConnectionID(fmt.Sprintf("c%d", i)), "", "g")
	}
	for o, want := range map[service.MembersOptions]int{{PageSize: 2}: 7, {PageSize: 3, Top: 5}: 5, {Top: 1}: 1, {Top: 100}: 7} {
		n := 0
		for _, err := range a.client(t).GroupMembers(t.Context(), "g", &o) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != want {
			t.Errorf("%+v: %d members, want %d", o, n, want)
		}
	}
	for _, err := range a.client(t).GroupMembers(t.Context(), "g", &service.MembersOptions{PageSize: 201}) {
		if webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("page size 201: %v", err)
		}
	}
}

func TestClientToken_ofEachType_isForItsEndpoint(t *testing.T) {
	a := start(t)
	c := a.client(t)
	for kind, path := range map[service.ClientType]string{
		service.DefaultClient:  token.ClientPath,
		service.MQTTClient:     token.MQTTClientPath,
		service.SocketIOClient: token.SocketIOClientPath,
	} {
		generated, err := c.GenerateToken(t.Context(), service.TokenOptions{ClientType: kind})
		if err != nil {
			t.Fatal(err)
		}
		local, err := c.ClientToken(service.TokenOptions{ClientType: kind})
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []service.Token{generated, local} {
			u, err := url.Parse(got.URL)
			if err != nil || u.Path != path+"board" || got.URL != got.BaseURL+"?access_token="+got.Token {
				t.Errorf("URL %q, %v", got.URL, err)
			}
			if _, err := token.Verify(got.Token, a.settings.Settings().Keys, time.Now(), token.ClientAudience(u.Host, path, "board", nil)); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}
