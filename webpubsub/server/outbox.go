package server

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/engine"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// maxPutOff is how many messages an outbox holds before it is settled at once.
const maxPutOff = 64

// outbox is messages to groups that came in together. They are put off until all that has
// come in is handled, so that members who get several are visited once: where there are
// thousands, finding them in memory is most of the work.
//
// Only what nobody could tell apart is put off: a message that its sender does not get itself.
// Whatever else the sender does that others notice comes after it, see [conn.settle].
type outbox struct {
	waiting atomic.Bool
	mu      sync.Mutex    // locked after a turn, before a hub
	list    []publication // guarded by mu
}

// outboxes are those of all loops.
type outboxes struct {
	open func() engine.Outbox // for a loop

	mu  sync.Mutex
	all atomic.Pointer[[]*outbox] // replaced under mu
}

func newOutboxes() *outboxes {
	o := &outboxes{}
	o.open = o.add
	o.all.Store(new([]*outbox))
	return o
}

func (o *outboxes) add() engine.Outbox {
	o.mu.Lock()
	defer o.mu.Unlock()
	one := &outbox{}
	list := append(slices.Clip(*o.all.Load()), one)
	o.all.Store(&list)
	return one
}

// publication is a message on its way to a group.
type publication struct {
	from    *conn
	message *wire.Shared
	noEcho  bool
}

func (p *publication) group() webpubsub.GroupName { return p.message.Message.Group }

// putsOff puts a message off; false when it has to be sent at once. The caller has the turn.
func (c *conn) putsOff(from *socket, e connection.Publish) bool {
	if from == nil || !e.NoEcho && c.hub.has(c, e.Message.Group) {
		return false
	}
	o, ok := from.Outbox(c.server.outboxes.open).(*outbox)
	if !ok {
		return false
	}
	if o.add(publication{c, wire.Share(e.Message), e.NoEcho}) {
		o.Settle()
	}
	return true
}

// add reports whether the outbox is full.
func (o *outbox) add(p publication) (full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, p)
	o.waiting.Store(true)
	return len(o.list) >= maxPutOff
}

// Settle implements engine.Outbox: it delivers everything, in order.
func (o *outbox) Settle() {
	o.mu.Lock()
	behind := o.deliverLocked()
	o.mu.Unlock()
	catchUp(behind)
}

// settleOf settles when there is something of a connection.
func (o *outbox) settleOf(c *conn) {
	if !o.waiting.Load() {
		return
	}
	var behind []*conn
	o.mu.Lock()
	if slices.ContainsFunc(o.list, func(p publication) bool { return p.from == c }) {
		behind = o.deliverLocked()
	}
	o.mu.Unlock()
	catchUp(behind)
}

func (o *outbox) deliverLocked() (behind []*conn) {
	for list := o.list; len(list) > 0; {
		n := 1
		for n < len(list) && list[n].group() == list[0].group() && list[n].from.hub == list[0].from.hub {
			n++
		}
		late, members := list[0].from.hub.deliverAll(list[:n])
		behind = append(behind, late...)
		for _, p := range list[:n] {
			p.from.notePublished(p.group(), p.noEcho, members)
		}
		list = list[n:]
	}
	clear(o.list)
	o.list = o.list[:0]
	o.waiting.Store(false)
	return behind
}

// settle sends what c has put off, before others notice anything else of it.
func (c *conn) settle() {
	for _, o := range *c.server.outboxes.all.Load() {
		o.settleOf(c)
	}
}

// deliverAll delivers messages to one group. It returns the members that are behind, and how
// many there are.
func (h *hub) deliverAll(list []publication) (behind []*conn, members int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	to := h.membersLocked(list[0].group())
	for _, c := range to {
		if c.deliverAll(list) {
			behind = append(behind, c)
		}
	}
	return behind, len(to)
}

// deliverAll is deliver of several messages.
func (c *conn) deliverAll(list []publication) (behind bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range list {
		if p := &list[i]; p.from != c || !p.noEcho {
			c.deliverLocked(p.message)
		}
	}
	return c.backlog != nil
}
