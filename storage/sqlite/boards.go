package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/easelhq/easel/whiteboard"
)

// CreateBoard adds a board; see whiteboard.Store.
func (db *DB) CreateBoard(ctx context.Context, b whiteboard.Board) error {
	err := db.update(ctx, func(t *tx) error { return insertBoard(t, b) })
	return wrap(err, "create board %s", b.ID)
}

// Board returns a board; see whiteboard.Store.
func (db *DB) Board(ctx context.Context, id whiteboard.BoardID) (whiteboard.Board, error) {
	b, err := scanBoard(db.readers.QueryRowContext(ctx,
		"SELECT id, created, edit, view FROM boards WHERE id = ?", id))
	return b, wrap(err, "board %s", id)
}

// Boards returns all boards, newest first; see whiteboard.Store.
func (db *DB) Boards(ctx context.Context) ([]whiteboard.Board, error) {
	rows, err := db.readers.QueryContext(ctx,
		"SELECT id, created, edit, view FROM boards ORDER BY created DESC, id")
	if err != nil {
		return nil, wrap(err, "boards")
	}
	boards, err := collect(rows, func() (whiteboard.Board, error) { return scanBoard(rows) })
	return boards, wrap(err, "boards")
}

// Seq is how many entries a board has. Errors: whiteboard.ErrNotFound.
func (db *DB) Seq(ctx context.Context, id whiteboard.BoardID) (seq uint64, err error) {
	err = db.reading(ctx, func(t *sql.Tx) error {
		seq, err = selectSeq(ctx, t, id)
		return err
	})
	return seq, wrap(err, "entries of board %s", id)
}

// SetLinks replaces a board's links; see whiteboard.Store.
func (db *DB) SetLinks(ctx context.Context, id whiteboard.BoardID, l whiteboard.Links) error {
	err := db.update(ctx, func(t *tx) error { return updateLinks(t, id, l) })
	return wrap(err, "set links of board %s", id)
}

func insertBoard(t *tx, b whiteboard.Board) error {
	var id string
	err := t.row([]any{&id}, `INSERT INTO boards (id, created, edit, view) VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING RETURNING id`, b.ID, b.CreatedAt.UnixMilli(), b.Links.Edit, b.Links.View)
	if errors.Is(err, sql.ErrNoRows) {
		return whiteboard.ErrConflict
	}
	return err
}

func updateLinks(t *tx, id whiteboard.BoardID, l whiteboard.Links) error {
	var got string
	return t.row([]any{&got}, "UPDATE boards SET edit = ?, view = ? WHERE id = ? RETURNING id", l.Edit, l.View, id)
}

// scanner is a *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

func scanBoard(s scanner) (whiteboard.Board, error) {
	var b whiteboard.Board
	var created int64
	err := s.Scan(&b.ID, &created, &b.Links.Edit, &b.Links.View)
	if err != nil {
		return whiteboard.Board{}, err
	}
	b.CreatedAt = time.UnixMilli(created)
	return b, nil
}

// collect reads and closes rows.
func collect[T any](rows *sql.Rows, scan func() (T, error)) ([]T, error) {
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		v, err := scan()
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// wrap adds the operation to an error; a missing row is ErrNotFound.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = whiteboard.ErrNotFound
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
