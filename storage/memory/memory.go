// Package memory keeps boards and service settings in memory, for tests and for trying
// things out: nothing survives the process. It has no limits of its own.
package memory

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/easelhq/easel/whiteboard"
)

var _ whiteboard.Store = (*Store)(nil)

// Store implements whiteboard.Store. The zero value is not usable; see [New].
type Store struct {
	mu      sync.Mutex // guards everything below
	boards  map[whiteboard.BoardID]*board
	assets  map[string]whiteboard.Asset
	people  map[whiteboard.UserID]string
	secrets map[string][]byte
}

type board struct {
	whiteboard.Board
	entries  []whiteboard.Entry // entries[i].Seq = i+1
	records  map[whiteboard.RecordID]whiteboard.Record
	progress map[whiteboard.ActorID]whiteboard.Progress
}

// New returns an empty store.
func New() *Store {
	return &Store{
		boards:  map[whiteboard.BoardID]*board{},
		assets:  map[string]whiteboard.Asset{},
		people:  map[whiteboard.UserID]string{},
		secrets: map[string][]byte{},
	}
}

// lock takes the lock unless ctx has ended; the caller unlocks when err is nil.
func (s *Store) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	return nil
}

// open takes the lock and finds a board; the caller unlocks when err is nil.
func (s *Store) open(ctx context.Context, id whiteboard.BoardID) (*board, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	b := s.boards[id]
	if b == nil {
		s.mu.Unlock()
		return nil, fmt.Errorf("board %s: %w", id, whiteboard.ErrNotFound)
	}
	return b, nil
}

// CreateBoard adds a board; see whiteboard.Store.
func (s *Store) CreateBoard(ctx context.Context, b whiteboard.Board) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.boards[b.ID] != nil {
		return fmt.Errorf("create board %s: %w", b.ID, whiteboard.ErrConflict)
	}
	s.boards[b.ID] = &board{
		Board:    b,
		records:  map[whiteboard.RecordID]whiteboard.Record{},
		progress: map[whiteboard.ActorID]whiteboard.Progress{},
	}
	return nil
}

// Board returns a board; see whiteboard.Store.
func (s *Store) Board(ctx context.Context, id whiteboard.BoardID) (whiteboard.Board, error) {
	b, err := s.open(ctx, id)
	if err != nil {
		return whiteboard.Board{}, err
	}
	defer s.mu.Unlock()
	return b.Board, nil
}

// Boards returns all boards, newest first; see whiteboard.Store.
func (s *Store) Boards(ctx context.Context) ([]whiteboard.Board, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	all := make([]whiteboard.Board, 0, len(s.boards))
	for _, b := range s.boards {
		all = append(all, b.Board)
	}
	slices.SortFunc(all, func(a, b whiteboard.Board) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// SetLinks replaces a board's links; see whiteboard.Store.
func (s *Store) SetLinks(ctx context.Context, id whiteboard.BoardID, l whiteboard.Links) error {
	b, err := s.open(ctx, id)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	b.Links = l
	return nil
}

// Commit journals entries and their records; see whiteboard.Store.
func (s *Store) Commit(ctx context.Context, commits ...whiteboard.Commit) error {
	if len(commits) == 0 {
		return nil
	}
	b, err := s.open(ctx, commits[0].Board)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	for i, c := range commits {
		if next := uint64(len(b.entries) + i + 1); c.Entry.Seq != next {
			return fmt.Errorf("commit board %s seq %d, the next is %d: %w", c.Board, c.Entry.Seq, next, whiteboard.ErrConflict)
		}
	}
	for _, c := range commits {
		b.add(c)
	}
	return nil
}

func (b *board) add(c whiteboard.Commit) {
	e := c.Entry
	b.entries = append(b.entries, e)
	p := whiteboard.Progress{N: e.N, Seq: e.Seq, User: e.User}
	if n := len(e.Ops); n > 0 {
		p.Stamp = e.Ops[n-1].Stamp
	}
	b.progress[e.Actor] = p
	for _, r := range c.Records {
		b.records[r.ID] = r
	}
}

// Snapshot returns a board's records and position; see whiteboard.Store.
func (s *Store) Snapshot(ctx context.Context, id whiteboard.BoardID) (whiteboard.Snapshot, error) {
	b, err := s.open(ctx, id)
	if err != nil {
		return whiteboard.Snapshot{}, err
	}
	defer s.mu.Unlock()
	records := slices.AppendSeq(make([]whiteboard.Record, 0, len(b.records)), maps.Values(b.records))
	return whiteboard.Snapshot{Seq: uint64(len(b.entries)), Records: records}, nil
}

// Entries returns entries after a position; see whiteboard.Store.
func (s *Store) Entries(ctx context.Context, id whiteboard.BoardID, after uint64, limit int) ([]whiteboard.Entry, error) {
	b, err := s.open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	from := min(after, uint64(len(b.entries)))
	to := min(from+uint64(max(limit, 0)), uint64(len(b.entries)))
	return slices.Clone(b.entries[from:to]), nil
}

// Progress returns how far an actor has got; see whiteboard.Store.
func (s *Store) Progress(ctx context.Context, id whiteboard.BoardID, a whiteboard.ActorID) (whiteboard.Progress, error) {
	if err := s.lock(ctx); err != nil {
		return whiteboard.Progress{}, err
	}
	defer s.mu.Unlock()
	if b := s.boards[id]; b != nil {
		return b.progress[a], nil
	}
	return whiteboard.Progress{}, nil
}

// PutAsset stores an asset; see whiteboard.Store.
func (s *Store) PutAsset(ctx context.Context, a whiteboard.Asset) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if _, ok := s.assets[a.Hash]; !ok {
		a.Data = bytes.Clone(a.Data)
		s.assets[a.Hash] = a
	}
	return nil
}

// Asset returns an asset; see whiteboard.Store.
func (s *Store) Asset(ctx context.Context, hash string) (whiteboard.Asset, error) {
	if err := s.lock(ctx); err != nil {
		return whiteboard.Asset{}, err
	}
	defer s.mu.Unlock()
	a, ok := s.assets[hash]
	if !ok {
		return whiteboard.Asset{}, fmt.Errorf("asset %s: %w", hash, whiteboard.ErrNotFound)
	}
	return a, nil
}

// SetPerson stores a person's name; see whiteboard.Store.
func (s *Store) SetPerson(ctx context.Context, p whiteboard.Person) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.people[p.ID] = p.Name
	return nil
}

// People returns the known names of ids; see whiteboard.Store.
func (s *Store) People(ctx context.Context, ids []whiteboard.UserID) ([]whiteboard.Person, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	known := []whiteboard.Person{}
	for _, id := range ids {
		if name, ok := s.people[id]; ok {
			known = append(known, whiteboard.Person{ID: id, Name: name})
		}
	}
	return known, nil
}

// Secret returns the named secret, made by the first call; see whiteboard.Store.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if s.secrets[name] == nil {
		s.secrets[name] = make([]byte, 32)
		rand.Read(s.secrets[name]) // never fails
	}
	return bytes.Clone(s.secrets[name]), nil
}

// Close does nothing.
func (s *Store) Close() error { return nil }
