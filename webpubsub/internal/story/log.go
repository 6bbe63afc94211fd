package story

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connid"
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
	of    *scope
	conn  connid.ID // unless of has an id
	began int64     // nanoseconds of Unix time

	received, sent         atomic.Int64
	lastReceived, lastSent atomic.Int64 // nanoseconds after recorder.start; 0 is never
	noEcho                 atomic.Uint32

	// Guarded by recorder.mu.
	lost         uint32
	count        uint16 // of entries
	state        uint8  // of states
	subprotocol  uint8  // of subprotocols; that of more, when it is none of these
	trouble      bool
	in           place
	latest       int64 // nanoseconds of Unix time
	user         webpubsub.UserID
	entries      entries
	newer, older *Log  // in the list that it is in
	next         *Log  // of recorder.logs
	more         *more // nil for most
}

// scope is what many stories have in common.
type scope struct {
	recorder *Recorder
	hub      webpubsub.HubName
	id       string // of the only story that has this scope; empty for connections'
}

// key is what stories are found by: an id's text is only made when somebody wants it.
type key struct {
	conn connid.ID
	id   string
}

func keyOf(id string) (k key) {
	if conn, ok := connid.Parse(webpubsub.ConnectionID(id)); ok {
		return key{conn: conn}
	}
	return key{id: id}
}

func (l *Log) key() key { return key{l.conn, l.of.id} }

// more is what few stories have.
type more struct {
	repeats     int
	subprotocol string      // one of its own
	refusal     *refusalKey // nil unless it is of a refused handshake
}

var states = [...]webpubsub.StoryState{
	webpubsub.StoryConnecting, webpubsub.StoryRefused, webpubsub.StoryOpen, webpubsub.StoryDetached, webpubsub.StoryClosed, webpubsub.StoryOfHub,
}

func stateNumber(s webpubsub.StoryState) uint8 { return uint8(slices.Index(states[:], s)) }

// subprotocols are those that are known; the last stands for all others.
var subprotocols = [...]string{
	"", "json.webpubsub.azure.v1", "json.reliable.webpubsub.azure.v1", "protobuf.webpubsub.azure.v1", "protobuf.reliable.webpubsub.azure.v1", "other",
}

const otherSubprotocol = uint8(len(subprotocols) - 1)

// logSize is what a story takes besides its entries: the Log, and its share of an index.
const logSize = int(unsafe.Sizeof(Log{})) + 16

// bytesLocked is an estimate of the memory a story takes that is not forgotten.
func (l *Log) bytesLocked() int { return logSize + cap(l.entries) }

func (l *Log) needMore() *more {
	if l.more == nil {
		l.more = &more{}
	}
	return l.more
}

func (l *Log) refusalLocked() *refusalKey {
	if l.more == nil {
		return nil
	}
	return l.more.refusal
}

func (l *Log) repeatsLocked() int {
	if l.more == nil {
		return 0
	}
	return l.more.repeats
}

func (l *Log) subprotocolLocked() string {
	if l.subprotocol == otherSubprotocol {
		return l.more.subprotocol
	}
	return subprotocols[l.subprotocol]
}

// ID names the story; empty for nil.
func (l *Log) ID() string {
	if l == nil {
		return ""
	}
	if l.of.id != "" {
		return l.of.id
	}
	return string(l.conn.Text())
}

// Received counts a frame from the client.
func (l *Log) Received() {
	if l != nil {
		l.received.Add(1)
		l.lastReceived.Store(l.of.recorder.elapsed())
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
		l.lastSent.Store(l.of.recorder.elapsed())
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
	l.of.recorder.mu.Lock()
	defer l.of.recorder.mu.Unlock()
	l.user = webpubsub.UserID(clip(string(user)))
	if n := slices.Index(subprotocols[:otherSubprotocol], subprotocol); n >= 0 {
		l.subprotocol = uint8(n)
		return
	}
	l.subprotocol, l.needMore().subprotocol = otherSubprotocol, subprotocol
}

// Add writes an entry. A cause makes it trouble, unless its rule is but a hint.
func (l *Log) Add(f Facts) {
	if l == nil {
		return
	}
	r := l.of.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	l.addLocked(f)
	r.evictLocked()
}

func (l *Log) addLocked(f Facts) {
	r := l.of.recorder
	now := r.now()
	l.latest = now.UnixNano()
	if state, ok := stateAfter[f.Kind]; ok && states[l.state] != webpubsub.StoryOfHub {
		l.state = stateNumber(state)
	}
	trim(&f)
	var buf [2 * maxText]byte
	facts := r.appendFacts(buf[:0], &f)
	from, to, m, again := l.entries.find(facts)
	if again {
		r.release(facts)
		m.count++
		m.last = l.sinceLocked() - m.at
		m.took = max(m.took, f.Took)
	} else {
		l.trouble = l.trouble || f.Cause != "" && !rules[f.Cause].hint
		if int(l.count) >= r.limits.Entries {
			l.dropLocked()
		}
		l.count++
		from, to = len(l.entries), len(l.entries)
		m = moments{at: l.sinceLocked(), count: 1, took: f.Took, speaksOf: f.Time}
	}
	r.touchLocked(l)
	before := cap(l.entries)
	l.entries = l.entries.replace(from, to, facts, m)
	r.bytes += cap(l.entries) - before
}

// sinceLocked is how long the story has lasted, in microseconds.
func (l *Log) sinceLocked() int64 { return (l.latest - l.began) / int64(time.Microsecond) }

// dropLocked makes room for one entry: the story keeps its beginning, where the causes
// usually are, and what is newest.
func (l *Log) dropLocked() {
	n := 0
	l.entries.each(func(from, to int, facts, _ []byte) bool {
		if n++; n <= l.of.recorder.limits.Entries/2 {
			return true
		}
		l.of.recorder.release(facts)
		l.entries = slices.Delete(l.entries, from, to)
		return false
	})
	l.count--
	l.lost++
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
	r := l.of.recorder
	s := webpubsub.Story{
		ID: l.ID(), Hub: l.of.hub, UserID: l.user, State: states[l.state], Trouble: l.trouble, Subprotocol: l.subprotocolLocked(),
		Began: unixTime(l.began), Latest: unixTime(l.latest), Repeats: l.repeatsLocked(), Lost: int(l.lost),
		Traffic: webpubsub.StoryTraffic{
			Received: l.received.Load(), LastReceived: r.timeOf(l.lastReceived.Load()),
			Sent: l.sent.Load(), LastSent: r.timeOf(l.lastSent.Load()), NoEcho: int64(l.noEcho.Load()),
		},
		Entries: make([]webpubsub.StoryEntry, 0, l.count),
		Advice:  []webpubsub.StoryAdvice{},
	}
	l.entries.each(func(_, _ int, facts, when []byte) bool {
		m := readMoments(when)
		e := webpubsub.StoryEntry{At: unixTime(l.began + m.at*int64(time.Microsecond)), Count: int(m.count), StoryFacts: r.facts(facts)}
		if m.count > 1 {
			e.Last = e.At.Add(time.Duration(m.last) * time.Microsecond)
		}
		e.Took, e.Time = m.took, m.speaksOf
		e.Text = tell(e)
		s.Entries = append(s.Entries, e)
		return true
	})
	return s
}

func unixTime(nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).UTC() }

// elapsed reads the monotonic clock alone, for that takes half as long.
func (r *Recorder) elapsed() int64 { return int64(time.Since(r.start)) }

func (r *Recorder) timeOf(elapsed int64) time.Time {
	if elapsed == 0 {
		return time.Time{}
	}
	return r.start.Add(time.Duration(elapsed)).UTC()
}
