// Package outlines has the kinds of shapes that are data: a closed line in a box, such as a
// star or a cloud. Each is a file beside this one, named as the kind is in records, and this
// package, the pictures of whiteboard/draw and the browser client all read that file: to add
// a kind, add a file.
//
// A file has
//
//   - names: what people call it, in every language of the client;
//   - size: width and height in world units when nobody spans one;
//   - outline: the closed line, which is filled and at which arrows stop;
//   - lines, perhaps: open lines painted over it, such as the rim of a cylinder;
//   - room: [minX, minY, maxX, maxY], where a label stands.
//
// Coordinates are shares of the shape's box. Paths are commands M L Q C Z, as in SVG, each
// followed by its coordinates, with single spaces between.
package outlines

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed *.json
var files embed.FS

// Languages are those that every outline has a name in.
var Languages = []string{"ar", "de", "en", "es", "fr", "ja", "zh"}

// Limits of a file.
const (
	// MaxKind is the longest kind, in letters.
	MaxKind = 20
	// MaxName is the longest name, in characters.
	MaxName = 40
	// MinSize and MaxSize bound width and height, in world units.
	MinSize, MaxSize = 16, 1000
	// MaxSteps is the most commands that a path has.
	MaxSteps = 200
)

// Outline is a kind of shape.
type Outline struct {
	// Kind is its word in records, 1 to [MaxKind] of a to z.
	Kind string
	// Names holds a name for each of [Languages].
	Names map[string]string
	// Size is the width and height of one that nobody spanned, in world units.
	Size [2]float64
	// Line is one closed line: it begins with M, ends with Z and has neither within.
	Line Path
	// Lines are open lines; empty if there are none.
	Lines Path
	// Room is where a label stands: minX, minY, maxX and maxY.
	Room [4]float64
}

// Path is made of lines and curves in the square from 0 to 1.
type Path []Step

// Step is a command of a path with its coordinates, x and y in turns.
type Step struct {
	// Command is M, L, Q, C or Z.
	Command byte
	// At holds 2, 2, 4, 6 or no numbers.
	At []float64
}

// Rounds reports whether the corners of the shape can be round: it has no curves, nor lines
// that would stick out.
func (o Outline) Rounds() bool {
	curved := func(s Step) bool { return s.Command == 'Q' || s.Command == 'C' }
	return len(o.Lines) == 0 && !slices.ContainsFunc(o.Line, curved)
}

// All returns all outlines, ordered by kind. They are shared: don't change them.
var All = sync.OnceValue(func() []Outline {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the files are part of the program
	}
	all := make([]Outline, 0, len(entries))
	for _, entry := range entries {
		text, err := files.ReadFile(entry.Name())
		if err != nil {
			panic(err)
		}
		o, err := parse(strings.TrimSuffix(entry.Name(), path.Ext(entry.Name())), text)
		if err != nil {
			panic(err)
		}
		all = append(all, o)
	}
	return all
})

// parse reads the file of a kind.
func parse(kind string, text []byte) (Outline, error) {
	var file struct {
		Names          map[string]string
		Size           [2]float64
		Outline, Lines string
		Room           [4]float64
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&file)
	if err == nil && decoder.More() {
		err = errors.New("more than one value")
	}
	o := Outline{Kind: kind, Names: file.Names, Size: file.Size, Room: file.Room}
	for _, check := range []func() error{
		func() error { return checkKind(kind) },
		func() error { return checkNames(o.Names) },
		func() error { return checkSize(o.Size) },
		func() error { return checkRoom(o.Room) },
		func() (err error) { o.Line, err = closedLine(file.Outline); return err },
		func() (err error) { o.Lines, err = openLines(file.Lines); return err },
	} {
		if err == nil {
			err = check()
		}
	}
	if err != nil {
		return Outline{}, fmt.Errorf("outline %q: %w", kind, err)
	}
	return o, nil
}

func checkKind(kind string) error {
	if kind == "" || len(kind) > MaxKind || strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz") != "" {
		return fmt.Errorf("a kind has 1 to %d letters a to z", MaxKind)
	}
	return nil
}

func checkNames(names map[string]string) error {
	for _, language := range Languages {
		if n := utf8.RuneCountInString(names[language]); n < 1 || n > MaxName {
			return fmt.Errorf("names: %s has %d characters; allowed: 1 to %d", language, n, MaxName)
		}
	}
	if len(names) != len(Languages) {
		return fmt.Errorf("names: %d languages; allowed: %s", len(names), strings.Join(Languages, ", "))
	}
	return nil
}

func checkSize(size [2]float64) error {
	for _, n := range size {
		if n < MinSize || n > MaxSize {
			return fmt.Errorf("size: %v; allowed: %d to %d", n, MinSize, MaxSize)
		}
	}
	return nil
}

func checkRoom(room [4]float64) error {
	for _, n := range room {
		if n < 0 || n > 1 {
			return fmt.Errorf("room: %v; allowed: 0 to 1", n)
		}
	}
	if room[0] >= room[2] || room[1] >= room[3] {
		return fmt.Errorf("room: %v is empty", room)
	}
	return nil
}

// closedLine reads a path that is one closed line.
func closedLine(text string) (Path, error) {
	p, err := parsePath(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("outline: %w", err)
	case len(p) < 3 || p[len(p)-1].Command != 'Z':
		return nil, errors.New("outline: it must end with Z, after at least two lines")
	}
	for _, step := range p[1 : len(p)-1] {
		if step.Command == 'M' || step.Command == 'Z' {
			return nil, errors.New("outline: it must be one line")
		}
	}
	return p, nil
}

// openLines reads a path without closed lines, which may be empty.
func openLines(text string) (Path, error) {
	if text == "" {
		return nil, nil
	}
	p, err := parsePath(text)
	if err != nil {
		return nil, fmt.Errorf("lines: %w", err)
	}
	if slices.ContainsFunc(p, func(s Step) bool { return s.Command == 'Z' }) {
		return nil, errors.New("lines: they must be open, without Z")
	}
	return p, nil
}

// arguments is how many coordinates a command takes.
var arguments = map[string]int{"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}

func parsePath(text string) (Path, error) {
	var p Path
	for words := strings.Split(text, " "); len(words) > 0; {
		n, ok := arguments[words[0]]
		switch {
		case !ok:
			return nil, fmt.Errorf("%q is no command; allowed: M L Q C Z", words[0])
		case len(p) == 0 && words[0] != "M":
			return nil, errors.New("it must begin with M")
		case len(p) == MaxSteps:
			return nil, fmt.Errorf("more than %d commands", MaxSteps)
		case len(words) <= n:
			return nil, fmt.Errorf("%s needs %d coordinates", words[0], n)
		}
		step := Step{Command: words[0][0], At: make([]float64, n)}
		for i, word := range words[1 : n+1] {
			// Handles may reach beyond the box; what is painted may not, see the tests.
			at, err := strconv.ParseFloat(word, 64)
			if err != nil || !(at >= -1 && at <= 2) {
				return nil, fmt.Errorf("%q is no coordinate; allowed: -1 to 2", word)
			}
			step.At[i] = at
		}
		p, words = append(p, step), words[n+1:]
	}
	return p, nil
}
