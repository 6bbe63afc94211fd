package app

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/easelhq/easel/whiteboard"
)

func largeSnapshot(seq uint64) whiteboard.Snapshot {
	s := whiteboard.Snapshot{Seq: seq}
	for i := range 3000 {
		r := whiteboard.Record{ID: whiteboard.RecordID(fmt.Sprintf("r%d", i)), V: "0mwxiu2u6000actor0001", Props: whiteboard.Patch{"color": json.RawMessage(fmt.Sprintf(`"#%06x"`, i*2654435761&0xffffff))}}
		s.Records = append(s.Records, r)
	}
	return s
}

// sent returns what the diagrams answer, unzipped.
func sent(t *testing.T, d *diagrams, s whiteboard.Snapshot, encoding string) string {
	t.Helper()
	r := httptest.NewRequest("GET", "/diagram", nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	d.send(w, r, "board0000001", s)
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Vary") != "Accept-Encoding" {
		t.Fatalf("answer %d with %v", w.Code, w.Header())
	}
	var body io.Reader = w.Body
	if w.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = z
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDiagrams_sendWhatTheBoardIs_keptOrNot(t *testing.T) {
	d := &diagrams{}
	for _, seq := range []uint64{7, 7, 8, 8} {
		s := largeSnapshot(seq)
		for _, encoding := range []string{"gzip", "", "gzip"} {
			if got := sent(t, d, s, encoding); got != string(s.Append(nil)) {
				t.Fatalf("after entry %d the answer for %q has %d bytes and begins with %.40s", seq, encoding, len(got), got)
			}
		}
		if d.find("board0000001", seq) == nil || d.find("board0000001", seq-1) != nil {
			t.Errorf("after entry %d something else is kept", seq)
		}
	}
	small := whiteboard.Snapshot{Seq: 9}
	if got := sent(t, d, small, "gzip"); got != `{"seq":9,"records":[]}` || d.find("board0000001", 9) != nil {
		t.Errorf("a small board gets %s, and is kept", got)
	}
}

func TestDiagrams_sendWhatIsBelowFirst(t *testing.T) {
	s := whiteboard.Snapshot{Seq: 4}
	for _, z := range []string{"a2", "", "b1", "a2V", "a1z", "Zz", "a10"} {
		r := whiteboard.Record{ID: whiteboard.RecordID("id" + z), V: "0mwxiu2u6000actor0001", Props: whiteboard.Patch{}}
		if z != "" {
			r.Props["z"] = json.RawMessage(`"` + z + `"`)
		}
		s.Records = append(s.Records, r)
	}
	for _, encoding := range []string{"gzip", ""} {
		var got whiteboard.Snapshot
		if err := json.Unmarshal([]byte(sent(t, &diagrams{}, s, encoding)), &got); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, r := range got.Records {
			order = append(order, string(r.ID))
		}
		want := []string{"id", "idZz", "ida10", "ida1z", "ida2", "ida2V", "idb1"}
		if !slices.Equal(order, want) {
			t.Errorf("%q: the records come as %v, want %v", encoding, order, want)
		}
	}
	if s.Records[0].ID != "ida2" {
		t.Error("the room's own records were moved")
	}
}

func BenchmarkBottomFirst(b *testing.B) {
	s := whiteboard.Snapshot{Records: make([]whiteboard.Record, 50_000)}
	for i := range s.Records {
		z := json.RawMessage(fmt.Sprintf(`"a%06d"`, i*2654435761%1_000_000))
		s.Records[i] = whiteboard.Record{Props: whiteboard.Patch{"kind": json.RawMessage(`"rect"`), "z": z}}
	}
	for b.Loop() {
		bottomFirst(s)
	}
}

func TestDiagrams_keepTheLastAskedFor_withinTheirBound(t *testing.T) {
	d := &diagrams{}
	third := []byte(strings.Repeat("x", maxKeptDiagrams/3))
	for _, id := range []whiteboard.BoardID{"a", "b", "c"} {
		d.keep(id, 1, third)
	}
	d.find("a", 1)
	d.keep("d", 1, third)
	if d.find("b", 1) != nil || d.find("a", 1) == nil || d.find("c", 1) == nil || d.find("d", 1) == nil {
		t.Error("the board not asked for the longest was not the one to go")
	}
	if d.bytes > maxKeptDiagrams {
		t.Errorf("%d bytes are kept; the limit is %d", d.bytes, maxKeptDiagrams)
	}
	d.keep("a", 2, make([]byte, maxKeptDiagrams+1))
	if d.find("a", 1) != nil || d.find("a", 2) != nil {
		t.Error("a board too large is kept")
	}
}
