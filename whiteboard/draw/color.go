package draw

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Colours, as in web/src/canvas/palette.ts.

// Theme is which of two sets of colours a board is shown in. The zero value is light.
type Theme bool

// The themes.
const (
	Light Theme = false
	Dark  Theme = true
)

// palette holds the slots that records name: their colour on a light and on a dark page.
var palette = map[string][2]rgb{
	"black":       {0x1e1f24, 0xececf1},
	"grey":        {0x868996, 0x8d909c},
	"white":       {0xffffff, 0x2b2c31},
	"brown":       {0x8a5a3c, 0xb98a68},
	"darkred":     {0xa61e2d, 0xe0606c},
	"red":         {0xe5383b, 0xff6b6b},
	"orange":      {0xf08a24, 0xff9f45},
	"yellow":      {0xf2c200, 0xffd84d},
	"green":       {0x2b9a4a, 0x5ccf7f},
	"teal":        {0x12908e, 0x3fc4c0},
	"deepskyblue": {0x1aa7ec, 0x4fc1ff},
	"navy":        {0x1d3c8f, 0x7b9cff},
	"indigo":      {0x4b3fd1, 0x9189ff},
	"purple":      {0x9333c9, 0xc77dff},
	"pink":        {0xe64c94, 0xff7ab8},
}

// page is the colour behind the board, where it has no paper; PAPERS of transfer/write.ts.
var page = [2]rgb{0xffffff, 0x17181b}

// rgb is 0xrrggbb.
type rgb uint32

func (c rgb) channels() (r, g, b uint32) { return uint32(c >> 16), uint32(c>>8) & 255, uint32(c) & 255 }

func (c rgb) String() string { return fmt.Sprintf("#%06x", uint32(c)) }

// of chooses between the colours of the light and the dark theme.
func (t Theme) of(colors [2]rgb) rgb {
	if t == Dark {
		return colors[1]
	}
	return colors[0]
}

var hex = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// color is what a palette name or #rrggbb looks like, such a colour as paper ("yellow
// paper"), words in one on another ("black on yellow"), which can be read on the dark page
// whatever they are written on, or a "shadow". Anything else is black.
func (t Theme) color(name string) rgb {
	if slot, ok := palette[name]; ok {
		return t.of(slot)
	}
	if words, ground, ok := strings.Cut(name, " on "); ok {
		if t == Light {
			return t.color(words)
		}
		return t.color(words).readable(t.color(ground))
	}
	if color, ok := strings.CutSuffix(name, " paper"); ok {
		paper := t.color(color)
		return t.of(palette["white"]).blend(paper, t.tint(paper))
	}
	if name == "shadow" {
		return t.of([2]rgb{0x303030, 0})
	}
	if !hex.MatchString(name) {
		return t.of(palette["black"])
	}
	value, _ := strconv.ParseUint(name[1:], 16, 32) // six hex digits
	if t == Light {
		return rgb(value)
	}
	return darkVariant(rgb(value))
}

// tint is how strong the colour of a paper is upon white. On the dark page, where words are
// light, bright ones are weaker than deep ones.
func (t Theme) tint(paper rgb) float64 {
	if t == Dark {
		return min(max(1.1-paper.lab().l, 0.28), 0.9)
	}
	return 0.55
}

// blend is the colour with a share of another.
func (c rgb) blend(over rgb, share float64) rgb {
	mix := func(a, b uint32) rgb { return rgb(math.Round(float64(a) + (float64(b)-float64(a))*share)) }
	r, g, b := c.channels()
	r2, g2, b2 := over.channels()
	return mix(r, r2)<<16 | mix(g, g2)<<8 | mix(b, b2)
}

// Below enoughContrast, by WCAG 2, words are written in another colour, which has
// clearContrast if there is one.
const enoughContrast, clearContrast = 4.5, 7

// readable is the colour, as much lighter or darker as words on the ground need to be.
func (c rgb) readable(ground rgb) rgb {
	const steps = 20
	under := ground.luminance()
	if contrast(c.luminance(), under) >= enoughContrast {
		return c
	}
	p, towards := c.lab(), 0.0
	if contrast(1, under) > contrast(0, under) {
		towards = 1
	}
	for step := 1.0; step <= steps && contrast(c.luminance(), under) < clearContrast; step++ {
		far := step / steps
		c = lab{p.l + (towards-p.l)*far, p.a * (1 - far*far), p.b * (1 - far*far)}.rgb()
	}
	return c
}

// contrast is that of two luminances by WCAG 2.
func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

func (c rgb) luminance() float64 {
	r, g, b := c.channels()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// darkVariant is the same hue with its lightness turned round: ink stays legible, pale
// fills become deep ones.
func darkVariant(c rgb) rgb {
	p := c.lab()
	chroma := math.Hypot(p.a, p.b)
	// Vivid light colours stay light enough to draw with, and dark enough to write on.
	p.l = max(bend(p.l), 0.56*min(max((chroma-0.06)/0.08, 0), 1))
	if p.l < 0.5 { // deep colours are as vivid as they are light; else pale fills would glow
		p.a, p.b = 1.1*p.a, 1.1*p.b
	}
	return p.rgb()
}

// bends are lightness on the light page and on the dark one; falls from left to right.
var bends = [][2]float64{{0, 0.95}, {0.25, 0.93}, {0.45, 0.78}, {0.6, 0.7}, {0.75, 0.62}, {0.88, 0.42}, {0.95, 0.35}, {1, 0.29}}

func bend(l float64) float64 {
	next := max(slices.IndexFunc(bends, func(b [2]float64) bool { return b[0] >= l }), 1)
	from, to := bends[next-1], bends[next]
	return from[1] + (to[1]-from[1])*(l-from[0])/(to[0]-from[0])
}

// lab is a colour in Oklab, in which equal steps look equal.
// Source: Björn Ottosson, “A perceptual color space”.
type lab struct{ l, a, b float64 }

func (c rgb) lab() lab {
	red, green, blue := c.channels()
	r, g, b := linear(red), linear(green), linear(blue)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return lab{
		min(0.2104542553*l+0.793617785*m-0.0040720468*s, 1),
		1.9779984951*l - 2.428592205*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.808675766*s,
	}
}

// rgb is the colour, less vivid where the screen has none such.
func (p lab) rgb() rgb {
	for vivid := 1.0; ; vivid -= 0.05 {
		r, g, b := lab{p.l, p.a * vivid, p.b * vivid}.linear()
		if vivid <= 0 || min(r, g, b) >= -0.001 && max(r, g, b) <= 1.001 {
			return rgb(channel(r)<<16 | channel(g)<<8 | channel(b))
		}
	}
}

func (p lab) linear() (r, g, b float64) {
	cube := func(f float64) float64 { return f * f * f }
	l := cube(p.l + 0.3963377774*p.a + 0.2158037573*p.b)
	m := cube(p.l - 0.1055613458*p.a - 0.0638541728*p.b)
	s := cube(p.l - 0.0894841775*p.a - 1.291485548*p.b)
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.707614701*s
}

func linear(channel uint32) float64 {
	c := float64(channel) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

func channel(linear float64) uint32 {
	c := min(max(linear, 0), 1)
	if c <= 0.0031308 {
		c *= 12.92
	} else {
		c = 1.055*math.Pow(c, 1/2.4) - 0.055
	}
	return uint32(math.Round(255 * c))
}
