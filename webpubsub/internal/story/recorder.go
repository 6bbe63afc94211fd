package story

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/index"
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
	logs     *index.Index[key, Log]       // guarded by mu
	refusals map[refusalKey]*Log          // guarded by mu
	lists    [places]list                 // guarded by mu; unlisted has none
	bytes    int                          // guarded by mu; of logs, without texts
	texts    sharedTexts                  // guarded by mu
	scopes   map[webpubsub.HubName]*scope // guarded by mu; some of them
	replaced time.Time                    // guarded by mu; when an access key was
}

// maxScopes is of how many hubs stories share the name. Anyone may name hubs.
const maxScopes = 64

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
	seed := maphash.MakeSeed()
	return &Recorder{
		limits:   Limits{cmp.Or(l.Stories, DefaultStories), cmp.Or(l.Entries, DefaultEntries), cmp.Or(l.Bytes, DefaultBytes)},
		now:      now,
		start:    time.Now(),
		logs:     index.New((*Log).key, func(k key) uint64 { return maphash.Comparable(seed, k) }, func(l *Log) **Log { return &l.next }),
		refusals: map[refusalKey]*Log{}, scopes: map[webpubsub.HubName]*scope{},
	}
}

// Begin starts the story of a handshake. It is kept from its first entry on.
func (r *Recorder) Begin(hub webpubsub.HubName, id webpubsub.ConnectionID) *Log {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.beginLocked(hub, string(id))
}

func (r *Recorder) beginLocked(hub webpubsub.HubName, id string) *Log {
	now := r.now().UnixNano()
	l := &Log{of: r.scopeLocked(hub), began: now, latest: now}
	if k := keyOf(id); k.id == "" {
		l.conn = k.conn
	} else {
		l.of = &scope{r, hub, id}
	}
	return l
}

func (r *Recorder) scopeLocked(hub webpubsub.HubName) *scope {
	of := r.scopes[hub]
	if of == nil {
		if len(r.scopes) >= maxScopes {
			clear(r.scopes)
		}
		of = &scope{r, hub, ""}
		r.scopes[hub] = of
	}
	return of
}

// Connection returns the story of a connection; nil when there is none.
func (r *Recorder) Connection(id webpubsub.ConnectionID) *Log {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.logs.Get(keyOf(string(id)))
}

// Hub returns the story of a hub; "" is for what concerns none.
func (r *Recorder) Hub(hub webpubsub.HubName) *Log {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.logs.Get(keyOf(HubID(hub))); l != nil {
		return l
	}
	l := r.beginLocked(hub, HubID(hub))
	l.state = stateNumber(webpubsub.StoryOfHub)
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
	key := refusalKey{l.of.hub, l.user, f}
	trim(&key.facts)
	key.facts.Took, key.facts.Time = 0, time.Time{} // as same does
	if before := r.refusals[key]; before != nil && before != l {
		before.needMore().repeats++
		r.forgetLocked(l)
		before.latest = r.now().UnixNano()
		r.touchLocked(before)
		return before.ID()
	}
	l.addLocked(f)
	l.needMore().refusal = &key
	r.refusals[key] = l
	r.evictLocked()
	return l.ID()
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
	if l.in == unlisted {
		r.logs.Put(l)
		r.bytes += l.bytesLocked()
	} else {
		r.lists[l.in].remove(l)
	}
	l.in = quiet
	if l.trouble {
		l.in = troubled
	}
	r.lists[l.in].add(l)
}

// forgetLocked lets go of a story's entries.
func (r *Recorder) forgetLocked(l *Log) {
	if l.in == unlisted {
		return
	}
	r.bytes -= l.bytesLocked()
	r.lists[l.in].remove(l)
	r.logs.Delete(l.key())
	if key := l.refusalLocked(); key != nil && r.refusals[*key] == l {
		delete(r.refusals, *key)
	}
	l.entries.each(func(_, _ int, facts, _ []byte) bool {
		r.release(facts)
		return true
	})
	l.lost += uint32(l.count)
	l.in, l.entries, l.count = unlisted, nil, 0
}

// evictLocked forgets stories until the bounds hold: quiet ones first, unless stories with
// trouble take more than half of the room.
func (r *Recorder) evictLocked() {
	for r.logs.Len() > r.limits.Stories || r.bytes+r.texts.bytes > r.limits.Bytes {
		from := &r.lists[quiet]
		if from.count == 0 || r.lists[troubled].count > r.limits.Stories/2 {
			from = &r.lists[troubled]
		}
		if from.oldest == nil {
			return
		}
		r.forgetLocked(from.oldest)
	}
}

// Story returns one story, without advice; false when it is not known.
func (r *Recorder) Story(id string) (webpubsub.Story, bool) {
	if r == nil {
		return webpubsub.Story{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.logs.Get(keyOf(id))
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
	lists := []place{troubled}
	if !f.Trouble {
		lists = append(lists, quiet)
	}
	for _, in := range lists {
		n := 0
		for l := r.lists[in].newest; l != nil && n < f.Max; l = l.older {
			if f.Hub == "" || l.of.hub == f.Hub {
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
	return r.bytes + r.texts.bytes, r.logs.Len()
}
