package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/easelhq/easel/whiteboard"
)

// maxEntries bounds what one call of Entries returns.
const maxEntries = 1000

// Commit journals entries and their records; see whiteboard.Store.
func (db *DB) Commit(ctx context.Context, commits ...whiteboard.Commit) error {
	if len(commits) == 0 {
		return nil
	}
	rows := make([]commitRow, len(commits))
	for i, c := range commits {
		rows[i] = newCommitRow(c)
	}
	err := db.update(ctx, func(t *tx) error { return insertCommits(t, rows) })
	return wrap(err, "commit board %s seq %d", commits[0].Board, commits[0].Entry.Seq)
}

// Snapshot returns a board's records and position; see whiteboard.Store.
func (db *DB) Snapshot(ctx context.Context, id whiteboard.BoardID) (whiteboard.Snapshot, error) {
	s, err := db.snapshot(ctx, id)
	return s, wrap(err, "snapshot of board %s", id)
}

// Entries returns entries after a position, at most [maxEntries]; see whiteboard.Store.
func (db *DB) Entries(ctx context.Context, id whiteboard.BoardID, after uint64, limit int) ([]whiteboard.Entry, error) {
	entries, err := db.entries(ctx, id, after, min(limit, maxEntries))
	return entries, wrap(err, "entries of board %s after %d", id, after)
}

// Progress returns how far an actor has got; see whiteboard.Store.
func (db *DB) Progress(ctx context.Context, id whiteboard.BoardID, a whiteboard.ActorID) (whiteboard.Progress, error) {
	var p whiteboard.Progress
	err := db.readers.QueryRowContext(ctx, "SELECT n, stamp, seq, user FROM actors WHERE board = ? AND actor = ?", id, a).
		Scan(&p.N, &p.Stamp, &p.Seq, &p.User)
	if errors.Is(err, sql.ErrNoRows) {
		return whiteboard.Progress{}, nil
	}
	return p, wrap(err, "progress of actor %s on board %s", a, id)
}

// commitRow is a commit encoded for the database, which the caller of Commit does so that
// the writer need not.
type commitRow struct {
	board   whiteboard.BoardID
	entry   whiteboard.Entry
	ops     string
	stamp   whiteboard.Stamp // of the last op
	records []recordRow
}

type recordRow struct {
	id, v, pv string
	p         []byte
}

func newCommitRow(c whiteboard.Commit) commitRow {
	row := commitRow{board: c.Board, entry: c.Entry, ops: string(whiteboard.AppendOps(nil, c.Entry.Ops))}
	if n := len(c.Entry.Ops); n > 0 {
		row.stamp = c.Entry.Ops[n-1].Stamp
	}
	for _, r := range c.Records {
		row.records = append(row.records, newRecordRow(r))
	}
	return row
}

func newRecordRow(r whiteboard.Record) recordRow {
	row := recordRow{id: string(r.ID), v: string(r.V), p: r.Props.Append(nil)}
	if len(r.PV) > 0 {
		row.pv = string(whiteboard.AppendStamps(nil, r.PV))
	}
	return row
}

func (r recordRow) record() (whiteboard.Record, error) {
	rec := whiteboard.Record{ID: whiteboard.RecordID(r.id), V: whiteboard.Stamp(r.v)}
	var err error
	if rec.Props, err = whiteboard.ParsePatch(r.p); err != nil {
		return rec, err
	}
	if r.pv != "" {
		rec.PV, err = whiteboard.ParseStamps([]byte(r.pv))
	}
	return rec, err
}

func insertCommits(t *tx, rows []commitRow) error {
	for _, row := range rows {
		if err := insertCommit(t, row); err != nil {
			return err
		}
	}
	return nil
}

func insertCommit(t *tx, row commitRow) error {
	e := row.entry
	if err := advance(t, row.board, e.Seq); err != nil {
		return err
	}
	err := t.exec("INSERT INTO entries (board, seq, user, at, actor, n, ops) VALUES (?, ?, ?, ?, ?, ?, ?)",
		row.board, int64(e.Seq), e.User, e.At.UnixMilli(), e.Actor, int64(e.N), row.ops)
	if err != nil {
		return err
	}
	err = t.exec("INSERT OR REPLACE INTO actors (board, actor, user, n, stamp, seq) VALUES (?, ?, ?, ?, ?, ?)",
		row.board, e.Actor, e.User, int64(e.N), row.stamp, int64(e.Seq))
	if err != nil {
		return err
	}
	for _, r := range row.records {
		err = t.exec("INSERT OR REPLACE INTO records (board, id, v, pv, p) VALUES (?, ?, ?, ?, ?)",
			row.board, r.id, r.v, r.pv, string(r.p))
		if err != nil {
			return err
		}
	}
	return nil
}

// advance moves a board to seq. Errors: ErrNotFound, ErrConflict when seq is not next.
func advance(t *tx, id whiteboard.BoardID, seq uint64) error {
	var have int64
	if err := t.row([]any{&have}, "SELECT seq FROM boards WHERE id = ?", id); err != nil {
		return err
	}
	if uint64(have)+1 != seq {
		return fmt.Errorf("the next seq is %d: %w", have+1, whiteboard.ErrConflict)
	}
	return t.exec("UPDATE boards SET seq = ? WHERE id = ?", int64(seq), id)
}

// reading runs do within one read transaction, which sees one state of the database.
func (db *DB) reading(ctx context.Context, do func(*sql.Tx) error) error {
	t, err := db.readers.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	return errors.Join(do(t), t.Rollback())
}

func (db *DB) snapshot(ctx context.Context, id whiteboard.BoardID) (s whiteboard.Snapshot, err error) {
	err = db.reading(ctx, func(t *sql.Tx) error {
		if s.Seq, err = selectSeq(ctx, t, id); err != nil {
			return err
		}
		s.Records, err = selectRecords(ctx, t, id)
		return err
	})
	return s, err
}

func (db *DB) entries(ctx context.Context, id whiteboard.BoardID, after uint64, limit int) (entries []whiteboard.Entry, err error) {
	err = db.reading(ctx, func(t *sql.Tx) error {
		seq, err := selectSeq(ctx, t, id)
		if err != nil || seq <= after || limit <= 0 {
			return err
		}
		entries, err = selectEntries(ctx, t, id, after, limit)
		if err == nil && (len(entries) == 0 || entries[0].Seq != after+1) {
			return whiteboard.ErrCompacted
		}
		return err
	})
	return entries, err
}

func selectSeq(ctx context.Context, t *sql.Tx, id whiteboard.BoardID) (seq uint64, err error) {
	err = t.QueryRowContext(ctx, "SELECT seq FROM boards WHERE id = ?", id).Scan(&seq)
	return seq, err
}

func selectRecords(ctx context.Context, t *sql.Tx, id whiteboard.BoardID) ([]whiteboard.Record, error) {
	rows, err := t.QueryContext(ctx, "SELECT id, v, pv, p FROM records WHERE board = ?", id)
	if err != nil {
		return nil, err
	}
	return collect(rows, func() (whiteboard.Record, error) {
		var r recordRow
		if err := rows.Scan(&r.id, &r.v, &r.pv, &r.p); err != nil {
			return whiteboard.Record{}, err
		}
		return r.record()
	})
}

func selectEntries(ctx context.Context, t *sql.Tx, id whiteboard.BoardID, after uint64, limit int) ([]whiteboard.Entry, error) {
	rows, err := t.QueryContext(ctx,
		"SELECT seq, user, at, actor, n, ops FROM entries WHERE board = ? AND seq > ? ORDER BY seq LIMIT ?", id, int64(after), limit)
	if err != nil {
		return nil, err
	}
	return collect(rows, func() (whiteboard.Entry, error) { return scanEntry(rows) })
}

func scanEntry(s scanner) (whiteboard.Entry, error) {
	var e whiteboard.Entry
	var at int64
	var ops []byte
	if err := s.Scan(&e.Seq, &e.User, &at, &e.Actor, &e.N, &ops); err != nil {
		return e, err
	}
	e.At = time.UnixMilli(at)
	var err error
	e.Ops, err = whiteboard.DecodeOps(ops, e.Actor)
	return e, err
}
