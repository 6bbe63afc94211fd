package whiteboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// patch reads a patch, which must be JSON.
func patch(tb testing.TB, text string) Patch {
	tb.Helper()
	var p Patch
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return p
}

// TestValidate_values goes through the tables of the board protocol: values of a property
// of a record of some kind that are allowed, and some that are not.
func TestValidate_values(t *testing.T) {
	quoted := func(c string, n int) string { return `"` + strings.Repeat(c, n) + `"` }
	hash := strings.Repeat("0a", 32)
	background := `{"asset":"` + hash + `","at":[-1,2],"size":[3,4]}`
	notPair := []string{`null`, `1`, `"1,2"`, `[]`, `[1]`, `[1,2,3]`, `[1,"2"]`, `[1,null]`, `{"0":1,"1":2}`, `[1,1e999]`, `[1,10000001]`, `[-10000000.5,1]`}
	tests := []struct {
		kind, prop string
		good, bad  []string
	}{
		{"star", "kind", []string{`"star"`}, []string{`"Star"`, `"stars"`, `"star.json"`}},
		{"star", "size", []string{`[5,5]`}, []string{`[-1,1]`}},
		{"draw", "kind", []string{`"draw"`}, []string{`"Draw"`, `""`, `null`, `1`, `"circle"`, `["draw"]`}},
		{"rect", "at", []string{`[0,0]`, `[-10000000,1e7]`, `[0.1,-2.5E-3]`}, notPair},
		{"rect", "size", []string{`[0,0]`, `[1e7,1]`}, append([]string{`[-1,1]`, `[1,-0.001]`}, notPair...)},
		{"ellipse", "size", []string{`[5,5]`}, []string{`[-1,1]`}},
		{"line", "size", []string{`[-5,5]`, `[0,-1e7]`}, notPair},
		{"rect", "z", []string{`"a"`, quoted("Z", 64)}, []string{`""`, quoted("Z", 65), `"a-b"`, `1`, `null`, `"é"`}},
		{"rect", "color", []string{`"black"`, `"navy"`, `"#00ffAA"`}, []string{`"Black"`, `"blue"`, `"#fff"`, `"#00ffag"`, `"00ffaa0"`, `null`, `""`, `3`}},
		{"rect", "fill", []string{`null`, `"teal"`, `"#123456"`}, []string{`"none"`, `false`, `"#12345"`}},
		{"rect", "width", []string{`0.5`, `64`, `2.25`, `1e1`}, []string{`0.49`, `64.01`, `-2`, `"2"`, `null`, `[2]`, `1e400`}},
		{"rect", "opacity", []string{`0.05`, `1`, `1.0`}, []string{`0`, `0.049`, `1.01`, `null`, `true`}},
		{"rect", "deleted", []string{`true`, `false`}, []string{`null`, `0`, `"true"`}},
		{"draw", "p0", []string{`"AAAA"`, `"AAAAEBAQEA=="`}, []string{`""`, `null`, `[0,0]`, `"AA=="`, `"?"`}},
		{"draw", "p199", []string{`"AAAA"`}, []string{`"!"`}},
		{"rect", "rotation", []string{`0`, `-6.28`, `10`}, []string{`10.1`, `null`, `"1"`}},
		{"arrow", "fillstyle", []string{`"solid"`, `"hachure"`, `"crosshatch"`, `"zigzag"`}, []string{`"none"`, `null`, `1`}},
		{"draw", "dash", []string{`"dashed"`}, []string{`"Dashed"`, `""`}},
		{"text", "locked", []string{`true`}, []string{`1`}},
		{"note", "groups", []string{`[]`, `["a"]`, `["a","b-_"]`}, []string{`["a","a"]`, `"a"`, `[""]`, `[1]`, `null`, `["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]`}},
		{"image", "frame", []string{`null`, `"f"`}, []string{`""`, `"a b"`, quoted("a", 33), `1`}},
		{"frame", "layer", []string{`null`, `"l"`}, []string{`[]`}},
		{"rect", "link", []string{`null`, `"https://x.org/a?b#c"`, `"mailto:a@b.c"`}, []string{`"javascript:alert(1)"`, `"x"`, `"http:///a"`, `""`, `"` + "https://x/" + strings.Repeat("a", 2000) + `"`}},
		{"rect", "meta", []string{`{}`, `{"a":[1,{"b":null}]}`}, []string{`[]`, `null`, `1`, `{"a":` + quoted("x", 8192) + `}`}},
		{"text", "text", []string{`""`, quoted("語", 10_000)}, []string{quoted("語", 10_001), `null`}},
		{"rect", "font", []string{`"hand"`, `"sans"`, `"serif"`, `"mono"`}, []string{`"Arial"`}},
		{"rect", "fontsize", []string{`4`, `400`}, []string{`3.9`, `401`, `"20"`}},
		{"note", "textcolor", []string{`null`, `"red"`}, []string{`"reddish"`}},
		{"polygon", "sides", []string{`3`, `12`}, []string{`2`, `13`, `4.5`, `null`}},
		{"image", "flip", []string{`[1,-1]`}, []string{`[0,1]`, `[2,1]`, `[1]`}},
		{"line", "bends", []string{`[]`, `[[1,2],[-3,4.5]]`}, []string{`[1,2]`, `[[1]]`, `null`, `[[1,2,3]]`, `[` + strings.Repeat(`[0,0],`, 1000) + `[0,0]]`}},
		{"arrow", "route", []string{`"straight"`, `"curved"`, `"elbow"`}, []string{`"bent"`}},
		{"arrow", "endhead", []string{`"none"`, `"arrow"`, `"crowfoot"`}, []string{`"x"`, `null`}},
		{"arrow", "startbind", []string{`null`, `{"to":"r","at":[0.5,-0.2],"inside":false}`}, []string{`{}`, `{"to":"r","at":[0.5,0.2]}`, `{"to":"r","at":[0.5,11],"inside":true}`, `{"to":"","at":[0,0],"inside":true}`, `{"to":"r","at":[0,0],"inside":1}`}},
		{"draw", "scale", []string{`[1,-2.5]`}, []string{`[0,1]`, `[1001,1]`, `[1]`}},
		{"draw", "brush", []string{`"pen"`, `"highlighter"`}, []string{`"brush"`}},
		{"draw", "smoothing", []string{`0`, `1`}, []string{`1.1`, `null`}},
		{"image", "asset", []string{`null`, `"` + hash + `"`}, []string{`"x"`, `1`}},
		{"image", "crop", []string{`null`, `[0,0.25,1,0.5]`}, []string{`[0,0,1]`, `[0,0,1,1.1]`}},
		{"image", "alt", []string{`""`}, []string{quoted("a", 1001)}},
		{"frame", "name", []string{`""`}, []string{quoted("a", 201)}},
		{"layer", "name", []string{`"Ink"`}, []string{`null`}},
		{"layer", "hidden", []string{`true`}, []string{`0`}},
		{"thread", "at", []string{`[0,-3.5]`}, notPair},
		{"thread", "bind", []string{`null`, `{"to":"r","at":[0.5,-0.2],"inside":true}`}, []string{`{}`, `"r"`, `{"to":"r","at":[0.5,0.2]}`}},
		{"thread", "resolved", []string{`true`, `false`}, []string{`null`, `1`}},
		{"thread", "deleted", []string{`true`}, []string{`0`}},
		{"comment", "thread", []string{`"t"`}, []string{`null`, `""`, `"a b"`, `1`}},
		{"comment", "text", []string{`"x"`, `"a\nb"`, quoted("語", 4000)}, []string{`""`, quoted("語", 4001), `null`}},
		{"comment", "name", []string{`""`, quoted("a", 64)}, []string{quoted("a", 65), `null`}},
		{"comment", "by", []string{`""`, quoted("a", 64)}, []string{quoted("a", 65), `null`}},
		{"comment", "time", []string{`0`, `1700000000000`}, []string{`-1`, `1.5`, `"0"`, `null`}},
		{"comment", "edited", []string{`1700000000000`}, []string{`-1`, `null`}},
		{"comment", "deleted", []string{`true`, `false`}, []string{`null`}},
		{"board", "paper", []string{`null`, `"#fffce8"`}, []string{`"paper"`}},
		{"board", "title", []string{`""`, quoted("é", 200), `"🖍"`}, []string{quoted("é", 201), `null`, `5`}},
		{"board", "background", []string{`null`, background}, []string{`{}`, `[]`, `"` + hash + `"`,
			strings.Replace(background, `[-1,2]`, `[1]`, 1), strings.Replace(background, `[3,4]`, `[-3,4]`, 1),
			strings.Replace(background, `0a0a`, `0A0a`, 1), strings.Replace(background, `0a0a`, ``, 1),
			strings.Replace(background, `{`, `{"x":1,`, 1), strings.Replace(background, `"size":[3,4]`, `"at":[1,2]`, 1)}},
		{"chat", "text", []string{`"x"`, quoted("語", 2000)}, []string{`""`, quoted("語", 2001), `null`}},
		{"chat", "user", []string{`"ana"`}, []string{`""`, `null`, quoted("a", 129)}},
		{"chat", "name", []string{`""`, quoted("a", 64)}, []string{quoted("a", 65), `null`}},
		{"chat", "time", []string{`0`, `1700000000000`}, []string{`-1`, `1.5`, `"0"`, `1e300`, `null`}},
	}
	for _, tt := range tests {
		for _, ofBefore := range []bool{false, true} {
			check := func(value string) error {
				return validateProperty(tt.kind, tt.prop, value, ofBefore)
			}
			for _, value := range tt.good {
				if err := check(value); err != nil {
					t.Errorf("%s %s %s: %v", tt.kind, tt.prop, value, err)
				}
			}
			for _, value := range tt.bad {
				r, ok := errors.AsType[*Refusal](check(value))
				if !ok || r.Code != CodeInvalid || !strings.Contains(r.Message, tt.prop) || len(r.Message) > 250 {
					t.Errorf("%s %s %.80s: error is %v", tt.kind, tt.prop, value, r)
				}
			}
		}
	}
}

// validateProperty validates an op that sets one property of a record whose kind is told by
// the op or by the record before it.
func validateProperty(kind, prop, value string, ofBefore bool) error {
	op := Op{Record: "r", Patch: Patch{prop: json.RawMessage(value)}}
	if kind == "board" {
		op.Record = BoardRecord
		return ValidateChange(Record{}, op, "ana")
	}
	k := json.RawMessage(`"` + kind + `"`)
	if !ofBefore {
		if prop != "kind" {
			op.Patch["kind"] = k
		}
		return Validate(op)
	}
	before := Record{ID: "r", V: "v", Props: Patch{"kind": k}}
	if kind == kindComment {
		before.Props["user"], before.Props["thread"] = json.RawMessage(`"ana"`), json.RawMessage(`"t"`)
	}
	if prop == "user" { // a chat line is its user's own
		if user, _ := stringValue([]byte(value)); user != "ana" {
			return Validate(op)
		}
	}
	return ValidateChange(before, op, "ana")
}

func TestValidate_unknownProperty_isNamed(t *testing.T) {
	tests := []struct{ record, patch, want string }{
		{"r", `{"colour":"red"}`, `no property "colour"`},
		{"r", `{"kind":"rect","p0":"AAAA"}`, `rect has no property "p0"`},
		{"r", `{"kind":"draw","size":[1,2]}`, `draw has no property "size"`},
		{"r", `{"kind":"chat","deleted":true}`, `chat has no property "deleted"`},
		{"r", `{"kind":"thread","text":"hi"}`, `thread has no property "text"`},
		{"r", `{"kind":"comment","at":[1,2]}`, `comment has no property "at"`},
		{"r", `{"kind":"rect","title":"x"}`, `rect has no property "title"`},
		{"r", `{"p200":"AAAA"}`, `no property "p200"`},
		{"r", `{"p00":"AAAA"}`, `no property "p00"`},
		{"r", `{"":1}`, `no property ""`},
		{"r", `{"__proto__":1}`, `no property "__proto__"`},
		{"r", `{"` + strings.Repeat("x", 5000) + `":1}`, `(5000 bytes)`},
		{"board", `{"color":"red"}`, `no property "color"`},
		{"board", `{"kind":"rect"}`, `no property "kind"`},
	}
	for _, tt := range tests {
		err := Validate(Op{Record: RecordID(tt.record), Patch: patch(t, tt.patch)})
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 250 {
			t.Errorf("%.80s: error is %v, want %q", tt.patch, err, tt.want)
		}
	}
}

func TestValidateChange_kind_mustSuitTheRecord(t *testing.T) {
	tests := []struct {
		before, patch string
		ok            bool
	}{
		{`{"kind":"rect","size":[1,2]}`, `{"kind":"ellipse"}`, true},
		{`{"kind":"rect","size":[1,2]}`, `{"kind":"rect","size":[3,4]}`, true},
		{`{"kind":"line","size":[-1,2]}`, `{"kind":"rect"}`, false},
		{`{"kind":"rect","size":[1,2],"text":"x","corners":"round"}`, `{"kind":"note"}`, true},
		{`{"kind":"rect","size":[1,2],"text":"x","sides":5}`, `{"kind":"star"}`, true},
		{`{"kind":"star","size":[1,2],"flip":[1,-1]}`, `{"kind":"cloud"}`, true},
		{`{"kind":"frame","size":[1,2],"name":"x"}`, `{"kind":"star"}`, false},
		{`{"kind":"line","size":[-1,2],"bends":[[1,1]]}`, `{"kind":"arrow","endhead":"arrow"}`, true},
		{`{"kind":"image","asset":null}`, `{"kind":"rect"}`, false},
		{`{"kind":"draw","p0":"AAAA"}`, `{"kind":"rect"}`, false},
		{`{"kind":"rect"}`, `{"p0":"AAAA"}`, false},
		{`{"color":"red"}`, `{"kind":"rect"}`, true},
		{`{"color":"red"}`, `{"kind":"chat"}`, false},
		{`{"size":[-1,2]}`, `{"kind":"rect"}`, false},
		{`{"kind":"thread","at":[1,2]}`, `{"kind":"comment","user":"ana","thread":"t"}`, false},
		{`{"kind":"thread","at":[1,2]}`, `{"kind":"rect"}`, true},
	}
	for _, tt := range tests {
		before := Record{ID: "r", V: "v", Props: patch(t, tt.before)}
		if err := ValidateChange(before, Op{Record: "r", Patch: patch(t, tt.patch)}, "ana"); (err == nil) != tt.ok {
			t.Errorf("%s then %s: %v", tt.before, tt.patch, err)
		}
	}
}

func TestValidateChange_user_isTheSender(t *testing.T) {
	line := `{"kind":"chat","text":"hi","user":"ana"}`
	comment := `{"kind":"comment","thread":"t","text":"hi","user":"ana"}`
	tests := []struct {
		before, patch string
		by            UserID
		ok            bool
	}{
		{`{}`, line, "ana", true},
		{`{}`, line, "ben", false},
		{`{}`, `{"user":"ana"}`, "ben", false},
		{line, `{"text":"bye"}`, "ana", true},
		{line, `{"text":"bye"}`, "ben", false},
		{line, `{"user":"ben"}`, "ana", false},
		{line, `{"user":"ben"}`, "ben", false},
		{`{}`, comment, "ana", true},
		{`{}`, comment, "ben", false},
		{comment, `{"text":"bye","edited":1}`, "ana", true},
		{comment, `{"text":"bye"}`, "ben", false},
		{comment, `{"deleted":true}`, "ben", false},
		{comment, `{"deleted":true}`, "ana", true},
		{`{"kind":"thread","at":[1,2]}`, `{"resolved":true}`, "ben", true},
	}
	for _, tt := range tests {
		before := Record{Props: patch(t, tt.before)}
		err := ValidateChange(before, Op{Record: "c", Patch: patch(t, tt.patch)}, tt.by)
		if r, _ := errors.AsType[*Refusal](err); (err == nil) != tt.ok || err != nil && r.Code != CodeForbidden {
			t.Errorf("%s then %s by %s: %v", tt.before, tt.patch, tt.by, err)
		}
	}
}

func TestValidateChange_comment_namesUserAndThread(t *testing.T) {
	tests := []struct{ before, patch, want string }{
		{`{}`, `{"kind":"comment","thread":"t","text":"hi"}`, "a comment needs user"},
		{`{}`, `{"kind":"comment","user":"ana","text":"hi"}`, "a comment needs thread"},
		{`{"text":"hi"}`, `{"kind":"comment"}`, "a comment needs user"},
		{`{"thread":"t","user":"ana"}`, `{"kind":"comment"}`, ""},
		{`{"kind":"comment","thread":"t","user":"ana"}`, `{"text":"hi"}`, ""},
	}
	for _, tt := range tests {
		before := Record{Props: patch(t, tt.before)}
		err := ValidateChange(before, Op{Record: "c", Patch: patch(t, tt.patch)}, "ana")
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s then %s: error is %v, want %q", tt.before, tt.patch, err, tt.want)
		}
	}
}

func TestValidateChange_properties_areCounted(t *testing.T) {
	before := Record{ID: "r", V: "v", Props: Patch{}}
	for i := range MaxProps {
		before.Props[fmt.Sprintf("x%d", i)] = json.RawMessage("1")
	}
	op := Op{Record: "r", Patch: patch(t, `{"width":1}`)}
	if r, ok := errors.AsType[*Refusal](ValidateChange(before, op, "ana")); !ok || r.Code != CodeQuota {
		t.Errorf("one more: %v", r)
	}
	delete(before.Props, "x0")
	if err := ValidateChange(before, op, "ana"); err != nil {
		t.Errorf("the last one: %v", err)
	}
	before.Props["width"] = json.RawMessage("2")
	if err := ValidateChange(before, op, "ana"); err != nil {
		t.Errorf("one that exists: %v", err)
	}
}

func FuzzValidate(f *testing.F) {
	f.Add("r", `{"kind":"rect","at":[1,2],"fill":null}`, `{"kind":"line","size":[-1,2]}`)
	f.Add("board", `{"background":{"asset":"x","at":[1`, `{}`)
	f.Add("c", `{"kind":"chat","text":"\ud800","time":1e5}`, `{"user":"ana"}`)
	f.Add("c", `{"kind":"comment","thread":"t","text":"a\nb","user":"ana"}`, `{"by":"\u2028","edited":5}`)
	f.Add("t", `{"kind":"thread","at":[1,2],"bind":{"to":"r","at":[0,1],"inside":true}}`, `{"bind":null}`)
	f.Fuzz(func(t *testing.T, id, before, change string) {
		b, _ := ParsePatch([]byte(before))
		c, _ := ParsePatch([]byte(change))
		op := Op{Record: RecordID(id), Patch: c}
		alone := Validate(op)
		inContext := ValidateChange(Record{ID: op.Record, Props: b}, op, "ana")
		if alone != nil && inContext == nil && b.kind() == "" {
			t.Fatalf("refused alone (%v), but not as a change of %q", alone, before)
		}
		for _, err := range []error{alone, inContext} {
			if _, ok := errors.AsType[*Refusal](err); err != nil && !ok {
				t.Fatalf("error %v is no refusal", err)
			}
		}
	})
}
