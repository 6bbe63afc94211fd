package upstream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/listener"
	"github.com/easelhq/easel/webpubsub/token"
)

const (
	// maxCopies and maxCopyBytes bound the copies that wait for one endpoint; one more is
	// dropped, logged and counted.
	maxCopies    = 1 << 16
	maxCopyBytes = 1 << 26
	// copyWorkers is how many copies go to one endpoint at a time.
	copyWorkers = 16
)

// listenerCounts are listener.Stats in the making.
type listenerCounts struct{ sent, failed, dropped atomic.Uint64 }

// ListenerStats returns what became of copies for event listeners since the start.
func (d *Dispatcher) ListenerStats() listener.Stats {
	c := &d.counts
	return listener.Stats{Sent: c.sent.Load(), Failed: c.failed.Load(), Dropped: c.dropped.Load()}
}

// copyToListeners queues a copy of e for each listener of hub that wants it, and reports
// whether there was one. It never waits.
func (d *Dispatcher) copyToListeners(hub webpubsub.Hub, e event) (any bool) {
	for _, l := range hub.EventListeners {
		if listens(l, e.kind, e.name) {
			any = true
			d.copyTo(l.Endpoint, e)
		}
	}
	return any
}

func (d *Dispatcher) copyTo(to webpubsub.ListenerEndpoint, e event) {
	if !d.begin() {
		d.logDropped(to, e, errClosed)
		return
	}
	queued := d.copies.push(to, job{e.source.ConnectionID, e.size(), func() {
		defer d.work.Done()
		d.sendCopy(to, e)
	}})
	if !queued {
		d.work.Done()
		d.logDropped(to, e, fmt.Errorf("%d events or %d bytes wait for the listener", maxCopies, maxCopyBytes))
	}
}

func (d *Dispatcher) logDropped(to webpubsub.ListenerEndpoint, e event, err error) {
	d.counts.dropped.Add(1)
	d.log.Warn("event not sent to listener", "hub", e.source.Hub, "conn", e.source.ConnectionID, "event", e.name, "endpoint", to.Type, "err", err)
}

// sendCopy sends e, with the retries of events.
func (d *Dispatcher) sendCopy(to webpubsub.ListenerEndpoint, e event) {
	ctx, cancel := context.WithTimeout(d.life, webpubsub.HandlerTimeout)
	defer cancel()
	err := d.trySendCopy(ctx, to, e)
	for _, wait := range retryWaits {
		if err == nil || errors.Is(err, listener.ErrRefused) || !d.pauseWhileOpen(ctx, wait) {
			break
		}
		err = d.trySendCopy(ctx, to, e)
	}
	if err != nil {
		d.counts.failed.Add(1)
		d.log.Warn("event not sent to listener", "hub", e.source.Hub, "conn", e.source.ConnectionID, "event", e.name, "endpoint", to.Type, "err", err)
		return
	}
	d.counts.sent.Add(1)
}

func (d *Dispatcher) trySendCopy(ctx context.Context, to webpubsub.ListenerEndpoint, e event) error {
	sink, release, err := d.sinks.acquire(to, d.settings.Settings())
	if err != nil {
		return err
	}
	defer release()
	return sink.Send(ctx, d.copyOf(e))
}

// copyOf is e as listeners get it.
func (d *Dispatcher) copyOf(e event) listener.Event {
	s := e.source
	id := strconv.FormatUint(s.EventID, 10)
	properties := map[string]string{
		"cloudEvents:specversion":  "1.0",
		"cloudEvents:awpsversion":  "1.0",
		"cloudEvents:type":         typePrefix[e.kind] + e.name,
		"cloudEvents:source":       e.ceSource(),
		"cloudEvents:id":           id,
		"cloudEvents:time":         e.ceTime(),
		"cloudEvents:hub":          string(s.Hub),
		"cloudEvents:eventname":    e.name,
		"cloudEvents:connectionid": string(s.ConnectionID),
	}
	if s.UserID != "" {
		properties["cloudEvents:userid"] = string(s.UserID)
	}
	if s.Subprotocol != "" {
		properties["cloudEvents:subprotocol"] = s.Subprotocol
	}
	if s.State != nil {
		properties["cloudEvents:connectionstate"] = *s.State
	}
	for _, key := range e.metadata.Keys() {
		properties[strings.ToLower(webpubsub.MetadataHeader+key)] = e.metadata[key]
	}
	return listener.Event{
		Hub: s.Hub, Name: e.name,
		MessageID: string(s.ConnectionID) + "/" + id, PartitionKey: string(s.ConnectionID),
		ContentType: e.contentType, Properties: properties, Body: e.body,
		Signature: token.SignEvent(d.settings.Settings().Keys, s.ConnectionID), Origin: d.origin.host,
	}
}
