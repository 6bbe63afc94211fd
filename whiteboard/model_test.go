package whiteboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// replica is one user of the convergence test: edits made here, and deliveries to come.
type replica struct {
	clock *Clock
	state *BoardState
	inbox []Op
}

// TestMerge_delayedDuplicatedReordered_converges lets random users edit the same few records
// while their ops travel by a bad network, and then compares the replicas.
func TestMerge_delayedDuplicatedReordered_converges(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 42))
			replicas := make([]*replica, 2+rnd.IntN(4))
			for i := range replicas {
				replicas[i] = &replica{clock: NewClock(ActorID(fmt.Sprintf("actor%03d", i))), state: NewBoardState(nil)}
			}
			for step := range 300 {
				me := rnd.IntN(len(replicas))
				if rnd.IntN(3) > 0 {
					replicas[me].receive(rnd)
					continue
				}
				// Wall clocks differ by up to 50 ms.
				now := time.UnixMilli(int64(10_000 + step + me*17%50))
				op := replicas[me].edit(rnd, now)
				for i, r := range replicas {
					for copies := 1 + rnd.IntN(2); i != me && copies > 0; copies-- {
						r.inbox = append(r.inbox, op)
					}
				}
			}
			for _, r := range replicas {
				for len(r.inbox) > 0 {
					r.receive(rnd)
				}
			}
			for _, r := range replicas[1:] {
				if registers(r.state.Records()) != registers(replicas[0].state.Records()) {
					t.Fatalf("replicas differ:\n%s\n%s", registers(r.state.Records()), registers(replicas[0].state.Records()))
				}
				if r.state.Digest() != replicas[0].state.Digest() {
					t.Fatal("digests differ")
				}
			}
			if replicas[0].state.Len() == 0 {
				t.Fatal("nobody edited anything")
			}
		})
	}
}

// receive merges a random op of the inbox. What one has seen, one's own stamps lie after.
func (r *replica) receive(rnd *rand.Rand) {
	if len(r.inbox) == 0 {
		return
	}
	i := rnd.IntN(len(r.inbox))
	op := r.inbox[i]
	r.inbox = slices.Delete(r.inbox, i, i+1)
	r.state.Apply(op)
	r.clock.Observe(op.Stamp)
}

func (r *replica) edit(rnd *rand.Rand, now time.Time) Op {
	op := Op{Stamp: r.clock.Next(now), Record: RecordID(fmt.Sprintf("s%d", rnd.IntN(5))), Patch: Patch{}}
	for range 1 + rnd.IntN(3) {
		op.Patch[fmt.Sprintf("p%d", rnd.IntN(6))] = json.RawMessage(fmt.Sprint(rnd.IntN(100)))
	}
	before := r.state.Record(op.Record)
	r.state.Apply(op)
	for name, value := range op.Patch {
		after := r.state.Record(op.Record)
		if string(after.Props[name]) != string(value) || after.StampOf(name) != op.Stamp {
			panic(fmt.Sprintf("own edit of %s lost: before %v, after %v", name, before, after))
		}
	}
	return op
}

func TestMerge_leavesItsArgumentsAlone(t *testing.T) {
	raw := []byte(`{"color":"red"}`)
	patch, err := ParsePatch(raw)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := Merge(Record{}, Op{Stamp: NewStamp(1, 0, "actor001"), Record: "r", Patch: Patch{"color": json.RawMessage(`"blue"`), "width": json.RawMessage(`1`)}})
	after, changed := Merge(before, Op{Stamp: NewStamp(2, 0, "actor001"), Record: "r", Patch: patch})
	if !changed || string(after.Props["color"]) != `"red"` {
		t.Fatalf("after is %v", after)
	}
	copy(raw, `xxxxxxxxxxxxxxx`)
	if string(before.Props["color"]) != `"blue"` || before.PV != nil || string(after.Props["color"]) != `"red"` {
		t.Errorf("before is %v, after is %v", before, after)
	}
}

func TestMerge_nothingNew_reportsNoChange(t *testing.T) {
	r, changed := Merge(Record{}, Op{Stamp: NewStamp(2, 0, "actor001"), Record: "r"})
	if changed || r.V != "" || r.ID != "" {
		t.Errorf("an empty patch makes %v", r)
	}
	r, _ = Merge(Record{}, Op{Stamp: NewStamp(2, 0, "actor001"), Record: "r", Patch: Patch{"width": json.RawMessage("1")}})
	if _, changed := Merge(r, Op{Stamp: NewStamp(1, 0, "actor001"), Record: "r", Patch: Patch{"width": json.RawMessage("2")}}); changed {
		t.Error("an older write changes something")
	}
}

func TestBoardState_apply_returnsWhatChangedOnce(t *testing.T) {
	s := NewBoardState(nil)
	op := func(ms int64, id RecordID, value string) Op {
		return Op{Stamp: NewStamp(ms, 0, "actor001"), Record: id, Patch: Patch{"width": json.RawMessage(value)}}
	}
	changed := s.Apply(op(2, "b", "1"), op(2, "a", "1"), op(3, "b", "2"), op(1, "a", "9"))
	if fmt.Sprint(changed) != "[b a]" {
		t.Errorf("changed %v", changed)
	}
	if changed := s.Apply(op(2, "a", "1")); len(changed) != 0 {
		t.Errorf("a duplicate changed %v", changed)
	}
}

func TestBoardState_digestAfterChanges_equalsThatOfTheRecords(t *testing.T) {
	s := NewBoardState(nil)
	for _, op := range randomOps(99) {
		s.Apply(op.Op)
		if got, want := s.Digest(), DigestOf(s.Records()...); got != want {
			t.Fatalf("digest is %s, want %s", got, want)
		}
	}
}

func TestStampCheckTime_tellsHowFarAhead(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	if err := NewStamp(1_005_000, 9, "actor001").CheckTime(now); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	var r *Refusal
	if err := NewStamp(1_005_001, 0, "actor001").CheckTime(now); !errors.As(err, &r) || r.Code != CodeClock {
		t.Errorf("beyond the limit: %v", err)
	}
}

func TestNames_areRandomAndValid(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id, links := NewBoardID(), NewLinks()
		if !id.Valid() || len(links.Edit) != secretLength || !only(links.Edit, base62) || links.Edit == links.View {
			t.Fatalf("board %q, links %+v", id, links)
		}
		if seen[string(id)] || seen[links.Edit] {
			t.Fatal("a name came twice")
		}
		seen[string(id)], seen[links.Edit] = true, true
	}
}

func TestNames_valid(t *testing.T) {
	tests := []struct {
		ok   bool
		want bool
	}{
		{BoardID("0123456789aZ").Valid(), true},
		{BoardID("0123456789a").Valid(), false},
		{BoardID("0123456789a_").Valid(), false},
		{RecordID("x").Valid(), true},
		{RecordID("").Valid(), false},
		{RecordID("abcdefghijklmnopqrstuvwxyz_-0123").Valid(), true},
		{RecordID("abcdefghijklmnopqrstuvwxyz_-01234").Valid(), false},
		{RecordID("a b").Valid(), false},
		{ActorID("abcdefg").Valid(), false},
		{ActorID("abcdefgh").Valid(), true},
		{ActorID("abcdefghijklmnopqrstu").Valid(), false},
		{ActorID("abcdefg-").Valid(), false},
	}
	for i, tt := range tests {
		if tt.ok != tt.want {
			t.Errorf("test %d: valid is %v", i, tt.ok)
		}
	}
}

func BenchmarkMerge(b *testing.B) {
	clock := NewClock("actor001")
	r, _ := Merge(Record{}, Op{Stamp: clock.Next(time.UnixMilli(1)), Record: "r", Patch: strokePatch(b)})
	op := Op{Record: "r", Patch: Patch{"at": json.RawMessage("[1,2]")}}
	b.ReportAllocs()
	for b.Loop() {
		op.Stamp = clock.Next(time.UnixMilli(2))
		if _, changed := Merge(r, op); !changed {
			b.Fatal("nothing changed")
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	s := NewBoardState(nil)
	for i := range 50_000 {
		s.Apply(Op{Stamp: NewStamp(int64(i), 0, "actor001"), Record: RecordID(fmt.Sprintf("record%06d", i)), Patch: strokePatch(b)})
	}
	records := s.Records()
	b.Run("records=50000/first", func(b *testing.B) {
		for b.Loop() {
			NewBoardState(records).Digest()
		}
	})
	b.Run("records=50000/again", func(b *testing.B) {
		for b.Loop() {
			s.Digest()
		}
	})
}

// strokePatch returns the properties of a usual stroke of 60 points.
func strokePatch(tb testing.TB) Patch {
	tb.Helper()
	var c Chunk
	for i := range int32(60) {
		c.Points = append(c.Points, Point{X: i * 20, Y: i * i % 300})
	}
	chunk, err := json.Marshal(c.Encode(Point{}))
	if err != nil {
		tb.Fatal(err)
	}
	return Patch{
		"kind": json.RawMessage(`"draw"`), "at": json.RawMessage(`[120.5,-33]`), "z": json.RawMessage(`"a1b2"`),
		"color": json.RawMessage(`"indigo"`), "width": json.RawMessage(`4`), "p0": chunk,
	}
}
