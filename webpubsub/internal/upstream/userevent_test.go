package upstream

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

func TestUserEvent_request_carriesDataAndState(t *testing.T) {
	for kind, want := range map[webpubsub.DataType]string{
		webpubsub.Text: "text/plain; charset=utf-8", webpubsub.JSON: "application/json; charset=utf-8",
		webpubsub.Binary: "application/octet-stream", webpubsub.Protobuf: "application/x-protobuf",
	} {
		app := &recorder{next: consenting(func(http.ResponseWriter, *http.Request) {})}
		d := newDispatcher(t, board(everything), transport{app})
		s := Source{Hub: "board", ConnectionID: "c1", Subprotocol: "json.webpubsub.azure.v1", State: ptr(""), EventID: 12}
		if _, err := d.UserEvent(t.Context(), s, "draw", webpubsub.Data{Type: kind, Bytes: []byte(`"hi"`)}, nil); err != nil {
			t.Fatal(err)
		}
		r := app.all()[1]
		if r.url != "http://app.example.net/ev/board/draw?code=secret" || r.body != `"hi"` || r.length != 4 {
			t.Errorf("%s: %s %q (%d)", kind, r.url, r.body, r.length)
		}
		for name, value := range map[string]string{
			"Content-Type": want, "ce-type": "azure.webpubsub.user.draw", "ce-eventName": "draw", "ce-id": "12",
			"ce-subprotocol": "json.webpubsub.azure.v1", "ce-connectionState": "",
		} {
			if got, ok := r.header[http.CanonicalHeaderKey(name)]; !ok || got[0] != value {
				t.Errorf("%s: header %s is %q, want %q", kind, name, got, value)
			}
		}
		if _, ok := r.header["Ce-Userid"]; ok {
			t.Error("an anonymous connection has a user id")
		}
	}
}

func TestUserEvent_answers(t *testing.T) {
	data := func(kind webpubsub.DataType, s string) *webpubsub.Data {
		return &webpubsub.Data{Type: kind, Bytes: []byte(s)}
	}
	for name, c := range map[string]struct {
		status            int
		contentType, body string
		want              *webpubsub.Data
		fails             bool
	}{
		"empty":               {200, "application/octet-stream", "", nil, false},
		"no content":          {204, "", "", nil, false},
		"empty, odd type":     {200, "text/html", "", nil, false},
		"text":                {200, "text/plain", "hi", data(webpubsub.Text, "hi"), false},
		"text with charset":   {200, "Text/Plain; charset=UTF-8", "hi", data(webpubsub.Text, "hi"), false},
		"json":                {201, "application/json; charset=utf-8", `{"ok":true}`, data(webpubsub.JSON, `{"ok":true}`), false},
		"binary":              {200, "application/octet-stream", "\x00\xff", data(webpubsub.Binary, "\x00\xff"), false},
		"protobuf":            {200, "application/x-protobuf", "\x0a\x00", data(webpubsub.Protobuf, "\x0a\x00"), false},
		"no type is binary":   {200, "", "hi", data(webpubsub.Binary, "hi"), false},
		"other type":          {200, "text/html", "hi", nil, true},
		"type no media type":  {200, ";;", "hi", nil, true},
		"bad json":            {200, "application/json", "{", nil, true},
		"json not UTF-8":      {200, "application/json", "\"\xff\"", nil, true},
		"text not UTF-8":      {200, "text/plain", "\xff", nil, true},
		"client error":        {400, "text/plain", "secret words", nil, true},
		"unauthorized":        {401, "text/plain", "secret words", nil, true},
		"redirect":            {307, "text/plain", "secret words", nil, true},
		"too large":           {200, "text/plain", strings.Repeat("x", webpubsub.MaxHandlerResponseBytes+1), nil, true},
		"as large as allowed": {200, "", strings.Repeat("x", webpubsub.MaxHandlerResponseBytes), data(webpubsub.Binary, strings.Repeat("x", webpubsub.MaxHandlerResponseBytes)), false},
	} {
		app := consenting(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = nil
			if c.contentType != "" {
				w.Header().Set("Content-Type", c.contentType)
			}
			w.Header().Set("ce-connectionState", "s")
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		d := newDispatcher(t, board(everything), transport{app})
		got, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{Type: webpubsub.Text}, nil)
		if c.fails {
			if got != nil || err == nil || webpubsub.CodeOf(err) != webpubsub.Internal || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v, %v; want Internal", name, got, err)
			}
			if m := webpubsub.MessageOf(err); m != "Internal server error" {
				t.Errorf("%s: the peer would read %q", name, m)
			}
		} else if want := (&UserResponse{Data: c.want, State: ptr("s")}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %.100v, %v", name, got, err)
		}
	}
}

func TestUserEvent_longState_fails(t *testing.T) {
	app := consenting(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ce-connectionState", strings.Repeat("s", MaxStateBytes+1))
	})
	d := newDispatcher(t, board(everything), transport{app})
	if r, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil); err == nil {
		t.Errorf("%v, want an error", r)
	}
}

func TestUserEvent_noHandler_isNotFound(t *testing.T) {
	h := everything
	h.UserEventPattern = "draw"
	d := newDispatcher(t, board(h), failing(func(*http.Request) error { t.Error("request sent"); return io.EOF }))
	_, err := d.UserEvent(t.Context(), ann, "erase", webpubsub.Data{}, nil)
	if webpubsub.CodeOf(err) != webpubsub.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
}

func TestUserEvent_badTemplate_failsAtOnce(t *testing.T) {
	h := everything
	h.URLTemplate = "http://{hub}.example.net/"
	d := newDispatcher(t, board(h), failing(func(*http.Request) error { t.Error("request sent"); return io.EOF }))
	if _, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil); webpubsub.CodeOf(err) != webpubsub.Internal || err == nil {
		t.Errorf("%v, want Internal", err)
	}
}

func TestUserEvent_userIDWithLineBreak_failsAtOnce(t *testing.T) {
	d := newDispatcher(t, board(everything), transport{consenting(func(http.ResponseWriter, *http.Request) { t.Error("event sent") })})
	s := ann
	s.UserID = "ann\r\nX-Evil: 1"
	if _, err := d.UserEvent(t.Context(), s, "draw", webpubsub.Data{}, nil); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("%v, want an error", err)
	}
}

func FuzzDecodeUser(f *testing.F) {
	f.Add("application/json", `{"a":1}`)
	f.Add("text/plain; charset=utf-8", "hi")
	f.Add("", "\xff")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		r, err := decodeUser(answer{header: http.Header{"Content-Type": {contentType}}, body: []byte(body)})
		if err == nil && (r.Data != nil) != (body != "") {
			t.Errorf("body %q gives %v", body, r.Data)
		}
	})
}
