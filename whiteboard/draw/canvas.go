package draw

import "encoding/binary"

// canvas is a band of a picture: the rows of pixels from top to bottom, premultiplied RGBA.
type canvas struct {
	width, top, bottom int
	pix                []byte
	edges              edges
	scan               *scanner
	clip               *mask // nil = nothing is clipped
}

// newCanvas returns a canvas of so many rows at most.
func newCanvas(width, rows int) *canvas {
	return &canvas{width: width, pix: make([]byte, 4*width*rows), scan: newScanner(width)}
}

// begin turns the canvas to other rows and clears them.
func (c *canvas) begin(top, bottom int, background [4]byte) {
	c.top, c.bottom, c.clip = top, bottom, nil
	pix := c.pix[:4*c.width*(bottom-top)]
	for i := 0; i < len(pix); i += 4 {
		copy(pix[i:], background[:])
	}
}

// box is what the canvas shows.
func (c *canvas) box() Box { return Box{0, float64(c.top), float64(c.width), float64(c.bottom)} }

func (c *canvas) row(y int) []byte {
	at := 4 * c.width * (y - c.top)
	return c.pix[at : at+4*c.width]
}

// mask is coverage, 0 to full, within a rectangle of pixels; none elsewhere.
type mask struct {
	left, top, width, height int
	cover                    []uint16
}

// row cuts coverage from left on down to what the mask lets through.
func (m *mask) apply(y, left int, cover []int32) {
	if y < m.top || y >= m.top+m.height {
		clear(cover)
		return
	}
	row := m.cover[(y-m.top)*m.width : (y-m.top+1)*m.width]
	for i, c := range cover {
		if x := left + i - m.left; c > 0 && x >= 0 && x < m.width {
			cover[i] = c * int32(row[x]) / full
		} else {
			cover[i] = 0
		}
	}
}

// maskOf returns the mask of a path.
func (c *canvas) maskOf(p *Path, m matrix) *mask {
	lines := flatten(p, m)
	box := nothing
	for _, l := range lines {
		for _, p := range l.points {
			box = box.include(p)
		}
	}
	box = box.intersect(c.box())
	if box.empty() {
		return &mask{}
	}
	k := &mask{left: int(box.MinX), top: int(box.MinY)}
	k.width, k.height = min(int(box.MaxX)+1, c.width)-k.left, min(int(box.MaxY)+1, c.bottom)-k.top
	k.cover = make([]uint16, k.width*k.height)
	c.collect(lines)
	c.scan.fill(&c.edges, func(y, left int, cover []int32) {
		for i, v := range cover {
			if x := left + i - k.left; x >= 0 && x < k.width && y-k.top < k.height {
				k.cover[(y-k.top)*k.width+x] = uint16(v)
			}
		}
	})
	return k
}

func (c *canvas) collect(lines []polyline) {
	c.edges.reset(c.top, c.bottom)
	for _, l := range lines {
		c.edges.polygon(l.points)
	}
}

// fill paints the inside of lines.
func (c *canvas) fill(lines []polyline, with paint) {
	c.collect(lines)
	c.paint(with)
}

// stroke paints along lines.
func (c *canvas) stroke(lines []polyline, s *Stroke, scale float64, with paint) {
	c.edges.reset(c.top, c.bottom)
	stroke(&c.edges, lines, s, scale, c.box())
	c.paint(with)
}

// paint says which colour a pixel gets.
type paint interface {
	// over paints coverage, 0 to full, over pixels of a row, premultiplied RGBA.
	over(pix []byte, x, y int, cover []int32)
}

// paint paints what the edges cover.
func (c *canvas) paint(with paint) {
	c.scan.fill(&c.edges, func(y, left int, cover []int32) {
		if c.clip != nil {
			c.clip.apply(y, left, cover)
		}
		with.over(c.row(y)[4*left:], left, y, cover)
	})
}

// solid is one colour.
type solid struct {
	r, g, b uint32
	alpha   uint32 // 0 to full
}

func solidOf(c rgb, alpha float64) solid {
	r, g, b := c.channels()
	return solid{r, g, b, uint32(min(max(alpha, 0), 1)*full + 0.5)}
}

func (s solid) over(pix []byte, _, _ int, cover []int32) {
	opaque := s.r | s.g<<8 | s.b<<16 | 255<<24
	for i, c := range cover {
		if c == 0 {
			continue
		}
		p := pix[4*i : 4*i+4 : 4*i+4]
		a := (uint32(c)*s.alpha/full*255 + full/2) / full
		if a == 255 {
			binary.LittleEndian.PutUint32(p, opaque)
			continue
		}
		p[0] = byte(blend(s.r*a, p[0], a))
		p[1] = byte(blend(s.g*a, p[1], a))
		p[2] = byte(blend(s.b*a, p[2], a))
		p[3] = byte(blend(255*a, p[3], a))
	}
}

// blend puts a channel, times its alpha of 255, over another.
func blend(source uint32, under byte, alpha uint32) uint32 {
	return (source + uint32(under)*(255-alpha) + 127) / 255
}
