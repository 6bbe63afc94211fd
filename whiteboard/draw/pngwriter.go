package draw

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// pngWriter writes a PNG row by row, so that a large picture need not be in memory. After
// the first error it writes nothing; finish returns it.
type pngWriter struct {
	out  io.Writer
	data *bufio.Writer // of compressed data, in chunks
	zip  *zlib.Writer
	// size is how many bytes a pixel takes: 3 without alpha, else 4.
	size       int
	prior, row []byte
	filtered   []byte // with the filter's number in front
	err        error
}

// newPNG writes the head of a picture of 8 bits a channel.
func newPNG(w io.Writer, width, height int, transparent bool) *pngWriter {
	p := &pngWriter{out: w, size: 3}
	kind := byte(2)
	if transparent {
		p.size, kind = 4, 6
	}
	p.prior, p.row = make([]byte, width*p.size), make([]byte, width*p.size)
	p.filtered = make([]byte, 1+width*p.size)
	_, p.err = io.WriteString(w, "\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(width))
	head = binary.BigEndian.AppendUint32(head, uint32(height))
	p.chunk("IHDR", append(head, 8, kind, 0, 0, 0))
	p.data = bufio.NewWriterSize(dataChunks{p}, 1<<15)
	p.zip, _ = zlib.NewWriterLevel(p.data, pngLevel) // the level is valid
	return p
}

// pngLevel is quick, and on drawings hardly larger than the best.
const pngLevel = 3

// write adds a row of premultiplied RGBA.
func (p *pngWriter) write(pix []byte) {
	for i, o := 0, 0; i < len(pix); i, o = i+4, o+p.size {
		c := pix[i : i+4 : i+4]
		if p.size == 3 || c[3] == 255 {
			copy(p.row[o:o+3], c)
		} else {
			straighten(p.row[o:o+3], c)
		}
		if p.size == 4 {
			p.row[o+3] = c[3]
		}
	}
	p.filter()
	if p.err == nil {
		_, p.err = p.zip.Write(p.filtered)
	}
	p.prior, p.row = p.row, p.prior
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

// filter takes the difference to the row above or to the pixel before, whichever is
// smaller.
func (p *pngWriter) filter() {
	up, sub := 0, 0
	for i, v := range p.row {
		up += distanceOfBytes(v, p.prior[i])
		if i >= p.size {
			sub += distanceOfBytes(v, p.row[i-p.size])
		} else {
			sub += distanceOfBytes(v, 0)
		}
	}
	p.filtered[0] = 2
	if sub < up {
		p.filtered[0] = 1
	}
	for i, v := range p.row {
		switch {
		case sub >= up:
			v -= p.prior[i]
		case i >= p.size:
			v -= p.row[i-p.size]
		}
		p.filtered[i+1] = v
	}
}

func distanceOfBytes(a, b byte) int { return max(int(int8(a-b)), -int(int8(a-b))) }

func (p *pngWriter) finish() error {
	if p.err == nil {
		p.err = p.zip.Close()
	}
	if p.err == nil {
		p.err = p.data.Flush()
	}
	p.chunk("IEND", nil)
	return p.err
}

func (p *pngWriter) chunk(kind string, data []byte) {
	if p.err != nil {
		return
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	_, p.err = p.out.Write(b)
}

// dataChunks writes compressed data as chunks.
type dataChunks struct{ p *pngWriter }

func (d dataChunks) Write(b []byte) (int, error) {
	d.p.chunk("IDAT", b)
	return len(b), d.p.err
}
