package draw

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"io"
)

// pngWriter writes a PNG, a few rows at a time, so that a large picture need not be in
// memory. After the first error it writes nothing; finish returns it.
type pngWriter struct {
	out io.Writer
	// sum is the checksum of all rows.
	sum uint32
	err error
}

// newPNG writes the head of a picture of 8 bits a channel.
func newPNG(w io.Writer, width, height int, transparent bool) *pngWriter {
	p := &pngWriter{out: w, sum: 1}
	kind := byte(2)
	if transparent {
		kind = 6
	}
	_, p.err = io.WriteString(w, "\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(width))
	head = binary.BigEndian.AppendUint32(head, uint32(height))
	p.chunk("IHDR", append(head, 8, kind, 0, 0, 0))
	p.chunk("IDAT", []byte{0x78, 0x9c}) // zlib, RFC 1950 §2.2
	return p
}

// add writes the next rows.
func (p *pngWriter) add(rows packedRows) error {
	p.chunk("IDAT", rows.data)
	p.sum = joinedSums(p.sum, rows.sum, rows.length)
	return p.err
}

func (p *pngWriter) finish() error {
	end := []byte{1, 0, 0, 0xff, 0xff} // an empty last block, RFC 1951 §3.2.4
	p.chunk("IDAT", binary.BigEndian.AppendUint32(end, p.sum))
	p.chunk("IEND", nil)
	return p.err
}

func (p *pngWriter) chunk(kind string, data []byte) {
	if p.err != nil {
		return
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	sum := crc32.Update(crc32.ChecksumIEEE([]byte(kind)), crc32.IEEETable, data)
	for _, part := range [][]byte{append(head, kind...), data, binary.BigEndian.AppendUint32(nil, sum)} {
		if _, p.err = p.out.Write(part); p.err != nil {
			return
		}
	}
}

// packedRows are compressed rows that can be joined with those above and below.
type packedRows struct {
	data []byte
	// sum and length are those of what was compressed.
	sum    uint32
	length int
}

// rowZip compresses rows.
type rowZip struct {
	// size is how many bytes a pixel takes: 3 without alpha, else 4.
	size       int
	prior, row []byte
	filtered   []byte // with the filter's number in front
	zip        *flate.Writer
}

// pngLevel is quick, and on drawings hardly larger than the best.
const pngLevel = 3

func newRowZip(width int, transparent bool) *rowZip {
	z := &rowZip{size: 3}
	if transparent {
		z.size = 4
	}
	z.prior, z.row = make([]byte, width*z.size), make([]byte, width*z.size)
	z.filtered = make([]byte, 1+width*z.size)
	z.zip, _ = flate.NewWriter(nil, pngLevel) // the level is valid
	return z
}

// pack compresses the rows from top to bottom, each premultiplied RGBA. The first does not
// depend on the one above.
func (z *rowZip) pack(top, bottom int, row func(y int) []byte) packedRows {
	var out bytes.Buffer
	z.zip.Reset(&out)
	sum := adler32.New()
	for y := top; y < bottom; y++ {
		z.read(row(y))
		z.filter(y == top)
		sum.Write(z.filtered)
		z.zip.Write(z.filtered)
		z.prior, z.row = z.row, z.prior
	}
	z.zip.Flush() // to a whole byte
	return packedRows{out.Bytes(), sum.Sum32(), (bottom - top) * len(z.filtered)}
}

// read takes a row of premultiplied RGBA.
func (z *rowZip) read(pix []byte) {
	for i, o := 0, 0; i < len(pix); i, o = i+4, o+z.size {
		c := pix[i : i+4 : i+4]
		if z.size == 3 || c[3] == 255 {
			copy(z.row[o:o+3], c)
		} else {
			straighten(z.row[o:o+3], c)
		}
		if z.size == 4 {
			z.row[o+3] = c[3]
		}
	}
}

// straighten undoes the multiplication by alpha.
func straighten(to, c []byte) {
	for i := range 3 {
		to[i] = 0
		if c[3] > 0 {
			to[i] = byte(min((uint32(c[i])*255+uint32(c[3])/2)/uint32(c[3]), 255))
		}
	}
}

// filter takes the difference to the row above, unless this is the first, or to the pixel
// before, whichever is smaller.
func (z *rowZip) filter(first bool) {
	up, sub := 0, 0
	for i, v := range z.row {
		up += distanceOfBytes(v, z.prior[i])
		if i >= z.size {
			sub += distanceOfBytes(v, z.row[i-z.size])
		} else {
			sub += distanceOfBytes(v, 0)
		}
	}
	z.filtered[0] = 2
	if first || sub < up {
		z.filtered[0] = 1
	}
	for i, v := range z.row {
		switch {
		case z.filtered[0] == 2:
			v -= z.prior[i]
		case i >= z.size:
			v -= z.row[i-z.size]
		}
		z.filtered[i+1] = v
	}
}

func distanceOfBytes(a, b byte) int { return max(int(int8(a-b)), -int(int8(a-b))) }

// joinedSums is the Adler-32 checksum of what has the checksum a, followed by so many bytes
// that have the checksum b.
//
// Source: RFC 1950 §8.2: the first sum counts from 1, the second adds the first up.
func joinedSums(a, b uint32, length int) uint32 {
	const base = 65521
	a1, a2, b1, b2 := uint64(a&0xffff), uint64(a>>16), uint64(b&0xffff), uint64(b>>16)
	n := uint64(length) % base
	first := (a1 + b1 + base - 1) % base
	second := (a2 + b2 + n*(a1+base-1)) % base
	return uint32(second<<16 | first)
}
