package room_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/easelhq/easel/storage/sqlite"
	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/room"
)

// BenchmarkCommit has people draw on one board kept in SQLite: each commits a batch of one
// op, waits for the receipt, and commits the next.
func BenchmarkCommit(b *testing.B) {
	for _, people := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			ctx := context.Background()
			store, err := sqlite.Open(ctx, b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			if err := store.CreateBoard(ctx, whiteboard.Board{ID: boardID}); err != nil {
				b.Fatal(err)
			}
			rs := room.New(store, &group{}, room.Options{})
			defer rs.Close(ctx)
			turns := make(chan struct{})
			results := make(chan error, people)
			for i := range people {
				w := newWriter(whiteboard.ActorID(fmt.Sprintf("actor%04d", i)))
				go func() {
					var err error
					for err == nil {
						if _, more := <-turns; !more {
							break
						}
						_, err = rs.Commit(ctx, boardID, ana, w.batch(fmt.Sprintf(`%s_%d {"kind":"rect","at":[1,2],"size":[3,4],"z":"a","color":"red","width":2}`, w.actor, w.n)))
					}
					results <- err
				}()
			}
			for b.Loop() {
				turns <- struct{}{}
			}
			close(turns)
			for range people {
				if err := <-results; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}
