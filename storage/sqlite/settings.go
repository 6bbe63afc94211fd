package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/easelhq/easel/webpubsub"
)

// Settings keeps the service's settings in the database. It implements
// webpubsub.SettingsStore and is safe for concurrent use.
type Settings struct {
	db      *DB
	current atomic.Pointer[webpubsub.Settings]
}

// Settings loads the service's settings. They are read from memory from then on; see
// [Settings.Reload] for changes by another process.
func (db *DB) Settings(ctx context.Context) (*Settings, error) {
	s := &Settings{db: db}
	if err := s.Reload(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Settings returns the current settings, which must not be changed.
func (s *Settings) Settings() webpubsub.Settings { return *s.current.Load() }

// Reload reads the settings anew, with what other processes have changed.
func (s *Settings) Reload(ctx context.Context) error {
	return wrap(s.change(ctx, func(*tx) error { return nil }), "load settings")
}

// SetKeys replaces both keys.
func (s *Settings) SetKeys(ctx context.Context, k webpubsub.Keys) error {
	err := s.change(ctx, func(t *tx) error {
		return t.exec("INSERT OR REPLACE INTO access_keys (only, primary_key, secondary_key) VALUES (1, ?, ?)", k.Primary, k.Secondary)
	})
	return wrap(err, "set keys")
}

// SetLabels replaces what the service is called.
func (s *Settings) SetLabels(ctx context.Context, l webpubsub.Labels) error {
	text, err := json.Marshal(l)
	if err != nil {
		return wrap(err, "set labels")
	}
	err = s.change(ctx, func(t *tx) error {
		return t.exec("INSERT OR REPLACE INTO labels (only, settings) VALUES (1, ?)", string(text))
	})
	return wrap(err, "set labels")
}

// SetHub creates or replaces a hub's settings.
func (s *Settings) SetHub(ctx context.Context, name webpubsub.HubName, h webpubsub.Hub) error {
	text, err := json.Marshal(h)
	if err != nil {
		return wrap(err, "set hub %s", name)
	}
	err = s.change(ctx, func(t *tx) error {
		return t.exec("INSERT OR REPLACE INTO hubs (name, settings) VALUES (?, ?)", name, string(text))
	})
	return wrap(err, "set hub %s", name)
}

// DeleteHub forgets a hub's settings.
func (s *Settings) DeleteHub(ctx context.Context, name webpubsub.HubName) error {
	err := s.change(ctx, func(t *tx) error { return t.exec("DELETE FROM hubs WHERE name = ?", name) })
	return wrap(err, "delete hub %s", name)
}

// change runs do and reads the settings back in one transaction, so that memory and
// database agree in whatever order calls come. The writer publishes what it read, in the
// order of its transactions.
func (s *Settings) change(ctx context.Context, do func(*tx) error) error {
	var next webpubsub.Settings
	return s.db.updateThen(ctx, func(t *tx) (err error) {
		if err := do(t); err != nil {
			return err
		}
		next, err = selectSettings(t)
		return err
	}, func() { s.current.Store(&next) })
}

func selectSettings(t *tx) (webpubsub.Settings, error) {
	settings := webpubsub.Settings{Hubs: map[webpubsub.HubName]webpubsub.Hub{}}
	err := t.row([]any{&settings.Keys.Primary, &settings.Keys.Secondary}, "SELECT primary_key, secondary_key FROM access_keys")
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return settings, err
	}
	if settings.Labels, err = selectLabels(t); err != nil {
		return settings, err
	}
	rows, err := t.rows("SELECT name, settings FROM hubs")
	if err != nil {
		return settings, err
	}
	_, err = collect(rows, func() (name webpubsub.HubName, err error) {
		var text string
		if err := rows.Scan(&name, &text); err != nil {
			return name, err
		}
		var h webpubsub.Hub
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			return name, fmt.Errorf("hub %s: %w", name, err)
		}
		settings.Hubs[name] = h
		return name, nil
	})
	return settings, err
}

func selectLabels(t *tx) (l webpubsub.Labels, err error) {
	var text string
	err = t.row([]any{&text}, "SELECT settings FROM labels")
	if errors.Is(err, sql.ErrNoRows) {
		return l, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &l)
	}
	return l, err
}
