package connection

import (
	"fmt"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// pending is the event or invocation at its handler.
type pending struct {
	wire.Request
	cancelled bool // by its client, so that no answer is owed
}

func (s *State) raise(r wire.Request) []Effect {
	s.pending = &pending{Request: r}
	e := Raise{Event: r.Event, Data: webpubsub.Data{Type: webpubsub.Text}, Metadata: r.Metadata, EventID: s.nextEventID()}
	if r.Data != nil { // else it is an invocation without
		e.Data = *r.Data
	}
	return []Effect{e}
}

// EventDone is told how the event at its handler ended. Then the frames behind it have their
// turn.
func (s *State) EventDone(now time.Time, o Outcome) []Effect {
	p := s.pending
	s.pending = nil
	if s.ended || p == nil {
		return nil
	}
	if o.State != nil && !o.Failed {
		s.ConnectionState = o.State
	}
	effects := s.settle(now, *p, o)
	return s.setTimer(append(effects, s.takeWaiting(now)...))
}

// settle answers the event: the handler's data, then the ack.
func (s *State) settle(now time.Time, p pending, o Outcome) []Effect {
	switch {
	case p.cancelled:
		return nil
	case p.Type == wire.Invoke:
		return []Effect{s.invokeResponse(p.Request, o)}
	case o.Failed && s.Protocol == Simple:
		return s.fail(CloseServerError, serverError)
	case o.Failed:
		return s.nack(p.Request, wire.ErrInternal, serverError)
	}
	var effects []Effect
	if m := o.message(); m != nil {
		effects = s.deliver(now, *m)
	}
	if s.ended {
		return effects
	}
	return s.succeed(p.Request, effects...)
}

// message is the handler's answer; nil when there is none. Metadata alone makes one.
func (o Outcome) message() *webpubsub.Message {
	switch {
	case o.Data != nil:
		return &webpubsub.Message{Data: *o.Data, Metadata: o.Metadata}
	case len(o.Metadata) > 0:
		return &webpubsub.Message{Data: webpubsub.Data{Type: webpubsub.Text}, Metadata: o.Metadata}
	}
	return nil
}

func (s *State) invokeResponse(r wire.Request, o Outcome) Effect {
	answer := wire.Response{Type: wire.InvokeResponse, InvocationID: r.InvocationID, Success: !o.Failed}
	if o.Failed {
		answer.Error = &wire.Error{Name: wire.ErrInternal, Message: serverError}
	} else {
		answer.Data = o.Data
	}
	return s.respond(answer)
}

// refuseInvocation answers at once one that is too many.
func (s *State) refuseInvocation(r wire.Request) Effect {
	return s.respond(wire.Response{Type: wire.InvokeResponse, InvocationID: r.InvocationID, Error: &wire.Error{
		Name:    wire.ErrTransient,
		Message: fmt.Sprintf("The connection has %d invocations under way; that is the limit.", webpubsub.MaxInvocations),
	}})
}
