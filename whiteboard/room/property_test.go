package room_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/storage/memory"
	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/room"
)

// dice are shared random numbers.
type dice struct {
	mu  sync.Mutex
	rnd *rand.Rand
}

func (d *dice) roll(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rnd.IntN(n)
}

// TestCommit_randomFaults_keepsItsPromises has clients commit by the protocol while the
// store fails or lies, the publisher fails, callers give up, and rooms come and go. In the
// end every acknowledged batch is in the journal once, what was published is in order and
// was durable, and the records are what the journal gives.
func TestCommit_randomFaults_keepsItsPromises(t *testing.T) {
	for seed := range uint64(25) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runFaults(t, seed) })
		})
	}
}

func runFaults(t *testing.T, seed uint64) {
	d := &dice{rnd: rand.New(rand.NewPCG(seed, 9))}
	store := newStore(t)
	faulty := &gate{
		Store: store,
		before: func([]whiteboard.Commit) error {
			time.Sleep(time.Duration(d.roll(30)) * time.Millisecond)
			return faultOneIn(d, 12)
		},
		after: func([]whiteboard.Commit) error { return faultOneIn(d, 12) },
	}
	g := &durableGroup{t: t, store: store, d: d}
	rs := room.New(faulty, g, room.Options{Idle: time.Second, MaxOpen: 1 + d.roll(2)})
	const clients, batches = 6, 25
	acknowledged := make([][]uint64, clients) // seqs
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			c := client{rooms: rs, d: d, writer: newWriter(whiteboard.ActorID(fmt.Sprintf("actor%04d", i))), t: t}
			for range batches {
				acknowledged[i] = append(acknowledged[i], c.commit())
			}
		})
	}
	addBoard(t, store, "other0000001")
	wg.Go(func() { // displaces the room when there is one place
		for range 20 {
			time.Sleep(time.Duration(d.roll(100)) * time.Millisecond)
			if _, err := rs.Seq(t.Context(), "other0000001"); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	closeRooms(t, rs)
	checkJournal(t, store, acknowledged)
	g.check()
}

func faultOneIn(d *dice, n int) error {
	if d.roll(n) == 0 {
		return errBoom
	}
	return nil
}

// maxTries is far more than faults and impatience need.
const maxTries = 300

// client commits by the protocol: one batch at a time, the same one until it is acknowledged.
type client struct {
	t      *testing.T
	rooms  *room.Rooms
	d      *dice
	writer *writer
}

// commit commits a batch, however long that takes, and returns its seq.
func (c *client) commit() uint64 {
	time.Sleep(time.Duration(c.d.roll(40)) * time.Millisecond)
	raw := c.writer.batch(
		fmt.Sprintf(`r%d {"width":%d}`, c.d.roll(6), c.d.roll(60)+1),
		fmt.Sprintf(`r%d {"kind":"line","size":[%d,1]}`, c.d.roll(6), c.d.roll(60)))
	for range maxTries {
		receipt, err := c.try(raw)
		r, rejected := errors.AsType[*room.Rejection](err)
		switch {
		case err == nil:
			return receipt.Seq
		case rejected && r.Code != whiteboard.CodeUnavailable:
			c.t.Errorf("actor %s: %v", c.writer.actor, err)
			return 0
		case !rejected && !errors.Is(err, context.DeadlineExceeded):
			c.t.Errorf("actor %s: error %v is no rejection", c.writer.actor, err)
		}
		time.Sleep(time.Duration(c.d.roll(50)) * time.Millisecond)
	}
	c.t.Errorf("actor %s: batch %d is not acknowledged after %d tries", c.writer.actor, c.writer.n, maxTries)
	return 0
}

// try commits with little patience, sometimes twice at once, as after a reconnect.
func (c *client) try(raw []byte) (room.Receipt, error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Duration(10+c.d.roll(60))*time.Millisecond)
	defer cancel()
	if c.d.roll(5) == 0 {
		var copied sync.WaitGroup
		defer copied.Wait()
		copied.Go(func() { _, _ = c.rooms.Commit(ctx, boardID, ana, raw) })
	}
	return c.rooms.Commit(ctx, boardID, ana, raw)
}

// durableGroup fails at random and checks that what is published is durable.
type durableGroup struct {
	t     *testing.T
	store *memory.Store
	d     *dice
	mu    sync.Mutex
	last  uint64
	seen  int
}

func (g *durableGroup) Publish(ctx context.Context, board whiteboard.BoardID, raw json.RawMessage) error {
	time.Sleep(time.Duration(g.d.roll(30)) * time.Millisecond)
	if err := faultOneIn(g.d, 8); err != nil {
		return err
	}
	var m message
	if err := json.Unmarshal(raw, &m); err != nil {
		g.t.Errorf("%v: %s", err, raw)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, e := range m.B {
		if e.Seq <= g.last {
			g.t.Errorf("seq %d is published after %d", e.Seq, g.last)
		}
		g.last = e.Seq
		g.seen++
		journaled, err := g.store.Entries(ctx, board, e.Seq-1, 1)
		if err != nil || len(journaled) != 1 || string(journaled[0].Append(nil)) != string(e.Append(nil)) {
			g.t.Errorf("published %s; the journal has %v, %v", e.Append(nil), journaled, err)
		}
	}
	return nil
}

func (g *durableGroup) check() {
	if g.seen == 0 {
		g.t.Error("nothing was published")
	}
}

func checkJournal(t *testing.T, store *memory.Store, acknowledged [][]uint64) {
	t.Helper()
	entries, err := store.Entries(t.Context(), boardID, 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for i, seqs := range acknowledged {
		total += len(seqs)
		if !slices.IsSorted(seqs) {
			t.Errorf("client %d was given %v", i, seqs)
		}
		for n, seq := range seqs {
			if seq == 0 || seq > uint64(len(entries)) {
				t.Errorf("batch %d of client %d was acknowledged at %d of %d", n+1, i, seq, len(entries))
				continue
			}
			if e := entries[seq-1]; e.Actor != whiteboard.ActorID(fmt.Sprintf("actor%04d", i)) || e.N != uint64(n+1) {
				t.Errorf("batch %d of client %d was acknowledged at %d, where the journal has batch %d of %s", n+1, i, seq, e.N, e.Actor)
			}
		}
	}
	if len(entries) != total {
		t.Errorf("the journal has %d entries; %d batches were made", len(entries), total)
	}
	replay := whiteboard.NewBoardState(nil)
	for i, e := range entries {
		if e.Seq != uint64(i+1) {
			t.Fatalf("entry %d has seq %d", i+1, e.Seq)
		}
		replay.Apply(e.Ops...)
	}
	s, err := store.Snapshot(t.Context(), boardID)
	if err != nil || s.Seq != uint64(len(entries)) {
		t.Fatalf("snapshot is at %d, %v", s.Seq, err)
	}
	for _, r := range s.Records {
		if got, want := string(r.Append(nil)), string(replay.Record(r.ID).Append(nil)); got != want {
			t.Errorf("record is %s; the journal gives %s", got, want)
		}
	}
	if len(s.Records) != replay.Len() {
		t.Errorf("%d records are stored; the journal gives %d", len(s.Records), replay.Len())
	}
}
