package engine

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub/internal/websocket"
)

// Whatever a socket takes at a time, what leaves is all frames in their order, and what waits
// is counted.
func TestQueue_writesInPieces_leavesEverythingInOrder(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	buf := make([]byte, batchBytes)
	for range 200 {
		var q queue
		var want, got []byte
		added, ended := 0, 0
		sizes := []int{0, 1, 125, 126, 4000, copyBytes, copyBytes + 1, 70_000}
		for left := 50; left > 0 || !q.empty(); {
			if left > 0 && rng.IntN(2) == 0 {
				left--
				payload := bytes.Repeat([]byte{byte(left)}, sizes[rng.IntN(len(sizes))])
				kind := []websocket.Kind{raw, websocket.Text, websocket.Binary, websocket.Text | websocket.Compressed}[rng.IntN(4)]
				if kind == raw { // there are none without bytes
					payload = append(payload, 0)
				}
				f := frame{payload, kind}
				if rng.IntN(3) == 0 {
					q.pack()
				}
				q.add(f)
				if kind == raw {
					want = append(want, payload...)
				} else {
					want = websocket.AppendMessage(want, kind, payload)
					added++
				}
				continue
			}
			b := q.gather(buf)
			all := append(bytes.Clone(b.buf), b.large...)
			if len(all) == 0 && !q.empty() && b.frames == 0 {
				t.Fatal("nothing gathered of a queue that is not empty")
			}
			n := rng.IntN(len(all) + 1)
			if rng.IntN(3) == 0 {
				n = len(all)
			}
			got = append(got, all[:n]...)
			messages, _ := q.advance(n)
			ended += messages
			if int(q.messages) != added-ended {
				t.Fatalf("%d messages wait, %d are counted", added-ended, q.messages)
			}
		}
		if !bytes.Equal(got, want) || q.bytes != 0 {
			t.Fatalf("%d bytes left, want %d; %d are still counted", len(got), len(want), q.bytes)
		}
	}
}

func TestQueue_dropped_keepsAFrameThatHasBegunToLeave(t *testing.T) {
	for sent, want := range map[int]string{0: "", 3: "\x81\x05first"} {
		var q queue
		q.add(frame{[]byte("first"), websocket.Text})
		q.add(frame{[]byte("second"), websocket.Text})
		buf := make([]byte, batchBytes)
		out := string(q.gather(buf).buf[:sent])
		q.advance(sent)
		q.drop()
		out += string(q.gather(buf).buf)
		if out != want || int(q.messages) != min(1, sent) {
			t.Errorf("after %d bytes: %q, %d messages wait", sent, out, q.messages)
		}
	}
}

func TestQueue_replace_keepsOneOfAKind(t *testing.T) {
	var q queue
	pong := func(s string) frame { return frame{[]byte(s), websocket.Pong} }
	if q.replace(pong("a")) {
		t.Error("replaced what is not there")
	}
	q.add(pong("a"))
	if !q.replace(pong("b")) {
		t.Error("not replaced")
	}
	buf := make([]byte, batchBytes)
	if got := string(q.gather(buf).buf); got != "\x8a\x01b" {
		t.Errorf("%q", got)
	}
	q.advance(1)
	if q.replace(pong("c")) {
		t.Error("replaced what has begun to leave")
	}
}
