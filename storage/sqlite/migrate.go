package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// migrations bring a database from version i to i+1; PRAGMA user_version holds the number
// applied. A published one is never changed: append.
//
// The large tables are clustered by board, so that a board loads as one range.
var migrations = []string{`
CREATE TABLE boards (
	id      TEXT PRIMARY KEY,
	created INTEGER NOT NULL, -- Unix milliseconds
	edit    TEXT NOT NULL,
	view    TEXT NOT NULL,
	seq     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE entries (
	board TEXT NOT NULL REFERENCES boards (id),
	seq   INTEGER NOT NULL,
	user  TEXT NOT NULL,
	at    INTEGER NOT NULL, -- Unix milliseconds
	actor TEXT NOT NULL,
	n     INTEGER NOT NULL,
	ops   TEXT NOT NULL, -- JSON: [[time, record, patch], ...]
	PRIMARY KEY (board, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE records (
	board TEXT NOT NULL REFERENCES boards (id),
	id    TEXT NOT NULL,
	v     TEXT NOT NULL,
	pv    TEXT NOT NULL, -- JSON: stamps by property; empty when all are v
	p     TEXT NOT NULL, -- JSON: values by property
	PRIMARY KEY (board, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE actors (
	board TEXT NOT NULL REFERENCES boards (id),
	actor TEXT NOT NULL,
	user  TEXT NOT NULL,
	n     INTEGER NOT NULL,
	stamp TEXT NOT NULL,
	seq   INTEGER NOT NULL,
	PRIMARY KEY (board, actor)
) STRICT, WITHOUT ROWID;
CREATE TABLE assets (
	hash TEXT PRIMARY KEY,
	type TEXT NOT NULL,
	data BLOB NOT NULL
) STRICT;
CREATE TABLE people (
	id   TEXT PRIMARY KEY,
	name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE secrets (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE access_keys (
	only          INTEGER PRIMARY KEY CHECK (only = 1),
	primary_key   TEXT NOT NULL,
	secondary_key TEXT NOT NULL
) STRICT;
CREATE TABLE hubs (
	name     TEXT PRIMARY KEY,
	settings TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
`, `
CREATE TABLE labels (
	only     INTEGER PRIMARY KEY CHECK (only = 1),
	settings TEXT NOT NULL -- JSON
) STRICT;
`}

// migrate applies the migrations that are missing, each in a transaction that holds the
// write lock, so that two processes that start together don't apply one twice. The pool db
// must have one connection.
func migrate(ctx context.Context, db *sql.DB) error {
	until := time.Now().Add(busyTimeout)
	for {
		done, err := migrateOne(ctx, db)
		switch {
		case busy(err) && time.Now().Before(until):
			time.Sleep(busyPause)
		case done || err != nil:
			return err
		}
	}
}

// busyPause is how long to wait before another try where SQLite does not wait by itself:
// when two processes make a new database keep a write-ahead log.
const busyPause = 5 * time.Millisecond

func busy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

func migrateOne(ctx context.Context, db *sql.DB) (done bool, err error) {
	if _, err := db.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return false, fmt.Errorf("migrate: %w", err)
	}
	defer func() {
		if err != nil {
			_, undo := db.ExecContext(ctx, "ROLLBACK")
			err = errors.Join(err, undo)
		}
	}()
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return false, fmt.Errorf("migrate: %w", err)
	}
	if version > len(migrations) {
		return false, fmt.Errorf("the database has schema version %d; this program knows up to %d: use a newer one", version, len(migrations))
	}
	if version < len(migrations) {
		step := fmt.Sprintf("%s; PRAGMA user_version = %d", migrations[version], version+1)
		if _, err := db.ExecContext(ctx, step); err != nil {
			return false, fmt.Errorf("migrate to schema version %d: %w", version+1, err)
		}
	}
	if _, err := db.ExecContext(ctx, "COMMIT"); err != nil {
		return false, fmt.Errorf("migrate: %w", err)
	}
	return version >= len(migrations)-1, nil
}
