package room_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/room"
)

var errBoom = errors.New("boom")

func TestCommit_storeFails_isUnavailableAndLeavesNothing(t *testing.T) {
	broken := true
	store := &gate{Store: newStore(t), before: func([]whiteboard.Commit) error {
		if broken {
			return errBoom
		}
		return nil
	}}
	g := &group{}
	rs := room.New(store, g, room.Options{})
	raw := newWriter("actor0001").batch(rect)
	r := rejection(t, rs, ana, raw)
	if r.Code != whiteboard.CodeUnavailable || r.N != 1 || strings.Contains(r.Message, "boom") {
		t.Errorf("rejection is %+v", r)
	}
	if s, err := rs.Snapshot(t.Context(), boardID); err != nil || s.Seq != 0 || len(s.Records) != 0 {
		t.Errorf("snapshot is %+v, %v", s, err)
	}
	broken = false
	if got := mustCommit(t, rs, raw); got.Duplicate || got.Seq != 1 {
		t.Errorf("the same batch again gets %+v", got)
	}
	closeRooms(t, rs)
	if got := fmt.Sprint(g.seqs(t)); got != "[1]" {
		t.Errorf("published %s", got)
	}
}

func TestCommit_storeFails_givesUpWhatWaitsBehindIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan error)
		store := &gate{Store: newStore(t), before: func([]whiteboard.Commit) error { return <-hold }}
		rs := newRooms(t, store, &group{}, room.Options{})
		codes := make(chan string, 4)
		commit := func(raw []byte) {
			go func() {
				_, err := rs.Commit(t.Context(), boardID, ana, raw)
				if r, ok := errors.AsType[*room.Rejection](err); ok {
					codes <- string(r.Code)
				} else {
					codes <- fmt.Sprint(err)
				}
			}()
			synctest.Wait()
		}
		a, b := newWriter("actor0001"), newWriter("actor0002")
		first := a.batch(rect)
		commit(first)
		commit(first) // a copy waits with it
		commit(b.batch(`other {"kind":"rect"}`))
		hold <- errBoom
		for range 3 {
			if code := <-codes; code != "unavailable" {
				t.Errorf("answer is %s", code)
			}
		}
		commit(first)
		hold <- nil
		if code := <-codes; code != "<nil>" {
			t.Errorf("answer is %s", code)
		}
	})
}

func TestCommit_storeFailsAfterAll_isPublishedAndAcknowledgedLater(t *testing.T) {
	lies := true
	store := &gate{Store: newStore(t), after: func([]whiteboard.Commit) error {
		if lies {
			return errBoom
		}
		return nil
	}}
	g := &group{}
	rs := room.New(store, g, room.Options{})
	a, b := newWriter("actor0001"), newWriter("actor0002")
	raw := a.batch(rect)
	lies = false
	mustCommit(t, rs, b.batch(`x {"kind":"rect"}`))
	lies = true
	if r := rejection(t, rs, ana, raw); r.Code != whiteboard.CodeUnavailable {
		t.Fatalf("rejection is %+v", r)
	}
	lies = false
	if got := mustCommit(t, rs, raw); !got.Duplicate || got.Seq != 2 {
		t.Errorf("receipt is %+v", got)
	}
	mustCommit(t, rs, b.batch(`x {"width":3}`))
	closeRooms(t, rs)
	if got := fmt.Sprint(g.seqs(t)); got != "[1 2 3]" {
		t.Errorf("published %s", got)
	}
}

func TestCommit_anotherProcessCommitted_recovers(t *testing.T) {
	store := newStore(t)
	rs := newRooms(t, store, &group{}, room.Options{})
	a := newWriter("actor0001")
	mustCommit(t, rs, a.batch(rect))
	foreign := whiteboard.Entry{Seq: 2, User: "ben", Batch: whiteboard.Batch{Actor: "actor0002", N: 1}}
	if err := store.Commit(t.Context(), whiteboard.Commit{Board: boardID, Entry: foreign}); err != nil {
		t.Fatal(err)
	}
	raw := a.batch(`r {"width":3}`)
	if r := rejection(t, rs, ana, raw); r.Code != whiteboard.CodeUnavailable {
		t.Errorf("rejection is %+v", r)
	}
	if got := mustCommit(t, rs, raw); got.Seq != 3 || got.Duplicate {
		t.Errorf("receipt is %+v", got)
	}
}

// deaf is a store whose reads fail.
type deaf struct{ whiteboard.Store }

func (deaf) Snapshot(context.Context, whiteboard.BoardID) (whiteboard.Snapshot, error) {
	return whiteboard.Snapshot{}, errBoom
}

func TestCommit_boardCannotBeLoaded_isUnavailable(t *testing.T) {
	rs := newRooms(t, deaf{newStore(t)}, &group{}, room.Options{})
	if r := rejection(t, rs, ana, newWriter("actor0001").batch(rect)); r.Code != whiteboard.CodeUnavailable {
		t.Errorf("rejection is %+v", r)
	}
	if _, err := rs.Seq(t.Context(), boardID); !errors.Is(err, errBoom) {
		t.Errorf("seq: %v", err)
	}
}

func TestPublish_failsForAWhile_isTriedAgainInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &group{fail: func(n int) error {
			if n < 4 {
				return errBoom
			}
			return nil
		}}
		rs := room.New(newStore(t), g, room.Options{})
		w := newWriter("actor0001")
		start := time.Now()
		for i := range 5 {
			mustCommit(t, rs, w.batch(fmt.Sprintf(`r%d {"kind":"rect"}`, i)))
		}
		closeRooms(t, rs)
		if got := fmt.Sprint(g.seqs(t)); got != "[1 2 3 4 5]" {
			t.Errorf("published %s", got)
		}
		if took := time.Since(start); took != 1500*time.Millisecond { // 100 + 200 + 400 + 800
			t.Errorf("it took %v", took)
		}
	})
}

func TestPublish_failsForGood_isGivenUpAndShownByADigest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &group{fail: func(n int) error {
			if n < 6 {
				return errBoom
			}
			return nil
		}}
		rs := newRooms(t, newStore(t), g, room.Options{})
		w := newWriter("actor0001")
		mustCommit(t, rs, w.batch(rect))
		time.Sleep(time.Minute)
		if seqs, digests := g.seqs(t), g.digests(t); len(seqs) != 0 || len(digests) != 1 || digests[0].Q != 1 {
			t.Errorf("published %v and digests %+v", seqs, digests)
		}
		mustCommit(t, rs, w.batch(`r {"width":3}`))
		synctest.Wait()
		if got := fmt.Sprint(g.seqs(t)); got != "[2]" {
			t.Errorf("published %s", got)
		}
	})
}

func TestPublish_queueIsFull_dropsTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		g := &group{fail: func(int) error { <-hold; return nil }}
		rs := room.New(newStore(t), g, room.Options{})
		w := newWriter("actor0001")
		line := strings.Repeat("x", 1990)
		var ops []string
		for i := range 30 { // 60 KB a batch
			ops = append(ops, fmt.Sprintf(`c%d {"text":%q}`, i, line))
		}
		const n = 145 // 8.8 MB
		for range n {
			mustCommit(t, rs, w.batch(ops...))
		}
		close(hold)
		closeRooms(t, rs)
		got := g.seqs(t)
		if got[0] != 1 || got[len(got)-1] != n || len(got) >= n || !slices.IsSorted(got) {
			t.Errorf("published %v", got)
		}
		for _, m := range g.messages {
			if len(m) > 512<<10 {
				t.Errorf("a message has %d bytes", len(m))
			}
		}
	})
}

func TestDigest_afterChanges_isSentOnceBoardIsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, g := newStore(t), &group{}
		rs := newRooms(t, store, g, room.Options{})
		w := newWriter("actor0001")
		mustCommit(t, rs, w.batch(rect))
		time.Sleep(9 * time.Second)
		mustCommit(t, rs, w.batch(`r {"width":3}`, `s {"kind":"line"}`))
		if n := len(g.digests(t)); n != 0 {
			t.Fatalf("%d digests after 9 s", n)
		}
		time.Sleep(2 * time.Second)
		s, err := store.Snapshot(t.Context(), boardID)
		if err != nil {
			t.Fatal(err)
		}
		digests := g.digests(t)
		if len(digests) != 1 || digests[0].Q != 2 || digests[0].N != 2 || digests[0].H != whiteboard.DigestOf(s.Records...) {
			t.Fatalf("digests after 11 s are %+v", digests)
		}
		if last := g.published(t); last[len(last)-1].K != "dig" {
			t.Error("the digest came before entries")
		}
		time.Sleep(time.Minute)
		if n := len(g.digests(t)); n != 1 {
			t.Errorf("%d digests without a change", n)
		}
	})
}

func TestDigest_busyBoard_isSentEveryTenSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &group{}
		rs := newRooms(t, newStore(t), g, room.Options{})
		w := newWriter("actor0001")
		for i := range 600 { // a minute
			mustCommit(t, rs, w.batch(fmt.Sprintf(`r {"width":%d}`, i%60+1)))
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(g.digests(t)); n < 5 || n > 6 {
			t.Errorf("%d digests in a minute", n)
		}
	})
}

func TestDigest_commitInFlight_waitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := false
		store := &gate{Store: newStore(t), before: func([]whiteboard.Commit) error {
			if slow {
				time.Sleep(5 * time.Second)
			}
			return nil
		}}
		g := &group{}
		rs := newRooms(t, store, g, room.Options{})
		w := newWriter("actor0001")
		mustCommit(t, rs, w.batch(rect))
		time.Sleep(8 * time.Second)
		slow = true
		mustCommit(t, rs, w.batch(`r {"width":3}`)) // from 8 s to 13 s
		synctest.Wait()
		if digests := g.digests(t); len(digests) != 1 || digests[0].Q != 2 {
			t.Errorf("digests are %+v", digests)
		}
	})
}

func TestDigest_cannotBePublished_isNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &group{fail: func(int) error { return errBoom }}
		rs := room.New(newStore(t), g, room.Options{})
		mustCommit(t, rs, newWriter("actor0001").batch(rect))
		time.Sleep(time.Hour)
		closeRooms(t, rs)
		if g.calls != 12 {
			t.Errorf("%d attempts to publish; want 6 of the entry and 6 of a digest", g.calls)
		}
	})
}

// counter counts how often boards are loaded.
type counter struct {
	whiteboard.Store
	mu    sync.Mutex
	loads map[whiteboard.BoardID]int
}

func newCounter(s whiteboard.Store) *counter {
	return &counter{Store: s, loads: map[whiteboard.BoardID]int{}}
}

func (c *counter) Snapshot(ctx context.Context, id whiteboard.BoardID) (whiteboard.Snapshot, error) {
	c.mu.Lock()
	c.loads[id]++
	c.mu.Unlock()
	return c.Store.Snapshot(ctx, id)
}

func TestRooms_idle_areClosedAndReopened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, g := newCounter(newStore(t)), &group{}
		rs := newRooms(t, store, g, room.Options{Idle: time.Minute})
		w := newWriter("actor0001")
		for i := range 3 {
			if got := mustCommit(t, rs, w.batch(`r {"width":1}`)); got.Seq != uint64(i+1) {
				t.Errorf("receipt is %+v", got)
			}
			time.Sleep(50 * time.Second) // stays open
			if _, err := rs.Seq(t.Context(), boardID); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Minute)
		}
		if n := store.loads[boardID]; n != 3 {
			t.Errorf("the board was loaded %d times", n)
		}
		if got := fmt.Sprint(g.seqs(t)); got != "[1 2 3]" {
			t.Errorf("published %s", got)
		}
	})
}

func TestRooms_tooMany_closesTheOneLongestUnused(t *testing.T) {
	store := newCounter(newStore(t))
	ids := []whiteboard.BoardID{boardID, "board0000002", "board0000003"}
	addBoard(t, store, ids[1])
	addBoard(t, store, ids[2])
	rs := newRooms(t, store, &group{}, room.Options{MaxOpen: 2})
	for _, i := range []int{0, 1, 0, 2, 0, 2, 1} { // 2 displaces 1, then 1 displaces 0
		if _, err := rs.Seq(t.Context(), ids[i]); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(store.loads[ids[0]], store.loads[ids[1]], store.loads[ids[2]]); got != "1 2 1" {
		t.Errorf("loads are %s", got)
	}
}

func TestRooms_manyBoardsFewPlaces_allCommit(t *testing.T) {
	store, g := newStore(t), &group{}
	rs := room.New(store, g, room.Options{MaxOpen: 3})
	var wg sync.WaitGroup
	for i := range 12 {
		id := whiteboard.BoardID(fmt.Sprintf("many%08d", i))
		addBoard(t, store, id)
		wg.Go(func() {
			w := newWriter("actor0001")
			for range 20 {
				if _, err := rs.Commit(t.Context(), id, ana, w.batch(`r {"width":2}`)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	closeRooms(t, rs)
	if n := len(g.seqs(t)); n != 12*20 {
		t.Errorf("%d entries are published", n)
	}
}

func TestClose_waitsForThePublisherAndRefusesMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &group{fail: func(n int) error {
			time.Sleep(3 * time.Second)
			return nil
		}}
		rs := room.New(newStore(t), g, room.Options{})
		w := newWriter("actor0001")
		mustCommit(t, rs, w.batch(rect))
		start := time.Now()
		closeRooms(t, rs)
		if took := time.Since(start); took != 3*time.Second || len(g.seqs(t)) != 1 {
			t.Errorf("closed after %v with %v published", took, g.seqs(t))
		}
		if r := rejection(t, rs, ana, w.batch(`r {"width":1}`)); r.Code != whiteboard.CodeUnavailable || r.N != 2 {
			t.Errorf("rejection is %+v", r)
		}
		if _, err := rs.Snapshot(t.Context(), boardID); err == nil {
			t.Error("snapshot works after close")
		}
		closeRooms(t, rs) // twice is harmless
	})
}

// stuck never publishes.
type stuck struct{}

func (stuck) Publish(ctx context.Context, _ whiteboard.BoardID, _ json.RawMessage) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestClose_publisherIsStuck_endsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rs := room.New(newStore(t), stuck{}, room.Options{})
		mustCommit(t, rs, newWriter("actor0001").batch(rect))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := rs.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("close after %v: %v", time.Since(start), err)
		}
	})
}

func TestSnapshot_isThatOfTheStore(t *testing.T) {
	store := newStore(t)
	rs := newRooms(t, store, &group{}, room.Options{})
	w := newWriter("actor0001")
	for i := range 30 {
		mustCommit(t, rs, w.batch(fmt.Sprintf(`r%d {"width":%d}`, i%7, i+1), fmt.Sprintf(`s%d {"z":"a"}`, i)))
		got, err := rs.Snapshot(t.Context(), boardID)
		if err != nil {
			t.Fatal(err)
		}
		want, err := store.Snapshot(t.Context(), boardID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Seq != want.Seq || len(got.Records) != len(want.Records) || whiteboard.DigestOf(got.Records...) != whiteboard.DigestOf(want.Records...) {
			t.Fatalf("snapshot after %d is %+v, the store's is %+v", i, got, want)
		}
	}
	entries, err := rs.Entries(t.Context(), boardID, 28, 10)
	if err != nil || len(entries) != 2 || entries[0].Seq != 29 {
		t.Errorf("entries are %+v, %v", entries, err)
	}
}
