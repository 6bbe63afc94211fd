package webpubsub

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a pattern.
const (
	maxPatternLength = 1024
	maxPatternStars  = 5
)

// Pattern matches names: ? is one character other than a dot, * is any number of such
// characters, ** is any number of any characters, and \ takes the special meaning from
// \, * and ?. Case counts, and the whole name has to match.
//
// Source: wildcard group roles.
type Pattern struct {
	prefix string // literally; most patterns are a prefix and stars
	steps  []step // what follows
}

// step matches one rune, or, with many, any number of runes.
type step struct {
	kind stepKind
	r    rune // of a literal
}

type stepKind uint8

const (
	literal stepKind = iota
	one              // ?
	manyOne          // *
	manyAny          // **
)

// ParsePattern reads a pattern. Errors: BadRequest when it is empty, longer than 1024
// UTF-16 units, has more than five stars, or a \ before anything else than \, * and ?.
func ParsePattern(text string) (Pattern, error) {
	switch {
	case text == "":
		return Pattern{}, Errorf(BadRequest, "pattern is empty")
	case utf16Len(text) > maxPatternLength:
		return Pattern{}, Errorf(BadRequest, "pattern has %d characters; the limit is %d", utf16Len(text), maxPatternLength)
	}
	var p Pattern
	var prefix []byte
	stars := 0
	for rest := text; rest != ""; {
		s, size, err := nextStep(rest, text)
		if err != nil {
			return Pattern{}, err
		}
		if s.kind >= manyOne {
			stars += size
		}
		rest = rest[size:]
		if len(p.steps) == 0 && s.kind == literal && s.r != utf8.RuneError {
			prefix = utf8.AppendRune(prefix, s.r)
			continue
		}
		p.steps = append(p.steps, s)
	}
	p.prefix, p.steps = string(prefix), slices.Clip(p.steps)
	if stars > maxPatternStars {
		return Pattern{}, Errorf(BadRequest, "pattern %q has %d stars; the limit is %d", clip(text), stars, maxPatternStars)
	}
	return p, nil
}

func nextStep(rest, text string) (s step, size int, err error) {
	r, size := utf8.DecodeRuneInString(rest)
	switch r {
	case '?':
		return step{kind: one}, 1, nil
	case '*':
		run := len(rest) - len(strings.TrimLeft(rest, "*"))
		if run == 1 {
			return step{kind: manyOne}, 1, nil
		}
		return step{kind: manyAny}, run, nil
	case '\\':
		if len(rest) < 2 || !strings.ContainsRune(`\*?`, rune(rest[1])) {
			return step{}, 0, Errorf(BadRequest, `pattern %q: \ may stand before \, * and ? only`, clip(text))
		}
		return step{kind: literal, r: rune(rest[1])}, 2, nil
	}
	return step{kind: literal, r: r}, size, nil
}

// Literal returns the only name the pattern matches, if it has no wildcard.
func (p Pattern) Literal() (string, bool) {
	if len(p.steps) == 0 {
		return p.prefix, true
	}
	var b strings.Builder
	b.WriteString(p.prefix)
	for _, s := range p.steps {
		if s.kind != literal {
			return "", false
		}
		b.WriteRune(s.r)
	}
	return b.String(), true
}

// Match reports whether the whole name matches. Time: proportional to the product of both
// lengths at most.
func (p Pattern) Match(name string) bool {
	rest, begins := strings.CutPrefix(name, p.prefix)
	switch {
	case !begins:
		return false
	case len(p.steps) == 0:
		return rest == ""
	case len(p.steps) == 1 && p.steps[0].kind == manyAny:
		return true
	case len(p.steps) == 1 && p.steps[0].kind == manyOne:
		return strings.IndexByte(rest, '.') < 0
	}
	return p.matchSteps(rest)
}

func (p Pattern) matchSteps(name string) bool {
	// reached[i]: the runes so far can be matched by the first i steps.
	var few [32]bool
	reached := few[:]
	if len(p.steps) >= len(few) {
		reached = make([]bool, len(p.steps)+1)
	}
	reached[0] = true
	p.skip(reached)
	for _, r := range name {
		p.advance(reached, r)
	}
	return reached[len(p.steps)]
}

// skip lets steps that need no rune be passed.
func (p Pattern) skip(reached []bool) {
	for i, s := range p.steps {
		if reached[i] && s.kind >= manyOne {
			reached[i+1] = true
		}
	}
}

func (p Pattern) advance(reached []bool, r rune) {
	for i := len(p.steps) - 1; i >= 0; i-- {
		s := p.steps[i]
		stay := s.kind >= manyOne && reached[i+1] && s.accepts(r)
		reached[i+1] = stay || reached[i] && s.accepts(r)
	}
	reached[0] = false
	p.skip(reached)
}

func (s step) accepts(r rune) bool {
	switch s.kind {
	case literal:
		return r == s.r
	case manyAny:
		return true
	default:
		return r != '.'
	}
}
