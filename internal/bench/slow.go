package bench

import (
	"context"
	"fmt"
	"time"
)

// Slow is a fan-out at a rate, first alone, then with a member that never reads.
type Slow struct{ Fanout }

func (w Slow) name() string { return "slow" }

func (w Slow) check() error {
	if err := rateInRange(w.Rate); err != nil {
		return err
	}
	return w.Fanout.check()
}

func (w Slow) run(ctx context.Context, l *load, _ Target, o Options) (*Result, error) {
	p, err := w.connect(ctx, l)
	if err != nil {
		return nil, err
	}
	tick := p.pace(w.Rate)
	without, err := l.warmUpAndMeasure(ctx, o, tick)
	if err != nil {
		return nil, err
	}
	stuck := &conn{client: client{user: "stuck", roles: inGroup(fanoutGroup), groups: []string{fanoutGroup}}, expendable: true}
	if err := l.connect(ctx, stuck); err != nil {
		return nil, err
	}
	l.net.stall(stuck.id)
	before := p.sent
	with, err := l.measure(ctx, o.Duration, p.pace(w.Rate))
	if err != nil {
		return nil, err
	}
	missed := p.sent - before
	if err := l.drain(ctx, uint64(p.sent)*uint64(w.Members)); err != nil {
		return nil, err
	}
	r := with.result("deliveries")
	r.Without, r.Parameters = latencyOf(&without.latency), w.parameters()
	r.Note, err = w.aftermath(ctx, l, stuck, missed)
	return r, err
}

// aftermathLimit bounds how long the member that didn't read may take to catch up.
const aftermathLimit = 10 * time.Second

// aftermath reads what the server still has for the member that didn't read, and says what
// became of it.
func (w Slow) aftermath(ctx context.Context, l *load, stuck *conn, missed uint32) (string, error) {
	closed := func() bool { return stuck.stage == gone }
	if closed() {
		return "the member that never read has been closed by the server", nil
	}
	l.net.resume(stuck.id)
	if _, err := l.until(ctx, aftermathLimit, nil, func() bool { return closed() || stuck.got >= uint64(missed) }); err != nil {
		return "", err
	}
	if closed() {
		return fmt.Sprintf("the member that never read has been closed by the server; %d of %d messages were in buffers", stuck.got, missed), nil
	}
	return fmt.Sprintf("the member that never read is still connected; read at last, it got %d of %d messages", stuck.got, missed), nil
}
