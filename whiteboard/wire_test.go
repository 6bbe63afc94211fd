package whiteboard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

const goodBatch = `{"c":"actor001","n":3,"ops":[["0000000rs000","s1",{"kind":"rect","at":[1,2.50]}],["0000000rs001","s1",{"deleted":true}]]}`

func TestDecodeBatch_good_readsAllOfIt(t *testing.T) {
	spaced := strings.NewReplacer(",", " ,\n\t", ":", " : ", "[", "[ ", "}", " }").Replace(goodBatch)
	extra := strings.Replace(goodBatch, `"n":3`, `"N":9,"x":{"n":[1,"]"]},"n":3,"ops":[]`, 1)
	for _, raw := range []string{goodBatch, spaced, extra} {
		b, err := DecodeBatch([]byte(raw))
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got := string(b.Append(nil)); got != strings.Replace(goodBatch, `"kind":"rect","at":[1,2.50]`, `"at":[1,2.50],"kind":"rect"`, 1) {
			t.Errorf("%s is read as %s", raw, got)
		}
	}
}

func TestDecodeBatch_bad_saysWhy(t *testing.T) {
	ops := func(s string) string { return `{"c":"actor001","n":3,"ops":` + s + `}` }
	tests := []struct{ name, raw, want string }{
		{"empty", ``, "JSON"},
		{"cut off", goodBatch[:40], "JSON"},
		{"two values", goodBatch + "1", "JSON"},
		{"not UTF-8", strings.Replace(goodBatch, "rect", "re\xff", 1), "UTF-8"},
		{"not an object", `[1]`, "object"},
		{"n is zero", strings.Replace(goodBatch, `"n":3`, `"n":0`, 1), "n is missing"},
		{"n is negative", strings.Replace(goodBatch, `"n":3`, `"n":-3`, 1), "n is missing"},
		{"n is a fraction", strings.Replace(goodBatch, `"n":3`, `"n":3.5`, 1), "n is missing"},
		{"n is too large", strings.Replace(goodBatch, `"n":3`, `"n":9007199254740992`, 1), "9007199254740991"},
		{"n is a string", strings.Replace(goodBatch, `"n":3`, `"n":"3"`, 1), "n is missing"},
		{"actor is missing", `{"n":3,"ops":[]}`, "c "},
		{"actor is malformed", strings.Replace(goodBatch, "actor001", "actor-01", 1), `c "actor-01"`},
		{"ops are missing", `{"c":"actor001","n":3}`, "ops is missing"},
		{"ops are no array", ops(`{}`), "not an array"},
		{"no ops", ops(`[]`), "no ops"},
		{"op is no array", ops(`[{}]`), "op 0: it is not"},
		{"op of two parts", ops(`[["0000000rs000","s1"]]`), "op 0: it is not"},
		{"op of four parts", ops(`[["0000000rs000","s1",{"z":"a"},1]]`), "op 0: it is not"},
		{"time is short", ops(`[["0000000rs00","s1",{"z":"a"}]]`), "op 0: time"},
		{"time is long", ops(`[["0000000rs0000","s1",{"z":"a"}]]`), "op 0: time"},
		{"time in upper case", ops(`[["0000000RS000","s1",{"z":"a"}]]`), "op 0: time"},
		{"time is a number", ops(`[[1,"s1",{"z":"a"}]]`), "op 0: time 1"},
		{"record is malformed", ops(`[["0000000rs000","s1",{"z":"a"}],["0000000rs001","s 1",{"z":"a"}]]`), `op 1: record "s 1"`},
		{"patch is no object", ops(`[["0000000rs000","s1",[]]]`), "op 0: patch []"},
		{"patch is empty", ops(`[["0000000rs000","s1",{}]]`), "op 0: patch {}"},
	}
	for _, tt := range tests {
		_, err := DecodeBatch([]byte(tt.raw))
		r, ok := errors.AsType[*Refusal](err)
		if !ok || r.Code != CodeInvalid || !strings.Contains(r.Message, tt.want) {
			t.Errorf("%s: error is %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestDecodeBatch_tooLarge_stillTellsNumberAndActor(t *testing.T) {
	op := `["0000000rs000","s1",{"z":"` + strings.Repeat("a", 200) + `"}],`
	raw := `{"c":"actor001","n":7,"ops":[` + strings.Repeat(op, 400) + op[:len(op)-1] + `]}`
	b, err := DecodeBatch([]byte(raw))
	if r, ok := errors.AsType[*Refusal](err); !ok || r.Code != CodeTooLarge || !strings.Contains(r.Message, fmt.Sprint(len(raw))) {
		t.Errorf("error is %v", err)
	}
	if b.N != 7 || b.Actor != "actor001" {
		t.Errorf("batch is %+v", b)
	}
}

func TestDecodeBatch_atTheLimits_isAccepted(t *testing.T) {
	op := `["0000000rs000","s1",{"z":"a"}],`
	many := `{"c":"actor001","n":7,"ops":[` + strings.Repeat(op, MaxBatchOps-1) + op[:len(op)-1] + `]}`
	large := strings.Replace(goodBatch, `"n"`, strings.Repeat(" ", MaxBatchBytes-len(goodBatch))+`"n"`, 1)
	for _, raw := range []string{many, large} {
		if _, err := DecodeBatch([]byte(raw)); err != nil {
			t.Error(err)
		}
	}
	if _, err := DecodeBatch([]byte(large + " ")); err == nil {
		t.Error("a batch beyond the limit is accepted")
	}
}

func TestEntry_wireForm(t *testing.T) {
	b, err := DecodeBatch([]byte(goodBatch))
	if err != nil {
		t.Fatal(err)
	}
	e := Entry{Seq: 12, User: `a"☕`, At: time.UnixMilli(1700000000123), Batch: b}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"q":12,"u":"a\"☕","t":1700000000123,"c":"actor001","n":3,"ops":[["0000000rs000","s1",{"at":[1,2.50],"kind":"rect"}],["0000000rs001","s1",{"deleted":true}]]}`
	if string(text) != want {
		t.Errorf("entry is\n%s, want\n%s", text, want)
	}
	var back Entry
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, e) {
		t.Errorf("entry is read back as %+v, %v", back, err)
	}
}

func TestSnapshot_wireForm(t *testing.T) {
	s := Snapshot{Seq: 4, Records: []Record{
		{ID: "a", V: "v1", Props: Patch{"z": json.RawMessage(`"b"`), "at": json.RawMessage(`[1,2]`)}},
		{ID: "b", V: "v1", PV: map[string]Stamp{"z": "v3", "at": "v2"}, Props: Patch{"z": json.RawMessage(`"c"`), "at": json.RawMessage(`[3,4]`)}},
	}}
	want := `{"seq":4,"records":[{"id":"a","v":"v1","p":{"at":[1,2],"z":"b"}},{"id":"b","v":"v1","pv":{"at":"v2","z":"v3"},"p":{"at":[3,4],"z":"c"}}]}`
	text, err := json.Marshal(s)
	if string(text) != want || err != nil {
		t.Errorf("snapshot is\n%s, %v; want\n%s", text, err, want)
	}
	var back Snapshot
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("snapshot is read back as %+v, %v", back, err)
	}
	if text, _ := json.Marshal(Snapshot{}); string(text) != `{"seq":0,"records":[]}` {
		t.Errorf("the empty snapshot is %s", text)
	}
}

func FuzzDecodeBatch(f *testing.F) {
	for _, seed := range []string{goodBatch, `{"c":"actor001","n":1,"ops":[["0000000rs000","s1",{"title":"\"\\\u00e9[{\ud83d"}]]}`, `[]`, `{`, `{"ops":[[[[`, `"`, `{"a":"\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := DecodeBatch(raw)
		if err != nil {
			if _, ok := errors.AsType[*Refusal](err); !ok {
				t.Fatalf("error %v is no refusal", err)
			}
			return
		}
		text := b.Append(nil)
		if !json.Valid(text) {
			t.Fatalf("%q encodes as %q", raw, text)
		}
		again, err := DecodeBatch(text)
		if err != nil && len(text) <= MaxBatchBytes {
			t.Fatalf("%q: %v", text, err)
		}
		if err == nil && !bytes.Equal(again.Append(nil), text) {
			t.Fatalf("%q is read back as %q", text, again.Append(nil))
		}
		for _, op := range b.Ops {
			_ = Validate(op)
		}
	})
}

// FuzzParsePatch compares the splitter with encoding/json on valid objects; on anything
// else it must only not panic.
func FuzzParsePatch(f *testing.F) {
	for _, seed := range []string{`{"a":1,"b":[{"c":"}"}],"a":null}`, `{}`, `{"\u0061":"\\\""}`, `{"a" : [ 1 , 2 ] }`, `{"a"`, `{"a":`, `{"a":}`, `{"a":"\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ParsePatch(raw)
		var want map[string]json.RawMessage
		if !utf8.Valid(raw) || json.Unmarshal(raw, &want) != nil || want == nil {
			return
		}
		if err != nil || len(p) != len(want) {
			t.Fatalf("%q splits into %q, %v; want %q", raw, p, err, want)
		}
		for name, value := range want {
			if !bytes.Equal(p[name], value) {
				t.Fatalf("%q: %q is %q, want %q", raw, name, p[name], value)
			}
		}
	})
}

func FuzzDecodeChunk(f *testing.F) {
	f.Add("AAAAEBAQEA==", int32(0), int32(0))
	f.Add("AQAAgBAQgCAg/w==", int32(-500), int32(80_000_000))
	f.Fuzz(func(t *testing.T, text string, x, y int32) {
		from := Point{X: x, Y: y}
		c, err := DecodeChunk(text, from)
		if err == nil && c.Encode(from) != text {
			t.Fatalf("%q is written back as %q", text, c.Encode(from))
		}
	})
}

func FuzzParseStamp(f *testing.F) {
	f.Add("0000000rs000actor001")
	f.Add("zzzzzzzzzzzzAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseStamp(text)
		if err == nil && string(NewStamp(s.UnixMilli(), s.Counter(), s.Actor())) != text {
			t.Fatalf("%q is written back as %q", text, NewStamp(s.UnixMilli(), s.Counter(), s.Actor()))
		}
	})
}

func BenchmarkDecodeBatch(b *testing.B) {
	batch := Batch{Actor: "actor001", N: 1}
	for i := range 20 {
		batch.Ops = append(batch.Ops, Op{Stamp: NewStamp(1, i, "actor001"), Record: RecordID(fmt.Sprintf("record%06d", i)), Patch: strokePatch(b)})
	}
	raw := batch.Append(nil)
	b.Run("ops=20", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			if _, err := DecodeBatch(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ops=20/validated", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			decoded, err := DecodeBatch(raw)
			if err != nil {
				b.Fatal(err)
			}
			for _, op := range decoded.Ops {
				if err := Validate(op); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func TestSnapshot_piecesAreTheWhole(t *testing.T) {
	s := Snapshot{Seq: 7}
	for i := range 50 {
		s.Records = append(s.Records, Record{ID: RecordID(fmt.Sprintf("r%02d", i)), V: "v", Props: Patch{"kind": []byte(`"rect"`), "z": []byte(`"a"`)}})
	}
	for n := range len(s.Records) + 1 {
		part := Snapshot{Seq: 7, Records: s.Records[:n]}
		whole := part.Append(nil)
		if !json.Valid(whole) || bytes.Count(whole, []byte("\n{")) != n {
			t.Fatalf("%d records are not JSON with each on its line: %s", n, whole)
		}
		for _, size := range []int{0, 1, 100, 1 << 20} {
			var got []byte
			for piece := range part.Pieces(size) {
				got = append(got, piece...)
			}
			if !bytes.Equal(got, whole) {
				t.Errorf("%d records in pieces of %d: %s, want %s", n, size, got, whole)
			}
		}
	}
	for range s.Pieces(1) {
		break // whoever goes stops it
	}
}
