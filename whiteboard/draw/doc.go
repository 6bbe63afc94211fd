// Package draw makes pictures of boards: records become shapes, shapes become paths, lines
// of text and images, and those become SVG or PNG. It is the counterpart of the browser
// client's web/src/shapes, and gives the same result within anti-aliasing; golden boards
// in whiteboard/testdata/golden hold both to it.
//
// The package reads no clock and writes only to the io.Writer it is given. The goroutines it
// starts, one a core, have ended when a picture is made. Nothing in a record makes it panic: a record that is malformed is
// no shape.
package draw
