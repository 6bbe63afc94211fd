package connection

import (
	"fmt"
	"strconv"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// request carries out a well-formed request.
func (s *State) request(r wire.Request) []Effect {
	switch {
	case r.Type == wire.Ping:
		return []Effect{s.send(wire.Response{Type: wire.Pong})}
	case r.Type == wire.SequenceAck:
		s.replay.acknowledge(r.SequenceID)
		return nil
	case s.ackIDs.known(r.AckID):
		s.refused(Refusal{Duplicate: strconv.FormatUint(*r.AckID, 10)})
		return s.nack(r, wire.ErrDuplicate, fmt.Sprintf("Message with ack-id: %d has been processed", *r.AckID))
	case r.Type == wire.Event:
		return s.raise(r)
	}
	if kind, verb := needs(r.Type); !s.Permissions.Allows(kind, r.Group) {
		s.refused(Refusal{Permission: kind, Group: r.Group})
		return s.nack(r, wire.ErrForbidden, fmt.Sprintf("The client does not have permission to %s group '%s'.", verb, r.Group))
	}
	return s.succeed(r, s.groupEffect(r))
}

// needs says which permission a group request takes, and how to speak of it.
func needs(t wire.RequestType) (kind webpubsub.Permission, verb string) {
	switch t {
	case wire.JoinGroup:
		return webpubsub.JoinLeaveGroup, "join"
	case wire.LeaveGroup:
		return webpubsub.JoinLeaveGroup, "leave"
	default:
		return webpubsub.SendToGroup, "send to"
	}
}

func (s *State) groupEffect(r wire.Request) Effect {
	switch r.Type {
	case wire.JoinGroup:
		return Join{r.Group}
	case wire.LeaveGroup:
		return Leave{r.Group}
	default:
		return Publish{webpubsub.Message{Group: r.Group, FromUserID: s.User, Data: *r.Data, TTL: r.TTL}, r.NoEcho}
	}
}

// succeed returns the effects and the ack, if one is wanted.
func (s *State) succeed(r wire.Request, effects ...Effect) []Effect {
	if r.AckID == nil {
		return effects
	}
	s.ackIDs.remember(*r.AckID)
	return append(effects, s.send(wire.Response{Type: wire.Ack, AckID: *r.AckID, Success: true}))
}

// nack reports a failure to whoever asked for an ack, and nothing to others.
func (s *State) nack(r wire.Request, name, message string) []Effect {
	if r.AckID == nil {
		return nil
	}
	return []Effect{s.send(wire.Response{Type: wire.Ack, AckID: *r.AckID, Error: &wire.Error{Name: name, Message: message}})}
}

func (s *State) raise(r wire.Request) []Effect {
	s.pending = &r
	return []Effect{Raise{Event: r.Event, Data: *r.Data, EventID: s.nextEventID()}}
}

// EventDone is told how the user event at its handler ended. Then the frames behind it
// have their turn.
func (s *State) EventDone(now time.Time, o Outcome) []Effect {
	r := s.pending
	s.pending = nil
	if s.ended || r == nil {
		return nil
	}
	effects := s.settle(now, *r, o)
	for len(s.waiting) > 0 && s.pending == nil && !s.ended {
		f := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.waitingSize -= len(f.Bytes)
		effects = append(effects, s.Receive(f)...)
	}
	return effects
}

// settle answers the event: state, then the handler's data, then the ack.
func (s *State) settle(now time.Time, r wire.Request, o Outcome) []Effect {
	if o.Failed && s.Protocol == Simple {
		return s.fail(CloseServerError, serverError)
	}
	if o.Failed {
		return s.nack(r, wire.ErrInternal, serverError)
	}
	if o.State != nil {
		s.ConnectionState = o.State
	}
	var effects []Effect
	if o.Data != nil {
		effects = s.Deliver(now, wire.Share(webpubsub.Message{Data: *o.Data}))
	}
	if s.ended {
		return effects
	}
	return s.succeed(r, effects...)
}
