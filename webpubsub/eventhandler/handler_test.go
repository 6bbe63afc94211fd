package eventhandler

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

const (
	primary   = "primary-key-0123456789-abcdefghij"
	secondary = "secondary-key-0123456789-abcdefgh"
	connID    = "0f8fad5bd9cb469fa16570867728950e"
	// byPrimary and bySecondary sign connID.
	byPrimary   = "sha256=fff1c49b1d0046383cda66f107ae961a0e38a95b6169b25799df973a837e74d6"
	bySecondary = "sha256=212b211b79e919faa46b97d32b3da5e2105cdc63082998442bef152d532f7dd6"
)

// drawEvent is a good user event, with headers replaced, or removed where "".
func drawEvent(body string, changed map[string]string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/eventhandler", strings.NewReader(body))
	for name, value := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "WebHook-Request-Origin": "wps.example.net",
		"ce-specversion": "1.0", "ce-awpsversion": "1.0", "ce-type": "azure.webpubsub.user.draw",
		"ce-source": "/hubs/board/client/" + connID, "ce-id": "2", "ce-time": "2026-09-01T08:00:00Z",
		"ce-signature": byPrimary + "," + bySecondary, "ce-connectionId": connID, "ce-hub": "board",
		"ce-eventName": "draw", "ce-userId": "ann",
	} {
		r.Header.Set(name, value)
	}
	for name, value := range changed {
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	return r
}

// connectOf turns a request into a connect event.
func connectOf(body string) *http.Request {
	return drawEvent(body, map[string]string{"ce-type": "azure.webpubsub.sys.connect", "ce-id": "0", "Content-Type": "application/json"})
}

func serve(t *testing.T, o Options, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	if o.Hub == "" {
		o.Hub = "board"
	}
	if o.AccessKeys == nil && !o.InsecureSkipSignature {
		o.AccessKeys = []string{primary}
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func ptr[T any](v T) *T { return &v }

func TestNew_missingOptions_isABadRequest(t *testing.T) {
	for name, o := range map[string]Options{
		"no hub":     {AccessKeys: []string{primary}},
		"wrong hub":  {Hub: "1", AccessKeys: []string{primary}},
		"no keys":    {Hub: "board"},
		"empty keys": {Hub: "board", AccessKeys: []string{"", ""}},
	} {
		if h, err := New(o); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%s: %v, %v", name, h, err)
		}
	}
}

func TestValidation_answersALineForEachOrigin(t *testing.T) {
	for _, method := range []string{http.MethodOptions, http.MethodGet} {
		for _, c := range []struct{ allowed, want []string }{
			{nil, []string{"*"}},
			{[]string{"wps.example.net", "localhost"}, []string{"wps.example.net", "localhost"}},
		} {
			r := httptest.NewRequest(method, "/", nil)
			r.Header.Set("WebHook-Request-Origin", "wps.example.net")
			w := serve(t, Options{AllowedOrigins: c.allowed}, r)
			if got := w.Header().Values("WebHook-Allowed-Origin"); w.Code != 200 || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: %d %q, want %q", method, w.Code, got, c.want)
			}
		}
	}
}

func TestValidation_withoutOrigin_isRefused(t *testing.T) {
	w := serve(t, Options{}, httptest.NewRequest(http.MethodOptions, "/", nil))
	if w.Code != 400 || w.Header().Get("WebHook-Allowed-Origin") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestOtherMethods_areNotAllowed(t *testing.T) {
	w := serve(t, Options{}, httptest.NewRequest(http.MethodPut, "/", nil))
	if w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestUserEvent_wholeRequest_reachesTheApp(t *testing.T) {
	var got *UserEvent
	o := Options{UserEvent: func(_ context.Context, e *UserEvent) (*UserResponse, error) {
		got = e
		return &UserResponse{Data: &webpubsub.Data{Type: webpubsub.JSON, Bytes: []byte(`{"ok":true}`)}, State: ptr("e30=")}, nil
	}}
	w := serve(t, o, drawEvent("hi", map[string]string{"ce-subprotocol": "json.webpubsub.azure.v1", "ce-connectionState": "old"}))
	want := &UserEvent{
		Connection: Connection{Hub: "board", ConnectionID: connID, UserID: "ann", Subprotocol: "json.webpubsub.azure.v1", State: ptr("old"), EventID: 2},
		Name:       "draw",
		Data:       webpubsub.Data{Type: webpubsub.Text, Bytes: []byte("hi")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("event\n got %+v\nwant %+v", got, want)
	}
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json; charset=utf-8" || w.Header().Get("ce-connectionState") != "e30=" ||
		w.Header().Get("Content-Length") != "11" || w.Body.String() != `{"ok":true}` {
		t.Errorf("answer %d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestEvent_refused(t *testing.T) {
	for name, c := range map[string]struct {
		changed map[string]string
		body    string
		want    int
	}{
		"good":                   {nil, "hi", 200},
		"hub in other case":      {map[string]string{"ce-hub": "BOARD"}, "hi", 200},
		"older source":           {map[string]string{"ce-source": "/client/" + connID}, "hi", 200},
		"ids only in the source": {map[string]string{"ce-connectionId": "", "ce-hub": ""}, "hi", 200},
		"no source":              {map[string]string{"ce-source": ""}, "hi", 200},
		"one signature":          {map[string]string{"ce-signature": byPrimary}, "hi", 200},
		"signature of other key": {map[string]string{"ce-signature": bySecondary}, "hi", 401},
		"no signature":           {map[string]string{"ce-signature": ""}, "hi", 401},
		"of other connection":    {map[string]string{"ce-connectionId": "x", "ce-source": "/client/x"}, "hi", 401},
		"other hub":              {map[string]string{"ce-hub": "other", "ce-source": "/hubs/other/client/" + connID}, "hi", 404},
		"hub no name":            {map[string]string{"ce-hub": "1", "ce-source": ""}, "hi", 400},
		"no hub":                 {map[string]string{"ce-hub": "", "ce-source": ""}, "hi", 400},
		"no connection":          {map[string]string{"ce-connectionId": "", "ce-source": ""}, "hi", 400},
		"source disagrees":       {map[string]string{"ce-source": "/hubs/board/client/other"}, "hi", 400},
		"source of other hub":    {map[string]string{"ce-source": "/hubs/other/client/" + connID}, "hi", 400},
		"strange source":         {map[string]string{"ce-source": "/groups/x/client/" + connID}, "hi", 400},
		"source no client":       {map[string]string{"ce-source": "/hubs/board"}, "hi", 400},
		"no version":             {map[string]string{"ce-specversion": ""}, "hi", 400},
		"other version":          {map[string]string{"ce-specversion": "2.0"}, "hi", 400},
		"no type":                {map[string]string{"ce-type": ""}, "hi", 400},
		"unknown type":           {map[string]string{"ce-type": "azure.webpubsub.sys.resumed"}, "hi", 400},
		"user event no name":     {map[string]string{"ce-type": "azure.webpubsub.user."}, "hi", 400},
		"no id":                  {map[string]string{"ce-id": ""}, "hi", 400},
		"negative id":            {map[string]string{"ce-id": "-1"}, "hi", 400},
		"type of data":           {map[string]string{"Content-Type": "text/html"}, "hi", 415},
		"not JSON":               {map[string]string{"Content-Type": "application/json"}, "{", 400},
		"connect not JSON":       {map[string]string{"ce-type": "azure.webpubsub.sys.connect"}, "hi", 400},
		"disconnect not JSON":    {map[string]string{"ce-type": "azure.webpubsub.sys.disconnected"}, "", 400},
		"as large as allowed":    {nil, strings.Repeat("x", webpubsub.MaxMessageBytes), 200},
		"too large":              {nil, strings.Repeat("x", webpubsub.MaxMessageBytes+1), 413},
	} {
		called := false
		o := Options{
			Connect: func(context.Context, *ConnectRequest) (*ConnectResponse, error) { called = true; return nil, nil },
			UserEvent: func(_ context.Context, e *UserEvent) (*UserResponse, error) {
				called = true
				return nil, nil
			},
		}
		w := serve(t, o, drawEvent(c.body, c.changed))
		if w.Code != c.want || called != (c.want == 200) {
			t.Errorf("%s: %d, app called %v; want %d (%s)", name, w.Code, called, c.want, w.Body)
		}
		var said struct{ Code, Message string }
		if err := json.Unmarshal(w.Body.Bytes(), &said); c.want != 200 && (err != nil || said.Message == "" || said.Code == "") {
			t.Errorf("%s: the answer is %s", name, w.Body)
		}
	}
}

func TestEvent_signatureSkipped_isTakenFromAnyone(t *testing.T) {
	w := serve(t, Options{InsecureSkipSignature: true}, drawEvent("hi", map[string]string{"ce-signature": ""}))
	if w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEvent_twoKeys_takesEither(t *testing.T) {
	for _, signature := range []string{byPrimary, bySecondary} {
		w := serve(t, Options{AccessKeys: []string{secondary, primary}}, drawEvent("hi", map[string]string{"ce-signature": signature}))
		if w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

func TestConnect_body_reachesTheApp(t *testing.T) {
	var got *ConnectRequest
	o := Options{Connect: func(_ context.Context, r *ConnectRequest) (*ConnectResponse, error) { got = r; return nil, nil }}
	w := serve(t, o, connectOf(`{"claims":{"sub":["ann"]},"query":{"tag":["a","b"]},"headers":{"Host":["h"]},
		"subprotocols":["custom"],"clientCertificates":[{"thumbprint":"ab","content":"PEM"}],"mqtt":{}}`))
	want := &ConnectRequest{
		Connection: Connection{Hub: "board", ConnectionID: connID, UserID: "ann"},
		Claims:     map[string][]string{"sub": {"ann"}}, Query: map[string][]string{"tag": {"a", "b"}},
		Headers: map[string][]string{"Host": {"h"}}, Subprotocols: []string{"custom"},
		ClientCertificates: []Certificate{{Thumbprint: "ab", Content: "PEM"}},
	}
	if w.Code != 200 || w.Body.Len() != 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d %s\n got %+v\nwant %+v", w.Code, w.Body, got, want)
	}
}

func TestConnect_responses(t *testing.T) {
	for _, c := range []struct {
		resp *ConnectResponse
		want string
	}{
		{nil, ""},
		{&ConnectResponse{}, "{}"},
		{&ConnectResponse{UserID: ptr(""), Groups: []string{}, Roles: []string{}}, `{"userId":"","roles":[]}`},
		{&ConnectResponse{UserID: ptr("bob"), Groups: []string{"g"}, Roles: []string{"r"}, Subprotocol: "custom"}, `{"userId":"bob","groups":["g"],"roles":["r"],"subprotocol":"custom"}`},
	} {
		o := Options{Connect: func(context.Context, *ConnectRequest) (*ConnectResponse, error) { return c.resp, nil }}
		if w := serve(t, o, connectOf("{}")); w.Code != 200 || w.Body.String() != c.want {
			t.Errorf("%d %s, want %s", w.Code, w.Body, c.want)
		}
	}
}

func TestApp_errors_becomeStatuses(t *testing.T) {
	for err, want := range map[error]int{
		webpubsub.Errorf(webpubsub.BadRequest, "shown"):                                     400,
		webpubsub.Errorf(webpubsub.Unauthorized, "shown"):                                   401,
		webpubsub.Errorf(webpubsub.Forbidden, "shown"):                                      403,
		webpubsub.Errorf(webpubsub.Unavailable, "shown"):                                    503,
		webpubsub.Errorf(webpubsub.Internal, "shown"):                                       500,
		errors.New("hidden"):                                                                500,
		&webpubsub.Error{Code: webpubsub.NotFound, Msg: "shown", Err: errors.New("hidden")}: 404,
	} {
		var log bytes.Buffer
		o := Options{
			Connect:   func(context.Context, *ConnectRequest) (*ConnectResponse, error) { return nil, err },
			UserEvent: func(context.Context, *UserEvent) (*UserResponse, error) { return nil, err },
			Logger:    slog.New(slog.NewTextHandler(&log, nil)),
		}
		for _, r := range []*http.Request{connectOf("{}"), drawEvent("hi", nil)} {
			w := serve(t, o, r)
			if w.Code != want || strings.Contains(w.Body.String(), "hidden") {
				t.Errorf("%v: %d %s, want %d", err, w.Code, w.Body, want)
			}
		}
		if !strings.Contains(log.String(), err.Error()) {
			t.Errorf("log lacks %q: %s", err, &log)
		}
	}
}

func TestApp_stateThatNoHeaderCarries_is500(t *testing.T) {
	o := Options{UserEvent: func(context.Context, *UserEvent) (*UserResponse, error) {
		return &UserResponse{State: ptr("a\nb")}, nil
	}}
	if w := serve(t, o, drawEvent("hi", nil)); w.Code != 500 || w.Header().Get("ce-connectionState") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestApp_metadataThatNoHeaderCarries_is500(t *testing.T) {
	for name, m := range map[string]webpubsub.Metadata{
		"line break": {"k": "a\nb"}, "comma": {"k": "a,b"}, "blank": {"k": " a"}, "key": {"k k": "a"}, "long": {"k": strings.Repeat("v", webpubsub.MaxMetadataValue+1)},
	} {
		o := Options{UserEvent: func(context.Context, *UserEvent) (*UserResponse, error) { return &UserResponse{Metadata: m}, nil }}
		if w := serve(t, o, drawEvent("hi", nil)); w.Code != 500 {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
}

func TestUserEvent_metadataOverTheLimit_is400(t *testing.T) {
	w := serve(t, Options{}, drawEvent("hi", map[string]string{"x-webpubsub-metadata-k": strings.Repeat("v", webpubsub.MaxMetadataValue+1)}))
	if w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestGroupEvents_reachTheApp(t *testing.T) {
	var got []string
	tell := func(what string) func(context.Context, *GroupEvent) {
		return func(_ context.Context, e *GroupEvent) {
			got = append(got, what+" "+string(e.Group)+" "+string(e.UserID))
		}
	}
	o := Options{GroupJoined: tell("joined"), GroupLeft: tell("left")}
	for kind, body := range map[string]string{"joined": `{"group":"room-7"}`, "left": `{"group":"room-8"}`} {
		if w := serve(t, o, drawEvent(body, map[string]string{"ce-type": "azure.webpubsub.gp." + kind})); w.Code != 200 {
			t.Errorf("%s: %d", kind, w.Code)
		}
	}
	slices.Sort(got)
	if !reflect.DeepEqual(got, []string{"joined room-7 ann", "left room-8 ann"}) {
		t.Errorf("got %q", got)
	}
	for _, bad := range []string{"", "{}", `{"group":" "}`} {
		if w := serve(t, o, drawEvent(bad, map[string]string{"ce-type": "azure.webpubsub.gp.joined"})); w.Code != 400 {
			t.Errorf("%q: %d", bad, w.Code)
		}
	}
}

func TestApp_withoutFunctions_acceptsEverything(t *testing.T) {
	for _, kind := range []string{"sys.connect", "sys.connected", "sys.disconnected", "gp.joined", "gp.left", "user.draw"} {
		w := serve(t, Options{}, drawEvent(`{"group":"g"}`, map[string]string{"ce-type": "azure.webpubsub." + kind}))
		if w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
}

// FuzzServeHTTP also checks that what reaches the app was signed and is in order.
func FuzzServeHTTP(f *testing.F) {
	source := "/hubs/board/client/" + connID
	f.Add("azure.webpubsub.sys.connect", source, connID, "board", "0", byPrimary, "application/json", `{"claims":{"sub":["ann"]},"subprotocols":["x"]}`)
	f.Add("azure.webpubsub.sys.disconnected", source, connID, "board", "9", byPrimary+","+bySecondary, "application/json", `{"reason":"bye"}`)
	f.Add("azure.webpubsub.user.draw", "/client/"+connID, "", "Board", "2", byPrimary, "text/plain", "hi")
	f.Add("azure.webpubsub.gp.joined", source, connID, "board", "3", byPrimary, "application/json", `{"group":"room-7"}`)
	f.Add("azure.webpubsub.gp.left", source, connID, "board", "4", bySecondary, "application/json", `{"group":" "}`)
	f.Add("azure.webpubsub.user.draw", source, connID, "", "18446744073709551616", "sha256=", "", "\xff")
	f.Fuzz(func(t *testing.T, ceType, source, id, hub, count, signature, contentType, body string) {
		check := func(c Connection) {
			if c.Hub != "board" || c.ConnectionID != connID {
				t.Errorf("%+v reached the app", c)
			}
		}
		h, err := New(Options{
			Hub: "board", AccessKeys: []string{primary},
			Connect: func(_ context.Context, r *ConnectRequest) (*ConnectResponse, error) {
				check(r.Connection)
				return nil, nil
			},
			Connected:    func(_ context.Context, e *ConnectedEvent) { check(e.Connection) },
			Disconnected: func(_ context.Context, e *DisconnectedEvent) { check(e.Connection) },
			GroupJoined:  func(_ context.Context, e *GroupEvent) { check(e.Connection) },
			GroupLeft:    func(_ context.Context, e *GroupEvent) { check(e.Connection) },
			UserEvent:    func(_ context.Context, e *UserEvent) (*UserResponse, error) { check(e.Connection); return nil, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header = http.Header{"Ce-Specversion": {"1.0"}, "Ce-Type": {ceType}, "Ce-Source": {source}, "Ce-Connectionid": {id},
			"Ce-Hub": {hub}, "Ce-Id": {count}, "Ce-Signature": {signature}, "Content-Type": {contentType}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch w.Code {
		case 200, 400, 401, 404, 413, 415:
		default:
			t.Errorf("status %d", w.Code)
		}
	})
}
