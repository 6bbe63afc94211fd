package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
)

func TestHubCreate_takesEverySettingOfEvents(t *testing.T) {
	dir := t.TempDir()
	hub := printed[webpubsub.HubResource](t, "hub", "create", "--hub-name", "chat", "--data", dir, "--keep-alive", "30",
		"--event-handler", "url-template=http://127.0.0.1:1/a user-event-pattern=draw", "system-event=connect", "group-event=joined", "group-event=left", "group-filter=room.*",
		"auth-type=StaticHeader", "auth-header=X-Key: one two",
		"--event-handler", "url-template=tunnel:///b", "auth-type=ClientCredentials", "auth-token-url=http://127.0.0.1:1/token", "auth-client-id=id", "auth-client-secret=a secret", "auth-scope=x",
		"--event-listener", "url=http://127.0.0.1:1/listen", "system-event=connected", "user-event-pattern=*",
	)
	want := webpubsub.HubProperties{
		AnonymousConnectPolicy: "deny", KeepAliveSeconds: 30,
		EventHandlers: []webpubsub.EventHandlerResource{{
			URLTemplate: "http://127.0.0.1:1/a", UserEventPattern: "draw", SystemEvents: []string{"connect"},
			GroupPresenceEvents: &webpubsub.GroupPresenceResource{EventNames: []string{"joined", "left"}, GroupFilters: []string{"room.*"}},
			Auth:                &webpubsub.HandlerAuthResource{Type: "StaticHeader", Header: &webpubsub.HeaderResource{Name: "X-Key", Value: "one two"}},
		}, {
			URLTemplate: "tunnel:///b", SystemEvents: []string{},
			Auth: &webpubsub.HandlerAuthResource{Type: "ClientCredentials", ClientCredentials: &webpubsub.ClientCredentialsResource{
				TokenURL: "http://127.0.0.1:1/token", ClientID: "id", ClientSecret: "a secret", Scope: "x",
			}},
		}},
		EventListeners: []webpubsub.EventListenerResource{{
			Filter:   webpubsub.ListenerFilterResource{Type: "EventName", SystemEvents: []string{"connected"}, UserEventPattern: "*"},
			Endpoint: webpubsub.ListenerEndpointResource{Type: "Http", URL: "http://127.0.0.1:1/listen"},
		}},
	}
	if !reflect.DeepEqual(hub.Properties, want) {
		t.Errorf("%+v\nwant %+v", hub.Properties, want)
	}
	// What is not given stays; listeners go when none are given.
	hub = printed[webpubsub.HubResource](t, "hub", "update", "--hub-name", "chat", "--data", dir, "--event-listener", "--keep-alive", "0")
	want.EventListeners, want.KeepAliveSeconds = nil, 0
	if !reflect.DeepEqual(hub.Properties, want) {
		t.Errorf("%+v\nwant %+v", hub.Properties, want)
	}
}

func TestHub_authenticationToHandlersWorksAtOnce(t *testing.T) {
	heard := make(chan string, 10)
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WebHook-Allowed-Origin", "*")
		if name := r.Header.Get("ce-eventName"); name != "" {
			heard <- r.URL.Path + " " + name + " " + r.Header.Get("X-Key")
		}
	}))
	defer handler.Close()
	dir, c := chat(t)
	printed[webpubsub.HubResource](t, "hub", "create", "--hub-name", "chat", "--data", dir,
		"--event-handler", "url-template="+handler.URL+"/handler", "system-event=connect", "auth-type=StaticHeader", "auth-header=X-Key: secret")
	join(t, c, "ann")
	if got := <-heard; got != "/handler connect secret" {
		t.Errorf("%q", got)
	}
}

func TestPubSub_boundsConnections(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, "pubsub", "--addr", "127.0.0.1:0", "--data", dir, "--max-connections", "1")
	c, err := service.New(environmentOfService(t, dir)["WebPubSubConnectionString"], "chat", nil)
	check(t, err)
	join(t, c, "ann")
	token, err := c.ClientToken(service.TokenOptions{})
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, res, err := websocket.Dial(ctx, token.URL, nil); err == nil || res == nil || res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("%v, %v", res, err)
	}
}

func TestPubSub_limitsQueuesAndRecovery(t *testing.T) {
	o := engineOptions{}
	p := &program{getenv: environment{"EASEL_MAX_QUEUED_BYTES": "4096"}.get, stdout: newOutput()}
	f := p.flags("pubsub", "")
	o.register(f)
	check(t, f.parse(strings.Fields("--recovery-window 5s --max-queued-messages 7 --max-unacked-messages 8 --max-unacked-bytes 9 --public-url https://wps.example.net")))
	check(t, o.check())
	s := o.apply(server.Options{}, "http://localhost")
	got := []any{s.RecoveryWindow.String(), s.MaxQueued, s.MaxQueuedBytes, s.MaxUnacknowledged, s.MaxUnacknowledgedBytes, s.Audiences}
	want := []any{"5s", 7, 4096, 8, 9, []string{"https://wps.example.net", "http://localhost"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
