package connection

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// streams are those that the client publishes.
//
// Source: JSON subprotocol, streaming to a group.
type streams struct {
	active map[string]*stream
	// How the latest ones ended, so that a client that repeats itself after a recovery
	// learns the same again; nil is a normal end.
	finished map[string]*wire.Error
	order    []string // of finished
}

type stream struct {
	group    webpubsub.GroupName
	noEcho   bool
	next     uint64 // sequence id
	idle     time.Duration
	deadline time.Time
}

// deadline is when the next stream has been idle for too long; zero is never.
func (t *streams) deadline() (next time.Time) {
	for _, st := range t.active {
		if next.IsZero() || st.deadline.Before(next) {
			next = st.deadline
		}
	}
	return next
}

// finish remembers how a stream ended.
func (t *streams) finish(id string, why *wire.Error) {
	delete(t.active, id)
	if t.finished == nil {
		t.finished = map[string]*wire.Error{}
	}
	if _, again := t.finished[id]; !again {
		t.order = append(t.order, id)
	}
	t.finished[id] = why
	if len(t.order) > webpubsub.MaxStreams {
		delete(t.finished, t.order[0])
		t.order = slices.Delete(t.order, 0, 1)
	}
}

// begin forgets an earlier stream of the same id.
func (t *streams) begin(id string, st *stream) {
	if t.active == nil {
		t.active = map[string]*stream{}
	}
	t.active[id] = st
	if _, again := t.finished[id]; again {
		delete(t.finished, id)
		t.order = slices.DeleteFunc(t.order, func(known string) bool { return known == id })
	}
}

func (s *State) startStream(now time.Time, r wire.Request) []Effect {
	if why, tell := s.forbids(r); why != "" {
		return append(tell, s.streamClosed(r.StreamID, &wire.Error{Name: wire.ErrForbidden, Message: why})...)
	}
	if _, active := s.seldom().streams.active[r.StreamID]; active {
		return s.streamClosed(r.StreamID, &wire.Error{Name: wire.ErrBadRequest, Message: "The stream id is in use."})
	}
	if len(s.seldom().streams.active) >= webpubsub.MaxStreams {
		return s.streamClosed(r.StreamID, &wire.Error{Name: wire.ErrBadRequest,
			Message: fmt.Sprintf("The connection has %d active streams; that is the limit.", webpubsub.MaxStreams)})
	}
	s.need().streams.begin(r.StreamID, &stream{group: r.Group, noEcho: r.NoEcho, next: 1, idle: r.StreamIdle, deadline: now.Add(r.StreamIdle)})
	return []Effect{s.streamAck(r.StreamID, 1)}
}

// streamData publishes what comes in order, and acknowledges every message: clients keep
// what is not acknowledged.
func (s *State) streamData(now time.Time, r wire.Request) []Effect {
	st := s.seldom().streams.active[r.StreamID]
	if st == nil {
		return s.streamGone(r.StreamID)
	}
	st.deadline = now.Add(st.idle)
	switch {
	case r.Data == nil: // keep-alive
		return nil
	case r.SequenceID < st.next:
		return []Effect{s.streamAck(r.StreamID, st.next)}
	case r.SequenceID > st.next:
		return []Effect{s.respond(wire.Response{Type: wire.StreamNack, StreamID: r.StreamID, ExpectedSequenceID: st.next,
			Error: &wire.Error{Name: wire.ErrInvalidSequenceID, Message: fmt.Sprintf("expected %d", st.next)}})}
	}
	part := webpubsub.StreamPart{ID: r.StreamID, SequenceID: st.next}
	st.next++
	return []Effect{s.publishPart(st, *r.Data, part), s.streamAck(r.StreamID, st.next)}
}

func (s *State) endStream(r wire.Request) []Effect {
	st := s.seldom().streams.active[r.StreamID]
	if st == nil {
		return s.streamGone(r.StreamID)
	}
	var why *webpubsub.StreamError
	if e := r.StreamError; e != nil {
		why = &webpubsub.StreamError{Name: wire.ErrUser, Message: e.Message, UserErrorCode: e.UserErrorCode}
	}
	s.rare.streams.finish(r.StreamID, nil)
	return append([]Effect{s.publishEnd(r.StreamID, st, why)}, s.streamClosed(r.StreamID, nil)...)
}

// streamGone answers for a stream that is not active.
func (s *State) streamGone(id string) []Effect {
	why, known := s.seldom().streams.finished[id]
	if !known {
		why = &wire.Error{Name: wire.ErrStreamNotFound, Message: "The stream is not known."}
	}
	return s.streamClosed(id, why)
}

func (s *State) streamClosed(id string, why *wire.Error) []Effect {
	return []Effect{s.respond(wire.Response{Type: wire.StreamClosed, StreamID: id, Error: why})}
}

func (s *State) streamAck(id string, expected uint64) Effect {
	return s.respond(wire.Response{Type: wire.StreamAck, StreamID: id, ExpectedSequenceID: expected})
}

func (s *State) publishPart(st *stream, d webpubsub.Data, part webpubsub.StreamPart) Effect {
	return Publish{webpubsub.Message{Group: st.group, FromUserID: s.User, Data: d, Stream: &part}, st.noEcho}
}

// publishEnd tells the group. The last message has an empty text, for clients drop what has
// no data type.
func (s *State) publishEnd(id string, st *stream, why *webpubsub.StreamError) Effect {
	return s.publishPart(st, webpubsub.Data{Type: webpubsub.Text}, webpubsub.StreamPart{ID: id, SequenceID: st.next, End: true, Error: why})
}

func (s *State) closeIdleStreams(now time.Time) (effects []Effect) {
	for _, id := range slices.Sorted(maps.Keys(s.seldom().streams.active)) {
		st := s.rare.streams.active[id]
		if now.Before(st.deadline) {
			continue
		}
		message := fmt.Sprintf("The stream was idle for %v.", st.idle)
		effects = append(effects, s.publishEnd(id, st, &webpubsub.StreamError{Name: wire.ErrIdleTimeout, Message: message}))
		why := &wire.Error{Name: wire.ErrIdleTimeout, Message: message}
		s.rare.streams.finish(id, why)
		if !s.Detached() {
			effects = append(effects, s.streamClosed(id, why)...)
		}
	}
	return effects
}

// cancelStreams ends all streams, for their publisher is gone.
func (s *State) cancelStreams() (effects []Effect) {
	if s.rare == nil {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(s.rare.streams.active)) {
		effects = append(effects, s.publishEnd(id, s.rare.streams.active[id], &webpubsub.StreamError{
			Name: wire.ErrCancelled, Message: "The publisher's connection ended.",
		}))
	}
	s.rare.streams = streams{}
	return effects
}
