package app

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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
