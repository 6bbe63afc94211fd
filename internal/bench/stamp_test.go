package bench

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestStamp_isFoundHoweverTheBodyIsWrapped(t *testing.T) {
	want := stamp{source: 7, seq: 1<<32 - 1, sent: 90 * time.Minute}
	for _, size := range []int{MinSize, 128, 5000} {
		body := newBody(size)
		want.put(body)
		if len(body) != size || !json.Valid(body) {
			t.Errorf("a body of %d bytes has %d: %.60s", size, len(body), body)
		}
		for _, wrapped := range []string{
			string(body),
			`{"type":"message","from":"group","group":"g@1","data":` + string(body) + `}`,
			"\x12@\x0a" + strings.Repeat("@", 40) + string(body),
		} {
			if got, ok := findStamp([]byte(wrapped)); !ok || got != want {
				t.Errorf("%.80q holds %v, %v", wrapped, got, ok)
			}
		}
	}
}

func TestStamp_isNotFoundWhereThereIsNone(t *testing.T) {
	for _, message := range []string{"", "@", `{"type":"ack"}`, "@" + strings.Repeat("0", stampSize-1), "@" + strings.Repeat("g", stampSize)} {
		if s, ok := findStamp([]byte(message)); ok {
			t.Errorf("%q holds %v", message, s)
		}
	}
}

func TestReceipts_tellWhatIsLostDoubledOrStray(t *testing.T) {
	r := receipts{first: 10, next: make([]uint32, 2)}
	for _, step := range []struct {
		s    stamp
		want string
	}{
		{stamp{source: 10, seq: 0}, ""},
		{stamp{source: 11, seq: 0}, ""},
		{stamp{source: 10, seq: 1}, ""},
		{stamp{source: 10, seq: 1}, "again"},
		{stamp{source: 11, seq: 3}, "2 are lost or late"},
		{stamp{source: 12, seq: 0}, "should not get it"},
		{stamp{source: 9, seq: 0}, "should not get it"},
	} {
		err := r.take(step.s)
		if step.want == "" && err != nil || step.want != "" && (err == nil || !strings.Contains(err.Error(), step.want)) {
			t.Errorf("%+v: %v, want %q", step.s, err, step.want)
		}
	}
}

func FuzzFindStamp(f *testing.F) {
	f.Add([]byte("@@@"), uint32(1), uint32(2), int64(3))
	f.Fuzz(func(t *testing.T, before []byte, source, seq uint32, sent int64) {
		findStamp(before)
		want := stamp{source, seq, time.Duration(sent)}
		body := newBody(MinSize)
		want.put(body)
		if got, ok := findStamp(body); !ok || got != want {
			t.Errorf("%v became %v, %v", want, got, ok)
		}
	})
}
