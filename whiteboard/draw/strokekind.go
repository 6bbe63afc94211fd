package draw

// strokeKind is a freehand stroke: the points of its chunks, times scale, relative to at.
// Source: web/src/shapes/draw.ts.
type strokeKind struct{}

const (
	// highlightAlpha is how much a highlighter covers of what is beneath it.
	highlightAlpha = 0.4
	// highlightDot is how far a highlighter's point without a stroke reaches, in widths.
	highlightDot = 0.5
	// inkSlack is how far ink of a single point is off it.
	inkSlack = 0.25
)

func (strokeKind) frame(l look) (Box, bool) {
	box := nothing
	for _, q := range l.centreLine() {
		box = box.include(q)
	}
	return box, !box.empty()
}

func (k strokeKind) bounds(l look) Box {
	frame, _ := k.frame(l)
	reach := l.nib().reach()
	if l.isHighlighter() {
		reach = 2 * highlightDot
	}
	return frame.grow(l.width()*reach + inkSlack)
}

func (k strokeKind) outline(l look) []Point { return outlineOfBox(k.frame(l)) }

func (strokeKind) picture(l look) Picture {
	points := l.centreLine()
	closed := l.is("closed")
	line := new(Path).polyline(points, closed)
	var items Picture
	if closed && l.fill() != "" {
		items = l.fills(line, points)
	}
	if l.isHighlighter() {
		return append(items, l.highlight(points))
	}
	stroke := l.stroke()
	if l.coarse || stroke.Dash != nil {
		return append(items, PathItem{Path: line, Stroke: stroke, Alpha: 1})
	}
	path := new(Path)
	for _, run := range runs(l.ink(points)) {
		traceRun(path, l.nib().outline(run, l.width()))
	}
	return append(items, PathItem{Path: path, Fill: l.color(), Alpha: 1})
}

func (l look) isHighlighter() bool { return l.text("brush", "") == "highlighter" }

func (l look) nib() nib { return nib{l.number("thinning", 0.5), l.number("smoothing", 0.5)} }

// centreLine is the points of a stroke in world units; of a closed one the first again.
func (l look) centreLine() []Point {
	at, ok := l.point("at")
	if !ok {
		return nil
	}
	scale, ok := l.point("scale")
	if !ok {
		scale = Point{1, 1}
	}
	points, _ := l.strokePoints()
	for i, p := range points {
		points[i] = Point{at.X + p.X*scale.X, at.Y + p.Y*scale.Y}
	}
	if l.is("closed") && len(points) > 0 {
		points = append(points, points[0])
	}
	return points
}

// ink gives the centre line its pressure.
func (l look) ink(points []Point) []inkPoint {
	_, pressures := l.strokePoints()
	open := points
	if l.is("closed") && len(points) > 0 {
		open = points[:len(points)-1]
	}
	var ink []inkPoint
	if pressures == nil {
		ink = simulated(open, l.width())
	} else {
		for i, p := range open {
			ink = append(ink, inkPoint{p, pressures[i]})
		}
	}
	if len(open) < len(points) {
		ink = append(ink, ink[0])
	}
	return ink
}

// traceRun adds the outline of a run of ink to a path.
func traceRun(path *Path, polygon []Point) {
	if len(polygon) == 0 {
		return
	}
	path.grow(len(polygon)+2, 4*len(polygon)+2)
	path.move(middle(polygon[len(polygon)-1], polygon[0]))
	for i, corner := range polygon {
		path.quadratic(corner, middle(corner, polygon[(i+1)%len(polygon)]))
	}
	path.close()
}

// highlight is the line of a highlighter through points: smooth, with flat ends.
func (l look) highlight(points []Point) Item {
	path, width := new(Path), l.width()
	switch last := len(points) - 1; {
	case last < 0:
	case last == 0:
		by := Point{width * highlightDot, 0}
		path.move(points[0].sub(by)).line(points[0].add(by))
	default:
		path.move(points[0])
		for i := 1; i < last; i++ {
			path.quadratic(points[i], middle(points[i], points[i+1]))
		}
		path.line(points[last])
	}
	return PathItem{Path: path, Stroke: &Stroke{Color: l.color(), Width: width, RoundJoin: true}, Alpha: highlightAlpha}
}
