package draw

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/easelhq/easel/whiteboard"
)

// FuzzPicture: whatever records say, they make a picture or none, but never a panic. The
// text is a snapshot; what is no JSON at all is no snapshot.
func FuzzPicture(f *testing.F) {
	for _, name := range goldenBoards(f) {
		b := goldenBoard(f, name)
		for id, p := range b.records {
			text, err := json.Marshal(map[string]any{"records": []any{map[string]any{"id": id, "p": p}, map[string]any{"id": "board", "p": map[string]any{"paper": "red"}}}})
			check(f, err)
			f.Add(string(text))
		}
	}
	f.Add(`{"records":[{"id":"a","p":{"kind":"arrow","at":[0,0],"size":[1,1],"route":"elbow","startbind":{"to":"b","at":[0,0],"inside":false}}},{"id":"b","p":{"kind":"rect","at":[5,5],"size":[0,0]}}]}`)
	f.Add(`{"records":[{"id":"a","p":{"kind":"rect","at":[1e300,-1e308],"size":[1e308,1e308],"rotation":1,"dash":"dotted","fill":"red","fillstyle":"zigzag"}}]}`)
	f.Add(`{"records":[{"id":"board","p":{"background":{"asset":"x","at":[0,0],"size":[10,10]}}},{"id":"a","p":{"kind":5,"at":"x"}},{"id":"b","p":{"kind":"draw","at":[1,2],"p0":7,"scale":[0,0]}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var s whiteboard.Snapshot
		if json.Unmarshal([]byte(text), &s) != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		b := New(s.Records)
		check(t, b.SVG(ctx, io.Discard, Options{}))
		err := b.PNG(ctx, io.Discard, Options{Scale: MinScale, Padding: 1})
		if _, refused := errors.AsType[*whiteboard.Refusal](err); err != nil && !refused {
			t.Error(err)
		}
	})
}

// FuzzProps_text: strings are read as encoding/json reads them.
func FuzzProps_text(f *testing.F) {
	for _, raw := range []string{`"red"`, `""`, `"`, `"a\"b"`, `"\u00e9"`, `"é"`, "\"\x01\"", `"a"b"`, `null`, `5`, "\"\xff\"", `"a" `} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		want := "absent"
		var s string
		if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
			want = s
		}
		if got := (props{"x": raw}).text("x", "absent"); got != want {
			t.Errorf("%q is read as %q, want %q", raw, got, want)
		}
	})
}
