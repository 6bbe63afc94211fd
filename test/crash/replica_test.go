package crash_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/whiteboard"
)

// replica is one person: a copy of the board, an outbox, and the will to get through.
type replica struct {
	t     *testing.T
	url   string
	link  link
	actor whiteboard.ActorID
	clock *whiteboard.Clock
	rng   *rand.Rand

	mu      sync.Mutex
	state   *whiteboard.BoardState // guarded by mu
	have    uint64                 // guarded by mu; position of state
	outbox  []whiteboard.Batch     // guarded by mu; what no echo has come for
	acked   []whiteboard.Batch     // guarded by mu
	n       uint64                 // guarded by mu
	changed chan struct{}          // holds one
}

func newReplica(t *testing.T, url string, l link, rng *rand.Rand) *replica {
	r := &replica{t: t, url: url, link: l.in(t), rng: rng, state: whiteboard.NewBoardState(nil), changed: make(chan struct{}, 1)}
	r.actor = whiteboard.ActorID(whiteboard.NewBoardID())
	r.clock = whiteboard.NewClock(r.actor)
	return r
}

// draw changes the board and puts the change into the outbox.
func (r *replica) draw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	patches := []string{
		fmt.Sprintf(`{"kind":"rect","at":[%d,2],"size":[30,40],"z":"a0","color":"red","width":2}`, r.rng.IntN(1000)),
		`{"deleted":true}`, `{"deleted":false}`, fmt.Sprintf(`{"width":%d}`, 1+r.rng.IntN(60)),
	}
	b := whiteboard.Batch{Actor: r.actor, N: r.n}
	for range 1 + r.rng.IntN(3) {
		patch, err := whiteboard.ParsePatch([]byte(patches[r.rng.IntN(len(patches))]))
		if err != nil {
			panic(err)
		}
		id := whiteboard.RecordID(fmt.Sprintf("shape%d", r.rng.IntN(12))) // others draw there too
		b.Ops = append(b.Ops, whiteboard.Op{Stamp: r.clock.Next(time.Now()), Record: id, Patch: patch})
	}
	r.state.Apply(b.Ops...)
	r.outbox = append(r.outbox, b)
	r.signal()
}

func (r *replica) signal() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// live connects again and again until ctx ends.
func (r *replica) live(ctx context.Context) {
	for ctx.Err() == nil {
		r.session(ctx) // ends with an error whenever the server is killed
		pause := time.NewTimer(20 * time.Millisecond)
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
	}
}

// session is one connection: repair, then send and receive.
func (r *replica) session(ctx context.Context) error {
	var n struct{ URL string }
	if err := get(r.url+"/negotiate?board="+r.link.board, r.link, &n); err != nil {
		return err
	}
	ws, _, err := websocket.Dial(ctx, n.URL, &websocket.DialOptions{Subprotocols: []string{"json.webpubsub.azure.v1"}})
	if err != nil {
		return err
	}
	defer ws.CloseNow()
	ws.SetReadLimit(8 << 20)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if _, _, err := ws.Read(ctx); err != nil { // the greeting: from here on nothing is missed
		return err
	}
	if err := r.repair(); err != nil {
		return err
	}
	go r.send(ctx, cancel, ws)
	for {
		_, b, err := ws.Read(ctx)
		if err != nil {
			return err
		}
		if err := r.receive(b); err != nil {
			return err
		}
	}
}

// send has one batch in flight; it is sent again by the next session if no echo comes.
func (r *replica) send(ctx context.Context, cancel context.CancelFunc, ws *websocket.Conn) {
	defer cancel()
	sent := uint64(0)
	for {
		if b, ok := r.oldest(); ok && b.N > sent {
			event, err := json.Marshal(map[string]any{"type": "event", "event": "ops", "dataType": "json", "data": b})
			if err != nil || ws.Write(ctx, websocket.MessageText, event) != nil {
				return
			}
			sent = b.N
		}
		select {
		case <-r.changed:
		case <-ctx.Done():
			return
		}
	}
}

func (r *replica) oldest() (whiteboard.Batch, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.outbox) == 0 {
		return whiteboard.Batch{}, false
	}
	return r.outbox[0], true
}

// receive takes a frame. Errors: a refusal, or a gap that the next session repairs.
func (r *replica) receive(b []byte) error {
	var f struct {
		Type string
		Data json.RawMessage
	}
	var m struct {
		K       string
		B       []whiteboard.Entry
		N       uint64
		Code    string
		Message string
	}
	if err := json.Unmarshal(b, &f); err != nil || f.Type != "message" {
		return err
	}
	if err := json.Unmarshal(f.Data, &m); err != nil {
		return err
	}
	switch m.K {
	case "ops":
		return r.take(m.B)
	case "ack":
		return r.repair()
	case "rej":
		if m.Code != "unavailable" {
			r.t.Errorf("batch %d of %s is refused: %s: %s", m.N, r.actor, m.Code, m.Message)
		}
		return fmt.Errorf("refused: %s", m.Code)
	}
	return nil
}

// take merges entries in order.
func (r *replica) take(entries []whiteboard.Entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range entries {
		if e.Seq <= r.have {
			continue
		}
		if e.Seq != r.have+1 {
			return fmt.Errorf("entry %d after %d", e.Seq, r.have)
		}
		r.have = e.Seq
		r.state.Apply(e.Ops...)
		for _, op := range e.Ops {
			r.clock.Observe(op.Stamp)
		}
		if e.Actor == r.actor && len(r.outbox) > 0 && r.outbox[0].N == e.N {
			r.acked = append(r.acked, r.outbox[0])
			r.outbox = r.outbox[1:]
			r.signal()
		}
	}
	return nil
}

// repair fetches what is missing.
func (r *replica) repair() error {
	for {
		r.mu.Lock()
		have := r.have
		r.mu.Unlock()
		var missed struct {
			Seq     uint64
			Entries []whiteboard.Entry
		}
		if err := get(fmt.Sprintf("%s/boards/%s/ops?after=%d", r.url, r.link.board, have), r.link, &missed); err != nil {
			return err
		}
		if err := r.take(missed.Entries); err != nil || len(missed.Entries) == 0 {
			return err
		}
	}
}

// counts returns how many batches have been acknowledged and how many wait.
func (r *replica) counts() (acked, waiting int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.acked), len(r.outbox)
}

func (r *replica) position() (seq uint64, digest whiteboard.Digest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.have, r.state.Digest()
}
