package draw

// kind is what must be known of a kind of shape, all of it before the shape is turned about
// the middle of its frame. To add a kind that is only an outline, add a file to
// whiteboard/outlines; to add another, add it to kinds.
// Source: web/src/shapes/shape.ts.
type kind interface {
	// frame is the box that handles are around, lines' widths not included; false if the
	// properties are malformed. What is below is asked only of shapes that have one.
	frame(l look) (Box, bool)
	// bounds holds all that is painted.
	bounds(l look) Box
	picture(l look) Picture
	// outline is the closed line at which arrows stop; empty = they end on the shape.
	outline(l look) []Point
}

// look is a shape's properties, with those filled in that other records decide.
type look struct {
	props
	// points are those that a line or arrow was placed by, from end to end.
	points []Point
	// via are the corners of an elbow route between its ends.
	via []Point
	// rotation is in radians, clockwise.
	rotation float64
	// coarse is for pictures on which lines are too thin for anyone to see more.
	coarse bool
}

var kinds = withOutlines(map[string]kind{
	"draw":    strokeKind{},
	"line":    lineKind{},
	"arrow":   lineKind{},
	"rect":    outlined{path: rectPath, room: wholeBox},
	"ellipse": outlined{path: ellipsePath, room: ellipseRoom},
	"diamond": outlined{path: diamondPath, room: diamondRoom},
	"polygon": outlined{path: polygonPath, room: polygonRoom},
	"text":    textKind{},
	"note":    noteKind{},
	"image":   imageKind{},
	"frame":   frameKind{},
})

// sized is the frame of shapes that have a box.
type sized struct{}

func (sized) frame(l look) (Box, bool) { return l.sizedBox() }

func (k sized) outline(l look) []Point { return outlineOfBox(k.frame(l)) }

// outlineOfBox are the corners, clockwise from the top left, and the first again.
func outlineOfBox(b Box, _ bool) []Point {
	c := b.corners()
	return append(c[:], c[0])
}
