package draw

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif"  // formats that boards take
	_ "image/jpeg" //
	_ "image/png"  //
	"math"
	"sync"

	_ "golang.org/x/image/webp" //
)

// maxImagePixels is the largest image that is decoded, in pixels; a larger one is shown as
// one that is missing.
const maxImagePixels = 40 << 20

// Image is a decoded picture. Safe for concurrent use.
type Image struct{ pixels }

// maxGlyphPixels is the largest picture that is part of a font, in pixels.
const maxGlyphPixels = 1 << 20

// DecodeImage reads a picture that is part of a font. Errors: what is no image of a known
// format, or a too large one.
func DecodeImage(data []byte) (*Image, error) {
	p, err := decodeImage(data, maxGlyphPixels)
	if err != nil {
		return nil, err
	}
	return &Image{*p}, nil
}

// Bytes is how much memory the picture takes; none if it is nil.
func (i *Image) Bytes() int {
	if i == nil {
		return 0
	}
	return len(i.rgba) * 4 / 3
}

// pixels is an image, premultiplied RGBA.
type pixels struct {
	width, height int
	rgba          []byte
	half          func() *pixels // made when it is needed
}

// decodeImage reads an image of any format that boards take.
func decodeImage(data []byte, most int) (*pixels, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if c.Width < 1 || c.Height < 1 || c.Width*c.Height > most {
		return nil, fmt.Errorf("the image has %d × %d pixels; the limit is %d together", c.Width, c.Height, most)
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	size := decoded.Bounds().Size()
	rgba := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(rgba, rgba.Rect, decoded, decoded.Bounds().Min, draw.Src)
	return newPixels(size.X, size.Y, rgba.Pix), nil
}

func newPixels(width, height int, rgba []byte) *pixels {
	p := &pixels{width: width, height: height, rgba: rgba}
	p.half = sync.OnceValue(p.halved)
	return p
}

// halved averages squares of four pixels.
func (p *pixels) halved() *pixels {
	width, height := (p.width+1)/2, (p.height+1)/2
	rgba := make([]byte, 4*width*height)
	for y := range height {
		above, below := p.row(2*y), p.row(min(2*y+1, p.height-1))
		for x := range width {
			a, b := 8*x, 4*min(2*x+1, p.width-1)
			for i := range 4 {
				sum := int(above[a+i]) + int(above[b+i]) + int(below[a+i]) + int(below[b+i])
				rgba[4*(y*width+x)+i] = byte((sum + 2) / 4)
			}
		}
	}
	return newPixels(width, height, rgba)
}

func (p *pixels) row(y int) []byte { return p.rgba[4*y*p.width : 4*(y+1)*p.width] }

// sampler paints with an image.
type sampler struct {
	image *pixels
	// from leads from the picture's pixels to those of the image.
	from  matrix
	alpha uint32 // 0 to full
	// visible is the part that is shown, in pixels of the image.
	visible Box
}

// newSampler paints the image so that to leads from the unit square, which its visible part
// fills, to pixels; false when nothing can be seen of it. An image of which several pixels
// fall on one is halved first.
func newSampler(p *pixels, crop [4]float64, to matrix, alpha float64) (*sampler, bool) {
	w, h := float64(p.width), float64(p.height)
	part := Box{crop[0] * w, crop[1] * h, (crop[0] + crop[2]) * w, (crop[1] + crop[3]) * h}
	part = part.intersect(Box{0, 0, w, h})
	if !(part.width() > 0 && part.height() > 0) {
		return nil, false
	}
	back, ok := to.inverse()
	if !ok {
		return nil, false
	}
	from := translation(part.MinX, part.MinY).times(scaling(part.width(), part.height())).times(back)
	for shrink := from.scale(); shrink >= 2 && min(p.width, p.height) > 1; shrink /= 2 {
		half := p.half()
		by := scaling(float64(half.width)/float64(p.width), float64(half.height)/float64(p.height))
		p, from, part = half, by.times(from), by.around(part)
	}
	return &sampler{p, from, uint32(min(max(alpha, 0), 1)*full + 0.5), part}, true
}

func (s *sampler) over(pix []byte, left, y int, cover []int32) {
	for i, c := range cover {
		if c == 0 {
			continue
		}
		at := s.from.apply(Point{float64(left+i) + 0.5, float64(y) + 0.5})
		source := s.at(at)
		part := uint32(c) * s.alpha / full
		p := pix[4*i : 4*i+4 : 4*i+4]
		alpha := (source[3]*part + full/2) / full
		for j := range p {
			p[j] = byte(min((source[j]*part+full/2)/full+(uint32(p[j])*(255-alpha)+127)/255, 255))
		}
	}
}

// at mixes the four pixels around a place.
func (s *sampler) at(p Point) (mixed [4]uint32) {
	x := min(max(p.X, s.visible.MinX), s.visible.MaxX) - 0.5
	y := min(max(p.Y, s.visible.MinY), s.visible.MaxY) - 0.5
	left, top := math.Floor(x), math.Floor(y)
	u, v := uint32((x-left)*256), uint32((y-top)*256)
	x0, y0 := s.clamp(int(left), s.image.width), s.clamp(int(top), s.image.height)
	x1, y1 := s.clamp(int(left)+1, s.image.width), s.clamp(int(top)+1, s.image.height)
	above, below := s.image.row(y0), s.image.row(y1)
	for i := range mixed {
		a := uint32(above[4*x0+i])*(256-u) + uint32(above[4*x1+i])*u
		b := uint32(below[4*x0+i])*(256-u) + uint32(below[4*x1+i])*u
		mixed[i] = (a*(256-v) + b*v + 1<<15) >> 16
	}
	return mixed
}

func (s *sampler) clamp(i, n int) int { return min(max(i, 0), n-1) }
