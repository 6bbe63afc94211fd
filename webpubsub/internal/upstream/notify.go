package upstream

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/easelhq/easel/webpubsub"
)

const (
	// maxNotices and maxNoticeBytes bound the notifications of one hub that wait; one more
	// is dropped, and the log says so. It is room for a node's connections to end all at
	// once.
	maxNotices     = 1 << 17
	maxNoticeBytes = 1 << 28
	// noticeWorkers is how many notifications of one hub are delivered at a time. A hub
	// with a slow handler does not delay another.
	noticeWorkers = 64
)

// Connected tells the handler of connected that the connection is there. It returns at
// once; failures are logged.
func (d *Dispatcher) Connected(s Source) {
	d.notify(newEvent(s, systemEvent, "connected", jsonType, []byte("{}")), "")
}

// Disconnected tells the handler of disconnected that the connection has ended, why, and
// after its connected. It returns at once; failures are logged.
func (d *Dispatcher) Disconnected(s Source, reason string) {
	body := encode(struct {
		Reason string `json:"reason"`
	}{reason})
	d.notify(newEvent(s, systemEvent, "disconnected", jsonType, body), "")
}

// GroupJoined tells the handler that wants to know that the connection has become a member
// of a group. It returns at once; failures are logged.
//
// Source: event handlers, group presence.
func (d *Dispatcher) GroupJoined(s Source, g webpubsub.GroupName) { d.presence(s, joinedEvent, g) }

// GroupLeft is [Dispatcher.GroupJoined] for the end of a membership.
func (d *Dispatcher) GroupLeft(s Source, g webpubsub.GroupName) { d.presence(s, leftEvent, g) }

// WantsPresence reports whether some handler of hub wants events of g, so that others cost
// nothing.
func (d *Dispatcher) WantsPresence(hub webpubsub.HubName, g webpubsub.GroupName) bool {
	for _, h := range d.settings.Settings().Hubs[hub].EventHandlers {
		if h.GroupPresence.Match(joinedEvent, g) || h.GroupPresence.Match(leftEvent, g) {
			return true
		}
	}
	return false
}

// The names of presence events.
const (
	joinedEvent = "joined"
	leftEvent   = "left"
)

func (d *Dispatcher) presence(s Source, name string, g webpubsub.GroupName) {
	body := encode(struct {
		Group webpubsub.GroupName `json:"group"`
	}{g})
	d.notify(newEvent(s, presenceEvent, name, jsonType, body), g)
}

// encode is for bodies that always have a JSON form.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("upstream: %T cannot be encoded: %v", v, err))
	}
	return b
}

// notify queues e for listeners and its handler; the group is that of a presence event.
func (d *Dispatcher) notify(e event, g webpubsub.GroupName) {
	hub := d.settings.Settings().Hubs[e.source.Hub]
	d.copyToListeners(hub, e)
	h, ok := find(hub, e.kind, e.name, g)
	if !ok {
		return
	}
	if !d.begin() {
		d.logLost(e, errClosed)
		return
	}
	queued := d.notices.push(e.source.Hub, job{e.source.ConnectionID, e.size(), func() {
		defer d.work.Done()
		ctx, cancel := context.WithTimeout(d.life, webpubsub.HandlerTimeout)
		defer cancel()
		if _, err := d.deliverCounted(ctx, h, e); err != nil { // watch has logged it, if it is new
			d.log.Debug("notification not delivered", "hub", e.source.Hub, "conn", e.source.ConnectionID, "event", e.name, "err", err)
		}
	}})
	if !queued {
		d.work.Done()
		d.logLost(e, fmt.Errorf("%d notifications of the hub are waiting", maxNotices))
	}
}

func (d *Dispatcher) logLost(e event, err error) {
	d.log.Warn("notification not delivered", "hub", e.source.Hub, "conn", e.source.ConnectionID, "event", e.name, "err", err)
}
