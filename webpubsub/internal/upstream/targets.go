package upstream

import (
	"net/url"
	"sync"

	"github.com/easelhq/easel/webpubsub"
)

// target is where an event goes: a URL template, filled in. It is shared, and never changed.
type target struct {
	url   *url.URL
	text  string // the whole URL
	plain string // without what may be secret
	err   error  // the template is no URL; nothing else is set then
}

// targets remembers templates that have been filled in. Safe for concurrent use.
type targets struct {
	mu    sync.RWMutex
	known map[targetKey]*target // guarded by mu
}

type targetKey struct {
	template string
	hub      webpubsub.HubName
	event    string
}

// maxTargets bounds what is remembered: clients may name events as they like.
const maxTargets = 4096

// resolve is [resolve] with a memory.
func (t *targets) resolve(template string, hub webpubsub.HubName, event string) *target {
	key := targetKey{template, hub, event}
	t.mu.RLock()
	found := t.known[key]
	t.mu.RUnlock()
	if found != nil {
		return found
	}
	found = newTarget(resolve(template, hub, event))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil || len(t.known) >= maxTargets {
		t.known = map[targetKey]*target{}
	}
	t.known[key] = found
	return found
}

func newTarget(u *url.URL, err error) *target {
	if err != nil {
		return &target{err: err}
	}
	return &target{url: u, text: u.String(), plain: plain(u)}
}
