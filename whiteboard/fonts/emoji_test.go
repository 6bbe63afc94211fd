package fonts_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/image/font/sfnt"

	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/draw"
	"github.com/easelhq/easel/whiteboard/fonts"
)

// big returns the bytes of values, the most significant first.
func big(values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		binary.Write(&b, binary.BigEndian, v)
	}
	return b.Bytes()
}

// withTables is a font file with more tables.
//
// Source: OpenType, table directory.
func withTables(file []byte, added map[string][]byte) []byte {
	tables := maps.Clone(added)
	for at := 12; at < 12+16*int(binary.BigEndian.Uint16(file[4:])); at += 16 {
		from, length := binary.BigEndian.Uint32(file[at+8:]), binary.BigEndian.Uint32(file[at+12:])
		tables[string(file[at:at+4])] = file[from : from+length]
	}
	names := slices.SortedFunc(maps.Keys(tables), cmp.Compare[string])
	directory := append(bytes.Clone(file[:4]), big(uint16(len(names)), [3]uint16{})...)
	data := []byte{}
	for _, name := range names {
		at := 12 + 16*len(names) + len(data)
		directory = append(append(directory, name...), big(uint32(0), uint32(at), uint32(len(tables[name])))...)
		data = append(data, tables[name]...)
		data = append(data, make([]byte, -len(data)&3)...)
	}
	return append(directory, data...)
}

// glyphsOf are the numbers of the other font's glyphs of letters.
func glyphsOf(t *testing.T, letters string) (ids []uint16) {
	t.Helper()
	f, err := sfnt.Parse(read(t, other))
	check(t, err)
	for _, r := range letters {
		id, err := f.GlyphIndex(nil, r)
		check(t, err)
		ids = append(ids, uint16(id))
	}
	return ids
}

// layered are tables in which the glyph of A is that of B in red below that of C in the
// text's colour.
//
// Source: OpenType, COLR version 0 and CPAL.
func layered(t *testing.T) map[string][]byte {
	g := glyphsOf(t, "ABC")
	return map[string][]byte{
		"COLR": big(uint16(0), uint16(1), uint32(14), uint32(20), uint16(2), g[0], uint16(0), uint16(2), g[1], uint16(0), g[2], uint16(0xffff)),
		"CPAL": big(uint16(0), uint16(1), uint16(1), uint16(1), uint32(14), uint16(0), [4]byte{0, 0, 255, 255}),
	}
}

// pictured is a table in which the glyph of A is a green picture, half an em high.
//
// Source: OpenType, sbix.
func pictured(t *testing.T) map[string][]byte {
	f, err := sfnt.Parse(read(t, other))
	check(t, err)
	square := image.NewNRGBA(image.Rect(0, 0, 4, 4))
	for i := range 16 {
		square.Set(i%4, i/4, color.NRGBA{0, 255, 0, 255})
	}
	var data bytes.Buffer
	data.Write(big([2]int16{0, 0}, []byte("png ")))
	check(t, png.Encode(&data, square))
	head := 4 + 4*(f.NumGlyphs()+1)
	strike := big(uint16(8), uint16(72))
	for i := range f.NumGlyphs() + 1 {
		at := head
		if i > int(glyphsOf(t, "A")[0]) {
			at += data.Len()
		}
		strike = append(strike, big(uint32(at))...)
	}
	return map[string][]byte{"sbix": append(big(uint16(1), uint16(1), uint32(1), uint32(12)), append(strike, data.Bytes()...)...)}
}

// colored are Fonts in which some characters look like the A of the other font, or what
// tables make of it.
func colored(t *testing.T, characters string, tables map[string][]byte) *fonts.Fonts {
	var groups []uint32
	for _, r := range characters {
		groups = append(groups, uint32(r), uint32(r), uint32(glyphsOf(t, "A")[0]))
	}
	folder := t.TempDir()
	check(t, os.WriteFile(filepath.Join(folder, "colored.ttf"), withMap(withTables(read(t, other), tables), groups), 0o600))
	return fonts.New(fonts.Options{Folder: folder})
}

func TestSet_emojiHaveColours_othersOnlyWhenTheyAreAskedFor(t *testing.T) {
	f := colored(t, "1a\u200d\u20e3\ufe0f🎉", layered(t))
	for text, want := range map[string]string{
		"🎉":               "colour",
		"a🎉":              "plain colour",
		"a":               "plain",
		"a\ufe0f":         "colour",
		"1":               "plain",
		"1\ufe0f\u20e3":   "colour colour",
		"a \U0001f9d1🎉 b": "plain plain plain colour plain plain",
	} {
		got := ""
		for _, g := range f.Set(read(t, own), text, false) {
			if g.Advance == 0 && g.Char == '\ufe0f' {
				continue
			}
			look := " plain"
			if g.Layers != nil {
				look = " colour"
			}
			got += look
		}
		if got != " "+want {
			t.Errorf("%q is%s, want %s", text, got, want)
		}
	}
}

func TestPNG_showsEmojiInTheirColours(t *testing.T) {
	board := draw.New([]whiteboard.Record{{ID: "t", Props: whiteboard.Patch{
		"kind": []byte(`"text"`), "at": []byte(`[0,0]`), "size": []byte(`[120,40]`), "z": []byte(`"a0"`),
		"text": []byte(`"🎉"`), "fontsize": []byte(`40`), "font": []byte(`"sans"`), "color": []byte(`"black"`),
	}}})
	for name, c := range map[string]struct {
		tables map[string][]byte
		want   color.NRGBA
	}{
		"layers":  {layered(t), color.NRGBA{255, 0, 0, 255}},
		"picture": {pictured(t), color.NRGBA{0, 255, 0, 255}},
	} {
		var out bytes.Buffer
		check(t, board.PNG(t.Context(), &out, draw.Options{Fonts: colored(t, "🎉", c.tables)}))
		picture, err := png.Decode(&out)
		check(t, err)
		count := 0
		for y := range picture.Bounds().Dy() {
			for x := range picture.Bounds().Dx() {
				if color.NRGBAModel.Convert(picture.At(x, y)) == c.want {
					count++
				}
			}
		}
		if count < 20 {
			t.Errorf("%s: %d pixels are %v", name, count, c.want)
		}
	}
}

// A font that is broken makes a picture without some letters, never a panic.
func FuzzSet_brokenColours(f *testing.F) {
	t := new(testing.T)
	for _, tables := range []map[string][]byte{layered(t), pictured(t)} {
		f.Add(tables["COLR"], tables["CPAL"], tables["sbix"])
	}
	folder := f.TempDir()
	plain, err := os.ReadFile(other)
	if err != nil {
		f.Fatal(err)
	}
	a := uint32(glyphsOf(t, "A")[0])
	f.Fuzz(func(t *testing.T, colr, cpal, sbix []byte) {
		file := withMap(withTables(plain, map[string][]byte{"COLR": colr, "CPAL": cpal, "sbix": sbix}), []uint32{'🎉', '🎉', a})
		check(t, os.WriteFile(filepath.Join(folder, "colored.ttf"), file, 0o600))
		for _, g := range fonts.New(fonts.Options{Folder: folder}).Set(read(t, own), "🎉", false) {
			if len(g.Layers) > 256 || g.Image.Bytes() > 8<<20 {
				t.Errorf("%d layers, a picture of %d bytes", len(g.Layers), g.Image.Bytes())
			}
		}
	})
}
