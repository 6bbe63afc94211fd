package draw

import "github.com/easelhq/easel/whiteboard/outlines"

// Kinds that are data. Source: web/src/shapes/outlines.ts.

// withOutlines adds the kinds of whiteboard/outlines.
func withOutlines(kinds map[string]kind) map[string]kind {
	for _, o := range outlines.All() {
		kinds[o.Kind] = outlineKind(o)
	}
	return kinds
}

func outlineKind(o outlines.Outline) outlined {
	k := outlined{
		path: func(b Box, l look) *Path { return stretched(o.Line, b, l.flip()) },
		room: func(b Box, l look) Box { return roomOf(o, b, l.flip()) },
	}
	if o.Rounds() {
		corners := cornersOf(o.Line)
		k.path = func(b Box, l look) *Path { return cornersPath(pointsIn(corners, b, l.flip()), l) }
	}
	if len(o.Lines) > 0 {
		k.lines = func(b Box, l look) *Path { return stretched(o.Lines, b, l.flip()) }
	}
	return k
}

// cornersOf are the corners of a closed line without curves.
func cornersOf(line outlines.Path) (corners []Point) {
	for _, step := range line {
		if step.Command != 'Z' {
			corners = append(corners, Point{step.At[0], step.At[1]})
		}
	}
	return corners
}

// stretched is a path of the square from 0 to 1 that fills a box, mirrored as flip says.
func stretched(line outlines.Path, b Box, flip [2]float64) *Path {
	p := new(Path)
	for _, step := range line {
		at := make([]float64, len(step.At))
		for i := 0; i < len(at); i += 2 {
			to := pointIn(Point{step.At[i], step.At[i+1]}, b, flip)
			at[i], at[i+1] = to.X, to.Y
		}
		p.add(Command(step.Command), at...)
	}
	return p
}

func roomOf(o outlines.Outline, b Box, flip [2]float64) Box {
	return nothing.
		include(pointIn(Point{o.Room[0], o.Room[1]}, b, flip)).
		include(pointIn(Point{o.Room[2], o.Room[3]}, b, flip))
}
