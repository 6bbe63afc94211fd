package bench

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Groups is many small groups, each member of which sends at a rate of its own.
type Groups struct {
	Groups, Members int     // members of each group
	Rate            float64 // messages a second of each member
	Size            int     // bytes of a message
}

func (g Groups) name() string { return "groups" }

func (g Groups) check() error {
	return cmp.Or(
		inRange("groups", g.Groups, 1, maxConnections), inRange("members", g.Members, 2, maxConnections),
		inRange("connections", g.Groups*g.Members, 2, maxConnections),
		inRange("size", g.Size, MinSize, maxSize), rateInRange(g.Rate),
		rateInRange(g.Rate*float64(g.Groups*g.Members)))
}

func (g Groups) run(ctx context.Context, l *load, _ Target, o Options) (*Result, error) {
	l.body = newBody(g.Size)
	conns := make([]*conn, 0, g.Groups*g.Members)
	for i := range g.Groups * g.Members {
		name := fmt.Sprintf("bench-%d", i/g.Members)
		conns = append(conns, &conn{
			client:   client{user: fmt.Sprintf("member-%d", i), roles: inGroup(name), groups: []string{name}},
			receipts: receipts{first: uint32(i / g.Members * g.Members), next: make([]uint32, g.Members)},
		})
	}
	if err := l.connect(ctx, conns...); err != nil {
		return nil, err
	}
	sent := uint64(0)
	tick := g.everyone(l, conns, &sent)
	w, err := l.warmUpAndMeasure(ctx, o, tick)
	if err != nil {
		return nil, err
	}
	receivers := g.Members
	if !l.driver.echoes() {
		receivers--
	}
	if err := l.drain(ctx, sent*uint64(receivers)); err != nil {
		return nil, err
	}
	r := w.result("deliveries")
	r.Parameters = map[string]float64{"groups": float64(g.Groups), "members": float64(g.Members), "rate": g.Rate, "size": float64(g.Size)}
	return r, nil
}

// everyone sends for one member after the other, so that all together send evenly and the
// members of a group far from each other.
func (g Groups) everyone(l *load, conns []*conn, sent *uint64) (tick func() time.Duration) {
	start := l.clock()
	each := float64(time.Second) / (g.Rate * float64(len(conns)))
	due := func() time.Duration { return start + time.Duration(float64(*sent)*each) }
	return func() time.Duration {
		for n := uint64(len(conns)); due() <= l.clock(); *sent++ {
			turn := int(*sent % n)
			i := turn%g.Groups*g.Members + turn/g.Groups
			l.publish(conns[i], conns[i].client.groups[0], uint32(i), uint32(*sent/n))
		}
		l.say("%d messages sent, %d deliveries", *sent, l.count)
		return due() - l.now
	}
}
