package upstream

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
)

// eventKind is system, user or presence; they never match each other's patterns.
type eventKind uint8

const (
	systemEvent eventKind = iota
	userEvent
	presenceEvent
)

// find returns the first handler of hub, in its order, that takes the event; the group is
// that of a presence event.
func find(hub webpubsub.Hub, kind eventKind, name string, g webpubsub.GroupName) (webpubsub.EventHandler, bool) {
	for _, h := range hub.EventHandlers {
		if takes(h, kind, name, g) {
			return h, true
		}
	}
	return webpubsub.EventHandler{}, false
}

func takes(h webpubsub.EventHandler, kind eventKind, name string, g webpubsub.GroupName) bool {
	switch kind {
	case systemEvent:
		return containsFold(h.SystemEvents, name)
	case presenceEvent:
		return h.GroupPresence.Match(name, g)
	default:
		return matchPattern(h.UserEventPattern, name)
	}
}

// matchPattern reports whether an item of a user event pattern takes name.
func matchPattern(pattern, name string) bool {
	for item := range strings.SplitSeq(pattern, ",") {
		if item = strings.TrimSpace(item); item != "" && matchItem(item, name) {
			return true
		}
	}
	return false
}

// listens reports whether a listener gets copies of an event. Unlike a handler's, its
// pattern is * or names, without wildcards. Source: event listeners.
func listens(l webpubsub.EventListener, kind eventKind, name string) bool {
	switch kind {
	case systemEvent:
		return containsFold(l.SystemEvents, name)
	case userEvent:
		items := patternItems(l.UserEventPattern)
		return slices.Contains(items, "*") || containsFold(items, name)
	default:
		return false
	}
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// patternItems are the parts of a user event pattern, without the empty ones.
func patternItems(pattern string) []string {
	var items []string
	for item := range strings.SplitSeq(pattern, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// matchItem ignores case. A lone * takes everything, dots included; else an item is a
// [webpubsub.Pattern], and one that is invalid takes nothing.
//
// Source: event handlers, configuration and matching.
func matchItem(item, name string) bool {
	switch {
	case item == "*":
		return true
	case plainASCII(item):
		return strings.EqualFold(item, name)
	}
	p, err := webpubsub.ParsePattern(strings.ToLower(item))
	return err == nil && p.Match(strings.ToLower(name))
}

// plainASCII reports whether a pattern is the one name that it matches.
func plainASCII(item string) bool {
	for i := range len(item) {
		if c := item[i]; c >= utf8.RuneSelf || c == '*' || c == '?' || c == '\\' {
			return false
		}
	}
	return true
}
