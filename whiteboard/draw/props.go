package draw

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/easelhq/easel/whiteboard"
)

// props reads the properties of a record. What is absent or malformed has the value that
// the caller names: docs/board-protocol.md §2.
type props whiteboard.Patch

func (p props) text(name, absent string) string {
	raw := p[name]
	if isPlain(raw) {
		return string(raw[1 : len(raw)-1])
	}
	var s *string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil || s == nil {
		return absent
	}
	return *s
}

// isPlain reports whether a JSON string is its text in quotes: most are.
func isPlain(raw []byte) bool {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return false
	}
	for _, c := range raw[1 : len(raw)-1] {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// oneOf reads a word; absent unless it is one of the words.
func (p props) oneOf(name, absent string, words ...string) string {
	s := p.text(name, absent)
	for _, word := range words {
		if s == word {
			return s
		}
	}
	return absent
}

func (p props) number(name string, absent float64) float64 {
	raw := p[name]
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return absent
	}
	if f, err := strconv.ParseFloat(string(raw), 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	return absent
}

func (p props) is(name string) bool { return string(p[name]) == "true" }

// numbersOf reads an array of at least n numbers; nil when it is none.
func numbersOf(raw json.RawMessage, n int) []float64 {
	var values []*float64
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &values) != nil || len(values) < n {
		return nil
	}
	list := make([]float64, n)
	for i := range list {
		if values[i] == nil {
			return nil
		}
		list[i] = *values[i]
	}
	return list
}

// point reads a pair of coordinates.
func (p props) point(name string) (Point, bool) { return pointOf(p[name]) }

func pointOf(raw json.RawMessage) (Point, bool) {
	v := numbersOf(raw, 2)
	if v == nil {
		return Point{}, false
	}
	return Point{v[0], v[1]}, true
}

// pointsAfter reads a list of points relative to a place; what is no point is left out.
func (p props) pointsAfter(at Point, name string) []Point {
	var list []json.RawMessage
	if json.Unmarshal(p[name], &list) != nil {
		return nil
	}
	var points []Point
	for _, raw := range list {
		if q, ok := pointOf(raw); ok {
			points = append(points, at.add(q))
		}
	}
	return points
}

func (p props) color() string    { return p.text("color", "black") }
func (p props) fill() string     { return p.text("fill", "") }
func (p props) width() float64   { return p.number("width", 2) }
func (p props) opacity() float64 { return p.number("opacity", 1) }

// label is the words of a shape: those it is made of, or its label.
func (p props) label() string { return p.text("text", "") }

// link is what a shape leads to, as whoever wrote it has it.
func (p props) link() string { return p.text("link", "") }

// sizedBox is the box of the corners at and at + size.
func (p props) sizedBox() (Box, bool) {
	at, ok := p.point("at")
	by, ok2 := p.point("size")
	return boxOf(at, at.add(by)), ok && ok2
}

// flip is 1 or -1 for each axis.
func (p props) flip() [2]float64 {
	f, ok := p.point("flip")
	sign := [2]float64{1, 1}
	if ok && f.X < 0 {
		sign[0] = -1
	}
	if ok && f.Y < 0 {
		sign[1] = -1
	}
	return sign
}

// strokePoints reads the points of a stroke, chunks p0, p1, … up to the first that is
// missing or malformed, relative to its origin and before its scale. Pressures are nil when
// there are none.
func (p props) strokePoints() (points []Point, pressures []float64) {
	var from whiteboard.Point
	hasPressure := false
	for i := range whiteboard.MaxChunks {
		chunk, err := whiteboard.DecodeChunk(p.text("p"+strconv.Itoa(i), ""), from)
		if err != nil {
			break
		}
		hasPressure = hasPressure || chunk.HasPressure
		points, pressures = slices.Grow(points, len(chunk.Points)+1), slices.Grow(pressures, len(chunk.Points)+1)
		for _, q := range chunk.Points {
			points = append(points, Point{float64(q.X) / 8, float64(q.Y) / 8})
			pressure := uint8(middlingPressure)
			if chunk.HasPressure {
				pressure = q.Pressure
			}
			pressures = append(pressures, float64(pressure)/255)
		}
		from = chunk.Points[len(chunk.Points)-1]
	}
	if !hasPressure {
		return points, nil
	}
	return points, pressures
}

// middlingPressure is that of a chunk without pressure in a stroke with it.
const middlingPressure = 128
