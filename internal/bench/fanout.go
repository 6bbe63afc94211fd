package bench

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Fanout is one publisher, and members of a group who all get everything.
type Fanout struct {
	Members int
	Size    int // bytes of a message
	// InFlight is how many messages are on their way at a time, when Rate is 0: one more is
	// sent when one has reached every member.
	InFlight int
	// Rate is how many messages are sent a second.
	Rate float64
}

func (f Fanout) name() string {
	if f.Rate > 0 {
		return "rate"
	}
	return "fan-out"
}

func (f Fanout) check() error {
	err := cmp.Or(inRange("members", f.Members, 1, maxConnections), inRange("size", f.Size, MinSize, maxSize))
	if f.Rate == 0 {
		return cmp.Or(err, inRange("in flight", f.InFlight, 1, maxInFlight))
	}
	return cmp.Or(err, rateInRange(f.Rate))
}

func rateInRange(rate float64) error {
	if rate <= 0 || rate > maxRate {
		return fmt.Errorf("rate is %g; it may be above 0 and up to %d", rate, maxRate)
	}
	return nil
}

const maxRate = 1_000_000

func (f Fanout) parameters() map[string]float64 {
	p := map[string]float64{"members": float64(f.Members), "size": float64(f.Size)}
	if f.Rate > 0 {
		p["rate"] = f.Rate
	} else {
		p["in flight"] = float64(f.InFlight)
	}
	return p
}

const fanoutGroup = "bench"

func (f Fanout) run(ctx context.Context, l *load, _ Target, o Options) (*Result, error) {
	p, err := f.connect(ctx, l)
	if err != nil {
		return nil, err
	}
	tick := p.tick(f.Rate)
	w, err := l.warmUpAndMeasure(ctx, o, tick)
	if err != nil {
		return nil, err
	}
	l.arrived = nil
	if err := l.drain(ctx, uint64(p.sent)*uint64(f.Members)); err != nil {
		return nil, err
	}
	r := w.result("deliveries")
	r.Parameters = f.parameters()
	return r, nil
}

// connect opens all connections.
func (f Fanout) connect(ctx context.Context, l *load) (*publisher, error) {
	l.body = newBody(f.Size)
	conns := make([]*conn, 0, f.Members+1)
	for i := range f.Members {
		conns = append(conns, &conn{
			client:   client{user: fmt.Sprintf("member-%d", i), roles: inGroup(fanoutGroup), groups: []string{fanoutGroup}},
			receipts: receipts{next: make([]uint32, 1)},
		})
	}
	from := &conn{client: client{user: "publisher", roles: []string{"webpubsub.sendToGroup." + fanoutGroup}}}
	if err := l.connect(ctx, append(conns, from)...); err != nil {
		return nil, err
	}
	return &publisher{load: l, conn: from, members: f.Members, inFlight: f.InFlight, missing: make([]int, 2*maxInFlight)}, nil
}

func inGroup(group string) []string {
	return []string{"webpubsub.joinLeaveGroup." + group, "webpubsub.sendToGroup." + group}
}

// publisher sends to the members of one group.
type publisher struct {
	load     *load
	conn     *conn
	members  int
	inFlight int

	sent    uint32
	arrived uint32 // messages that every member has
	missing []int  // by number, modulo its length: how many members haven't got it
}

func (p *publisher) publish() {
	p.missing[p.sent%uint32(len(p.missing))] = p.members
	p.load.publish(p.conn, fanoutGroup, 0, p.sent)
	p.sent++
}

// tick sends at a rate; 0 is as fast as can be.
func (p *publisher) tick(rate float64) func() time.Duration {
	if rate > 0 {
		return p.pace(rate)
	}
	return p.saturate()
}

// saturate keeps as many messages on their way as there may be.
func (p *publisher) saturate() (tick func() time.Duration) {
	p.load.arrived = func(_ *conn, s stamp) {
		left := &p.missing[s.seq%uint32(len(p.missing))]
		if *left--; *left == 0 {
			p.arrived++
			p.publish()
		}
	}
	return func() time.Duration {
		for p.sent-p.arrived < uint32(p.inFlight) {
			p.publish()
		}
		p.load.say("%d messages sent, %d deliveries", p.sent, p.load.count)
		return longestTurn
	}
}

// pace sends a number of messages a second, evenly. When it cannot keep up, it reads between
// stretches of sending.
func (p *publisher) pace(rate float64) (tick func() time.Duration) {
	start, first := p.load.clock(), p.sent
	due := func() time.Duration {
		return start + time.Duration(float64(p.sent-first)/rate*float64(time.Second))
	}
	return func() time.Duration {
		for end := p.load.clock() + catchUpTime; due() <= p.load.clock() && p.load.now < end; {
			p.publish()
		}
		p.load.say("%d messages sent, %d deliveries", p.sent, p.load.count)
		return max(0, due()-p.load.now)
	}
}

// catchUpTime bounds how long nothing is read while what is overdue is sent.
const catchUpTime = 10 * time.Millisecond
