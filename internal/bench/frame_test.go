package bench

import (
	"bytes"
	"testing"
)

// unmasked is a client's frame as a server would send it.
func unmasked(b []byte) []byte {
	head := 2
	switch b[1] & 0x7f {
	case 126:
		head = 4
	case 127:
		head = 10
	}
	out := append([]byte{}, b[:head]...)
	out[1] &= 0x7f
	for i, c := range b[head+4:] {
		out = append(out, c^b[head+i&3])
	}
	return out
}

func TestFrame_isReadAsItWasWritten(t *testing.T) {
	for _, size := range []int{0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 70001} {
		payload := bytes.Repeat([]byte("abcdefg"), size/7+1)[:size]
		b := unmasked(appendFrame(nil, opBinary, payload))
		for _, cut := range []int{0, 1, 2, 3, 9, len(b) - 1} {
			if _, n, err := nextFrame(b[:min(cut, len(b)-1)]); n != 0 || err != nil {
				t.Errorf("%d of %d bytes are a frame: %d, %v", cut, len(b), n, err)
			}
		}
		f, n, err := nextFrame(append(b, 1, 2, 3))
		if err != nil || n != len(b) || f.op != opBinary || !f.final || !bytes.Equal(f.payload, payload) {
			t.Errorf("size %d: %d of %d bytes, %v", size, n, len(b), err)
		}
	}
}

func TestNextFrame_refusesWhatNoServerMaySend(t *testing.T) {
	for name, b := range map[string][]byte{
		"a reserved bit": {0xc1, 0},
		"a mask":         {0x81, 0x80, 1, 2, 3, 4},
		"too long":       {0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0},
		"a huge length":  {0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	} {
		if _, _, err := nextFrame(b); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzNextFrame(f *testing.F) {
	f.Add([]byte{0x81, 5, 'h', 'e', 'l', 'l', 'o'})
	f.Add([]byte{0x82, 126, 0, 1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, n, err := nextFrame(b)
		if n < 0 || n > len(b) || len(fr.payload) > n || err != nil && n != 0 {
			t.Errorf("%d of %d bytes, payload %d, %v", n, len(b), len(fr.payload), err)
		}
	})
}
