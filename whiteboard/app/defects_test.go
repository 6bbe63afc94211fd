package app_test

import (
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/whiteboard"
)

// The thirteen defects of a well-known sample whiteboard, each with a test that it is not ours:
//
//	 1 remote strokes at 4 Hz              web/e2e/defects.spec.ts
//	 2 joining in the middle of a stroke   here, web/src/sync, web/e2e
//	 3 no repair after a reconnect         here, web/src/sync, web/e2e
//	 4 snapshot overwrites newer messages  here, web/src/sync, web/e2e
//	 5 undo of what others removed throws  web/src/board, web/e2e
//	 6 redo makes a copy with a new id     web/src/board, web/e2e
//	 7 clear for everybody, for good       here, web/e2e
//	 8 people counted up and down          here
//	 9 the author is what the payload says here, web/src/sync
//	10 chat is not kept                    here, web/e2e
//	11 dead zone, zoom about a corner      web/e2e
//	12 one board, in memory                here, web/e2e
//	13 programs change what is not kept    here

// Defect 2: whoever joined in the middle of a stroke never saw it, since only a patch for an
// unknown shape followed. Here a patch for an unknown record is kept like any other.
func TestDefect02_patchOfAnUnknownShape_isKept(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann := s.join(b, b.edit())
	ann.commit(ann.op("s1", `{"color":"red"}`))
	ann.echo(1)
	snapshot := decode[whiteboard.Snapshot](t, s.do("GET", "/diagram?board="+string(b.ID), b.view(), nil).body)
	if len(snapshot.Records) != 1 || string(snapshot.Records[0].Props["color"]) != `"red"` {
		t.Errorf("%+v", snapshot)
	}
}

// Defect 3: what was missed while away stayed missed.
func TestDefect03_whatWasMissed_canBeFetched(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann := s.join(b, b.edit())
	for i := range uint64(5) {
		ann.commit(ann.op("r"+string(rune('a'+i)), aRect))
		ann.echo(i + 1)
	}
	got := decode[struct{ Entries []whiteboard.Entry }](t, s.do("GET", "/boards/"+string(b.ID)+"/ops?after=3", b.view(), nil).body)
	if len(got.Entries) != 2 || got.Entries[0].Seq != 4 || got.Entries[1].Seq != 5 {
		t.Errorf("%+v", got)
	}
}

// Defect 4: a snapshot fetched after joining could overwrite newer messages. Here it says
// which position it is of, and so does every message.
func TestDefect04_snapshotAndMessages_carryTheirPosition(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann := s.join(b, b.edit())
	ann.commit(ann.op("r1", aRect))
	e := ann.echo(1)
	if seq := decode[whiteboard.Snapshot](t, s.do("GET", "/diagram?board="+string(b.ID), b.view(), nil).body).Seq; seq != e.Seq {
		t.Errorf("the snapshot is at %d after the echo of %d", seq, e.Seq)
	}
}

// Defect 7: anyone could clear the board, for good. Here viewers can't, and a deleted
// record keeps everything that undoing needs.
func TestDefect07_clear_isForEditorsAndCanBeUndone(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann, eve := s.join(b, b.edit()), s.join(b, b.view())
	ann.commit(ann.op("r1", aRect))
	ann.echo(1)
	eve.commit(eve.op("r1", `{"deleted":true}`))
	if m := eve.awaitMessage("rej", nil); m.Code != "forbidden" {
		t.Errorf("a viewer cleared: %+v", m)
	}
	ann.commit(ann.op("r1", `{"deleted":true}`))
	ann.echo(2)
	ann.commit(ann.op("r1", `{"deleted":false}`))
	ann.echo(3)
	r := decode[whiteboard.Snapshot](t, s.do("GET", "/diagram?board="+string(b.ID), b.view(), nil).body).Records[0]
	if string(r.Props["deleted"]) != "false" || string(r.Props["at"]) != "[1,2]" {
		t.Errorf("%+v", r)
	}
}

// Defect 8: people were counted up and down, so a lost event or a restart left a wrong count.
func TestDefect08_lostEventsAndRestarts_leaveNoWrongCount(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann, bob := s.join(b, b.edit()), s.join(b, b.view())
	bobTwice := s.join(b, b.view(), bob.cookie)
	ann.awaitMessage("here", func(m message) bool {
		return len(m.People) == 2 && m.People[0].N+m.People[1].N == 3
	})
	s.deaf.Store(true)
	bob.ws.CloseNow()       // nobody is told
	for s.members(b) != 2 { // until the service has noticed
	}
	s.deaf.Store(false)
	s.startApp() // knows of no one
	ann.event("name", map[string]string{"name": "Ann"})
	ann.awaitMessage("here", func(m message) bool {
		return len(m.People) == 2 && m.People[0].N == 1 && m.People[1].N == 1
	})
	bobTwice.ws.CloseNow()
	ann.awaitMessage("here", func(m message) bool { return len(m.People) == 1 && m.People[0].U == ann.user })
	people := decode[struct {
		People []struct{ U whiteboard.UserID }
	}](t, s.do("GET", "/boards/"+string(b.ID)+"/people", b.view(), nil).body)
	if len(people.People) != 1 {
		t.Errorf("%+v", people)
	}
}

// members asks the service how many connections a board has.
func (s *site) members(b board) (n int) {
	s.t.Helper()
	for _, err := range s.client.GroupMembers(s.t.Context(), webpubsub.GroupName("b."+b.ID), nil) {
		check(s.t, err)
		n++
	}
	return n
}

// Defect 9: the author was what the payload said.
func TestDefect09_theAuthor_isWhoTheServiceSays(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann, bob := s.join(b, b.edit()), s.join(b, b.edit())
	bob.commit(bob.op("c1", `{"kind":"chat","text":"hi","user":"`+string(ann.user)+`","name":"Ann","time":1}`))
	if m := bob.awaitMessage("rej", nil); m.Code != "forbidden" && m.Code != "invalid" {
		t.Errorf("%+v", m)
	}
	bob.n--
	bob.commit(bob.op("c2", `{"kind":"chat","text":"hi","user":"`+string(bob.user)+`","name":"Bob","time":1}`))
	if e := bob.echo(1); e.User != bob.user {
		t.Errorf("%+v", e)
	}
}

// Defect 10: chat was not kept.
func TestDefect10_chat_isKept(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann := s.join(b, b.edit())
	ann.commit(ann.op("c1", `{"kind":"chat","text":"hällo","user":"`+string(ann.user)+`","name":"Ann","time":1788220800000}`))
	ann.echo(1)
	s.startApp()
	if body := string(s.do("GET", "/diagram?board="+string(b.ID), b.view(), nil).body); !strings.Contains(body, "hällo") {
		t.Error(body)
	}
}

// Defect 12: there was one board for the whole world, gone with the process.
func TestDefect12_boards_areManyAndOutliveTheProcess(t *testing.T) {
	s := newSite(t)
	a, b := s.newBoard("A"), s.newBoard("B")
	ann := s.join(a, a.edit())
	ann.commit(ann.op("r1", aRect))
	ann.echo(1)
	s.startApp()
	if n := len(decode[whiteboard.Snapshot](t, s.do("GET", "/diagram?board="+string(a.ID), a.view(), nil).body).Records); n != 2 { // title and shape
		t.Errorf("board A has %d records", n)
	}
	if n := len(decode[whiteboard.Snapshot](t, s.do("GET", "/diagram?board="+string(b.ID), b.view(), nil).body).Records); n != 1 {
		t.Errorf("board B has %d records", n)
	}
	if status := s.do("GET", "/diagram?board="+string(b.ID), a.edit(), nil).status; status != 403 {
		t.Errorf("A's link opens B: %d", status)
	}
}

// Defect 13: a program's changes were broadcast but not kept, it could not read the board, and
// nobody knew who it was. Here a program follows the rules that browsers follow.
func TestDefect13_programs_readAndWriteByTheSameRules(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann, bot := s.join(b, b.edit()), s.join(b, b.edit())
	bot.event("name", map[string]string{"name": "Diagram bot"})
	bot.commit(bot.op("e1", `{"kind":"ellipse","at":[10,20],"size":[30,30],"z":"a0","color":"teal","width":2}`))
	bot.echo(1)
	bot.commit(bot.op("e1", `{"color":"red"}`))
	bot.echo(2)
	ann.awaitMessage("here", func(m message) bool {
		for _, p := range m.People {
			if p.U == bot.user && p.Name == "Diagram bot" {
				return true
			}
		}
		return false
	})
	s.startApp()
	snapshot := decode[whiteboard.Snapshot](t, s.do("GET", "/diagram?board="+string(b.ID), b.edit(), nil).body)
	if len(snapshot.Records) != 1 || string(snapshot.Records[0].Props["color"]) != `"red"` || string(snapshot.Records[0].Props["size"]) != "[30,30]" {
		t.Errorf("%+v", snapshot)
	}
	// Past the app, to everyone's screen but not to the journal: the service forbids it.
	bot.acks++
	bot.send(map[string]any{"type": "sendToGroup", "group": "b." + string(b.ID), "ackId": bot.acks, "dataType": "json", "data": map[string]any{"k": "ops", "b": []any{}}})
	if ack := bot.await("ack", func(f frame) bool { return f.Type == "ack" && f.AckID == bot.acks }); ack.Success {
		t.Error("only the app may publish on the board's own group")
	}
}
