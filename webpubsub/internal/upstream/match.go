package upstream

import (
	"slices"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// eventKind is system or user; the two never match each other's patterns.
type eventKind uint8

const (
	systemEvent eventKind = iota
	userEvent
)

// find returns the first handler of hub, in its order, that takes the event.
func find(hub webpubsub.Hub, kind eventKind, name string) (webpubsub.EventHandler, bool) {
	for _, h := range hub.EventHandlers {
		if takes(h, kind, name) {
			return h, true
		}
	}
	return webpubsub.EventHandler{}, false
}

func takes(h webpubsub.EventHandler, kind eventKind, name string) bool {
	if kind == systemEvent {
		return slices.ContainsFunc(h.SystemEvents, func(s string) bool { return strings.EqualFold(s, name) })
	}
	for item := range strings.SplitSeq(h.UserEventPattern, ",") {
		if item = strings.TrimSpace(item); item == "*" || item != "" && matchPattern(item, name) {
			return true
		}
	}
	return false
}

// matchPattern matches the whole name, ignoring case: ? is one character other than a
// dot, * any number of those, ** any number of anything, and a backslash takes the
// meaning from the next character. The time is bounded by the product of the lengths.
//
// Source: event handlers, user event pattern; client roles, wildcards.
func matchPattern(pattern, name string) bool {
	text := []rune(strings.ToLower(name))
	// reached[i] says that the pattern so far matches the first i characters.
	reached := make([]bool, len(text)+1)
	reached[0] = true
	for _, step := range parsePattern(strings.ToLower(pattern)) {
		reached = step.advance(reached, text)
	}
	return reached[len(text)]
}

// step is one element of a pattern.
type step struct {
	kind    stepKind
	literal rune // of oneLiteral
}

type stepKind uint8

const (
	oneLiteral   stepKind = iota // the character itself
	oneNoDot                     // ?
	manyNoDots                   // *
	manyWhatever                 // **
)

func parsePattern(pattern string) []step {
	var steps []step
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '\\' && i+1 < len(runes):
			i++
			steps = append(steps, step{literal: runes[i]})
		case r == '?':
			steps = append(steps, step{kind: oneNoDot})
		case r == '*' && i+1 < len(runes) && runes[i+1] == '*':
			i++
			steps = append(steps, step{kind: manyWhatever})
		case r == '*':
			steps = append(steps, step{kind: manyNoDots})
		default:
			steps = append(steps, step{literal: r})
		}
	}
	return steps
}

func (s step) advance(reached []bool, text []rune) []bool {
	next := make([]bool, len(reached))
	for i := range next {
		before := i > 0 && s.accepts(text[i-1])
		switch s.kind {
		case oneLiteral, oneNoDot:
			next[i] = before && reached[i-1]
		case manyNoDots, manyWhatever:
			next[i] = reached[i] || before && next[i-1]
		}
	}
	return next
}

func (s step) accepts(r rune) bool {
	switch s.kind {
	case oneLiteral:
		return r == s.literal
	case manyWhatever:
		return true
	default:
		return r != '.'
	}
}
