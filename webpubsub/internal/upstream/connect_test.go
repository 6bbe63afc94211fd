package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

func TestConnect_request_isACloudEvent(t *testing.T) {
	app := &recorder{next: consenting(func(w http.ResponseWriter, r *http.Request) {})}
	srv := httptest.NewServer(app)
	defer srv.Close()
	h := everything
	h.URLTemplate = srv.URL + "/ev/{hub}/{event}"
	d := newDispatcher(t, board(h), nil)
	_, err := d.Connect(t.Context(), ann, ConnectRequest{
		Claims:       map[string][]string{"sub": {"ann"}},
		Query:        map[string][]string{"tag": {"a", "b"}, "Access_Token": {"secret"}},
		Headers:      map[string][]string{"Origin": {"https://app.example.net"}, "authorization": {"Bearer secret"}},
		Subprotocols: []string{"json.webpubsub.azure.v1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	requests := app.all()
	if len(requests) != 2 {
		t.Fatalf("%d requests, want OPTIONS and POST", len(requests))
	}
	checkValidation(t, requests[0])
	checkConnect(t, requests[1])
}

func checkValidation(t *testing.T, r seen) {
	t.Helper()
	if r.method != "OPTIONS" || r.url != "/ev/board/validate" {
		t.Errorf("first request is %s %s", r.method, r.url)
	}
	if r.header.Get("WebHook-Request-Origin") != "wps.example.net" || r.header.Get("ce-awpsversion") != "1.0" {
		t.Errorf("validation headers %v", r.header)
	}
	for _, name := range []string{"ce-signature", "ce-connectionId", "Authorization", "Cookie"} {
		if r.header.Get(name) != "" {
			t.Errorf("validation carries %s", name)
		}
	}
}

func checkConnect(t *testing.T, r seen) {
	t.Helper()
	if r.method != "POST" || r.url != "/ev/board/connect" {
		t.Errorf("second request is %s %s", r.method, r.url)
	}
	for name, want := range map[string]string{
		"Content-Type":           "application/json; charset=utf-8",
		"WebHook-Request-Origin": "wps.example.net",
		"ce-specversion":         "1.0",
		"ce-awpsversion":         "1.0",
		"ce-type":                "azure.webpubsub.sys.connect",
		"ce-source":              "/hubs/board/client/0f8fad5bd9cb469fa16570867728950e",
		"ce-id":                  "0",
		"ce-connectionId":        "0f8fad5bd9cb469fa16570867728950e",
		"ce-hub":                 "board",
		"ce-eventName":           "connect",
		"ce-userId":              "ann",
		"ce-signature":           "sha256=fff1c49b1d0046383cda66f107ae961a0e38a95b6169b25799df973a837e74d6,sha256=212b211b79e919faa46b97d32b3da5e2105cdc63082998442bef152d532f7dd6",
	} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, pattern := range map[string]string{
		"ce-time":                `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`,
		"x-ms-client-request-id": `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
	} {
		if got := r.header.Get(name); !regexp.MustCompile(pattern).MatchString(got) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, name := range []string{"ce-subprotocol", "ce-connectionState"} {
		if _, ok := r.header[http.CanonicalHeaderKey(name)]; ok {
			t.Errorf("connect carries %s", name)
		}
	}
	if r.length != int64(len(r.body)) {
		t.Errorf("Content-Length %d, body of %d", r.length, len(r.body))
	}
	want := `{"claims":{"sub":["ann"]},"query":{"tag":["a","b"]},"headers":{"Origin":["https://app.example.net"]},"subprotocols":["json.webpubsub.azure.v1"],"clientCertificates":[]}`
	if r.body != want {
		t.Errorf("body\n got %s\nwant %s", r.body, want)
	}
}

func TestConnect_bareRequest_hasEmptyObjectsNotNull(t *testing.T) {
	body, err := encodeConnect(ConnectRequest{})
	if err != nil || string(body) != `{"claims":{},"query":{},"headers":{},"subprotocols":[],"clientCertificates":[]}` {
		t.Errorf("%s, %v", body, err)
	}
}

func TestConnect_noHandler_isAccepted(t *testing.T) {
	h := everything
	h.SystemEvents = []string{"connected"}
	d := newDispatcher(t, board(h), failing(func(*http.Request) error { t.Error("request sent"); return io.EOF }))
	for _, hub := range []webpubsub.HubName{"board", "unheard-of"} {
		s := ann
		s.Hub = hub
		if r, err := d.Connect(t.Context(), s, ConnectRequest{}); r != nil || err != nil {
			t.Errorf("hub %s: %v, %v", hub, r, err)
		}
	}
}

func TestConnect_answers(t *testing.T) {
	long := strings.Repeat("g", webpubsub.MaxGroupName+1)
	for name, c := range map[string]struct {
		body string
		want *ConnectResponse // nil is refused with 500
	}{
		"empty":                  {"", &ConnectResponse{}},
		"blank":                  {" \n", &ConnectResponse{}},
		"null":                   {"null", &ConnectResponse{}},
		"empty object":           {"{}", &ConnectResponse{}},
		"nulls":                  {`{"userId":null,"groups":null,"roles":null,"subprotocol":null}`, &ConnectResponse{}},
		"empties":                {`{"userId":"","groups":[],"roles":[],"subprotocol":""}`, &ConnectResponse{UserID: ptr(""), Roles: &[]string{}}},
		"values":                 {`{"userId":"bob","groups":["g"],"roles":["r","s"],"subprotocol":"custom"}`, &ConnectResponse{UserID: ptr("bob"), Groups: &[]string{"g"}, Roles: &[]string{"r", "s"}, Subprotocol: "Custom"}},
		"any case, unknown name": {`{"USERID":"bob","subprotocols":["x"],"other":1}`, &ConnectResponse{UserID: ptr("bob")}},
		"not JSON":               {"<html>", nil},
		"a list":                 {"[]", nil},
		"a string":               {`"ok"`, nil},
		"two values":             {"{}{}", nil},
		"null group":             {`{"groups":[null]}`, nil},
		"blank group":            {`{"groups":["g"," "]}`, nil},
		"long group":             {`{"groups":["` + long + `"]}`, nil},
		"null role":              {`{"roles":["r",null]}`, nil},
		"groups a string":        {`{"groups":"g"}`, nil},
		"user a number":          {`{"userId":7}`, nil},
		"user with control":      {`{"userId":"a\nb"}`, nil},
		"foreign subprotocol":    {`{"subprotocol":"mqtt"}`, nil},
		"too large":              {`{"userId":"` + strings.Repeat("u", webpubsub.MaxHandlerResponseBytes) + `"}`, nil},
	} {
		app := consenting(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, c.body) })
		d := newDispatcher(t, board(everything), transport{app})
		got, err := d.Connect(t.Context(), ann, ConnectRequest{Subprotocols: []string{"json.webpubsub.azure.v1", "Custom"}})
		if c.want == nil {
			if e, ok := errors.AsType[*StatusError](err); !ok || e.Status != 500 {
				t.Errorf("%s: %+v, %v; want status 500", name, got, err)
			}
		} else if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func TestConnect_stateHeader_lastOneCountsEvenEmpty(t *testing.T) {
	for name, c := range map[string]struct {
		values []string
		want   *string
	}{
		"none":  {nil, nil},
		"one":   {[]string{"e30="}, ptr("e30=")},
		"two":   {[]string{"a", "b"}, ptr("b")},
		"empty": {[]string{"a", ""}, ptr("")},
	} {
		app := consenting(func(w http.ResponseWriter, r *http.Request) { w.Header()["Ce-Connectionstate"] = c.values })
		d := newDispatcher(t, board(everything), transport{app})
		got, err := d.Connect(t.Context(), ann, ConnectRequest{})
		if err != nil || !reflect.DeepEqual(got.State, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestConnect_refused_givesClientsStatus(t *testing.T) {
	for status, want := range map[int]int{
		400: 400, 401: 401, 403: 403, 404: 404, 429: 429, 418: 418,
		302: 500, 304: 500, 600: 500,
	} {
		app := consenting(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://elsewhere.example.net/")
			w.WriteHeader(status)
		})
		d := newDispatcher(t, board(everything), transport{app})
		_, err := d.Connect(t.Context(), ann, ConnectRequest{})
		if e, ok := errors.AsType[*StatusError](err); !ok || e.Status != want {
			t.Errorf("handler answers %d: %v, want %d", status, err, want)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("error %q holds the handler's code", err)
		}
	}
}

func TestConnect_afterClose_isUnavailable(t *testing.T) {
	d := New(Options{Settings: board(everything), Transport: failing(func(*http.Request) error { return io.EOF })})
	if err := d.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	_, err := d.Connect(t.Context(), ann, ConnectRequest{})
	if e, ok := errors.AsType[*StatusError](err); !ok || e.Status != 503 {
		t.Errorf("%v, want status 503", err)
	}
}

func TestConnect_userIDBeyondASCII_travelsAsUTF8(t *testing.T) {
	app := &recorder{next: consenting(func(http.ResponseWriter, *http.Request) {})}
	srv := httptest.NewServer(app)
	defer srv.Close()
	h := everything
	h.URLTemplate = srv.URL
	d := newDispatcher(t, board(h), nil)
	s := ann
	s.UserID = "Änn 🎨"
	if _, err := d.Connect(t.Context(), s, ConnectRequest{}); err != nil {
		t.Fatal(err)
	}
	if got := app.all()[1].header.Get("ce-userId"); got != "Änn 🎨" {
		t.Errorf("ce-userId %q", got)
	}
}

func FuzzDecodeConnect(f *testing.F) {
	f.Add(`{"userId":"bob","groups":["g"],"roles":["r"],"subprotocol":"custom"}`)
	f.Add(`null`)
	f.Add(`{"groups":[null],"roles":[]}`)
	f.Fuzz(func(t *testing.T, body string) {
		c, err := decodeConnect(answer{body: []byte(body)}, []string{"custom"})
		if err != nil {
			return
		}
		if c.Groups != nil && len(*c.Groups) == 0 {
			t.Errorf("%q gives an empty list of groups", body)
		}
		if c.Subprotocol != "" && c.Subprotocol != "custom" {
			t.Errorf("%q chooses %q", body, c.Subprotocol)
		}
		if len(strings.TrimSpace(body)) > 0 && !json.Valid([]byte(body)) {
			t.Errorf("%q is taken for JSON", body)
		}
	})
}
