// Package fonts sets lines of text in scripts that the board's own fonts lack, with fonts
// of the machine: it finds glyphs, shapes and orders them. Emoji have their colours where a
// font has them as pictures (CBDT, sbix) or as layers (COLR 0).
package fonts

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"

	"github.com/easelhq/easel/whiteboard/draw"
)

// MaxFile is the largest font file that is read, in bytes, and MaxFiles how many of a folder are.
const (
	MaxFile  = 64 << 20
	MaxFiles = 1000
)

// Options say where fonts are.
type Options struct {
	// Folder holds TrueType and OpenType files; empty = the usual places of this machine.
	Folder string
	// Cache is a folder for an index of the machine's fonts.
	Cache string
	// Logger receives files that can't be read; nil discards.
	Logger *slog.Logger
}

// Fonts is a [draw.Setter]. Files are looked for when the first letter is missing. Safe for
// concurrent use; one line is set at a time.
type Fonts struct {
	o Options

	mu     sync.Mutex
	system *fontscan.FontMap      // guarded by mu; nil until it is needed
	own    map[*byte]*font.Face   // guarded by mu; the board's fonts by the address of their file
	shaper shaping.HarfbuzzShaper // guarded by mu
	split  shaping.Segmenter      // guarded by mu
	order  bidi.Paragraph         // guarded by mu
	parts  segmenter.Segmenter    // guarded by mu
	drawn  drawnCache             // guarded by mu
}

// New returns Fonts that have read nothing yet.
func New(o Options) *Fonts {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Fonts{o: o, own: map[*byte]*font.Face{}}
}

// em is the size at which lines are set.
const em = 1000

// Set implements [draw.Setter].
func (f *Fonts) Set(file []byte, line string, rightToLeft bool) []draw.Glyph {
	f.mu.Lock()
	defer f.mu.Unlock()
	own := f.face(file)
	if own == nil {
		return nil
	}
	text := []rune(line)
	faces := &chooser{own: own, others: f.others()}
	emoji := f.emoji(text)
	var glyphs []draw.Glyph
	for _, run := range f.visual(text, rightToLeft) {
		for _, part := range f.partsOf(text, run, emoji, faces) {
			for _, g := range f.shaper.Shape(part).Glyphs {
				glyph := f.glyphOf(part.Face, g, text)
				if glyph.Char == ' ' {
					glyph.Advance = spaceOf(own) // whichever font is beside it, as browsers have it
				}
				glyphs = append(glyphs, glyph)
			}
		}
	}
	return glyphs
}

// partsOf cuts a run of one direction into parts of one font, in the order in which they
// are seen. emoji tells which characters are parts of emoji.
func (f *Fonts) partsOf(text []rune, run bidi.Run, emoji []bool, faces *chooser) []shaping.Input {
	in := shaping.Input{
		Text: text, Direction: directionOf(run.Level),
		Size: fixed.I(em), Language: language.DefaultLanguage(),
		FontFeatures: []shaping.FontFeature{{Tag: opentype.MustNewTag("kern"), Value: 0}},
	}
	var parts []shaping.Input
	for start := run.Start; start < run.End; start = in.RunEnd {
		in.RunStart, in.RunEnd = start, start+1
		for in.RunEnd < run.End && emoji[in.RunEnd] == emoji[start] {
			in.RunEnd++
		}
		faces.emoji = emoji[start]
		parts = append(parts, f.split.Split(in, faces)...)
	}
	if run.Level%2 == 1 {
		slices.Reverse(parts)
	}
	return parts
}

func directionOf(level bidi.Level) di.Direction {
	if level%2 == 1 {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

// visual cuts a line into runs of one direction, in the order in which they are seen from
// left to right.
//
// Source: Unicode Standard Annex 9, rule L2.
func (f *Fonts) visual(text []rune, rightToLeft bool) []bidi.Run {
	base := bidi.LeftToRight
	if rightToLeft {
		base = bidi.RightToLeft
	}
	found := f.order.Segment(text, base)
	runs := make([]bidi.Run, found.NumRuns())
	highest := bidi.Level(0)
	for i := range runs {
		runs[i] = found.Run(i)
		highest = max(highest, runs[i].Level)
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(runs); i++ {
			end := i
			for end < len(runs) && runs[end].Level >= level {
				end++
			}
			slices.Reverse(runs[i:end])
			i = max(i, end)
		}
	}
	return runs
}

// face is one of the board's own fonts.
func (f *Fonts) face(file []byte) *font.Face {
	if len(file) == 0 {
		return nil
	}
	known, ok := f.own[&file[0]]
	if !ok {
		known, _ = font.ParseTTF(bytes.NewReader(file))
		f.own[&file[0]] = known
	}
	return known
}

func spaceOf(own *font.Face) float64 {
	space, _ := own.NominalGlyph(' ')
	return float64(own.HorizontalAdvance(space)) / float64(own.Upem())
}

func ems(units fixed.Int26_6) float64 { return float64(units) / 64 / em }

// chooser prefers the board's own font, then takes any that has the letter. For emoji, those
// with colours come first.
type chooser struct {
	own    *font.Face
	others *fontscan.FontMap
	emoji  bool
}

var (
	forLetters = fontscan.Query{Families: []string{fontscan.SansSerif}}
	forEmoji   = fontscan.Query{Families: []string{fontscan.Emoji}}
)

// ResolveFace implements [shaping.Fontmap].
func (c *chooser) ResolveFace(r rune) *font.Face {
	if c.emoji {
		c.others.SetQuery(forEmoji)
		if other := c.others.ResolveFace(r); has(other, r) && isColored(other) {
			return other
		}
	}
	if has(c.own, r) {
		return c.own
	}
	c.others.SetQuery(forLetters)
	if other := c.others.ResolveFace(r); has(other, r) {
		return other
	}
	return c.own
}

func has(face *font.Face, r rune) bool {
	if face == nil {
		return false
	}
	_, ok := face.NominalGlyph(r)
	return ok
}

// SetScript implements [shaping.FontmapScript].
func (c *chooser) SetScript(s language.Script) { c.others.SetScript(s) }

// others are the fonts that are looked for, once.
func (f *Fonts) others() *fontscan.FontMap {
	if f.system != nil {
		return f.system
	}
	f.system = fontscan.NewFontMap(quiet{})
	var err error
	if f.o.Folder != "" {
		err = f.addFolder(f.o.Folder)
	} else {
		err = f.system.UseSystemFonts(f.o.Cache)
	}
	if err != nil {
		f.o.Logger.Warn("some letters of pictures have no font", "err", err)
	}
	return f.system
}

func (f *Fonts) addFolder(folder string) error {
	count := 0
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".ttf", ".otf", ".ttc", ".otc"}, strings.ToLower(filepath.Ext(path))) {
			return err
		}
		if count++; count > MaxFiles {
			return fmt.Errorf("%s holds more than %d font files", folder, MaxFiles)
		}
		if err := f.addFile(path); err != nil {
			f.o.Logger.Warn("a font can't be read", "file", path, "err", err)
		}
		return nil
	})
}

func (f *Fonts) addFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() > MaxFile {
		return fmt.Errorf("it has %d bytes; the limit is %d", info.Size(), MaxFile)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return f.system.AddFont(bytes.NewReader(data), path, "")
}

// quiet is a log for nobody.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
