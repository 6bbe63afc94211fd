package whiteboard

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The tables of docs/board-protocol.md §2. A rule's text completes "allowed: …".

// rule says which values a property takes.
type rule struct {
	allowed string
	ok      func(value json.RawMessage) bool
}

// table holds the rules of one kind of record, by property name.
type table map[string]rule

var (
	coordinates = rule{"[x, y], each within ±1e7", pairWithin(-MaxCoordinate)}
	extent      = rule{"[w, h], each from 0 to 1e7", pairWithin(0)}
	boolean     = rule{"true or false", func(v json.RawMessage) bool { return string(v) == "true" || string(v) == "false" }}
	color       = rule{"a palette name or #rrggbb", isColor}
	points      = rule{"base64 of a flag byte and 1 to 512 points", isChunk}
	userID      = rule{"1 to 128 characters", text(1, 128)}
	unixMs      = rule{"Unix milliseconds, a whole number", isUnixMs}

	boardTable = table{
		"title":      {"at most 200 characters", text(0, 200)},
		"background": {"null or {asset, at, size}", isBackground},
	}
	chatTable = table{
		"kind": kindRule,
		"text": {"1 to 2000 characters", text(1, 2000)},
		"user": userID,
		"name": {"at most 64 characters", text(0, 64)},
		"time": unixMs,
	}
	styleTable = table{
		"kind":    kindRule,
		"at":      coordinates,
		"z":       {"1 to 64 characters of [0-9A-Za-z]", isOrderKey},
		"color":   color,
		"width":   {"a number from 0.5 to 64", numberWithin(0.5, 64)},
		"fill":    {"null, a palette name or #rrggbb", func(v json.RawMessage) bool { return isNull(v) || isColor(v) }},
		"opacity": {"a number from 0.05 to 1", numberWithin(0.05, 1)},
		"deleted": boolean,
	}
	kinds    = []string{"draw", "line", "rect", "ellipse", "chat"}
	kindRule = rule{strings.Join(kinds, ", "), isKind}

	// kindTables are the tables by the value of kind. Where the kind isn't known, an op
	// may hold any property of any kind.
	kindTables = map[string]table{
		"draw":    union(styleTable, chunkTable()),
		"line":    union(styleTable, table{"size": coordinates}),
		"rect":    union(styleTable, table{"size": extent}),
		"ellipse": union(styleTable, table{"size": extent}),
		"chat":    chatTable,
		"":        union(styleTable, chunkTable(), table{"size": coordinates}, chatTable),
	}

	palette = strings.Fields("black grey darkred red orange yellow green deepskyblue indigo purple white brown pink teal navy")
)

// Validate checks an op on its own: every property it sets is known and has a value the
// tables allow. Errors: a [Refusal] with CodeInvalid that names property, value and limit.
func Validate(op Op) error {
	return checkPatch(op.Record, op.Patch, op.Patch.kind())
}

// ValidateChange checks an op as a change by a user of the record before; the zero Record
// when there is none. Beyond [Validate], the properties must suit the record's kind, a chat
// line must be the user's own, and the record must not exceed [MaxProps].
// Errors: a [Refusal] with CodeInvalid, CodeForbidden or CodeQuota.
func ValidateChange(before Record, op Op, by UserID) error {
	was, kind := before.Props.kind(), op.Patch.kind()
	if kind == "" {
		kind = was
	}
	if err := checkPatch(op.Record, op.Patch, kind); err != nil {
		return err
	}
	if was != kind {
		if err := checkPatch(op.Record, before.Props, kind); err != nil {
			return err
		}
	}
	if err := checkAuthor(before, op, by); err != nil {
		return err
	}
	return checkQuota(before, op)
}

func checkPatch(id RecordID, p Patch, kind string) error {
	t, known := kindTables[kind]
	if id == BoardRecord {
		t, known = boardTable, true
	}
	if !known {
		t = kindTables[""] // the rule of kind refuses it
	}
	for name, value := range p {
		r, ok := t[name]
		switch {
		case !ok && kind == "":
			return Refusef(CodeInvalid, "record %s: there is no property %q", id, clip(name))
		case !ok:
			return Refusef(CodeInvalid, "record %s: %s has no property %q", id, clip(kind), clip(name))
		case !r.ok(value):
			return Refusef(CodeInvalid, "record %s: %s %s is invalid; allowed: %s", id, name, clip(value), r.allowed)
		}
	}
	return nil
}

// checkAuthor keeps people from speaking for others.
func checkAuthor(before Record, op Op, by UserID) error {
	for _, p := range []Patch{before.Props, op.Patch} {
		raw, ok := p["user"]
		if !ok {
			continue
		}
		if user, _ := stringValue(raw); UserID(user) != by {
			return Refusef(CodeForbidden, "record %s: user %s is not the sender", op.Record, clip(raw))
		}
	}
	return nil
}

func checkQuota(before Record, op Op) error {
	n := len(before.Props)
	for name := range op.Patch {
		if _, ok := before.Props[name]; !ok {
			n++
		}
	}
	if n > MaxProps {
		return Refusef(CodeQuota, "record %s would have %d properties; the limit is %d", op.Record, n, MaxProps)
	}
	return nil
}

// kind returns the patch's kind; empty when it has none.
func (p Patch) kind() string {
	s, _ := stringValue(p["kind"])
	return s
}

func union(tables ...table) table {
	all := table{}
	for _, t := range tables {
		for name, r := range t {
			all[name] = r
		}
	}
	return all
}

func chunkTable() table {
	t := make(table, MaxChunks)
	for i := range MaxChunks {
		t["p"+strconv.Itoa(i)] = points
	}
	return t
}

func isNull(v json.RawMessage) bool { return string(v) == "null" }

func isKind(v json.RawMessage) bool {
	s, _ := stringValue(v)
	return slices.Contains(kinds, s)
}

func isColor(v json.RawMessage) bool {
	s, _ := stringValue(v)
	if len(s) == 7 && s[0] == '#' {
		return only(strings.ToLower(s[1:]), "0123456789abcdef")
	}
	return slices.Contains(palette, s)
}

func isOrderKey(v json.RawMessage) bool {
	s, _ := stringValue(v)
	return len(s) >= 1 && len(s) <= 64 && only(s, base62)
}

func isChunk(v json.RawMessage) bool {
	s, ok := stringValue(v)
	if !ok {
		return false
	}
	_, err := DecodeChunk(s, Point{})
	return err == nil
}

func isUnixMs(v json.RawMessage) bool {
	f, ok := numberValue(v)
	return ok && f >= 0 && f <= maxStampMs && f == math.Trunc(f)
}

func isBackground(v json.RawMessage) bool {
	if isNull(v) {
		return true
	}
	members := map[string]bool{}
	err := eachMember(v, func(key string, value json.RawMessage) error {
		members[key] = true
		ok := false
		switch key {
		case "asset":
			hash, _ := stringValue(value)
			ok = len(hash) == 64 && only(hash, "0123456789abcdef")
		case "at":
			ok = coordinates.ok(value)
		case "size":
			ok = extent.ok(value)
		}
		if !ok {
			return errMalformed
		}
		return nil
	})
	return err == nil && len(members) == 3
}

func text(least, most int) func(json.RawMessage) bool {
	return func(v json.RawMessage) bool {
		s, ok := stringValue(v)
		n := utf8.RuneCountInString(s)
		return ok && n >= least && n <= most
	}
}

func numberWithin(least, most float64) func(json.RawMessage) bool {
	return func(v json.RawMessage) bool {
		f, ok := numberValue(v)
		return ok && f >= least && f <= most
	}
}

func pairWithin(least float64) func(json.RawMessage) bool {
	number := numberWithin(least, MaxCoordinate)
	return func(v json.RawMessage) bool {
		n := 0
		err := eachElement(v, func(value json.RawMessage) error {
			if n++; !number(value) {
				return errMalformed
			}
			return nil
		})
		return err == nil && n == 2
	}
}

// numberValue decodes a JSON number; false for anything else and for what overflows.
func numberValue(raw json.RawMessage) (float64, bool) {
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, err == nil
}
