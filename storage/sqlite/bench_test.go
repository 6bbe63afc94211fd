package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/easelhq/easel/whiteboard"
)

// benchCommit returns a board's commit at seq of one usual stroke.
func benchCommit(board whiteboard.BoardID, seq uint64, points int) whiteboard.Commit {
	actor := whiteboard.ActorID("actor0001")
	op := whiteboard.Op{
		Stamp:  whiteboard.NewStamp(int64(1_700_000_000_000+seq), 0, actor),
		Record: whiteboard.RecordID(fmt.Sprintf("%012x", seq*0x9e3779b97f4a7c15>>16)), // spread like random ids
		Patch:  stroke(points),
	}
	r, _ := whiteboard.Merge(whiteboard.Record{}, op)
	return whiteboard.Commit{
		Board:   board,
		Entry:   whiteboard.Entry{Seq: seq, User: "ana", Batch: whiteboard.Batch{Actor: actor, N: seq, Ops: []whiteboard.Op{op}}},
		Records: []whiteboard.Record{r},
	}
}

func stroke(points int) whiteboard.Patch {
	var c whiteboard.Chunk
	for i := range int32(points) {
		c.Points = append(c.Points, whiteboard.Point{X: i * 20, Y: i * i % 300})
	}
	return whiteboard.Patch{
		"kind": json.RawMessage(`"draw"`), "at": json.RawMessage(`[120.5,-33]`), "z": json.RawMessage(`"a1b2"`),
		"color": json.RawMessage(`"indigo"`), "width": json.RawMessage(`4`), "p0": json.RawMessage(`"` + c.Encode(whiteboard.Point{}) + `"`),
	}
}

// BenchmarkCommit has writers commit to a board each, one batch after the other.
func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			db := openDB(b, b.TempDir())
			turns := make(chan struct{})
			results := make(chan error, writers)
			for i := range writers {
				id := whiteboard.BoardID(fmt.Sprintf("board%07d", i))
				addBoard(b, db, id)
				go func() {
					var err error
					for seq := uint64(1); err == nil; seq++ {
						if _, more := <-turns; !more {
							break
						}
						err = db.Commit(context.Background(), benchCommit(id, seq, 60))
					}
					results <- err
				}()
			}
			for b.Loop() {
				turns <- struct{}{}
			}
			close(turns)
			for range writers {
				if err := <-results; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}

// BenchmarkCommit_group commits groups of a busy board.
func BenchmarkCommit_group(b *testing.B) {
	for _, size := range []int{10, 100} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			db := openDB(b, b.TempDir())
			addBoard(b, db, boardID)
			seq := uint64(0)
			for b.Loop() {
				commits := make([]whiteboard.Commit, size)
				for i := range commits {
					seq++
					commits[i] = benchCommit(boardID, seq, 60)
				}
				if err := db.Commit(context.Background(), commits...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(seq)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}

// BenchmarkSnapshot loads a board of 50 000 strokes.
func BenchmarkSnapshot(b *testing.B) {
	for _, points := range []int{1, 60, 500} {
		b.Run(fmt.Sprintf("records=50000/points=%d", points), func(b *testing.B) {
			db := openDB(b, b.TempDir())
			addBoard(b, db, boardID)
			fill(b, db, 50_000, points)
			b.ReportAllocs()
			for b.Loop() {
				s, err := db.Snapshot(context.Background(), boardID)
				if err != nil || len(s.Records) != 50_000 {
					b.Fatal(len(s.Records), err)
				}
			}
		})
	}
}

func fill(tb testing.TB, db *DB, records, points int) {
	tb.Helper()
	for seq := 0; seq < records; seq += 1000 {
		var commits []whiteboard.Commit
		for i := range 1000 {
			commits = append(commits, benchCommit(boardID, uint64(seq+i+1), points))
		}
		if err := db.Commit(context.Background(), commits...); err != nil {
			tb.Fatal(err)
		}
	}
}
