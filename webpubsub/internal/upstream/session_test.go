package upstream

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

func at(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestSession_cookiesGoBackToTheirURLSpace(t *testing.T) {
	now := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	s := &Session{}
	set := func(from string, lines ...string) { s.keep(at(t, from), http.Header{"Set-Cookie": lines}, now) }
	set("https://h/ev/board/connect", "a=1", "b=2; Path=/", "c=3; Path=/other", "d=4; Max-Age=60", "e=5; Secure; HttpOnly; Domain=h")
	set("http://plain/ev/x", "f=6; Secure", "g=7")
	for _, c := range []struct {
		url   string
		after time.Duration
		want  string
	}{
		{"https://h/ev/board/draw", 0, "a=1; b=2; d=4; e=5"},
		{"https://H/ev/board/draw", 61 * time.Second, "a=1; b=2; e=5"},
		{"https://h/ev/boards", 0, "b=2"},
		{"https://h/other/x", 0, "b=2; c=3"},
		{"http://h/ev/board/draw", 0, ""},
		{"https://h:8443/ev/board/draw", 0, ""},
		{"https://evil.h/ev/board/draw", 0, ""},
		{"http://plain/ev/y", 0, "g=7"},
	} {
		if got := s.header(at(t, c.url), now.Add(c.after)); got != c.want {
			t.Errorf("%s after %v: %q, want %q", c.url, c.after, got, c.want)
		}
	}
	set("https://h/ev/board/x", "a=9", "b=; Path=/; Max-Age=0", "d=; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
	if got := s.header(at(t, "https://h/ev/board/x"), now); got != "e=5; a=9" {
		t.Errorf("after changes: %q", got)
	}
}

func TestSession_isBounded(t *testing.T) {
	s := &Session{}
	u, now := at(t, "https://h/"), time.Now()
	for i := range 3 * maxCookies {
		s.keep(u, http.Header{"Set-Cookie": {fmt.Sprintf("c%d=1", i), "long=" + strings.Repeat("x", maxCookieBytes)}}, now)
	}
	if got := s.header(u, now); len(s.left.cookies) != maxCookies || !strings.HasPrefix(got, "c40=1; ") || strings.Contains(got, "long") {
		t.Errorf("%d cookies: %s", len(s.left.cookies), got)
	}
}

func TestSession_nil_keepsNothing(t *testing.T) {
	var s *Session
	s.keep(at(t, "https://h/"), http.Header{"Set-Cookie": {"a=1"}}, time.Now())
	s.useTunnel("t")
	if s.header(at(t, "https://h/"), time.Now()) != "" || s.lastTunnel() != "" {
		t.Error("something is kept")
	}
}

func TestUserEvent_cookiesOfGoodAnswersAlone_comeBack(t *testing.T) {
	app := &recorder{next: consenting(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "from="+r.Header.Get("ce-id"))
		if r.Header.Get("ce-id") == "3" {
			w.WriteHeader(http.StatusBadRequest)
		}
	})}
	d := newDispatcher(t, board(everything), transport{app})
	mine, other := ann, ann
	mine.Session, other.Session = &Session{}, &Session{}
	for id := uint64(2); id < 5; id++ {
		mine.EventID = id
		d.UserEvent(t.Context(), mine, "draw", webpubsub.Data{}, nil)
	}
	other.EventID = 9
	d.UserEvent(t.Context(), other, "draw", webpubsub.Data{}, nil)
	var got []string
	for _, r := range app.all()[1:] {
		got = append(got, r.header.Get("ce-id")+":"+r.header.Get("Cookie"))
	}
	if s := strings.Join(got, " "); s != "2: 3:from=2 4:from=2 9:" {
		t.Errorf("cookies sent: %s", s)
	}
	if c := app.all()[0].header.Get("Cookie"); c != "" {
		t.Errorf("the validation request has cookies: %s", c)
	}
}
