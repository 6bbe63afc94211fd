package draw

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func readJSON[T any](t testing.TB, path string) (v T) {
	t.Helper()
	text, err := os.ReadFile(path)
	check(t, err)
	check(t, json.Unmarshal(text, &v))
	return v
}

// TestFreehand_outlines_areThoseOfTheClient reads what perfect-freehand gives, written by
// web/src/shapes/freehand.test.ts.
func TestFreehand_outlines_areThoseOfTheClient(t *testing.T) {
	vectors := readJSON[[]struct {
		Name    string
		Options struct{ Size, Thinning, Smoothing, Streamline float64 }
		Points  [][3]float64
		Outline [][2]float64
	}](t, "../testdata/freehand.json")
	if len(vectors) < 10 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			var points []inkPoint
			for _, p := range v.Points {
				points = append(points, inkPoint{Point{p[0], p[1]}, p[2]})
			}
			got := freehand{v.Options.Size, v.Options.Thinning, v.Options.Smoothing, v.Options.Streamline}.outline(points)
			if len(got) != len(v.Outline) {
				t.Fatalf("%d corners, want %d", len(got), len(v.Outline))
			}
			for i, want := range v.Outline {
				if math.Abs(got[i].X-want[0]) > 1e-6 || math.Abs(got[i].Y-want[1]) > 1e-6 {
					t.Fatalf("corner %d is %v, want %v", i, got[i], want)
				}
			}
		})
	}
}
