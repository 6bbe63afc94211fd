package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/easelhq/easel/web"
)

func get(t *testing.T, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	h, err := web.Handler()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandler_servesThePageForBoards(t *testing.T) {
	for _, path := range []string{"/", "/b/Ab3dEf9hIjKl"} {
		w := get(t, path)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `id="app"`) {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestHandler_boards_nameWhatTheyNeed keeps browsers from learning of the board's code only
// when that of the page runs.
func TestHandler_boards_nameWhatTheyNeed(t *testing.T) {
	link := regexp.MustCompile(`<link rel="modulepreload" crossorigin href="/assets/[0-9a-f]{16}/board.js">`)
	if page := get(t, "/b/Ab3dEf9hIjKl").Body.String(); !link.MatchString(page) {
		t.Errorf("the page of a board has no %s:\n%s", link, page)
	}
	if page := get(t, "/").Body.String(); link.MatchString(page) {
		t.Errorf("the start page fetches the code of boards:\n%s", page)
	}
}

// TestHandler_assetsOfThisBuild_areKept has browsers ask only for pages again: what these name
// never changes.
func TestHandler_assetsOfThisBuild_areKept(t *testing.T) {
	addresses := regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(get(t, "/b/Ab3dEf9hIjKl").Body.String(), -1)
	if len(addresses) < 5 {
		t.Fatalf("the page names %v", addresses)
	}
	for _, found := range addresses {
		address := found[1]
		w := get(t, address)
		if caching := w.Header().Get("Cache-Control"); w.Code != http.StatusOK || !strings.Contains(caching, "immutable") {
			t.Errorf("%s: %d, Cache-Control %q", address, w.Code, caching)
		}
		other := regexp.MustCompile(`[0-9a-f]{16}`).ReplaceAllString(address, "0123456789abcdef")
		same := get(t, other)
		if caching := same.Header().Get("Cache-Control"); same.Body.String() != w.Body.String() || caching != "no-cache" {
			t.Errorf("%s of another build: Cache-Control %q", other, caching)
		}
	}
	for _, path := range []string{"/", "/b/Ab3dEf9hIjKl", "/sw.js", "/assets/index.js"} {
		if caching := get(t, path).Header().Get("Cache-Control"); caching != "no-cache" {
			t.Errorf("%s: Cache-Control %q", path, caching)
		}
	}
}

// TestHandler_worker_fetchesWhatPagesNamed has the service worker find what the page has fetched.
func TestHandler_worker_fetchesWhatPagesNamed(t *testing.T) {
	script := regexp.MustCompile(`src="(/assets/[^"]+/index.js)"`).FindStringSubmatch(get(t, "/").Body.String())
	if script == nil {
		t.Fatal("the page names no script")
	}
	if worker := get(t, "/sw.js").Body.String(); !strings.Contains(worker, `"`+script[1]+`"`) {
		t.Errorf("the service worker does not fetch %s", script[1])
	}
}

func TestHandler_elsewhere_is404InJSON(t *testing.T) {
	for _, path := range []string{"/index.html/x", "/b/", "/b/a/b", "/assets/none.js", "/assets/0123456789abcdef/none.js", "/assets/0123456789abcdef/", "/../embed.go"} {
		if w := get(t, path); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `"code":"not_found"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestHandler_unchangedFiles_areNotSentAgain(t *testing.T) {
	first := get(t, "/assets/index.js", "Accept-Encoding", "gzip")
	if first.Code != http.StatusOK || first.Header().Get("Content-Encoding") != "gzip" || !strings.HasPrefix(first.Header().Get("Content-Type"), "text/javascript") {
		t.Fatalf("%d %v", first.Code, first.Header())
	}
	again := get(t, "/assets/index.js", "Accept-Encoding", "gzip", "If-None-Match", first.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("%d, %d bytes", again.Code, again.Body.Len())
	}
	if plain := get(t, "/assets/index.js"); plain.Header().Get("Content-Encoding") != "" || plain.Body.Len() <= first.Body.Len() {
		t.Errorf("%v", plain.Header())
	}
}
