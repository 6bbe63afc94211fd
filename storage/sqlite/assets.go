package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"

	"github.com/easelhq/easel/whiteboard"
)

// PutAsset stores an asset; see whiteboard.Store.
func (db *DB) PutAsset(ctx context.Context, a whiteboard.Asset) error {
	err := db.update(ctx, func(t *tx) error {
		return t.exec("INSERT INTO assets (hash, type, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", a.Hash, a.Type, a.Data)
	})
	return wrap(err, "put asset %s", a.Hash)
}

// Asset returns an asset; see whiteboard.Store.
func (db *DB) Asset(ctx context.Context, hash string) (whiteboard.Asset, error) {
	a := whiteboard.Asset{Hash: hash}
	err := db.readers.QueryRowContext(ctx, "SELECT type, data FROM assets WHERE hash = ?", hash).Scan(&a.Type, &a.Data)
	if err != nil {
		return whiteboard.Asset{}, wrap(err, "asset %s", hash)
	}
	return a, nil
}

// SetPerson stores a person's name; see whiteboard.Store.
func (db *DB) SetPerson(ctx context.Context, p whiteboard.Person) error {
	err := db.update(ctx, func(t *tx) error {
		return t.exec("INSERT INTO people (id, name) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = excluded.name", p.ID, p.Name)
	})
	return wrap(err, "set person %s", p.ID)
}

// People returns the known names of ids; see whiteboard.Store.
func (db *DB) People(ctx context.Context, ids []whiteboard.UserID) ([]whiteboard.Person, error) {
	people := []whiteboard.Person{}
	err := db.reading(ctx, func(t *sql.Tx) error {
		for _, id := range ids {
			p := whiteboard.Person{ID: id}
			err := t.QueryRowContext(ctx, "SELECT name FROM people WHERE id = ?", id).Scan(&p.Name)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			people = append(people, p)
		}
		return nil
	})
	return people, wrap(err, "people")
}

// Secret returns the named secret, made by the first call; see whiteboard.Store.
func (db *DB) Secret(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	err := db.update(ctx, func(t *tx) error { return selectOrInsertSecret(t, name, &value) })
	if err != nil {
		return nil, wrap(err, "secret %s", name)
	}
	return value, nil
}

func selectOrInsertSecret(t *tx, name string, value *[]byte) error {
	fresh := make([]byte, 32)
	rand.Read(fresh) // never fails
	if err := t.exec("INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, fresh); err != nil {
		return err
	}
	return t.row([]any{value}, "SELECT value FROM secrets WHERE name = ?", name)
}
