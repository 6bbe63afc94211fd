package rest_test

import (
	"net/http"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
)

const (
	app     = "Origin: https://app.example.net"
	askPost = "Access-Control-Request-Method: POST"
	target  = "/api/hubs/board/users/ann"
)

func corsHeaders(h http.Header) int {
	n := len(h.Values("Vary"))
	for name := range h {
		if len(name) > 15 && name[:15] == "Access-Control-" {
			n++
		}
	}
	return n
}

func TestCORS_isOffByDefault(t *testing.T) {
	b := newBench(rest.Options{})
	if r := b.do(t, "HEAD", target, "", app); r.StatusCode != 200 || corsHeaders(r.Header) != 0 {
		t.Errorf("got %d %v", r.StatusCode, r.Header)
	}
	if r := b.do(t, "OPTIONS", target, "", app, askPost, "Authorization: "); r.StatusCode != 405 || corsHeaders(r.Header) != 0 {
		t.Errorf("preflight: got %d %v", r.StatusCode, r.Header)
	}
}

func TestCORS_allowsTheOriginsNamed(t *testing.T) {
	for _, c := range []struct {
		origins []string
		header  string
		want    string
	}{
		{[]string{"https://app.example.net"}, app, "https://app.example.net"},
		{[]string{"https://other.example.net", "https://APP.example.net"}, app, "https://app.example.net"},
		{[]string{"*"}, app, "https://app.example.net"},
		{[]string{"*"}, "Origin: null", "null"},
		{[]string{"https://app.example.net:8443"}, app, ""},
		{[]string{"http://app.example.net"}, app, ""},
		{[]string{"*"}, "Origin: ", ""},
	} {
		b := newBench(rest.Options{CORSOrigins: c.origins})
		r := b.do(t, "HEAD", target, "", c.header)
		if got := r.Header.Get("Access-Control-Allow-Origin"); r.StatusCode != 200 || got != c.want || r.Header.Get("Vary") != "Origin" {
			t.Errorf("%s with %q: %d %v", c.header, c.origins, r.StatusCode, r.Header)
		}
		if exposed := r.Header.Get("Access-Control-Expose-Headers") != ""; exposed != (c.want != "") {
			t.Errorf("%s with %q: exposed %v", c.header, c.origins, exposed)
		}
	}
}

func TestCORS_preflight_needsNoToken(t *testing.T) {
	b := newBench(rest.Options{CORSOrigins: []string{"https://app.example.net"}})
	r := b.do(t, "OPTIONS", "/api/hubs/board/:send?api-version=2024-12-01", "", app, askPost, "Authorization: ",
		"Access-Control-Request-Headers: authorization,content-type,x-webpubsub-metadata-trace")
	if r.StatusCode != 204 || text(t, r) != "" {
		t.Errorf("got %d", r.StatusCode)
	}
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":  "https://app.example.net",
		"Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
		"Access-Control-Allow-Headers": "authorization,content-type,x-webpubsub-metadata-trace",
		"Access-Control-Max-Age":       "600",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if r := b.do(t, "OPTIONS", target, "", "Origin: https://evil.example.net", askPost, "Authorization: "); r.StatusCode != 405 || r.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin: got %d %v", r.StatusCode, r.Header)
	}
	if r := b.do(t, "HEAD", target, "", app, "Authorization: "); r.StatusCode != 401 {
		t.Errorf("an allowed origin without a token: got %d", r.StatusCode)
	}
}

func TestCheckCORSOrigins(t *testing.T) {
	if err := rest.CheckCORSOrigins([]string{"*", "https://app.example.net", "http://localhost:8080"}); err != nil {
		t.Error(err)
	}
	for _, o := range []string{"", "app.example.net", "https://", "https://app.example.net/", "https://a.example.net/x", "https://*.example.net/", "https://a b", "https://u@a.example.net?x"} {
		if err := rest.CheckCORSOrigins([]string{o}); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%q: %v", o, err)
		}
	}
}
