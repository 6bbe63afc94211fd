package app_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
)

// drawnBoard is a board with a rectangle on it.
func drawnBoard(t *testing.T) (*site, board) {
	s := newSite(t)
	b := s.newBoard("")
	g := s.join(b, b.edit())
	g.commit(g.op("r1", aRect))
	g.echo(1)
	return s, b
}

func TestPicture_asPNG_hasTheSizeAskedFor(t *testing.T) {
	s, b := drawnBoard(t)
	path := "/boards/" + string(b.ID) + ".png"
	for query, want := range map[string][2]int{ // the shape takes 32 × 42
		"":                           {64, 74},
		"?padding=0":                 {32, 42},
		"?padding=10&scale=2":        {104, 124},
		"?padding=0&scale=0.5":       {16, 21},
		"?padding=0&theme=dark":      {32, 42},
		"?padding=0&background=true": {32, 42},
	} {
		a := s.do("GET", path+query, b.view(), nil)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "image/png" {
			t.Fatalf("%s: %d %s", query, a.status, a.body)
		}
		picture, err := png.Decode(bytes.NewReader(a.body))
		check(t, err)
		if got := picture.Bounds().Size(); got.X != want[0] || got.Y != want[1] {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	a := s.do("GET", path+"?background=false", b.view(), nil)
	picture, err := png.Decode(bytes.NewReader(a.body))
	check(t, err)
	if _, _, _, alpha := picture.At(0, 0).RGBA(); alpha != 0 {
		t.Errorf("without background, the corner has alpha %d", alpha)
	}
}

func TestPicture_asSVG_isSafeToOpen(t *testing.T) {
	s, b := drawnBoard(t)
	a := s.do("GET", "/boards/"+string(b.ID)+".svg", b.edit(), nil)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Fatalf("%d %v %s", a.status, a.header, a.body)
	}
	d := xml.NewDecoder(bytes.NewReader(a.body))
	paths := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		check(t, err)
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "path" {
			paths++
		}
	}
	if paths != 1 {
		t.Errorf("%d paths in %s", paths, a.body)
	}
}

func TestPicture_unchanged_isNotSentAgain(t *testing.T) {
	s, b := drawnBoard(t)
	path := s.url + "/boards/" + string(b.ID) + ".svg"
	ask := func(tag string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), "GET", path, nil)
		check(t, err)
		r.Header.Set("Authorization", "Bearer "+b.view())
		r.Header.Set("If-None-Match", tag)
		res, err := http.DefaultClient.Do(r)
		check(t, err)
		res.Body.Close()
		return res
	}
	first := ask("")
	tag := first.Header.Get("ETag")
	if first.StatusCode != http.StatusOK || tag == "" {
		t.Fatalf("%d, tag %q", first.StatusCode, tag)
	}
	if again := ask(tag); again.StatusCode != http.StatusNotModified || again.Header.Get("ETag") != tag {
		t.Errorf("asked again: %d, tag %q, want 304 %q", again.StatusCode, again.Header.Get("ETag"), tag)
	}
	g := s.join(b, b.edit())
	g.commit(g.op("r1", `{"color":"red"}`))
	g.echo(1)
	if changed := ask(tag); changed.StatusCode != http.StatusOK || changed.Header.Get("ETag") == tag {
		t.Errorf("after a change: %d, tag %q", changed.StatusCode, changed.Header.Get("ETag"))
	}
}

func TestPicture_ofWhatIsNotAllowed_isRefused(t *testing.T) {
	s, b := drawnBoard(t)
	g := s.join(b, b.edit())
	g.commit(g.op("far", `{"kind":"rect","at":[100000,0],"size":[10,10],"z":"a1"}`))
	g.echo(1)
	path := "/boards/" + string(b.ID)
	for _, c := range []struct {
		path, secret string
		status       int
		code, says   string
	}{
		{path + ".png", "", 401, "unauthorized", ""},
		{path + ".svg", "wrong", 403, "forbidden", ""},
		{"/boards/AAAAAAAAAAAA.svg", b.view(), 404, "not_found", ""},
		{path + ".gif", b.view(), 404, "not_found", "gif"},
		{path + ".svg?scale=5", b.view(), 400, "invalid", "scale is 5"},
		{path + ".svg?scale=NaN", b.view(), 400, "invalid", "scale is NaN"},
		{path + ".svg?scale=x", b.view(), 400, "invalid", "number"},
		{path + ".png?padding=-1", b.view(), 400, "invalid", "padding is -1"},
		{path + ".png?padding=257", b.view(), 400, "invalid", "256"},
		{path + ".png?background=1", b.view(), 400, "invalid", "background"},
		{path + ".png?theme=blue", b.view(), 400, "invalid", "theme"},
		{path + ".png?frame=nothere", b.view(), 400, "invalid", "frame"},
		{path + ".png", b.view(), 400, "too_large", "16384"},
	} {
		a := s.do("GET", c.path, c.secret, nil)
		if a.status != c.status || a.code() != c.code || !strings.Contains(string(a.body), c.says) {
			t.Errorf("%s: %d %s, want %d %s that says %q", c.path, a.status, a.body, c.status, c.code, c.says)
		}
	}
}

func TestPicture_ofAnImage_showsIt(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	up := s.do("POST", "/background/upload?board="+string(b.ID), b.edit(), pngOf(t, 4, 4))
	if up.status != http.StatusCreated {
		t.Fatalf("upload: %d %s", up.status, up.body)
	}
	hash := decode[struct{ ID string }](t, up.body).ID
	g := s.join(b, b.edit())
	g.commit(g.op("board", `{"background":{"asset":"`+hash+`","at":[0,0],"size":[20,20]}}`))
	g.echo(1)
	a := s.do("GET", "/boards/"+string(b.ID)+".svg", b.view(), nil)
	if !strings.Contains(string(a.body), `href="data:image/png;base64,`) {
		t.Errorf("%d %.300s", a.status, a.body)
	}
}
