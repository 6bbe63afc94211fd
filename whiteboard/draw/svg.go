package draw

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/easelhq/easel/whiteboard"
)

// SVG writes a picture of the board, complete in itself: fonts and images are within, and
// there are no scripts. Errors: a whiteboard.Refusal for options beyond the limits, before
// anything is written; ctx's, w's and those of Options.Asset.
func (b *Board) SVG(ctx context.Context, w io.Writer, o Options) error {
	v, err := b.view(o)
	if err != nil {
		return err
	}
	s := svgWriter{view: v, out: bufio.NewWriter(w), images: map[string]string{}, clips: map[whiteboard.RecordID]string{}, fonts: map[FontName]map[rune]bool{}}
	s.head(b)
	if v.background != nil {
		if err := s.image(*v.background, 1); err != nil {
			return err
		}
	}
	if err := inParts(ctx, len(v.shapes), shapesAtOnce, min(runtime.GOMAXPROCS(0), maxCores), v.drawnShapes, s.each); err != nil {
		return err
	}
	s.styles()
	s.text("</svg>\n")
	return s.out.Flush()
}

// shapesAtOnce is how many shapes are made at a time, ahead of those that are written.
const shapesAtOnce = 32

// drawnShape is a shape that is ready to be written.
type drawnShape struct {
	*shape
	picture Picture
	// paths are the commands of its paths, in their order.
	paths [][]byte
}

// drawnShapes makes some of the shapes ready.
func (v view) drawnShapes(ctx context.Context) func(first, last int) ([]drawnShape, error) {
	return func(first, last int) ([]drawnShape, error) {
		ready := make([]drawnShape, last-first)
		for i, s := range v.shapes[first:last] {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			ready[i] = drawnShape{shape: s, picture: s.picture(math.Inf(1))}
			for _, item := range ready[i].picture {
				if path, ok := item.(PathItem); ok {
					ready[i].paths = append(ready[i].paths, appendCommands(nil, path.Path))
				}
			}
		}
		return ready, nil
	}
}

// svgWriter writes elements; the buffer keeps the first error of the writer beneath.
type svgWriter struct {
	view
	out    *bufio.Writer
	images map[string]string // ids by hash; empty for missing ones
	clips  map[whiteboard.RecordID]string
	fonts  map[FontName]map[rune]bool // the characters that were written
}

func (s *svgWriter) head(b *Board) {
	s.text(`<svg xmlns="http://www.w3.org/2000/svg"`)
	s.number("width", s.box.width()*s.Scale).number("height", s.box.height()*s.Scale)
	s.text(` viewBox="`)
	s.list(s.box.MinX, s.box.MinY, s.box.width(), s.box.height())
	s.text("\">\n")
	if !s.Transparent {
		s.text("<rect").sides(s.box).attribute("fill", b.paperColor(s.Theme).String())
		s.text("/>\n")
	}
}

func (s *svgWriter) each(shapes []drawnShape) error {
	for _, shape := range shapes {
		if err := s.shape(shape); err != nil {
			return err
		}
	}
	return nil
}

func (s *svgWriter) shape(shape drawnShape) error {
	if len(shape.picture) == 0 {
		return nil
	}
	if to := shape.link(); whiteboard.IsLink(to) {
		s.text("<a").attribute("href", to).text(" target=\"_blank\" rel=\"noopener\">\n")
		defer s.text("</a>\n")
	}
	if shape.clip != nil {
		id := s.clipID(shape.shape)
		s.text("<g").attribute("clip-path", "url(#"+id+")").text(">\n")
		defer s.text("</g>\n")
	}
	if m := shape.turned(); m != identity {
		s.text("<g").matrix(m).text(">\n")
		defer s.text("</g>\n")
	}
	opacity := shape.opacity()
	for _, item := range shape.picture {
		switch item := item.(type) {
		case PathItem:
			s.path(item, shape.paths[0], opacity)
			shape.paths = shape.paths[1:]
		case TextItem:
			s.line(item, opacity)
		case ImageItem:
			if err := s.image(item, opacity); err != nil {
				return err
			}
		}
	}
	return nil
}

// clipID names the clip of a shape's frame, which is written where it is first needed.
func (s *svgWriter) clipID(shape *shape) string {
	if id, known := s.clips[shape.inFrame]; known {
		return id
	}
	id := "c" + strconv.Itoa(len(s.clips)+1)
	s.clips[shape.inFrame] = id
	s.text("<clipPath").attribute("id", id).text(`><path d="`)
	s.out.Write(appendCommands(nil, new(Path).polyline(shape.clip, true)))
	s.text("\"/></clipPath>\n")
	return id
}

func (s *svgWriter) path(item PathItem, commands []byte, opacity float64) {
	if item.Path.empty() {
		return
	}
	s.text(`<path d="`)
	s.out.Write(commands)
	s.text(`"`)
	alpha := opacity * item.Alpha
	if item.Fill == "" {
		s.attribute("fill", "none")
	} else {
		s.attribute("fill", s.Theme.color(item.Fill).String()).share("fill-opacity", alpha)
	}
	if item.Stroke != nil {
		s.stroke(item.Stroke, alpha)
	}
	s.text("/>\n")
}

// appendCommands writes a path. All but the beginnings of lines are relative to where the
// command before ended, which takes fewer digits; as the places are rounded first, errors
// do not add up.
func appendCommands(b []byte, p *Path) []byte {
	b = slices.Grow(b, 5*len(p.Coordinates)+len(p.Commands))
	var from, start [2]int64
	p.each(func(c Command, to []float64) {
		switch c {
		case 'Z':
			b, from = append(b, 'z'), start
			return
		case 'M':
			b, from = append(b, 'M'), [2]int64{}
		default:
			b = append(b, byte(c)-'A'+'a')
		}
		var at [2]int64
		for i, f := range to {
			at[i%2] = thousandths(f)
			by := at[i%2] - from[i%2]
			if i > 0 && by >= 0 {
				b = append(b, ' ')
			}
			b = appendNumber(b, by)
		}
		from = at
		if c == 'M' {
			start = at
		}
	})
	return b
}

func (s *svgWriter) stroke(k *Stroke, alpha float64) {
	s.attribute("stroke", s.Theme.color(k.Color).String()).number("stroke-width", k.Width).share("stroke-opacity", alpha)
	if k.RoundCap {
		s.attribute("stroke-linecap", "round")
	}
	if k.RoundJoin {
		s.attribute("stroke-linejoin", "round")
	} else {
		s.number("stroke-miterlimit", miterLimit)
	}
	if len(k.Dash) > 0 {
		s.text(` stroke-dasharray="`)
		s.list(k.Dash...)
		s.text(`"`)
	}
}

func (s *svgWriter) line(item TextItem, opacity float64) {
	s.note(item)
	s.text("<text").number("x", item.X).number("y", item.Y).number("font-size", item.Size)
	s.attribute("font-family", families[item.Font]).attribute("fill", s.Theme.color(item.Color).String()).share("fill-opacity", opacity)
	if isRightToLeft(item.Text) {
		s.text(` direction="rtl" text-anchor="end"`)
	}
	s.text(` style="white-space:pre;font-kerning:none">`).escaped(item.Text).text("</text>\n")
}

// note remembers which characters of a font are needed.
func (s *svgWriter) note(item TextItem) {
	if s.fonts[item.Font] == nil {
		s.fonts[item.Font] = map[rune]bool{}
	}
	for _, c := range item.Text {
		s.fonts[item.Font][c] = true
	}
}

// families are the fonts' names, and those of others for characters that they lack, as in
// web/src/shapes/webfonts.ts.
var families = map[FontName]string{
	Hand:  "'Easel Hand', 'Segoe Print', 'Comic Sans MS', sans-serif",
	Sans:  "'Easel Sans', system-ui, sans-serif",
	Serif: "'Easel Serif', Georgia, serif",
	Mono:  "'Easel Mono', ui-monospace, monospace",
}

// image draws an image, which is written where it is first needed, on the unit square.
func (s *svgWriter) image(item ImageItem, opacity float64) error {
	id, err := s.imageID(item.Asset)
	if err != nil {
		return err
	}
	if id == "" {
		s.text("<rect").sides(item.Box).attribute("fill", s.Theme.color(missingColor).String()).share("fill-opacity", missingAlpha*opacity)
		s.text("/>\n")
		return nil
	}
	flip := translation(0.5, 0.5).times(scaling(item.Flip[0], item.Flip[1])).times(translation(-0.5, -0.5))
	m := translation(item.Box.MinX, item.Box.MinY).times(scaling(item.Box.width(), item.Box.height())).times(flip)
	s.text("<g").matrix(m).share("opacity", opacity).text(">")
	s.text(`<svg width="1" height="1" preserveAspectRatio="none" viewBox="`).exact(item.Crop[:]...)
	s.text(`"><use href="#`).text(id).text("\"/></svg></g>\n")
	return nil
}

func (s *svgWriter) imageID(hash string) (string, error) {
	id, known := s.images[hash]
	if known || s.Asset == nil || hash == "" {
		return id, nil
	}
	asset, err := s.Asset(hash)
	switch {
	case errors.Is(err, whiteboard.ErrNotFound), err == nil && !shown[asset.Type]:
		s.images[hash] = ""
		return "", nil
	case err != nil:
		return "", err
	}
	id = "i" + strconv.Itoa(len(s.images)+1)
	s.images[hash] = id
	s.text(`<defs><image width="1" height="1" preserveAspectRatio="none"`).attribute("id", id)
	s.text(` href="`).data(asset.Type, asset.Data).text("\"/></defs>\n")
	return id, nil
}

// shown are the types of images that boards take.
var shown = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// styles names the fonts that were used.
func (s *svgWriter) styles() {
	if len(s.fonts) == 0 {
		return
	}
	s.text("<style>\n")
	for _, name := range slices.Sorted(maps.Keys(s.fonts)) {
		family, _, _ := strings.Cut(families[name], ",")
		s.text("@font-face{font-family:").text(family).text(`;src:url("`)
		s.data("font/ttf", typefaceOf(name).subset(s.fonts[name])).text("\") format(\"truetype\")}\n")
	}
	s.text("</style>\n")
}

func (s *svgWriter) data(kind string, data []byte) *svgWriter {
	s.text("data:").text(kind).text(";base64,")
	e := base64.NewEncoder(base64.StdEncoding, s.out)
	e.Write(data)
	e.Close()
	return s
}

// text writes text as it is.
func (s *svgWriter) text(t string) *svgWriter {
	s.out.WriteString(t)
	return s
}

func (s *svgWriter) escaped(t string) *svgWriter {
	xml.EscapeText(s.out, []byte(t))
	return s
}

func (s *svgWriter) attribute(name, value string) *svgWriter {
	return s.text(" ").text(name).text(`="`).escaped(value).text(`"`)
}

func (s *svgWriter) number(name string, value float64) *svgWriter {
	s.text(" ").text(name).text(`="`)
	s.list(value)
	return s.text(`"`)
}

// share writes a number unless it is 1.
func (s *svgWriter) share(name string, value float64) *svgWriter {
	if value == 1 {
		return s
	}
	return s.number(name, value)
}

func (s *svgWriter) sides(b Box) *svgWriter {
	return s.number("x", b.MinX).number("y", b.MinY).number("width", b.width()).number("height", b.height())
}

func (s *svgWriter) matrix(m matrix) *svgWriter {
	return s.text(` transform="matrix(`).exact(m.a, m.b, m.c, m.d, m.e, m.f).text(`)"`)
}

// exact writes numbers as they are.
func (s *svgWriter) exact(values ...float64) *svgWriter {
	for i, f := range values {
		if i > 0 {
			s.out.WriteByte(' ')
		}
		s.out.Write(strconv.AppendFloat(s.out.AvailableBuffer(), finiteOr0(f), 'g', 10, 64))
	}
	return s
}

// list writes numbers to a thousandth.
func (s *svgWriter) list(values ...float64) {
	for i, f := range values {
		if i > 0 {
			s.out.WriteByte(' ')
		}
		s.out.Write(appendNumber(s.out.AvailableBuffer(), thousandths(f)))
	}
}

// thousandths is a number rounded to a thousandth.
func thousandths(f float64) int64 {
	f = min(max(finiteOr0(f), -1e12), 1e12) * 1000
	if f < 0 {
		return int64(f - 0.5)
	}
	return int64(f + 0.5)
}

// appendNumber is what strconv does, for thousandths, in less time.
func appendNumber(b []byte, n int64) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	if n >= 1000 || n == 0 {
		b = strconv.AppendInt(b, n/1000, 10)
	}
	if n %= 1000; n == 0 {
		return b
	}
	b = append(b, '.', byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

func finiteOr0(f float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}
