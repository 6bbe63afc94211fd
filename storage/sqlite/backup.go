package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Backup writes the whole database, as it is at one moment, to a file that must not exist.
// Others may read and write meanwhile. The file has mode 0600, for access keys are in it.
func (db *DB) Backup(ctx context.Context, file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	// SQLite writes into an empty file, and leaves its mode alone.
	err = db.vacuumInto(ctx, file)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("backup to %s: %w", file, errors.Join(err, os.Remove(file)))
	}
	return nil
}

// vacuumInto uses a reader, which has to be allowed to write for the while.
func (db *DB) vacuumInto(ctx context.Context, file string) error {
	conn, err := db.readers.Conn(ctx)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "PRAGMA query_only(off)")
	if err == nil {
		_, err = conn.ExecContext(ctx, "VACUUM INTO ?", file)
	}
	_, again := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only(on)")
	return errors.Join(err, again, conn.Close())
}

// Restore makes a database in dir of a file that [DB.Backup] wrote, and brings its schema up
// to date. Errors: dir has a database already; the file is none.
func Restore(ctx context.Context, file, dir string) error {
	from, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer from.Close()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	path := filepath.Join(dir, fileName)
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	_, err = io.Copy(to, from)
	if err == nil {
		err = to.Sync()
	}
	if err = errors.Join(err, to.Close()); err == nil {
		var db *DB
		if db, err = Open(ctx, dir); err == nil {
			return db.Close()
		}
	}
	return fmt.Errorf("restore %s: %w", file, errors.Join(err, os.Remove(path)))
}
