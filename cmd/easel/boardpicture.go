package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strconv"

	"github.com/easelhq/easel/storage/sqlite"
	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/draw"
	"github.com/easelhq/easel/whiteboard/fonts"
)

// pictureFlags say in which format a board is exported, and how a picture of it looks.
type pictureFlags struct {
	format, out, theme, frame string
	fonts                     string
	scale, padding            float64
	background                bool
}

func (e *pictureFlags) add(f *boardFlags) {
	f.StringVar(&e.format, "format", "json", "json: all of the board, for board import; or a picture: svg, png")
	f.StringVar(&e.out, "out", "", "file to write; by default standard output")
	f.Float64Var(&e.scale, "scale", 1, "of a picture: pixels for a unit of the board, "+limits(draw.MinScale, draw.MaxScale))
	f.Float64Var(&e.padding, "padding", 16, "of a picture: room around the shapes, in units of the board, "+limits(0, draw.MaxPadding))
	f.BoolVar(&e.background, "background", true, "of a picture: paint the paper behind the shapes")
	f.StringVar(&e.theme, "theme", "light", "of a picture: light or dark")
	f.StringVar(&e.frame, "frame", "", "of a picture: id of the frame to show; by default the whole board")
	f.StringVar(&e.fonts, "fonts", "", fontsUsage)
}

const fontsUsage = "folder with fonts for letters that the board's own lack, in a PNG; by default those of this machine"

// checkFonts says early that there is no such folder.
func checkFonts(folder string) error {
	if info, err := os.Stat(folder); folder != "" && (err != nil || !info.IsDir()) {
		return usagef("--fonts is %q; a folder is expected", folder)
	}
	return nil
}

func limits(least, most float64) string {
	return strconv.FormatFloat(least, 'f', -1, 64) + " to " + strconv.FormatFloat(most, 'f', -1, 64)
}

// boardWriter writes a board in some format.
type boardWriter func(context.Context, *sqlite.DB, whiteboard.Board, io.Writer) error

func (e *pictureFlags) writer() (boardWriter, error) {
	if e.theme != "light" && e.theme != "dark" {
		return nil, usagef("--theme is %q; allowed: light, dark", e.theme)
	}
	if err := checkFonts(e.fonts); err != nil {
		return nil, err
	}
	switch e.format {
	case "json":
		return exportBoard, nil
	case "svg":
		return e.picture((*draw.Board).SVG), nil
	case "png":
		return e.picture((*draw.Board).PNG), nil
	}
	return nil, usagef("--format is %q; allowed: json, svg, png", e.format)
}

func (e *pictureFlags) picture(write func(*draw.Board, context.Context, io.Writer, draw.Options) error) boardWriter {
	return func(ctx context.Context, db *sqlite.DB, b whiteboard.Board, w io.Writer) error {
		s, err := db.Snapshot(ctx, b.ID)
		if err != nil {
			return err
		}
		return write(draw.New(s.Records), ctx, w, draw.Options{
			Scale: e.scale, Padding: e.padding, Transparent: !e.background,
			Theme: draw.Theme(e.theme == "dark"), Frame: whiteboard.RecordID(e.frame),
			Fonts: fonts.New(fonts.Options{Folder: e.fonts}),
			Asset: func(hash string) (whiteboard.Asset, error) { return db.Asset(ctx, hash) },
		})
	}
}

// writeTo has a file written, or standard output when it has no name. A file that could
// not be written whole is removed.
func (p *program) writeTo(file string, write func(io.Writer) error) error {
	if file == "" {
		w := bufio.NewWriter(p.stdout)
		return errors.Join(write(w), w.Flush())
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}
