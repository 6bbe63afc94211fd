package bench

import (
	"bytes"
	"fmt"
	"time"
)

// stamp is what a message tells of itself.
type stamp struct {
	source uint32        // who published it
	seq    uint32        // its number there, from 0
	sent   time.Duration // on the clock of the run
}

// A body is JSON, so that servers may decode and encode it, and holds its stamp as text of
// fixed length, so that it can be written and found without decoding.
const (
	bodyStart = `["@`
	bodyMid   = `","`
	bodyEnd   = `"]`
	stampSize = 8 + 8 + 16 // hexadecimal digits
	// MinSize is the smallest body, in bytes.
	MinSize = len(bodyStart) + stampSize + len(bodyMid) + len(bodyEnd)
)

// newBody returns a body of so many bytes, at least MinSize.
func newBody(size int) []byte {
	b := append([]byte(bodyStart), bytes.Repeat([]byte{'0'}, stampSize)...)
	b = append(b, bodyMid...)
	b = append(b, bytes.Repeat([]byte{'x'}, max(0, size-MinSize))...)
	return append(b, bodyEnd...)
}

// put writes s into a body.
func (s stamp) put(body []byte) {
	at := body[len(bodyStart) : len(bodyStart)+stampSize]
	putHex(at[:8], uint64(s.source))
	putHex(at[8:16], uint64(s.seq))
	putHex(at[16:], uint64(s.sent))
}

// findStamp looks for the stamp of a body in a message, however it is wrapped.
func findStamp(message []byte) (s stamp, ok bool) {
	for {
		i := bytes.IndexByte(message, '@')
		if i < 0 || len(message)-i-1 < stampSize {
			return s, false
		}
		message = message[i+1:]
		source, ok1 := getHex(message[:8])
		seq, ok2 := getHex(message[8:16])
		sent, ok3 := getHex(message[16:stampSize])
		if ok1 && ok2 && ok3 {
			return stamp{uint32(source), uint32(seq), time.Duration(sent)}, true
		}
	}
}

const digits = "0123456789abcdef"

func putHex(b []byte, v uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = digits[v&15]
		v >>= 4
	}
}

// digitOf is the value of a digit, 16 for what is none.
var digitOf = func() (t [256]uint8) {
	for i := range t {
		t[i] = 16
	}
	for v, d := range []byte(digits) {
		t[d] = uint8(v)
	}
	return t
}()

func getHex(b []byte) (v uint64, ok bool) {
	bad := uint8(0)
	for _, c := range b {
		d := digitOf[c]
		bad |= d
		v = v<<4 | uint64(d&15)
	}
	return v, bad < 16
}

// receipts check that one receiver gets every message of some publishers once and in order.
type receipts struct {
	first uint32   // the number of the first publisher
	next  []uint32 // of each publisher from first, the number of its next message
}

// take notes a message, and says what is wrong with it: a message that should have come
// before hasn't, or it isn't new.
func (r *receipts) take(s stamp) error {
	i := int(int64(s.source) - int64(r.first))
	if i < 0 || i >= len(r.next) {
		return fmt.Errorf("a message of publisher %d came to a receiver that should not get it", s.source)
	}
	if s.seq != r.next[i] {
		return r.wrong(s, r.next[i])
	}
	r.next[i]++
	return nil
}

func (r *receipts) wrong(s stamp, want uint32) error {
	if s.seq < want {
		return fmt.Errorf("message %d of publisher %d came again, after message %d", s.seq, s.source, want-1)
	}
	return fmt.Errorf("message %d of publisher %d came where message %d should: %d are lost or late", s.seq, s.source, want, s.seq-want)
}
