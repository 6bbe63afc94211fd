package draw

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/easelhq/easel/whiteboard"
)

func TestView_beyondTheLimits_namesValueAndLimit(t *testing.T) {
	rect := func(w, h int) map[string]string {
		return map[string]string{"a": fmt.Sprintf(`{"kind":"rect","at":[0,0],"size":[%d,%d],"width":2}`, w, h)}
	}
	for _, c := range []struct {
		records map[string]string
		o       Options
		want    []string
	}{
		{rect(10, 10), Options{Scale: 4.5}, []string{"scale is 4.5", "0.1 to 4"}},
		{rect(10, 10), Options{Scale: 0.05}, []string{"scale is 0.05"}},
		{rect(10, 10), Options{Scale: math.NaN()}, []string{"scale is NaN"}},
		{rect(10, 10), Options{Padding: -1}, []string{"padding is -1", "0 to 256"}},
		{rect(10, 10), Options{Padding: 257}, []string{"padding is 257"}},
		{rect(20000, 10), Options{}, []string{"20002 × 12", "16384"}},
		{rect(9000, 9000), Options{}, []string{"9002 × 9002", "67108864"}},
		{map[string]string{"a": `{"kind":"rect","at":[1e300,0],"size":[10,10]}`, "b": `{"kind":"rect","at":[-1e300,0],"size":[10,10]}`}, Options{}, []string{"1073741824"}},
		{rect(10, 10), Options{Frame: "b"}, []string{`"b" is not on the board`}},
		{rect(10, 10), Options{Frame: "a"}, []string{`"a" is not on the board`}},
	} {
		var out bytes.Buffer
		err := board(t, c.records).PNG(t.Context(), &out, c.o)
		if _, ok := errors.AsType[*whiteboard.Refusal](err); !ok || out.Len() > 0 {
			t.Errorf("%+v: %v, %d bytes written", c.o, err, out.Len())
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %q does not say %q", c.o, err, want)
			}
		}
	}
}

func TestPicture_ofNothing_isSmall(t *testing.T) {
	var out bytes.Buffer
	check(t, board(t, nil).SVG(t.Context(), &out, Options{Padding: 8}))
	if !strings.Contains(out.String(), `viewBox="-8 -8 16 16"`) {
		t.Error(out.String())
	}
	check(t, board(t, nil).PNG(t.Context(), io.Discard, Options{}))
}

func TestPicture_whoseReaderIsGone_ends(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := board(t, simple)
	if err := b.PNG(ctx, io.Discard, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("PNG: %v", err)
	}
	if err := b.SVG(ctx, io.Discard, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("SVG: %v", err)
	}
	full := errors.New("full")
	if err := b.PNG(t.Context(), failing{full}, Options{}); !errors.Is(err, full) {
		t.Errorf("PNG to a writer that fails: %v", err)
	}
	if err := b.SVG(t.Context(), failing{full}, Options{}); !errors.Is(err, full) {
		t.Errorf("SVG to a writer that fails: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestPicture_whoseAssetsFail_fails: an image that is missing or no image is drawn as
// missing, but not one that can't be had now.
func TestPicture_whoseAssetsFail(t *testing.T) {
	b := board(t, map[string]string{"a": `{"kind":"image","at":[0,0],"size":[10,10],"asset":"x"}`})
	broken := errors.New("broken disk")
	for name, c := range map[string]struct {
		asset whiteboard.Asset
		err   error
		want  error
	}{
		"missing":     {err: whiteboard.ErrNotFound},
		"no image":    {asset: whiteboard.Asset{Type: "text/html", Data: []byte("<script>")}},
		"disk broken": {err: broken, want: broken},
	} {
		o := Options{Asset: func(string) (whiteboard.Asset, error) { return c.asset, c.err }}
		if err := b.PNG(t.Context(), io.Discard, o); !errors.Is(err, c.want) {
			t.Errorf("%s: PNG: %v", name, err)
		}
		var out bytes.Buffer
		if err := b.SVG(t.Context(), &out, o); !errors.Is(err, c.want) || strings.Contains(out.String(), "script") {
			t.Errorf("%s: SVG: %v %s", name, err, out.String())
		}
	}
}

// TestNew_linesBoundToLines_areBounded: lines that are bound to each other in a long chain,
// at both ends, take no longer than others.
func TestNew_linesBoundToLines_areBounded(t *testing.T) {
	records := map[string]string{}
	for i := range 60 {
		bind := fmt.Sprintf(`{"to":"l%d","at":[0.5,0.5],"inside":true}`, i+1)
		records[fmt.Sprintf("l%d", i)] = fmt.Sprintf(`{"kind":"line","at":[0,0],"size":[9,9],"startbind":%s,"endbind":%s}`, bind, bind)
	}
	if n := board(t, records).Len(); n != 60 {
		t.Errorf("%d lines, want 60", n)
	}
}

func TestView_ofAFrame_showsWhatIsInIt(t *testing.T) {
	b := board(t, map[string]string{
		"f":  `{"kind":"frame","at":[0,0],"size":[100,50],"name":"x"}`,
		"in": `{"kind":"rect","at":[80,20],"size":[100,10],"frame":"f","fill":"red"}`,
		"by": `{"kind":"rect","at":[10,10],"size":[10,10],"fill":"green"}`,
	})
	var out bytes.Buffer
	check(t, b.SVG(t.Context(), &out, Options{Frame: "f"}))
	svg := out.String()
	if !strings.Contains(svg, `viewBox="0 0 100 50"`) || !strings.Contains(svg, palette["red"][0].String()) || strings.Contains(svg, palette["green"][0].String()) || strings.Contains(svg, "<text") {
		t.Error(svg)
	}
}

// TestView_pictureBeneath_isShownWithoutPaperAndInFrames: as in the client, it is a picture, no paper.
func TestView_pictureBeneath_isShownWithoutPaperAndInFrames(t *testing.T) {
	b := board(t, map[string]string{
		"board": `{"background":{"asset":"` + strings.Repeat("ab", 32) + `","at":[0,0],"size":[100,50]}}`,
		"f":     `{"kind":"frame","at":[10,10],"size":[50,30]}`,
	})
	for _, o := range []Options{{}, {Transparent: true}, {Frame: "f"}, {Frame: "f", Transparent: true}} {
		v, err := b.view(o)
		check(t, err)
		if v.background == nil {
			t.Errorf("%+v: the picture beneath is not shown", o)
		}
	}
}

// TestSVG_textOfPeople_staysText.
func TestSVG_textOfPeople_staysText(t *testing.T) {
	b := board(t, map[string]string{
		"a": `{"kind":"text","at":[0,0],"size":[10,10],"text":"</text><script>alert(1)</script>\u0000&"}`,
		"b": `{"kind":"rect","at":[0,0],"size":[10,10],"color":"\"/><script>","fill":"url(javascript:1)"}`,
	})
	var out bytes.Buffer
	check(t, b.SVG(t.Context(), &out, Options{}))
	if strings.Contains(out.String(), "<script") || strings.Contains(out.String(), "javascript") {
		t.Error(out.String())
	}
}
