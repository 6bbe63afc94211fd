package draw

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/easelhq/easel/whiteboard"
)

// board makes a board of records: property values by id.
func board(t testing.TB, records map[string]string) *Board {
	t.Helper()
	var list []whiteboard.Record
	for id, p := range records {
		var patch whiteboard.Patch
		check(t, json.Unmarshal([]byte(p), &patch))
		list = append(list, whiteboard.Record{ID: whiteboard.RecordID(id), Props: patch})
	}
	return New(list)
}

var simple = map[string]string{
	"a": `{"kind":"rect","at":[10,10],"size":[100,60],"z":"a0","color":"red","fill":"yellow","width":4}`,
	"b": `{"kind":"ellipse","at":[60,30],"size":[100,60],"z":"a1","color":"#004080","opacity":0.5,"fill":"green","rotation":0.5}`,
	"c": `{"kind":"line","at":[0,0],"size":[200,150],"z":"a2","width":8}`,
	"d": `{"kind":"rect","at":[-500,0],"size":[10,10],"z":"a2","deleted":true}`,
	"e": `{"kind":"rect","at":[-500,0],"size":[10,10],"z":"a2","hidden":true}`,
	"f": `{"kind":"rect","at":[0],"size":[10,10],"z":"a2"}`,
	"g": `{"kind":"thread","at":[-500,0],"bind":{"to":"a","at":[0,0],"inside":true}}`,
	"h": `{"kind":"comment","thread":"g","text":"hi","user":"u","time":1}`,
}

func TestPNG_showsShapesInTheirOrder(t *testing.T) {
	b := board(t, simple)
	if b.Len() != 3 {
		t.Fatalf("%d shapes, want 3", b.Len())
	}
	var out bytes.Buffer
	check(t, b.PNG(t.Context(), &out, Options{Scale: 2, Padding: 10}))
	picture, err := png.Decode(&out)
	check(t, err)
	if got := picture.Bounds().Size(); got.X != 456 || got.Y != 356 {
		t.Errorf("the picture is %v, want 456 × 356", got)
	}
	pixel := func(x, y float64) rgb { // in world units
		r, g, b, _ := picture.At(int(2*(x+14)), int(2*(y+14))).RGBA()
		return rgb(r>>8<<16 | g>>8<<8 | b>>8)
	}
	for name, c := range map[string]struct{ got, want rgb }{
		"page":                     {pixel(190, 10), page[0]},
		"border":                   {pixel(60, 10), palette["red"][0]},
		"fill":                     {pixel(20, 60), palette["yellow"][0]},
		"half a fill over another": {pixel(85, 30), 0x8eae25},
		"line above all":           {pixel(100, 75), palette["black"][0]},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestFrames_inFrames(t *testing.T) {
	b := board(t, map[string]string{
		"f": `{"kind":"frame","at":[0,0],"size":[100,100],"z":"a0"}`,
		"g": `{"kind":"frame","at":[50,50],"size":[100,100],"z":"a1","frame":"f"}`,
		"a": `{"kind":"rect","at":[60,60],"size":[90,90],"z":"a2","frame":"g"}`,
		"h": `{"kind":"frame","at":[0,0],"size":[90,90],"z":"a3","hidden":true}`,
		"i": `{"kind":"frame","at":[0,0],"size":[80,80],"z":"a4","frame":"h"}`,
		"b": `{"kind":"rect","at":[10,10],"size":[20,20],"z":"a5","frame":"i"}`,
	})
	if b.Len() != 3 {
		t.Errorf("%d shapes can be seen, want 3: what is in a hidden frame is hidden, however deep", b.Len())
	}
	if bounds, _ := b.Bounds(); bounds.MaxX > 101 || bounds.MaxY > 101 {
		t.Errorf("the board is %v, which the outer frame clips to 100", bounds)
	}
	if got := len(b.within("f")); got != 2 {
		t.Errorf("%d shapes are in the outer frame, want 2", got)
	}
}

func TestSVG_isWellFormedAndHasNoScripts(t *testing.T) {
	var out bytes.Buffer
	check(t, board(t, simple).SVG(t.Context(), &out, Options{Padding: 10}))
	known := strings.Fields("svg rect path g text style defs image use clipPath")
	for d := xml.NewDecoder(&out); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		check(t, err)
		if e, ok := token.(xml.StartElement); ok && !slices.Contains(known, e.Name.Local) {
			t.Errorf("there is an element %s", e.Name.Local)
		}
	}
}

func TestSVG_shapesWithALink_leadThere(t *testing.T) {
	for link, want := range map[string]string{
		"https://example.com/?a&b=\\\"": `<a href="https://example.com/?a&amp;b=&#34;" target="_blank" rel="noopener">`,
		"mailto:ann@example.com":        `<a href="mailto:ann@example.com" target="_blank" rel="noopener">`,
		"javascript:alert(1)":           "",
		"//example.com":                 "",
	} {
		var out bytes.Buffer
		shape := `{"kind":"rect","at":[0,0],"size":[9,9],"z":"a","rotation":1,"link":"` + link + `"}`
		check(t, board(t, map[string]string{"a": shape}).SVG(t.Context(), &out, Options{}))
		if has := strings.Contains(out.String(), "<a "); !strings.Contains(out.String(), want) || has != (want != "") || strings.Count(out.String(), "</a>") != strings.Count(out.String(), "<a ") {
			t.Errorf("%s: want %q in\n%s", link, want, out.String())
		}
	}
}

func mustPatch(text string) (p whiteboard.Patch) {
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		panic(err)
	}
	return p
}
