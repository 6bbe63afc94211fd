package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
)

// maxGroup is how many writes share a transaction at most.
const maxGroup = 256

// write is a piece of work for the writer. The result is buffered; it is sent after the
// transaction has been flushed.
type write struct {
	do     func(*tx) error
	then   func() // called after the flush, before the result is sent; may be nil
	result chan error
}

// tx is the writer's connection within a transaction, with its prepared statements: one
// per query text in this package.
type tx struct {
	db    *sql.DB
	stmts map[string]*sql.Stmt
}

// update runs do within a transaction of the writer and returns once that is durable.
// When ctx ends first, the outcome is unknown.
func (db *DB) update(ctx context.Context, do func(*tx) error) error {
	return db.updateThen(ctx, do, nil)
}

// updateThen is update; the writer calls then, in the order of transactions, once do's
// effect is durable.
func (db *DB) updateThen(ctx context.Context, do func(*tx) error, then func()) error {
	w := write{then: then, result: make(chan error, 1), do: func(t *tx) error {
		if err := ctx.Err(); err != nil {
			return err // nobody waits any more
		}
		return do(t)
	}}
	select {
	case db.writes <- w:
	case <-db.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-w.result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run is the writer: it serves writes until Close.
func (db *DB) run(t *tx) {
	defer close(db.done)
	for {
		select {
		case first := <-db.writes:
			t.commit(db.gather(first))
		case <-db.closing:
			return
		}
	}
}

// gather returns first and the writes that wait with it. Goroutines that are about to write
// get their turn as long as that brings more: a flush holds up whoever comes a moment later,
// and on one processor everyone.
func (db *DB) gather(first write) []write {
	group := []write{first}
	for before := 0; before < len(group) && len(group) < maxGroup; {
		before = len(group)
		runtime.Gosched()
		group = db.waiting(group)
	}
	return group
}

// waiting appends the writes that wait.
func (db *DB) waiting(group []write) []write {
	for len(group) < maxGroup {
		select {
		case w := <-db.writes:
			group = append(group, w)
		default:
			return group
		}
	}
	return group
}

// commit runs a group of writes in one transaction and answers each.
func (t *tx) commit(group []write) {
	results := make([]error, len(group))
	err := t.exec("BEGIN IMMEDIATE")
	for i := 0; err == nil && i < len(group); i++ {
		results[i], err = t.nested(group[i].do)
	}
	if err == nil {
		err = t.exec("COMMIT")
	}
	if err != nil {
		// Already rolled back after some errors; then this fails, which is as good.
		_ = t.exec("ROLLBACK")
	}
	for i, w := range group {
		if err != nil {
			results[i] = fmt.Errorf("write transaction: %w", err)
		}
		if results[i] == nil && w.then != nil {
			w.then()
		}
		w.result <- results[i]
	}
}

// nested runs do within a savepoint. Fatal is set when the transaction cannot go on.
func (t *tx) nested(do func(*tx) error) (result, fatal error) {
	if err := t.exec("SAVEPOINT one"); err != nil {
		return nil, err
	}
	if result = do(t); result != nil {
		// After disk full and the like SQLite has rolled back everything: the
		// savepoint is gone and the group fails as a whole.
		if err := t.exec("ROLLBACK TO one"); err != nil {
			return result, errors.Join(result, err)
		}
	}
	return result, t.exec("RELEASE one")
}

// prepare returns the statement of a query, kept for the life of the connection.
func (t *tx) prepare(query string) (*sql.Stmt, error) {
	if s := t.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.db.Prepare(query)
	if err == nil {
		t.stmts[query] = s
	}
	return s, err
}

// exec runs a query without result.
func (t *tx) exec(query string, args ...any) error {
	s, err := t.prepare(query)
	if err == nil {
		_, err = s.Exec(args...)
	}
	return err
}

// row runs a query and scans its only row. Errors: sql.ErrNoRows.
func (t *tx) row(dest []any, query string, args ...any) error {
	s, err := t.prepare(query)
	if err != nil {
		return err
	}
	return s.QueryRow(args...).Scan(dest...)
}

// rows runs a query for several rows, which the caller closes.
func (t *tx) rows(query string, args ...any) (*sql.Rows, error) {
	s, err := t.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.Query(args...)
}
