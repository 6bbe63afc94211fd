package draw

import "testing"

// TestColor_isThatOfTheClient reads what web/src/canvas/palette.ts gives, written by
// palette.test.ts: a name, its colour on the light page and on the dark one.
func TestColor_isThatOfTheClient(t *testing.T) {
	vectors := readJSON[[][3]string](t, "../testdata/colors.json")
	if len(vectors) < len(palette) {
		t.Fatalf("only %d colours", len(vectors))
	}
	for _, v := range vectors {
		if got := Light.color(v[0]).String(); got != v[1] {
			t.Errorf("%s is %s on the light page, want %s", v[0], got, v[1])
		}
		if got := Dark.color(v[0]).String(); got != v[2] {
			t.Errorf("%s is %s on the dark page, want %s", v[0], got, v[2])
		}
	}
}
