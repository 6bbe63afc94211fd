package webpubsubtest

import (
	"reflect"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

func TestSettings_changes_leaveEarlierValuesAlone(t *testing.T) {
	s := NewSettings(webpubsub.Keys{Primary: "a", Secondary: "b"})
	handlers := []webpubsub.EventHandler{{URLTemplate: "http://one", SystemEvents: []string{"connect"}}}
	if err := s.SetHub(t.Context(), "board", webpubsub.Hub{EventHandlers: handlers}); err != nil {
		t.Fatal(err)
	}
	before := s.Settings()
	handlers[0].URLTemplate, handlers[0].SystemEvents[0] = "http://changed", "changed"
	if err := s.SetHub(t.Context(), "other", webpubsub.Hub{AllowAnonymous: true}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetKeys(t.Context(), webpubsub.Keys{Primary: "c", Secondary: "b"}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteHub(t.Context(), "board"); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteHub(t.Context(), "board"); err != nil {
		t.Errorf("delete a missing hub: %v", err)
	}
	want := webpubsub.Settings{
		Keys: webpubsub.Keys{Primary: "a", Secondary: "b"},
		Hubs: map[webpubsub.HubName]webpubsub.Hub{"board": {EventHandlers: []webpubsub.EventHandler{{URLTemplate: "http://one", SystemEvents: []string{"connect"}}}}},
	}
	if !reflect.DeepEqual(before, want) {
		t.Errorf("the earlier value became %+v", before)
	}
	want = webpubsub.Settings{
		Keys: webpubsub.Keys{Primary: "c", Secondary: "b"},
		Hubs: map[webpubsub.HubName]webpubsub.Hub{"other": {AllowAnonymous: true}},
	}
	if got := s.Settings(); !reflect.DeepEqual(got, want) {
		t.Errorf("settings are %+v, want %+v", got, want)
	}
}
