package whiteboard

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite testdata")

// The files in testdata are the contract between this package and web/src/board: both must
// give the results written there. They are written by -update and reviewed.

// mergeVector: Ops merged in this order give Records, sorted by id, and Digest. In any other
// order they give the same values, stamps and digest (v and pv may be divided differently).
type mergeVector struct {
	Name    string     `json:"name"`
	Ops     []vectorOp `json:"ops"`
	Records []Record   `json:"records"`
	Digest  Digest     `json:"digest"`
}

// vectorOp is an op with its whole stamp: [stamp, record, patch].
type vectorOp struct{ Op }

func (op vectorOp) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{op.Stamp, op.Record, op.Patch})
}

// digestVector: Records have Digest; the text of each record is in Texts.
type digestVector struct {
	Name    string   `json:"name"`
	Records []Record `json:"records"`
	Texts   []string `json:"texts"`
	Digest  Digest   `json:"digest"`
}

// pointsVectors: each of Chunks encodes to its Text and back; each of Invalid is refused.
type pointsVectors struct {
	Chunks  []chunkVector   `json:"chunks"`
	Invalid []invalidVector `json:"invalid"`
}

// chunkVector: Points are [x, y] or [x, y, pressure], in eighths of a world unit; From is
// the last point of the chunk before.
type chunkVector struct {
	Name     string    `json:"name"`
	From     [2]int32  `json:"from"`
	Pressure bool      `json:"pressure"`
	Points   [][]int32 `json:"points"`
	Text     string    `json:"text"`
}

type invalidVector struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// stampVectors: Format and parse; clocks; malformed stamps; stamps in ascending order.
type stampVectors struct {
	Stamps  []stampVector   `json:"stamps"`
	Clocks  []clockVector   `json:"clocks"`
	Invalid []invalidVector `json:"invalid"`
	Ordered []Stamp         `json:"ordered"`
}

type stampVector struct {
	Ms      int64   `json:"ms"`
	Counter int     `json:"counter"`
	Actor   ActorID `json:"actor"`
	Stamp   Stamp   `json:"stamp"`
}

// clockVector: the steps of one clock; each observes a stamp, or asks for the next at now.
type clockVector struct {
	Name  string      `json:"name"`
	Actor ActorID     `json:"actor"`
	Steps []clockStep `json:"steps"`
}

type clockStep struct {
	Observe Stamp `json:"observe,omitempty"`
	Now     int64 `json:"now,omitempty"`
	Next    Stamp `json:"next,omitempty"`
}

// golden compares v with a file of testdata, or rewrites the file.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, b.Bytes()) {
		t.Errorf("%s differs from what the code gives; if that is meant, run with -update and review the change", path)
	}
}

// script writes ops as lines: actor letter, milliseconds, counter, record, patch.
func script(t *testing.T, lines ...string) []vectorOp {
	t.Helper()
	var ops []vectorOp
	for _, line := range lines {
		var actor, record string
		var ms int64
		var counter int
		f := strings.SplitN(line, " ", 5)
		if _, err := fmt.Sscan(strings.Join(f[:4], " "), &actor, &ms, &counter, &record); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		var p Patch
		if err := json.Unmarshal([]byte(f[4]), &p); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		ops = append(ops, vectorOp{Op{NewStamp(ms, counter, ActorID("actor00"+actor)), RecordID(record), p}})
	}
	return ops
}

func mergeAll(ops []vectorOp) *BoardState {
	s := NewBoardState(nil)
	for _, op := range ops {
		s.Apply(op.Op)
	}
	return s
}

func sorted(records []Record) []Record {
	slices.SortFunc(records, func(a, b Record) int { return cmp.Compare(a.ID, b.ID) })
	return records
}

// registers is a record's logical content: value and stamp by name, however v and pv are divided.
func registers(records []Record) string {
	var b strings.Builder
	for _, r := range sorted(slices.Clone(records)) {
		names := make([]string, 0, len(r.Props))
		for name := range r.Props {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(&b, "%s.%s=%s@%s\n", r.ID, name, r.Props[name], r.StampOf(name))
		}
	}
	return b.String()
}

const chunkA, chunkB = `"AAAAEBAQEA=="`, `"AQAAgBAQgCAg/w=="`

func mergeScripts(t *testing.T) []mergeVector {
	all := []mergeVector{
		{Name: "nothing"},
		{Name: "one record", Ops: script(t, `A 1000 0 s1 {"kind":"rect","at":[1,2],"size":[3,4],"z":"a0","color":"red","width":2}`)},
		{Name: "later write of one property", Ops: script(t,
			`A 1000 0 s1 {"kind":"rect","at":[1,2],"color":"red"}`, `B 2000 0 s1 {"color":"#00ff7f"}`)},
		{Name: "older write is ignored", Ops: script(t,
			`A 2000 0 s1 {"kind":"rect","color":"red"}`, `B 1000 0 s1 {"color":"blue"}`)},
		{Name: "older write of an absent property is taken", Ops: script(t,
			`A 2000 0 s1 {"kind":"rect","color":"red"}`, `B 1000 0 s1 {"color":"navy","width":5}`)},
		{Name: "creation arrives after a change", Ops: script(t,
			`B 2000 0 s1 {"color":"teal"}`, `A 1000 0 s1 {"kind":"ellipse","at":[0,0],"size":[8,8],"color":"red","z":"a1"}`)},
		{Name: "same time and counter: the actor decides", Ops: script(t,
			`A 1000 7 s1 {"kind":"rect","color":"red"}`, `C 1500 0 s1 {"color":"green"}`, `B 1500 0 s1 {"color":"pink"}`, `a 1500 0 s1 {"color":"white"}`)},
		{Name: "same millisecond: the counter decides", Ops: script(t,
			`A 1000 0 s1 {"kind":"rect","width":1}`, `A 1000 2 s1 {"width":3}`, `B 1000 1 s1 {"width":2}`)},
		{Name: "duplicates", Ops: script(t,
			`A 1000 0 s1 {"kind":"line","at":[0,0],"size":[5,-5]}`, `A 1000 0 s1 {"kind":"line","at":[0,0],"size":[5,-5]}`,
			`B 1001 0 s1 {"size":[-6,6]}`, `A 1000 0 s1 {"kind":"line","at":[0,0],"size":[5,-5]}`, `B 1001 0 s1 {"size":[-6,6]}`)},
		{Name: "delete, change, undelete", Ops: script(t,
			`A 1000 0 s1 {"kind":"rect","color":"red"}`, `B 1100 0 s1 {"deleted":true}`, `A 1050 0 s1 {"color":"purple"}`,
			`A 1200 0 s1 {"width":9}`, `B 1300 0 s1 {"deleted":false}`)},
		{Name: "undelete arrives before delete", Ops: script(t,
			`A 1000 0 s1 {"kind":"rect"}`, `B 1300 0 s1 {"deleted":false}`, `B 1100 0 s1 {"deleted":true}`)},
		{Name: "concurrent deletes", Ops: script(t,
			`A 1000 0 s1 {"kind":"rect"}`, `B 1100 0 s1 {"deleted":true}`, `C 1100 0 s1 {"deleted":true}`)},
		{Name: "a stroke grows by chunks, out of order", Ops: script(t,
			`A 1000 0 s1 {"kind":"draw","at":[10,10],"z":"a2","color":"indigo","width":4,"p0":`+chunkA+`}`,
			`A 5000 0 s1 {"p2":`+chunkB+`}`, `A 3000 0 s1 {"p1":`+chunkB+`}`, `B 4000 0 s1 {"at":[-20.5,3.25]}`, `A 7000 0 s1 {"p10":`+chunkA+`}`)},
		{Name: "all properties overwritten", Ops: script(t,
			`A 1000 0 s1 {"color":"red","width":1}`, `A 2000 0 s1 {"color":"green","width":2}`)},
		{Name: "a write at the stamp of the record", Ops: script(t,
			`B 2000 0 s1 {"color":"red"}`, `A 1000 0 s1 {"width":1}`, `B 2000 0 s1 {"width":2}`)},
		{Name: "board record and unicode", Ops: script(t,
			`B 1000 0 board {"title":"Über 图板 🖍️ \"quoted\" \\ \u0001 \u2028"}`,
			`A 1000 0 board {"title":"first"}`,
			`A 1001 0 board {"background":{"asset":"`+strings.Repeat("ab", 32)+`","at":[-1.5,0],"size":[640,480]}}`,
			`B 1002 0 board {"background":null}`)},
		{Name: "chat lines", Ops: script(t,
			`A 1000 0 c1 {"kind":"chat","text":"<b>héllo</b> & \ud83d\ude00","user":"ana","name":"Ana ☕","time":1700000000000}`,
			`B 1000 0 c2 {"kind":"chat","text":"\n\t","user":"ben","name":"","time":0}`)},
		{Name: "answers at once, a thread resolved, moved and deleted", Ops: script(t,
			`B 1100 0 c2 {"kind":"comment","thread":"t","text":"A sun.\nSee https://example.com","user":"ben","name":"Ben","time":1700000000002}`,
			`A 1100 0 c1 {"kind":"comment","thread":"t","text":"Why?","user":"ana","name":"Ana","time":1700000000001}`,
			`A 1200 0 c1 {"text":"Why, though?","edited":1700000000009}`, `B 1200 0 t {"resolved":true}`, `C 1200 0 t {"at":[5,6],"bind":null}`,
			`A 1000 0 t {"kind":"thread","at":[1,2],"bind":{"to":"r","at":[0.5,1],"inside":true},"resolved":false}`,
			`C 1300 0 t {"deleted":true}`, `B 1400 0 t {"deleted":false}`, `B 1300 0 c2 {"deleted":true}`)},
		{Name: "extreme numbers", Ops: script(t,
			`A 1000 0 s1 {"at":[1e7,-1e7],"size":[0.0000001,1E+7],"width":0.5,"opacity":0.05}`,
			`B 1001 0 s1 {"at":[-10000000,0.1],"opacity":1.0,"size":[123456.789012345,3e-324]}`)},
		{Name: "stamps far apart", Ops: script(t,
			`A 0 1 s1 {"kind":"rect","z":"a"}`, `B 101559956668415 46655 s1 {"z":"b"}`, `A 1700000000000 46655 s1 {"z":"c","width":1}`)},
		{Name: "record ids of every kind", Ops: script(t,
			`A 1000 0 a {"z":"a"}`, `A 1000 1 Z-_9 {"z":"b"}`, `A 1000 2 `+strings.Repeat("x", 32)+` {"z":"c"}`, `A 1000 3 __proto__ {"z":"d"}`, `A 1000 4 constructor {"z":"e"}`)},
	}
	for seed := range uint64(8) {
		all = append(all, mergeVector{Name: fmt.Sprintf("random users %d", seed), Ops: randomOps(seed)})
	}
	return all
}

// randomOps returns ops of four users on few records, shuffled, some twice.
func randomOps(seed uint64) []vectorOp {
	rnd := rand.New(rand.NewPCG(seed, 1))
	names := []string{"at", "size", "z", "color", "width", "deleted", "p0", "p1", "kind"}
	var ops []vectorOp
	for user := range 4 {
		clock := NewClock(ActorID(fmt.Sprintf("user000%d", user)))
		for i := range 8 {
			p := Patch{}
			for range 1 + rnd.IntN(3) {
				p[names[rnd.IntN(len(names))]] = json.RawMessage(fmt.Sprint(rnd.IntN(1000)))
			}
			now := time.UnixMilli(int64(1000 + i/2*10 + rnd.IntN(2)))
			ops = append(ops, vectorOp{Op{clock.Next(now), RecordID(fmt.Sprintf("s%d", rnd.IntN(4))), p}})
		}
	}
	ops = append(ops, ops[:5]...)
	rnd.Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
	return ops
}

func TestMerge_vectors(t *testing.T) {
	vectors := mergeScripts(t)
	for i := range vectors {
		v := &vectors[i]
		s := mergeAll(v.Ops)
		v.Records, v.Digest = sorted(s.Records()), s.Digest()
		if v.Ops == nil {
			v.Ops = []vectorOp{}
		}
		for seed := range uint64(20) {
			ops := slices.Clone(v.Ops)
			rand.New(rand.NewPCG(seed, 2)).Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
			other := mergeAll(ops)
			if registers(other.Records()) != registers(v.Records) || other.Digest() != v.Digest {
				t.Errorf("%s: order %d gives\n%s\nwant\n%s", v.Name, seed, registers(other.Records()), registers(v.Records))
			}
		}
	}
	golden(t, "merge.json", vectors)
}

// recordText spells out the text that a digest hashes, the slow way.
func recordText(r Record) string {
	byStamp := map[Stamp][]string{}
	for name := range r.Props {
		byStamp[r.StampOf(name)] = append(byStamp[r.StampOf(name)], name)
	}
	stamps := make([]Stamp, 0, len(byStamp))
	for s := range byStamp {
		stamps = append(stamps, s)
	}
	slices.Sort(stamps)
	text := string(r.ID)
	for _, s := range stamps {
		slices.Sort(byStamp[s])
		text += "\n" + string(s) + ":" + strings.Join(byStamp[s], ",")
	}
	return text
}

func TestDigest_vectors(t *testing.T) {
	vectors := []digestVector{{Name: "no records", Records: []Record{}}}
	for _, m := range mergeScripts(t)[1:] {
		vectors = append(vectors, digestVector{Name: m.Name, Records: sorted(mergeAll(m.Ops).Records())})
	}
	for i := range vectors {
		v := &vectors[i]
		v.Digest, v.Texts = DigestOf(v.Records...), []string{}
		var a, b uint32
		for _, r := range v.Records {
			text := recordText(r)
			v.Texts = append(v.Texts, text)
			a ^= slowFNV(0x811c9dc5, text)
			b ^= slowFNV(0x050c5d1f, text)
		}
		if want := fmt.Sprintf("%08x%08x", a, b); string(v.Digest) != want {
			t.Errorf("%s: digest is %s, want %s", v.Name, v.Digest, want)
		}
	}
	golden(t, "digest.json", vectors)
}

func slowFNV(h uint32, text string) uint32 {
	for _, c := range []byte(text) {
		h ^= uint32(c)
		h *= 16777619
	}
	return h
}

func TestPoints_vectors(t *testing.T) {
	zigzag := func(n int) (points [][]int32) {
		for i := range n {
			points = append(points, []int32{int32(i * 3), int32(i % 2 * -700)})
		}
		return points
	}
	v := pointsVectors{Chunks: []chunkVector{
		{Name: "a dot", Points: [][]int32{{0, 0}}},
		{Name: "a short line", Points: [][]int32{{0, 0}, {8, 8}, {16, 16}, {24, 8}}},
		{Name: "negative deltas", Points: [][]int32{{0, 0}, {-1, -64}, {-65, -8192}, {63, 64}, {-64, 8191}}},
		{Name: "second chunk", From: [2]int32{-200, 333}, Points: [][]int32{{-199, 330}, {-190, 320}}},
		{Name: "pressure", Pressure: true, Points: [][]int32{{0, 0, 0}, {5, -5, 127}, {10, -10, 128}, {15, -15, 255}}},
		{Name: "pressure in a second chunk", From: [2]int32{1000, -1000}, Pressure: true, Points: [][]int32{{1000, -1000, 200}, {1128, -1128, 10}}},
		{Name: "the ends of the world", Points: [][]int32{{80000000, -80000000}, {-80000000, 80000000}, {80000000, 80000000}}},
		{Name: "from one end to the other", From: [2]int32{-80000000, 80000000}, Points: [][]int32{{80000000, -80000000}}},
		{Name: "varint steps", Points: [][]int32{{63, -64}, {127, -128}, {8319, -8320}, {1056894, -1056896}, {10000000, -10000000}}},
		{Name: "as many points as fit", Points: zigzag(MaxChunkPoints)},
	}}
	for i := range v.Chunks {
		c := &v.Chunks[i]
		from := Point{X: c.From[0], Y: c.From[1]}
		chunk := Chunk{HasPressure: c.Pressure}
		for _, p := range c.Points {
			point := Point{X: p[0], Y: p[1]}
			if c.Pressure {
				point.Pressure = uint8(p[2])
			}
			chunk.Points = append(chunk.Points, point)
		}
		c.Text = chunk.Encode(from)
		got, err := DecodeChunk(c.Text, from)
		if err != nil || !slices.Equal(got.Points, chunk.Points) || got.HasPressure != c.Pressure {
			t.Errorf("%s: decodes to %v, %v", c.Name, got, err)
		}
	}
	v.Invalid = []invalidVector{
		{"empty", ""},
		{"not base64", "AA*A"},
		{"not padded", "AAAAEBAQEA"},
		{"URL alphabet", "AQAAgBAQgCAg_w=="},
		{"line break", "AAAA\nEBAQEA=="},
		{"stray bits after the end", "AAAB"[:2] + "B="},
		{"no points", "AA=="},
		{"unknown flag", "AgAA"},
		{"y is missing", "AAA="},
		{"number is cut off", "AACA"},
		{"pressure is missing", "AQAA"},
		{"number of eleven bytes", "AP///////////w8A"},
		{"delta beyond the world", Chunk{Points: []Point{{X: 160000001}}}.Encode(Point{})},
		{"too many points", Chunk{Points: make([]Point, MaxChunkPoints+1)}.Encode(Point{})},
	}
	for _, bad := range v.Invalid {
		if c, err := DecodeChunk(bad.Text, Point{}); err == nil {
			t.Errorf("%s: %q decodes to %v", bad.Name, bad.Text, c)
		}
	}
	golden(t, "points.json", v)
}

func TestStamp_vectors(t *testing.T) {
	const actor = "Abcdef12"
	v := stampVectors{Stamps: []stampVector{
		{Ms: 0, Counter: 0, Actor: actor},
		{Ms: 1, Counter: 35, Actor: actor},
		{Ms: 36, Counter: 36, Actor: "zzzzzzzzzzzzzzzzzzzz"},
		{Ms: 1_700_000_000_000, Counter: 46_655, Actor: actor},
		{Ms: maxStampMs, Counter: 1, Actor: "00000000"},
	}}
	for i := range v.Stamps {
		s := &v.Stamps[i]
		s.Stamp = NewStamp(s.Ms, s.Counter, s.Actor)
		got, err := ParseStamp(string(s.Stamp))
		if err != nil || got.UnixMilli() != s.Ms || got.Counter() != s.Counter || got.Actor() != s.Actor {
			t.Errorf("%s: parsed as %d %d %s, %v", s.Stamp, got.UnixMilli(), got.Counter(), got.Actor(), err)
		}
	}
	other := func(ms int64, counter int) clockStep { return clockStep{Observe: NewStamp(ms, counter, "other000")} }
	v.Clocks = []clockVector{
		{"follows the wall clock", actor, []clockStep{{Now: 1000}, {Now: 1001}, {Now: 5000}}},
		{"counts within a millisecond", actor, []clockStep{{Now: 1000}, {Now: 1000}, {Now: 1000}, {Now: 1001}}},
		{"counts while the wall clock stands back", actor, []clockStep{{Now: 1000}, {Now: 900}, {Now: 999}, {Now: 1001}}},
		{"goes on after an observed stamp", actor, []clockStep{{Now: 1000}, other(3000, 5), {Now: 1001}, {Now: 3000}, {Now: 3001}}},
		{"ignores an older stamp", actor, []clockStep{{Now: 1000}, other(999, 9), {Now: 1000}, other(1000, 0), {Now: 1000}}},
		{"observes a greater counter", actor, []clockStep{{Now: 1000}, other(1000, 40), {Now: 1000}}},
		{"borrows a millisecond when the counter is full", actor, []clockStep{other(1000, 46_654), {Now: 1000}, {Now: 1000}, {Now: 1000}, {Now: 1001}, {Now: 1002}}},
	}
	for _, c := range v.Clocks {
		clock, last := NewClock(c.Actor), Stamp("")
		for i, step := range c.Steps {
			if step.Observe != "" {
				clock.Observe(step.Observe)
				last = max(last, step.Observe)
				continue
			}
			c.Steps[i].Next = clock.Next(time.UnixMilli(step.Now))
			if c.Steps[i].Next <= last {
				t.Errorf("%s: step %d gives %s after %s", c.Name, i, c.Steps[i].Next, last)
			}
			last = c.Steps[i].Next
		}
	}
	v.Invalid = []invalidVector{
		{"empty", ""}, {"no actor", "00000000r000"}, {"short actor", "00000000r000abcdefg"},
		{"long actor", "00000000r000" + strings.Repeat("a", 21)}, {"upper case digits", "00000000R000" + actor},
		{"sign in the actor", "00000000r000abcd-efg"}, {"blank", "00000000 000" + actor}, {"not ASCII", "00000000é00" + actor},
	}
	for _, bad := range v.Invalid {
		if _, err := ParseStamp(bad.Text); err == nil {
			t.Errorf("%s: %q is accepted", bad.Name, bad.Text)
		}
	}
	v.Ordered = []Stamp{
		NewStamp(0, 0, "00000000"), NewStamp(0, 0, "0000000A"), NewStamp(0, 0, "0000000a"), NewStamp(0, 0, "0000000aa"),
		NewStamp(0, 1, "00000000"), NewStamp(0, 10, "00000000"), NewStamp(1, 0, "00000000"), NewStamp(35, 0, "00000000"),
		NewStamp(36, 0, "00000000"), NewStamp(maxStampMs, 46_655, "zzzzzzzz"),
	}
	if !slices.IsSorted(v.Ordered) {
		t.Errorf("stamps are not in ascending order: %v", v.Ordered)
	}
	golden(t, "stamps.json", v)
}
