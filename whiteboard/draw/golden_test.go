package draw

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/easelhq/easel/whiteboard"
)

const golden = "../testdata/golden/"

func goldenBoards(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(golden + "*.picture.json")
	check(t, err)
	if len(files) < 20 {
		t.Fatalf("only %d golden boards", len(files))
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".picture.json"))
	}
	return names
}

func goldenBoard(t testing.TB, name string) *Board {
	t.Helper()
	return New(readJSON[whiteboard.Snapshot](t, golden+name+".json").Records)
}

// TestGolden_pictures_areThoseOfTheClient compares the golden boards with what the client
// makes of them, written by web/src/shapes/golden.test.ts.
func TestGolden_pictures_areThoseOfTheClient(t *testing.T) {
	for _, name := range goldenBoards(t) {
		t.Run(name, func(t *testing.T) {
			want := readJSON[[]any](t, golden+name+".picture.json")
			b := goldenBoard(t, name)
			if b.Len() != len(want) {
				t.Errorf("%d shapes, want %d", b.Len(), len(want))
			}
			for i, s := range b.shapes[:min(b.Len(), len(want))] {
				text, err := json.Marshal(describe(s))
				check(t, err)
				var got any
				check(t, json.Unmarshal(text, &got))
				if difference := compareJSON(string(s.id), got, want[i]); difference != "" {
					t.Error(difference)
				}
			}
		})
	}
}

type object map[string]any

// describe is a shape as the README beside the golden boards says.
func describe(s *shape) object {
	items := []any{}
	for _, item := range s.picture(math.Inf(1)) {
		items = append(items, describeItem(item))
	}
	o := object{"id": s.id, "frame": s.frame.list(), "box": s.box.list(), "rotation": s.rotation, "opacity": s.opacity(), "items": items}
	if s.clip != nil {
		var corners []any
		for _, p := range s.clip {
			corners = append(corners, []float64{p.X, p.Y})
		}
		o["clip"] = corners
	}
	return o
}

func (b Box) list() []float64 { return []float64{b.MinX, b.MinY, b.MaxX, b.MaxY} }

func describeItem(item Item) object {
	switch item := item.(type) {
	case PathItem:
		return describePath(item)
	case TextItem:
		return object{"do": "text", "text": item.Text, "x": item.X, "y": item.Y, "font": item.Font, "size": item.Size, "color": item.Color, "width": item.Width}
	case ImageItem:
		o := object{"do": "image", "asset": item.Asset, "box": item.Box.list(), "flip": item.Flip}
		if item.Crop != wholeImage {
			o["crop"] = item.Crop
		}
		return o
	}
	panic(fmt.Sprintf("%T", item))
}

func describePath(item PathItem) object {
	var words []string
	item.Path.each(func(c Command, at []float64) {
		words = append(words, string(c))
		for _, v := range at {
			words = append(words, strconv.FormatFloat(v, 'g', -1, 64))
		}
	})
	o := object{"do": "path", "path": strings.Join(words, " ")}
	if item.Fill != "" {
		o["fill"] = item.Fill
	}
	if item.Alpha != 1 {
		o["alpha"] = item.Alpha
	}
	if k := item.Stroke; k != nil {
		stroke := object{"color": k.Color, "width": k.Width, "cap": "butt", "join": "miter"}
		if k.RoundCap {
			stroke["cap"] = "round"
		}
		if k.RoundJoin {
			stroke["join"] = "round"
		}
		if k.Dash != nil {
			stroke["dash"] = k.Dash
		}
		o["stroke"] = stroke
	}
	return o
}

// pathWords is a path as commands and numbers.
func pathWords(path any) any {
	var words []any
	text, _ := path.(string)
	for _, word := range strings.Fields(text) {
		if v, err := strconv.ParseFloat(word, 64); err == nil {
			words = append(words, v)
		} else {
			words = append(words, word)
		}
	}
	return words
}

// compareJSON tells the first difference between two values; empty for none. Numbers may
// differ by a thousandth, and by half of one as the files are rounded.
func compareJSON(at string, got, want any) string {
	switch want := want.(type) {
	case float64:
		if got, ok := got.(float64); ok && math.Abs(got-want) <= 1.5e-3 {
			return ""
		}
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			return fmt.Sprintf("%s has %d elements, want %d:\n%.300v, want\n%.300v", at, len(got), len(want), got, want)
		}
		for i := range want {
			if d := compareJSON(fmt.Sprintf("%s[%d]", at, i), got[i], want[i]); d != "" {
				return d
			}
		}
		return ""
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok || len(got) != len(want) {
			return fmt.Sprintf("%s is %.300v, want %.300v", at, got, want)
		}
		for key := range want {
			if key == "path" {
				got[key], want[key] = pathWords(got[key]), pathWords(want[key])
			}
			if d := compareJSON(at+"."+key, got[key], want[key]); d != "" {
				return d
			}
		}
		return ""
	default:
		if got == want {
			return ""
		}
	}
	return fmt.Sprintf("%s is %.200v, want %.200v", at, got, want)
}
