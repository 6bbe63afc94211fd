package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/client"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

func (s *fakeSocket) streamAck(id string, expected uint64) {
	s.t.Helper()
	s.send(wire.Response{Type: wire.StreamAck, StreamID: id, ExpectedSequenceID: expected})
	synctest.Wait()
}

// open opens a stream to room that the service accepts.
func (f *fake) open(c *client.Client, s *fakeSocket, o *client.StreamOptions) *client.StreamWriter {
	f.t.Helper()
	var w *client.StreamWriter
	opened := async(func() (err error) { w, err = c.OpenStream(f.t.Context(), "room", o); return err })
	start := s.next(wire.StreamStart)
	if start.Group != "room" || start.AckID != nil || start.StreamIdle <= 0 {
		f.t.Errorf("stream start %+v", start)
	}
	s.quiet()
	s.streamAck(start.StreamID, 1)
	check(f.t, <-opened)
	if w.ID() != start.StreamID {
		f.t.Errorf("stream %s is called %s", start.StreamID, w.ID())
	}
	return w
}

// part takes the next part of a stream and checks it.
func (s *fakeSocket) part(n uint64, text string) {
	s.t.Helper()
	if r := s.next(wire.StreamData); r.SequenceID != n || r.Data == nil || string(r.Data.Bytes) != text {
		s.t.Errorf("part %d with %v; want %d with %q", r.SequenceID, r.Data, n, text)
	}
}

func write(t *testing.T, w *client.StreamWriter, text string) {
	t.Helper()
	check(t, w.Write(t.Context(), client.Text(text)))
}

func TestStream_writesWaitForRoomInTheWindow(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		w := f.open(c, s, &client.StreamOptions{Window: 2, NoEcho: true})
		write(t, w, "a")
		write(t, w, "b")
		third := async(func() error { return w.Write(t.Context(), client.Text("c")) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.Write(ctx, client.Text("never")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("write into a full window: %v", err)
		}
		s.part(1, "a")
		s.part(2, "b")
		s.quiet()
		s.streamAck(w.ID(), 2)
		check(t, <-third)
		s.part(3, "c")
		s.streamAck(w.ID(), 4)
		closed := async(func() error { return w.Close(t.Context()) })
		if end := s.next(wire.StreamEnd); end.StreamID != w.ID() || end.StreamError != nil {
			t.Errorf("end %+v", end)
		}
		s.streamAck(w.ID(), 5) // the end takes a number
		s.send(wire.Response{Type: wire.StreamClosed, StreamID: w.ID()})
		check(t, <-closed)
		check(t, w.Close(t.Context()))
		expectCode(t, "write after close", w.Write(t.Context(), client.Text("x")), webpubsub.Conflict)
	})
}

func TestStream_badPart_isRefusedAndTheStreamGoesOn(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		w := f.open(c, s, nil)
		expectCode(t, "not JSON", w.Write(t.Context(), client.JSON([]byte("{"))), webpubsub.BadRequest)
		expectCode(t, "too large", w.Write(t.Context(), client.Binary(make([]byte, 1<<20))), webpubsub.TooLarge)
		write(t, w, "a")
		s.part(1, "a")
	})
}

func TestStream_overARecovery_sendsTheRestAgain(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		w := f.open(c, s, nil)
		for _, text := range []string{"a", "b", "c"} {
			write(t, w, text)
		}
		s.part(1, "a")
		s.streamAck(w.ID(), 2)
		f.refuse(503)
		s.drop()
		synctest.Wait()
		write(t, w, "d") // while there is no socket
		closed := async(func() error { return w.CloseWithError(t.Context(), "E1", "stopped") })
		f.refuse(0)
		s = f.socket()
		s.part(2, "b")
		s.part(3, "c")
		s.part(4, "d")
		if end := s.next(wire.StreamEnd); end.StreamError == nil || end.StreamError.UserErrorCode != "E1" || end.StreamError.Message != "stopped" {
			t.Errorf("end %+v", end.StreamError)
		}
		s.drop() // the end got through, its answer did not
		s = f.socket()
		s.part(2, "b")
		s.part(3, "c")
		s.part(4, "d")
		s.next(wire.StreamEnd)
		s.send(wire.Response{Type: wire.StreamClosed, StreamID: w.ID()})
		check(t, <-closed)
	})
}

func TestStream_nack_sendsAgainFromThere_once(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		w := f.open(c, s, nil)
		for i, text := range []string{"a", "b", "c"} {
			write(t, w, text)
			s.part(uint64(i+1), text)
		}
		for range 2 {
			s.send(wire.Response{Type: wire.StreamNack, StreamID: w.ID(), Error: &wire.Error{Name: wire.ErrInvalidSequenceID}, ExpectedSequenceID: 2})
		}
		s.part(2, "b")
		s.part(3, "c")
		time.Sleep(5 * time.Second)
		s.quiet()
	})
}

func TestStream_impossibleAck_isAProtocolViolation(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		w := f.open(c, s, nil)
		write(t, w, "a")
		s.part(1, "a")
		s.streamAck(w.ID(), 3)
		if end := s.next(wire.StreamEnd); end.StreamError == nil || end.StreamError.UserErrorCode != "ProtocolViolation" {
			t.Errorf("end %+v", end.StreamError)
		}
		expectCode(t, "write", w.Write(t.Context(), client.Text("b")), webpubsub.Internal)
		expectCode(t, "close", w.Close(t.Context()), webpubsub.Internal)
	})
}

func TestStream_firstAckTooFar_failsTheOpening(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		opened := async(func() error { _, err := c.OpenStream(t.Context(), "room", nil); return err })
		s.streamAck(s.next(wire.StreamStart).StreamID, 2)
		expectCode(t, "open", <-opened, webpubsub.Internal)
	})
}

func TestStream_refused(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		opened := async(func() error { _, err := c.OpenStream(t.Context(), "room", nil); return err })
		s.send(wire.Response{Type: wire.StreamClosed, StreamID: s.next(wire.StreamStart).StreamID, Error: &wire.Error{Name: wire.ErrForbidden, Message: "no"}})
		expectCode(t, "open", <-opened, webpubsub.Forbidden)
	})
}

func TestStream_closedByTheService_failsWrites(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		w := f.open(c, s, &client.StreamOptions{Window: 1})
		write(t, w, "a")
		waiting := async(func() error { return w.Write(t.Context(), client.Text("b")) })
		synctest.Wait()
		s.send(wire.Response{Type: wire.StreamClosed, StreamID: w.ID(), Error: &wire.Error{Name: wire.ErrIdleTimeout, Message: "too slow"}})
		expectCode(t, "waiting write", <-waiting, webpubsub.Unavailable)
		expectCode(t, "close", w.Close(t.Context()), webpubsub.Unavailable)
	})
}

func TestStream_socketLostBeforeItIsAccepted_failsTheOpening(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		opened := async(func() error { _, err := c.OpenStream(t.Context(), "room", nil); return err })
		s.next(wire.StreamStart)
		s.drop()
		expectCode(t, "open", <-opened, webpubsub.Unavailable)
		f.socket().quiet()
	})
}

func TestStream_connectionLostForGood_failsWrites(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		w := f.open(c, s, nil)
		s.ws.Close(websocket.StatusPolicyViolation, "")
		f.socket().greet("c2", "t2")
		synctest.Wait()
		expectCode(t, "write", w.Write(t.Context(), client.Text("a")), webpubsub.Unavailable)
	})
}

func TestStream_openingAbandoned_isEnded(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		opened := async(func() error { _, err := c.OpenStream(ctx, "room", nil); return err })
		start := s.next(wire.StreamStart)
		cancel()
		if err := <-opened; !errors.Is(err, context.Canceled) {
			t.Errorf("open: %v", err)
		}
		if end := s.next(wire.StreamEnd); end.StreamID != start.StreamID {
			t.Errorf("ended %q", end.StreamID)
		}
	})
}

func TestStream_silentWriter_isKeptAlive(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{KeepAliveTimeout: -1})
		w := f.open(c, s, &client.StreamOptions{IdleTimeout: 30 * time.Second})
		start := time.Now()
		for range 3 {
			if r := s.next(wire.StreamData); r.Data != nil || r.StreamID != w.ID() {
				t.Errorf("%+v", r)
			}
		}
		if took := time.Since(start); took < 30*time.Second || took > 34*time.Second {
			t.Errorf("three signs of life in %v", took)
		}
	})
}

// sendPart delivers a part of a stream as the service does.
func (s *fakeSocket) sendPart(sequenceID uint64, text string, p webpubsub.StreamPart) {
	s.t.Helper()
	s.send(wire.Response{Type: wire.Message, SequenceID: sequenceID, Message: webpubsub.Message{Group: "room", FromUserID: "bob", Data: client.Text(text), Stream: &p}})
}

func TestAcceptStream_givesPartsInOrder_ofEachStream(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{AcceptStreams: true})
		s.sendPart(1, "a1", webpubsub.StreamPart{ID: "a", SequenceID: 1})
		s.sendPart(2, "b7", webpubsub.StreamPart{ID: "b", SequenceID: 7}) // joined late
		s.sendPart(3, "a2", webpubsub.StreamPart{ID: "a", SequenceID: 2})
		s.message(4, "in between")
		s.sendPart(5, "", webpubsub.StreamPart{ID: "a", SequenceID: 3, End: true})
		s.sendPart(6, "", webpubsub.StreamPart{ID: "b", SequenceID: 8, End: true, Error: &webpubsub.StreamError{Name: "UserError", Message: "stopped", UserErrorCode: "E1"}})
		s.sendPart(7, "", webpubsub.StreamPart{ID: "unheard", SequenceID: 4, End: true})
		s.sendPart(8, "c1", webpubsub.StreamPart{ID: "c", SequenceID: 1})
		expect(t, c, "room", client.Text("in between"))

		a := acceptStream(t, c, "a", 1)
		hear(t, a, "a1", "a2")
		if _, err := a.Receive(t.Context()); err != io.EOF {
			t.Errorf("end of a: %v", err)
		}
		b := acceptStream(t, c, "b", 7)
		hear(t, b, "b7")
		_, err := b.Receive(t.Context())
		if e, ok := errors.AsType[*client.StreamError](err); !ok || e.UserErrorCode != "E1" || err.Error() != "the stream ended with UserError E1: stopped" {
			t.Errorf("end of b: %v", err)
		}
		cc := acceptStream(t, c, "c", 1)
		cc.Close()
		s.sendPart(9, "c2", webpubsub.StreamPart{ID: "c", SequenceID: 2})
		if _, err := cc.Receive(t.Context()); err != io.ErrClosedPipe {
			t.Errorf("closed by the app: %v", err)
		}
	})
}

func acceptStream(t *testing.T, c *client.Client, id string, first uint64) *client.StreamReader {
	t.Helper()
	r, err := c.AcceptStream(t.Context())
	check(t, err)
	if r.ID != id || r.First != first || r.Group != "room" || r.FromUserID != "bob" {
		t.Errorf("stream %+v", r)
	}
	return r
}

func hear(t *testing.T, r *client.StreamReader, want ...string) {
	t.Helper()
	for _, text := range want {
		if d, err := r.Receive(t.Context()); err != nil || string(d.Bytes) != text {
			t.Errorf("received %q, %v; want %q", d.Bytes, err, text)
		}
	}
}

func TestAcceptStream_partMissing_failsTheStream(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{AcceptStreams: true})
		s.sendPart(1, "1", webpubsub.StreamPart{ID: "a", SequenceID: 1})
		s.sendPart(9, "4", webpubsub.StreamPart{ID: "a", SequenceID: 4})
		s.sendPart(10, "5", webpubsub.StreamPart{ID: "a", SequenceID: 5})
		r := acceptStream(t, c, "a", 1)
		hear(t, r, "1")
		_, err := r.Receive(t.Context())
		expectCode(t, "the gap", err, webpubsub.Unavailable)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if r, err := c.AcceptStream(ctx); err == nil {
			t.Errorf("the rest became stream %+v", r)
		}
	})
}

func TestAcceptStream_connectionLostForGood_failsTheStream(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{AcceptStreams: true})
		s.sendPart(1, "1", webpubsub.StreamPart{ID: "a", SequenceID: 1})
		r := acceptStream(t, c, "a", 1)
		hear(t, r, "1")
		s.ws.Close(websocket.StatusPolicyViolation, "")
		_, err := r.Receive(t.Context())
		expectCode(t, "receive", err, webpubsub.Unavailable)
	})
}

func TestStreamParts_withoutAcceptStreams_areMessages(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{})
		s.sendPart(1, "a1", webpubsub.StreamPart{ID: "a", SequenceID: 1})
		if m := expect(t, c, "room", client.Text("a1")); m.Stream == nil || m.Stream.ID != "a" {
			t.Errorf("%+v", m)
		}
	})
}

// flood sends messages until stopped and counts what the client read.
func (s *fakeSocket) flood(ctx context.Context, n int) *int {
	sent := new(int)
	go func() {
		for i := range n {
			b := wire.EncodeResponse(s.format, wire.Response{Type: wire.Message, SequenceID: uint64(i + 1), Message: webpubsub.Message{Group: "room", Data: client.Text(fmt.Sprintf("%08192d", i))}})
			if s.ws.Write(ctx, websocket.MessageText, b) != nil {
				return
			}
			*sent++
		}
	}()
	synctest.Wait()
	return sent
}

func TestSlowApp_stopsTheReading_andNothingIsLost(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{MaxReceivedMessages: 10, Jitter: -1})
		sent := s.flood(t.Context(), 100)
		if *sent < 10 || *sent > 12 {
			t.Errorf("%d messages were read; the bound is 10", *sent)
		}
		time.Sleep(10 * time.Minute) // a slow app is not a silent service
		synctest.Wait()
		if n := len(f.attempts()); n != 1 {
			t.Errorf("%d connections", n)
		}
		for i := range 100 {
			expect(t, c, "room", client.Text(fmt.Sprintf("%08192d", i)))
		}
	})
}

func TestSlowApp_boundInBytes(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		_, s := f.client(client.Options{MaxReceivedBytes: 100 << 10})
		if sent := s.flood(t.Context(), 100); *sent < 12 || *sent > 15 {
			t.Errorf("%d messages of 8 KiB were read; the bound is 100 KiB", *sent)
		}
	})
}

func TestSlowApp_operationBehindTheFlood_getsItsAnswer(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		c, s := f.client(client.Options{MaxReceivedMessages: 10})
		sent := s.flood(t.Context(), 100)
		joined := async(func() error { return c.JoinGroup(t.Context(), "room") })
		r := s.next(wire.JoinGroup)
		synctest.Wait()
		if *sent != 100 {
			t.Errorf("%d messages were read while an answer is awaited", *sent)
		}
		s.ack(r)
		check(t, <-joined)
		for i := range 100 {
			expect(t, c, "room", client.Text(fmt.Sprintf("%08192d", i)))
		}
	})
}

func TestNoReceive_throwsMessagesAway(t *testing.T) {
	scripted(t, func(t *testing.T, f *fake) {
		_, s := f.client(client.Options{NoReceive: true, MaxReceivedMessages: 10})
		if sent := s.flood(t.Context(), 100); *sent != 100 {
			t.Errorf("%d messages were read", *sent)
		}
		if r := s.next(wire.SequenceAck); r.SequenceID != 100 {
			t.Errorf("acknowledged %d", r.SequenceID)
		}
	})
}
