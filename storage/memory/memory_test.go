package memory_test

import (
	"testing"

	"github.com/easelhq/easel/storage/memory"
	"github.com/easelhq/easel/storage/storagetest"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/whiteboard"
)

func TestStore(t *testing.T) {
	storagetest.Run(t, func(*testing.T) whiteboard.Store { return memory.New() })
}

func TestSettings(t *testing.T) {
	storagetest.RunSettings(t, func(*testing.T) webpubsub.SettingsStore {
		return memory.NewSettings(webpubsub.Settings{})
	})
}

func TestNewSettings_keepsWhatItIsGiven(t *testing.T) {
	keys := webpubsub.Keys{Primary: "p", Secondary: "s"}
	hubs := map[webpubsub.HubName]webpubsub.Hub{"chat": {AllowAnonymous: true}}
	s := memory.NewSettings(webpubsub.Settings{Keys: keys, Hubs: hubs})
	if err := s.DeleteHub(t.Context(), "nothing"); err != nil {
		t.Fatal(err)
	}
	if got := s.Settings(); got.Keys != keys || !got.Hubs["chat"].AllowAnonymous {
		t.Errorf("settings are %+v", got)
	}
}
