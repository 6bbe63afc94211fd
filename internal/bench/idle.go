package bench

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Idle is connections that do nothing. Each has a user id, two roles, and is in two groups of
// ten.
type Idle struct {
	Connections int
	// Settle is how long the server may tidy up before its memory is read.
	Settle time.Duration
}

func (w Idle) name() string { return "idle" }

func (w Idle) check() error {
	if w.Settle < 0 || w.Settle > maxDuration {
		return fmt.Errorf("settling for %v is not within %v", w.Settle, maxDuration)
	}
	return inRange("connections", w.Connections, 1, maxConnections)
}

// firstConnections are there before memory is first read, so that what the first connection
// makes once is not counted.
const firstConnections = 20

// run needs the server's process: without it there is nothing to see.
func (w Idle) run(ctx context.Context, l *load, t Target, o Options) (*Result, error) {
	if t.PID == 0 {
		return nil, errNoProcess
	}
	if err := l.connect(ctx, w.connections("first", firstConnections)...); err != nil {
		return nil, err
	}
	before, err := l.process.usage()
	if err != nil {
		return nil, err
	}
	if err := l.connect(ctx, w.connections("idle", w.Connections)...); err != nil {
		return nil, err
	}
	if err := l.pause(ctx, w.Settle, nil); err != nil {
		return nil, err
	}
	quiet, err := l.measure(ctx, o.Duration, func() time.Duration {
		l.say("%d connections are idle", w.Connections)
		return longestTurn
	})
	if err != nil {
		return nil, err
	}
	r := (&Result{Unit: "connections"}).over(quiet, uint64(w.Connections))
	r.PerSecond, r.CPUPerMillion = 0, 0
	each := float64(quiet.after.Resident-before.Resident) / float64(w.Connections)
	r.BytesPerConnection = &each
	r.Parameters = map[string]float64{"connections": float64(w.Connections)}
	return r, nil
}

var errNoProcess = fmt.Errorf("this needs the server's process: say which by --pid")

func (w Idle) connections(name string, n int) (conns []*conn) {
	tens := (n + 9) / 10
	for i := range n {
		conns = append(conns, &conn{client: client{
			user:   fmt.Sprintf("%s-%d", name, i),
			roles:  []string{"webpubsub.sendToGroup", "webpubsub.joinLeaveGroup"},
			groups: []string{fmt.Sprintf("%s-near-%d", name, i/10), fmt.Sprintf("%s-far-%d", name, i%tens)},
		}})
	}
	return conns
}

// Storm is clients that all connect, each with a token.
type Storm struct {
	Connections int
	AtOnce      int // handshakes on their way at a time
}

func (w Storm) name() string { return "storm" }

func (w Storm) check() error {
	return cmp.Or(inRange("connections", w.Connections, 1, maxConnections), inRange("at once", w.AtOnce, 1, maxAtOnce))
}

// maxAtOnce is what the queue of a listening socket usually has room for.
const maxAtOnce = 4096

func (w Storm) run(ctx context.Context, l *load, _ Target, _ Options) (*Result, error) {
	conns := make([]*conn, w.Connections)
	for i := range conns { // tokens are signed before anything is measured
		conns[i] = &conn{client: client{user: fmt.Sprintf("storm-%d", i), roles: inGroup("bench")}}
		if err := l.prepare(conns[i]); err != nil {
			return nil, err
		}
	}
	l.atOnce = w.AtOnce
	storm, err := l.open()
	if err != nil {
		return nil, err
	}
	if err := l.connect(ctx, conns...); err != nil {
		return nil, err
	}
	if err := l.end(storm); err != nil {
		return nil, err
	}
	for _, c := range conns {
		storm.latency.Add(c.took)
	}
	storm.deliveries = uint64(len(conns))
	r := storm.result("handshakes")
	r.Parameters = map[string]float64{"connections": float64(w.Connections), "at once": float64(w.AtOnce)}
	return r, nil
}
