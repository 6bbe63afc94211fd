package connection

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

var update = flag.Bool("update", false, "rewrite the transcripts' answers")

// A transcript is a file of lines. What is told to the connection:
//
//	# comment
//	protocol reliable|json|simple [role …]   first line
//	mode GROUP [noEcho]                      simple clients that publish
//	start TOKEN
//	> TEXT           a text frame from the client; >> TEXT a binary one
//	deliver GROUP USER TYPE TEXT [TTL]       a message; - is none
//	done | done TYPE TEXT | failed           the user event's outcome
//	close [REASON] | shutdown | dropped CODE [REASON] | resume TOKEN | expire
//	@30s             time passes
//
// What it wants done follows each of them, indented: "< frame" and other effects.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { runTranscript(t, file) })
	}
}

func runTranscript(t *testing.T, file string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	p := player{now: time.Unix(1788220800, 0)}
	for lines := bufio.NewScanner(bytes.NewReader(want)); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "  ") {
			continue
		}
		fmt.Fprintln(&got, line)
		if line == "" || line[0] == '#' {
			continue
		}
		for _, e := range p.play(t, line) {
			fmt.Fprintln(&got, "  "+effectText(e))
		}
	}
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got.String() != string(want) {
		t.Errorf("the transcript reads differently (-update rewrites it):\n%s", got.String())
	}
}

type player struct {
	s   *State
	now time.Time
}

func (p *player) play(t *testing.T, line string) []Effect {
	verb, rest, _ := strings.Cut(line, " ")
	words := strings.Fields(rest)
	switch verb {
	case "protocol":
		p.s = newState(words[0], words[1:])
		return nil
	case "mode":
		p.s.Mode = Mode{SendToGroup: webpubsub.GroupName(words[0]), NoEcho: len(words) > 1}
		return nil
	case "start":
		return p.s.Start(rest)
	case ">", ">>":
		return p.s.Receive(Frame{Text: verb == ">", Bytes: []byte(rest)})
	case "deliver":
		return p.s.Deliver(p.now, wire.Share(messageOf(t, words)))
	case "done":
		return p.s.EventDone(p.now, outcomeOf(words))
	case "failed":
		return p.s.EventDone(p.now, Outcome{Failed: true})
	case "close":
		return p.s.Close(rest)
	case "shutdown":
		return p.s.Shutdown()
	case "toolarge":
		return p.s.TooLarge()
	case "dropped":
		var code int
		fmt.Sscan(words[0], &code)
		return p.s.Dropped(code, strings.Join(words[1:], " "))
	case "resume":
		return p.s.Resume(p.now, rest)
	case "expire":
		return p.s.Expire()
	}
	d, err := time.ParseDuration(strings.TrimPrefix(verb, "@"))
	if err != nil {
		t.Fatalf("line %q is not understood", line)
	}
	p.now = p.now.Add(d)
	return nil
}

func newState(protocol string, roles []string) *State {
	permissions, _ := webpubsub.NewPermissions(roles)
	c := Config{ID: "c1", User: "ann", Permissions: permissions}
	c.Protocol = map[string]Protocol{"simple": Simple, "json": JSON, "reliable": ReliableJSON}[protocol]
	return New(c)
}

func dataOf(kind, text string) webpubsub.Data {
	d := webpubsub.Data{Bytes: []byte(text)}
	d.Type = map[string]webpubsub.DataType{"json": webpubsub.JSON, "text": webpubsub.Text, "binary": webpubsub.Binary}[kind]
	return d
}

func messageOf(t *testing.T, words []string) webpubsub.Message {
	m := webpubsub.Message{Data: dataOf(words[2], words[3])}
	if words[0] != "-" {
		m.Group = webpubsub.GroupName(words[0])
	}
	if words[1] != "-" {
		m.FromUserID = webpubsub.UserID(words[1])
	}
	if len(words) > 4 {
		ttl, err := time.ParseDuration(words[4])
		if err != nil {
			t.Fatal(err)
		}
		m.TTL = ttl
	}
	return m
}

func outcomeOf(words []string) (o Outcome) {
	if len(words) > 0 {
		d := dataOf(words[0], strings.Join(words[1:], " "))
		o.Data = &d
	}
	return o
}

func effectText(e Effect) string {
	switch e := e.(type) {
	case Send:
		if e.Text {
			return "< " + string(e.Bytes)
		}
		return "<< " + string(e.Bytes)
	case Publish:
		return fmt.Sprintf("publish %s from %s noEcho=%v %v %s", e.Message.Group, e.Message.FromUserID, e.NoEcho, e.Message.Data.Type, e.Message.Data.Bytes)
	case Raise:
		return fmt.Sprintf("raise %s #%d %v %s", e.Event, e.EventID, e.Data.Type, e.Data.Bytes)
	case Join:
		return "join " + string(e.Group)
	case Leave:
		return "leave " + string(e.Group)
	case Close:
		return strings.TrimSpace(fmt.Sprintf("close %d %s", e.Code, e.Reason))
	case Detach:
		return "detach"
	case End:
		return strings.TrimSpace(fmt.Sprintf("end #%d %s", e.EventID, e.Reason))
	}
	panic(fmt.Sprintf("unknown effect %T", e))
}

func deliverN(s *State, n, size int) (last []Effect) {
	m := wire.Share(webpubsub.Message{Group: "g", Data: webpubsub.Data{Type: webpubsub.Text, Bytes: bytes.Repeat([]byte("x"), size)}})
	for range n {
		last = s.Deliver(time.Time{}, m)
	}
	return last
}

func TestDeliver_replayBufferFull_endsTheConnection(t *testing.T) {
	for name, c := range map[string]struct{ fit, size int }{
		"messages": {webpubsub.MaxQueuedMessages, 1},
		"bytes":    {16, 1 << 20 * 99 / 100},
	} {
		t.Run(name, func(t *testing.T) {
			s := newState("reliable", nil)
			s.Dropped(1006, "")
			if last := deliverN(s, c.fit, c.size); len(last) != 0 || s.Ended() {
				t.Fatalf("%d messages of %d bytes must fit; got %v", c.fit, c.size, last)
			}
			last := deliverN(s, 1, c.size)
			if len(last) != 2 || effectText(last[0]) != "close 1008 The reliable message buffer is full." || !s.Ended() {
				t.Errorf("got %v", last)
			}
		})
	}
}

func TestAckIDs_onlyTheLatestAreRemembered(t *testing.T) {
	s := newState("json", []string{"webpubsub.joinLeaveGroup"})
	join := func(id int) string {
		effects := s.Receive(Frame{Text: true, Bytes: fmt.Appendf(nil, `{"type":"joinGroup","group":"g","ackId":%d}`, id)})
		return effectText(effects[len(effects)-1])
	}
	for id := range webpubsub.MaxRememberedAckIDs + 1 {
		join(id)
	}
	if got := join(0); !strings.Contains(got, `"success":true`) {
		t.Errorf("the oldest id is forgotten, so it works again; got %s", got)
	}
	if got := join(2); !strings.Contains(got, "Duplicate") {
		t.Errorf("a remembered id is a duplicate; got %s", got)
	}
}

func TestBusy_whileAnEventIsHandled_isBounded(t *testing.T) {
	s := newState("json", nil)
	event := Frame{Text: true, Bytes: []byte(`{"type":"event","event":"e","data":1}`)}
	s.Receive(event)
	n := 0
	for ; !s.Busy(); n++ {
		s.Receive(event)
	}
	if n != maxWaitingFrames {
		t.Errorf("busy after %d frames, want %d", n, maxWaitingFrames)
	}
	for ; s.pending != nil; n-- {
		s.EventDone(time.Time{}, Outcome{})
	}
	if n != -1 || s.waitingSize != 0 {
		t.Errorf("every frame must have its turn: %d left, %d bytes", n, s.waitingSize)
	}
}

func FuzzReceive(f *testing.F) {
	f.Add(true, []byte(`{"type":"sendToGroup","group":"g","ackId":1,"data":1}`), byte(1))
	f.Add(true, []byte(`{"type":"event","event":"e","data":1}`), byte(2))
	f.Add(false, []byte{0}, byte(0))
	f.Fuzz(func(t *testing.T, text bool, frame []byte, protocol byte) {
		permissions, _ := webpubsub.NewPermissions([]string{"webpubsub.sendToGroup", "webpubsub.joinLeaveGroup"})
		s := New(Config{ID: "c", Protocol: Protocol(protocol % 3), Permissions: permissions})
		effects := s.Receive(Frame{Text: text, Bytes: frame})
		if s.pending != nil {
			effects = append(effects, s.EventDone(time.Time{}, Outcome{})...)
		}
		for _, e := range effects {
			if send, ok := e.(Send); ok && !json.Valid(send.Bytes) {
				t.Fatalf("%q is answered with %q", frame, send.Bytes)
			}
			if c, ok := e.(Close); ok && (len(c.Reason) > maxReasonBytes || !s.Ended()) {
				t.Fatalf("%q closes with %q, ended %v", frame, c.Reason, s.Ended())
			}
		}
	})
}
