package whiteboard

import (
	"strings"
	"time"
)

const (
	msDigits      = 9
	counterDigits = 3
	timeDigits    = msDigits + counterDigits

	maxStampMs      = 101_559_956_668_415 // 36^9 - 1, in the year 5188
	maxStampCounter = 46_655              // 36^3 - 1
)

// NewStamp returns the stamp of a time in Unix milliseconds, a counter and an actor.
// What exceeds its digits is cut to the largest value.
func NewStamp(ms int64, counter int, a ActorID) Stamp {
	b := make([]byte, 0, timeDigits+len(a))
	b = appendBase36(b, min(max(ms, 0), maxStampMs), msDigits)
	b = appendBase36(b, int64(min(max(counter, 0), maxStampCounter)), counterDigits)
	return Stamp(append(b, a...))
}

// ParseStamp checks that s is a well-formed stamp and returns it.
func ParseStamp(s string) (Stamp, error) {
	if len(s) <= timeDigits || !only(s[:timeDigits], base36) || !ActorID(s[timeDigits:]).Valid() {
		return "", Refusef(CodeInvalid, "stamp %q is invalid: 12 characters of [0-9a-z], then the actor", clip(s))
	}
	return Stamp(s), nil
}

// UnixMilli returns the stamp's time; 0 if the stamp is malformed.
func (s Stamp) UnixMilli() int64 { return parseBase36(s.digits(0, msDigits)) }

// Counter returns the stamp's counter; 0 if the stamp is malformed.
func (s Stamp) Counter() int { return int(parseBase36(s.digits(msDigits, timeDigits))) }

// Time returns the stamp's first 12 characters, as an op carries them on the wire.
func (s Stamp) Time() string { return s.digits(0, timeDigits) }

// Actor returns the stamp's actor.
func (s Stamp) Actor() ActorID { return ActorID(s.digits(timeDigits, len(s))) }

func (s Stamp) digits(from, to int) string {
	if len(s) < timeDigits {
		return ""
	}
	return string(s[from:to])
}

func appendBase36(dst []byte, v int64, width int) []byte {
	at := len(dst)
	dst = append(dst, strings.Repeat("0", width)...)
	for i := at + width - 1; i >= at; i-- {
		dst[i] = base36[v%36]
		v /= 36
	}
	return dst
}

func parseBase36(s string) int64 {
	var v int64
	for i := range len(s) {
		d := strings.IndexByte(base36, s[i])
		if d < 0 {
			return 0
		}
		v = v*36 + int64(d)
	}
	return v
}

// Clock is a hybrid logical clock: it hands out rising stamps that follow the wall clock
// and lie after every stamp it has observed. It is told the time; it reads no clock. Not
// safe for concurrent use.
type Clock struct {
	actor   ActorID
	ms      int64
	counter int
}

// NewClock returns an actor's clock.
func NewClock(a ActorID) *Clock { return &Clock{actor: a} }

// Next returns a stamp greater than all before and all observed: at now when now is
// later than those, else by one count. When the counter is full, it borrows a millisecond.
func (c *Clock) Next(now time.Time) Stamp {
	switch ms := now.UnixMilli(); {
	case ms > c.ms:
		c.ms, c.counter = ms, 0
	case c.counter < maxStampCounter:
		c.counter++
	default:
		c.ms, c.counter = c.ms+1, 0
	}
	return NewStamp(c.ms, c.counter, c.actor)
}

// Observe makes later stamps greater than s. A malformed stamp is ignored.
func (c *Clock) Observe(s Stamp) {
	ms, counter := s.UnixMilli(), s.Counter()
	if ms > c.ms || ms == c.ms && counter > c.counter {
		c.ms, c.counter = ms, counter
	}
}

// CheckTime reports whether the stamp is at most [MaxClockAhead] ahead of now.
// Errors: a [Refusal] with CodeClock.
func (s Stamp) CheckTime(now time.Time) error {
	ahead := s.UnixMilli() - now.UnixMilli()
	if ahead <= MaxClockAhead.Milliseconds() {
		return nil
	}
	return Refusef(CodeClock, "stamp %s is %d ms ahead of the server's clock; the limit is %d", clip(s), ahead, MaxClockAhead.Milliseconds())
}
