package draw

import (
	"encoding/binary"
	"maps"
	"slices"

	"golang.org/x/image/font/sfnt"
)

// A TrueType file is a directory of tables; glyf holds the outlines, one after the other,
// and loca where each begins. A subset keeps the numbers of glyphs and leaves out the
// outlines that are not needed.
// Source: the OpenType specification, chapters glyf and loca.

// subset is the font's file with the outlines of some characters alone.
func (f *typeface) subset(chars map[rune]bool) []byte {
	tables := tablesOf(f.file)
	glyf, loca, head := tables["glyf"], tables["loca"], tables["head"]
	offsets := offsetsOf(loca, head[51] != 0)
	needed := f.glyphsOf(chars, glyf, offsets)
	var outlines, places []byte
	for i := 0; i+1 < len(offsets); i++ {
		places = binary.BigEndian.AppendUint32(places, uint32(len(outlines)))
		if needed[i] {
			outlines = append(outlines, glyphData(glyf, offsets, i)...)
			outlines = append(outlines, make([]byte, -len(outlines)&3)...)
		}
	}
	places = binary.BigEndian.AppendUint32(places, uint32(len(outlines)))
	head = slices.Clone(head)
	head[50], head[51] = 0, 1 // long offsets
	tables["glyf"], tables["loca"], tables["head"] = outlines, places, head
	return assemble(tables)
}

// glyphsOf finds the glyphs of characters, and those that they are made of.
func (f *typeface) glyphsOf(chars map[rune]bool, glyf []byte, offsets []uint32) map[int]bool {
	var buffer sfnt.Buffer
	needed := map[int]bool{}
	var need func(i int)
	need = func(i int) {
		if needed[i] || i+1 >= len(offsets) {
			return
		}
		needed[i] = true
		for _, part := range partsOf(glyphData(glyf, offsets, i)) {
			need(part)
		}
	}
	need(0)
	for c := range chars {
		if i, err := f.font.GlyphIndex(&buffer, c); err == nil {
			need(int(i))
		}
	}
	return needed
}

func glyphData(glyf []byte, offsets []uint32, i int) []byte {
	from, to := int(offsets[i]), int(offsets[i+1])
	if from > to || to > len(glyf) {
		return nil
	}
	return glyf[from:to]
}

// Flags of the parts of a glyph that is made of others.
const (
	partWords     = 1 << 0
	partScale     = 1 << 3
	partMore      = 1 << 5
	partTwoScales = 1 << 6
	partMatrix    = 1 << 7
)

// partsOf are the glyphs that a glyph is made of; none if it has an outline of its own.
func partsOf(glyph []byte) (parts []int) {
	if len(glyph) < 10 || int16(binary.BigEndian.Uint16(glyph)) >= 0 {
		return nil
	}
	for at := 10; at+4 <= len(glyph); {
		flags := binary.BigEndian.Uint16(glyph[at:])
		parts = append(parts, int(binary.BigEndian.Uint16(glyph[at+2:])))
		if flags&partMore == 0 {
			break
		}
		at += 6
		if flags&partWords != 0 {
			at += 2
		}
		switch {
		case flags&partScale != 0:
			at += 2
		case flags&partTwoScales != 0:
			at += 4
		case flags&partMatrix != 0:
			at += 8
		}
	}
	return parts
}

func offsetsOf(loca []byte, long bool) (offsets []uint32) {
	if long {
		for ; len(loca) >= 4; loca = loca[4:] {
			offsets = append(offsets, binary.BigEndian.Uint32(loca))
		}
		return offsets
	}
	for ; len(loca) >= 2; loca = loca[2:] {
		offsets = append(offsets, 2*uint32(binary.BigEndian.Uint16(loca)))
	}
	return offsets
}

const (
	directoryHead  = 12
	directoryEntry = 16
)

func tablesOf(file []byte) map[string][]byte {
	tables := map[string][]byte{}
	for i := range int(binary.BigEndian.Uint16(file[4:])) {
		entry := file[directoryHead+i*directoryEntry:]
		from, length := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		tables[string(entry[:4])] = file[from : from+length]
	}
	return tables
}

// assemble writes tables with their directory. Browsers do not look at the checksum of the
// whole file, which stays that of the font it was made of.
func assemble(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	n := len(names)
	power := 1
	for power*2 <= n {
		power *= 2
	}
	file := binary.BigEndian.AppendUint32(nil, 0x00010000)
	file = binary.BigEndian.AppendUint16(file, uint16(n))
	file = binary.BigEndian.AppendUint16(file, uint16(power*directoryEntry))
	file = binary.BigEndian.AppendUint16(file, uint16(log2(power)))
	file = binary.BigEndian.AppendUint16(file, uint16((n-power)*directoryEntry))
	offset := directoryHead + n*directoryEntry
	var body []byte
	for _, name := range names {
		table := tables[name]
		padded := append(slices.Clone(table), make([]byte, -len(table)&3)...)
		file = append(file, name...)
		file = binary.BigEndian.AppendUint32(file, checksum(padded))
		file = binary.BigEndian.AppendUint32(file, uint32(offset+len(body)))
		file = binary.BigEndian.AppendUint32(file, uint32(len(table)))
		body = append(body, padded...)
	}
	return append(file, body...)
}

func log2(n int) (bits int) {
	for ; n > 1; n /= 2 {
		bits++
	}
	return bits
}

func checksum(padded []byte) (sum uint32) {
	for ; len(padded) >= 4; padded = padded[4:] {
		sum += binary.BigEndian.Uint32(padded)
	}
	return sum
}
