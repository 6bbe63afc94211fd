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
	defaultData  = "./easel-data"
	endpointFile = "endpoint.json"
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

// endpoint is where the service that uses a data folder listens.
type endpoint struct {
	Endpoint string `json:"endpoint"`
	PID      int    `json:"pid"`
}

// announce leaves the endpoint in the data folder, for management commands.
func announce(dir, url string) error {
	b, err := json.Marshal(endpoint{url, os.Getpid()})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, endpointFile), b, 0o600)
}

// announced reads what announce left; the zero endpoint when there is nothing.
func announced(dir string) (e endpoint, err error) {
	b, err := os.ReadFile(filepath.Join(dir, endpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &e)
	}
	return e, err
}
