package bench

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// Slow is a fan-out at a rate, by turns alone and with a member that never reads, a new one
// each time: whatever else changes meanwhile, such as the machine, changes for both.
type Slow struct {
	Fanout
	// Windows is how many stretches of Options.Duration are measured without such a member,
	// and as many with one.
	Windows int
}

func (w Slow) name() string { return "slow" }

// maxWindows is enough to see the smallest difference that means something.
const maxWindows = 50

func (w Slow) check() error {
	return cmp.Or(rateInRange(w.Rate), inRange("windows", w.Windows, 1, maxWindows), w.Fanout.check())
}

func (w Slow) run(ctx context.Context, l *load, t Target, o Options) (*Result, error) {
	p, err := w.connect(ctx, l)
	if err != nil {
		return nil, err
	}
	if err := l.pause(ctx, o.Warmup, p.pace(w.Rate)); err != nil {
		return nil, err
	}
	var without, with window
	slow := &Alternation{}
	var stuck *stuckMember
	for n := range w.Windows {
		alone, err := w.window(ctx, l, p, o, nil)
		if err != nil {
			return nil, err
		}
		without.add(alone)
		slow.Without = append(slow.Without, milliseconds(alone.latency.Quantile(0.99)))
		if stuck, err = w.stick(ctx, l, n, p.sent); err != nil {
			return nil, err
		}
		beside, err := w.window(ctx, l, p, o, stuck)
		if err != nil {
			return nil, err
		}
		with.add(beside)
		slow.With = append(slow.With, milliseconds(beside.latency.Quantile(0.99)))
		if stuck.byServer {
			slow.Closed++
		}
	}
	if err := l.drain(ctx, uint64(p.sent)*uint64(w.Members)); err != nil {
		return nil, err
	}
	slow.Chance = chance(slow.Without, slow.With)
	r := with.result("deliveries")
	r.Without, r.Slow, r.Parameters = latencyOf(&without.latency), slow, w.parameters()
	r.Parameters["windows"] = float64(w.Windows)
	if r.Note = stuck.fate; t.Server == "easel" && slow.Closed > 0 {
		slow.Causes, err = t.causes(ctx)
	}
	return r, err
}

// window measures one stretch, and waits for what has been sent in it, however late it comes. A
// member that is stuck is stalled by now.
func (w Slow) window(ctx context.Context, l *load, p *publisher, o Options, stuck *stuckMember) (*window, error) {
	pace, what := p.pace(w.Rate), "without"
	if stuck != nil {
		what = "with"
	}
	win, err := l.open()
	if err != nil {
		return nil, err
	}
	l.window = win
	defer func() { l.window = nil }()
	if _, err := l.until(ctx, o.Duration, func() time.Duration {
		wait := pace()
		l.say("%d messages sent, %s a member that never reads", p.sent, what)
		return wait
	}, func() bool { return false }); err != nil {
		return nil, err
	}
	if err := l.end(win); err != nil {
		return nil, err
	}
	want := uint64(p.sent) * uint64(w.Members)
	delivered := func() bool { return l.count >= want }
	if stuck != nil {
		if err := w.recover(ctx, l, p, stuck, delivered); err != nil {
			return nil, err
		}
	}
	_, err = l.until(ctx, drainLimit, nil, delivered)
	return win, err
}

// stuckMember is one that never reads.
type stuckMember struct {
	*conn
	since    uint32 // the number of the first message it may get
	byServer bool   // closed by it
	fate     string
}

func (s *stuckMember) closed() bool { return s.stage == gone }

const stuckUser = "stuck-"

func (w Slow) stick(ctx context.Context, l *load, n int, since uint32) (*stuckMember, error) {
	c := &conn{client: client{user: fmt.Sprint(stuckUser, n), roles: inGroup(fanoutGroup), groups: []string{fanoutGroup}}, expendable: true}
	if err := l.connect(ctx, c); err != nil {
		return nil, err
	}
	l.net.stall(c.id)
	return &stuckMember{conn: c, since: since}, nil
}

// recover waits a moment for the others to get everything, then has the member read what the
// server still has for it, which tells whether the server has closed it, and ends it otherwise.
func (w Slow) recover(ctx context.Context, l *load, p *publisher, stuck *stuckMember, delivered func() bool) error {
	if _, err := l.until(ctx, stuckPatience, nil, delivered); err != nil {
		return err
	}
	missed := p.sent - stuck.since
	l.net.resume(stuck.id)
	caughtUp := func() bool { return stuck.closed() || stuck.got >= uint64(missed) }
	if _, err := l.until(ctx, aftermathLimit, nil, caughtUp); err != nil {
		return err
	}
	if stuck.byServer = stuck.closed(); stuck.byServer {
		stuck.fate = fmt.Sprintf("the last member that never read has been closed by the server; %d of %d messages were in buffers", stuck.got, missed)
	} else {
		stuck.fate = fmt.Sprintf("the last member that never read was still connected; read at last, it got %d of %d messages", stuck.got, missed)
		l.drop(stuck.conn, errHadEnough)
	}
	return nil
}

// stuckPatience bounds how long one waits for messages that the one who never reads may be
// holding up.
const stuckPatience = time.Second

var errHadEnough = fmt.Errorf("it has been seen that nobody closes it")

// aftermathLimit bounds how long the member that didn't read may take to catch up.
const aftermathLimit = 3 * time.Second

// add makes w one stretch together with another.
func (w *window) add(other *window) {
	w.to += other.to - other.from
	w.own += other.own
	w.stolen += other.stolen
	w.after.CPU += other.after.CPU - other.before.CPU
	w.after.Resident = other.after.Resident
	w.deliveries += other.deliveries
	w.latency.Merge(&other.latency)
	w.waits.Merge(&other.waits)
}

// causes are why the service says that it has closed members that never read, and how many.
func (t Target) causes(ctx context.Context) (map[string]int, error) {
	settings, err := service.NewSettings(t.ConnectionString, t.service())
	if err != nil {
		return nil, err
	}
	stories, err := settings.Stories(ctx, service.StoryFilter{Hub: webpubsub.HubName(t.Hub), Max: maxStories})
	if webpubsub.CodeOf(err) == webpubsub.NotFound {
		return nil, nil // it remembers nothing
	}
	if err != nil {
		return nil, err
	}
	causes := map[string]int{}
	for _, s := range stories {
		if s.State != webpubsub.StoryClosed || !strings.HasPrefix(string(s.UserID), stuckUser) {
			continue
		}
		whole, err := settings.Story(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range whole.Entries {
			if e.Cause != "" {
				causes[e.Cause]++
				break
			}
		}
	}
	return causes, nil
}

// maxStories is how many stories a service tells of at once.
const maxStories = 1000
