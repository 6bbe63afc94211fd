package client

import "github.com/easelhq/easel/webpubsub"

// window holds the parts of a stream that are not acknowledged yet. It is pure.
//
// Parts are numbered from 1. The end of the stream takes a number too, so an acknowledgement
// may lie anywhere from the oldest part here to one beyond the end.
// Source: streaming to a group.
type window struct {
	first  uint64 // number of frames[0]
	frames [][]byte
	bytes  int // of frames
}

func newWindow() window { return window{first: 1} }

// next is the number of the next part.
func (w *window) next() uint64 { return w.first + uint64(len(w.frames)) }

// full reports whether another part has to wait: there are that many already, or their
// bytes are at the bound.
func (w *window) full(parts, bytes int) bool { return len(w.frames) >= parts || w.bytes >= bytes }

func (w *window) add(frame []byte) {
	w.frames = append(w.frames, frame)
	w.bytes += len(frame)
}

// acknowledge forgets the parts before expected. Errors: Internal when the service cannot
// expect that.
func (w *window) acknowledge(expected uint64) error {
	if expected < w.first || expected > w.next() {
		return webpubsub.Errorf(webpubsub.Internal, "the service expects part %d of a stream with parts %d to %d under way", expected, w.first, w.next()-1)
	}
	n := int(expected - w.first)
	for _, frame := range w.frames[:n] {
		w.bytes -= len(frame)
	}
	clear(w.frames[:n])
	w.frames, w.first = w.frames[n:], expected
	return nil
}
