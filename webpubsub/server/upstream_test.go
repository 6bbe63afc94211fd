package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/easelhq/easel/internal/porttest"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

// changeHub changes the settings of hub board.
func (f *fixture) changeHub(change func(*webpubsub.Hub)) {
	f.t.Helper()
	h := f.settings.Settings().Hubs["board"]
	h.EventHandlers = slices.Clone(h.EventHandlers)
	change(&h)
	check(f.t, f.settings.SetHub(f.t.Context(), "board", h))
}

// Every change of a membership is told, in order, between connected and disconnected.
func TestGroupPresence_everyChangeIsTold(t *testing.T) {
	f := start(t)
	told := newEventLog()
	add := func(what string, c eventhandler.Connection, g webpubsub.GroupName) {
		told.add(strings.TrimSpace(fmt.Sprintf("%d %s %s", c.EventID, what, g)))
	}
	f.handle(f.handler(eventhandler.Options{
		Connect: func(_ context.Context, r *eventhandler.ConnectRequest) (*eventhandler.ConnectResponse, error) {
			return &eventhandler.ConnectResponse{Groups: []string{"room.1", "other"}}, nil
		},
		Connected:    func(_ context.Context, e *eventhandler.ConnectedEvent) { add("connected", e.Connection, "") },
		Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { add("disconnected", e.Connection, "") },
		GroupJoined:  func(_ context.Context, e *eventhandler.GroupEvent) { add("joined", e.Connection, e.Group) },
		GroupLeft:    func(_ context.Context, e *eventhandler.GroupEvent) { add("left", e.Connection, e.Group) },
	}))
	f.changeHub(func(h *webpubsub.Hub) {
		h.EventHandlers[0].GroupPresence = webpubsub.GroupPresence{EventNames: []string{"joined", "left"}, GroupFilters: []string{"room.*"}}
	})
	c := f.connect(plain, everything)
	request := func(frame string) {
		c.send(frame)
		if a := c.next(); !a.Success {
			t.Fatalf("%s: %+v", frame, a)
		}
	}
	request(`{"type":"joinGroup","group":"room.2","ackId":1}`)
	request(`{"type":"joinGroup","group":"room.2","ackId":2}`) // already in it
	request(`{"type":"leaveGroup","group":"room.2","ackId":3}`)
	request(`{"type":"leaveGroup","group":"room.2","ackId":4}`) // not in it
	check(t, f.rest.AddConnectionToGroup(t.Context(), "room.3", c.id))
	check(t, f.rest.RemoveConnectionFromAllGroups(t.Context(), c.id))
	check(t, f.rest.AddConnectionToGroup(t.Context(), "room.4", c.id))
	check(t, f.rest.CloseConnection(t.Context(), c.id, ""))
	got := told.await(t, 10)
	// Those of all groups at once come in any order.
	slices.Sort(got[5:7])
	for i := range got {
		id, what, _ := strings.Cut(got[i], " ")
		if i == 5 || i == 6 {
			got[i] = what
		} else if want := fmt.Sprint(i + 1); id != want {
			t.Errorf("%q has not the id %s", got[i], want)
		} else {
			got[i] = what
		}
	}
	slices.Sort(got[5:7])
	want := []string{"connected", "joined room.1", "joined room.2", "left room.2", "joined room.3", "left room.1", "left room.3", "joined room.4", "left room.4", "disconnected"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("told %q\nwant %q", got, want)
	}
}

// A handler that takes its time is not asked again for the same client meanwhile; other
// clients, and other hubs, do not wait for it.
func TestUserEvents_slowHandler_keepsOneClientsOrderAndDelaysNobodyElse(t *testing.T) {
	f := start(t)
	asked, release := newEventLog(), make(chan struct{})
	app := func(slow bool) eventhandler.Options {
		return eventhandler.Options{InsecureSkipSignature: true, UserEvent: func(ctx context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			asked.add(fmt.Sprintf("%s %s %d", e.Hub, e.UserID, e.EventID))
			if slow && e.UserID == "ann" {
				select {
				case <-release:
				case <-ctx.Done():
				}
			}
			return nil, nil
		}}
	}
	f.handle(f.handler(app(true)))
	o := app(false)
	o.Hub = "other"
	h, err := eventhandler.New(o)
	check(t, err)
	second := httptest.NewServer(h)
	f.upstreams = append(f.upstreams, second)
	check(t, f.settings.SetHub(t.Context(), "other", webpubsub.Hub{AllowAnonymous: true, EventHandlers: []webpubsub.EventHandler{{URLTemplate: second.URL, UserEventPattern: "*"}}}))

	ann := f.connect(plain, token.MintOptions{UserID: "ann"})
	for i := range 3 {
		ann.send(fmt.Sprintf(`{"type":"event","event":"draw","data":%d,"ackId":%d}`, i, i))
	}
	asked.await(t, 1)
	bob := f.connect(plain, token.MintOptions{UserID: "bob"})
	bob.send(`{"type":"event","event":"draw","data":0,"ackId":1}`)
	if a := bob.next(); !a.Success {
		t.Errorf("bob: %+v", a)
	}
	elsewhere, _, err := f.dial("/client/hubs/other", plain)
	check(t, err)
	elsewhere.greeted()
	elsewhere.send(`{"type":"event","event":"draw","data":0,"ackId":1}`)
	if a := elsewhere.next(); !a.Success {
		t.Errorf("another hub: %+v", a)
	}
	if got := asked.await(t, 3); !reflect.DeepEqual(got, []string{"board ann 2", "board bob 2", "other  2"}) {
		t.Errorf("asked %q while ann's first event waits", got)
	}
	close(release)
	for i := range 3 {
		if a := ann.next(); !a.Success || a.AckID != uint64(i) {
			t.Errorf("ack %d: %+v", i, a)
		}
	}
	if got := asked.await(t, 5)[3:]; !reflect.DeepEqual(got, []string{"board ann 3", "board ann 4"}) {
		t.Errorf("then asked %q", got)
	}
}

func TestUserEvent_retry_isTheSameEvent(t *testing.T) {
	f := start(t)
	asked := newEventLog()
	answers := f.handler(eventhandler.Options{})
	f.handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("ce-eventName") == "draw" {
			asked.add(r.Header.Get("ce-id") + " " + r.Header.Get("x-ms-client-request-id"))
			if len(asked.await(t, 1)) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
		}
		answers.ServeHTTP(w, r)
	}))
	c := f.connect(plain, everything)
	c.send(`{"type":"event","event":"draw","data":0,"ackId":1}`)
	if a := c.next(); !a.Success {
		t.Errorf("%+v", a)
	}
	if got := asked.await(t, 2); got[0] != got[1] || !strings.HasPrefix(got[0], "2 ") {
		t.Errorf("attempts %q", got)
	}
}

// A handler need not be there when the hub is set up: that is a warning, and the first
// client after its start is served.
func TestHandler_downAtRegistration_isUsedAsSoonAsItAppears(t *testing.T) {
	f := start(t)
	addr := porttest.Addr(t)
	management, err := service.NewSettings(token.ConnectionString{Endpoint: f.listener.URL, AccessKey: f.keys.Primary}.String(), nil)
	check(t, err)
	_, warnings, err := management.SetHub(t.Context(), "board", webpubsub.HubProperties{EventHandlers: []webpubsub.EventHandlerResource{{
		URLTemplate: "http://" + addr + "/{event}", UserEventPattern: "*", SystemEvents: []string{"connect"},
	}}})
	check(t, err)
	if len(warnings) != 1 || !strings.Contains(warnings[0], addr) {
		t.Errorf("warnings %q", warnings)
	}
	l, err := net.Listen("tcp", addr)
	check(t, err)
	app := &http.Server{Handler: f.handler(eventhandler.Options{})}
	go app.Serve(l)
	defer app.Close()
	c := f.connect(plain, everything)
	c.send(`{"type":"event","event":"draw","data":0,"ackId":1}`)
	if a := c.next(); !a.Success {
		t.Errorf("%+v", a)
	}
}

// A listener at an HTTP URL gets signed copies; without a handler the event succeeds.
func TestListener_http_getsSignedCopies(t *testing.T) {
	f := start(t)
	got := newEventLog()
	app := httptest.NewServer(f.handler(eventhandler.Options{
		Connected: func(_ context.Context, e *eventhandler.ConnectedEvent) { got.add("connected") },
		UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			got.add(fmt.Sprintf("%s %d %s %s", e.Name, e.EventID, e.Data.Bytes, e.Metadata["k"]))
			return &eventhandler.UserResponse{Data: &webpubsub.Data{Bytes: []byte("1")}}, nil // for nobody
		},
	}))
	f.upstreams = append(f.upstreams, app)
	check(t, f.settings.SetHub(t.Context(), "board", webpubsub.Hub{EventListeners: []webpubsub.EventListener{{
		SystemEvents: []string{"connected"}, UserEventPattern: "draw", Endpoint: webpubsub.ListenerEndpoint{Type: webpubsub.ListenerHTTP, URL: app.URL},
	}}}))
	c := f.connect(plain, everything)
	c.send(`{"type":"event","event":"draw","dataType":"text","data":"hi","metadata":{"k":"v"},"ackId":1}`)
	if a := c.next(); a.Type != "ack" || !a.Success {
		t.Errorf("%+v", a)
	}
	c.send(`{"type":"event","event":"erase","dataType":"text","data":"hi","ackId":2}`)
	if a := c.next(); a.Success || a.Error.Name != "InternalServerError" {
		t.Errorf("an event nobody takes: %+v", a)
	}
	told := got.await(t, 2)
	if !reflect.DeepEqual(told, []string{"connected", "draw 2 hi v"}) {
		t.Errorf("told %q", told)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c.ws.CloseNow()
	check(t, f.server.Shutdown(ctx))
	if got := f.server.ListenerStats(); got.Sent != 2 || got.Failed+got.Dropped != 0 {
		t.Errorf("%+v", got)
	}
}

// Nobody waits for the pauses between attempts when the service is to end.
func TestShutdown_failingConnectHandler_isNotAskedAgain(t *testing.T) {
	f := start(t)
	asked := make(chan struct{}, 10)
	f.handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			w.Header().Set("WebHook-Allowed-Origin", "*")
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		asked <- struct{}{}
	}))
	refused := make(chan int, 1)
	go func() {
		_, res, err := f.dial("/client/hubs/board?access_token=" + f.token(everything))
		if err == nil || res == nil {
			res = &http.Response{}
		}
		refused <- res.StatusCode
	}()
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	check(t, f.server.Shutdown(ctx))
	if status := <-refused; status != 503 || len(asked) > 0 {
		t.Errorf("status %d after %d more requests", status, len(asked))
	}
}
