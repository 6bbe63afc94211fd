package story

import (
	"container/list"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/easelhq/easel/webpubsub"
)

// Facts are an entry as callers make it.
type Facts = webpubsub.StoryFacts

// Kinds of entries.
const (
	KindToken       = "token"       // accepted
	KindAnonymous   = "anonymous"   // accepted without a token
	KindRefused     = "refused"     // a handshake
	KindRoles       = "roles"       // given
	KindRoleIgnored = "roleIgnored" // a role without effect
	KindGroups      = "groups"      // joined from the start
	KindSubprotocol = "subprotocol" // chosen
	KindAccepted    = "accepted"
	KindHandler     = "handler"   // a call to an event handler, as it ended
	KindAttempt     = "attempt"   // a call that failed and is repeated
	KindWorks       = "works"     // an event handler that had failed
	KindUnhandled   = "unhandled" // an event nobody takes
	KindJoined      = "joined"
	KindLeft        = "left"
	KindGranted     = "granted"
	KindRevoked     = "revoked"
	KindForbidden   = "forbidden" // a request without permission
	KindDuplicate   = "duplicate" // an ack id used again
	KindFrame       = "frame"     // refused
	KindUnreached   = "unreached" // a message to nobody
	KindSocketLost  = "socketLost"
	KindRecovered   = "recovered"
	KindNoRecovery  = "noRecovery" // a recovery refused
	KindClosing     = "closing"    // by service or application
	KindEnded       = "ended"
	KindREST        = "rest" // a request refused, or without effect
	KindKey         = "key"  // replaced
)

// Who did something.
const (
	ByToken       = "token"
	ByHandler     = "handler"
	ByClient      = "client"
	ByApplication = "application" // through the REST API
	ByService     = "service"
)

// maxText is how much of a text from outside is kept, in bytes.
const maxText = 240

// entriesAtOnce is for how many more entries room is made at a time.
const entriesAtOnce = 3

// stateAfter is where a connection stands after an entry of a kind.
var stateAfter = map[string]webpubsub.StoryState{
	KindRefused:    webpubsub.StoryRefused,
	KindAccepted:   webpubsub.StoryOpen,
	KindRecovered:  webpubsub.StoryOpen,
	KindSocketLost: webpubsub.StoryDetached,
	KindClosing:    webpubsub.StoryClosed,
	KindEnded:      webpubsub.StoryClosed,
}

// Log writes one story. It stays usable, and small, when its recorder has forgotten the
// entries to keep its bounds; a later entry brings it back. Methods may be called on nil and
// from any goroutine.
type Log struct {
	// Fixed.
	recorder *Recorder
	id       string
	hub      webpubsub.HubName
	began    time.Time

	received, sent, noEcho atomic.Int64
	lastReceived, lastSent atomic.Int64 // nanoseconds after recorder.start; 0 is never

	// Guarded by recorder.mu.
	user        webpubsub.UserID
	subprotocol string
	state       webpubsub.StoryState
	trouble     bool
	latest      time.Time
	repeats     int
	entries     []entry
	lost        int
	bytes       int
	place       *list.Element // nil when forgotten
	refusal     *refusalKey   // nil unless it is of a refused handshake
}

type entry struct {
	Facts
	at, last time.Time
	count    int
}

// size is an estimate of the memory an entry takes.
func (e *entry) size() int {
	f := &e.Facts
	return int(unsafe.Sizeof(*e)) + len(f.Event) + len(f.Group) + len(f.Role) + len(f.URL) + len(f.Found) + len(f.Expected) + len(f.Detail)
}

// logSize is what a story takes besides its entries: the Log, its place, and its share of
// two maps.
const logSize = int(unsafe.Sizeof(Log{})) + 200

// ID names the story; empty for nil.
func (l *Log) ID() string {
	if l == nil {
		return ""
	}
	return l.id
}

// Received counts a frame from the client.
func (l *Log) Received() {
	if l != nil {
		l.received.Add(1)
		l.lastReceived.Store(l.recorder.elapsed())
	}
}

// ReceivedCount is how many frames came.
func (l *Log) ReceivedCount() int64 {
	if l == nil {
		return 0
	}
	return l.received.Load()
}

// Sent counts frames written to the client.
func (l *Log) Sent(frames int) {
	if l != nil && frames > 0 {
		l.sent.Add(int64(frames))
		l.lastSent.Store(l.recorder.elapsed())
	}
}

// NoEcho counts a message that is not for its sender.
func (l *Log) NoEcho() {
	if l != nil {
		l.noEcho.Add(1)
	}
}

// Identify says who the client is and what it speaks.
func (l *Log) Identify(user webpubsub.UserID, subprotocol string) {
	if l == nil {
		return
	}
	l.recorder.mu.Lock()
	defer l.recorder.mu.Unlock()
	l.user, l.subprotocol = webpubsub.UserID(clip(string(user))), subprotocol
}

// Add writes an entry. A cause makes it trouble, unless its rule is but a hint.
func (l *Log) Add(f Facts) {
	if l == nil {
		return
	}
	r := l.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	l.addLocked(f)
	r.evictLocked()
}

func (l *Log) addLocked(f Facts) {
	l.latest = l.recorder.now()
	if state, ok := stateAfter[f.Kind]; ok && l.state != webpubsub.StoryOfHub {
		l.state = state
	}
	if l.place != nil && l.countLocked(f) {
		l.recorder.touchLocked(l)
		return
	}
	trim(&f)
	l.trouble = l.trouble || f.Cause != "" && !rules[f.Cause].hint
	l.recorder.touchLocked(l)
	if len(l.entries) >= l.recorder.limits.Entries {
		l.dropLocked()
	}
	e := entry{Facts: f, at: l.latest, count: 1}
	if len(l.entries) == cap(l.entries) { // most stories end soon, so room is made in small steps
		l.entries = append(make([]entry, 0, len(l.entries)+entriesAtOnce), l.entries...)
	}
	l.entries = append(l.entries, e)
	l.grow(e.size())
}

// countLocked counts an entry that is there already; false when it is new.
func (l *Log) countLocked(f Facts) bool {
	for i := len(l.entries) - 1; i >= 0; i-- {
		e := &l.entries[i]
		if e.Kind != f.Kind || !same(e.Facts, f) {
			continue
		}
		e.count++
		e.last = l.latest
		e.Took = max(e.Took, f.Took)
		return true
	}
	return false
}

// same compares entries: not how long it took, nor the times they speak of, which differ for
// tokens that are wrong in the same way. Texts that trim would cut are compared as far as they
// are kept.
func same(kept, f Facts) bool {
	trim(&f)
	f.Took, f.Time = kept.Took, kept.Time
	return kept == f
}

// dropLocked makes room for one entry: the story keeps its beginning, where the causes
// usually are, and what is newest.
func (l *Log) dropLocked() {
	oldest := l.recorder.limits.Entries / 2
	l.grow(-l.entries[oldest].size())
	l.entries = append(l.entries[:oldest], l.entries[oldest+1:]...)
	l.lost++
}

func (l *Log) grow(bytes int) {
	l.bytes += bytes
	l.recorder.bytes += bytes
}

// trim bounds the texts of an entry.
func trim(f *Facts) {
	for _, s := range []*string{&f.Event, &f.Group, &f.Role, &f.URL, &f.Found, &f.Expected, &f.Detail} {
		*s = clip(*s)
	}
}

func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText-len("…")], "") + "…"
}

// Join lists names as one text that fits an entry.
func Join[S ~string](names []S) string {
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(name))
		if b.Len() > maxText {
			break
		}
	}
	return clip(b.String())
}

func (l *Log) snapshotLocked() webpubsub.Story {
	s := webpubsub.Story{
		ID: l.id, Hub: l.hub, UserID: l.user, State: l.state, Trouble: l.trouble, Subprotocol: l.subprotocol,
		Began: l.began, Latest: l.latest, Repeats: l.repeats, Lost: l.lost,
		Traffic: webpubsub.StoryTraffic{
			Received: l.received.Load(), LastReceived: l.recorder.timeOf(l.lastReceived.Load()),
			Sent: l.sent.Load(), LastSent: l.recorder.timeOf(l.lastSent.Load()), NoEcho: l.noEcho.Load(),
		},
		Entries: make([]webpubsub.StoryEntry, len(l.entries)),
		Advice:  []webpubsub.StoryAdvice{},
	}
	for i, e := range l.entries {
		s.Entries[i] = webpubsub.StoryEntry{At: e.at, Count: e.count, Last: e.last, StoryFacts: e.Facts}
		s.Entries[i].Text = tell(s.Entries[i])
	}
	return s
}

// elapsed reads the monotonic clock alone, for that takes half as long.
func (r *Recorder) elapsed() int64 { return int64(time.Since(r.start)) }

func (r *Recorder) timeOf(elapsed int64) time.Time {
	if elapsed == 0 {
		return time.Time{}
	}
	return r.start.Add(time.Duration(elapsed)).UTC()
}
