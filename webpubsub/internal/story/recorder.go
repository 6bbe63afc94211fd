package story

import (
	"cmp"
	"container/list"
	"slices"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// Limits bound what a [Recorder] keeps. Zero fields are the defaults.
type Limits struct {
	// Stories is how many stories are kept.
	Stories int
	// Entries is how many entries a story keeps: the first half of them, and the newest.
	Entries int
	// Bytes is the memory all stories may take, as estimated from their entries.
	Bytes int
}

// The default limits.
const (
	DefaultStories = 4096
	DefaultEntries = 48
	DefaultBytes   = 8 << 20
)

// hubPrefix begins the id of a hub's story; no connection id has a colon.
const hubPrefix = "hub:"

// HubID is the id of a hub's story.
func HubID(hub webpubsub.HubName) string { return hubPrefix + string(hub) }

// Recorder keeps the stories of recent connections, refused handshakes and hubs. Methods may
// be called on nil, which remembers nothing, and from any goroutine.
type Recorder struct {
	// Fixed.
	limits Limits
	now    func() time.Time
	start  time.Time // of the program's clock

	mu       sync.Mutex
	logs     map[string]*Log     // guarded by mu
	refusals map[refusalKey]*Log // guarded by mu
	quiet    list.List           // guarded by mu; of *Log, most recent first
	troubled list.List           // guarded by mu; likewise
	bytes    int                 // guarded by mu
	replaced time.Time           // guarded by mu; when an access key was
}

// refusalKey tells refused handshakes apart.
type refusalKey struct {
	hub   webpubsub.HubName
	user  webpubsub.UserID
	facts Facts
}

// New returns a Recorder; a nil clock is time.Now.
func New(l Limits, now func() time.Time) *Recorder {
	if now == nil {
		now = time.Now
	}
	return &Recorder{
		limits: Limits{cmp.Or(l.Stories, DefaultStories), cmp.Or(l.Entries, DefaultEntries), cmp.Or(l.Bytes, DefaultBytes)},
		now:    now,
		start:  time.Now(),
		logs:   map[string]*Log{}, refusals: map[refusalKey]*Log{},
	}
}

// Begin starts the story of a handshake. It is kept from its first entry on.
func (r *Recorder) Begin(hub webpubsub.HubName, id webpubsub.ConnectionID) *Log {
	if r == nil {
		return nil
	}
	return &Log{recorder: r, id: string(id), hub: hub, began: r.now(), state: webpubsub.StoryConnecting}
}

// Connection returns the story of a connection; nil when there is none.
func (r *Recorder) Connection(id webpubsub.ConnectionID) *Log {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.logs[string(id)]
}

// Hub returns the story of a hub; "" is for what concerns none.
func (r *Recorder) Hub(hub webpubsub.HubName) *Log {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.logs[HubID(hub)]; l != nil {
		return l
	}
	l := r.Begin(hub, webpubsub.ConnectionID(HubID(hub)))
	l.state = webpubsub.StoryOfHub
	return l
}

// Refuse ends a handshake's story. When the same was refused before, this one is counted
// there and forgotten. It returns the id of the story that tells of it.
func (r *Recorder) Refuse(l *Log, f Facts) string {
	if l == nil {
		return ""
	}
	f.Kind = KindRefused
	r.mu.Lock()
	defer r.mu.Unlock()
	key := refusalKey{l.hub, l.user, f}
	trim(&key.facts)
	key.facts.Took, key.facts.Time = 0, time.Time{} // as same does
	if before := r.refusals[key]; before != nil && before != l {
		before.repeats++
		r.forgetLocked(l)
		before.latest = r.now()
		r.touchLocked(before)
		return before.id
	}
	l.addLocked(f)
	l.refusal = &key
	r.refusals[key] = l
	r.evictLocked()
	return l.id
}

// KeyReplaced notes that tokens of an access key are no longer good.
func (r *Recorder) KeyReplaced(which string) {
	if r == nil {
		return
	}
	r.Hub("").Add(Facts{Kind: KindKey, Detail: which})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replaced = r.now()
}

// touchLocked makes a story the most recent one of its list, and brings back a forgotten one.
func (r *Recorder) touchLocked(l *Log) {
	to := &r.quiet
	if l.trouble {
		to = &r.troubled
	}
	if l.place != nil {
		// Removing from a list the element is not in does nothing.
		r.quiet.Remove(l.place)
		r.troubled.Remove(l.place)
	} else {
		r.logs[l.id] = l
		l.grow(logSize)
	}
	l.place = to.PushFront(l)
}

// forgetLocked lets go of a story's entries.
func (r *Recorder) forgetLocked(l *Log) {
	if l.place == nil {
		return
	}
	r.quiet.Remove(l.place)
	r.troubled.Remove(l.place)
	delete(r.logs, l.id)
	if l.refusal != nil && r.refusals[*l.refusal] == l {
		delete(r.refusals, *l.refusal)
	}
	l.lost += len(l.entries)
	l.place, l.entries = nil, nil
	l.grow(-l.bytes)
}

// evictLocked forgets stories until the bounds hold: quiet ones first, unless stories with
// trouble take more than half of the room.
func (r *Recorder) evictLocked() {
	for len(r.logs) > r.limits.Stories || r.bytes > r.limits.Bytes {
		from := &r.quiet
		if r.quiet.Len() == 0 || r.troubled.Len() > r.limits.Stories/2 {
			from = &r.troubled
		}
		last := from.Back()
		if last == nil {
			return
		}
		r.forgetLocked(last.Value.(*Log))
	}
}

// Story returns one story, without advice; false when it is not known.
func (r *Recorder) Story(id string) (webpubsub.Story, bool) {
	if r == nil {
		return webpubsub.Story{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.logs[id]
	if l == nil {
		return webpubsub.Story{}, false
	}
	return l.snapshotLocked(), true
}

// Filter selects stories.
type Filter struct {
	Hub     webpubsub.HubName // empty is all
	Trouble bool              // only stories with trouble
	Max     int
}

// Stories returns stories without advice, the most recent first.
func (r *Recorder) Stories(f Filter) []webpubsub.Story {
	found := []webpubsub.Story{}
	if r == nil {
		return found
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	lists := []*list.List{&r.troubled}
	if !f.Trouble {
		lists = append(lists, &r.quiet)
	}
	for _, in := range lists {
		n := 0
		for e := in.Front(); e != nil && n < f.Max; e = e.Next() {
			l := e.Value.(*Log)
			if f.Hub == "" || l.hub == f.Hub {
				found = append(found, l.snapshotLocked())
				n++
			}
		}
	}
	slices.SortStableFunc(found, func(a, b webpubsub.Story) int {
		// At the same time a connection's story tells more than its hub's.
		return cmp.Or(b.Latest.Compare(a.Latest), cmp.Compare(hubLast(a), hubLast(b)))
	})
	return found[:min(f.Max, len(found))]
}

func hubLast(s webpubsub.Story) int {
	if s.State == webpubsub.StoryOfHub {
		return 1
	}
	return 0
}

// Size is the memory that all stories take, as estimated, and how many there are.
func (r *Recorder) Size() (bytes, stories int) {
	if r == nil {
		return 0, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes, len(r.logs)
}
