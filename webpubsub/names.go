package webpubsub

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// HubName is the isolation unit; a connection belongs to exactly one. Always in lower case.
type HubName string

// GroupName is a named subset of a hub's connections. Case-sensitive, compared ordinally.
type GroupName string

// ConnectionID names a logical connection. Opaque, unique, safe in a URL path, and
// stable across recoveries.
type ConnectionID string

// UserID says who is connected; one user may hold many connections. Empty means anonymous.
type UserID string

// EventName is the name of a user event, without prefix.
type EventName string

// Patterns of names: a letter, then letters, digits and these.
const (
	hubPunctuation   = "_`,.[]"
	eventPunctuation = "_.-"
)

// isName reports whether s follows a pattern, and has at most a number of characters.
func isName(s, punctuation string, most int) bool {
	if s == "" || len(s) > most || !isLetter(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; !isLetter(c) && c-'0' > 9 && strings.IndexByte(punctuation, c) < 0 {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c|0x20-'a' < 26 }

// ParseHubName checks s against the hub name rule and folds it to lower case.
// Errors: BadRequest. Source: REST API, hub pattern.
func ParseHubName(s string) (HubName, error) {
	if !isName(s, hubPunctuation, MaxHubName) {
		return "", Errorf(BadRequest, "hub name %q is invalid: a letter, then at most %d letters, digits or _ ` , . [ ]", clip(s), MaxHubName-1)
	}
	return HubName(strings.ToLower(s)), nil
}

// ParseGroupName checks that s has 1 to [MaxGroupName] UTF-16 units, is valid UTF-8
// and is not all white space. Errors: BadRequest. Source: REST API, group.
func ParseGroupName(s string) (GroupName, error) {
	n := len(s) // never less than the number of UTF-16 units
	if n > MaxGroupName {
		n = utf16Len(s)
	}
	switch {
	case !utf8.ValidString(s):
		return "", Errorf(BadRequest, "group name is not valid UTF-8")
	case strings.TrimSpace(s) == "":
		return "", Errorf(BadRequest, "group name is empty")
	case n > MaxGroupName:
		return "", Errorf(BadRequest, "group name has %d characters; the limit is %d", n, MaxGroupName)
	}
	return GroupName(s), nil
}

// ParseEventName checks the name of a user event. Errors: BadRequest.
func ParseEventName(s string) (EventName, error) {
	if !isName(s, eventPunctuation, MaxEventName) {
		return "", Errorf(BadRequest, "event name %q is invalid: a letter, then at most %d letters, digits or _ . -", clip(s), MaxEventName-1)
	}
	return EventName(s), nil
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// clip shortens a peer's value for an error message.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
}
