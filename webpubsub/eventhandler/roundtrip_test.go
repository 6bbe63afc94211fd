package eventhandler_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/internal/upstream"
)

// settings is a store that only reads.
type settings webpubsub.Settings

func (s settings) Settings() webpubsub.Settings                                 { return webpubsub.Settings(s) }
func (settings) SetKeys(context.Context, webpubsub.Keys) error                  { panic("read only") }
func (settings) SetHub(context.Context, webpubsub.HubName, webpubsub.Hub) error { panic("read only") }
func (settings) DeleteHub(context.Context, webpubsub.HubName) error             { panic("read only") }

// inMemory is an http.RoundTripper that calls a handler.
type inMemory struct{ http.Handler }

func (t inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	t.ServeHTTP(w, r)
	return w.Result(), nil
}

// join connects a service's dispatcher to an app.
func join(t *testing.T, app eventhandler.Options) *upstream.Dispatcher {
	t.Helper()
	app.Hub, app.AccessKeys, app.AllowedOrigins = "board", []string{"second"}, []string{"wps.example.net"}
	h, err := eventhandler.New(app)
	if err != nil {
		t.Fatal(err)
	}
	d := upstream.New(upstream.Options{
		Settings: settings{
			Keys: webpubsub.Keys{Primary: "first", Secondary: "second"},
			Hubs: map[webpubsub.HubName]webpubsub.Hub{"board": {EventHandlers: []webpubsub.EventHandler{{
				URLTemplate: "http://app.example.net/{event}", UserEventPattern: "*", SystemEvents: []string{"connect", "connected", "disconnected"},
				GroupPresence: webpubsub.GroupPresence{EventNames: []string{"joined", "left"}, GroupFilters: []string{"room.*"}},
			}}}},
		},
		Transport: inMemory{h},
		Origin:    "wps.example.net",
	})
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

func same(c eventhandler.Connection, s upstream.Source) bool {
	return reflect.DeepEqual(c, eventhandler.Connection{
		Hub: s.Hub, ConnectionID: s.ConnectionID, UserID: s.UserID, Subprotocol: s.Subprotocol, State: s.State, EventID: s.EventID,
	})
}

func TestRoundTrip_connect(t *testing.T) {
	source := upstream.Source{Hub: "board", ConnectionID: "c1", UserID: "Änn"}
	request := upstream.ConnectRequest{
		Claims: map[string][]string{"sub": {"Änn"}}, Query: map[string][]string{"a": {"1", "2"}},
		Headers: map[string][]string{"Origin": {"https://app.example.net"}}, Subprotocols: []string{"json.webpubsub.azure.v1"},
	}
	state, nobody := "e30=", ""
	for name, c := range map[string]struct {
		app    *eventhandler.ConnectResponse
		err    error
		want   *upstream.ConnectResponse
		status int
	}{
		"nothing":  {nil, nil, &upstream.ConnectResponse{}, 0},
		"empty":    {&eventhandler.ConnectResponse{Groups: []string{}}, nil, &upstream.ConnectResponse{}, 0},
		"no roles": {&eventhandler.ConnectResponse{UserID: &nobody, Roles: []string{}}, nil, &upstream.ConnectResponse{UserID: &nobody, Roles: &[]string{}}, 0},
		"all": {&eventhandler.ConnectResponse{UserID: &state, Groups: []string{"g"}, Roles: []string{"r"}, Subprotocol: "json.webpubsub.azure.v1", State: &state}, nil,
			&upstream.ConnectResponse{UserID: &state, Groups: &[]string{"g"}, Roles: &[]string{"r"}, Subprotocol: "json.webpubsub.azure.v1", State: &state}, 0},
		"unauthorized": {nil, webpubsub.Errorf(webpubsub.Unauthorized, "no"), nil, 401},
		"forbidden":    {nil, webpubsub.Errorf(webpubsub.Forbidden, "no"), nil, 403},
		"bad group":    {&eventhandler.ConnectResponse{Groups: []string{" "}}, nil, nil, 500},
	} {
		d := join(t, eventhandler.Options{Connect: func(_ context.Context, r *eventhandler.ConnectRequest) (*eventhandler.ConnectResponse, error) {
			if !same(r.Connection, source) || !reflect.DeepEqual(upstream.ConnectRequest{Claims: r.Claims, Query: r.Query, Headers: r.Headers, Subprotocols: r.Subprotocols}, request) {
				t.Errorf("%s: the app sees %+v", name, r)
			}
			return c.app, c.err
		}})
		got, err := d.Connect(t.Context(), source, request)
		status := 0
		if e, ok := errors.AsType[*upstream.StatusError](err); ok {
			status = e.Status
		}
		if status != c.status || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestRoundTrip_notifications(t *testing.T) {
	connected, gone := make(chan *eventhandler.ConnectedEvent, 1), make(chan *eventhandler.DisconnectedEvent, 1)
	d := join(t, eventhandler.Options{
		Connected:    func(_ context.Context, e *eventhandler.ConnectedEvent) { connected <- e },
		Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { gone <- e },
	})
	state := ""
	source := upstream.Source{Hub: "board", ConnectionID: "c1", Subprotocol: "json.webpubsub.azure.v1", State: &state, EventID: 1}
	d.Connected(source)
	if e := <-connected; !same(e.Connection, source) {
		t.Errorf("connected %+v", e)
	}
	source.EventID = 1 << 63
	d.Disconnected(source, "Zeit ist um")
	if e := <-gone; !same(e.Connection, source) || e.Reason != "Zeit ist um" {
		t.Errorf("disconnected %+v", e)
	}
}

func TestRoundTrip_groupPresence_onlyOfGroupsThatMatch(t *testing.T) {
	told := make(chan string, 10)
	d := join(t, eventhandler.Options{
		GroupJoined: func(_ context.Context, e *eventhandler.GroupEvent) { told <- fmt.Sprint("joined ", e.Group, e.EventID) },
		GroupLeft:   func(_ context.Context, e *eventhandler.GroupEvent) { told <- fmt.Sprint("left ", e.Group, e.EventID) },
	})
	at := func(id uint64) upstream.Source {
		return upstream.Source{Hub: "board", ConnectionID: "c1", EventID: id}
	}
	d.GroupJoined(at(2), "room.a")
	d.GroupJoined(at(3), "other")
	d.GroupLeft(at(4), "room.a")
	if got := []string{<-told, <-told}; !reflect.DeepEqual(got, []string{"joined room.a2", "left room.a4"}) {
		t.Errorf("told %q", got)
	}
	if !d.WantsPresence("board", "room.a") || d.WantsPresence("board", "other") || d.WantsPresence("nowhere", "room.a") {
		t.Error("it is not known which groups are wanted")
	}
}

func TestRoundTrip_metadata(t *testing.T) {
	for name, c := range map[string]struct {
		app  eventhandler.UserResponse
		want upstream.UserResponse
	}{
		"with data":   {eventhandler.UserResponse{Data: text("hi"), Metadata: webpubsub.Metadata{"Trace": "t 1"}}, upstream.UserResponse{Data: text("hi"), Metadata: webpubsub.Metadata{"trace": "t 1"}}},
		"alone":       {eventhandler.UserResponse{Metadata: webpubsub.Metadata{"a": ""}}, upstream.UserResponse{Data: text(""), Metadata: webpubsub.Metadata{"a": ""}}},
		"empty bytes": {eventhandler.UserResponse{Data: &webpubsub.Data{Type: webpubsub.Binary}, Metadata: webpubsub.Metadata{"a": "b"}}, upstream.UserResponse{Data: &webpubsub.Data{Type: webpubsub.Binary}, Metadata: webpubsub.Metadata{"a": "b"}}},
		"neither":     {eventhandler.UserResponse{Data: text("")}, upstream.UserResponse{}},
	} {
		var sees webpubsub.Metadata
		d := join(t, eventhandler.Options{UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			sees = e.Metadata
			return &c.app, nil
		}})
		got, err := d.UserEvent(t.Context(), upstream.Source{Hub: "board", ConnectionID: "c1"}, "draw", *text("x"), webpubsub.Metadata{"Topic": "a b"})
		if err != nil || fmt.Sprint(sees) != "map[topic:a b]" {
			t.Errorf("%s: %v; the app sees %v", name, err, sees)
			continue
		}
		if !reflect.DeepEqual(got.Metadata, c.want.Metadata) || !sameData(got.Data, c.want.Data) {
			t.Errorf("%s: %+v %+v", name, got, got.Data)
		}
	}
}

func text(s string) *webpubsub.Data { return &webpubsub.Data{Type: webpubsub.Text, Bytes: []byte(s)} }

func sameData(a, b *webpubsub.Data) bool {
	return a == b || a != nil && b != nil && a.Type == b.Type && string(a.Bytes) == string(b.Bytes)
}

func TestRoundTrip_userEventsOfAllKinds_comeBackAsTheyWere(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var sees *eventhandler.UserEvent
	d := join(t, eventhandler.Options{UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
		sees = e
		return &eventhandler.UserResponse{Data: &e.Data, State: e.State}, nil
	}})
	for range 300 {
		source := upstream.Source{Hub: "board", ConnectionID: webpubsub.ConnectionID(fmt.Sprintf("%x", random.Uint64())), EventID: random.Uint64()}
		if random.IntN(2) == 0 {
			s := fmt.Sprint(random.Uint32())
			source.State, source.UserID = &s, webpubsub.UserID("user "+s)
		}
		data := randomData(random)
		got, err := d.UserEvent(t.Context(), source, "draw", data, nil)
		if err != nil {
			t.Fatalf("%v %q: %v", data.Type, data.Bytes, err)
		}
		if sees.Name != "draw" || !same(sees.Connection, source) || !reflect.DeepEqual(sees.Data, data) {
			t.Fatalf("sent %+v from %+v; the app sees %+v", data, source, sees)
		}
		if !reflect.DeepEqual(got, &upstream.UserResponse{Data: &data, State: source.State}) {
			t.Fatalf("sent %+v, back came %+v", data, got)
		}
	}
}

// randomData is never empty: an empty answer is none.
func randomData(random *rand.Rand) webpubsub.Data {
	raw := make([]byte, 1+random.IntN(64))
	for i := range raw {
		raw[i] = byte(random.Uint32())
	}
	switch kind := webpubsub.DataType(random.IntN(4)); kind {
	case webpubsub.JSON:
		return webpubsub.Data{Type: kind, Bytes: fmt.Appendf(nil, `{"x": %d}`, random.Uint32())}
	case webpubsub.Text:
		return webpubsub.Data{Type: kind, Bytes: fmt.Appendf(nil, "Größe %x", raw)}
	case webpubsub.Protobuf: // an Any that has a value
		return webpubsub.Data{Type: kind, Bytes: append([]byte{0x12, byte(len(raw))}, raw...)}
	default:
		return webpubsub.Data{Type: kind, Bytes: raw}
	}
}
