package outlines

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestAll_everyOutline_fillsItsBox(t *testing.T) {
	all := All()
	if len(all) < 20 {
		t.Fatalf("only %d outlines", len(all))
	}
	for _, o := range all {
		minX, minY, maxX, maxY := reach(o.Line)
		for _, n := range []float64{minX, minY, 1 - maxX, 1 - maxY} {
			if math.Abs(n) > 0.005 {
				t.Errorf("%s reaches from %.3f, %.3f to %.3f, %.3f; want 0, 0 to 1, 1", o.Kind, minX, minY, maxX, maxY)
				break
			}
		}
		if len(o.Lines) == 0 {
			continue
		}
		if minX, minY, maxX, maxY := reach(o.Lines); min(minX, minY, 1-maxX, 1-maxY) < 0 {
			t.Errorf("the lines of %s reach from %.3f, %.3f to %.3f, %.3f; want within 0, 0 to 1, 1", o.Kind, minX, minY, maxX, maxY)
		}
	}
}

func TestAll_names_areDifferentInEveryLanguage(t *testing.T) {
	for _, language := range Languages {
		kinds := map[string]string{}
		for _, o := range All() {
			name := strings.ToLower(o.Names[language])
			if other, taken := kinds[name]; taken {
				t.Errorf("%s: %s and %s are both called %q", language, other, o.Kind, name)
			}
			kinds[name] = o.Kind
		}
	}
}

// reach is where the points of a path lie, those of curves sampled.
func reach(p Path) (minX, minY, maxX, maxY float64) {
	minX, minY, maxX, maxY = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	var from []float64
	for _, step := range p {
		if len(step.At) == 0 {
			continue
		}
		points := append(append([]float64{}, from...), step.At...)
		if from == nil || step.Command == 'M' {
			points = step.At
		}
		for i := range 101 {
			x, y := onCurve(points, float64(i)/100)
			minX, minY, maxX, maxY = min(minX, x), min(minY, y), max(maxX, x), max(maxY, y)
		}
		from = step.At[len(step.At)-2:]
	}
	return minX, minY, maxX, maxY
}

// onCurve is de Casteljau's point of a curve with any number of handles.
func onCurve(points []float64, t float64) (x, y float64) {
	points = append([]float64{}, points...)
	for n := len(points) - 2; n > 0; n -= 2 {
		for i := range n {
			points[i] += t * (points[i+2] - points[i])
		}
	}
	return points[0], points[1]
}

const names = `"names":{"ar":"a","de":"b","en":"c","es":"d","fr":"e","ja":"f","zh":"g"}`

// file is a valid file with one part replaced.
func file(old, new string) string {
	valid := `{` + names + `,"size":[160,100],"outline":"M 0 0 L 1 0 Q 1 1 0 1 Z","lines":"M 0 0.5 C 0 0 1 0 1 0.5 M 0 1 L 1 1","room":[0,0,1,1]}`
	return strings.Replace(valid, old, new, 1)
}

func TestParse_validFile_hasWhatItSays(t *testing.T) {
	o, err := parse("leaf", []byte(file("", "")))
	if err != nil {
		t.Fatal(err)
	}
	want := Outline{
		Kind:  "leaf",
		Names: map[string]string{"ar": "a", "de": "b", "en": "c", "es": "d", "fr": "e", "ja": "f", "zh": "g"},
		Size:  [2]float64{160, 100},
		Line:  Path{{'M', []float64{0, 0}}, {'L', []float64{1, 0}}, {'Q', []float64{1, 1, 0, 1}}, {'Z', []float64{}}},
		Lines: Path{{'M', []float64{0, 0.5}}, {'C', []float64{0, 0, 1, 0, 1, 0.5}}, {'M', []float64{0, 1}}, {'L', []float64{1, 1}}},
		Room:  [4]float64{0, 0, 1, 1},
	}
	if !reflect.DeepEqual(o, want) {
		t.Errorf("got %+v, want %+v", o, want)
	}
}

func TestRounds_straightOutlinesWithoutLines(t *testing.T) {
	rounds := map[string]bool{"star": true, "cross": true, "heart": false, "cube": false, "cylinder": false}
	for _, o := range All() {
		if want, ok := rounds[o.Kind]; ok && o.Rounds() != want {
			t.Errorf("%s: got %v, want %v", o.Kind, !want, want)
		}
		delete(rounds, o.Kind)
	}
	if len(rounds) > 0 {
		t.Errorf("not there: %v", rounds)
	}
}

func TestParse_invalidFile_namesValueAndLimit(t *testing.T) {
	for _, test := range []struct{ kind, text, want string }{
		{"Leaf", file("", ""), "1 to 20 letters a to z"},
		{"", file("", ""), "1 to 20 letters a to z"},
		{strings.Repeat("a", 21), file("", ""), "1 to 20 letters a to z"},
		{"leaf", `[]`, "cannot unmarshal array"},
		{"leaf", file("", "") + "{}", "more than one value"},
		{"leaf", file(`"size"`, `"colour":"red","size"`), `unknown field "colour"`},
		{"leaf", file(`"zh":"g"`, `"zh":""`), "zh has 0 characters; allowed: 1 to 40"},
		{"leaf", file(`"zh":"g"`, `"zh":"`+strings.Repeat("字", 41)+`"`), "zh has 41 characters"},
		{"leaf", file(`,"zh":"g"`, ``), "zh has 0 characters"},
		{"leaf", file(`"zh":"g"`, `"zh":"g","it":"h"`), "8 languages; allowed: ar, de, en"},
		{"leaf", file("160", "15"), "size: 15; allowed: 16 to 1000"},
		{"leaf", file("160", "1001"), "size: 1001"},
		{"leaf", file("[0,0,1,1]", "[0,0,1,1.5]"), "room: 1.5; allowed: 0 to 1"},
		{"leaf", file("[0,0,1,1]", "[0.5,0,0.5,1]"), "is empty"},
		{"leaf", file("0 1 Z", "0 1"), "it must end with Z"},
		{"leaf", file("L 1 0 Q 1 1 0 1 Z", "Z"), "after at least two lines"},
		{"leaf", file("L 1 0", "M 1 0"), "it must be one line"},
		{"leaf", file("L 1 0", "L 1 0 Z"), "it must be one line"},
		{"leaf", file("M 0 0", "L 0 0"), "it must begin with M"},
		{"leaf", file("L 1 0", "A 1 0"), `"A" is no command; allowed: M L Q C Z`},
		{"leaf", file("L 1 0", "L 1  0"), `"" is no coordinate; allowed: -1 to 2`},
		{"leaf", file("L 1 0", "L 2.5 0"), `"2.5" is no coordinate`},
		{"leaf", file("L 1 0", "L NaN 0"), `"NaN" is no coordinate`},
		{"leaf", file("0 1 Z", "0 1 Z C 1 1"), "C needs 6 coordinates"},
		{"leaf", file("0 1 Z", "0 1"+strings.Repeat(" L 1 1", 200)+" Z"), "more than 200 commands"},
		{"leaf", file("M 0 1 L 1 1", "M 0 1 L 1 1 Z"), "lines: they must be open"},
		{"leaf", file("M 0 0.5", "0 0.5"), `lines: "0" is no command`},
	} {
		_, err := parse(test.kind, []byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "outline ") {
			t.Errorf("%s %s: %v; want %q", test.kind, test.text, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(file("", ""))
	f.Add(file("L 1 0", "L NaN 0"))
	for _, o := range All() {
		text, err := files.ReadFile(o.Kind + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := parse("leaf", []byte(text))
		if err != nil {
			return
		}
		for _, p := range []Path{o.Line, o.Lines} {
			if len(p) > MaxSteps {
				t.Errorf("%d commands", len(p))
			}
			for _, step := range p {
				if want := arguments[string(step.Command)]; len(step.At) != want {
					t.Errorf("%c has %d coordinates, want %d", step.Command, len(step.At), want)
				}
				for _, at := range step.At {
					if !(at >= -1 && at <= 2) {
						t.Errorf("a coordinate of %v", at)
					}
				}
			}
		}
	})
}
