package whiteboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestTalkAdmit_namesTheLimit(t *testing.T) {
	thread := Record{Props: Patch{"kind": json.RawMessage(`"thread"`)}}
	gone := Record{Props: Patch{"kind": json.RawMessage(`"thread"`), "deleted": json.RawMessage(`true`)}}
	comment := func(of string) Record {
		return Record{Props: Patch{"kind": json.RawMessage(`"comment"`), "thread": json.RawMessage(`"` + of + `"`)}}
	}
	var full Talk
	for range MaxThreads {
		full.Replace(Record{}, thread)
	}
	for range MaxComments {
		full.Replace(Record{}, comment("t"))
	}
	tests := []struct {
		name          string
		before, after Record
		want          string
	}{
		{"one more thread", Record{}, thread, "2001 threads of comments; the limit is 2000"},
		{"a thread back", gone, thread, "2001 threads of comments; the limit is 2000"},
		{"one that goes", thread, gone, ""},
		{"one that is gone", Record{}, gone, ""},
		{"one more comment", Record{}, comment("t"), "thread t would have 501 comments; the limit is 500"},
		{"elsewhere", Record{}, comment("u"), ""},
		{"from elsewhere", comment("u"), comment("t"), "thread t would have 501 comments; the limit is 500"},
		{"to elsewhere", comment("t"), comment("u"), ""},
		{"a shape", Record{}, Record{Props: Patch{"kind": json.RawMessage(`"rect"`)}}, ""},
	}
	for _, tt := range tests {
		var more Talk
		more.Replace(tt.before, tt.after)
		err := full.Admit(&more)
		r, _ := errors.AsType[*Refusal](err)
		if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || r.Code != CodeQuota) {
			t.Errorf("%s: error is %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestTalk_changeByChange_equalsCountingAnew lets a random user open, answer, move, delete and
// bring back, and compares what was counted on the way with the records in the end.
func TestTalk_changeByChange_equalsCountingAnew(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			clock, state := NewClock("actor001"), NewBoardState(nil)
			var live Talk
			for range 200 {
				patches := []string{`{"kind":"thread"}`, `{"kind":"comment"}`, `{"thread":"t%d"}`, `{"deleted":true}`, `{"deleted":false}`, `{"text":"x"}`}
				text := patches[rnd.IntN(len(patches))]
				if strings.Contains(text, "%d") {
					text = fmt.Sprintf(text, rnd.IntN(3))
				}
				id := RecordID(fmt.Sprintf("r%d", rnd.IntN(9)))
				before := state.Record(id)
				state.Apply(Op{Stamp: clock.Next(time.UnixMilli(1)), Record: id, Patch: patch(t, text)})
				live.Replace(before, state.Record(id))
			}
			var anew Talk
			for _, r := range state.Records() {
				anew.Replace(Record{}, r)
			}
			if fmt.Sprint(live) != fmt.Sprint(anew) {
				t.Fatalf("counted on the way %v, anew %v", live, anew)
			}
			if anew.threads+len(anew.comments) == 0 {
				t.Fatal("nobody said anything")
			}
		})
	}
}
