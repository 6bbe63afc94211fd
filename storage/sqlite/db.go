package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/whiteboard"
)

const (
	fileName = "easel.db"
	// busyTimeout is how long a connection waits for another process's lock.
	busyTimeout = 5 * time.Second
	// maxReaders bounds the reading connections.
	maxReaders = 8
	// maxLogBytes is the size to which the write-ahead log is cut back.
	maxLogBytes = 64 << 20
)

var (
	_ whiteboard.Store        = (*DB)(nil)
	_ webpubsub.SettingsStore = (*Settings)(nil)
	_ webpubsub.LabelStore    = (*Settings)(nil)
)

// errClosed is the error of every call after Close.
var errClosed = errors.New("database is closed")

// DB is an open database. It implements whiteboard.Store; [DB.Settings] gives the settings.
type DB struct {
	// Fixed after Open.
	readers *sql.DB
	writers *sql.DB // one connection, owned by the writer

	writes  chan write    // unbuffered; many senders, never closed
	closing chan struct{} // closed by Close
	done    chan struct{} // closed when the writer has returned
	closed  func() error  // Close, once
}

// Open opens the database in dir, creating both when missing (dir with mode 0700, files
// with 0600), and brings its schema up to date. Errors: a database from a newer version; I/O.
func Open(ctx context.Context, dir string) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	path := filepath.Join(dir, fileName)
	if err := makePrivate(path); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open database in %s: %w", dir, err)
	}
	return db, nil
}

// makePrivate creates a database file that only its owner can read, for access keys are in
// it, and the folder may be there already and open to others. SQLite gives the files beside
// it the same mode.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func open(ctx context.Context, path string) (*DB, error) {
	writers, err := sql.Open("sqlite", dsn(path, "page_size(8192)", "journal_mode(wal)", "synchronous(full)",
		"fullfsync(on)", "foreign_keys(on)", fmt.Sprintf("journal_size_limit(%d)", maxLogBytes)))
	if err != nil {
		return nil, err
	}
	writers.SetMaxOpenConns(1)
	if err := migrate(ctx, writers); err != nil {
		return nil, errors.Join(err, writers.Close())
	}
	readers, err := sql.Open("sqlite", dsn(path, "query_only(on)"))
	if err != nil {
		return nil, errors.Join(err, writers.Close())
	}
	readers.SetMaxOpenConns(maxReaders)
	readers.SetMaxIdleConns(maxReaders)
	db := &DB{
		readers: readers,
		writers: writers,
		writes:  make(chan write),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
	}
	db.closed = sync.OnceValue(db.close)
	go db.run(&tx{db: writers, stmts: map[string]*sql.Stmt{}})
	return db, nil
}

// dsn returns the data source name of a path, whatever characters it has.
func dsn(path string, pragmas ...string) string {
	query := url.Values{"_txlock": {"deferred"}}
	query.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()))
	for _, p := range pragmas {
		query.Add("_pragma", p)
	}
	name := url.URL{Path: filepath.ToSlash(path)}
	return "file:" + name.EscapedPath() + "?" + query.Encode()
}

// Close waits for writes under way and closes the database. Later calls fail.
func (db *DB) Close() error { return db.closed() }

func (db *DB) close() error {
	close(db.closing)
	<-db.done
	// The last connection to close folds the log into the database; let it be a writer.
	return errors.Join(db.readers.Close(), db.writers.Close())
}
