package websocket

import "unicode/utf8"

// textCheck tells UTF-8 from what is not, in pieces of any size, at the first byte that
// cannot be right.
type textCheck struct {
	tail [utf8.UTFMax]byte // of a character that is incomplete
	n    int8
}

// add reports whether what came so far may be the beginning of a text.
func (t *textCheck) add(b []byte) bool {
	for t.n > 0 && len(b) > 0 {
		t.tail[t.n] = b[0]
		t.n++
		b = b[1:]
		if tail := t.tail[:t.n]; utf8.FullRune(tail) {
			if _, size := utf8.DecodeRune(tail); size < int(t.n) {
				return false
			}
			t.n = 0
		}
	}
	whole := len(b) - incomplete(b)
	if !utf8.Valid(b[:whole]) {
		return false
	}
	t.n += int8(copy(t.tail[t.n:], b[whole:]))
	return true
}

// complete reports whether the text may end here.
func (t *textCheck) complete() bool { return t.n == 0 }

// incomplete is how many bytes at the end of b are the beginning of a character.
func incomplete(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if last := b[len(b)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}
