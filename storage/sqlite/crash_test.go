package sqlite

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/easelhq/easel/whiteboard"
)

const (
	crashDirEnv = "EASEL_TEST_CRASH_DIR"
	crashBoards = 3
)

func crashBoard(i int) whiteboard.BoardID { return whiteboard.BoardID(fmt.Sprintf("crash%07d", i)) }

// commitForever is the child: it commits to several boards at once and prints each board
// and seq once it is acknowledged, until it is killed.
func commitForever(dir string) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	ctx := context.Background()
	db, err := Open(ctx, dir)
	fail(err)
	var wg sync.WaitGroup
	var out sync.Mutex
	for i := range crashBoards {
		wg.Go(func() {
			s, err := db.Snapshot(ctx, crashBoard(i))
			fail(err)
			state := whiteboard.NewBoardState(s.Records)
			for seq := s.Seq + 1; ; seq++ {
				c := crashCommit(crashBoard(i), seq, state)
				fail(db.Commit(ctx, c))
				out.Lock()
				_, err := fmt.Printf("%d %d\n", i, seq)
				out.Unlock()
				fail(err)
			}
		})
	}
	wg.Wait()
}

// crashCommit returns the commit at seq, merged into state. It is a function of its
// arguments, so that the parent can tell what must be there.
func crashCommit(board whiteboard.BoardID, seq uint64, state *whiteboard.BoardState) whiteboard.Commit {
	rnd := rand.New(rand.NewPCG(seq, 7))
	actor := whiteboard.ActorID(fmt.Sprintf("actor%04d", seq%3))
	e := whiteboard.Entry{Seq: seq, User: "ana", At: time.UnixMilli(int64(seq)), Batch: whiteboard.Batch{Actor: actor, N: seq/3 + 1}}
	for i := range 1 + rnd.IntN(4) {
		e.Ops = append(e.Ops, whiteboard.Op{
			Stamp:  whiteboard.NewStamp(int64(1000+seq), i, actor),
			Record: whiteboard.RecordID(fmt.Sprintf("record%d", rnd.IntN(40))),
			Patch:  whiteboard.Patch{fmt.Sprintf("p%d", rnd.IntN(4)): json.RawMessage(fmt.Sprintf(`"%s"`, strings.Repeat("x", rnd.IntN(400))))},
		})
	}
	c := whiteboard.Commit{Board: board, Entry: e}
	for _, id := range state.Apply(e.Ops...) {
		c.Records = append(c.Records, state.Record(id))
	}
	return c
}

// TestCommit_killed_keepsAllThatWasAcknowledged kills a committing process several times and
// looks at what it left.
func TestCommit_killed_keepsAllThatWasAcknowledged(t *testing.T) {
	dir := t.TempDir()
	db := openDB(t, dir)
	for i := range crashBoards {
		addBoard(t, db, crashBoard(i))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var acknowledged [crashBoards]uint64
	for round := range 4 {
		killAfter(t, dir, 40+60*round, &acknowledged)
		db := openDB(t, dir)
		for i := range crashBoards {
			checkAfterCrash(t, db, crashBoard(i), acknowledged[i])
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter runs the child, kills it once it has acknowledged n commits, and notes the last
// acknowledged seq of each board.
func killAfter(t *testing.T, dir string, n int, acknowledged *[crashBoards]uint64) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashDirEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	seen := 0
	for ; lines.Scan(); seen++ {
		if seen == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		// Lines already in the pipe count: they were acknowledged. The last one may be cut off.
		var i int
		var seq uint64
		if _, err := fmt.Sscanf(lines.Text(), "%d %d", &i, &seq); err == nil && seq == acknowledged[i]+1 {
			acknowledged[i] = seq
		}
	}
	if err := cmd.Wait(); err == nil || seen < n {
		t.Fatalf("the child ended by itself after %d commits: %v", seen, err)
	}
}

// checkAfterCrash checks that the journal is whole up to at least the acknowledged seq, and
// that the records are what it gives.
func checkAfterCrash(t *testing.T, db *DB, id whiteboard.BoardID, acknowledged uint64) {
	t.Helper()
	s, err := db.Snapshot(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if s.Seq < acknowledged {
		t.Fatalf("board %s is at %d; %d was acknowledged", id, s.Seq, acknowledged)
	}
	var integrity string
	if err := db.readers.QueryRow("PRAGMA integrity_check").Scan(&integrity); err != nil || integrity != "ok" {
		t.Fatalf("the database is damaged: %s, %v", integrity, err)
	}
	entries, err := db.Entries(t.Context(), id, 0, maxEntries)
	if err != nil || uint64(len(entries)) != s.Seq {
		t.Fatalf("board %s is at %d with %d entries, %v", id, s.Seq, len(entries), err)
	}
	replay, expected := whiteboard.NewBoardState(nil), whiteboard.NewBoardState(nil)
	for i, e := range entries {
		want := crashCommit(id, uint64(i+1), expected).Entry
		if string(e.Append(nil)) != string(want.Append(nil)) {
			t.Fatalf("entry %d is %s, want %s", i+1, e.Append(nil), want.Append(nil))
		}
		replay.Apply(e.Ops...)
	}
	if len(s.Records) != replay.Len() {
		t.Fatalf("board %s has %d records; the journal gives %d", id, len(s.Records), replay.Len())
	}
	for _, r := range s.Records {
		if got, want := string(r.Append(nil)), string(replay.Record(r.ID).Append(nil)); got != want {
			t.Fatalf("record is %s; the journal gives %s", got, want)
		}
	}
}
