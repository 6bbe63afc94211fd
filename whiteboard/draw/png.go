package draw

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/easelhq/easel/whiteboard"
)

const (
	// bandBytes is how much memory the pixels of one band take at most: a large picture is
	// made from top to bottom, a band at a time on each core.
	bandBytes = 8 << 20
	// minRows is how high bands are at least, where that fits: shapes that reach into several
	// are made for each.
	minRows = 64
)

// PNG writes a picture of the board. Memory is bounded whatever its size.
// Errors: a whiteboard.Refusal for options and sizes beyond the limits, before anything is
// written; ctx's, w's and those of Options.Asset, which is called by one goroutine at a time.
func (b *Board) PNG(ctx context.Context, w io.Writer, o Options) error {
	v, err := b.view(o)
	if err == nil {
		err = v.fits()
	}
	if err != nil {
		return err
	}
	cores := min(runtime.GOMAXPROCS(0), maxCores)
	rows := min(max(v.height/(4*cores), minRows), max(bandBytes/(4*v.width), 1), v.height)
	images := &imageCache{find: v.Asset}
	out := newPNG(w, v.width, v.height, v.Transparent)
	err = inParts(ctx, v.height, rows, cores, func(ctx context.Context) func(top, bottom int) (packedRows, error) {
		p := painter{view: v, canvas: newCanvas(v.width, rows), glyphs: glyphs{setter: v.Fonts}, images: images}
		p.canvas.scan.stopped = func() bool { return ctx.Err() != nil }
		zip := newRowZip(v.width, v.Transparent)
		return func(top, bottom int) (packedRows, error) {
			if err := p.band(ctx, b, top, bottom); err != nil {
				return packedRows{}, err
			}
			return zip.pack(top, bottom, p.canvas.row), nil
		}
	}, out.add)
	if err != nil {
		return err
	}
	return out.finish()
}

// painter paints shapes on a canvas.
type painter struct {
	view
	canvas *canvas
	glyphs glyphs
	images *imageCache // shared by those that paint other bands
	clips  maskCache
	flat   flattener // for one path after the other
}

// band paints the rows from top to bottom.
func (p *painter) band(ctx context.Context, b *Board, top, bottom int) error {
	var background [4]byte
	if !p.Transparent {
		r, g, b := b.paperColor(p.Theme).channels()
		background = [4]byte{byte(r), byte(g), byte(b), 255}
	}
	p.canvas.begin(top, bottom, background)
	p.clips = maskCache{}
	world := p.toPixels()
	visible := p.canvas.box().grow(1)
	if p.background != nil {
		if err := p.image(*p.background, world, 1); err != nil {
			return err
		}
	}
	for _, s := range p.shapes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !world.around(s.box).overlaps(visible) {
			continue
		}
		if err := p.shape(s, world); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (p *painter) shape(s *shape, world matrix) error {
	p.clipTo(s, world)
	m := world.times(s.turned())
	opacity := s.opacity()
	for _, item := range s.picture(p.Scale) {
		switch item := item.(type) {
		case PathItem:
			p.path(item, m, opacity)
		case TextItem:
			p.text(item, m, opacity)
		case ImageItem:
			if err := p.image(item, m, opacity); err != nil {
				return err
			}
		}
	}
	return nil
}

// clipTo clips to the frame that a shape is in.
func (p *painter) clipTo(s *shape, world matrix) {
	p.canvas.clip = nil
	if s.clip != nil {
		p.canvas.clip = p.clips.get(s.inFrame, func() *mask { return p.canvas.maskOf(new(Path).polyline(s.clip, true), world) })
	}
}

// maskCache keeps the masks of frames while they take no more than maskBytes, and the last.
type maskCache struct {
	known map[whiteboard.RecordID]*mask
	bytes int
}

const maskBytes = 32 << 20

func (c *maskCache) get(frame whiteboard.RecordID, create func() *mask) *mask {
	if known := c.known[frame]; known != nil {
		return known
	}
	m := create()
	if c.bytes += 2 * len(m.cover); c.known == nil || c.bytes > maskBytes {
		c.known, c.bytes = map[whiteboard.RecordID]*mask{}, 2*len(m.cover)
	}
	c.known[frame] = m
	return m
}

const (
	// leastWidth is how wide lines are at least, in pixels, and legible how large letters are,
	// smaller ones being bars. Source: web/src/shapes/paint.ts.
	leastWidth = 0.5
	legible    = 4
	barAlpha   = 0.5
)

func (p *painter) path(item PathItem, m matrix, opacity float64) {
	lines := p.flat.again().add(item.Path, m).lines
	if item.Fill != "" {
		p.canvas.fill(lines, solidOf(p.Theme.color(item.Fill), opacity*item.Alpha))
	}
	if item.Stroke != nil {
		line := *item.Stroke
		line.Width = max(line.Width, leastWidth/p.Scale)
		p.canvas.stroke(lines, &line, m.scale(), solidOf(p.Theme.color(item.Stroke.Color), opacity*item.Alpha))
	}
}

func (p *painter) text(item TextItem, m matrix, opacity float64) {
	color := p.Theme.color(item.Color)
	if item.Size*p.Scale < legible {
		bar := Box{item.X, item.Y - 0.5*item.Size, item.X + item.Width, item.Y - 0.1*item.Size}
		p.canvas.fill(flatten(bar.path(), m), solidOf(color, barAlpha*opacity))
		return
	}
	line := p.glyphs.line(item, m)
	p.canvas.fill(line.outlines, solidOf(color, opacity))
	for _, l := range line.layers {
		p.canvas.fill(flatten(l.Path, l.at), l.paint(color, opacity))
	}
	for _, i := range line.images {
		if s, ok := newSampler(&i.pixels, wholeImage, i.to, opacity); ok {
			p.canvas.fill(flatten(unitSquare, i.to), s)
		}
	}
}

func (p *painter) image(item ImageItem, m matrix, opacity float64) error {
	pixels, err := p.images.get(item.Asset)
	if err != nil {
		return err
	}
	place := flatten(item.Box.path(), m)
	if pixels == nil {
		p.canvas.fill(place, solidOf(p.Theme.color(missingColor), missingAlpha*opacity))
		return nil
	}
	to := m.times(translation(item.Box.MinX, item.Box.MinY)).times(scaling(item.Box.width(), item.Box.height()))
	flip := translation(0.5, 0.5).times(scaling(item.Flip[0], item.Flip[1])).times(translation(-0.5, -0.5))
	if s, ok := newSampler(pixels, item.Crop, to.times(flip), opacity); ok {
		p.canvas.fill(place, s)
	}
	return nil
}

// imageCache keeps decoded images while they take no more than cachedBytes, and the last.
// Safe for concurrent use.
type imageCache struct {
	find func(hash string) (whiteboard.Asset, error)

	mu    sync.Mutex
	known map[string]*pixels // guarded by mu
	bytes int                // guarded by mu
}

const cachedBytes = 64 << 20

// get returns an image; nil when it is missing or can't be read.
func (c *imageCache) get(hash string) (*pixels, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[hash]; ok {
		return known, nil
	}
	if c.find == nil || hash == "" {
		return nil, nil
	}
	asset, err := c.find(hash)
	switch {
	case errors.Is(err, whiteboard.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	decoded, err := decodeImage(asset.Data, maxImagePixels)
	if err != nil {
		decoded = &pixels{} // of no kind that can be shown
	}
	c.keep(hash, decoded)
	return c.known[hash], nil
}

func (c *imageCache) keep(hash string, image *pixels) {
	if c.known == nil || c.bytes+len(image.rgba) > cachedBytes {
		c.known, c.bytes = map[string]*pixels{}, 0
	}
	c.bytes += len(image.rgba)
	if image.width == 0 {
		image = nil
	}
	c.known[hash] = image
}
