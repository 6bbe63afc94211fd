package server

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/engine"
	"github.com/easelhq/easel/webpubsub/internal/histogram"
	"github.com/easelhq/easel/webpubsub/listener"
)

// Stats are what a service has counted since its start, and what it holds at the moment.
// Lists are in the order of their names. No count ever falls.
type Stats struct {
	Traffic   []TrafficStats
	Closed    []ClosedStats
	Refused   []RefusedStats
	Handlers  []HandlerStats
	Listeners listener.Stats
	Sockets   SocketStats
}

// TrafficStats are of the connections of a hub that speak a protocol.
type TrafficStats struct {
	Hub webpubsub.HubName
	// Protocol is the subprotocol; "none" is that of simple clients.
	Protocol string

	Connections int    // at the moment; those included whose clients may come back
	Opened      uint64 // since the start
	// In and Out are messages of clients and to clients, with the payloads of their frames.
	// Out counts what has been queued.
	In, Out Traffic
	// Queued is what waits to be written at the moment.
	Queued Traffic
}

// Traffic is a number of messages, and of the bytes in them.
type Traffic struct{ Messages, Bytes uint64 }

// ClosedStats count the ends of connections.
type ClosedStats struct {
	Hub webpubsub.HubName
	// Reason is the cause that easel why tells, such as slowClient, or "client" when the
	// client closed the connection itself.
	Reason string
	Count  uint64
}

// RefusedStats count handshakes that were refused.
type RefusedStats struct {
	Reason string
	Count  uint64
}

// HandlerStats are of the calls of event handlers, attempts after the first included.
type HandlerStats struct {
	Hub webpubsub.HubName
	// Event is connect, connected, disconnected, user, or presence.
	Event  string
	Failed uint64
	Took   Histogram // seconds, of those included that failed
}

// SocketStats are of all clients' sockets.
type SocketStats struct {
	// Batches are numbers of messages that were written together.
	Batches Histogram
	// Written is in bytes, frame headers included.
	Written uint64
	// Turns are how long turns of event loops took, in seconds; what came in meanwhile had to
	// wait as long.
	Turns Histogram
	// Silent sockets did not answer pings, and Broken ones did not follow the protocol.
	Silent, Broken uint64
}

// Histogram counts values by their magnitude.
type Histogram struct {
	// Upto has, for some bounds, how many values were not above.
	Upto  map[float64]uint64
	Count uint64
	Sum   float64
}

const (
	// maxHubs is how many hubs are counted by their names. The next ones are counted
	// together, as otherHubs, for who may connect to any hub must not fill the memory.
	maxHubs   = 1000
	otherHubs = "(other)"

	closedByClient = "client"
	closedOther    = "other"
)

// Stats returns the counts of this moment.
func (s *Server) Stats() Stats {
	return Stats{
		Traffic:   s.tally.traffic(s.all()),
		Closed:    s.tally.closings(),
		Refused:   s.tally.refusals(),
		Handlers:  s.tally.handlings(),
		Listeners: s.ListenerStats(),
		Sockets:   socketStats(s.engine.Stats()),
	}
}

func socketStats(s engine.Stats) SocketStats {
	batches := Histogram{Upto: map[float64]uint64{}, Count: s.Batches.Count(), Sum: float64(s.Batches.Sum)}
	for power := 1; power <= 12; power++ {
		batches.Upto[float64(uint64(1)<<power-1)] = s.Batches.Upto(power)
	}
	return SocketStats{Batches: batches, Written: s.Written, Turns: seconds(&s.Turns), Silent: s.Silent, Broken: s.Broken}
}

// tally counts, beside what each connection counts by itself. The latter is the cheapest for
// what happens often: nobody else writes to that memory.
type tally struct {
	// Locked before a connection's mu; guards nothing that is used while a message travels.
	mu   sync.Mutex
	rows map[trafficKey]*TrafficStats // guarded by mu; of what has ended, and Opened

	leaf     sync.Mutex                      // the last to be locked
	hubs     map[webpubsub.HubName]struct{}  // guarded by leaf
	closed   map[closedKey]uint64            // guarded by leaf
	refused  map[string]uint64               // guarded by leaf
	handlers map[handlerKey]*handlerCounters // guarded by leaf
}

type (
	trafficKey struct {
		hub      webpubsub.HubName
		protocol string
	}
	closedKey struct {
		hub    webpubsub.HubName
		reason string
	}
	handlerKey struct {
		hub   webpubsub.HubName
		event string
	}
	handlerCounters struct {
		failed uint64 // guarded by tally.leaf
		took   histogram.Log2
	}
)

func newTally() *tally {
	return &tally{
		rows: map[trafficKey]*TrafficStats{}, hubs: map[webpubsub.HubName]struct{}{}, closed: map[closedKey]uint64{},
		refused: map[string]uint64{}, handlers: map[handlerKey]*handlerCounters{},
	}
}

// counter counts traffic in little memory, until it is full.
type counter struct{ messages, bytes uint32 }

// add counts a message, which has less than 2 GiB. When it reports that the counter is full, the
// caller has to carry it over.
func (n *counter) add(bytes int) (full bool) {
	n.messages++
	n.bytes += uint32(bytes)
	return (n.messages|n.bytes)>>31 != 0
}

func (n counter) traffic() Traffic { return Traffic{uint64(n.messages), uint64(n.bytes)} }

// carryLocked empties the counters.
func (c *conn) carryLocked() {
	l := c.laterLocked()
	l.in.plus(c.in.traffic())
	l.out.plus(c.out.traffic())
	c.in, c.out = counter{}, counter{}
}

// trafficLocked is all that the connection has counted.
func (c *conn) trafficLocked() (in, out Traffic) {
	in, out = c.in.traffic(), c.out.traffic()
	if c.later != nil {
		in.plus(c.later.in)
		out.plus(c.later.out)
	}
	return in, out
}

func (t *Traffic) plus(o Traffic) {
	t.Messages += o.Messages
	t.Bytes += o.Bytes
}

var protocolNames = map[connection.Protocol]string{
	connection.Simple:           "none",
	connection.JSON:             "json.webpubsub.azure.v1",
	connection.ReliableJSON:     "json.reliable.webpubsub.azure.v1",
	connection.Protobuf:         "protobuf.webpubsub.azure.v1",
	connection.ReliableProtobuf: "protobuf.reliable.webpubsub.azure.v1",
}

// protocolName is how the connection's subprotocol is counted, however the client spells it.
func (c *conn) protocolName() string {
	return protocolNames[c.state.Protocol]
}

// hub is the name under which a hub is counted. The caller holds leaf.
func (t *tally) hubLocked(name webpubsub.HubName) webpubsub.HubName {
	if _, known := t.hubs[name]; !known {
		if len(t.hubs) >= maxHubs {
			return otherHubs
		}
		t.hubs[name] = struct{}{}
	}
	return name
}

func (t *tally) row(c *conn) *TrafficStats {
	t.leaf.Lock()
	hub := t.hubLocked(c.hubName)
	t.leaf.Unlock()
	key := trafficKey{hub, c.protocolName()}
	r := t.rows[key]
	if r == nil {
		r = &TrafficStats{Hub: key.hub, Protocol: key.protocol}
		t.rows[key] = r
	}
	return r
}

func (t *tally) opened(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.row(c).Opened++
}

// ended takes over what a connection has counted. It has to happen while nobody can look for
// connections, so that each is counted once.
func (t *tally) ended(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.row(c)
	c.mu.Lock()
	defer c.mu.Unlock()
	in, out := c.trafficLocked()
	r.In.plus(in)
	r.Out.plus(out)
	c.in, c.out = counter{}, counter{}
	if c.later != nil {
		c.later.in, c.later.out = Traffic{}, Traffic{}
	}
}

// traffic adds what present connections have counted to what has ended. One that ends
// meanwhile is taken over before or after, and then has nothing of its own.
func (t *tally) traffic(present []*conn) []TrafficStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := map[*TrafficStats]*TrafficStats{}
	of := func(r *TrafficStats) *TrafficStats {
		if sum[r] == nil {
			copied := *r
			sum[r] = &copied
		}
		return sum[r]
	}
	for _, c := range present {
		of(t.row(c)).take(c)
	}
	for _, r := range t.rows {
		of(r)
	}
	list := make([]TrafficStats, 0, len(sum))
	for _, r := range sum {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b TrafficStats) int {
		return cmp.Or(cmp.Compare(a.Hub, b.Hub), cmp.Compare(a.Protocol, b.Protocol))
	})
	return list
}

func (r *TrafficStats) take(c *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	in, out := c.trafficLocked()
	r.In.plus(in)
	r.Out.plus(out)
	if c.state.Ended() {
		return
	}
	r.Connections++
	if c.socket != nil {
		messages, bytes := c.socket.Queued()
		r.Queued.plus(Traffic{uint64(messages), uint64(bytes)})
	}
}

// closing counts the end of a connection, whose cause is empty when it has no name.
func (t *tally) closing(hub webpubsub.HubName, cause string) {
	t.leaf.Lock()
	defer t.leaf.Unlock()
	t.closed[closedKey{t.hubLocked(hub), cmp.Or(cause, closedOther)}]++
}

func (t *tally) closings() []ClosedStats {
	t.leaf.Lock()
	defer t.leaf.Unlock()
	list := make([]ClosedStats, 0, len(t.closed))
	for key, n := range t.closed {
		list = append(list, ClosedStats{key.hub, key.reason, n})
	}
	slices.SortFunc(list, func(a, b ClosedStats) int {
		return cmp.Or(cmp.Compare(a.Hub, b.Hub), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}

// refuse counts a handshake that is refused.
func (t *tally) refuse(reason string) {
	t.leaf.Lock()
	defer t.leaf.Unlock()
	t.refused[reason]++
}

func (t *tally) refusals() (list []RefusedStats) {
	t.leaf.Lock()
	defer t.leaf.Unlock()
	for _, reason := range slices.Sorted(maps.Keys(t.refused)) {
		list = append(list, RefusedStats{reason, t.refused[reason]})
	}
	return list
}

// handled is told of every call of an event handler.
func (t *tally) handled(hub webpubsub.HubName, event string, took time.Duration, err error) {
	t.leaf.Lock()
	defer t.leaf.Unlock()
	key := handlerKey{t.hubLocked(hub), event}
	h := t.handlers[key]
	if h == nil {
		h = &handlerCounters{}
		t.handlers[key] = h
	}
	if err != nil {
		h.failed++
	}
	h.took.Observe(uint64(took.Microseconds()))
}

func (t *tally) handlings() []HandlerStats {
	t.leaf.Lock()
	defer t.leaf.Unlock()
	list := make([]HandlerStats, 0, len(t.handlers))
	for key, h := range t.handlers {
		var c histogram.Counts
		c.Add(&h.took)
		list = append(list, HandlerStats{key.hub, key.event, h.failed, seconds(&c)})
	}
	slices.SortFunc(list, func(a, b HandlerStats) int {
		return cmp.Or(cmp.Compare(a.Hub, b.Hub), cmp.Compare(a.Event, b.Event))
	})
	return list
}

// seconds are of microseconds: bounds from 64 µs to 34 s.
func seconds(c *histogram.Counts) Histogram {
	h := Histogram{Upto: map[float64]uint64{}, Count: c.Count(), Sum: float64(c.Sum) / 1e6}
	for power := 6; power <= 25; power++ {
		h.Upto[float64(uint64(1)<<power)/1e6] = c.Upto(power)
	}
	return h
}
