package room_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/room"
)

func comment(id, thread string, by room.Author) string {
	return fmt.Sprintf(`%s {"kind":"comment","thread":"%s","text":"hi","user":"%s","name":"","time":1}`, id, thread, by.User)
}

// TestCommit_threadsAndComments_areBounded fills a board with threads and a thread with
// comments, looks at the limits, and again after the board has been read anew.
func TestCommit_threadsAndComments_areBounded(t *testing.T) {
	store := newStore(t)
	w := newWriter("actor0001")
	rs := room.New(store, &group{}, room.Options{})
	for i := 0; i < whiteboard.MaxThreads; i += whiteboard.MaxBatchOps {
		var ops []string
		for j := range whiteboard.MaxBatchOps {
			ops = append(ops, fmt.Sprintf(`t%d {"kind":"thread","at":[1,2]}`, i+j))
		}
		mustCommit(t, rs, w.batch(ops...))
	}
	for i := 0; i < whiteboard.MaxComments; i += whiteboard.MaxBatchOps / 2 {
		var ops []string
		for j := range whiteboard.MaxBatchOps / 2 {
			ops = append(ops, comment(fmt.Sprintf("c%d", i+j), "t1", ana))
		}
		mustCommit(t, rs, w.batch(ops...))
	}
	refused := func(limit string, ops ...string) {
		t.Helper()
		r := rejection(t, rs, ana, w.batch(ops...))
		if w.n--; r.Code != whiteboard.CodeQuota || !strings.Contains(r.Message, limit) {
			t.Errorf("rejection is %+v, want the limit %s", r, limit)
		}
	}
	for range 2 {
		refused("2000", `x {"kind":"thread","at":[1,2]}`)
		refused("500", comment("x", "t1", ana))
		refused("500", comment("x", "t2", ana), `x {"thread":"t1"}`)
		refused("2000", `t3 {"deleted":true}`, `x {"kind":"thread","at":[1,2]}`, `y {"kind":"thread","at":[1,2]}`)
		mustCommit(t, rs, w.batch(`t3 {"resolved":true}`, `c3 {"text":"bye"}`, comment("o", "t2", ana)))
		closeRooms(t, rs)
		rs = newRooms(t, store, &group{}, room.Options{})
	}
	mustCommit(t, rs, w.batch(`t3 {"deleted":true}`, `x {"kind":"thread","at":[1,2]}`, `c3 {"deleted":true}`, comment("y", "t1", ana)))
	refused("2000", `t3 {"deleted":false}`)
	refused("500", `c3 {"deleted":false}`)
	mustCommit(t, rs, w.batch(`x {"deleted":true}`))
	mustCommit(t, rs, w.batch(`t3 {"deleted":false}`))
}

func TestCommit_othersComment_isForbidden(t *testing.T) {
	rs := newRooms(t, newStore(t), &group{}, room.Options{})
	mustCommit(t, rs, newWriter("actor0001").batch(`t {"kind":"thread","at":[1,2]}`, comment("c", "t", ana)))
	ben := room.Author{User: "ben", Role: whiteboard.Editor}
	eve := room.Author{User: "eve", Role: whiteboard.Viewer}
	w := newWriter("actor0002")
	for _, op := range []string{`c {"text":"bye"}`, `c {"deleted":true}`, comment("d", "t", ana)} {
		if r := rejection(t, rs, ben, w.batch(op)); r.Code != whiteboard.CodeForbidden {
			t.Errorf("%s: code is %s", op, r.Code)
		}
		w.n--
	}
	if r := rejection(t, rs, eve, newWriter("actor0003").batch(comment("e", "t", eve))); r.Code != whiteboard.CodeForbidden {
		t.Errorf("a viewer's comment: code is %s", r.Code)
	}
	if _, err := rs.Commit(t.Context(), boardID, ben, w.batch(`t {"resolved":true}`, comment("d", "t", ben))); err != nil {
		t.Error(err)
	}
}
