package engine

import "github.com/easelhq/easel/webpubsub/internal/websocket"

const (
	// batchBytes is how much is gathered for one write.
	batchBytes = 64 << 10
	// copyBytes is the largest payload that is copied to be written with others; a larger one
	// ends its batch and is written from where it is.
	copyBytes = 16 << 10
)

// raw is the kind of what is written as it is, without a header.
const raw = websocket.None

// frame is one frame that waits. Its bytes are shared with other connections.
type frame struct {
	payload []byte
	kind    websocket.Kind
}

// message reports whether the frame counts toward the bounds.
func (f *frame) message() bool { return f.kind&^websocket.Compressed-1 < 2 }

func (f *frame) header() int {
	if f.kind == raw {
		return 0
	}
	return websocket.HeaderSize(len(f.payload))
}

// queue is what waits for a socket, in order.
type queue struct {
	frames []frame
	head   int32 // frames before it are gone
	sent   int32 // bytes of the first that are gone, its header included

	// Of the messages in frames.
	messages int32
	bytes    int
}

func (q *queue) empty() bool { return int(q.head) == len(q.frames) }

func (q *queue) add(f frame) {
	if f.message() {
		q.messages++
		q.bytes += len(f.payload)
	}
	q.frames = append(q.frames, f)
}

// batch is what one write takes: buf, then large.
type batch struct {
	buf, large []byte
	frames     int // begun or continued in it
}

func (b *batch) size() int { return len(b.buf) + len(b.large) }

// gather encodes what comes next into buf, which has room for batchBytes and is overwritten.
func (q *queue) gather(buf []byte) (b batch) {
	b.buf = buf[:0]
	skip := int(q.sent)
	for i := int(q.head); i < len(q.frames); i++ {
		f := &q.frames[i]
		if len(f.payload) > copyBytes {
			b.frames++
			return b.takeLarge(f, skip)
		}
		if len(b.buf)+f.header()+len(f.payload) > batchBytes {
			return b
		}
		b.frames++
		if f.kind != raw {
			b.buf = websocket.AppendHeader(b.buf, f.kind, len(f.payload))
		}
		b.buf = append(b.buf, f.payload...)
		if skip > 0 {
			b.buf = b.buf[:copy(b.buf, b.buf[skip:])]
			skip = 0
		}
	}
	return b
}

// takeLarge adds the last frame of a batch, without its first bytes.
func (b batch) takeLarge(f *frame, skip int) batch {
	start := len(b.buf)
	if f.kind != raw {
		b.buf = websocket.AppendHeader(b.buf, f.kind, len(f.payload))
	}
	header := len(b.buf) - start
	b.buf = append(b.buf[:start], b.buf[start+min(skip, header):]...)
	b.large = f.payload[max(0, skip-header):]
	return b
}

// advance drops the first n bytes and returns how many messages ended in them, and whether a
// ping did.
func (q *queue) advance(n int) (messages int, pinged bool) {
	n += int(q.sent)
	q.sent = 0
	for n > 0 {
		f := &q.frames[q.head]
		size := f.header() + len(f.payload)
		if n < size {
			q.sent = int32(n)
			break
		}
		n -= size
		if f.message() {
			messages++
			q.messages--
			q.bytes -= len(f.payload)
		}
		pinged = pinged || f.kind == websocket.Ping
		*f = frame{}
		q.head++
	}
	return messages, pinged
}

// pack makes room at the end of frames that are gone at the beginning.
func (q *queue) pack() {
	if q.head > 0 && int(q.head) >= len(q.frames)/2 {
		n := copy(q.frames, q.frames[q.head:])
		clear(q.frames[n:])
		q.frames, q.head = q.frames[:n], 0
	}
}

// replace puts a control frame where one of its kind waits already; false when none does. One
// that has begun to leave stays.
func (q *queue) replace(f frame) bool {
	for i := int(q.head); i < len(q.frames); i++ {
		if q.frames[i].kind == f.kind && (i > int(q.head) || q.sent == 0) {
			q.frames[i] = f
			return true
		}
	}
	return false
}

// drop empties the queue, except for a frame that has begun to leave.
func (q *queue) drop() {
	keep := int(q.head)
	if q.sent > 0 {
		keep++
	}
	for i := keep; i < len(q.frames); i++ {
		if f := &q.frames[i]; f.message() {
			q.messages--
			q.bytes -= len(f.payload)
		}
	}
	clear(q.frames[keep:])
	q.frames = q.frames[:keep]
}
