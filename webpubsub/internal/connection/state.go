package connection

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// Protocol is the framing of a connection.
type Protocol uint8

// The framings.
const (
	// Simple clients exchange bare payloads.
	Simple Protocol = iota
	JSON
	ReliableJSON
)

// ProtocolOf returns the framing of a subprotocol's name, in any case.
func ProtocolOf(name string) (p Protocol, known bool) {
	switch strings.ToLower(name) {
	case "json.webpubsub.azure.v1":
		return JSON, true
	case "json.reliable.webpubsub.azure.v1":
		return ReliableJSON, true
	}
	return Simple, false
}

// Mode is what becomes of a simple client's messages.
type Mode struct {
	// SendToGroup is the group they are published to; empty makes them events.
	SendToGroup webpubsub.GroupName
	NoEcho      bool
}

// Config is what is fixed when a connection is accepted.
type Config struct {
	ID          webpubsub.ConnectionID
	User        webpubsub.UserID
	Protocol    Protocol
	Mode        Mode
	Permissions *webpubsub.Permissions
	// ConnectionState is what the connect handler set; nil is nothing.
	ConnectionState *string
	// Refused is told of requests that are not carried out, for diagnosis; it must not call
	// the State. Nil is nobody.
	Refused func(Refusal)
}

// State is one connection. Make it with [New].
type State struct {
	Config
	ackIDs ackIDs
	replay replay

	pending     *wire.Request // the user event at its handler
	waiting     []Frame       // behind it
	waitingSize int

	events   uint64 // ids given out; connect and connected are taken
	detached bool
	ended    bool
}

// New returns an accepted connection.
func New(c Config) *State {
	if c.Permissions == nil {
		c.Permissions = &webpubsub.Permissions{}
	}
	return &State{Config: c, events: 2}
}

// Reliable reports whether the connection may outlive its socket.
func (s *State) Reliable() bool { return s.Protocol == ReliableJSON }

// Detached reports whether the connection waits for its client to come back.
func (s *State) Detached() bool { return s.detached }

// Ended reports whether the connection is over.
func (s *State) Ended() bool { return s.ended }

// Busy reports whether no further frame should be read for now: too many wait for a user
// event to be answered.
func (s *State) Busy() bool {
	return s.pending != nil && (len(s.waiting) >= maxWaitingFrames || s.waitingSize >= maxWaitingBytes)
}

func (s *State) nextEventID() uint64 {
	s.events++
	return s.events - 1
}

// Start greets the client. The token is for reliable connections.
func (s *State) Start(reconnectionToken string) []Effect {
	if s.Protocol == Simple {
		return nil
	}
	return []Effect{s.send(wire.Response{Type: wire.Connected, UserID: s.User, ConnectionID: s.ID, ReconnectionToken: reconnectionToken})}
}

func (s *State) send(r wire.Response) Effect { return frame(wire.EncodeResponse(wire.JSON, r)) }

func frame(b []byte) Effect { return Send{Frame{Text: true, Bytes: b}} }

// Receive takes a frame from the client. Its bytes must not be changed afterwards.
func (s *State) Receive(f Frame) []Effect {
	switch {
	case s.ended || s.detached:
		return nil
	case s.pending != nil:
		s.waiting = append(s.waiting, f)
		s.waitingSize += len(f.Bytes)
		return nil
	case s.Protocol == Simple:
		return s.receiveBare(f)
	}
	return s.receiveJSON(f)
}

func (s *State) receiveBare(f Frame) []Effect {
	d := webpubsub.Data{Type: webpubsub.Binary, Bytes: f.Bytes}
	if f.Text {
		if !utf8.Valid(f.Bytes) {
			return s.fail(CloseInvalid, "The client message is not valid UTF-8.")
		}
		d.Type = webpubsub.Text
	}
	g := s.Mode.SendToGroup
	if g == "" {
		return s.raise(wire.Request{Type: wire.Event, Event: "message", Data: &d})
	}
	if !s.Permissions.Allows(webpubsub.SendToGroup, g) {
		return s.fail(ClosePolicy, rawSendForbidden)
	}
	return []Effect{Publish{webpubsub.Message{Group: g, FromUserID: s.User, Data: d}, s.Mode.NoEcho}}
}

func (s *State) receiveJSON(f Frame) []Effect {
	if !f.Text {
		return s.fail(CloseUnsupported, wrongFrameType)
	}
	r, err := wire.DecodeRequest(wire.JSON, f.Bytes)
	if err != nil {
		s.refused(Refusal{Malformed: err})
		return s.fail(CloseInvalid, invalidMessage)
	}
	return s.request(r)
}

// TooLarge is told instead of a frame beyond the limit.
func (s *State) TooLarge() []Effect { return s.fail(CloseTooLarge, messageTooLarge) }

// FrameInvalid is told when the WebSocket framing is broken.
func (s *State) FrameInvalid() []Effect { return s.fail(CloseProtocol, frameInvalid) }

// QueueFull is told when the socket's outbound queue has reached its bound.
func (s *State) QueueFull() []Effect { return s.fail(ClosePolicy, queueFull) }

// fail ends the connection by the service's own decision.
func (s *State) fail(code int, reason string) []Effect {
	return s.end(reason, Close{code, clipReason(reason)})
}

// Close ends the connection at the application's wish.
//
// Source: REST API, Close Connection.
func (s *State) Close(reason string) []Effect {
	message := closedByServer
	if reason != "" {
		message += " Reason: " + reason
	}
	if s.Protocol == Simple {
		return s.end(message, Close{CloseNormal, clipReason(message)})
	}
	return s.end(message, s.send(wire.Response{Type: wire.Disconnected, Reason: message}), Close{CloseNormal, ""})
}

// Shutdown ends the connection because the service stops.
func (s *State) Shutdown() []Effect {
	if s.Protocol == Simple {
		return s.end(serviceReload, Close{CloseGoingAway, serviceReload})
	}
	return s.end(serviceReload, s.send(wire.Response{Type: wire.Disconnected, Reason: serviceReload}), Close{CloseGoingAway, serviceReload})
}

// Dropped is told when the socket is gone: with the code of the client's close frame, or
// 1005 or 1006 without one.
func (s *State) Dropped(code int, reason string) []Effect {
	switch {
	case s.ended || s.detached:
		return nil
	case s.Reliable() && code != CloseNormal:
		s.detached = true
		return []Effect{Detach{}}
	}
	return s.end(reason)
}

// Expire is told when the recovery window is over.
func (s *State) Expire() []Effect {
	if !s.detached {
		return nil
	}
	return s.end(recoveryExpired)
}

// Resume attaches a new socket to a reliable connection: the greeting with a fresh token,
// then everything that was not acknowledged, with its old sequence ids.
func (s *State) Resume(now time.Time, reconnectionToken string) []Effect {
	s.detached = false
	effects := s.Start(reconnectionToken)
	for _, m := range s.replay.live(now) {
		effects = append(effects, frame(m.frame))
	}
	return effects
}

func (s *State) end(reason string, before ...Effect) []Effect {
	if s.ended {
		return nil
	}
	s.ended = true
	s.waiting, s.waitingSize, s.replay = nil, 0, replay{}
	return append(before, End{Reason: reason, EventID: s.nextEventID()})
}

// Deliver takes a message for the client.
func (s *State) Deliver(now time.Time, m *wire.Shared) []Effect {
	switch {
	case s.ended:
		return nil
	case s.Protocol == Simple:
		text, payload := m.Bare()
		return []Effect{Send{Frame{Text: text, Bytes: payload}}}
	case s.Protocol == JSON:
		return []Effect{frame(m.Frame(wire.JSON))}
	}
	f, ok := s.replay.add(m, expiry(now, m.Message.TTL))
	if !ok {
		return s.fail(ClosePolicy, reliableFull)
	}
	if s.detached {
		return nil
	}
	return []Effect{frame(f)}
}

// clipReason cuts a close reason to what a close frame can carry.
func clipReason(s string) string {
	if len(s) <= maxReasonBytes {
		return s
	}
	s = s[:maxReasonBytes]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}
