package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/easelhq/easel/storage/sqlite"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

const (
	defaultData     = "./easel-data"
	defaultEndpoint = "http://localhost:8080"
	endpointFile    = "endpoint.json"
)

// openData opens the data folder and its settings, with keys from the environment, or made
// when there are none yet.
func (p *program) openData(ctx context.Context, dir string) (*sqlite.DB, webpubsub.SettingsStore, error) {
	db, err := sqlite.Open(ctx, dir)
	if err != nil {
		return nil, nil, fmt.Errorf("open data folder %s: %w", dir, err)
	}
	settings, err := db.Settings(ctx)
	if err == nil {
		err = p.provideKeys(ctx, settings)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read settings: %w", err), db.Close())
	}
	return db, settings, nil
}

func (p *program) provideKeys(ctx context.Context, s webpubsub.SettingsStore) error {
	have := s.Settings().Keys
	keys := webpubsub.Keys{
		Primary:   cmp.Or(p.getenv("EASEL_ACCESS_KEY"), have.Primary),
		Secondary: cmp.Or(p.getenv("EASEL_SECONDARY_KEY"), have.Secondary),
	}
	if keys.Primary == "" {
		keys.Primary = token.NewKey()
	}
	if keys.Secondary == "" {
		keys.Secondary = token.NewKey()
	}
	if keys == have {
		return nil
	}
	return s.SetKeys(ctx, keys)
}

// announcement says where the service that uses a data folder listens.
type announcement struct {
	// Endpoint is for clients and app servers.
	Endpoint string `json:"endpoint"`
	// Local is plain HTTP, for management on the same machine.
	Local string `json:"local"`
	// OwnAuthority says that Endpoint's certificate is by the data folder's own authority.
	OwnAuthority bool `json:"ownAuthority"`
	PID          int  `json:"pid"`
}

// announce leaves in the data folder where the service is.
func (f *front) announce(dir string) error {
	b, err := json.Marshal(announcement{f.endpoint(), f.plainURL, f.source.ownAuthority, os.Getpid()})
	if err != nil {
		return err
	}
	path := filepath.Join(dir, endpointFile)
	next := path + ".next" // so that nobody reads half of it
	if err := os.WriteFile(next, b, 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}

// announced reads what announce left. Without it, the PID is 0 and the rest as by default.
func announced(dir string) (announcement, error) {
	var a announcement
	b, err := os.ReadFile(filepath.Join(dir, endpointFile))
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return a, fmt.Errorf("read %s: %w", endpointFile, err)
	}
	a.Endpoint = cmp.Or(a.Endpoint, defaultEndpoint)
	a.Local = cmp.Or(a.Local, a.Endpoint)
	return a, nil
}
