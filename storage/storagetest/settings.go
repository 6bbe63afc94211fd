package storagetest

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// RunSettings runs the suite of settings stores. Open returns one without keys and hubs;
// it is closed by its own cleanup.
func RunSettings(t *testing.T, open func(t *testing.T) webpubsub.SettingsStore) {
	tests := []struct {
		name string
		run  func(t *testing.T, s webpubsub.SettingsStore)
	}{
		{"Settings_new_areEmpty", testEmptySettings},
		{"SetKeys_replacesBoth", testSetKeys},
		{"SetLabels_areReadBack", testSetLabels},
		{"SetHub_isReadBack", testSetHub},
		{"DeleteHub_forgetsIt", testDeleteHub},
		{"Settings_handedOut_neverChange", testHandedOut},
		{"SetHub_concurrently_losesNone", testSettingsRace},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

// sampleHub is a hub with everything set.
func sampleHub() webpubsub.Hub {
	return webpubsub.Hub{
		EventHandlers: []webpubsub.EventHandler{
			{URLTemplate: "http://localhost/{event}?a=1&b='", UserEventPattern: "*", SystemEvents: []string{"connect", "disconnected"}},
			{URLTemplate: "https://example.com/é", UserEventPattern: "ops,name"},
			{
				URLTemplate:   "tunnel:///ev/{event}",
				GroupPresence: webpubsub.GroupPresence{EventNames: []string{"joined"}, GroupFilters: []string{`room.**`, `a\*b`}},
				Auth:          webpubsub.HandlerAuth{ClientCredentials: &webpubsub.ClientCredentials{TokenURL: "https://id/", ClientID: "i", ClientSecret: "s", Scope: "x"}},
			},
			{URLTemplate: "http://h/", Auth: webpubsub.HandlerAuth{HeaderName: "X-Key", HeaderValue: `"k"`}},
		},
		EventListeners: []webpubsub.EventListener{
			{SystemEvents: []string{"connected"}, UserEventPattern: "draw", Endpoint: webpubsub.ListenerEndpoint{Type: webpubsub.ListenerHTTP, URL: "http://h/log"}},
			{UserEventPattern: "*", Endpoint: webpubsub.ListenerEndpoint{Type: webpubsub.ListenerNATS, URL: "nats://n:4222", Subject: "ev.{hub}", Stream: "EV"}},
		},
		AllowAnonymous: true,
		KeepAlive:      7 * time.Second,
	}
}

func setHub(t *testing.T, s webpubsub.SettingsStore, name webpubsub.HubName, h webpubsub.Hub) {
	t.Helper()
	if err := s.SetHub(t.Context(), name, h); err != nil {
		t.Fatal(err)
	}
}

func testEmptySettings(t *testing.T, s webpubsub.SettingsStore) {
	if got := s.Settings(); got.Keys != (webpubsub.Keys{}) || len(got.Hubs) != 0 {
		t.Errorf("settings are %+v", got)
	}
}

func testSetKeys(t *testing.T, s webpubsub.SettingsStore) {
	for _, want := range []webpubsub.Keys{{Primary: "p", Secondary: "s"}, {Primary: "p2", Secondary: "s"}} {
		if err := s.SetKeys(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got := s.Settings().Keys; got != want {
			t.Errorf("keys are %+v, want %+v", got, want)
		}
	}
}

func testSetLabels(t *testing.T, s webpubsub.SettingsStore) {
	store, ok := s.(webpubsub.LabelStore)
	if !ok {
		t.Fatal("labels are not kept")
	}
	for _, want := range []webpubsub.Labels{
		{Name: "wps", Group: "g", Location: "west", SKU: "Premium_P1", Units: 2, Tags: map[string]string{"é": "1", "b": ""}},
		{Name: "wps"},
	} {
		if err := store.SetLabels(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got := s.Settings().Labels; !reflect.DeepEqual(got, want) {
			t.Errorf("labels are %+v, want %+v", got, want)
		}
	}
}

func testSetHub(t *testing.T, s webpubsub.SettingsStore) {
	setHub(t, s, "chat", sampleHub())
	setHub(t, s, "board", webpubsub.Hub{})
	if got := s.Settings().Hubs; len(got) != 2 || !reflect.DeepEqual(got["chat"], sampleHub()) {
		t.Errorf("hubs are %+v", got)
	}
	setHub(t, s, "chat", webpubsub.Hub{AllowAnonymous: true})
	if got := s.Settings().Hubs["chat"]; !got.AllowAnonymous || got.EventHandlers != nil || got.KeepAlive != 0 {
		t.Errorf("the replaced hub is %+v", got)
	}
}

func testDeleteHub(t *testing.T, s webpubsub.SettingsStore) {
	setHub(t, s, "chat", sampleHub())
	setHub(t, s, "board", sampleHub())
	for range 2 {
		if err := s.DeleteHub(t.Context(), "chat"); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Settings().Hubs; len(got) != 1 || !reflect.DeepEqual(got["board"], sampleHub()) {
		t.Errorf("hubs are %+v", got)
	}
}

func testHandedOut(t *testing.T, s webpubsub.SettingsStore) {
	setHub(t, s, "chat", sampleHub())
	before := s.Settings()
	setHub(t, s, "chat", webpubsub.Hub{})
	setHub(t, s, "board", webpubsub.Hub{})
	if len(before.Hubs) != 1 || !reflect.DeepEqual(before.Hubs["chat"], sampleHub()) {
		t.Errorf("settings handed out have become %+v", before)
	}
}

func testSettingsRace(t *testing.T, s webpubsub.SettingsStore) {
	var wg sync.WaitGroup
	for i := range 20 {
		name := webpubsub.HubName(fmt.Sprintf("hub%d", i))
		wg.Go(func() {
			if err := s.SetHub(context.WithoutCancel(t.Context()), name, sampleHub()); err != nil {
				t.Error(err)
			}
			if _, ok := s.Settings().Hubs[name]; !ok {
				t.Errorf("%s is not there after it was set", name)
			}
		})
	}
	wg.Wait()
	if n := len(s.Settings().Hubs); n != 20 {
		t.Errorf("%d hubs are left", n)
	}
}
