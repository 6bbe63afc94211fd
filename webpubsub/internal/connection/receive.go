package connection

import (
	"bytes"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// What may wait behind an event before the caller is asked to read no more: messages enough
// for all the invocations a client may have under way, and two messages of the largest size.
const (
	maxWaitingFrames = 2 * webpubsub.MaxInvocations
	maxWaitingBytes  = 2 * webpubsub.MaxMessageBytes
)

// incoming is a client's frame: a request, or the reason to close the connection.
type incoming struct {
	wire.Request
	refusal *Close
	err     error // why it is malformed, for diagnosis
	size    int   // of the frame, in bytes
}

// Receive takes a frame from the client. Its bytes may be used again afterwards: what is kept
// of them is copied.
func (s *State) Receive(now time.Time, f Frame) []Effect {
	if s.ended || s.Detached() {
		return nil
	}
	in := s.read(f)
	switch {
	case s.pending == nil || in.overtakes():
		return s.setTimer(s.take(now, in))
	case in.isInvoke() && s.invocations() >= webpubsub.MaxInvocations:
		return []Effect{s.refuseInvocation(in.Request)}
	}
	r := s.need()
	r.waiting = append(r.waiting, in)
	r.size += in.size
	return nil
}

// Busy reports whether no further frame should be read for now: too many wait for a user
// event to be answered.
func (s *State) Busy() bool {
	r := s.seldom()
	return s.pending != nil && (len(r.waiting) >= maxWaitingFrames || r.size >= maxWaitingBytes)
}

// takeWaiting lets waiting frames have their turn, until one of them has to be handled.
func (s *State) takeWaiting(now time.Time) (effects []Effect) {
	for r := s.rare; r != nil && len(r.waiting) > 0 && s.pending == nil && !s.ended; {
		in := r.waiting[0]
		r.waiting = r.waiting[1:]
		r.size -= in.size
		effects = append(effects, s.take(now, in)...)
	}
	return effects
}

// overtakes: it does not wait for an event to be answered.
func (in incoming) overtakes() bool {
	return in.refusal == nil && (in.Type == wire.Ping || in.Type == wire.SequenceAck || in.Type == wire.CancelInvocation)
}

func (in incoming) isInvoke() bool { return in.refusal == nil && in.Type == wire.Invoke }

func (s *State) read(f Frame) incoming {
	if s.Protocol == Simple {
		return s.readBare(f)
	}
	in := incoming{size: len(f.Bytes)}
	if f.Text != s.format.Text() {
		in.refusal = &Close{CloseUnsupported, wrongFrameType(s.format)}
		return in
	}
	if in.Request, in.err = wire.DecodeRequest(s.format, f.Bytes); in.err != nil {
		in.refusal = &Close{CloseInvalid, invalidMessage(s.format)}
		return in
	}
	if in.Data != nil {
		in.Data.Bytes = bytes.Clone(in.Data.Bytes)
	}
	return in
}

// readBare makes a request of a simple client's payload.
func (s *State) readBare(f Frame) incoming {
	in := incoming{size: len(f.Bytes)}
	d := &webpubsub.Data{Type: webpubsub.Binary, Bytes: bytes.Clone(f.Bytes)}
	if f.Text {
		d.Type = webpubsub.Text
		if !utf8.Valid(f.Bytes) {
			in.refusal = &Close{CloseInvalid, notUTF8}
		}
	}
	if m := s.Mode(); m.SendToGroup != "" {
		in.Request = wire.Request{Type: wire.SendToGroup, Group: m.SendToGroup, NoEcho: m.NoEcho, Data: d}
	} else {
		in.Request = wire.Request{Type: wire.Event, Event: "message", Data: d}
	}
	return in
}

// take carries out what a client sent.
func (s *State) take(now time.Time, in incoming) []Effect {
	switch {
	case in.refusal != nil:
		var tell []Effect
		if in.err != nil {
			tell = append(tell, Refusal{Malformed: in.err})
		}
		return append(tell, s.fail(in.refusal.Code, in.refusal.Reason)...)
	case s.Protocol == Simple && in.Type == wire.SendToGroup && !s.Permissions.Allows(webpubsub.SendToGroup, in.Group):
		return s.fail(ClosePolicy, rawSendForbidden)
	}
	return s.request(now, in.Request)
}

// invocations is how many are at their handler or wait for it.
func (s *State) invocations() (n int) {
	if s.pending != nil && s.pending.Type == wire.Invoke {
		n++
	}
	for _, in := range s.seldom().waiting {
		if in.isInvoke() {
			n++
		}
	}
	return n
}

// cancelInvocation abandons an invocation: at its handler, or before it got there. No answer
// is owed to either.
func (s *State) cancelInvocation(id string) []Effect {
	if r := s.rare; r != nil {
		r.waiting = slices.DeleteFunc(r.waiting, func(in incoming) bool {
			cancelled := in.isInvoke() && in.InvocationID == id
			if cancelled {
				r.size -= in.size
			}
			return cancelled
		})
	}
	if p := s.pending; p != nil && p.Type == wire.Invoke && p.InvocationID == id && !p.cancelled {
		p.cancelled = true
		return []Effect{CancelRaise{}}
	}
	return nil
}
