package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/client"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

func TestSequenceAck_withinASecond_onceForWhatIsNew(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		_, s := f.client(client.Options{KeepAlive: -1})
		start := time.Now()
		s.message(1, "a")
		s.message(2, "b")
		if r := s.next(wire.SequenceAck); r.SequenceID != 2 || time.Since(start) > time.Second {
			t.Errorf("sequence ack %d after %v", r.SequenceID, time.Since(start))
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(s.requests) > 0 {
			t.Errorf("acknowledged again: %+v", <-s.requests)
		}
		s.message(7, "some expired in between")
		if r := s.next(wire.SequenceAck); r.SequenceID != 7 {
			t.Errorf("sequence ack %d", r.SequenceID)
		}
	})
}

func TestSequenceAck_afterManyMessages_doesNotWait(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		_, s := f.client(client.Options{})
		start := time.Now()
		for i := range uint64(301) {
			s.message(i+1, "x")
		}
		if r := s.next(wire.SequenceAck); r.SequenceID != 301 || time.Since(start) > 0 {
			t.Errorf("sequence ack %d after %v", r.SequenceID, time.Since(start))
		}
	})
}

func TestRecovery_dropsWhatCameBefore_andAcknowledgesAgain(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		s.message(1, "a")
		s.message(2, "b")
		s.next(wire.SequenceAck)
		s.drop() // the ack may have been lost
		s = f.socket()
		s.isRecovery("c1", "t1")
		if r := s.next(wire.SequenceAck); r.SequenceID != 2 {
			t.Errorf("sequence ack %d", r.SequenceID)
		}
		for i, text := range []string{"a", "b", "c"} {
			s.message(uint64(i+1), text)
		}
		for _, text := range []string{"a", "b", "c"} {
			expect(t, c, "room", client.Text(text))
		}
	})
}

func TestConnectedAgain_replacesTheToken(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		o := client.Options{}
		life := watch(&o)
		_, s := f.client(o)
		s.greet("c1", "t2")
		synctest.Wait()
		s.drop()
		s = f.socket()
		s.isRecovery("c1", "t2")
		s.greet("c1", "") // without one the old token is still good
		synctest.Wait()
		s.drop()
		s = f.socket()
		s.isRecovery("c1", "t2")
		synctest.Wait()
		if len(life.connected) != 1 || len(life.disconnected) != 0 {
			t.Errorf("%d connected, %d disconnected", len(life.connected), len(life.disconnected))
		}
	})
}

func TestRecovery_after30Seconds_startsAnew(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		o := client.Options{Jitter: -1}
		life := watch(&o)
		_, s := f.client(o)
		f.refuse(503)
		start := time.Now()
		s.drop()
		await30 := <-life.disconnected
		if took := time.Since(start); took != 30*time.Second || await30.ID != "c1" {
			t.Errorf("gave up after %v", took)
		}
		if n := len(f.attempts()) - 1; n < 29 || n > 31 {
			t.Errorf("%d attempts; want one each second", n)
		}
		f.refuse(0)
		s = f.socket()
		if s.query.Get("awps_connection_id") != "" {
			t.Errorf("recovery after the window: %v", s.query)
		}
		s.greet("c2", "t9")
		<-life.connected
		if now := <-life.connected; now.ID != "c2" {
			t.Errorf("connected as %v", now)
		}
	})
}

func TestRecovery_refusedWith1008_startsAnewAtOnce(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		o := client.Options{Jitter: -1}
		life := watch(&o)
		_, s := f.client(o)
		start := time.Now()
		s.drop()
		s = f.socket()
		s.ws.Close(websocket.StatusPolicyViolation, "")
		s = f.socket()
		s.greet("c2", "t2")
		<-life.disconnected
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestReconnect_pausesGrowToTheBound(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		_, s := f.client(client.Options{Subprotocol: client.PlainJSON, Jitter: -1, RetryDelay: time.Second, MaxReconnectDelay: 5 * time.Second})
		f.refuse(401)
		last := time.Now()
		s.drop()
		time.Sleep(20 * time.Second)
		var pauses []string
		for _, at := range f.attempts()[1:] {
			pauses = append(pauses, at.Sub(last).String())
			last = at
		}
		if got := strings.Join(pauses, " "); got != "1s 2s 4s 5s 5s" {
			t.Errorf("pauses %s", got)
		}
	})
}

func TestKeepAlive_pingsAndGivesUpASilentService(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		_, s := f.client(client.Options{Jitter: -1})
		start := time.Now()
		for range 3 {
			for r := range s.requests {
				if r.Type == wire.Ping {
					break
				}
			}
			s.send(wire.Response{Type: wire.Pong})
		}
		if took := time.Since(start); took != 60*time.Second {
			t.Errorf("three pings in %v", took)
		}
		// No more pongs.
		if code := s.closed(); code != -1 || time.Since(start) < 105*time.Second || time.Since(start) > 107*time.Second {
			t.Errorf("closed with %d after %v", code, time.Since(start))
		}
		f.socket().isRecovery("c1", "t1")
	})
}

func TestStart_withoutGreeting_timesOut(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		_, s := f.client(client.Options{Subprotocol: client.PlainJSON, ConnectTimeout: 7 * time.Second, Jitter: -1})
		s.drop()
		s = f.socket() // not greeted
		start := time.Now()
		if s.closed(); time.Since(start) != 7*time.Second {
			t.Errorf("gave up after %v", time.Since(start))
		}
	})
}

func TestOperation_overARecovery_keepsItsAckID(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{MaxRetries: -1})
		joined := async(func() error { return c.JoinGroup(t.Context(), "room") })
		first := s.next(wire.JoinGroup)
		sent := async(func() error { return c.SendToGroup(t.Context(), "room", client.Text("hi"), nil) })
		s.next(wire.SendToGroup)
		s.drop()
		s = f.socket()
		again := s.next(wire.JoinGroup)
		if *again.AckID != *first.AckID {
			t.Errorf("ack id %d became %d", *first.AckID, *again.AckID)
		}
		s.nack(again, wire.ErrDuplicate) // it was done before
		s.ack(s.next(wire.SendToGroup))
		check(t, <-joined)
		check(t, <-sent)
	})
}

func TestOperation_overANewConnection_isRepeatedAsOftenAsAllowed(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{Subprotocol: client.PlainJSON, MaxRetries: 2})
		sent := async(func() error { return c.SendToGroup(t.Context(), "room", client.Text("hi"), nil) })
		for range 3 {
			s.next(wire.SendToGroup)
			s.drop()
			s = f.socket()
			s.greet("again", "")
		}
		expectCode(t, "sent", <-sent, webpubsub.Unavailable)
		s.quiet()
	})
}

func TestOperation_whileDisconnected_waitsForItsContextOnly(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		f.refuse(503)
		s.drop()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := c.JoinGroup(ctx, "room"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("join: %v", err)
		}
		expectCode(t, "fire and forget", c.SendToGroup(t.Context(), "room", client.Text("now"), &client.SendOptions{FireAndForget: true}), webpubsub.Unavailable)
		joined := async(func() error { return c.JoinGroup(t.Context(), "room") })
		f.refuse(0)
		s = f.socket()
		s.greet("c2", "t2")
		s.ack(s.next(wire.JoinGroup))
		check(t, <-joined)
	})
}

func TestOperation_failedInside_isRepeatedAfterThePause(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{Jitter: -1})
		start := time.Now()
		sent := async(func() error { return c.SendEvent(t.Context(), "wave", client.Text("hi"), nil) })
		for range 4 {
			s.nack(s.next(wire.Event), wire.ErrInternal)
		}
		expectCode(t, "sent", <-sent, webpubsub.Internal)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("three repeats took %v", took)
		}
	})
}

func TestAckErrors_haveCodes(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{MaxRetries: -1})
		for name, code := range map[string]webpubsub.Code{
			"Forbidden": webpubsub.Forbidden, "NotFound": webpubsub.NotFound, "Timeout": webpubsub.Unavailable,
			"BadRequest": webpubsub.BadRequest, "InternalServerError": webpubsub.Internal, "Novel": webpubsub.Internal,
		} {
			sent := async(func() error { return c.SendEvent(t.Context(), "wave", client.Text("hi"), nil) })
			s.nack(s.next(wire.Event), name)
			err := <-sent
			expectCode(t, name, err, code)
			if !strings.Contains(err.Error(), "because") {
				t.Errorf("%s: the service's words are missing: %v", name, err)
			}
		}
	})
}

func TestRejoin_comesBeforeWhatWaits_andIsTriedAgain(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		o := client.Options{Subprotocol: client.PlainJSON}
		life := watch(&o)
		c, s := f.client(o)
		joined := async(func() error { return c.JoinGroup(t.Context(), "room") })
		s.ack(s.next(wire.JoinGroup))
		check(t, <-joined)
		sent := async(func() error { return c.SendToGroup(t.Context(), "room", client.Text("hi"), nil) })
		s.next(wire.SendToGroup)
		s.drop()
		s = f.socket()
		s.greet("c2", "")
		s.nack(s.next(wire.JoinGroup), wire.ErrInternal)
		s.ack(s.next(wire.SendToGroup))
		check(t, <-sent)
		s.nack(s.next(wire.JoinGroup), wire.ErrForbidden)
		if g := <-life.rejoinFailed; g != "room" {
			t.Errorf("group %q", g)
		}
	})
}

func TestInvoke_returnsTheAnswer(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		type result struct {
			d   webpubsub.Data
			err error
		}
		invoke := func(d webpubsub.Data) <-chan result {
			got := make(chan result, 1)
			go func() {
				d, err := c.Invoke(t.Context(), "draw", d)
				got <- result{d, err}
			}()
			return got
		}
		first, second := invoke(client.JSON([]byte(`{"a":1}`))), wire.Request{}
		r := s.next(wire.Invoke)
		if r.Event != "draw" || r.Data == nil || string(r.Data.Bytes) != `{"a":1}` {
			t.Errorf("%+v", r)
		}
		other := invoke(webpubsub.Data{})
		if second = s.next(wire.Invoke); second.Data != nil {
			t.Errorf("data %v", second.Data)
		}
		s.send(wire.Response{Type: wire.InvokeResponse, InvocationID: second.InvocationID, Error: &wire.Error{Name: wire.ErrInternal, Message: "no"}})
		answer := client.Text("yes")
		s.send(wire.Response{Type: wire.InvokeResponse, InvocationID: r.InvocationID, Success: true, Data: &answer})
		if got := <-first; got.err != nil || show(got.d) != show(answer) {
			t.Errorf("%v, %v", show(got.d), got.err)
		}
		got := <-other
		expectCode(t, "second", got.err, webpubsub.Internal)
	})
}

func TestInvoke_contextEnds_tellsTheService(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		invoked := async(func() error { _, err := c.Invoke(ctx, "draw", client.Text("x")); return err })
		r := s.next(wire.Invoke)
		cancel()
		if err := <-invoked; !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if told := s.next(wire.CancelInvocation); told.InvocationID != r.InvocationID {
			t.Errorf("cancelled %q, not %q", told.InvocationID, r.InvocationID)
		}
	})
}

func TestInvoke_socketLost_failsAndIsNotRepeated(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		invoked := async(func() error { _, err := c.Invoke(t.Context(), "draw", client.Text("x")); return err })
		s.next(wire.Invoke)
		s.drop()
		expectCode(t, "invoke", <-invoked, webpubsub.Unavailable)
		f.socket().quiet()
	})
}

func TestInvoke_inProtobuf_hasNoForm(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, _ := f.client(client.Options{Subprotocol: client.ReliableProtobuf})
		_, err := c.Invoke(t.Context(), "draw", client.Text("x"))
		expectCode(t, "invoke", err, webpubsub.BadRequest)
		expectCode(t, "group state", c.SubscribeGroupState(t.Context(), "room"), webpubsub.BadRequest)
	})
}

func TestGroupState_isSetAgainOnANewConnection(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		done := async(func() error {
			if err := c.SubscribeGroupState(t.Context(), "room"); err != nil {
				return err
			}
			return c.SetGroupState(t.Context(), "room", map[string]string{"cursor": "4,9"})
		})
		s.ack(s.next(wire.SubscribeGroupState))
		s.ack(s.next(wire.SetGroupState))
		check(t, <-done)
		item := wire.StateItem{ConnectionID: "c9", UserID: "bob", State: map[string]string{"a": "b"}, UpdatedAt: time.UnixMilli(1000)}
		s.send(wire.Response{Type: wire.GroupStateSnapshot, SequenceID: 1, Group: "room", Items: []wire.StateItem{item}})
		got, err := c.ReceiveGroupState(t.Context())
		if err != nil || !got.Snapshot || got.Group != "room" || len(got.Items) != 1 || got.Items[0].State["a"] != "b" || got.Items[0].ConnectionID != "c9" {
			t.Errorf("%+v, %v", got, err)
		}
		s.ws.Close(websocket.StatusPolicyViolation, "")
		s = f.socket()
		s.greet("c2", "t2")
		if r := s.next(wire.SetGroupState); r.State["cursor"] != "4,9" {
			t.Errorf("%+v", r)
		}
		s.next(wire.SubscribeGroupState)
	})
}

func TestClose_sendsWhatIsQueued_thenCloses(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		o := client.Options{}
		life := watch(&o)
		c, s := f.client(o)
		s.message(1, "for later")
		synctest.Wait()
		check(t, c.SendToGroup(t.Context(), "room", client.Text("bye"), &client.SendOptions{FireAndForget: true}))
		waiting := async(func() error { return c.JoinGroup(t.Context(), "room") })
		synctest.Wait()
		c.Close()
		c.Close()
		s.next(wire.SendToGroup)
		if code := s.closed(); code != websocket.StatusNormalClosure {
			t.Errorf("closed with %d", code)
		}
		if err := <-waiting; !errors.Is(err, client.ErrClosed) {
			t.Errorf("join: %v", err)
		}
		expect(t, c, "room", client.Text("for later"))
		if _, err := c.Receive(t.Context()); !errors.Is(err, client.ErrClosed) {
			t.Errorf("receive: %v", err)
		}
		if err := <-life.stopped; !errors.Is(err, client.ErrClosed) || c.Err() != err {
			t.Errorf("stopped with %v, %v", err, c.Err())
		}
		if err := c.Start(t.Context()); !errors.Is(err, client.ErrClosed) {
			t.Errorf("start: %v", err)
		}
	})
}

func TestClose_atAnyMoment_ends(t *testing.T) {
	for name, arrange := range map[string]func(*testing.T, *fake, *fakeSocket){
		"half-open":  func(_ *testing.T, f *fake, s *fakeSocket) {},
		"recovering": func(_ *testing.T, f *fake, s *fakeSocket) { f.refuse(503); s.drop() },
		"reconnecting": func(_ *testing.T, f *fake, s *fakeSocket) {
			s.ws.Close(websocket.StatusPolicyViolation, "")
			f.socket()
		},
	} {
		t.Run(name, func(t *testing.T) {
			scripted(t, func(t *testing.T, f *fake) {
				c, s := f.client(client.Options{})
				arrange(t, f, s)
				synctest.Wait()
				start := time.Now()
				c.Close()
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("closing took %v", took)
				}
				if err := c.JoinGroup(t.Context(), "room"); !errors.Is(err, client.ErrClosed) {
					t.Errorf("join: %v", err)
				}
			})
		})
	}
}

func TestShutdown_waitsForAnswers(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		sent := async(func() error { return c.SendToGroup(t.Context(), "room", client.Text("hi"), nil) })
		r := s.next(wire.SendToGroup)
		down := async(func() error { return c.Shutdown(t.Context()) })
		synctest.Wait()
		if err := c.JoinGroup(t.Context(), "room"); !errors.Is(err, client.ErrClosed) {
			t.Errorf("join: %v", err)
		}
		s.ack(r)
		check(t, <-sent)
		check(t, <-down)
		if code := s.closed(); code != websocket.StatusNormalClosure {
			t.Errorf("closed with %d", code)
		}
	})
}

func TestShutdown_contextEnds_closesAtOnce(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		sent := async(func() error { return c.SendToGroup(t.Context(), "room", client.Text("hi"), nil) })
		s.next(wire.SendToGroup)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := c.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-sent; !errors.Is(err, client.ErrClosed) {
			t.Errorf("send: %v", err)
		}
	})
}

func TestMalformedAndUnknownFrames_areIgnored(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		for _, frame := range []string{``, `[]`, `{"type":"novel"}`, `{"type":"message","from":"group","group":"g","dataType":"text","data":1}`, `{"type":"ack","ackId":99,"success":true}`} {
			check(t, s.ws.Write(t.Context(), websocket.MessageText, []byte(frame)))
		}
		check(t, s.ws.Write(t.Context(), websocket.MessageBinary, []byte{0}))
		s.message(1, "still here")
		expect(t, c, "room", client.Text("still here"))
	})
}
