package websocket

import (
	"compress/flate"
	"io"
	"slices"
	"sync"
)

const (
	// window is how far a compressed message may refer back, in bytes.
	window = 1 << 15
	// maxFinals is how many deflate streams a message may consist of. Whoever flushes by
	// ending a stream needs one for each fragment; each costs as much as many bytes do.
	maxFinals = 16
)

// The end of a message that does not travel, and an empty last block, so that reading ends.
// Source: RFC 7692, 7.2.2.
const (
	flushTail = "\x00\x00\xff\xff"
	lastBlock = "\x01\x00\x00\xff\xff"
)

// AppendDeflated appends a compressed payload, for a frame that is [Compressed]. It refers to
// no other message, so that every receiver can read it who agreed to compression. It may be
// longer than the payload: then the payload is better sent as it is.
func AppendDeflated(dst, payload []byte) []byte {
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.dst = dst
	d.w.Reset(d)
	d.w.Write(payload) // a deflater's own Write cannot fail
	d.w.Flush()
	dst, d.dst = d.dst, nil
	return dst[:len(dst)-len(flushTail)]
}

// deflater appends what a flate.Writer writes.
type deflater struct {
	w   *flate.Writer
	dst []byte
}

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is known to be right
	}
	return &deflater{w: w}
}}

func (d *deflater) Write(b []byte) (int, error) {
	d.dst = append(d.dst, b...)
	return len(b), nil
}

// Inflater decompresses one peer's messages. Without context takeover it keeps nothing, and
// may be used by many parsers at once.
type Inflater struct {
	takeover bool
	window   []byte // what messages may refer back to; empty without takeover
}

// stateless is for all peers that do without context takeover.
var stateless = &Inflater{}

// NewInflater is for a peer whose messages refer to those before, or to themselves only.
func NewInflater(takeover bool) *Inflater {
	if takeover {
		return &Inflater{takeover: true}
	}
	return stateless
}

// inflate returns what was compressed, if it is at most limit bytes.
func (f *Inflater) inflate(b []byte, limit int) ([]byte, *violation) {
	r := inflaters.Get().(*inflation)
	defer inflaters.Put(r)
	dst, why := r.run(b, f.window, limit)
	r.parts = [3][]byte{}
	if why == nil && f.takeover {
		f.slide(dst)
	}
	return dst, why
}

// slide keeps the end of what has been decompressed.
func (f *Inflater) slide(b []byte) {
	if len(b) >= window {
		f.window = append(f.window[:0], b[len(b)-window:]...)
		return
	}
	if over := len(f.window) + len(b) - window; over > 0 {
		f.window = slices.Delete(f.window, 0, over)
	}
	f.window = append(f.window, b...)
}

// inflation is a decompressor, and the bytes that it reads.
type inflation struct {
	flate io.ReadCloser
	parts [3][]byte // the message, flushTail and lastBlock
}

var inflaters = sync.Pool{New: func() any {
	r := &inflation{}
	r.flate = flate.NewReader(r)
	return r
}}

var tail, last = []byte(flushTail), []byte(lastBlock)

func (r *inflation) run(b, before []byte, limit int) (dst []byte, why *violation) {
	r.parts = [3][]byte{b, tail, last}
	dst = make([]byte, 0, min(limit+1, max(512, 3*len(b))))
	for range maxFinals {
		if r.flate.(flate.Resetter).Reset(r, history(before, dst)) != nil {
			return nil, &notDeflated
		}
		for {
			if len(dst) == cap(dst) {
				dst = slices.Grow(dst, min(len(dst), limit+1-len(dst)))
			}
			n, err := r.flate.Read(dst[len(dst):min(cap(dst), limit+1)])
			dst = dst[:len(dst)+n]
			switch {
			case len(dst) > limit:
				return nil, &tooLarge
			case err == io.EOF:
			case err != nil:
				return nil, &notDeflated
			default:
				continue
			}
			break
		}
		if r.rest() == 0 {
			return dst, nil
		}
	}
	return nil, &notDeflated
}

// history is what a further stream may refer back to.
func history(before, dst []byte) []byte {
	if len(dst) == 0 {
		return before
	}
	all := slices.Concat(before, dst)
	return all[max(0, len(all)-window):]
}

func (r *inflation) rest() int { return len(r.parts[0]) + len(r.parts[1]) + len(r.parts[2]) }

func (r *inflation) Read(b []byte) (int, error) {
	for i, part := range r.parts {
		if len(part) > 0 {
			n := copy(b, part)
			r.parts[i] = part[n:]
			return n, nil
		}
	}
	return 0, io.EOF
}

// ReadByte makes the decompressor read no further than it has to.
func (r *inflation) ReadByte() (byte, error) {
	for i, part := range r.parts {
		if len(part) > 0 {
			r.parts[i] = part[1:]
			return part[0], nil
		}
	}
	return 0, io.EOF
}
