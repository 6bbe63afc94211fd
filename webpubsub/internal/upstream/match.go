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
	return slices.ContainsFunc(patternItems(h.UserEventPattern), func(item string) bool { return matchItem(item, name) })
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
	if item == "*" {
		return true
	}
	p, err := webpubsub.ParsePattern(strings.ToLower(item))
	return err == nil && p.Match(strings.ToLower(name))
}
