package upstream

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

var tunneled = webpubsub.EventHandler{URLTemplate: "tunnel:///ev/{hub}/{event}?a=1", UserEventPattern: "*", SystemEvents: []string{"connect"}}

// someTunnels are tunnels of hub board, by id.
type someTunnels map[string]http.RoundTripper

func (s someTunnels) Tunnel(hub webpubsub.HubName, last string) (string, http.RoundTripper, bool) {
	if rt := s[last]; rt != nil {
		return last, rt, hub == "board"
	}
	for id, rt := range s {
		return id, rt, hub == "board"
	}
	return "", nil, false
}

func tunnelDispatcher(t *testing.T, s Tunnels) *Dispatcher {
	t.Helper()
	d := New(Options{Settings: board(tunneled), Origin: "https://wps.example.net:8443", Tunnels: s,
		Transport: failing(func(r *http.Request) error { t.Errorf("request to %s", r.URL); return errors.New("no network") })})
	t.Cleanup(func() { d.Close(t.Context()) })
	return d
}

func TestTunnel_eventTakesItWithoutValidation(t *testing.T) {
	app := &recorder{next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("ce-connectionState", "s") })}
	d := tunnelDispatcher(t, someTunnels{"t": transport{app}})
	r, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{Type: webpubsub.Text, Bytes: []byte("hi")}, nil)
	if err != nil || *r.State != "s" {
		t.Fatalf("%+v, %v", r, err)
	}
	all := app.all()
	if len(all) != 1 || all[0].method != "POST" || all[0].url != "https://wps.example.net:8443/ev/board/draw?a=1" || all[0].body != "hi" || all[0].header.Get("ce-userId") != "ann" {
		t.Errorf("%+v", all)
	}
}

func TestTunnel_sessionStaysUntilItsTunnelIsGone(t *testing.T) {
	used := map[string]int{}
	through := func(id string) http.RoundTripper {
		return transport{http.HandlerFunc(func(http.ResponseWriter, *http.Request) { used[id]++ })}
	}
	all := someTunnels{"a": through("a"), "b": through("b"), "c": through("c")}
	d := tunnelDispatcher(t, all)
	s := ann
	s.Session = &Session{}
	for range 20 {
		d.UserEvent(t.Context(), s, "draw", webpubsub.Data{}, nil)
	}
	first := s.Session.lastTunnel()
	if used[first] != 20 {
		t.Fatalf("used %v", used)
	}
	delete(all, first)
	for range 20 {
		d.UserEvent(t.Context(), s, "draw", webpubsub.Data{}, nil)
	}
	if second := s.Session.lastTunnel(); second == first || used[second] != 20 {
		t.Errorf("used %v", used)
	}
}

func TestTunnel_noneConnected_failsLikeAHandlerThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := tunnelDispatcher(t, nil)
		start := time.Now()
		_, err := d.Connect(t.Context(), ann, ConnectRequest{})
		if e, ok := errors.AsType[*StatusError](err); !ok || e.Status != 500 || !strings.Contains(err.Error(), "connected a tunnel for hub board") {
			t.Errorf("connect: %v", err)
		}
		if took := time.Since(start); took != 9*time.Second {
			t.Errorf("took %v", took)
		}
		if _, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil); webpubsub.CodeOf(err) != webpubsub.Internal {
			t.Errorf("user event: %v", err)
		}
	})
}

// lateTunnel is a tunnel that is not there at first.
type lateTunnel struct{ there atomic.Bool }

func (l *lateTunnel) Tunnel(webpubsub.HubName, string) (string, http.RoundTripper, bool) {
	return "t", transport{http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}, l.there.Load()
}

func TestTunnel_connectsMeanwhile_isUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := &lateTunnel{}
		d := tunnelDispatcher(t, late)
		time.AfterFunc(2*time.Second, func() { late.there.Store(true) })
		start := time.Now()
		if _, err := d.Connect(t.Context(), ann, ConnectRequest{}); err != nil || time.Since(start) != 4*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestValidate_tunnel_saysWhetherOneIsConnected(t *testing.T) {
	if err := tunnelDispatcher(t, someTunnels{"t": http.DefaultTransport}).Validate(t.Context(), "board", tunneled); err != nil {
		t.Error(err)
	}
	err := tunnelDispatcher(t, nil).Validate(t.Context(), "board", tunneled)
	if webpubsub.CodeOf(err) != webpubsub.Unavailable || !strings.Contains(webpubsub.MessageOf(err), "connected a tunnel for hub board") {
		t.Errorf("got %v", err)
	}
}
