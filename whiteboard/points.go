package whiteboard

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// Point is a point of a stroke, in eighths of a world unit from the stroke's origin.
// Pressure is 0 to 255; it means nothing in a chunk without pressure.
type Point struct {
	X, Y     int32
	Pressure uint8
}

// Chunk is a piece of a stroke: at most [MaxChunkPoints] points.
// Source: docs/board-protocol.md §2, Points.
type Chunk struct {
	Points      []Point
	HasPressure bool
}

const (
	pointsPerUnit = 8
	// maxDelta is the distance between the farthest coordinates.
	maxDelta     = 2 * MaxCoordinate * pointsPerUnit
	flagPressure = 1
)

// Encode returns the chunk's text, relative to from, the last point of the chunk before.
// The result decodes only if the chunk has 1 to [MaxChunkPoints] points within
// [MaxCoordinate] of the origin.
func (c Chunk) Encode(from Point) string {
	var flags byte
	if c.HasPressure {
		flags = flagPressure
	}
	b := append(make([]byte, 0, 1+4*len(c.Points)), flags)
	for _, p := range c.Points {
		b = binary.AppendVarint(b, int64(p.X)-int64(from.X))
		b = binary.AppendVarint(b, int64(p.Y)-int64(from.Y))
		if c.HasPressure {
			b = append(b, p.Pressure)
		}
		from = p
	}
	return base64.StdEncoding.EncodeToString(b)
}

// DecodeChunk reads a chunk's text, relative to from. There is one text for a chunk:
// unknown flags, overlong numbers, stray bits and bytes are refused.
// Errors: a [Refusal] with CodeInvalid.
func DecodeChunk(text string, from Point) (Chunk, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	switch {
	case err != nil || strings.ContainsAny(text, "\r\n"):
		return Chunk{}, Refusef(CodeInvalid, "points are not padded standard base64")
	case len(b) == 0 || b[0]&^flagPressure != 0:
		return Chunk{}, Refusef(CodeInvalid, "points have no flag byte or unknown flags")
	}
	c := Chunk{HasPressure: b[0] == flagPressure}
	for b = b[1:]; len(b) > 0; {
		if len(c.Points) == MaxChunkPoints {
			return Chunk{}, Refusef(CodeInvalid, "chunk has more than %d points", MaxChunkPoints)
		}
		n := from.decode(b, c.HasPressure)
		if n == 0 {
			return Chunk{}, Refusef(CodeInvalid, "point %d is cut off or out of range", len(c.Points))
		}
		c.Points = append(c.Points, from)
		b = b[n:]
	}
	if len(c.Points) == 0 {
		return Chunk{}, Refusef(CodeInvalid, "chunk has no points")
	}
	return c, nil
}

// decode moves p by the deltas at the start of b and returns their length; 0 when they
// are malformed or lead out of range.
func (p *Point) decode(b []byte, pressure bool) int {
	dx, n := delta(b)
	dy, m := delta(b[n:])
	x, y := int64(p.X)+dx, int64(p.Y)+dy
	if n == 0 || m == 0 || !inRange(x) || !inRange(y) {
		return 0
	}
	*p = Point{X: int32(x), Y: int32(y)}
	n += m
	if !pressure {
		return n
	}
	if n == len(b) {
		return 0
	}
	p.Pressure = b[n]
	return n + 1
}

// inRange allows for both points of a difference: a chunk is checked without the one
// before it, so its own origin may be as far away as a coordinate can be.
func inRange(v int64) bool { return v >= -maxDelta && v <= maxDelta }

// delta reads a zig-zag varint in its shortest form; n is 0 if there is none.
func delta(b []byte) (v int64, n int) {
	v, n = binary.Varint(b)
	if n <= 0 || n > 1 && b[n-1] == 0 || !inRange(v) {
		return 0, 0
	}
	return v, n
}
