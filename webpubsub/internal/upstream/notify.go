package upstream

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/easelhq/easel/webpubsub"
)

const (
	// maxNotices bounds the notifications of one hub that wait; one more is dropped, and
	// the log says so. It is room for a node's connections to end all at once.
	maxNotices = 1 << 17
	// noticeWorkers is how many notifications of one hub are delivered at a time. A hub
	// with a slow handler does not delay another.
	noticeWorkers = 64
)

// Connected tells the handler of connected that the connection is there. It returns at
// once; failures are logged.
func (d *Dispatcher) Connected(s Source) {
	d.enqueue(event{source: s, name: "connected", contentType: jsonType, body: []byte("{}")})
}

// Disconnected tells the handler of disconnected that the connection has ended, why, and
// after its connected. It returns at once; failures are logged.
func (d *Dispatcher) Disconnected(s Source, reason string) {
	body, err := json.Marshal(struct {
		Reason string `json:"reason"`
	}{reason})
	if err != nil {
		panic(fmt.Sprintf("upstream: a string cannot be encoded: %v", err))
	}
	d.enqueue(event{source: s, name: "disconnected", contentType: jsonType, body: body})
}

func (d *Dispatcher) enqueue(e event) {
	h, ok := d.find(e.source.Hub, systemEvent, e.name)
	if !ok {
		return
	}
	if !d.begin() {
		d.logLost(e, errClosed)
		return
	}
	if !d.notices.push(notice{handler: h, event: e}) {
		d.work.Done()
		d.logLost(e, fmt.Errorf("%d notifications of the hub are waiting", maxNotices))
	}
}

// notify delivers what enqueue counted.
func (d *Dispatcher) notify(n notice) {
	defer d.work.Done()
	if _, err := d.deliverCounted(d.life, n.handler, n.event); err != nil {
		d.logLost(n.event, err)
	}
}

func (d *Dispatcher) logLost(e event, err error) {
	d.log.Warn("notification not delivered", "hub", e.source.Hub, "conn", e.source.ConnectionID, "event", e.name, "err", err)
}

// notice is a notification and who gets it.
type notice struct {
	handler webpubsub.EventHandler
	event   event
}

// notices are the notifications of all hubs that wait. Each hub has its own workers,
// which end when nothing is left.
type notices struct {
	// Fixed.
	deliver func(notice)
	start   func(func()) // runs f in a goroutine that Close waits for

	mu   sync.Mutex
	hubs map[webpubsub.HubName]*hubNotices // guarded by mu; only hubs with workers
}

// hubNotices is guarded by notices.mu.
type hubNotices struct {
	count   int // waiting or being delivered
	workers int
	ready   []notice // first in, first out; at most one of a connection
	// later holds, for each connection with one ready or being delivered, what follows.
	later map[webpubsub.ConnectionID][]notice
}

func newNotices(deliver func(notice), start func(func())) *notices {
	return &notices{deliver: deliver, start: start, hubs: make(map[webpubsub.HubName]*hubNotices)}
}

// push queues n; false when the hub's queue is full.
func (q *notices) push(n notice) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	name, conn := n.event.source.Hub, n.event.source.ConnectionID
	hub := q.hubs[name]
	if hub == nil {
		hub = &hubNotices{later: make(map[webpubsub.ConnectionID][]notice)}
		q.hubs[name] = hub
	}
	if hub.count >= maxNotices {
		return false
	}
	hub.count++
	if following, busy := hub.later[conn]; busy {
		hub.later[conn] = append(following, n)
		return true
	}
	hub.later[conn] = nil
	hub.ready = append(hub.ready, n)
	if hub.workers < noticeWorkers {
		hub.workers++
		q.start(func() { q.work(name, hub) })
	}
	return true
}

// work delivers notices of a hub until none is ready.
func (q *notices) work(name webpubsub.HubName, hub *hubNotices) {
	for {
		n, ok := q.take(name, hub)
		if !ok {
			return
		}
		q.deliver(n)
		q.finish(hub, n.event.source.ConnectionID)
	}
}

func (q *notices) take(name webpubsub.HubName, hub *hubNotices) (notice, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(hub.ready) == 0 {
		hub.workers--
		if hub.workers == 0 { // then nothing is being delivered, and nothing follows it
			delete(q.hubs, name)
		}
		return notice{}, false
	}
	n := hub.ready[0]
	hub.ready[0] = notice{} // let go of its memory
	hub.ready = hub.ready[1:]
	return n, true
}

// finish makes the connection's next notice ready; the worker that calls it is about to
// take one, so none is left alone.
func (q *notices) finish(hub *hubNotices, conn webpubsub.ConnectionID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	hub.count--
	following := hub.later[conn]
	if len(following) == 0 {
		delete(hub.later, conn)
		return
	}
	hub.ready = append(hub.ready, following[0])
	hub.later[conn] = following[1:]
}
