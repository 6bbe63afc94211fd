package memory

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/easelhq/easel/webpubsub"
)

var _ webpubsub.SettingsStore = (*Settings)(nil)

// Settings implements webpubsub.SettingsStore. The zero value is not usable; see
// [NewSettings].
type Settings struct {
	mu      sync.Mutex // held while changing
	current atomic.Pointer[webpubsub.Settings]
}

// NewSettings returns a store that begins with the given settings, which must not
// be changed afterwards.
func NewSettings(initial webpubsub.Settings) *Settings {
	if initial.Hubs == nil {
		initial.Hubs = map[webpubsub.HubName]webpubsub.Hub{}
	}
	s := &Settings{}
	s.current.Store(&initial)
	return s
}

// Settings returns the current settings, which must not be changed.
func (s *Settings) Settings() webpubsub.Settings { return *s.current.Load() }

// SetKeys replaces both keys.
func (s *Settings) SetKeys(ctx context.Context, k webpubsub.Keys) error {
	return s.change(ctx, func(next *webpubsub.Settings) { next.Keys = k })
}

// SetLabels replaces what the service is called.
func (s *Settings) SetLabels(ctx context.Context, l webpubsub.Labels) error {
	l.Tags = maps.Clone(l.Tags)
	return s.change(ctx, func(next *webpubsub.Settings) { next.Labels = l })
}

// SetHub creates or replaces a hub's settings.
func (s *Settings) SetHub(ctx context.Context, name webpubsub.HubName, h webpubsub.Hub) error {
	return s.change(ctx, func(next *webpubsub.Settings) { next.Hubs[name] = h })
}

// DeleteHub forgets a hub's settings.
func (s *Settings) DeleteHub(ctx context.Context, name webpubsub.HubName) error {
	return s.change(ctx, func(next *webpubsub.Settings) { delete(next.Hubs, name) })
}

// change publishes a changed copy.
func (s *Settings) change(ctx context.Context, edit func(*webpubsub.Settings)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.Settings()
	next.Hubs = maps.Clone(next.Hubs)
	edit(&next)
	s.current.Store(&next)
	return nil
}
