package filter_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/filter"
)

// sample is a random expression: its text, and its value for a connection as the
// documentation defines it, computed without the package. Values are nil, bool, int,
// string, or the set of groups.
type sample struct {
	text  string
	value func(*filter.Subject) any
	// operand samples need no brackets as part of another.
	operand bool
}

// generator makes samples of each type, well-typed and at most depth levels deep.
type generator struct{ *rand.Rand }

func (g generator) pick(choices ...func() sample) sample { return choices[g.IntN(len(choices))]() }

// in puts brackets around what needs them, and sometimes around what does not.
func (g generator) in(s sample) string {
	if s.operand && g.IntN(8) > 0 {
		return s.text
	}
	return "(" + s.text + ")"
}

var texts = []string{"", "ann", "Ann", "a", "n", " x ", "room-7", "room-8", "it's", "''", "ä", "😀", "json.webpubsub.azure.v1", "c1"}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func fixed(text string, v any) sample {
	return sample{text, func(*filter.Subject) any { return v }, true}
}

func (g generator) literal() sample {
	return g.pick(
		func() sample { return fixed("null", nil) },
		func() sample { return fixed("true", true) },
		func() sample { return fixed("false", false) },
		g.number,
		g.word,
	)
}

func (g generator) number() sample {
	n := g.IntN(12) - 3
	return fixed(fmt.Sprint(n), n)
}

func (g generator) word() sample {
	s := texts[g.IntN(len(texts))]
	return fixed(quote(s), s)
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (g generator) property() sample {
	names := []string{"userId", "USERID", "connectionId", "protocol"}
	name := names[g.IntN(len(names))]
	return sample{name, func(s *filter.Subject) any {
		switch name {
		case "connectionId":
			return string(s.ConnectionID)
		case "protocol":
			return orNil(s.Protocol)
		}
		return orNil(string(s.UserID))
	}, true}
}

func everyGroup(s *filter.Subject) any {
	if s.Groups == nil {
		return filter.GroupSet(nil)
	}
	return s.Groups
}

// str makes a text, or null.
func (g generator) str(depth int) sample {
	if depth == 0 {
		return g.pick(g.word, g.property, func() sample { return fixed("null", nil) })
	}
	a, b, i, n := g.str(depth-1), g.str(depth-1), g.num(depth-1), g.num(depth-1)
	return g.pick(
		func() sample { return g.str(0) },
		func() sample { return unary("tolower", a, strings.ToLower) },
		func() sample { return unary("toupper", a, strings.ToUpper) },
		func() sample { return unary("trim", a, strings.TrimSpace) },
		func() sample {
			return sample{"concat(" + a.text + ", " + b.text + ")", func(s *filter.Subject) any {
				x, xIsText := a.value(s).(string)
				y, yIsText := b.value(s).(string)
				if !xIsText && !yIsText {
					return nil
				}
				return x + y
			}, true}
		},
		func() sample {
			return sample{"substring(" + a.text + "," + i.text + ")", func(s *filter.Subject) any {
				x, ok := a.value(s).(string)
				if !ok {
					return nil
				}
				return cut(x, i.value(s), len(utf16.Encode([]rune(x))), true)
			}, true}
		},
		func() sample {
			return sample{"substring(" + a.text + "," + i.text + "," + n.text + ")", func(s *filter.Subject) any {
				x, isText := a.value(s).(string)
				size, isNumber := n.value(s).(int)
				if !isText || !isNumber {
					return nil
				}
				return cut(x, i.value(s), size, false)
			}, true}
		},
	)
}

func unary(name string, a sample, do func(string) string) sample {
	return sample{name + "(" + a.text + ")", func(s *filter.Subject) any {
		if x, ok := a.value(s).(string); ok {
			return do(x)
		}
		return nil
	}, true}
}

// cut takes units of UTF-16 one by one; toEnd says that size reaches to the end.
func cut(s string, from any, size int, toEnd bool) any {
	start, ok := from.(int)
	units := utf16.Encode([]rune(s))
	if toEnd {
		size -= start
	}
	if !ok || start < 0 || size < 0 || start+size > len(units) {
		return nil
	}
	return string(utf16.Decode(units[start : start+size]))
}

// num makes an integer, or null.
func (g generator) num(depth int) sample {
	if depth == 0 {
		return g.pick(g.number, func() sample {
			return sample{"length(groups)", func(s *filter.Subject) any { return len(everyGroup(s).(filter.GroupSet)) }, true}
		})
	}
	a, b := g.str(depth-1), g.str(depth-1)
	return g.pick(
		func() sample { return g.num(0) },
		func() sample {
			return sample{"length(" + a.text + ")", func(s *filter.Subject) any {
				if x, ok := a.value(s).(string); ok {
					return len(utf16.Encode([]rune(x)))
				}
				return nil
			}, true}
		},
		func() sample {
			return sample{"indexof(" + a.text + "," + b.text + ")", func(s *filter.Subject) any {
				x, xIsText := a.value(s).(string)
				y, yIsText := b.value(s).(string)
				if i := strings.Index(x, y); xIsText && yIsText && i >= 0 {
					return len(utf16.Encode([]rune(x[:i])))
				}
				return -1
			}, true}
		},
	)
}

// truth makes a boolean.
func (g generator) truth(depth int) sample {
	if depth == 0 {
		return g.pick(func() sample { return fixed("true", true) }, func() sample { return fixed("false", false) })
	}
	p, q := g.truth(depth-1), g.truth(depth-1)
	return g.pick(
		func() sample { return g.compared(depth - 1) },
		func() sample { return g.ordered(depth - 1) },
		func() sample { return g.listed(depth - 1) },
		func() sample { return g.tested(depth - 1) },
		func() sample {
			return sample{"not " + g.in(p), func(s *filter.Subject) any { return p.value(s) == false }, false}
		},
		func() sample {
			return sample{g.inAnd(p) + " and " + g.inAnd(q), func(s *filter.Subject) any { return p.value(s) == true && q.value(s) == true }, false}
		},
		func() sample {
			return sample{g.in(p) + " or " + g.in(q), func(s *filter.Subject) any { return p.value(s) == true || q.value(s) == true }, false}
		},
	)
}

// inAnd leaves not and comparisons without brackets, as and binds less than they do.
func (g generator) inAnd(s sample) string {
	if strings.HasPrefix(s.text, "not ") && !strings.Contains(s.text, " or ") {
		return s.text
	}
	return g.in(s)
}

func (g generator) anything(depth int) sample {
	return g.pick(g.literal, func() sample { return g.str(depth) }, func() sample { return g.num(depth) }, func() sample { return g.truth(depth) })
}

func (g generator) compared(depth int) sample {
	a, b := g.anything(depth), g.anything(depth)
	op := []string{"eq", "ne"}[g.IntN(2)]
	return sample{g.in(a) + " " + op + " " + g.in(b), func(s *filter.Subject) any {
		return (a.value(s) == b.value(s)) == (op == "eq")
	}, false}
}

func (g generator) ordered(depth int) sample {
	a, b := g.num(depth), g.num(depth)
	op := []string{"gt", "ge", "lt", "le"}[g.IntN(4)]
	return sample{g.in(a) + " " + op + " " + g.in(b), func(s *filter.Subject) any {
		x, xIsNumber := a.value(s).(int)
		y, yIsNumber := b.value(s).(int)
		if !xIsNumber || !yIsNumber {
			return false
		}
		switch op {
		case "gt":
			return x > y
		case "ge":
			return x >= y
		case "lt":
			return x < y
		}
		return x <= y
	}, false}
}

func (g generator) listed(depth int) sample {
	a := g.anything(depth)
	if g.IntN(2) == 0 {
		return sample{g.in(a) + " in groups", func(s *filter.Subject) any {
			for name := range everyGroup(s).(filter.GroupSet) {
				if a.value(s) == string(name) {
					return true
				}
			}
			return false
		}, false}
	}
	var spelled []string
	var values []any
	for range 1 + g.IntN(4) {
		l := g.literal()
		spelled, values = append(spelled, l.text), append(values, l.value(nil))
	}
	return sample{g.in(a) + " in (" + strings.Join(spelled, ",") + ")", func(s *filter.Subject) any {
		return slices.Contains(values, a.value(s))
	}, false}
}

func (g generator) tested(depth int) sample {
	a, b := g.str(depth), g.str(depth)
	name := []string{"contains", "startswith", "endswith"}[g.IntN(3)]
	return sample{name + "(" + a.text + "," + b.text + ")", func(s *filter.Subject) any {
		x, xIsText := a.value(s).(string)
		y, yIsText := b.value(s).(string)
		if !xIsText || !yIsText {
			return false
		}
		switch name {
		case "contains":
			return strings.Contains(x, y)
		case "startswith":
			return strings.HasPrefix(x, y)
		}
		return strings.HasSuffix(x, y)
	}, true}
}

func TestMatch_randomExpressions_areAsDefined(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	subjects := []*filter.Subject{ann, nobody, guest}
	selected := 0
	const n = 5000
	for range n {
		s := g.truth(1 + g.IntN(4))
		f, err := filter.Parse(s.text)
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, s.text, err)
		}
		for _, subject := range subjects {
			got, want := f.Match(subject), s.value(subject) == true
			if got != want {
				t.Fatalf("seed %d: %s is %v for %+v, want %v", seed, s.text, got, subject, want)
			}
			if got {
				selected++
			}
		}
	}
	if selected < n/2 || selected > n*5/2 {
		t.Errorf("seed %d: %d of %d matches; the expressions say too little", seed, selected, 3*n)
	}
}

// TestParse_randomTokens never panics, however the pieces of the language are strewn.
func TestParse_randomTokens_neverPanics(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	pieces := strings.Fields("( ( ) ) , and or not in eq ne gt le userId groups protocol 'a' '' ' 1 -1 1.5 true false null length( contains( substring( concat( + \xff ü")
	parsed := 0
	for range 20000 {
		var b strings.Builder
		for range 1 + r.IntN(12) {
			b.WriteString(pieces[r.IntN(len(pieces))] + " ")
		}
		if f, err := filter.Parse(b.String()); err == nil {
			parsed++
			f.Match(ann)
		} else if webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Fatalf("seed %d: %q: %v", seed, b.String(), err)
		}
	}
	if parsed == 0 {
		t.Errorf("seed %d: nothing was an expression", seed)
	}
}
