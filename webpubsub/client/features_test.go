package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/client"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

var jsonSubprotocols = []client.Subprotocol{client.ReliableJSON, client.PlainJSON}

func TestInvoke_atTheService(t *testing.T) {
	s := webpubsubtest.Start(t)
	started, cancelled := make(chan struct{}, 10), make(chan struct{}, 10)
	handle(t, s, eventhandler.Options{UserEvent: func(ctx context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
		switch e.Name {
		case "fail":
			return nil, webpubsub.Errorf(webpubsub.Conflict, "not now")
		case "nothing":
			return nil, nil
		case "slow":
			started <- struct{}{}
			<-ctx.Done()
			cancelled <- struct{}{}
			return nil, ctx.Err()
		}
		d := client.Text("heard " + string(e.Data.Bytes))
		return &eventhandler.UserResponse{Data: &d}, nil
	}})
	inEach(t, jsonSubprotocols, func(t *testing.T, p client.Subprotocol) {
		c := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p})
		if d, err := c.Invoke(soon(t), "wave", client.Text("hello")); err != nil || show(d) != show(client.Text("heard hello")) {
			t.Errorf("wave: %v, %v", show(d), err)
		}
		if d, err := c.Invoke(soon(t), "nothing", client.Text("hello")); err != nil || d.Bytes != nil {
			t.Errorf("nothing: %v, %v", show(d), err)
		}
		_, err := c.Invoke(soon(t), "fail", client.Text("hello"))
		expectCode(t, "fail", err, webpubsub.Internal)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel()
			select {
			case <-started:
			case <-t.Context().Done():
			}
		}()
		if _, err := c.Invoke(ctx, "slow", client.Text("hello")); !errors.Is(err, context.Canceled) {
			t.Errorf("slow: %v", err)
		}
		await(t, cancelled)
		check(t, c.SendEvent(soon(t), "nothing", client.Text("the next one"), nil))
	})
}

func TestStream_atTheService_reachesSubscribers(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, subprotocols, func(t *testing.T, p client.Subprotocol) {
		publisher := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p})
		subscriber := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p, AcceptStreams: true})
		check(t, subscriber.JoinGroup(soon(t), "room"))
		for _, fails := range []bool{false, true} {
			w, err := publisher.OpenStream(soon(t), "room", nil)
			check(t, err)
			for i := range 200 {
				check(t, w.Write(soon(t), client.Text(fmt.Sprint(i))))
			}
			if fails {
				check(t, w.CloseWithError(soon(t), "E1", "stopped"))
			} else {
				check(t, w.Close(soon(t)))
			}
			r, err := subscriber.AcceptStream(soon(t))
			check(t, err)
			if r.ID != w.ID() || r.First != 1 || r.Group != "room" {
				t.Errorf("stream %+v", r)
			}
			err = hearStream(soon(t), r, 200)
			if e, ok := errors.AsType[*client.StreamError](err); fails && (!ok || e.UserErrorCode != "E1" || e.Message != "stopped") || !fails && err != io.EOF {
				t.Errorf("the stream ended with %v", err)
			}
		}
	})
}

// hearStream receives numbered parts to the end of a stream, which it returns.
func hearStream(ctx context.Context, r *client.StreamReader, n int) error {
	for i := 0; ; i++ {
		d, err := r.Receive(ctx)
		if err != nil && i == n {
			return err
		}
		if err != nil || string(d.Bytes) != fmt.Sprint(i) {
			return fmt.Errorf("part %d is %q, %w", i, d.Bytes, err)
		}
	}
}

func TestStream_atTheService_withoutPermission_isForbidden(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, subprotocols, func(t *testing.T, p client.Subprotocol) {
		c := connect(t, client.URL(s.ClientURL(t, hub, token.MintOptions{})), client.Options{Subprotocol: p})
		_, err := c.OpenStream(soon(t), "room", nil)
		expectCode(t, "open", err, webpubsub.Forbidden)
	})
}

// Streams keep going while the connections of both sides break, stall and repeat themselves:
// subscribers get every part once and in order. Nothing is repeated to the service: the start
// of a stream, sent twice, is an error.
func TestStream_overBadNetwork_losesRepeatsAndReordersNothing(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, reliable, func(t *testing.T, p client.Subprotocol) {
		const streams, parts = 3, 100
		f := s.Faults(t, 0)
		f.Use(webpubsubtest.FaultPlan{CutAfterMessages: 40, CutAfterBytes: 20_000, RepeatToClient: 0.2, MaxDelay: time.Millisecond})
		url := f.ClientURL(s.ClientURL(t, hub, everything))
		publisher := startPatiently(t, url, client.Options{Subprotocol: p})
		subscriber := startPatiently(t, url, client.Options{Subprotocol: p, AcceptStreams: true})
		check(t, subscriber.JoinGroup(soon(t), "room"))
		ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
		defer cancel()
		var work sync.WaitGroup
		for range streams {
			work.Go(func() {
				if err := publishStream(ctx, publisher, parts); err != nil {
					t.Errorf("publish: %v", err)
				}
			})
		}
		for range streams { // one that fails to open sends no part
			r, err := subscriber.AcceptStream(ctx)
			check(t, err)
			work.Go(func() {
				if err := hearStream(ctx, r, parts); err != io.EOF {
					t.Errorf("stream %s: %v", r.ID, err)
				}
			})
		}
		work.Wait()
		if f.Cuts() < 5 {
			t.Errorf("only %d cuts; the test tests nothing", f.Cuts())
		}
		t.Logf("%d cuts", f.Cuts())
	})
}

// publishStream opens a stream, again when the socket breaks meanwhile, and writes numbers.
func publishStream(ctx context.Context, c *client.Client, n int) error {
	o := &client.StreamOptions{Window: 8}
	w, err := c.OpenStream(ctx, "room", o)
	for err != nil && webpubsub.CodeOf(err) == webpubsub.Unavailable {
		w, err = c.OpenStream(ctx, "room", o)
	}
	if err != nil {
		return err
	}
	for i := range n {
		if err := w.Write(ctx, client.Text(fmt.Sprint(i))); err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
	}
	return w.Close(ctx)
}

func TestGroupState_atTheService(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, jsonSubprotocols, func(t *testing.T, p client.Subprotocol) {
		group := webpubsub.GroupName(p)
		ann := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p})
		bob := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p})
		check(t, ann.SetGroupState(soon(t), group, map[string]string{"cursor": "1,2"}))
		check(t, bob.SubscribeGroupState(soon(t), group))
		who, _ := ann.Connection()
		see := func(snapshot bool, state map[string]string) {
			t.Helper()
			got, err := bob.ReceiveGroupState(soon(t))
			check(t, err)
			if got.Snapshot != snapshot || got.Group != group || len(got.Items) != 1 || got.Items[0].ConnectionID != who.ID || fmt.Sprint(got.Items[0].State) != fmt.Sprint(state) {
				t.Errorf("group state %+v; want snapshot %v with %v", got, snapshot, state)
			}
		}
		see(true, map[string]string{"cursor": "1,2"})
		check(t, ann.SetGroupState(soon(t), group, map[string]string{"cursor": "3,4"}))
		see(false, map[string]string{"cursor": "3,4"})
		check(t, ann.SetGroupState(soon(t), group, nil))
		see(false, nil)
		check(t, bob.UnsubscribeGroupState(soon(t), group))
	})
}

// A slow app holds up its service's socket; it gets everything in the end.
func TestSlowApp_atTheService_losesNothing(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, subprotocols, func(t *testing.T, p client.Subprotocol) {
		slow := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p, MaxReceivedMessages: 5})
		check(t, slow.JoinGroup(soon(t), "room"))
		fast := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{Subprotocol: p})
		const n = 500
		for i := range n {
			check(t, fast.SendToGroup(soon(t), "room", client.Text(fmt.Sprint(i)), nil))
		}
		for i := range n {
			expect(t, slow, "room", client.Text(fmt.Sprint(i)))
		}
	})
}

// One goroutine may answer each message it receives, however many are behind it.
func TestEcho_oneGoroutine_doesNotLockUp(t *testing.T) {
	s := webpubsubtest.Start(t)
	var got atomic.Int32
	echo := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{MaxReceivedMessages: 2})
	check(t, echo.JoinGroup(soon(t), "ask"))
	asker := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{})
	check(t, asker.JoinGroup(soon(t), "answer"))
	const n = 300
	go func() {
		for range n {
			m, err := echo.Receive(t.Context())
			if err != nil || echo.SendToGroup(t.Context(), "answer", m.Data, nil) != nil {
				return
			}
			got.Add(1)
		}
	}()
	for i := range n {
		check(t, asker.SendToGroup(soon(t), "ask", client.Text(fmt.Sprint(i)), &client.SendOptions{FireAndForget: true}))
	}
	for i := range n {
		if expect(t, asker, "answer", client.Text(fmt.Sprint(i))); t.Failed() {
			t.Fatalf("%d answers", got.Load())
		}
	}
}
