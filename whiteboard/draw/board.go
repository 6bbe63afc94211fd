package draw

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/easelhq/easel/whiteboard"
)

// Board is what can be seen of a board. Safe for concurrent use.
type Board struct {
	// shapes are in the order of painting.
	shapes  []*shape
	records map[whiteboard.RecordID]props
	// paper is a palette name, #rrggbb, or empty.
	paper      string
	background *ImageItem
}

// shape is a visible record.
type shape struct {
	look
	id   whiteboard.RecordID
	kind kind
	// frame is the box about whose middle the shape is turned.
	frame Box
	// box is around all that is painted, turned; what is clipped away counts too.
	box Box
	// order is by layer, then by key; equals are ordered by id.
	order string
	// inFrame is the record of the frame it is in, if any; clip the corners of what it and the
	// frames around it have in common: nothing beyond is shown.
	inFrame whiteboard.RecordID
	clip    []Point
}

// New makes a board of its records, as a snapshot holds them. They must not be changed
// while the board is in use.
func New(records []whiteboard.Record) *Board {
	b := &Board{records: make(map[whiteboard.RecordID]props, len(records))}
	for _, r := range records {
		b.records[r.ID] = props(r.Props)
	}
	if board := b.records[whiteboard.BoardRecord]; board != nil {
		b.paper = board.text("paper", "")
		b.background = backgroundOf(board["background"])
	}
	r := &resolver{b.records, map[whiteboard.RecordID]*body{}}
	for id, p := range b.records {
		if s := b.shapeOf(id, p, r); s != nil {
			b.shapes = append(b.shapes, s)
		}
	}
	slices.SortFunc(b.shapes, func(s, t *shape) int {
		return cmp.Or(cmp.Compare(s.order, t.order), cmp.Compare(s.id, t.id))
	})
	return b
}

// Len returns how many shapes can be seen.
func (b *Board) Len() int { return len(b.shapes) }

// shapeOf returns the shape of a record; nil if it is none, can't be seen or is malformed.
// Source: web/src/canvas/scene.ts and web/src/shapes/index.ts.
func (b *Board) shapeOf(id whiteboard.RecordID, p props, r *resolver) *shape {
	k := kinds[p.text("kind", "")]
	layer := b.referred(p, "layer", "layer")
	if k == nil || p.is("deleted") || p.is("hidden") || layer.is("hidden") {
		return nil
	}
	s := &shape{look: r.look(id, p), id: id, kind: k}
	frame, ok := k.frame(s.look)
	if !ok {
		return nil
	}
	s.frame = frame
	s.box = s.turned().around(k.bounds(s.look))
	s.order = layer.text("z", "") + " " + p.text("z", "")
	for _, f := range b.framesAround(p) {
		if f.is("hidden") {
			return nil
		}
		box, ok := f.sizedBox()
		if !ok {
			break
		}
		corners := turnedCorners(box, f.number("rotation", 0))
		if s.clip == nil {
			s.inFrame, s.clip = whiteboard.RecordID(p.text("frame", "")), corners
		} else {
			s.clip = commonPart(s.clip, corners)
		}
	}
	return s
}

// mostFrames is how many frames are looked at that are in each other; more, and those in a
// circle, are not.
const mostFrames = 16

// framesAround are the frames that a record is in, the innermost first.
func (b *Board) framesAround(p props) (frames []props) {
	for range mostFrames {
		if p = b.referred(p, "frame", "frame"); p == nil {
			break
		}
		frames = append(frames, p)
	}
	return frames
}

// referred is the record of a kind that a property names; nil if there is none or it is
// deleted.
func (b *Board) referred(p props, name, kind string) props {
	q := b.records[whiteboard.RecordID(p.text(name, ""))]
	if q.is("deleted") || q.text("kind", "") != kind {
		return nil
	}
	return q
}

func turnedCorners(b Box, angle float64) []Point {
	corners := b.corners()
	for i, c := range corners {
		corners[i] = turn(c, b.centre(), angle)
	}
	return corners[:]
}

// turned is the shape's rotation.
func (s *shape) turned() matrix {
	if s.rotation == 0 {
		return identity
	}
	return rotation(s.rotation, s.frame.centre())
}

// hairline is the width of lines, in pixels, below which shapes are drawn plainly.
// Source: web/src/shapes/paint.ts.
const hairline = 1.2

// picture is what the shape looks like at so many pixels per world unit.
func (s *shape) picture(scale float64) Picture {
	l := s.look
	l.coarse = l.width()*scale < hairline
	return s.kind.picture(l)
}

// Bounds is the box around all that can be seen; false when there is nothing.
func (b *Board) Bounds() (Box, bool) {
	bounds := around(b.shapes)
	if b.background != nil {
		bounds = bounds.union(b.background.Box)
	}
	return bounds, !bounds.empty()
}

func around(shapes []*shape) Box {
	bounds := nothing
	for _, s := range shapes {
		box := s.box
		if s.clip != nil {
			box = box.intersect(aroundPoints(s.clip))
		}
		if !box.empty() {
			bounds = bounds.union(box)
		}
	}
	return bounds
}

func backgroundOf(raw json.RawMessage) *ImageItem {
	var p props
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &p) != nil {
		return nil
	}
	box, ok := p.sizedBox()
	asset := p.text("asset", "")
	if !ok || asset == "" {
		return nil
	}
	return &ImageItem{Asset: asset, Box: box, Crop: wholeImage, Flip: [2]float64{1, 1}}
}
