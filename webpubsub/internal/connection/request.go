package connection

import (
	"fmt"
	"strconv"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// request carries out a well-formed request.
func (s *State) request(now time.Time, r wire.Request) []Effect {
	switch r.Type {
	case wire.Ping:
		return pongs[s.format]
	case wire.SequenceAck:
		if s.replay != nil {
			s.replay.acknowledge(r.SequenceID)
		}
		return nil
	case wire.CancelInvocation:
		return s.cancelInvocation(r.InvocationID)
	case wire.Invoke:
		return s.raise(r)
	case wire.StreamStart:
		return s.startStream(now, r)
	case wire.StreamData:
		return s.streamData(now, r)
	case wire.StreamEnd:
		return s.endStream(r)
	}
	return s.acknowledged(now, r)
}

// pongs are the answers to ping. They all look the same.
var pongs = [...][]Effect{
	wire.JSON:               pong(wire.JSON),
	wire.Protobuf:           pong(wire.Protobuf),
	wire.ProtobufJSONAsText: pong(wire.ProtobufJSONAsText),
}

func pong(f wire.Format) []Effect {
	return []Effect{Send{Frame{f.Text(), wire.EncodeResponse(f, wire.Response{Type: wire.Pong})}}}
}

// acknowledged carries out a request that may have an ack id.
func (s *State) acknowledged(now time.Time, r wire.Request) []Effect {
	if s.ackIDs.known(r.AckID) {
		tell := []Effect{Refusal{Duplicate: strconv.FormatUint(*r.AckID, 10)}}
		return append(tell, s.nack(r, wire.ErrDuplicate, fmt.Sprintf("Message with ack-id: %d has been processed", *r.AckID))...)
	}
	if r.Type == wire.Event {
		return s.raise(r)
	}
	if why, tell := s.forbids(r); why != "" {
		return append(tell, s.nack(r, wire.ErrForbidden, why)...)
	}
	switch r.Type {
	case wire.JoinGroup:
		return s.succeed(r, Join{r.Group})
	case wire.LeaveGroup:
		return s.succeed(r, Leave{r.Group})
	case wire.SendToGroup:
		m := webpubsub.Message{Group: r.Group, FromUserID: s.User, Data: *r.Data, Metadata: r.Metadata, TTL: r.TTL}
		return s.succeed(r, Publish{m, r.NoEcho})
	}
	return s.groupState(now, r)
}

// needs says which permission a request for a group takes, and how to speak of it. To
// unsubscribe takes none.
var needs = map[wire.RequestType]struct {
	kind webpubsub.Permission
	verb string
}{
	wire.JoinGroup:           {webpubsub.JoinLeaveGroup, "join"},
	wire.LeaveGroup:          {webpubsub.JoinLeaveGroup, "leave"},
	wire.SendToGroup:         {webpubsub.SendToGroup, "send to"},
	wire.StreamStart:         {webpubsub.SendToGroup, "send to"},
	wire.SetGroupState:       {webpubsub.SendToGroup, "set the state of"},
	wire.SubscribeGroupState: {webpubsub.JoinLeaveGroup, "subscribe to the state of"},
}

// forbids says why a request is not allowed, and tells of it; empty when it is.
func (s *State) forbids(r wire.Request) (why string, tell []Effect) {
	need, limited := needs[r.Type]
	if !limited || s.Permissions.Allows(need.kind, r.Group) {
		return "", nil
	}
	tell = []Effect{Refusal{Permission: need.kind, Group: r.Group}}
	return fmt.Sprintf("The client does not have permission to %s group '%s'.", need.verb, r.Group), tell
}

// succeed returns the effects and the ack, if one is wanted.
func (s *State) succeed(r wire.Request, effects ...Effect) []Effect {
	if r.AckID == nil {
		return effects
	}
	s.ackIDs.remember(*r.AckID)
	return append(effects, s.respond(wire.Response{Type: wire.Ack, AckID: *r.AckID, Success: true}))
}

// nack reports a failure to whoever asked for an ack, and nothing to others.
func (s *State) nack(r wire.Request, name, message string) []Effect {
	if r.AckID == nil {
		return nil
	}
	return []Effect{s.respond(wire.Response{Type: wire.Ack, AckID: *r.AckID, Error: &wire.Error{Name: name, Message: message}})}
}
