package client_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/client"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

// lifecycle passes callbacks on.
type lifecycle struct {
	connected    chan client.Connection
	disconnected chan client.Connection
	stopped      chan error
	rejoinFailed chan webpubsub.GroupName
}

func watch(o *client.Options) *lifecycle {
	l := &lifecycle{make(chan client.Connection, 100), make(chan client.Connection, 100), make(chan error, 1), make(chan webpubsub.GroupName, 10)}
	o.OnConnected = func(c client.Connection) { l.connected <- c }
	o.OnDisconnected = func(c client.Connection, _ error) { l.disconnected <- c }
	o.OnStopped = func(err error) { l.stopped <- err }
	o.OnRejoinFailed = func(g webpubsub.GroupName, _ error) { l.rejoinFailed <- g }
	return l
}

func TestReliable_afterACut_goesOnWithTheSameConnection(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, reliable, func(t *testing.T, p client.Subprotocol) {
		f := s.Faults(t, 0)
		o := client.Options{Subprotocol: p}
		life := watch(&o)
		c := connect(t, client.URL(f.ClientURL(s.ClientURL(t, hub, everything))), o)
		before := await(t, life.connected)
		check(t, c.JoinGroup(soon(t), "room"))
		f.Refuse()
		f.Cut()
		for i := range 5 {
			check(t, restOf(t, s).SendToGroup(t.Context(), "room", service.Text(strconv.Itoa(i)), nil))
		}
		f.Accept()
		for i := range 5 {
			expect(t, c, "room", client.Text(strconv.Itoa(i)))
		}
		if now, ok := c.Connection(); !ok || now != before {
			t.Errorf("connection %v became %v", before, now)
		}
		check(t, c.SendToGroup(soon(t), "room", client.Text("on"), nil))
		expect(t, c, "room", client.Text("on"))
		if len(life.connected)+len(life.disconnected) > 0 {
			t.Error("the recovery was reported as a new connection")
		}
	})
}

func TestPlain_afterACut_joinsItsGroupsOnANewConnection(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, plain, func(t *testing.T, p client.Subprotocol) {
		f := s.Faults(t, 0)
		o := client.Options{Subprotocol: p}
		life := watch(&o)
		c := connect(t, client.URL(f.ClientURL(s.ClientURL(t, hub, everything))), o)
		first := await(t, life.connected)
		for _, g := range []webpubsub.GroupName{"one", "two", "left"} {
			check(t, c.JoinGroup(soon(t), g))
		}
		check(t, c.LeaveGroup(soon(t), "left"))
		f.Cut()
		if lost := await(t, life.disconnected); lost != first {
			t.Errorf("lost %v, not %v", lost, first)
		}
		if second := await(t, life.connected); second.ID == first.ID || second.UserID != "ann" {
			t.Errorf("connected as %v", second)
		}
		// What the app sends comes after its groups are joined.
		for _, g := range []webpubsub.GroupName{"left", "two", "one"} {
			check(t, c.SendToGroup(soon(t), g, client.Text("hi"), nil))
		}
		expect(t, c, "two", client.Text("hi"))
		expect(t, c, "one", client.Text("hi"))
	})
}

func TestReconnect_recoveryRefused_startsAnewWithAFreshURL(t *testing.T) {
	s := webpubsubtest.Start(t, func(o *server.Options) { o.RecoveryWindow = time.Millisecond })
	f := s.Faults(t, 0)
	var calls atomic.Int32
	source := func(context.Context) (string, error) {
		// The first token has expired when the connection is lost.
		o := everything
		o.UserID = fmt.Sprint("user-", calls.Add(1))
		return f.ClientURL(s.ClientURL(t, hub, o)), nil
	}
	o := client.Options{}
	life := watch(&o)
	c := connect(t, source, o)
	first := await(t, life.connected)
	check(t, c.JoinGroup(soon(t), "room"))
	f.Refuse()
	f.Cut()
	rest := restOf(t, s)
	for gone := false; !gone; { // the window is over
		exists, err := rest.ConnectionExists(t.Context(), first.ID)
		check(t, err)
		gone = !exists
	}
	f.Accept()
	await(t, life.disconnected)
	if second := await(t, life.connected); second.ID == first.ID || second.UserID != "user-2" {
		t.Errorf("connected as %v after %v", second, first)
	}
	check(t, c.SendToGroup(soon(t), "room", client.Text("hi"), nil))
	expect(t, c, "room", client.Text("hi"))
}

func TestReconnect_withoutRejoin_leavesGroupsToTheApp(t *testing.T) {
	s := webpubsubtest.Start(t)
	o := client.Options{NoRejoin: true}
	life := watch(&o)
	c := connect(t, client.URL(s.ClientURL(t, hub, everything)), o)
	await(t, life.connected)
	check(t, c.JoinGroup(soon(t), "room"))
	check(t, restOf(t, s).CloseAll(t.Context(), nil))
	await(t, life.disconnected)
	await(t, life.connected)
	check(t, c.SendToGroup(soon(t), "room", client.Text("nobody hears"), nil))
	check(t, c.JoinGroup(soon(t), "room"))
	check(t, c.SendToGroup(soon(t), "room", client.Text("hi"), nil))
	expect(t, c, "room", client.Text("hi"))
}

func TestReconnect_groupForbiddenNow_isReportedAndForgotten(t *testing.T) {
	s := webpubsubtest.Start(t)
	var refused atomic.Bool
	source := func(context.Context) (string, error) {
		if refused.Load() {
			return s.ClientURL(t, hub, token.MintOptions{Roles: []string{"webpubsub.joinLeaveGroup.b", "webpubsub.sendToGroup"}}), nil
		}
		return s.ClientURL(t, hub, everything), nil
	}
	o := client.Options{}
	life := watch(&o)
	c := connect(t, source, o)
	check(t, c.JoinGroup(soon(t), "a"))
	check(t, c.JoinGroup(soon(t), "b"))
	refused.Store(true)
	check(t, restOf(t, s).CloseAll(t.Context(), nil))
	if g := await(t, life.rejoinFailed); g != "a" {
		t.Errorf("group %q failed", g)
	}
	check(t, c.SendToGroup(soon(t), "b", client.Text("hi"), nil))
	expect(t, c, "b", client.Text("hi"))
}

func TestNoReconnect_stopsWhenTheConnectionIsLost(t *testing.T) {
	s := webpubsubtest.Start(t)
	o := client.Options{NoReconnect: true}
	life := watch(&o)
	c := connect(t, client.URL(s.ClientURL(t, hub, everything)), o)
	check(t, restOf(t, s).CloseAll(t.Context(), &service.CloseOptions{Reason: "closing time"}))
	await(t, life.disconnected)
	err := await(t, life.stopped)
	<-c.Done()
	if c.Err() == nil || err != c.Err() {
		t.Errorf("stopped with %v, callback %v", c.Err(), err)
	}
	if _, err := c.Receive(soon(t)); err != c.Err() {
		t.Errorf("receive: %v", err)
	}
	if err := c.JoinGroup(soon(t), "room"); err == nil {
		t.Error("joined without a connection")
	}
}

func TestKicked_theReasonIsReported(t *testing.T) {
	s := webpubsubtest.Start(t)
	reason := make(chan error, 1)
	c := connect(t, client.URL(s.ClientURL(t, hub, everything)), client.Options{OnDisconnected: func(_ client.Connection, err error) { reason <- err }})
	connection, _ := c.Connection()
	check(t, restOf(t, s).CloseConnection(t.Context(), connection.ID, "closing time"))
	if got := webpubsub.MessageOf(await(t, reason)); got != "Application server closed the connection. Reason: closing time" {
		t.Errorf("reason %q", got)
	}
}

// Many clients publish to each other over connections that break, stall and repeat
// themselves. Everybody gets everything once; messages of one sender keep their order.
func TestReliable_overBadNetwork_losesRepeatsAndReordersNothing(t *testing.T) {
	s := webpubsubtest.Start(t)
	inEach(t, reliable, func(t *testing.T, p client.Subprotocol) {
		const clients, messages = 3, 40
		f := s.Faults(t, 0)
		f.Use(webpubsubtest.FaultPlan{CutAfterMessages: 30, CutAfterBytes: 20_000, RepeatToClient: 0.2, RepeatToService: 0.2, MaxDelay: time.Millisecond})
		var lost atomic.Int32
		all := make([]*client.Client, clients)
		for i := range all {
			o := everything
			o.UserID = fmt.Sprint("user-", i)
			all[i] = startPatiently(t, f.ClientURL(s.ClientURL(t, hub, o)), client.Options{
				Subprotocol: p, OnDisconnected: func(client.Connection, error) { lost.Add(1) },
			})
			check(t, all[i].JoinGroup(soon(t), "room"))
		}
		var work sync.WaitGroup
		for i, c := range all {
			work.Go(func() { publish(t, c, i, messages) })
			work.Go(func() { hearAll(t, c, clients, messages) })
		}
		work.Wait()
		if lost.Load() > 0 {
			t.Errorf("%d connections were lost for good", lost.Load())
		}
		if f.Cuts() < 5 {
			t.Errorf("only %d cuts; the test tests nothing", f.Cuts())
		}
		t.Logf("%d cuts", f.Cuts())
	})
}

// startPatiently starts a client whose first attempts may meet a fault.
func startPatiently(t *testing.T, url string, o client.Options) *client.Client {
	t.Helper()
	o.RetryDelay = 2 * time.Millisecond
	c, err := client.New(client.URL(url), &o)
	check(t, err)
	t.Cleanup(c.Close)
	ctx := soon(t)
	for err := c.Start(ctx); err != nil; err = c.Start(ctx) {
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	return c
}

// publish sends numbered messages, some of them large.
func publish(t *testing.T, c *client.Client, sender, n int) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	rng := rand.New(rand.NewPCG(uint64(sender), 0))
	for i := range n {
		text := fmt.Sprintf("%d %d %0*d", sender, i, rng.IntN(500), 0)
		if err := c.SendToGroup(ctx, "room", client.Text(text), nil); err != nil {
			t.Errorf("sender %d, message %d: %v", sender, i, err)
			return
		}
	}
}

// hearAll receives the messages of all senders and checks that each sender's come in order.
func hearAll(t *testing.T, c *client.Client, senders, n int) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	next := make([]int, senders)
	for range senders * n {
		m, err := c.Receive(ctx)
		if err != nil {
			t.Errorf("receive after %v: %v", next, err)
			return
		}
		var sender, i int
		if _, err := fmt.Sscan(string(m.Data.Bytes), &sender, &i); err != nil || i != next[sender] {
			t.Errorf("received %.20q; expected number %d", m.Data.Bytes, next[sender])
			return
		}
		next[sender]++
	}
}
