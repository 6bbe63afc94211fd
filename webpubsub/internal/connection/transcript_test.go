package connection

import (
	"bufio"
	"bytes"
	"encoding/hex"
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
//	protocol reliable|json|reliable-protobuf|protobuf|simple [role …]   first line
//	mode GROUP [noEcho]                      simple clients that publish
//	start TOKEN
//	> TEXT           a text frame from the client; >> TEXT a binary one
//	> JSON           with protobuf: the binary frame that means the same; hex HEX any other
//	deliver GROUP USER TYPE TEXT [TTL]       a message; - is none
//	snapshot GROUP | changed GROUP           group state of connection c2
//	done [META] [TYPE TEXT] | failed         the user event's outcome; META is an object
//	state TEXT                               the outcome of an event: a new connection state
//	close [REASON] | shutdown | dropped CODE [REASON] | resume TOKEN | toolarge | badframe
//	@30s             time passes, and with it the timer
//
// What it wants done follows each of them, indented: "< frame" and other effects. Protobuf
// frames are shown as the JSON that means the same, after "<<".
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
	p := player{now: beginning}
	for lines := bufio.NewScanner(bytes.NewReader(want)); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "  ") {
			continue
		}
		fmt.Fprintln(&got, line)
		if line == "" || line[0] == '#' {
			continue
		}
		effects := p.play(t, line)
		p.watch(effects)
		for _, e := range effects {
			fmt.Fprintln(&got, "  "+p.text(e))
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

// beginning is when transcripts start; timers are shown as the time since then.
var beginning = time.Unix(1788220800, 0)

type player struct {
	s     *State
	now   time.Time
	timer time.Time // zero is not set
}

func (p *player) play(t *testing.T, line string) []Effect {
	verb, rest, _ := strings.Cut(line, " ")
	words := strings.Fields(rest)
	switch verb {
	case "protocol":
		p.s = newState(words[0], words[1:])
		return nil
	case "mode":
		p.s.need().mode = Mode{SendToGroup: webpubsub.GroupName(words[0]), NoEcho: len(words) > 1}
		return nil
	case "start":
		return p.s.Start("c1", rest)
	case ">", ">>":
		return p.s.Receive(p.now, p.frame(t, verb, rest))
	case "hex":
		b, err := hex.DecodeString(rest)
		if err != nil {
			t.Fatal(err)
		}
		return p.s.Receive(p.now, Frame{Bytes: b})
	case "deliver":
		return p.deliver(wire.Share(messageOf(t, words)))
	case "snapshot", "changed":
		r := wire.Response{Type: wire.GroupStateSnapshot, Group: webpubsub.GroupName(rest), Items: []wire.StateItem{
			{ConnectionID: "c2", UserID: "bob", State: map[string]string{"cursor": "4,9"}, UpdatedAt: p.now}}}
		if verb == "changed" {
			r.Type, r.Items[0].State = wire.GroupStateUpdate, nil
		}
		return p.deliver(wire.ShareResponse(r))
	case "done":
		return p.s.EventDone(p.now, outcomeOf(t, words))
	case "state":
		return p.s.EventDone(p.now, Outcome{State: &rest})
	case "failed":
		return p.s.EventDone(p.now, Outcome{Failed: true})
	case "close":
		return p.s.Close(rest)
	case "shutdown":
		return p.s.Shutdown()
	case "toolarge":
		return p.s.TooLarge()
	case "badframe":
		return p.s.FrameInvalid()
	case "dropped":
		var code int
		fmt.Sscan(words[0], &code)
		return p.s.Dropped(p.now, code, strings.Join(words[1:], " "))
	case "resume":
		return p.s.Resume(p.now, "c1", rest)
	}
	d, err := time.ParseDuration(strings.TrimPrefix(verb, "@"))
	if err != nil {
		t.Fatalf("line %q is not understood", line)
	}
	return p.pass(d)
}

// pass lets time pass; the timer goes off at its time.
func (p *player) pass(d time.Duration) (effects []Effect) {
	end := p.now.Add(d)
	for !p.timer.IsZero() && !p.timer.After(end) {
		p.now, p.timer = p.timer, time.Time{}
		more := p.s.Tick(p.now)
		p.watch(more)
		effects = append(effects, more...)
	}
	p.now = end
	return effects
}

// watch sets the timer that effects ask for.
func (p *player) watch(effects []Effect) {
	for _, e := range effects {
		if timer, ok := e.(Timer); ok {
			p.timer = timer.At
		}
	}
}

func (p *player) deliver(m *wire.Shared) []Effect {
	f, send, rest := p.s.Deliver(p.now, m)
	if send {
		return []Effect{Send{f}}
	}
	return rest
}

// frame is a client's frame. For protobuf it is written in JSON.
func (p *player) frame(t *testing.T, verb, line string) Frame {
	if p.s.format == wire.JSON || verb == ">>" {
		return Frame{Text: verb == ">", Bytes: []byte(line)}
	}
	r, err := wire.DecodeRequest(wire.JSON, []byte(line))
	if err != nil { // it is meant to be a text frame
		return Frame{Text: true, Bytes: []byte(line)}
	}
	b, err := wire.EncodeRequest(wire.Protobuf, r)
	if err != nil {
		t.Fatal(err)
	}
	return Frame{Bytes: b}
}

func newState(protocol string, roles []string) *State {
	permissions, _ := webpubsub.NewPermissions(roles)
	c := Config{User: "ann", Permissions: *permissions}
	c.Protocol = map[string]Protocol{"json": JSON, "reliable": ReliableJSON, "protobuf": Protobuf, "reliable-protobuf": ReliableProtobuf}[protocol]
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

func outcomeOf(t *testing.T, words []string) (o Outcome) {
	if len(words) > 0 && strings.HasPrefix(words[0], "{") {
		if err := json.Unmarshal([]byte(words[0]), &o.Metadata); err != nil {
			t.Fatal(err)
		}
		words = words[1:]
	}
	if len(words) > 0 {
		d := dataOf(words[0], strings.Join(words[1:], " "))
		o.Data = &d
	}
	return o
}

func (p *player) text(e Effect) string {
	if timer, ok := e.(Timer); ok {
		return fmt.Sprintf("timer at %v", timer.At.Sub(beginning))
	}
	send, ok := e.(Send)
	if !ok || send.Text || p.s.Protocol == Simple {
		return effectText(e)
	}
	r, err := wire.DecodeResponse(wire.Protobuf, send.Bytes)
	if err != nil {
		return fmt.Sprintf("<< %x, which does not parse: %v", send.Bytes, err)
	}
	return "<< " + string(wire.EncodeResponse(wire.JSON, r))
}

func effectText(e Effect) string {
	switch e := e.(type) {
	case Send:
		if e.Text {
			return "< " + string(e.Bytes)
		}
		return "<< " + string(e.Bytes)
	case Publish:
		return publishText(e)
	case Raise:
		return strings.TrimSpace(fmt.Sprintf("raise %s #%d %v %s %s", e.Event, e.EventID, e.Data.Type, e.Data.Bytes, metadataText(e.Metadata)))
	case CancelRaise:
		return "cancel the event"
	case Join:
		return "join " + string(e.Group)
	case Leave:
		return "leave " + string(e.Group)
	case SetState:
		return fmt.Sprintf("set state of %s to %v at %d", e.Group, e.State, e.UpdatedAt.UnixMilli())
	case Watch:
		return "watch " + string(e.Group)
	case Unwatch:
		return "unwatch " + string(e.Group)
	case Close:
		return strings.TrimSpace(fmt.Sprintf("close %d %s", e.Code, e.Reason))
	case Detach:
		return "detach"
	case Refusal:
		return "tell of " + refusalText(e)
	case End:
		return strings.TrimSpace(fmt.Sprintf("end #%d %s", e.EventID, e.Reason))
	}
	panic(fmt.Sprintf("unknown effect %T", e))
}

func refusalText(e Refusal) string {
	switch {
	case e.Malformed != nil:
		return "a malformed frame: " + e.Malformed.Error()
	case e.Duplicate != "":
		return "ack id " + e.Duplicate + " again"
	}
	return fmt.Sprintf("no permission to %v for %s", e.Permission, e.Group)
}

func publishText(e Publish) string {
	s := fmt.Sprintf("publish %s from %s noEcho=%v %v %s", e.Message.Group, e.Message.FromUserID, e.NoEcho, e.Message.Data.Type, e.Message.Data.Bytes)
	if e.Message.TTL > 0 {
		s += " for " + e.Message.TTL.String()
	}
	s += " " + metadataText(e.Message.Metadata)
	if part := e.Message.Stream; part != nil {
		s = strings.TrimSpace(s) + fmt.Sprintf(" stream %s #%d", part.ID, part.SequenceID)
		if part.End {
			s += " end"
		}
		if part.Error != nil {
			s += fmt.Sprintf(" %+v", *part.Error)
		}
	}
	return strings.TrimSpace(s)
}

func metadataText(m webpubsub.Metadata) string {
	if len(m) == 0 {
		return ""
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func deliverN(s *State, n, size int) (last []Effect) {
	m := wire.Share(webpubsub.Message{Group: "g", Data: webpubsub.Data{Type: webpubsub.Text, Bytes: bytes.Repeat([]byte("x"), size)}})
	for range n {
		_, _, last = s.Deliver(time.Time{}, m)
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
			s.Dropped(time.Time{}, 1006, "")
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
		effects := s.Receive(time.Time{}, Frame{Text: true, Bytes: fmt.Appendf(nil, `{"type":"joinGroup","group":"g","ackId":%d}`, id)})
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
	s.Receive(time.Time{}, event)
	n := 0
	for ; !s.Busy(); n++ {
		s.Receive(time.Time{}, event)
	}
	if n != maxWaitingFrames {
		t.Errorf("busy after %d frames, want %d", n, maxWaitingFrames)
	}
	for ; s.pending != nil; n-- {
		s.EventDone(time.Time{}, Outcome{})
	}
	if n != -1 || s.seldom().size != 0 {
		t.Errorf("every frame must have its turn: %d left, %d bytes", n, s.seldom().size)
	}
}
