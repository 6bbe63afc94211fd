package crash_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/easelhq/easel/internal/porttest"
	"github.com/easelhq/easel/whiteboard"
)

const (
	people  = 4
	crashes = 3
	// enough is how many batches are acknowledged between two crashes.
	enough = 60
	// patience bounds each wait.
	patience = time.Minute
)

// The server is killed in the middle of drawing, several times. Afterwards every change that
// was acknowledged is there, every outbox is empty, and all boards are equal.
func TestKill_whilePeopleDraw_losesNothing(t *testing.T) {
	args := []string{"serve", "--addr", porttest.Addr(t), "--data", t.TempDir()}
	p := startProcess(t, args...)
	drawThroughCrashes(t, p.url, func() {
		p.kill(t)
		p = startProcess(t, args...)
	})
}

// The same, with the whiteboard killed while its messaging service, a process of its own,
// lives on.
func TestKillTheApp_whileItsServiceLives_losesNothing(t *testing.T) {
	serviceData := t.TempDir()
	service := startProcess(t, "pubsub", "--addr", "127.0.0.1:0", "--data", serviceData)
	manage := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(binary, append(args, "--data", serviceData)...)
		out, err := cmd.Output()
		check(t, err)
		return string(out)
	}
	addr := porttest.Addr(t)
	manage("hub", "create", "--hub-name", "easel", "--event-handler", "url-template=http://"+addr+"/eventhandler",
		"user-event-pattern=*", "system-event=connect", "system-event=connected", "system-event=disconnected")
	_, rest, _ := strings.Cut(manage("key", "show"), `"primaryConnectionString": "`)
	connectionString, _, _ := strings.Cut(rest, `"`)
	if !strings.Contains(connectionString, service.url) {
		t.Fatalf("connection string %q", connectionString)
	}
	args := []string{"serve", "--addr", addr, "--data", t.TempDir(), "--connection-string", connectionString}
	p := startProcess(t, args...)
	drawThroughCrashes(t, p.url, func() {
		p.kill(t)
		p = startProcess(t, args...)
	})
}

// drawThroughCrashes lets people draw, calls crash from time to time, and checks what is
// left in the end.
func drawThroughCrashes(t *testing.T, url string, crash func()) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	l := newBoard(t, url)
	replicas := make([]*replica, people)
	for i := range replicas {
		replicas[i] = newReplica(t, url, l, rand.New(rand.NewPCG(seed, uint64(2+i))))
	}
	stop := startDrawing(t, replicas)
	for i := range crashes {
		before := acknowledged(replicas)
		target := before + enough + rng.IntN(enough)
		await(t, fmt.Sprintf("%d acknowledged batches before crash %d", target, i+1), func() bool { return acknowledged(replicas) >= target })
		crash()
	}
	target := acknowledged(replicas) + enough
	await(t, "everyone to draw on after the last crash", func() bool { return acknowledged(replicas) >= target })
	stop()
	await(t, "empty outboxes", func() bool { return waiting(replicas) == 0 })
	compare(t, url, l, replicas)
}

// startDrawing has everyone draw at their own pace; stop ends the drawing, and the test's end
// the connections.
func startDrawing(t *testing.T, replicas []*replica) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	drawing, stopDrawing := context.WithCancel(ctx)
	var pens, lives sync.WaitGroup
	for _, r := range replicas {
		lives.Go(func() { r.live(ctx) })
		pens.Go(func() {
			for drawing.Err() == nil {
				if _, waiting := r.counts(); waiting < 20 {
					r.draw()
				}
				pause := time.NewTimer(time.Duration(r.rng.IntN(8)) * time.Millisecond)
				select {
				case <-pause.C:
				case <-drawing.Done():
				}
			}
		})
	}
	t.Cleanup(func() {
		cancel()
		lives.Wait()
	})
	return func() {
		stopDrawing()
		pens.Wait()
	}
}

func acknowledged(replicas []*replica) (n int) {
	for _, r := range replicas {
		acked, _ := r.counts()
		n += acked
	}
	return n
}

func waiting(replicas []*replica) (n int) {
	for _, r := range replicas {
		_, w := r.counts()
		n += w
	}
	return n
}

// await polls a condition of other processes.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// compare checks journal, snapshot and replicas against each other.
func compare(t *testing.T, url string, l link, replicas []*replica) {
	var s whiteboard.Snapshot
	check(t, get(url+"/diagram?board="+l.board, l, &s))
	digest := whiteboard.DigestOf(s.Records...)
	journal := map[string]whiteboard.Entry{}
	for seq := uint64(0); seq < s.Seq; {
		var page struct{ Entries []whiteboard.Entry }
		check(t, get(fmt.Sprintf("%s/boards/%s/ops?after=%d", url, l.board, seq), l, &page))
		for _, e := range page.Entries {
			if e.Seq != seq+1 {
				t.Fatalf("entry %d after %d", e.Seq, seq)
			}
			seq = e.Seq
			key := fmt.Sprint(e.Actor, e.N)
			if _, twice := journal[key]; twice {
				t.Errorf("batch %d of %s is there twice", e.N, e.Actor)
			}
			journal[key] = e
		}
	}
	for i, r := range replicas {
		await(t, "a replica at the end of the journal", func() bool { have, _ := r.position(); return have == s.Seq })
		if _, got := r.position(); got != digest {
			t.Errorf("replica %d has digest %s, the server %s", i, got, digest)
		}
		for _, b := range r.acked {
			e, ok := journal[fmt.Sprint(b.Actor, b.N)]
			if !ok || len(e.Ops) != len(b.Ops) {
				t.Errorf("batch %d of %s was acknowledged and is lost", b.N, b.Actor)
			}
		}
	}
	t.Logf("%d entries, %d records, digest %s", s.Seq, len(s.Records), digest)
}
