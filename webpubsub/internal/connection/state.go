package connection

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// Mode is what becomes of a simple client's messages.
type Mode struct {
	// SendToGroup is the group they are published to; empty makes them events.
	SendToGroup webpubsub.GroupName
	NoEcho      bool
}

// Config is what is fixed when a connection is accepted.
type Config struct {
	User     webpubsub.UserID
	Protocol Protocol
	// JSONAsText sends JSON payloads to protobuf clients as text_data.
	JSONAsText bool
	// Mode is for simple clients.
	Mode        Mode
	Permissions webpubsub.Permissions
	// ConnectionState is what the connect handler set; nil is nothing.
	ConnectionState *string
	// RecoveryWindow is how long a reliable connection lives on without socket; 0 is
	// [webpubsub.RecoveryWindow].
	RecoveryWindow time.Duration
	// MaxUnacknowledged and MaxUnacknowledgedBytes bound what a reliable connection keeps
	// for its client; 0 is [webpubsub.MaxQueuedMessages] and [webpubsub.MaxQueuedBytes].
	MaxUnacknowledged, MaxUnacknowledgedBytes int
}

// State is one connection. Make it with [New]. There are many, most of them quiet: what few
// need is in [rare] and replay.
type State struct {
	// Fixed.
	User   webpubsub.UserID
	limits *limits

	Permissions webpubsub.Permissions
	// ConnectionState is what a handler attached last; nil is nothing.
	ConnectionState *string

	ackIDs  ackIDs
	replay  *replay  // nil unless the connection is reliable and got a message
	rare    *rare    // nil until it is needed
	events  uint64   // ids given out; connect and connected are taken
	pending *pending // the event or invocation at its handler

	Protocol Protocol
	format   wire.Format
	ended    bool
	gone     bool // the socket, while the connection waits for its client
}

// limits are mostly the same for all connections.
type limits struct {
	recoveryWindow  time.Duration
	messages, bytes int // unacknowledged
}

var defaultLimits = limits{webpubsub.RecoveryWindow, webpubsub.MaxQueuedMessages, webpubsub.MaxQueuedBytes}

// rare is what most connections never have.
type rare struct {
	mode    Mode
	waiting []incoming // behind the pending event
	size    int        // of what is waiting, in bytes
	streams streams
	groups  groupStates
	expires time.Time // when the recovery window ends, while the socket is gone
	alarm   time.Time // what the caller's timer is set to; zero is nothing
}

// New returns an accepted connection.
func New(c Config) *State {
	s := &State{
		User: c.User, Protocol: c.Protocol, format: c.Protocol.format(c.JSONAsText),
		Permissions: c.Permissions, ConnectionState: c.ConnectionState,
		limits: &defaultLimits,
		events: 2,
	}
	if l := limitsOf(c); l != defaultLimits {
		s.limits = &l
	}
	if c.Protocol == Simple && c.Mode != (Mode{}) {
		s.need().mode = c.Mode
	}
	return s
}

func limitsOf(c Config) limits {
	return limits{
		cmp.Or(c.RecoveryWindow, defaultLimits.recoveryWindow),
		cmp.Or(c.MaxUnacknowledged, defaultLimits.messages),
		cmp.Or(c.MaxUnacknowledgedBytes, defaultLimits.bytes),
	}
}

// nothing is what a connection has of [rare] that has nothing; nobody writes to it.
var nothing rare

// seldom is for reading.
func (s *State) seldom() *rare {
	if s.rare == nil {
		return &nothing
	}
	return s.rare
}

// need is for writing.
func (s *State) need() *rare {
	if s.rare == nil {
		s.rare = &rare{}
	}
	return s.rare
}

// Mode is what becomes of the messages of a simple client.
func (s *State) Mode() Mode { return s.seldom().mode }

// Reliable reports whether the connection may outlive its socket.
func (s *State) Reliable() bool { return s.Protocol.Reliable() }

// Detached reports whether the connection waits for its client to come back.
func (s *State) Detached() bool { return s.gone }

// Ended reports whether the connection is over.
func (s *State) Ended() bool { return s.ended }

// NextEventID gives out the id of an event that the state does not raise: of a group that
// is joined or left, and of the end.
func (s *State) NextEventID() uint64 { return s.nextEventID() }

func (s *State) nextEventID() uint64 {
	s.events++
	return s.events - 1
}

// Start greets the client with its connection's id. The token is for reliable connections.
func (s *State) Start(id webpubsub.ConnectionID, reconnectionToken string) []Effect {
	if s.Protocol == Simple {
		return nil
	}
	return []Effect{s.respond(wire.Response{Type: wire.Connected, UserID: s.User, ConnectionID: id, ReconnectionToken: reconnectionToken})}
}

// frame is b in the format of the connection's subprotocol.
func (s *State) frame(b []byte) Frame { return Frame{s.format.Text(), b} }

func (s *State) respond(r wire.Response) Effect {
	return Send{s.frame(wire.EncodeResponse(s.format, r))}
}

// Deliver takes a message, or news of group state, for the client. It returns the frame to
// send, if there is one, or the effects of the connection's end.
// The time counts for a message with a TTL, and while the connection is detached.
func (s *State) Deliver(now time.Time, m *wire.Shared) (f Frame, send bool, rest []Effect) {
	switch {
	case s.ended:
		return Frame{}, false, nil
	case s.Protocol == Simple:
		bare, text := m.Bare()
		return Frame{text, bare}, true, nil
	case !s.Reliable():
		f := m.Frame(s.format)
		return s.frame(f), f != nil, nil
	}
	if s.replay == nil {
		s.replay = &replay{}
	}
	f = s.frame(m.Reliable(s.format, s.replay.last+1))
	if f.Bytes == nil {
		return Frame{}, false, nil
	}
	if !s.roomFor(now, f) {
		return Frame{}, false, s.fail(ClosePolicy, reliableFull)
	}
	s.replay.add(f, expiry(now, m.Message.TTL))
	return f, !s.Detached(), nil
}

// roomFor reports whether a frame can be kept. While the client is away, messages that have
// waited for too long make room; one that is there is only behind with its acks.
func (s *State) roomFor(now time.Time, f Frame) bool {
	if s.replay.fits(f, s.limits.messages, s.limits.bytes) {
		return true
	}
	if !s.Detached() {
		return false
	}
	s.replay.live(now)
	return s.replay.fits(f, s.limits.messages, s.limits.bytes)
}

// deliver is Deliver for the connection's own use.
func (s *State) deliver(now time.Time, m webpubsub.Message) []Effect {
	f, send, rest := s.Deliver(now, wire.Share(m))
	if send {
		return []Effect{Send{f}}
	}
	return rest
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
		message += " Reason: " + strings.ToValidUTF8(reason, "\uFFFD")
	}
	if s.Protocol == Simple {
		return s.end(message, Close{CloseNormal, clipReason(message)})
	}
	return s.end(message, s.respond(wire.Response{Type: wire.Disconnected, Reason: message}), Close{CloseNormal, ""})
}

// Shutdown ends the connection because the service stops.
func (s *State) Shutdown() []Effect {
	if s.Protocol == Simple {
		return s.end(serviceReload, Close{CloseGoingAway, serviceReload})
	}
	return s.end(serviceReload, s.respond(wire.Response{Type: wire.Disconnected, Reason: serviceReload}), Close{CloseGoingAway, serviceReload})
}

// Dropped is told when the socket is gone: with the code of the client's close frame, or
// 1005 or 1006 without one.
func (s *State) Dropped(now time.Time, code int, reason string) []Effect {
	switch {
	case s.ended || s.Detached():
		return nil
	case s.Reliable() && code != CloseNormal:
		s.gone, s.need().expires = true, now.Add(s.limits.recoveryWindow)
		return s.setTimer([]Effect{Detach{}})
	}
	return s.end(reason)
}

// Resume attaches a new socket to a reliable connection: the greeting with a fresh token,
// then everything that was not acknowledged, with its old sequence ids.
func (s *State) Resume(now time.Time, id webpubsub.ConnectionID, reconnectionToken string) []Effect {
	s.gone = false
	effects := s.Start(id, reconnectionToken)
	if s.replay == nil {
		return effects
	}
	for _, m := range s.replay.live(now) {
		effects = append(effects, Send{s.frame(m.frame)})
	}
	return effects
}

// Tick is told when the time of a [Timer] has come.
func (s *State) Tick(now time.Time) []Effect {
	s.need().alarm = time.Time{}
	if s.ended {
		return nil
	}
	if s.Detached() && !now.Before(s.rare.expires) {
		return s.end(recoveryExpired)
	}
	return s.setTimer(s.closeIdleStreams(now))
}

// setTimer adds a Timer when the next deadline is before the one that is set.
func (s *State) setTimer(effects []Effect) []Effect {
	r := s.rare
	if r == nil || s.ended {
		return effects
	}
	next := r.streams.deadline()
	if s.Detached() && (next.IsZero() || r.expires.Before(next)) {
		next = r.expires
	}
	if next.IsZero() || !r.alarm.IsZero() && !next.Before(r.alarm) {
		return effects
	}
	r.alarm = next
	return append(effects, Timer{next})
}

// end is the last thing that happens to a connection.
func (s *State) end(reason string, effects ...Effect) []Effect {
	if s.ended {
		return nil
	}
	if s.Protocol == Simple && s.pending != nil {
		effects = append(effects, CancelRaise{})
	}
	effects = append(effects, s.cancelStreams()...)
	s.ended = true
	s.replay = nil
	if s.rare != nil {
		s.rare.waiting, s.rare.size = nil, 0
	}
	return append(effects, End{Reason: reason, EventID: s.events})
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
