package websockettest

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"strings"
)

// MaxMessage is how long a message may be for the endpoints that pass the cases, in bytes.
const MaxMessage = 1 << 20

// Case is what a client sends, and what an endpoint answers that sends every message back.
// It ends with a close frame of the endpoint.
type Case struct {
	Name string
	Send []byte
	Then []byte // sent after Send, but not before all answers except the last have come
	Want []Answer
	// Deflate is a case for endpoints that agreed to permessage-deflate; Takeover, with the
	// client's context taken over.
	Deflate, Takeover bool
}

// Answer is a message, a pong, or a close.
type Answer struct {
	Opcode  byte
	Payload []byte // not of a close
	Code    int    // of a close; 1005 when the close frame has none
}

func (a Answer) String() string {
	if a.Opcode == Close {
		return fmt.Sprintf("close %d", a.Code)
	}
	return Frame{Opcode: a.Opcode, Payload: a.Payload}.String()
}

// Equal reports whether two answers are the same.
func (a Answer) Equal(b Answer) bool {
	return a.Opcode == b.Opcode && a.Code == b.Code && bytes.Equal(a.Payload, b.Payload)
}

// AnswerOf reads an answer from a frame.
func AnswerOf(f Frame) Answer {
	a := Answer{Opcode: f.Opcode, Payload: f.Payload}
	if f.Opcode == Close {
		a.Payload, a.Code = nil, 1005
		if len(f.Payload) >= 2 {
			a.Code = int(binary.BigEndian.Uint16(f.Payload))
		}
	}
	return a
}

// Cases returns all cases.
func Cases() (list []Case) {
	for _, theme := range []func() []Case{framing, pings, reserved, opcodes, fragments, texts, closing, limits, compression} {
		list = append(list, theme()...)
	}
	return list
}

// script puts a case together.
type script struct{ Case }

func begin(name string, args ...any) *script {
	return &script{Case{Name: fmt.Sprintf(name, args...)}}
}

// send adds a frame, masked.
func (s *script) send(f Frame) *script {
	n := byte(len(s.Send))
	f.Key = [4]byte{0xa5 ^ n, 0x5a + n, 0xff - n, 0x01 ^ n}
	s.Send = append(s.Send, f.Bytes()...)
	return s
}

func (s *script) raw(b []byte) *script {
	s.Send = append(s.Send, b...)
	return s
}

func (s *script) want(opcode byte, payload []byte) *script {
	s.Want = append(s.Want, Answer{Opcode: opcode, Payload: payload})
	return s
}

// echo sends a message and wants it back.
func (s *script) echo(opcode byte, payload []byte) *script {
	return s.send(Frame{Opcode: opcode, Payload: payload}).want(opcode, payload)
}

// ping sends a ping and wants a pong.
func (s *script) ping(payload []byte) *script {
	return s.send(Frame{Opcode: Ping, Payload: payload}).want(Pong, payload)
}

// well ends a case in which everything is right.
func (s *script) well() Case {
	s.Then = Frame{Opcode: Close, Payload: []byte("\x03\xe8")}.Bytes()
	return s.fails(1000)
}

// fails ends a case with a close by the endpoint.
func (s *script) fails(code int) Case {
	s.Want = append(s.Want, Answer{Opcode: Close, Code: code})
	return s.Case
}

// spread sends a message in fragments.
func (s *script) spread(opcode byte, parts ...[]byte) *script {
	for i, part := range parts {
		f := Frame{Opcode: Continuation, More: i < len(parts)-1, Payload: part}
		if i == 0 {
			f.Opcode = opcode
		}
		s.send(f)
	}
	return s
}

func letters(n int) []byte { return []byte(strings.Repeat("*", n)) }

func bin(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7) ^ 0x80
	}
	return b
}

// framing: messages of all forms of length.
func framing() (list []Case) {
	for _, n := range []int{0, 1, 125, 126, 127, 128, 65535, 65536, 65537} {
		list = append(list,
			begin("framing/text of %d bytes", n).echo(Text, letters(n)).well(),
			begin("framing/binary of %d bytes", n).echo(Binary, bin(n)).well())
	}
	many := begin("framing/a hundred messages at once")
	for i := range 100 {
		many.echo(Text, fmt.Appendf(nil, "message %d", i))
	}
	list = append(list, many.well())
	long := begin("framing/a length in more bytes than it needs").raw([]byte{0x81, 0xfe, 0, 2, 0, 0, 0, 0, 'h', 'i'}).want(Text, []byte("hi"))
	longer := begin("framing/a length in eight bytes where one is enough").raw([]byte{0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 'h', 'i'}).want(Text, []byte("hi"))
	list = append(list, long.well(), longer.well(),
		begin("framing/a text that is not masked").send(Frame{Opcode: Text, Unmasked: true, Payload: []byte("hi")}).fails(1002),
		begin("framing/a ping that is not masked").send(Frame{Opcode: Ping, Unmasked: true}).fails(1002),
		begin("framing/a mask of zeros").raw([]byte{0x81, 0x82, 0, 0, 0, 0, 'h', 'i'}).want(Text, []byte("hi")).well(),
	)
	return list
}

// pings and pongs.
func pings() (list []Case) {
	for _, n := range []int{0, 1, 8, 124, 125} {
		list = append(list, begin("ping/of %d bytes", n).ping(bin(n)).well())
	}
	ten := begin("ping/ten, a message between each")
	for i := range 10 {
		ten.ping(fmt.Appendf(nil, "%d", i)).echo(Text, fmt.Appendf(nil, "text %d", i))
	}
	return append(list,
		ten.well(),
		begin("ping/of 126 bytes").send(Frame{Opcode: Ping, Payload: bin(126)}).fails(1002),
		begin("ping/of 65536 bytes, from its first two bytes").raw([]byte{0x89, 0xff}).fails(1002),
		begin("pong/unsolicited, empty").send(Frame{Opcode: Pong}).echo(Text, []byte("on")).well(),
		begin("pong/unsolicited, with data").send(Frame{Opcode: Pong, Payload: []byte("?")}).ping([]byte("!")).well(),
		begin("pong/of 125 bytes").send(Frame{Opcode: Pong, Payload: bin(125)}).echo(Text, []byte("on")).well(),
		begin("pong/of 126 bytes").send(Frame{Opcode: Pong, Payload: bin(126)}).fails(1002),
		begin("ping/a close behind it").ping([]byte("last")).well(),
	)
}

// reserved bits, without an extension that gives them a meaning.
func reserved() (list []Case) {
	for bits := 1; bits < 8; bits++ {
		for _, opcode := range []byte{Text, Binary, Ping, Pong, Close} {
			list = append(list, begin("reserved/bits %03b on opcode %#x", bits, opcode).echo(Text, []byte("before")).
				send(Frame{Opcode: opcode, RSV1: bits&4 != 0, RSV2: bits&2 != 0, RSV3: bits&1 != 0}).fails(1002))
		}
		list = append(list, begin("reserved/bits %03b on a continuation", bits).send(Frame{Opcode: Text, More: true}).
			send(Frame{RSV1: bits&4 != 0, RSV2: bits&2 != 0, RSV3: bits&1 != 0}).fails(1002))
	}
	return list
}

// opcodes that have no meaning.
func opcodes() (list []Case) {
	for _, opcode := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		list = append(list,
			begin("opcode/%#x", opcode).echo(Text, []byte("before")).send(Frame{Opcode: opcode}).fails(1002),
			begin("opcode/%#x with data, a ping behind it", opcode).send(Frame{Opcode: opcode, Payload: []byte("x")}).send(Frame{Opcode: Ping}).fails(1002),
			begin("opcode/%#x inside a message", opcode).send(Frame{Opcode: Text, More: true}).send(Frame{Opcode: opcode}).fails(1002))
	}
	return list
}

// fragments of messages, in all orders.
func fragments() (list []Case) {
	for _, opcode := range []byte{Text, Binary} {
		list = append(list,
			begin("fragments/two of opcode %d", opcode).spread(opcode, []byte("one"), []byte("two")).want(opcode, []byte("onetwo")).well(),
			begin("fragments/empty ones of opcode %d", opcode).spread(opcode, nil, nil, nil).want(opcode, nil).well(),
			begin("fragments/only the middle one of opcode %d has data", opcode).spread(opcode, nil, []byte("x"), nil).want(opcode, []byte("x")).well(),
			begin("fragments/many of opcode %d", opcode).spread(opcode, bytes.Split(letters(500), nil)...).want(opcode, letters(500)).well(),
			begin("fragments/long ones of opcode %d", opcode).spread(opcode, letters(65536), letters(126), letters(1)).want(opcode, letters(65536+127)).well(),
		)
	}
	between := begin("fragments/pings and pongs between them").send(Frame{Opcode: Text, More: true, Payload: []byte("a")}).ping([]byte("1"))
	between.send(Frame{Opcode: Pong, Payload: []byte("?")}).send(Frame{More: true, Payload: []byte("b")}).ping([]byte("2"))
	between.send(Frame{Payload: []byte("c")}).want(Text, []byte("abc"))
	after := begin("fragments/a message after one in fragments").spread(Text, []byte("a"), []byte("b")).want(Text, []byte("ab"))
	return append(list, between.well(),
		after.echo(Binary, []byte("c")).spread(Binary, []byte("d"), []byte("e")).want(Binary, []byte("de")).well(),
		begin("fragments/a close between them").send(Frame{Opcode: Text, More: true, Payload: []byte("a")}).well(),
		begin("fragments/a fragmented ping").send(Frame{Opcode: Ping, More: true}).fails(1002),
		begin("fragments/a fragmented pong").send(Frame{Opcode: Pong, More: true}).fails(1002),
		begin("fragments/a fragmented close").send(Frame{Opcode: Close, More: true}).fails(1002),
		begin("fragments/a last one of nothing").send(Frame{Payload: []byte("x")}).fails(1002),
		begin("fragments/a middle one of nothing").send(Frame{More: true, Payload: []byte("x")}).fails(1002),
		begin("fragments/a last one after a whole message").echo(Text, []byte("x")).send(Frame{Payload: []byte("y")}).fails(1002),
		begin("fragments/a last one after the end").spread(Text, []byte("x"), []byte("y")).want(Text, []byte("xy")).send(Frame{Payload: []byte("z")}).fails(1002),
		begin("fragments/a text begins inside a text").send(Frame{Opcode: Text, More: true}).send(Frame{Opcode: Text, Payload: []byte("y")}).fails(1002),
		begin("fragments/a binary begins inside a text").send(Frame{Opcode: Text, More: true}).send(Frame{Opcode: Binary, More: true}).fails(1002),
		begin("fragments/a text begins inside a binary").send(Frame{Opcode: Binary, More: true}).send(Frame{Opcode: Text, More: true}).fails(1002),
	)
}

// good and bad are texts by RFC 3629: the ends of all ranges, and what is just beyond.
var good = []string{
	"", "a", "κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "\x00", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\ufffe", "\uffff",
	"\U00010000", "\U0010ffff", "\U0001fffe", "a\u0301", "👩‍👩‍👧", strings.Repeat("€", 5000),
}

var bad = []string{
	"\x80", "\xbf", "a\x80", "\x80\x80\x80", "\xc0", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf",
	"\xed\xa0\x80", "\xed\xbf\xbf", "\xed\xa0\x81\xed\xb0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80",
	"\xfe", "\xff", "κόσμε\xff", "ok\xc2 ", "ok\xe2\x82 ", "ok\xf0\x9f\x98 ", "\xc2\xc2", "\xe2\x28\xa1", "\xf0\x28\x8c\xbc",
}

// cut are texts that end inside a character.
var cut = []string{"\xc2", "\xe2", "\xe2\x82", "\xf0", "\xf0\x9f", "\xf0\x9f\x98", "long enough: \xf0\x9f\x98", strings.Repeat("é", 300) + "\xc3"}

func texts() (list []Case) {
	for i, s := range good {
		b := []byte(s)
		list = append(list,
			begin("text/good %d", i).echo(Text, b).well(),
			begin("text/good %d in halves", i).spread(Text, b[:len(b)/2], b[len(b)/2:]).want(Text, b).well())
		if len(b) > 0 && len(b) < 100 {
			list = append(list, begin("text/good %d in bytes", i).spread(Text, bytes.Split(b, nil)...).want(Text, b).well())
		}
	}
	for i, s := range append(bad, cut...) {
		b := []byte(s)
		list = append(list,
			begin("text/bad %d", i).send(Frame{Opcode: Text, Payload: b}).fails(1007),
			begin("text/bad %d in bytes", i).spread(Text, bytes.Split(b, nil)...).fails(1007),
			begin("text/bad %d is a good binary", i).echo(Binary, b).well(),
			begin("text/bad %d is a good ping", i).ping(b[:min(len(b), 125)]).well())
	}
	for i, s := range bad {
		early := begin("text/bad %d is noticed in a first fragment", i).send(Frame{Opcode: Text, More: true, Payload: []byte(s)})
		list = append(list, early.fails(1007))
		whole := Frame{Opcode: Text, Payload: append([]byte(s), letters(1000)...)}.Bytes()
		list = append(list, begin("text/bad %d is noticed in half a frame", i).raw(whole[:len(whole)-500]).fails(1007))
	}
	return list
}

// closing: codes, lengths, reasons, and what comes after.
func closing() (list []Case) {
	closed := func(code int, reason string) Frame {
		return Frame{Opcode: Close, Payload: append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)}
	}
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		list = append(list, begin("close/code %d", code).send(closed(code, "")).fails(code))
	}
	for _, code := range []int{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		list = append(list, begin("close/code %d, which must not be sent", code).send(closed(code, "")).fails(1002))
	}
	return append(list,
		begin("close/without code").send(Frame{Opcode: Close}).fails(1005),
		begin("close/half a code").send(Frame{Opcode: Close, Payload: []byte{3}}).fails(1002),
		begin("close/a reason").send(closed(1000, "bye")).fails(1000),
		begin("close/the longest reason").send(closed(1000, string(letters(123)))).fails(1000),
		begin("close/a longer reason").send(closed(1000, string(letters(124)))).fails(1002),
		begin("close/a reason that is not UTF-8").send(closed(1000, "a\xffb")).fails(1007),
		begin("close/a reason that ends inside a character").send(closed(1000, "a\xe2\x82")).fails(1007),
		begin("close/a message after it").send(closed(1000, "")).send(Frame{Opcode: Text, Payload: []byte("x")}).fails(1000),
		begin("close/a ping after it").send(closed(1000, "")).send(Frame{Opcode: Ping}).fails(1000),
		begin("close/another one after it").send(closed(4000, "")).send(closed(4001, "")).fails(4000),
		begin("close/garbage after it").send(closed(1000, "")).raw([]byte{0xff, 0xff, 0xff, 0xff}).fails(1000),
		begin("close/a message before it").echo(Text, []byte("x")).well(),
		begin("close/within a message").send(Frame{Opcode: Binary, More: true, Payload: []byte("x")}).send(closed(1001, "")).fails(1001),
	)
}

// limits: what is too long is known from a header.
func limits() []Case {
	header := func(f Frame, n int) []byte {
		f.Payload = make([]byte, n)
		return f.Bytes()[:14]
	}
	half := bin(MaxMessage / 2)
	return []Case{
		begin("limit/a message of all it may have").echo(Binary, bin(MaxMessage)).well(),
		begin("limit/fragments of all it may have").spread(Binary, half, half).want(Binary, append(bytes.Clone(half), half...)).well(),
		begin("limit/a byte too much").raw(header(Frame{Opcode: Binary}, MaxMessage+1)).fails(1009),
		begin("limit/a byte too much, in fragments").spread(Binary, half, half). /* the last one is not the last */ more().
			raw(Frame{Payload: []byte("x")}.Bytes()[:6]).fails(1009),
		begin("limit/63 bits of length").raw([]byte{0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}).fails(1009),
		begin("limit/64 bits of length").raw([]byte{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}).fails(1002),
	}
}

// more makes the last frame that was sent, of half a message, one that is not the last.
func (s *script) more() *script {
	half := MaxMessage / 2
	s.Send[len(s.Send)-half-14] &^= 0x80
	return s
}

// compressor compresses messages as a client does.
type compressor struct {
	takeover bool
	w        *flate.Writer
	out      bytes.Buffer
}

func (c *compressor) message(b []byte) []byte {
	if c.w == nil || !c.takeover {
		c.w, _ = flate.NewWriter(&c.out, flate.BestCompression) // the level is right
	}
	c.out.Reset()
	c.w.Write(b)
	c.w.Flush()
	return bytes.TrimSuffix(bytes.Clone(c.out.Bytes()), []byte("\x00\x00\xff\xff"))
}

// Deflated is a message compressed by itself.
func Deflated(b []byte) []byte { return new(compressor).message(b) }

func deflated(name string, args ...any) *script {
	s := begin("deflate/"+name, args...)
	s.Deflate = true
	return s
}

// compression as agreed: RFC 7692.
func compression() (list []Case) {
	for _, n := range []int{0, 1, 64, 125, 126, 4096, 32768, 65536, MaxMessage} {
		for _, opcode := range []byte{Text, Binary} {
			list = append(list, deflated("%d bytes of opcode %d", n, opcode).
				send(Frame{Opcode: opcode, RSV1: true, Payload: Deflated(letters(n))}).want(opcode, letters(n)).well())
		}
	}
	hello := Deflated([]byte("Hello, Hello, κόσμε"))
	earlier := &compressor{takeover: true}
	earlier.message(bin(300))
	second := earlier.message(bin(300))                                   // refers to the first, which nobody has seen
	ended := []byte("\xf3\x48\xcd\xc9\xc9\x07\x00\x00")                   // RFC 7692, 7.2.3.4: a final block
	stored := []byte("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00")      // 7.2.3.3: no compression
	two := []byte("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00") // 7.2.3.5: two blocks
	list = append(list,
		deflated("plain messages are welcome, too").echo(Text, []byte("hi")).echo(Binary, bin(500)).well(),
		deflated("plain and compressed in turn").echo(Text, []byte("a")).send(Frame{Opcode: Text, RSV1: true, Payload: hello}).
			want(Text, []byte("Hello, Hello, κόσμε")).echo(Text, []byte("b")).well(),
		deflated("in fragments").send(Frame{Opcode: Text, More: true, RSV1: true, Payload: hello[:3]}).send(Frame{More: true, Payload: hello[3:4]}).
			send(Frame{Payload: hello[4:]}).want(Text, []byte("Hello, Hello, κόσμε")).well(),
		deflated("in fragments, a ping between").send(Frame{Opcode: Text, More: true, RSV1: true, Payload: hello[:5]}).ping([]byte("?")).
			send(Frame{Payload: hello[5:]}).want(Text, []byte("Hello, Hello, κόσμε")).well(),
		deflated("a last fragment without data").send(Frame{Opcode: Text, More: true, RSV1: true, Payload: hello}).send(Frame{}).
			want(Text, []byte("Hello, Hello, κόσμε")).well(),
		deflated("a final block").send(Frame{Opcode: Text, RSV1: true, Payload: ended}).want(Text, []byte("Hello")).well(),
		deflated("a block that is not compressed").send(Frame{Opcode: Text, RSV1: true, Payload: stored}).want(Text, []byte("Hello")).well(),
		deflated("two blocks").send(Frame{Opcode: Text, RSV1: true, Payload: two}).want(Text, []byte("Hello")).well(),
		deflated("RSV1 on a continuation").send(Frame{Opcode: Text, More: true, RSV1: true, Payload: hello[:3]}).send(Frame{RSV1: true, Payload: hello[3:]}).fails(1002),
		deflated("RSV1 on a continuation of a plain message").send(Frame{Opcode: Text, More: true}).send(Frame{RSV1: true, Payload: hello}).fails(1002),
		deflated("RSV1 on a ping").send(Frame{Opcode: Ping, RSV1: true, Payload: hello}).fails(1002),
		deflated("RSV1 on a close").send(Frame{Opcode: Close, RSV1: true}).fails(1002),
		deflated("RSV2").send(Frame{Opcode: Text, RSV2: true}).fails(1002),
		deflated("RSV1 and RSV3").send(Frame{Opcode: Text, RSV1: true, RSV3: true, Payload: hello}).fails(1002),
		deflated("not compressed at all").send(Frame{Opcode: Text, RSV1: true, Payload: []byte("\xff\xff\xff\xff")}).fails(1007),
		deflated("cut short").send(Frame{Opcode: Text, RSV1: true, Payload: Deflated(bin(500))[:100]}).fails(1007),
		deflated("a text that is not UTF-8").send(Frame{Opcode: Text, RSV1: true, Payload: Deflated([]byte("a\xff"))}).fails(1007),
		deflated("a binary that is not UTF-8").send(Frame{Opcode: Binary, RSV1: true, Payload: Deflated([]byte("a\xff"))}).want(Binary, []byte("a\xff")).well(),
		deflated("a reference to before the beginning").send(Frame{Opcode: Binary, RSV1: true, Payload: second}).fails(1007),
		deflated("a byte too much when decompressed").send(Frame{Opcode: Binary, RSV1: true, Payload: Deflated(letters(MaxMessage + 1))}).fails(1009),
		deflated("a bomb").send(Frame{Opcode: Binary, RSV1: true, Payload: Deflated(letters(100 * MaxMessage))}).fails(1009),
		deflated("a bomb of streams").send(Frame{Opcode: Binary, RSV1: true, Payload: bytes.Repeat([]byte("\x03\x00"), 100_000)}).fails(1007),
		deflated("too much before it is decompressed").raw(Frame{Opcode: Binary, RSV1: true, Payload: make([]byte, 2*MaxMessage)}.Bytes()[:14]).fails(1009),
	)
	return append(list, takeover()...)
}

// takeover: messages that refer to those before.
func takeover() []Case {
	words := []byte("the same words again and again, and once more; ")
	c := &compressor{takeover: true}
	again := deflated("messages that refer to earlier ones")
	for range 5 {
		again.send(Frame{Opcode: Text, RSV1: true, Payload: c.message(words)}).want(Text, words)
	}
	again.echo(Text, []byte("plain between")) // which is not in the context
	again.send(Frame{Opcode: Text, RSV1: true, Payload: c.message(words)}).want(Text, words)
	far := &compressor{takeover: true}
	long := deflated("messages that refer as far back as possible")
	for i := range 6 {
		b := append(bin(20_000+i*1000), words...)
		long.send(Frame{Opcode: Binary, RSV1: true, Payload: far.message(b)}).want(Binary, b)
	}
	again.Takeover, long.Takeover = true, true
	return []Case{again.well(), long.well()}
}
