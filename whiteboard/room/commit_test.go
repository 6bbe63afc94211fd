package room_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/room"
)

const rect = `r {"kind":"rect","at":[1,2],"size":[3,4],"z":"a","color":"red","width":2}`

func TestCommit_good_isStoredThenPublished(t *testing.T) {
	store, g := newStore(t), &group{}
	rs := room.New(store, g, room.Options{})
	w := newWriter("actor0001")
	for i := range 3 {
		if got := mustCommit(t, rs, w.batch(fmt.Sprintf(`r%d {"kind":"rect"}`, i))); got.Seq != uint64(i+1) || got.N != uint64(i+1) || got.Duplicate {
			t.Errorf("receipt %d is %+v", i, got)
		}
		entries, err := store.Entries(t.Context(), boardID, uint64(i), 1)
		if err != nil || len(entries) != 1 {
			t.Errorf("entry %d is not in the store: %v", i+1, err)
		}
	}
	closeRooms(t, rs)
	if got := fmt.Sprint(g.seqs(t)); got != "[1 2 3]" {
		t.Errorf("published %s", got)
	}
	if e := g.published(t)[0].B[0]; e.User != "ana" || e.Actor != "actor0001" || e.N != 1 || string(e.Ops[0].Patch["kind"]) != `"rect"` {
		t.Errorf("published entry is %+v", e)
	}
}

func TestCommit_bad_isRejectedWithCodeAndReason(t *testing.T) {
	now := time.UnixMilli(1000)
	viewer := room.Author{User: "vic", Role: whiteboard.Viewer}
	ben := room.Author{User: "ben", Role: whiteboard.Editor}
	tests := []struct {
		name string
		by   room.Author
		raw  string
		code whiteboard.Code
		want string // in the message
		n    uint64
		have uint64
	}{
		{"viewer", viewer, `{"c":"actor0001","n":2,"ops":[["000000000rsa","r",{"width":1}]]}`, "forbidden", "viewer", 2, 0},
		{"not JSON", ana, `{"c":`, "invalid", "JSON", 0, 0},
		{"no actor", ana, `{"n":2,"ops":[]}`, "invalid", "actor", 2, 0},
		{"no ops", ana, `{"c":"actor0001","n":2,"ops":[]}`, "invalid", "no ops", 2, 1},
		{"bad value", ana, `{"c":"actor0001","n":2,"ops":[["0000000rt000","r",{"width":65}]]}`, "invalid", "width 65 is invalid; allowed: a number from 0.5 to 64", 2, 1},
		{"value of another kind", ana, `{"c":"actor0001","n":2,"ops":[["0000000rt000","r",{"size":[-1,2]}]]}`, "invalid", "size [-1,2]", 2, 1},
		{"too many bytes", ana, `{"c":"actor0001","n":2,"ops":[["0000000rt000","r",{"text":"` + strings.Repeat("x", whiteboard.MaxBatchBytes) + `"}]]}`, "too_large", "65536", 2, 1},
		{"too many ops", ana, `{"c":"actor0001","n":2,"ops":[` + strings.Repeat(`["0000000rt000","r",{"width":1}],`, 500) + `["0000000rt000","r",{"width":1}]]}`, "too_large", "500", 2, 1},
		{"gap in n", ana, `{"c":"actor0001","n":3,"ops":[["0000000rt000","r",{"width":1}]]}`, "order", "the next is 2", 3, 1},
		{"stamp not after the last batch", ana, `{"c":"actor0001","n":2,"ops":[["0000000rs000","r",{"width":1}]]}`, "order", "does not lie after", 2, 1},
		{"stamps don't rise in the batch", ana, `{"c":"actor0001","n":2,"ops":[["0000000rt001","r",{"width":1}],["0000000rt001","r",{"z":"b"}]]}`, "order", "does not lie after", 2, 1},
		{"stamp ahead of the clock", ana, `{"c":"actor0001","n":2,"ops":[["0000004mp000","r",{"width":1}]]}`, "clock", "5000", 2, 1},
		{"chat line of someone else", ana, `{"c":"actor0001","n":2,"ops":[["0000000rt000","c",{"kind":"chat","text":"hi","user":"ben"}]]}`, "forbidden", "ben", 2, 1},
		{"actor of someone else", ben, `{"c":"actor0001","n":2,"ops":[["0000000rt000","r",{"width":1}]]}`, "forbidden", "another user", 2, 1},
		{"kind that the record's properties don't suit", ana, `{"c":"actor0001","n":2,"ops":[["0000000rt000","r",{"kind":"draw"}]]}`, "invalid", "draw has no property", 2, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := newStore(t)
			rs := newRooms(t, store, &group{}, room.Options{Now: func() time.Time { return now }})
			mustCommit(t, rs, newWriter("actor0001").batch(rect))
			r := rejection(t, rs, tt.by, []byte(tt.raw))
			if r.Code != tt.code || !strings.Contains(r.Message, tt.want) || r.N != tt.n || r.Have != tt.have || !r.Now.Equal(now) {
				t.Errorf("rejection is %+v", r)
			}
			if len(r.Message) > 300 {
				t.Errorf("message has %d bytes", len(r.Message))
			}
			if seq, err := rs.Seq(t.Context(), boardID); seq != 1 || err != nil {
				t.Errorf("seq is %d, %v", seq, err)
			}
		})
	}
}

func TestCommit_clockAtTheLimit_isAccepted(t *testing.T) {
	rs := newRooms(t, newStore(t), &group{}, room.Options{Now: func() time.Time { return time.UnixMilli(1000) }})
	mustCommit(t, rs, []byte(`{"c":"actor0001","n":1,"ops":[["0000004mo000","r",{"width":1}]]}`))
}

func TestCommit_unknownBoard_isForbiddenAndNotKeptOpen(t *testing.T) {
	rs := newRooms(t, newStore(t), &group{}, room.Options{MaxOpen: 1})
	for range 3 {
		_, err := rs.Commit(t.Context(), "nowhere00000", ana, newWriter("actor0001").batch(rect))
		if r, ok := errors.AsType[*room.Rejection](err); !ok || r.Code != whiteboard.CodeForbidden {
			t.Fatalf("error is %v", err)
		}
	}
	mustCommit(t, rs, newWriter("actor0001").batch(rect))
	if _, err := rs.Snapshot(t.Context(), "nowhere00000"); !errors.Is(err, whiteboard.ErrNotFound) {
		t.Errorf("snapshot: %v", err)
	}
}

func TestCommit_again_isAcknowledgedOnce(t *testing.T) {
	store, g := newStore(t), &group{}
	rs := room.New(store, g, room.Options{})
	w := newWriter("actor0001")
	first, second := w.batch(rect), w.batch(`r {"width":3}`)
	mustCommit(t, rs, first)
	mustCommit(t, rs, second)
	for _, raw := range [][]byte{second, first} {
		if got := mustCommit(t, rs, raw); !got.Duplicate || got.Seq != 2 {
			t.Errorf("receipt is %+v", got)
		}
	}
	closeRooms(t, rs)
	rs = newRooms(t, store, g, room.Options{}) // the store remembers
	if got := mustCommit(t, rs, second); !got.Duplicate || got.Seq != 2 || got.N != 2 {
		t.Errorf("receipt after reopening is %+v", got)
	}
	if got := fmt.Sprint(g.seqs(t)); got != "[1 2]" {
		t.Errorf("published %s", got)
	}
}

func TestCommit_againWhileInFlight_waitsForTheFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		store := &gate{Store: newStore(t), before: func([]whiteboard.Commit) error { <-hold; return nil }}
		rs := newRooms(t, store, &group{}, room.Options{})
		raw := newWriter("actor0001").batch(rect)
		receipts := make(chan room.Receipt, 2)
		for range 2 {
			go func() {
				r, err := rs.Commit(t.Context(), boardID, ana, raw)
				if err != nil {
					t.Error(err)
				}
				receipts <- r
			}()
			synctest.Wait()
		}
		if len(receipts) != 0 {
			t.Fatal("a receipt came before the flush")
		}
		close(hold)
		a, b := <-receipts, <-receipts
		if a.Seq != 1 || b.Seq != 1 || a.Duplicate == b.Duplicate {
			t.Errorf("receipts are %+v and %+v", a, b)
		}
	})
}

func TestCommit_whileFlushing_isGatheredIntoTheNextFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		var sizes []int
		store := &gate{Store: newStore(t), before: func(c []whiteboard.Commit) error {
			sizes = append(sizes, len(c)) // calls don't overlap
			<-hold
			return nil
		}}
		g := &group{}
		rs := room.New(store, g, room.Options{})
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				w := newWriter(whiteboard.ActorID(fmt.Sprintf("actor%04d", i)))
				if _, err := rs.Commit(t.Context(), boardID, ana, w.batch(fmt.Sprintf(`r%d {"kind":"rect"}`, i))); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		if seq, _ := rs.Seq(t.Context(), boardID); seq != 0 {
			t.Errorf("seq before the flush is %d", seq)
		}
		if s, _ := rs.Snapshot(t.Context(), boardID); len(s.Records) != 0 {
			t.Errorf("snapshot before the flush has %d records", len(s.Records))
		}
		close(hold)
		wg.Wait()
		if s, _ := rs.Snapshot(t.Context(), boardID); len(s.Records) != 20 || s.Seq != 20 {
			t.Errorf("snapshot after the flush has %d records at %d", len(s.Records), s.Seq)
		}
		closeRooms(t, rs)
		if fmt.Sprint(sizes) != "[1 19]" {
			t.Errorf("flushes have sizes %v", sizes)
		}
		if got := g.seqs(t); len(got) != 20 || got[0] != 1 || got[19] != 20 {
			t.Errorf("published %v", got)
		}
		if n := len(g.published(t)); n > 3 {
			t.Errorf("20 entries are published in %d messages", n)
		}
	})
}

func TestCommit_opsOfABatch_buildOnEachOther(t *testing.T) {
	rs := newRooms(t, newStore(t), &group{}, room.Options{})
	w := newWriter("actor0001")
	r := rejection(t, rs, ana, w.batch(`r {"kind":"rect"}`, `r {"size":[-1,1]}`))
	if r.Code != whiteboard.CodeInvalid {
		t.Errorf("code is %s", r.Code)
	}
	if s, err := rs.Snapshot(t.Context(), boardID); err != nil || len(s.Records) != 0 {
		t.Errorf("a refused batch left %v, %v", s.Records, err)
	}
}

func TestCommit_othersChatLine_isForbidden(t *testing.T) {
	rs := newRooms(t, newStore(t), &group{}, room.Options{})
	mustCommit(t, rs, newWriter("actor0001").batch(`c {"kind":"chat","text":"hi","user":"ana","name":"Ana","time":5}`))
	ben := room.Author{User: "ben", Role: whiteboard.Editor}
	if r := rejection(t, rs, ben, newWriter("actor0002").batch(`c {"text":"bye"}`)); r.Code != whiteboard.CodeForbidden {
		t.Errorf("code is %s", r.Code)
	}
}

func TestCommit_tooManyProperties_isOverQuota(t *testing.T) {
	// The tables allow fewer properties than the quota: reach it from the store.
	store := newStore(t)
	full := whiteboard.Record{ID: "r", V: "000000001000actor0009", Props: whiteboard.Patch{}}
	for i := range whiteboard.MaxProps {
		full.Props[fmt.Sprintf("x%d", i)] = json.RawMessage("1")
	}
	entry := whiteboard.Entry{Seq: 1, User: "ana", Batch: whiteboard.Batch{Actor: "actor0009", N: 1}}
	if err := store.Commit(t.Context(), whiteboard.Commit{Board: boardID, Entry: entry, Records: []whiteboard.Record{full}}); err != nil {
		t.Fatal(err)
	}
	rs := newRooms(t, store, &group{}, room.Options{})
	if r := rejection(t, rs, ana, newWriter("actor0001").batch(`r {"width":1}`)); r.Code != whiteboard.CodeQuota || !strings.Contains(r.Message, "512") {
		t.Errorf("rejection is %+v", r)
	}
}

func TestCommit_tooManyRecords_isOverQuota(t *testing.T) {
	store := newStore(t)
	records := make([]whiteboard.Record, whiteboard.MaxRecords-4)
	for i := range records {
		records[i] = whiteboard.Record{ID: whiteboard.RecordID(fmt.Sprintf("x%d", i)), V: "000000001000actor0009", Props: whiteboard.Patch{"z": json.RawMessage(`"a"`)}}
	}
	entry := whiteboard.Entry{Seq: 1, User: "ana", Batch: whiteboard.Batch{Actor: "actor0009", N: 1}}
	if err := store.Commit(t.Context(), whiteboard.Commit{Board: boardID, Entry: entry, Records: records}); err != nil {
		t.Fatal(err)
	}
	rs := newRooms(t, store, &group{}, room.Options{})
	w := newWriter("actor0001")
	mustCommit(t, rs, w.batch(`a {"z":"a"}`))
	mustCommit(t, rs, w.batch(`b {"z":"a"}`, `b {"width":1}`))
	if r := rejection(t, rs, ana, w.batch(`c {"z":"a"}`, `d {"z":"a"}`, `e {"z":"a"}`)); r.Code != whiteboard.CodeQuota || !strings.Contains(r.Message, "200001") {
		t.Errorf("rejection is %+v", r)
	}
	w.n--
	mustCommit(t, rs, w.batch(`c {"z":"a"}`, `d {"z":"a"}`)) // the last two
	if r := rejection(t, rs, ana, w.batch(`e {"z":"a"}`)); r.Code != whiteboard.CodeQuota {
		t.Errorf("rejection is %+v", r)
	}
	w.n--
	mustCommit(t, rs, w.batch(`x7 {"z":"b"}`))
}

func TestCommit_contextEnds_returnsItsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		store := &gate{Store: newStore(t), before: func([]whiteboard.Commit) error { <-hold; return nil }}
		rs := newRooms(t, store, &group{}, room.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		raw := newWriter("actor0001").batch(rect)
		if _, err := rs.Commit(ctx, boardID, ana, raw); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		close(hold)
		if got := mustCommit(t, rs, raw); !got.Duplicate || got.Seq != 1 {
			t.Errorf("receipt of the same batch is %+v", got)
		}
	})
}

func TestAnswers_haveTheirWireForm(t *testing.T) {
	tests := []struct {
		answer any
		want   string
	}{
		{room.Receipt{N: 3, Seq: 9, Duplicate: true}, `{"k":"ack","n":3,"q":9}`},
		{&room.Rejection{N: 3, Code: "order", Message: "m", Have: 1, Now: time.UnixMilli(7)},
			`{"k":"rej","n":3,"code":"order","message":"m","have":1,"now":7}`},
	}
	for _, tt := range tests {
		if got, err := json.Marshal(tt.answer); string(got) != tt.want || err != nil {
			t.Errorf("%+v is %s, %v; want %s", tt.answer, got, err, tt.want)
		}
	}
}
