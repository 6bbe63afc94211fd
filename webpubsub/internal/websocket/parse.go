package websocket

import (
	"encoding/binary"
	"unicode/utf8"
)

// Event is what a [Parser] has read.
type Event struct {
	Kind Kind
	// Code is a Close's: as sent, [CodeNone] when there was none. Or a Broken's: what the
	// connection is to be closed with, CodeProtocol, CodeInvalid or CodeTooLarge.
	Code int
	// Payload is the message, the ping's or pong's data, or the reason of a Close, which is
	// UTF-8. It may be a part of the bytes passed to Next, and is valid until the next call.
	Payload []byte
	// Reason is a Broken's, in English, at most MaxReason bytes.
	Reason string
}

// Parser reads what one peer sends. It is not safe for concurrent use. After a Close or a
// Broken it ignores all further bytes.
type Parser struct {
	// Limit is how many bytes a message may have; more of them are a Broken with
	// CodeTooLarge, as soon as a header says so.
	Limit int
	// Inflate decompresses the peer's messages, when that was agreed; nil when it was not.
	Inflate *Inflater
	// Server reads what a server sends, which is not masked; a client's frames have to be.
	Server bool

	ended bool
	part  *partial // nil when all that was pushed is dealt with
}

// partial is what has arrived of a frame or a message that is incomplete.
type partial struct {
	// Of a header, or of a control frame, that is incomplete; empty when none is.
	held []byte

	// The message that has begun and not ended.
	kind       Kind // None when there is none
	compressed bool
	message    []byte
	text       textCheck

	// The data frame whose payload is coming.
	fin  bool
	left int // bytes to come
	key  uint32
}

// header is that of a frame.
type header struct {
	kind   Kind
	fin    bool
	rsv1   bool
	key    uint32
	size   int
	length int // of the payload
}

// Next reads on until something has happened, and returns of how many bytes of b it knows
// now. It changes b: payloads are unmasked where they are. What it has not read has to be
// pushed again. At the end of b the event's kind is None.
func (p *Parser) Next(b []byte) (n int, e Event) {
	if n, e = p.short(b); n > 0 {
		return n, e
	}
	for n < len(b) && e.Kind == None {
		if p.ended {
			return len(b), Event{}
		}
		var used int
		used, e = p.step(b[n:])
		n += used
	}
	return n, e
}

// short reads a frame that is whole in b, if it is a message of its own of less than 64 KiB:
// nearly all are. It reads nothing when the frame is anything else.
func (p *Parser) short(b []byte) (n int, e Event) {
	if len(b) < 4 || p.part != nil || p.ended {
		return 0, e
	}
	kind, length, at := Kind(b[0]&^finBit), int(b[1]&^maskBit), 2
	if length == 126 {
		length, at = int(binary.BigEndian.Uint16(b[2:])), 4
	}
	if b[0]&finBit == 0 || kind != Text && kind != Binary || b[1]&^maskBit == 127 || length > p.Limit || (b[1]&maskBit == 0) != p.Server {
		return 0, e
	}
	var key uint32
	if !p.Server {
		if len(b) < at+4 {
			return 0, e
		}
		key = binary.LittleEndian.Uint32(b[at:])
		at += 4
	}
	if n = at + length; n > len(b) {
		return 0, e
	}
	payload := b[at:n:n]
	if !p.Server {
		mask(payload, key)
	}
	if kind == Text && !utf8.Valid(payload) {
		return n, p.broken(&notUTF8)
	}
	return n, Event{Kind: kind, Payload: payload}
}

// Idle reports whether everything pushed so far is dealt with.
func (p *Parser) Idle() bool { return p.part == nil }

// step reads at least one byte, and at most one frame.
func (p *Parser) step(b []byte) (int, Event) {
	if q := p.part; q != nil {
		if q.left > 0 {
			return p.payload(b)
		}
		if len(q.held) > 0 {
			return p.resume(b)
		}
	}
	h, need, why := p.header(b)
	if why != nil {
		return len(b), p.broken(why)
	}
	if len(b) < need {
		q := p.keep()
		q.held = append(q.held, b...)
		return len(b), Event{}
	}
	used, e := p.frame(h, b[h.size:])
	return h.size + used, e
}

// resume completes a header, or a control frame, of which the beginning is held.
func (p *Parser) resume(b []byte) (used int, e Event) {
	q := p.part
	for {
		h, need, why := p.header(q.held)
		if why != nil {
			return used, p.broken(why)
		}
		if missing := need - len(q.held); missing > 0 {
			if used == len(b) {
				return used, Event{}
			}
			n := min(missing, len(b)-used)
			q.held = append(q.held, b[used:used+n]...)
			used += n
			continue
		}
		rest := q.held[h.size:]
		q.held = nil
		if h.kind.control() {
			_, e = p.frame(h, rest)
			return used, e
		}
		n, e := p.frame(h, b[used:])
		return used + n, e
	}
}

// header decodes the header at the beginning of b, as far as it is there, and finds what is
// wrong with it as early as can be. Need is how many bytes are needed to go on: more than
// there are, or those of the header, with a control frame's payload.
func (p *Parser) header(b []byte) (h header, need int, why *violation) {
	h.kind, h.fin, h.rsv1 = Kind(b[0]&opcode), b[0]&finBit != 0, b[0]&rsv1Bit != 0
	if why := p.firstByte(b[0], &h); why != nil {
		return h, 0, why
	}
	if len(b) < 2 {
		return h, 2, nil
	}
	h.length, h.size = int(b[1]&^maskBit), 2
	switch {
	case b[1]&maskBit == 0 && !p.Server:
		return h, 0, &notMasked
	case b[1]&maskBit != 0 && p.Server:
		return h, 0, &masked
	case h.kind.control() && h.length > MaxControl:
		return h, 0, &longControl
	case h.kind == Close && h.length == 1:
		return h, 0, &shortClose
	case h.length == 126:
		h.size += 2
	case h.length == 127:
		h.size += 8
	}
	at := h.size
	if !p.Server {
		h.size += 4
	}
	need = h.size
	if h.kind.control() {
		need += h.length
	}
	if len(b) < h.size {
		return h, need, nil
	}
	switch h.length {
	case 126:
		h.length = int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		length := binary.BigEndian.Uint64(b[2:])
		if length > 1<<63-1 {
			return h, 0, &longFrame
		}
		h.length = int(min(length, 1<<31-1))
	}
	if !p.Server {
		h.key = binary.LittleEndian.Uint32(b[at:])
	}
	return h, need, nil
}

// firstByte is about kinds, fragments and reserved bits.
func (p *Parser) firstByte(b byte, h *header) *violation {
	inside := p.part != nil && p.part.kind != None
	switch h.kind {
	case continuation:
		if !inside {
			return &nothingToContinue
		}
	case Text, Binary:
		if inside {
			return &messageInMessage
		}
	case Close, Ping, Pong:
		if !h.fin {
			return &fragmentedControl
		}
	default:
		return &unknownKind
	}
	if b&0x30 != 0 || h.rsv1 && (p.Inflate == nil || h.kind != Text && h.kind != Binary) {
		return &reservedBits
	}
	return nil
}

// frame takes a frame whose header is complete, and its payload as far as it is there; that
// of a control frame is.
func (p *Parser) frame(h header, b []byte) (used int, e Event) {
	if h.kind.control() {
		b = b[:h.length]
		mask(b, h.key)
		e = p.control(h.kind, b)
		p.letGo()
		return h.length, e
	}
	have := 0
	if p.part != nil {
		have = len(p.part.message)
	}
	if h.length > p.most(h.rsv1 || p.part != nil && p.part.compressed)-have {
		return len(b), p.broken(&tooLarge)
	}
	if h.fin && h.kind != continuation && h.length <= len(b) {
		b = b[:h.length]
		mask(b, h.key)
		p.letGo()
		return h.length, p.whole(h, b)
	}
	q := p.keep()
	if h.kind != continuation {
		q.kind, q.compressed = h.kind, h.rsv1
	}
	q.fin, q.left, q.key = h.fin, h.length, h.key
	return p.payload(b)
}

// most is how long a message may be as it travels. What cannot be compressed grows a little.
func (p *Parser) most(compressed bool) int {
	if compressed {
		return p.Limit + p.Limit>>10 + 64
	}
	return p.Limit
}

// payload takes what there is of a data frame's payload.
func (p *Parser) payload(b []byte) (used int, e Event) {
	q := p.part
	n := min(q.left, len(b))
	b = b[:n]
	q.key = mask(b, q.key)
	if q.kind == Text && !q.compressed && !q.text.add(b) {
		return n, p.broken(&notUTF8)
	}
	q.add(b)
	q.left -= n
	if q.left > 0 || !q.fin {
		return n, Event{}
	}
	p.part = nil
	if q.compressed {
		return n, p.inflated(q.kind, q.message)
	}
	if !q.text.complete() {
		return n, p.broken(&notUTF8)
	}
	return n, Event{Kind: q.kind, Payload: q.message}
}

// add appends to the message. Its memory grows with what has arrived, up to what is known to
// come, so that a header alone costs nothing.
func (q *partial) add(b []byte) {
	if need := len(q.message) + len(b); need > cap(q.message) {
		size := min(max(need, 2*cap(q.message), 512), max(need, len(q.message)+q.left))
		q.message = append(make([]byte, 0, size), q.message...)
	}
	q.message = append(q.message, b...)
}

// whole takes a message that is one frame.
func (p *Parser) whole(h header, b []byte) Event {
	switch {
	case h.rsv1:
		return p.inflated(h.kind, b)
	case h.kind == Text && !utf8.Valid(b):
		return p.broken(&notUTF8)
	}
	return Event{Kind: h.kind, Payload: b}
}

func (p *Parser) inflated(kind Kind, b []byte) Event {
	message, why := p.Inflate.inflate(b, p.Limit)
	switch {
	case why != nil:
		return p.broken(why)
	case kind == Text && !utf8.Valid(message):
		return p.broken(&notUTF8)
	}
	return Event{Kind: kind, Payload: message}
}

func (p *Parser) control(kind Kind, b []byte) Event {
	if kind != Close {
		return Event{Kind: kind, Payload: b}
	}
	e := Event{Kind: Close, Code: CodeNone}
	if len(b) > 0 {
		e.Code, e.Payload = int(binary.BigEndian.Uint16(b)), b[2:]
	}
	switch {
	case len(b) > 0 && !CodeMayTravel(e.Code):
		return p.broken(&wrongCode)
	case !utf8.Valid(e.Payload):
		return p.broken(&reasonNotUTF8)
	}
	p.ended = true
	return e
}

func (p *Parser) keep() *partial {
	if p.part == nil {
		p.part = &partial{}
	}
	return p.part
}

// letGo drops what is not needed any more, between frames.
func (p *Parser) letGo() {
	if p.part != nil && p.part.kind == None {
		p.part = nil
	}
}

func (p *Parser) broken(why *violation) Event {
	p.ended, p.part = true, nil
	return Event{Kind: Broken, Code: why.code, Reason: why.reason}
}

// violation is something that a peer must not do.
type violation struct {
	code   int
	reason string
}

var (
	notMasked         = violation{CodeProtocol, "The frame is not masked."}
	masked            = violation{CodeProtocol, "The frame is masked."}
	reservedBits      = violation{CodeProtocol, "A reserved bit of the frame is set."}
	unknownKind       = violation{CodeProtocol, "The opcode of the frame is unknown."}
	nothingToContinue = violation{CodeProtocol, "There is no message to continue."}
	messageInMessage  = violation{CodeProtocol, "A message begins before the last one has ended."}
	fragmentedControl = violation{CodeProtocol, "A control frame is fragmented."}
	longControl       = violation{CodeProtocol, "A control frame has more than 125 bytes."}
	longFrame         = violation{CodeProtocol, "The length of the frame has more than 63 bits."}
	shortClose        = violation{CodeProtocol, "A close frame has half a code."}
	wrongCode         = violation{CodeProtocol, "The close code must not be sent."}
	notUTF8           = violation{CodeInvalid, "The text is not UTF-8."}
	reasonNotUTF8     = violation{CodeInvalid, "The close reason is not UTF-8."}
	tooLarge          = violation{CodeTooLarge, "The message is too large."}
	notDeflated       = violation{CodeInvalid, "The message cannot be decompressed."}
)
