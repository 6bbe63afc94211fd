package fonts

import (
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
	"github.com/go-text/typesetting/shaping"

	"github.com/easelhq/easel/whiteboard/draw"
)

// Glyphs that were read are kept, up to so many and so many bytes of pictures.
const (
	maxDrawn      = 4096
	maxDrawnBytes = 16 << 20
)

// maxLayers is how many layers a glyph may have; of more, the lowest are drawn.
const maxLayers = 256

type drawnKey struct {
	face  *font.Face
	glyph font.GID
}

// drawn is how a glyph looks; nothing of it when nobody has it.
type drawn struct {
	path   *draw.Path
	layers []draw.Layer
	image  *draw.Image
	box    draw.Box
}

// drawnCache keeps glyphs; when it is full it begins anew.
type drawnCache struct {
	known map[drawnKey]drawn
	bytes int
}

func (c *drawnCache) get(face *font.Face, id font.GID) drawn {
	key := drawnKey{face, id}
	if d, ok := c.known[key]; ok {
		return d
	}
	d := read(face, id)
	c.bytes += d.image.Bytes()
	if c.known == nil || len(c.known) >= maxDrawn || c.bytes > maxDrawnBytes {
		c.known, c.bytes = map[drawnKey]drawn{}, d.image.Bytes()
	}
	c.known[key] = d
	return d
}

// read reads a glyph: as layers, as a picture, or else as an outline. Of a glyph whose data
// are broken there is nothing.
func read(face *font.Face, id font.GID) (d drawn) {
	defer func() {
		if recover() != nil { // the tables of colours are not checked when they are loaded
			d = drawn{}
		}
	}()
	if color, ok := face.GlyphDataColor(id); ok {
		if layers := layersOf(face, color); layers != nil {
			return drawn{layers: layers}
		}
	}
	if bitmap, ok := face.GlyphDataBitmap(id); ok {
		if d, ok := pictureOf(face, id, bitmap); ok {
			return d
		}
	}
	return drawn{path: outlineOf(face, id)}
}

// pictureOf is a glyph that is a picture of its own.
func pictureOf(face *font.Face, id font.GID, bitmap font.GlyphBitmap) (drawn, bool) {
	if bitmap.Format != font.PNG && bitmap.Format != font.JPG {
		return drawn{}, false
	}
	extents, ok := face.GlyphExtents(id)
	if !ok {
		return drawn{}, false
	}
	image, err := draw.DecodeImage(bitmap.Data)
	if err != nil {
		return drawn{}, false
	}
	em := float64(face.Upem())
	x, y := float64(extents.XBearing)/em, -float64(extents.YBearing)/em
	return drawn{image: image, box: draw.Box{MinX: x, MinY: y, MaxX: x + float64(extents.Width)/em, MaxY: y - float64(extents.Height)/em}}, true
}

// layersOf are the layers of a glyph of COLR version 0; nil if it is of another.
func layersOf(face *font.Face, color font.GlyphColor) []draw.Layer {
	records, ok := color.Paint.(tables.PaintColrLayersResolved)
	if !ok || len(face.CPAL) == 0 {
		return nil
	}
	layers := []draw.Layer{}
	for _, r := range records[:min(len(records), maxLayers)] {
		layer := draw.Layer{Path: outlineOf(face, font.GID(r.GlyphID))}
		if int(r.PaletteIndex) < len(face.CPAL[0]) {
			c := face.CPAL[0][r.PaletteIndex]
			layer.Color = &draw.RGBA{R: c.Red, G: c.Green, B: c.Blue, A: c.Alpha}
		}
		if layer.Path != nil {
			layers = append(layers, layer)
		}
	}
	return layers
}

// outlineOf is a glyph's outline in ems, with y down; nil if it has none.
func outlineOf(face *font.Face, id font.GID) *draw.Path {
	outline, ok := face.GlyphDataOutline(id)
	if !ok {
		return nil
	}
	scale := 1 / float64(face.Upem())
	path := new(draw.Path)
	for _, s := range outline.Segments {
		path.Commands = append(path.Commands, commands[s.Op])
		for _, p := range s.ArgsSlice() {
			path.Coordinates = append(path.Coordinates, float64(p.X)*scale, -float64(p.Y)*scale)
		}
	}
	return path
}

var commands = map[opentype.SegmentOp]draw.Command{
	opentype.SegmentOpMoveTo: 'M', opentype.SegmentOpLineTo: 'L', opentype.SegmentOpQuadTo: 'Q', opentype.SegmentOpCubeTo: 'C',
}

// glyphOf is a glyph in ems, with y down; with nothing to draw when nobody has it.
func (f *Fonts) glyphOf(face *font.Face, g shaping.Glyph, text []rune) draw.Glyph {
	in := draw.Glyph{Char: text[g.TextIndex()], Advance: ems(g.Advance), X: ems(g.XOffset), Y: -ems(g.YOffset)}
	if g.GlyphID != 0 {
		d := f.drawn.get(face, g.GlyphID)
		in.Path, in.Layers, in.Image, in.Box = d.path, d.layers, d.image, d.box
	}
	return in
}
