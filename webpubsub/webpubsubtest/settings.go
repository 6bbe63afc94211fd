package webpubsubtest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/easelhq/easel/webpubsub"
)

// settings keeps everything in memory.
type settings struct {
	mu      sync.Mutex
	current webpubsub.Settings // guarded by mu; its map and slices never change
}

// NewSettings returns a store in memory, with keys and no hubs.
func NewSettings(keys webpubsub.Keys) webpubsub.SettingsStore {
	return &settings{current: webpubsub.Settings{Keys: keys}}
}

func (s *settings) Settings() webpubsub.Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

func (s *settings) SetKeys(_ context.Context, k webpubsub.Keys) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Keys = k
	return nil
}

func (s *settings) SetHub(_ context.Context, name webpubsub.HubName, h webpubsub.Hub) error {
	h.EventHandlers = slices.Clone(h.EventHandlers)
	for i, e := range h.EventHandlers {
		h.EventHandlers[i].SystemEvents = slices.Clone(e.SystemEvents)
	}
	s.change(func(hubs map[webpubsub.HubName]webpubsub.Hub) { hubs[name] = h })
	return nil
}

func (s *settings) DeleteHub(_ context.Context, name webpubsub.HubName) error {
	s.change(func(hubs map[webpubsub.HubName]webpubsub.Hub) { delete(hubs, name) })
	return nil
}

// change replaces the hubs by a changed copy.
func (s *settings) change(edit func(map[webpubsub.HubName]webpubsub.Hub)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hubs := make(map[webpubsub.HubName]webpubsub.Hub, len(s.current.Hubs)+1)
	maps.Copy(hubs, s.current.Hubs)
	edit(hubs)
	s.current.Hubs = hubs
}
