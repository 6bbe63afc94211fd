package room_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/easelhq/easel/internal/leaktest"
	"github.com/easelhq/easel/storage/memory"
	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/room"
)

// TestMain fails the package when goroutines are left.
func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

const boardID whiteboard.BoardID = "board0000001"

var ana = room.Author{User: "ana", Role: whiteboard.Editor}

// group records what is published; its fields may be set before use.
type group struct {
	fail func(n int) error // by number of the call, from 0; may be nil

	mu       sync.Mutex
	calls    int
	messages []json.RawMessage
}

func (g *group) Publish(ctx context.Context, _ whiteboard.BoardID, m json.RawMessage) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.calls
	g.calls++
	if g.fail != nil {
		if err := g.fail(n); err != nil {
			return err
		}
	}
	g.messages = append(g.messages, slices.Clone(m))
	return ctx.Err()
}

// message is what a client reads from the group.
type message struct {
	K string             `json:"k"`
	B []whiteboard.Entry `json:"b"`
	Q uint64             `json:"q"`
	N int                `json:"n"`
	H whiteboard.Digest  `json:"h"`
}

func (g *group) published(t *testing.T) []message {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]message, len(g.messages))
	for i, m := range g.messages {
		if err := json.Unmarshal(m, &all[i]); err != nil {
			t.Fatalf("message %d: %v: %s", i, err, m)
		}
	}
	return all
}

// seqs returns the positions of the published entries, in order.
func (g *group) seqs(t *testing.T) []uint64 {
	t.Helper()
	var all []uint64
	for _, m := range g.published(t) {
		for _, e := range m.B {
			all = append(all, e.Seq)
		}
	}
	return all
}

// digests returns the published digests.
func (g *group) digests(t *testing.T) []message {
	t.Helper()
	return slices.DeleteFunc(g.published(t), func(m message) bool { return m.K != "dig" })
}

// gate wraps a store so that a test can hold or fail commits.
type gate struct {
	whiteboard.Store
	before func(commits []whiteboard.Commit) error // may fail a commit before it is made
	after  func(commits []whiteboard.Commit) error // may report failure of one that was made
}

func (g *gate) Commit(ctx context.Context, commits ...whiteboard.Commit) error {
	if g.before != nil {
		if err := g.before(commits); err != nil {
			return err
		}
	}
	if err := g.Store.Commit(ctx, commits...); err != nil {
		return err
	}
	if g.after != nil {
		return g.after(commits)
	}
	return nil
}

// newStore returns a store with one board.
func newStore(t *testing.T) *memory.Store {
	t.Helper()
	s := memory.New()
	addBoard(t, s, boardID)
	return s
}

func addBoard(t *testing.T, s whiteboard.Store, id whiteboard.BoardID) {
	t.Helper()
	if err := s.CreateBoard(t.Context(), whiteboard.Board{ID: id, CreatedAt: time.UnixMilli(1)}); err != nil {
		t.Fatal(err)
	}
}

// newRooms returns rooms that are closed with the test.
func newRooms(t *testing.T, s whiteboard.Store, p room.Publisher, o room.Options) *room.Rooms {
	t.Helper()
	rs := room.New(s, p, o)
	t.Cleanup(func() { closeRooms(t, rs) })
	return rs
}

func closeRooms(t *testing.T, rs *room.Rooms) {
	t.Helper()
	if err := rs.Close(context.Background()); err != nil {
		t.Errorf("close: %v", err)
	}
}

// writer makes the batches of one actor.
type writer struct {
	clock *whiteboard.Clock
	actor whiteboard.ActorID
	n     uint64
}

func newWriter(actor whiteboard.ActorID) *writer {
	return &writer{clock: whiteboard.NewClock(actor), actor: actor}
}

// batch returns the next batch: each argument a record id and a patch, apart by a blank.
func (w *writer) batch(ops ...string) []byte {
	w.n++
	b := whiteboard.Batch{Actor: w.actor, N: w.n}
	for _, op := range ops {
		id, patch, _ := strings.Cut(op, " ")
		var p whiteboard.Patch
		if err := json.Unmarshal([]byte(patch), &p); err != nil {
			panic(err)
		}
		b.Ops = append(b.Ops, whiteboard.Op{Stamp: w.clock.Next(time.UnixMilli(1000)), Record: whiteboard.RecordID(id), Patch: p})
	}
	return b.Append(nil)
}

func mustCommit(t *testing.T, rs *room.Rooms, raw []byte) room.Receipt {
	t.Helper()
	receipt, err := rs.Commit(t.Context(), boardID, ana, raw)
	if err != nil {
		t.Fatalf("commit %s: %v", raw, err)
	}
	return receipt
}

// rejection commits raw, which must be rejected.
func rejection(t *testing.T, rs *room.Rooms, by room.Author, raw []byte) *room.Rejection {
	t.Helper()
	_, err := rs.Commit(t.Context(), boardID, by, raw)
	r, ok := errors.AsType[*room.Rejection](err)
	if !ok {
		t.Fatalf("commit %.200s: error is %v, want a rejection", raw, err)
	}
	return r
}
