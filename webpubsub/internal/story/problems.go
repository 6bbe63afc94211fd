package story

import (
	"sync"

	"github.com/easelhq/easel/webpubsub"
)

// Problems tells the first time that an event handler has a problem from the times after, so
// that it is logged once, and again only after the handler worked in between. The zero value
// is ready; methods may be called from any goroutine.
type Problems struct {
	mu   sync.Mutex
	seen map[problem]struct{} // guarded by mu
}

type problem struct {
	hub        webpubsub.HubName
	url, cause string
}

// maxProblems bounds what is remembered; beyond it all are new again.
const maxProblems = 1024

// Bites reports whether the problem is new.
func (p *Problems) Bites(hub webpubsub.HubName, url, cause string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := problem{hub, url, cause}
	if _, known := p.seen[key]; known {
		return false
	}
	if p.seen == nil || len(p.seen) >= maxProblems {
		p.seen = map[problem]struct{}{}
	}
	p.seen[key] = struct{}{}
	return true
}

// Any reports whether some handler has a problem.
func (p *Problems) Any() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen) > 0
}

// Works notes that the handler has taken an event, and reports whether it had problems.
func (p *Problems) Works(hub webpubsub.HubName, url string) (again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key := range p.seen { // usually none
		if key.hub == hub && key.url == url {
			delete(p.seen, key)
			again = true
		}
	}
	return again
}
