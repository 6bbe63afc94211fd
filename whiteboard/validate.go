package whiteboard

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/easelhq/easel/whiteboard/outlines"
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

	noColor   = rule{"null, a palette name or #rrggbb", func(v json.RawMessage) bool { return isNull(v) || isColor(v) }}
	orderKey  = rule{"1 to 64 characters of [0-9A-Za-z]", isOrderKey}
	reference = rule{"null or a record id", func(v json.RawMessage) bool { return isNull(v) || isReference(v) }}
	share     = rule{"a number from 0 to 1", numberWithin(0, 1)}
	flip      = rule{"[x, y], each 1 or -1", isFlip}
	head      = oneOf("none", "arrow", "triangle", "bar", "dot", "diamond", "crowfoot")
	binding   = rule{"null or {to, at:[u, v], inside}", isBinding}
	coreKinds = strings.Fields("draw line arrow rect ellipse diamond polygon text note image frame layer chat thread comment")
	kinds     = append(coreKinds, outlineKinds()...)
	kindRule  = rule{strings.Join(coreKinds, ", ") + " or an outline, such as star", isKind}

	boardTable = table{
		"title":      {"at most 200 characters", text(0, 200)},
		"background": {"null or {asset, at, size}", isBackground},
		"paper":      noColor,
	}
	chatTable = table{
		"kind": kindRule,
		"text": {"1 to 2000 characters", text(1, 2000)},
		"user": userID,
		"name": {"at most 64 characters", text(0, 64)},
		"time": unixMs,
	}
	// threadTable is a place to comment on; what is said there are records of their own, so
	// that of two replies at once both stay.
	threadTable = table{
		"kind":     kindRule,
		"at":       coordinates,
		"bind":     binding,
		"resolved": boolean,
		"deleted":  boolean,
	}
	commentTable = table{
		"kind":    kindRule,
		"thread":  {"a record id", isReference},
		"text":    {"1 to 4000 characters", text(1, MaxCommentText)},
		"user":    userID,
		"name":    {"at most 64 characters", text(0, 64)},
		"time":    unixMs,
		"edited":  unixMs,
		"by":      {"at most 64 characters", text(0, 64)},
		"deleted": boolean,
	}
	// styleTable is what every shape may have.
	styleTable = table{
		"kind":      kindRule,
		"at":        coordinates,
		"z":         orderKey,
		"rotation":  {"radians from -10 to 10", numberWithin(-10, 10)},
		"color":     color,
		"width":     {"a number from 0.5 to 64", numberWithin(0.5, 64)},
		"fill":      noColor,
		"fillstyle": oneOf("solid", "hachure", "crosshatch", "zigzag"),
		"dash":      oneOf("solid", "dashed", "dotted"),
		"opacity":   {"a number from 0.05 to 1", numberWithin(0.05, 1)},
		"locked":    boolean,
		"hidden":    boolean,
		"deleted":   boolean,
		"groups":    {"at most 16 different record ids, the innermost group first", isGroups},
		"frame":     reference,
		"layer":     reference,
		"link":      {"null or an http, https or mailto URL of at most 2000 characters", isLink},
		"meta":      {"an object of at most 8192 bytes", isMeta},
	}
	// textTable is what shapes with text in them may have.
	textTable = table{
		"text":      {"at most 10000 characters", text(0, 10_000)},
		"font":      oneOf("hand", "sans", "serif", "mono"),
		"fontsize":  {"a number from 4 to 400", numberWithin(4, 400)},
		"align":     oneOf("left", "center", "right"),
		"valign":    oneOf("top", "middle", "bottom"),
		"textcolor": noColor,
	}
	// boxTable is what shapes in a box may have: one of them may become another.
	boxTable = union(styleTable, textTable, table{
		"size":    extent,
		"corners": oneOf("sharp", "round"),
		"sides":   {"a whole number from 3 to 12", isSides},
		"wrap":    boolean,
		"flip":    flip,
	})
	// pathTable is what lines and arrows may have.
	pathTable = union(styleTable, textTable, table{
		"size":      coordinates,
		"bends":     {"at most 1000 points [x, y], each within ±1e7", isBends},
		"route":     oneOf("straight", "curved", "elbow"),
		"closed":    boolean,
		"starthead": head,
		"endhead":   head,
		"startbind": binding,
		"endbind":   binding,
	})

	// kindTables are the tables by the value of kind. Where the kind isn't known, an op
	// may hold any property of any kind.
	kindTables = withOutlines(boxTable, map[string]table{
		"draw": union(styleTable, chunkTable(), table{
			"scale":     {"[x, y], neither 0, each within ±1000", isScale},
			"brush":     oneOf("pen", "highlighter"),
			"smoothing": share,
			"thinning":  share,
			"closed":    boolean,
		}),
		"line":    pathTable,
		"arrow":   pathTable,
		"rect":    boxTable,
		"ellipse": boxTable,
		"diamond": boxTable,
		"polygon": boxTable,
		"text":    boxTable,
		"note":    boxTable,
		"image": union(styleTable, table{
			"size":  extent,
			"asset": {"null or the id of an asset", func(v json.RawMessage) bool { return isNull(v) || isAsset(v) }},
			"flip":  flip,
			"crop":  {"null or [x, y, w, h] as shares of the picture", isCrop},
			"alt":   {"at most 1000 characters", text(0, 1000)},
		}),
		"frame": union(styleTable, table{
			"size": extent,
			"name": {"at most 200 characters", text(0, 200)},
		}),
		"layer": {
			"kind":    kindRule,
			"name":    {"at most 200 characters", text(0, 200)},
			"z":       orderKey,
			"locked":  boolean,
			"hidden":  boolean,
			"deleted": boolean,
		},
		"chat":    chatTable,
		"thread":  threadTable,
		"comment": commentTable,
	})

	palette = strings.Fields("black grey darkred red orange yellow green deepskyblue indigo purple white brown pink teal navy")
)

// outlineKinds are the kinds of shapes in a box that are files of whiteboard/outlines.
func outlineKinds() (kinds []string) {
	for _, o := range outlines.All() {
		kinds = append(kinds, o.Kind)
	}
	return kinds
}

func withOutlines(box table, tables map[string]table) map[string]table {
	for _, kind := range outlineKinds() {
		tables[kind] = box
	}
	return tables
}

// anyTable has all properties of all kinds; where kinds differ, what any of them takes.
var anyTable = func() table {
	all := table{}
	for _, kind := range kinds {
		for name, r := range kindTables[kind] {
			all[name] = either(all[name], r)
		}
	}
	return all
}()

// Validate checks an op on its own: every property it sets is known and has a value the
// tables allow. Errors: a [Refusal] with CodeInvalid that names property, value and limit.
func Validate(op Op) error {
	return checkPatch(op.Record, op.Patch, op.Patch.kind())
}

// ValidateChange checks an op as a change by a user of the record before; the zero Record
// when there is none. Beyond [Validate], the properties must suit the record's kind, a chat
// line or comment must be the user's own, a comment must name its user and thread from the
// first, and the record must not exceed [MaxProps].
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
	if kind == kindComment {
		for _, name := range []string{"user", "thread"} {
			if before.Props[name] == nil && op.Patch[name] == nil {
				return Refusef(CodeInvalid, "record %s: a comment needs %s", op.Record, name)
			}
		}
	}
	return checkQuota(before, op)
}

func checkPatch(id RecordID, p Patch, kind string) error {
	t, known := kindTables[kind]
	if id == BoardRecord {
		t, known = boardTable, true
	}
	if !known {
		t = anyTable // the rule of kind refuses a kind that isn't known
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

// either takes what one of the rules takes; the zero rule takes nothing.
func either(a, b rule) rule {
	if a.ok == nil || a.allowed == b.allowed {
		return b
	}
	return rule{a.allowed + "; or " + b.allowed, func(v json.RawMessage) bool { return a.ok(v) || b.ok(v) }}
}

// oneOf takes one of some words.
func oneOf(words ...string) rule {
	return rule{strings.Join(words, ", "), func(v json.RawMessage) bool {
		s, ok := stringValue(v)
		return ok && slices.Contains(words, s)
	}}
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
			ok = isAsset(value)
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

func isAsset(v json.RawMessage) bool {
	hash, _ := stringValue(v)
	return len(hash) == 64 && only(hash, "0123456789abcdef")
}

func isReference(v json.RawMessage) bool {
	id, ok := stringValue(v)
	return ok && len(id) >= 1 && len(id) <= 32 && only(id, base62+"_-")
}

func isGroups(v json.RawMessage) bool {
	seen := map[string]bool{}
	err := eachElement(v, func(value json.RawMessage) error {
		id, _ := stringValue(value)
		if !isReference(value) || seen[id] || len(seen) == MaxGroups {
			return errMalformed
		}
		seen[id] = true
		return nil
	})
	return err == nil
}

func isLink(v json.RawMessage) bool {
	if isNull(v) {
		return true
	}
	s, ok := stringValue(v)
	return ok && IsLink(s)
}

// IsLink reports whether a shape may lead to s: an http, https or mailto URL of at most 2000
// characters, which does no harm when it is followed.
func IsLink(s string) bool {
	if utf8.RuneCountInString(s) > 2000 {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "mailto" || (u.Scheme == "http" || u.Scheme == "https") && u.Host != "")
}

func isMeta(v json.RawMessage) bool {
	return len(v) <= MaxMetaBytes && eachMember(v, func(string, json.RawMessage) error { return nil }) == nil
}

func isSides(v json.RawMessage) bool {
	f, ok := numberValue(v)
	return ok && f >= 3 && f <= 12 && f == math.Trunc(f)
}

func isBends(v json.RawMessage) bool {
	n := 0
	err := eachElement(v, func(value json.RawMessage) error {
		if n++; n > MaxBends || !coordinates.ok(value) {
			return errMalformed
		}
		return nil
	})
	return err == nil
}

func isScale(v json.RawMessage) bool {
	return isTuple(v, 2, func(f float64) bool { return f != 0 && math.Abs(f) <= 1000 })
}

func isFlip(v json.RawMessage) bool {
	return isTuple(v, 2, func(f float64) bool { return math.Abs(f) == 1 })
}

func isCrop(v json.RawMessage) bool {
	return isNull(v) || isTuple(v, 4, func(f float64) bool { return f >= 0 && f <= 1 })
}

// isBinding takes {"to": record, "at": [u, v], "inside": bool}: the place as shares of the
// box of the shape bound to, which may lie outside of it.
func isBinding(v json.RawMessage) bool {
	if isNull(v) {
		return true
	}
	n := 0
	err := eachMember(v, func(key string, value json.RawMessage) error {
		n++
		ok := false
		switch key {
		case "to":
			ok = isReference(value)
		case "at":
			ok = isTuple(value, 2, func(f float64) bool { return math.Abs(f) <= 10 })
		case "inside":
			ok = boolean.ok(value)
		}
		if !ok {
			return errMalformed
		}
		return nil
	})
	return err == nil && n == 3
}

// isTuple reports whether v is an array of n numbers that all suit.
func isTuple(v json.RawMessage, n int, suits func(float64) bool) bool {
	err := eachElement(v, func(value json.RawMessage) error {
		f, ok := numberValue(value)
		if n--; !ok || !suits(f) {
			return errMalformed
		}
		return nil
	})
	return err == nil && n == 0
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
