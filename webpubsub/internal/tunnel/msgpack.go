package tunnel

import "encoding/binary"

// The part of MessagePack that frames need. Source: MessagePack specification, formats.
const (
	fixArray = 0x90
	array16  = 0xdc
	array32  = 0xdd
	null     = 0xc0
	bin8     = 0xc4
	bin16    = 0xc5
	bin32    = 0xc6
	uint8t   = 0xcc
	uint16t  = 0xcd
	uint32t  = 0xce
	uint64t  = 0xcf
	int8t    = 0xd0
	int64t   = 0xd3
	fixStr   = 0xa0
	str8     = 0xd9
	str16    = 0xda
	str32    = 0xdb
)

// packer appends values to b.
type packer struct{ b []byte }

// array begins one of at most 15 values.
func (p *packer) array(n int) { p.b = append(p.b, fixArray|byte(n)) }

// integer appends one from 0 to 127.
func (p *packer) integer(n int) { p.b = append(p.b, byte(n)) }

func (p *packer) null() { p.b = append(p.b, null) }

func (p *packer) text(s []byte)   { p.sized(s, str8, str16, str32) }
func (p *packer) binary(s []byte) { p.sized(s, bin8, bin16, bin32) }

func (p *packer) sized(s []byte, f8, f16, f32 byte) {
	switch n := len(s); {
	case n < 1<<8:
		p.b = append(p.b, f8, byte(n))
	case n < 1<<16:
		p.b = binary.BigEndian.AppendUint16(append(p.b, f16), uint16(n))
	default:
		p.b = binary.BigEndian.AppendUint32(append(p.b, f32), uint32(n))
	}
	p.b = append(p.b, s...)
}

// unpacker takes values from b. After its first error, which it keeps, it returns zeros.
type unpacker struct {
	b   []byte
	err error
}

// take returns the next n bytes.
func (u *unpacker) take(n int) []byte {
	if u.err != nil {
		return nil
	}
	if n < 0 || n > len(u.b) {
		u.fail("it ends early")
		return nil
	}
	head := u.b[:n:n]
	u.b = u.b[n:]
	return head
}

func (u *unpacker) fail(why string) {
	if u.err == nil {
		u.err = malformed("%s", why)
	}
	u.b = nil
}

func (u *unpacker) format() byte {
	if b := u.take(1); b != nil {
		return b[0]
	}
	return null
}

// number is a big-endian number of width bytes.
func (u *unpacker) number(width int) (n uint64) {
	for _, b := range u.take(width) {
		n = n<<8 | uint64(b)
	}
	return n
}

// array returns how many values an array has.
func (u *unpacker) array() int {
	switch f := u.format(); {
	case f&0xf0 == fixArray:
		return int(f & 0x0f)
	case f == array16:
		return int(u.number(2))
	case f == array32:
		return int(u.number(4))
	}
	u.fail("it is not an array")
	return 0
}

// integer returns one that is not negative, in any width.
func (u *unpacker) integer() int {
	var n uint64
	switch f := u.format(); {
	case f < 0x80:
		return int(f)
	case f >= uint8t && f <= uint64t:
		n = u.number(1 << (f - uint8t))
	case f >= int8t && f <= int64t:
		n = u.number(1 << (f - int8t))
	default:
		u.fail("its type is not a number")
		return 0
	}
	if n > 1<<30 {
		u.fail("its type is not a known number")
		return 0
	}
	return int(n)
}

func (u *unpacker) text() []byte {
	switch f := u.format(); {
	case f&0xe0 == fixStr:
		return u.take(int(f & 0x1f))
	case f >= str8 && f <= str32:
		return u.take(int(u.number(1 << (f - str8))))
	}
	u.fail("its second field is not a string")
	return nil
}

// binary returns bytes, never nil, or nil for null.
func (u *unpacker) binary() []byte {
	switch f := u.format(); {
	case f == null:
		return nil
	case f >= bin8 && f <= bin32:
		return u.take(int(u.number(1 << (f - bin8))))
	}
	u.fail("its content is not binary")
	return nil
}
