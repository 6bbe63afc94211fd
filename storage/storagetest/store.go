// Package storagetest is the conformance suite of whiteboard.Store and
// webpubsub.SettingsStore. Every implementation runs it.
package storagetest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/easelhq/easel/whiteboard"
)

// Run runs the suite. Open returns an empty store; the suite closes it.
func Run(t *testing.T, open func(t *testing.T) whiteboard.Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, s whiteboard.Store)
	}{
		{"Board_created_isFound", testBoard},
		{"Board_unknown_isNotFound", testUnknownBoard},
		{"CreateBoard_twice_conflicts", testBoardTwice},
		{"Boards_several_newestFirst", testBoards},
		{"SetLinks_replacesBoth", testSetLinks},
		{"Commit_entries_areReadBackInOrder", testEntries},
		{"Commit_records_replaceEarlierOnes", testRecords},
		{"Commit_several_allOrNothing", testCommitSeveral},
		{"Commit_wrongSeq_conflictsAndChangesNothing", testCommitConflict},
		{"Commit_concurrently_onePerSeqWins", testCommitRace},
		{"Commit_manyBoardsAtOnce_keepsEachInOrder", testCommitMany},
		{"Commit_unusualText_isKept", testUnusualText},
		{"Progress_followsTheLastBatch", testProgress},
		{"Asset_sameContentTwice_isKeptOnce", testAssets},
		{"People_knownOnes_areReturned", testPeople},
		{"Secret_isMadeOnce", testSecret},
		{"Context_ended_isAnError", testContext},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			tt.run(t, s)
		})
	}
}

const boardID whiteboard.BoardID = "board0000001"

// addBoard adds a board created at ms Unix milliseconds.
func addBoard(t *testing.T, s whiteboard.Store, id whiteboard.BoardID, ms int64) whiteboard.Board {
	t.Helper()
	b := whiteboard.Board{ID: id, CreatedAt: time.UnixMilli(ms), Links: whiteboard.Links{Edit: "e" + string(id), View: "v" + string(id)}}
	if err := s.CreateBoard(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return b
}

// NewCommit returns a board's commit of one op at seq, whose only record is as after that op.
func NewCommit(board whiteboard.BoardID, seq uint64) whiteboard.Commit {
	op := whiteboard.Op{
		Stamp:  whiteboard.NewStamp(int64(1000+seq), 0, "actor0001"),
		Record: whiteboard.RecordID(fmt.Sprintf("record%d", seq%5)),
		Patch:  whiteboard.Patch{"kind": json.RawMessage(`"rect"`), "width": json.RawMessage(fmt.Sprint(seq))},
	}
	r, _ := whiteboard.Merge(whiteboard.Record{}, op)
	return whiteboard.Commit{
		Board: board,
		Entry: whiteboard.Entry{
			Seq: seq, User: "ana", At: time.UnixMilli(int64(5000 + seq)),
			Batch: whiteboard.Batch{Actor: "actor0001", N: seq, Ops: []whiteboard.Op{op}},
		},
		Records: []whiteboard.Record{r},
	}
}

func commit(t *testing.T, s whiteboard.Store, commits ...whiteboard.Commit) {
	t.Helper()
	if err := s.Commit(t.Context(), commits...); err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error is %v, want %v", what, err, want)
	}
}

func snapshot(t *testing.T, s whiteboard.Store, id whiteboard.BoardID) whiteboard.Snapshot {
	t.Helper()
	got, err := s.Snapshot(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got.Records, func(a, b whiteboard.Record) int { return cmp.Compare(a.ID, b.ID) })
	return got
}

func entries(t *testing.T, s whiteboard.Store, id whiteboard.BoardID, after uint64, limit int) []whiteboard.Entry {
	t.Helper()
	got, err := s.Entries(t.Context(), id, after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func seqs(entries []whiteboard.Entry) string {
	var all []uint64
	for _, e := range entries {
		all = append(all, e.Seq)
	}
	return fmt.Sprint(all)
}

func testBoard(t *testing.T, s whiteboard.Store) {
	want := addBoard(t, s, boardID, 1700000000123)
	got, err := s.Board(t.Context(), boardID)
	if err != nil || got.ID != want.ID || got.Links != want.Links || !got.CreatedAt.Equal(want.CreatedAt) {
		t.Errorf("board is %+v, %v; want %+v", got, err, want)
	}
	if got := snapshot(t, s, boardID); got.Seq != 0 || len(got.Records) != 0 {
		t.Errorf("snapshot of a new board is %+v", got)
	}
	if got := entries(t, s, boardID, 0, 10); len(got) != 0 {
		t.Errorf("a new board has entries %v", got)
	}
}

func testUnknownBoard(t *testing.T, s whiteboard.Store) {
	ctx := t.Context()
	_, err := s.Board(ctx, "nowhere00000")
	wantError(t, "board", err, whiteboard.ErrNotFound)
	_, err = s.Snapshot(ctx, "nowhere00000")
	wantError(t, "snapshot", err, whiteboard.ErrNotFound)
	_, err = s.Entries(ctx, "nowhere00000", 0, 1)
	wantError(t, "entries", err, whiteboard.ErrNotFound)
	wantError(t, "set links", s.SetLinks(ctx, "nowhere00000", whiteboard.Links{}), whiteboard.ErrNotFound)
	wantError(t, "commit", s.Commit(ctx, NewCommit("nowhere00000", 1)), whiteboard.ErrNotFound)
	_, err = s.Asset(ctx, "none")
	wantError(t, "asset", err, whiteboard.ErrNotFound)
	if p, err := s.Progress(ctx, "nowhere00000", "actor0001"); p != (whiteboard.Progress{}) || err != nil {
		t.Errorf("progress is %+v, %v", p, err)
	}
	if boards, err := s.Boards(ctx); len(boards) != 0 || err != nil {
		t.Errorf("boards are %v, %v", boards, err)
	}
}

func testBoardTwice(t *testing.T, s whiteboard.Store) {
	first := addBoard(t, s, boardID, 1)
	again := whiteboard.Board{ID: boardID, CreatedAt: time.UnixMilli(2), Links: whiteboard.Links{Edit: "x", View: "y"}}
	wantError(t, "create", s.CreateBoard(t.Context(), again), whiteboard.ErrConflict)
	if got, _ := s.Board(t.Context(), boardID); got.Links != first.Links {
		t.Errorf("links are %+v", got.Links)
	}
}

func testBoards(t *testing.T, s whiteboard.Store) {
	for i, ms := range []int64{20, 30, 10, 20} {
		addBoard(t, s, whiteboard.BoardID(fmt.Sprintf("board000000%d", i)), ms)
	}
	boards, err := s.Boards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, b := range boards {
		ids = append(ids, string(b.ID[11:]))
	}
	if strings.Join(ids, "") != "1032" {
		t.Errorf("boards are in order %v", ids)
	}
}

func testSetLinks(t *testing.T, s whiteboard.Store) {
	addBoard(t, s, boardID, 1)
	other := addBoard(t, s, "board0000002", 1)
	want := whiteboard.Links{Edit: "new edit", View: "new view"}
	if err := s.SetLinks(t.Context(), boardID, want); err != nil {
		t.Fatal(err)
	}
	if b, _ := s.Board(t.Context(), boardID); b.Links != want {
		t.Errorf("links are %+v", b.Links)
	}
	if b, _ := s.Board(t.Context(), other.ID); b.Links != other.Links {
		t.Errorf("the other board's links are %+v", b.Links)
	}
}

func testEntries(t *testing.T, s whiteboard.Store) {
	addBoard(t, s, boardID, 1)
	addBoard(t, s, "board0000002", 1)
	for seq := range uint64(12) {
		commit(t, s, NewCommit(boardID, seq+1))
	}
	commit(t, s, NewCommit("board0000002", 1))
	all := entries(t, s, boardID, 0, 100)
	if seqs(all) != "[1 2 3 4 5 6 7 8 9 10 11 12]" {
		t.Fatalf("entries are %s", seqs(all))
	}
	for i, got := range all {
		want := NewCommit(boardID, uint64(i+1)).Entry
		if !got.At.Equal(want.At) {
			t.Errorf("entry %d is of %v, want %v", i+1, got.At, want.At)
		}
		got.At = want.At
		if !reflect.DeepEqual(got, want) {
			t.Errorf("entry is %+v, want %+v", got, want)
		}
	}
	tests := []struct {
		after uint64
		limit int
		want  string
	}{
		{0, 3, "[1 2 3]"}, {9, 2, "[10 11]"}, {10, 100, "[11 12]"}, {12, 5, "[]"}, {99, 5, "[]"}, {3, 0, "[]"}, {3, -1, "[]"},
	}
	for _, tt := range tests {
		if got := seqs(entries(t, s, boardID, tt.after, tt.limit)); got != tt.want {
			t.Errorf("%d entries after %d are %s, want %s", tt.limit, tt.after, got, tt.want)
		}
	}
}

func testRecords(t *testing.T, s whiteboard.Store) {
	addBoard(t, s, boardID, 1)
	first, second := NewCommit(boardID, 1), NewCommit(boardID, 2)
	commit(t, s, first)
	r := first.Records[0]
	changed := whiteboard.Record{ID: r.ID, V: r.V,
		PV:    map[string]whiteboard.Stamp{"width": second.Entry.Ops[0].Stamp, "deleted": second.Entry.Ops[0].Stamp},
		Props: whiteboard.Patch{"kind": r.Props["kind"], "width": json.RawMessage(`7.50`), "deleted": json.RawMessage(`true`)}}
	second.Records = append(second.Records, changed)
	commit(t, s, second)
	want := whiteboard.Snapshot{Seq: 2, Records: []whiteboard.Record{changed, second.Records[0]}}
	if got := snapshot(t, s, boardID); !reflect.DeepEqual(got, want) {
		t.Errorf("snapshot is\n%+v, want\n%+v", got, want)
	}
	third := NewCommit(boardID, 3)
	third.Records = nil // nothing changed
	commit(t, s, third)
	want.Seq = 3
	if got := snapshot(t, s, boardID); !reflect.DeepEqual(got, want) {
		t.Errorf("snapshot is\n%+v, want\n%+v", got, want)
	}
}

func testCommitSeveral(t *testing.T, s whiteboard.Store) {
	addBoard(t, s, boardID, 1)
	commit(t, s)
	commit(t, s, NewCommit(boardID, 1), NewCommit(boardID, 2), NewCommit(boardID, 3))
	if got := snapshot(t, s, boardID); got.Seq != 3 || len(got.Records) != 3 {
		t.Errorf("snapshot is %+v", got)
	}
	err := s.Commit(t.Context(), NewCommit(boardID, 4), NewCommit(boardID, 6))
	wantError(t, "commit with a gap", err, whiteboard.ErrConflict)
	if got := snapshot(t, s, boardID); got.Seq != 3 || len(got.Records) != 3 {
		t.Errorf("snapshot after a failed commit is %+v", got)
	}
	if got := seqs(entries(t, s, boardID, 0, 10)); got != "[1 2 3]" {
		t.Errorf("entries are %s", got)
	}
	if p, _ := s.Progress(t.Context(), boardID, "actor0001"); p.N != 3 {
		t.Errorf("progress is %+v", p)
	}
}

func testCommitConflict(t *testing.T, s whiteboard.Store) {
	addBoard(t, s, boardID, 1)
	commit(t, s, NewCommit(boardID, 1), NewCommit(boardID, 2))
	before := snapshot(t, s, boardID)
	for _, seq := range []uint64{0, 1, 2, 4, 1 << 40} {
		c := NewCommit(boardID, seq)
		c.Entry.Actor = "actor0009"
		wantError(t, fmt.Sprintf("commit %d", seq), s.Commit(t.Context(), c), whiteboard.ErrConflict)
	}
	if got := snapshot(t, s, boardID); !reflect.DeepEqual(got, before) {
		t.Errorf("snapshot is %+v, want %+v", got, before)
	}
	if p, _ := s.Progress(t.Context(), boardID, "actor0009"); p.N != 0 {
		t.Errorf("progress is %+v", p)
	}
	commit(t, s, NewCommit(boardID, 3))
}

func testCommitRace(t *testing.T, s whiteboard.Store) {
	addBoard(t, s, boardID, 1)
	for seq := range uint64(10) {
		results := make(chan error, 8)
		for range cap(results) {
			go func() { results <- s.Commit(context.WithoutCancel(t.Context()), NewCommit(boardID, seq+1)) }()
		}
		won := 0
		for range cap(results) {
			switch err := <-results; {
			case err == nil:
				won++
			case !errors.Is(err, whiteboard.ErrConflict):
				t.Error(err)
			}
		}
		if won != 1 {
			t.Fatalf("%d commits of seq %d succeeded", won, seq+1)
		}
	}
}

func testCommitMany(t *testing.T, s whiteboard.Store) {
	const boards, each = 8, 25
	var wg sync.WaitGroup
	for i := range boards {
		id := whiteboard.BoardID(fmt.Sprintf("board%07d", i))
		addBoard(t, s, id, 1)
		wg.Go(func() {
			for seq := range uint64(each) {
				if err := s.Commit(context.WithoutCancel(t.Context()), NewCommit(id, seq+1)); err != nil {
					t.Errorf("board %s seq %d: %v", id, seq+1, err)
				}
				// What was acknowledged is visible.
				if got, err := s.Entries(context.WithoutCancel(t.Context()), id, seq, 1); err != nil || len(got) != 1 {
					t.Errorf("board %s: %d entries after %d, %v", id, len(got), seq, err)
				}
			}
		})
	}
	wg.Wait()
	for i := range boards {
		if got := snapshot(t, s, whiteboard.BoardID(fmt.Sprintf("board%07d", i))); got.Seq != each || len(got.Records) != 5 {
			t.Errorf("board %d is at %d with %d records", i, got.Seq, len(got.Records))
		}
	}
}

func testUnusualText(t *testing.T, s whiteboard.Store) {
	addBoard(t, s, boardID, 1)
	c := NewCommit(boardID, 1)
	value := json.RawMessage(`"a\u0000\ud83d\ude00 é \\ \" ' <&> ; \u2028 ` + strings.Repeat("x", 60_000) + `"`)
	c.Entry.User = `o'neil "☕" \`
	c.Entry.Ops[0].Patch = whiteboard.Patch{"text": value}
	c.Records[0].Props = whiteboard.Patch{"text": value, "z": json.RawMessage(`[1, {"a":[]}]`)}
	commit(t, s, c)
	if got := entries(t, s, boardID, 0, 1)[0]; got.User != c.Entry.User || !bytes.Equal(got.Ops[0].Patch["text"], value) {
		t.Errorf("entry is %+v", got)
	}
	if got := snapshot(t, s, boardID).Records[0]; !reflect.DeepEqual(got, c.Records[0]) {
		t.Errorf("record is %+v", got)
	}
	if p, _ := s.Progress(t.Context(), boardID, "actor0001"); p.User != c.Entry.User {
		t.Errorf("progress is %+v", p)
	}
}

func testProgress(t *testing.T, s whiteboard.Store) {
	addBoard(t, s, boardID, 1)
	addBoard(t, s, "board0000002", 1)
	want := map[whiteboard.ActorID]whiteboard.Progress{}
	for seq := range uint64(6) {
		c := NewCommit(boardID, seq+1)
		c.Entry.Actor = whiteboard.ActorID(fmt.Sprintf("actor000%d", seq%2))
		c.Entry.N = seq/2 + 1
		c.Entry.User = whiteboard.UserID(fmt.Sprint("user", seq%2))
		last := whiteboard.Op{Stamp: whiteboard.NewStamp(int64(9000+seq), 1, c.Entry.Actor), Record: "r", Patch: whiteboard.Patch{"z": json.RawMessage(`"a"`)}}
		c.Entry.Ops = append(c.Entry.Ops, last)
		commit(t, s, c)
		want[c.Entry.Actor] = whiteboard.Progress{N: c.Entry.N, Stamp: last.Stamp, Seq: seq + 1, User: c.Entry.User}
	}
	want["actor0009"] = whiteboard.Progress{}
	for actor, want := range want {
		if got, err := s.Progress(t.Context(), boardID, actor); got != want || err != nil {
			t.Errorf("progress of %s is %+v, %v; want %+v", actor, got, err, want)
		}
		if got, err := s.Progress(t.Context(), "board0000002", actor); got.N != 0 || err != nil {
			t.Errorf("progress of %s on the other board is %+v, %v", actor, got, err)
		}
	}
}

func testAssets(t *testing.T, s whiteboard.Store) {
	a := whiteboard.Asset{Hash: strings.Repeat("a1", 32), Type: "image/png", Data: bytes.Repeat([]byte{0, 255, '\''}, 1<<18)}
	for range 2 {
		if err := s.PutAsset(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PutAsset(t.Context(), whiteboard.Asset{Hash: strings.Repeat("b2", 32), Type: "image/gif", Data: []byte("gif")}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Asset(t.Context(), a.Hash)
	if err != nil || got.Hash != a.Hash || got.Type != a.Type || !bytes.Equal(got.Data, a.Data) {
		t.Errorf("asset is %s %s of %d bytes, %v", got.Hash, got.Type, len(got.Data), err)
	}
}

func testPeople(t *testing.T, s whiteboard.Store) {
	ctx := t.Context()
	for _, p := range []whiteboard.Person{{ID: "ana", Name: "Ana"}, {ID: "ben", Name: "Ben"}, {ID: "ana", Name: "Ana ☕"}} {
		if err := s.SetPerson(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	people, err := s.People(ctx, []whiteboard.UserID{"ben", "nobody", "ana"})
	slices.SortFunc(people, func(a, b whiteboard.Person) int { return cmp.Compare(a.ID, b.ID) })
	if want := []whiteboard.Person{{ID: "ana", Name: "Ana ☕"}, {ID: "ben", Name: "Ben"}}; err != nil || !slices.Equal(people, want) {
		t.Errorf("people are %v, %v", people, err)
	}
	if people, err := s.People(ctx, nil); err != nil || len(people) != 0 {
		t.Errorf("nobody is %v, %v", people, err)
	}
}

func testSecret(t *testing.T, s whiteboard.Store) {
	secrets := make(chan string, 8)
	for range cap(secrets) {
		go func() {
			b, err := s.Secret(context.WithoutCancel(t.Context()), "cookie")
			if err != nil {
				t.Error(err)
			}
			secrets <- string(b)
		}()
	}
	first := <-secrets
	if len(first) != 32 || first == strings.Repeat("\x00", 32) {
		t.Errorf("secret has %d bytes", len(first))
	}
	for range cap(secrets) - 1 {
		if other := <-secrets; other != first {
			t.Error("two calls returned different secrets")
		}
	}
	other, err := s.Secret(t.Context(), "other")
	if err != nil || len(other) != 32 || string(other) == first {
		t.Errorf("the other secret has %d bytes, %v", len(other), err)
	}
}

func testContext(t *testing.T, s whiteboard.Store) {
	addBoard(t, s, boardID, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, "commit", s.Commit(ctx, NewCommit(boardID, 1)), context.Canceled)
	_, err := s.Snapshot(ctx, boardID)
	wantError(t, "snapshot", err, context.Canceled)
	if got := snapshot(t, s, boardID); got.Seq != 0 {
		t.Errorf("seq is %d", got.Seq)
	}
}
