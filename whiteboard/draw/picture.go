package draw

import "slices"

// Picture is what a shape looks like, as data: the one description that SVG and PNG are
// made from. In world units, before the shape's rotation; painted in order.
// Source: web/src/shapes/picture.ts.
type Picture []Item

// Item is a [PathItem], [TextItem] or [ImageItem].
type Item interface{ item() }

// PathItem is a path that is filled, stroked, or both; the fill is painted first.
type PathItem struct {
	Path *Path
	// Fill is a palette name, #rrggbb, or empty for none.
	Fill string
	// Stroke is nil for none.
	Stroke *Stroke
	// Alpha is taken times the shape's opacity.
	Alpha float64
}

// Stroke is how a path's line looks.
type Stroke struct {
	// Color is a palette name or #rrggbb.
	Color string
	// Width is in world units.
	Width float64
	// Dash holds the lengths of dashes and gaps; empty = solid.
	Dash []float64
	// RoundCap and RoundJoin are false for butt caps and mitred joins.
	RoundCap, RoundJoin bool
}

// FontName is one of the board's four fonts.
type FontName string

// The fonts.
const (
	Hand  FontName = "hand"
	Sans  FontName = "sans"
	Serif FontName = "serif"
	Mono  FontName = "mono"
)

// TextItem is one line of text, laid out already.
type TextItem struct {
	Text string
	// X and Y are the left end of the baseline.
	X, Y  float64
	Font  FontName
	Size  float64
	Color string
	// Width is the width it is laid out with.
	Width float64
}

// ImageItem is an uploaded picture.
type ImageItem struct {
	Asset string
	Box   Box
	// Crop is the visible part as shares of the picture: x, y, width, height.
	Crop [4]float64
	// Flip is 1 or -1 for each axis.
	Flip [2]float64
}

func (PathItem) item()  {}
func (TextItem) item()  {}
func (ImageItem) item() {}

// Command is a letter of a path: M, L, Q, C or Z.
type Command byte

// arguments is how many coordinates a command takes.
func (c Command) arguments() int {
	switch c {
	case 'M', 'L':
		return 2
	case 'Q':
		return 4
	case 'C':
		return 6
	}
	return 0
}

// Path is made of lines and curves: commands M L Q C Z and their coordinates in one list.
type Path struct {
	Commands    []Command
	Coordinates []float64
}

func (p *Path) move(to Point) *Path { return p.add('M', to.X, to.Y) }
func (p *Path) line(to Point) *Path { return p.add('L', to.X, to.Y) }

func (p *Path) quadratic(c, to Point) *Path { return p.add('Q', c.X, c.Y, to.X, to.Y) }

func (p *Path) cubic(a, b, to Point) *Path {
	return p.add('C', a.X, a.Y, b.X, b.Y, to.X, to.Y)
}

func (p *Path) close() *Path { return p.add('Z') }

func (p *Path) empty() bool { return len(p.Commands) == 0 }

// grow makes room for commands and coordinates to come.
func (p *Path) grow(commands, coordinates int) {
	p.Commands = slices.Grow(p.Commands, commands)
	p.Coordinates = slices.Grow(p.Coordinates, coordinates)
}

// polyline adds straight lines through points.
func (p *Path) polyline(points []Point, closed bool) *Path {
	p.grow(len(points)+1, 2*len(points))
	for i, to := range points {
		if i == 0 {
			p.move(to)
		} else {
			p.line(to)
		}
	}
	if closed {
		return p.close()
	}
	return p
}

// ellipse adds a closed ellipse inscribed in a box.
func (p *Path) ellipse(b Box) *Path {
	c := b.centre()
	kx, ky := b.width()/2*handle, b.height()/2*handle
	at := func(x, y float64) Point { return Point{x, y} }
	return p.move(at(b.MaxX, c.Y)).
		cubic(at(b.MaxX, c.Y+ky), at(c.X+kx, b.MaxY), at(c.X, b.MaxY)).
		cubic(at(c.X-kx, b.MaxY), at(b.MinX, c.Y+ky), at(b.MinX, c.Y)).
		cubic(at(b.MinX, c.Y-ky), at(c.X-kx, b.MinY), at(c.X, b.MinY)).
		cubic(at(c.X+kx, b.MinY), at(b.MaxX, c.Y-ky), at(b.MaxX, c.Y)).
		close()
}

func (p *Path) add(c Command, coordinates ...float64) *Path {
	p.Commands = append(p.Commands, c)
	p.Coordinates = append(p.Coordinates, coordinates...)
	return p
}

// each calls f with every command and the coordinates it takes.
func (p *Path) each(f func(c Command, at []float64)) {
	i := 0
	for _, c := range p.Commands {
		n := c.arguments()
		if i+n > len(p.Coordinates) {
			return
		}
		f(c, p.Coordinates[i:i+n])
		i += n
	}
}
