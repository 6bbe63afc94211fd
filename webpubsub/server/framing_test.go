package server

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// clientFrame is a masked frame as clients send it.
func clientFrame(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = append(b, 0x80|126, byte(n>>8), byte(n))
	default:
		b = append(b, 0x80|127, 0, 0, 0, 0, 0, byte(n>>16), byte(n>>8), byte(n))
	}
	mask := []byte{0x12, 0x34, 0x56, 0x78}
	b = append(b, mask...)
	for i, c := range payload {
		b = append(b, c^mask[i%4])
	}
	return b
}

func TestFrameCheck_finds(t *testing.T) {
	text, long := clientFrame(0x81, []byte("hi")), bytes.Repeat([]byte("x"), 70_000)
	for name, c := range map[string]struct {
		frames [][]byte
		broken bool // the last one is
	}{
		"messages of all lengths":         {[][]byte{text, clientFrame(0x82, nil), clientFrame(0x82, long[:200]), clientFrame(0x82, long)}, false},
		"fragments, a ping between":       {[][]byte{clientFrame(0x01, []byte("h")), clientFrame(0x89, []byte("?")), clientFrame(0x00, nil), clientFrame(0x80, []byte("i")), text}, false},
		"a close without code":            {[][]byte{clientFrame(0x88, nil)}, false},
		"a close with code and reason":    {[][]byte{clientFrame(0x88, []byte("\x03\xe8bye"))}, false},
		"a close with a private code":     {[][]byte{clientFrame(0x88, []byte("\x0f\xa0"))}, false},
		"no mask":                         {[][]byte{text, {0x81, 0x02, 'h', 'i'}}, true},
		"a reserved bit":                  {[][]byte{text, clientFrame(0xc1, nil)}, true},
		"an unknown opcode":               {[][]byte{text, clientFrame(0x83, nil)}, true},
		"an unknown control opcode":       {[][]byte{text, clientFrame(0x8b, nil)}, true},
		"a continuation of nothing":       {[][]byte{text, clientFrame(0x80, nil)}, true},
		"a message inside a message":      {[][]byte{clientFrame(0x01, nil), text}, true},
		"a fragmented ping":               {[][]byte{clientFrame(0x09, nil)}, true},
		"a ping of 126 bytes":             {[][]byte{clientFrame(0x89, long[:126])}, true},
		"a length of more than 63 bits":   {[][]byte{{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}}, true},
		"a close of one byte":             {[][]byte{clientFrame(0x88, []byte{3})}, true},
		"a close with a forbidden code":   {[][]byte{clientFrame(0x88, []byte("\x03\xed"))}, true},
		"a close with a code of no range": {[][]byte{clientFrame(0x88, []byte("\x00\x01"))}, true},
	} {
		t.Run(name, func(t *testing.T) {
			good := bytes.Join(c.frames, nil)
			want := len(good)
			if c.broken {
				want -= len(c.frames[len(c.frames)-1])
			}
			var whole frameCheck
			if got := whole.valid(good); got != want || whole.broken != c.broken {
				t.Errorf("%d of %d bytes are good, broken %v; want %d", got, len(good), whole.broken, want)
			}
			var single frameCheck
			for i := range good {
				single.valid(good[i : i+1])
				if single.broken {
					break
				}
			}
			if single.broken != c.broken {
				t.Errorf("byte by byte: broken %v", single.broken)
			}
		})
	}
}

// However the bytes come in, they are judged alike.
func FuzzFrameCheck(f *testing.F) {
	f.Add(clientFrame(0x81, []byte("hi")), uint64(1))
	f.Add(append(clientFrame(0x01, []byte("h")), clientFrame(0x88, []byte("\x03\xe8bye"))...), uint64(2))
	f.Add(clientFrame(0x82, make([]byte, 300)), uint64(3))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		var whole, parts frameCheck
		whole.valid(b)
		rng := rand.New(rand.NewPCG(seed, 0))
		for rest := b; len(rest) > 0 && !parts.broken; {
			n := 1 + rng.IntN(len(rest))
			if good := parts.valid(rest[:n]); good > n || good < n != parts.broken {
				t.Fatalf("%d of %d bytes are good, broken %v", good, n, parts.broken)
			}
			rest = rest[n:]
		}
		if whole.broken != parts.broken {
			t.Fatalf("%x: broken %v as a whole, %v in parts", b, whole.broken, parts.broken)
		}
	})
}

func TestFraming_deliversWhatIsBeforeTheBrokenFrame(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	good := clientFrame(0x81, []byte("hi"))
	f := &framing{Conn: near, in: near}
	go far.Write(append(bytes.Clone(good), 0x83, 0x80))
	near.SetReadDeadline(time.Now().Add(10 * time.Second))
	got, err := io.ReadAll(f)
	if !bytes.Equal(got, good) || err != errFraming {
		t.Errorf("%x, %v; want %x", got, err, good)
	}
	f.Close()
}
