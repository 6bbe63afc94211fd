package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
)

type listed struct {
	Value []struct {
		ConnectionID string
		UserID       *string
	}
	NextLink string
}

func (b *bench) list(t *testing.T, target string) listed {
	t.Helper()
	r := b.do(t, "GET", target, "")
	body := text(t, r)
	var page listed
	if err := json.Unmarshal([]byte(body), &page); err != nil || r.StatusCode != 200 || page.Value == nil {
		t.Fatalf("%s: got %d %s", target, r.StatusCode, body)
	}
	return page
}

// walk follows the links and returns the ids of each page.
func (b *bench) walk(t *testing.T, target string) []string {
	t.Helper()
	var pages []string
	for target != "" {
		page := b.list(t, target)
		var ids []string
		for _, m := range page.Value {
			ids = append(ids, m.ConnectionID)
		}
		pages = append(pages, strings.Join(ids, " "))
		link, ok := strings.CutPrefix(page.NextLink, "http://"+host)
		if page.NextLink != "" && !ok {
			t.Fatalf("next link %q is not absolute", page.NextLink)
		}
		target = link
	}
	return pages
}

func TestList_pages(t *testing.T) {
	b := newBench(rest.Options{})
	for i := range 5 {
		b.engine.Connect(webpubsub.ConnectionID(fmt.Sprintf("m%d", i)), "", "a/b ü")
	}
	group := "/api/hubs/board/groups/a%2Fb%20%C3%BC/connections"
	for query, want := range map[string]string{
		"":                                      "m0 m1 m2 m3 m4",
		"?maxpagesize=2":                        "m0 m1|m2 m3|m4",
		"?maxpagesize=5":                        "m0 m1 m2 m3 m4",
		"?maxpagesize=2&top=3":                  "m0 m1|m2",
		"?maxpagesize=2&top=4":                  "m0 m1|m2 m3",
		"?top=1":                                "m0",
		"?top=1000":                             "m0 m1 m2 m3 m4",
		"?api-version=2024-12-01&MaxPageSize=4": "m0 m1 m2 m3|m4",
	} {
		if got := strings.Join(b.walk(t, group+query), "|"); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

func TestList_users_andEmptyGroup(t *testing.T) {
	b := newBench(rest.Options{})
	b.engine.Connect("c0", "", "room")
	page := b.list(t, "/api/hubs/board/groups/room/connections")
	if len(page.Value) != 3 || page.Value[0].UserID != nil || *page.Value[1].UserID != "ann" {
		t.Errorf("got %+v", page)
	}
	if page := b.list(t, "/api/hubs/board/groups/nobody/connections"); len(page.Value) != 0 || page.NextLink != "" {
		t.Errorf("empty group: got %+v", page)
	}
}

// A page resumes after an id, so that one who leaves or joins between two pages neither
// hides nor repeats anyone else.
func TestList_changesBetweenPages_harmless(t *testing.T) {
	b := newBench(rest.Options{})
	for i := range 6 {
		b.engine.Connect(webpubsub.ConnectionID(fmt.Sprintf("m%d", i)), "", "g")
	}
	page := b.list(t, "/api/hubs/board/groups/g/connections?maxpagesize=3")
	b.engine.RemoveConnectionFromGroup("board", "g", "m0")
	b.engine.RemoveConnectionFromGroup("board", "g", "m2")
	b.engine.Connect("m00", "", "g")
	rest := b.walk(t, strings.TrimPrefix(page.NextLink, "http://"+host))
	if got := strings.Join(rest, "|"); got != "m3 m4 m5" {
		t.Errorf("got %s", got)
	}
}

func TestList_badParameters(t *testing.T) {
	b := newBench(rest.Options{})
	good := rest.SealContinuation("c1", "board", "room")
	for _, q := range []string{
		"maxpagesize=0", "maxpagesize=201", "maxpagesize=", "maxpagesize=x", "maxpagesize=1&maxpagesize=2",
		"top=0", "top=-1", "top=", "top=x", "top=1&top=2",
		"continuationToken=", "continuationToken=x", "continuationToken=" + good + "&continuationToken=" + good,
		"continuationToken=" + good[:len(good)-2] + "xx",
		"continuationToken=" + rest.SealContinuation("c1", "board", "other"),
		"continuationToken=" + rest.SealContinuation("c1", "other", "room"),
		"continuationToken=" + strings.Repeat("a", 2049),
	} {
		if r := b.do(t, "GET", "/api/hubs/board/groups/room/connections?"+q, ""); r.StatusCode != 400 || r.Header.Get("x-ms-error-code") != "Error.BadRequest" {
			t.Errorf("%s: got %d", q, r.StatusCode)
		}
	}
	if page := b.list(t, "/api/hubs/board/groups/room/connections?continuationToken="+good); len(page.Value) != 1 {
		t.Errorf("good token: got %+v", page)
	}
}

func FuzzContinuation(f *testing.F) {
	f.Add("", "")
	f.Add("c1", rest.SealContinuation("c1", "board", "room"))
	f.Fuzz(func(t *testing.T, id, token string) {
		if id != "" && len(id) < 1000 {
			got, ok := rest.OpenContinuation(rest.SealContinuation(webpubsub.ConnectionID(id), "board", "room"), "board", "room")
			if !ok || string(got) != id {
				t.Errorf("%q came back as %q, %v", id, got, ok)
			}
		}
		if got, ok := rest.OpenContinuation(token, "board", "room"); ok && rest.SealContinuation(got, "board", "room") != token {
			t.Errorf("%q opened as %q, which seals differently", token, got)
		}
	})
}

// FuzzRouter: any path and method is answered without a panic, and what the client
// encodes is what the route receives.
func FuzzRouter(f *testing.F) {
	f.Add("POST", "/api/hubs/board/:send", "room/7")
	f.Add("PUT", "/api/hubs//users/%zz/groups/", "ü %2F:send")
	f.Add("HEAD", "/api/hubs/board/groups/%2f%2F", ".")
	b := newBench(rest.Options{})
	f.Fuzz(func(t *testing.T, method, path, name string) {
		rest.Match(method, path)
		op, values := rest.Match("PUT", "/api/hubs/h/users/"+url.PathEscape(name)+"/groups/"+url.PathEscape(name))
		if name != "" && (op != "AddUserToGroup" || values["userId"] != name || values["group"] != name) {
			t.Errorf("%q arrived as %s %q", name, op, values)
		}
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		b.ServeHTTP(w, &http.Request{Method: method, URL: u, Host: host, Header: http.Header{}, Body: http.NoBody})
		if code := w.Code; code < 200 || code >= 500 || len(b.engine.Calls()) != 0 {
			t.Errorf("%s %s without a token: got %d", method, path, code)
		}
	})
}
