package filter_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/filter"
)

func groups(names ...webpubsub.GroupName) filter.GroupSet {
	set := filter.GroupSet{}
	for _, g := range names {
		set[g] = struct{}{}
	}
	return set
}

var (
	ann = &filter.Subject{UserID: "ann", ConnectionID: "c1", Groups: groups("room-7", "all"), Protocol: "json.webpubsub.azure.v1"}
	// nobody is anonymous, in no group and without a subprotocol.
	nobody = &filter.Subject{ConnectionID: "c2"}
	guest  = &filter.Subject{UserID: " Gäst😀9 ", ConnectionID: "c3", Groups: groups("room-8")}
)

// TestMatch_everyElement says of each expression whom it selects: of ann, nobody and
// guest, in this order.
func TestMatch_everyElement(t *testing.T) {
	for _, c := range []struct{ expression, selects string }{
		{"userId eq 'ann'", "ann"},
		{"userId in ('ann','O''Neil')", "ann"},
		{"'room-7' in groups and not ('room-8' in groups)", "ann"},
		{"connectionId ne 'c1'", "nobody guest"},
		{"userId ne null", "ann guest"},
		{"startswith(userId,'a') and length(groups) lt 3", "ann"},
		{"'0~Lw~cg' in groups or '0~Lw~cw' in groups and not ('0~Lw~eA' in groups)", ""},

		// Names, in any case.
		{"USERID eq 'ann'", "ann"},
		{"connectionid eq 'c2'", "nobody"},
		{"protocol eq 'json.webpubsub.azure.v1'", "ann"},
		{"Protocol eq null", "nobody guest"},
		{"'room-8' in GROUPS", "guest"},
		{"'ROOM-8' in groups", ""},

		// Equality of any two values.
		{"userId eq null", "nobody"},
		{"null eq null", "ann nobody guest"},
		{"null ne null", ""},
		{"1 eq '1'", ""},
		{"1 ne '1'", "ann nobody guest"},
		{"true eq 1", ""},
		{"false eq null", ""},
		{"groups eq null", ""},
		{"groups eq groups", "ann nobody guest"},
		{"userId eq connectionId", ""},
		{"userId eq 'Ann'", ""},
		{"userId eq ''", ""},
		{"true eq true", "ann nobody guest"},
		{"(userId eq 'ann') eq false", "nobody guest"},

		// Order of integers.
		{"length(userId) gt 2", "ann guest"},
		{"length(userId) gt 3", "guest"},
		{"length(userId) ge 3", "ann guest"},
		{"length(userId) lt 4", "ann"},
		{"length(userId) le 3", "ann"},
		{"null lt 1", ""},
		{"null ge null", ""},
		{"-2147483648 lt 2147483647", "ann nobody guest"},
		{"-1 gt -2", "ann nobody guest"},

		// Precedence: not, comparison, and, or.
		{"true or true and false", "ann nobody guest"},
		{"(true or true) and false", ""},
		{"false and false or true", "ann nobody guest"},
		{"not false and false", ""},
		{"not (false and false)", "ann nobody guest"},
		{"not not true", "ann nobody guest"},
		{"not true eq false", "ann nobody guest"},
		{"not(userId eq 'ann')", "nobody guest"},
		{"not contains(userId,'n')", "nobody guest"},
		{"false or false or userId eq 'ann' or false", "ann"},
		{"true and true and userId eq 'ann' and true", "ann"},

		// Membership.
		{"userId in (null)", "nobody"},
		{"userId in (null,'ann',3,true)", "ann nobody"},
		{"3 in (1, 2 , 3)", "ann nobody guest"},
		{"3 in ('3')", ""},
		{"userId in groups", ""},
		{"null in groups", ""},
		{"1 in groups", ""},
		{"concat('room-',toupper('7')) in groups", "ann"},

		// Functions.
		{"length('äöü') eq 3", "ann nobody guest"},
		{"length('😀') eq 2", "ann nobody guest"},
		{"length('') eq 0", "ann nobody guest"},
		{"length(userId) eq null", "nobody"},
		{"length(null) eq null", "ann nobody guest"},
		{"length(groups) eq 2", "ann"},
		{"length(groups) eq 0", "nobody"},
		{"length((groups)) eq 1", "guest"},
		{"tolower(userId) eq ' gäst😀9 '", "guest"},
		{"toupper(userId) eq 'ANN'", "ann"},
		{"toupper(userId) eq null", "nobody"},
		{"tolower(null) eq null", "ann nobody guest"},
		{"trim(userId) eq 'Gäst😀9'", "guest"},
		{"trim(null) eq null", "ann nobody guest"},
		{"contains(userId,'nn')", "ann"},
		{"contains(userId,'')", "ann guest"},
		{"contains(userId,null)", ""},
		{"contains(null,'a')", ""},
		{"startswith(userId,'an')", "ann"},
		{"startswith('ann',userId)", "ann"},
		{"endswith(userId,'9 ')", "guest"},
		{"endswith(userId,null)", ""},
		{"indexof(userId,'n') eq 1", "ann"},
		{"indexof(userId,'9') eq 7", "guest"},
		{"indexof(userId,'x') eq -1", "ann nobody guest"},
		{"indexof(userId,'') eq 0", "ann guest"},
		{"indexof('a',null) eq -1", "ann nobody guest"},
		{"concat(userId,'!') eq 'ann!'", "ann"},
		{"concat(userId,'!') eq '!'", "nobody"},
		{"concat('!',userId) eq '!'", "nobody"},
		{"concat(userId,null) eq null", "nobody"},
		{"substring(userId,1) eq 'nn'", "ann"},
		{"substring(userId,1,1) eq 'n'", "ann"},
		{"substring(userId,3) eq ''", "ann"},
		{"substring(userId,4) eq null", "ann nobody"},
		{"substring(userId,-1) eq null", "ann nobody guest"},
		{"substring(userId,0,4) eq null", "ann nobody"},
		{"substring(userId,0,-1) eq null", "ann nobody guest"},
		{"substring('ann',2147483647,2147483647) eq null", "ann nobody guest"},
		{"substring('ann',1,null) eq null", "ann nobody guest"},
		{"substring('ann',length(userId)) eq null", "nobody guest"},
		{"substring(userId,1,6) eq 'Gäst😀'", "guest"},
		{"substring(userId,1,5) eq 'Gäst\uFFFD'", "guest"},

		// Writing.
		{"\tuserId\r\neq 'ann'   ", "ann"},
		{"userId eq'ann'and(true)", "ann"},
		{"userId eq 'it''s'", ""},
		{"'it''s' eq 'it''s'", "ann nobody guest"},
		{"'''' ne ''", "ann nobody guest"},
		{"((((userId)) eq (('ann'))))", "ann"},
		{"true", "ann nobody guest"},
		{"false", ""},
		{"", "ann nobody guest"},
		{"  ", "ann nobody guest"},
	} {
		f, err := filter.Parse(c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		var selected []string
		for i, s := range []*filter.Subject{ann, nobody, guest} {
			if f.Match(s) {
				selected = append(selected, []string{"ann", "nobody", "guest"}[i])
			}
		}
		if got := strings.Join(selected, " "); got != c.selects {
			t.Errorf("%s selects %q, want %q", c.expression, got, c.selects)
		}
	}
}

func TestParse_refuses_withTheDocumentedDetail(t *testing.T) {
	for expression, detail := range map[string]string{
		// Types.
		"userId":                        "Type 'string', expect 'bool'.",
		"1":                             "Type 'int', expect 'bool'.",
		"null":                          "Type 'null', expect 'bool'.",
		"groups":                        "Type 'collection', expect 'bool'.",
		"userId gt 5":                   "Type 'string', expect 'int'.",
		"5 le userId":                   "Type 'string', expect 'int'.",
		"'a' lt 'b'":                    "Type 'string', expect 'int'.",
		"true gt 1":                     "Type 'bool', expect 'int'.",
		"groups gt 1":                   "Type 'collection', expect 'int'.",
		"not length(userId) gt 5":       "Type 'int', expect 'bool'.",
		"not 'a' in groups":             "Type 'string', expect 'bool'.",
		"not null":                      "Type 'null', expect 'bool'.",
		"userId and true":               "Type 'string', expect 'bool'.",
		"true and 1":                    "Type 'int', expect 'bool'.",
		"true or userId":                "Type 'string', expect 'bool'.",
		"false and null":                "Type 'null', expect 'bool'.",
		"'a' in userId":                 "Type 'string', expect 'collection'.",
		"'a' in null":                   "Type 'null', expect 'collection'.",
		"length(1) eq 1":                "Type 'int', expect 'string'.",
		"length(true) eq 1":             "Type 'bool', expect 'string'.",
		"tolower(groups) eq 'a'":        "Type 'collection', expect 'string'.",
		"contains(groups,'a')":          "Type 'collection', expect 'string'.",
		"contains(userId,1)":            "Type 'int', expect 'string'.",
		"substring(userId,'1') eq 'nn'": "Type 'string', expect 'int'.",
		"concat(userId,1) eq 'ann1'":    "Type 'int', expect 'string'.",

		// What the language does not have.
		"ab eq 1":                  "Token 'ab' is not supported.",
		"userId EQ 'ann'":          "Invalid token 'EQ'.",
		"Length(userId) eq 3":      "Token 'Length' is not supported.",
		"length eq 3":              "Token 'length' is not supported.",
		"any(groups)":              "Token 'any' is not supported.",
		"all(groups)":              "Token 'all' is not supported.",
		"now() eq 1":               "Token 'now' is not supported.",
		"1 add 1 eq 2":             "Invalid token 'add'.",
		"groups/any(g: g eq 'a')":  "Invalid token '/'.",
		"1 + 1 eq 2":               "Invalid token '+'.",
		"2147483648 gt 1":          "Token '2147483648' is not supported.",
		"-2147483649 lt 1":         "Token '-2147483649' is not supported.",
		"1.5 gt 1":                 "Token '1.5' is not supported.",
		"1L gt 1":                  "Token '1L' is not supported.",
		"2026-01-01 ne null":       "Invalid token '-01'.",
		"userId eq TRUE":           "Token 'TRUE' is not supported.",
		"True":                     "Token 'True' is not supported.",
		"userId eq \"ann\"":        "Invalid token '\"'.",
		"userId = 'ann'":           "Invalid token '='.",
		"ünder eq 'a'":             "Invalid token 'ü'.",
		"userId eq 'a'; drop":      "Invalid token ';'.",
		"$it eq 1":                 "Invalid token '$'.",
		"userId(1) eq 1":           "Token 'userId' is not supported.",
		"connectionId2 eq 'a'":     "Token 'connectionId2' is not supported.",
		"userId eq \xff":           "Invalid token '\uFFFD'.",
		"substring(userId) eq 'a'": "Invalid token ')'.",

		// Syntax.
		"userId eq":                      "Invalid token 'end of expression'.",
		"userId eq 'ann":                 "Invalid token ''ann'.",
		"'":                              "Invalid token '''.",
		"(userId eq 'ann'":               "Invalid token 'end of expression'.",
		"userId eq 'ann')":               "Invalid token ')'.",
		"userId 'ann'":                   "Invalid token ''ann''.",
		"eq 'ann'":                       "Invalid token 'eq'.",
		"and true":                       "Invalid token 'and'.",
		"true and":                       "Invalid token 'end of expression'.",
		"true or or true":                "Invalid token 'or'.",
		"not":                            "Invalid token 'end of expression'.",
		"1 eq 1 eq true":                 "Invalid token 'eq'.",
		"userId in ()":                   "Invalid token ')'.",
		"userId in ('a',)":               "Invalid token ')'.",
		"userId in ('a' 'b')":            "Invalid token ''b''.",
		"userId in (connectionId)":       "Invalid token 'connectionId'.",
		"userId in 'ann'":                "Type 'string', expect 'collection'.",
		"userId in":                      "Invalid token 'end of expression'.",
		"length() eq 1":                  "Invalid token ')'.",
		"length(userId,'a') eq 1":        "Invalid token ','.",
		"contains(userId)":               "Invalid token ')'.",
		"substring(userId,1,2,3) eq 'a'": "Invalid token ','.",
		"length(userId eq 1":             "Type 'bool', expect 'string'.",
		"()":                             "Invalid token ')'.",
		"userId eq - 1":                  "Invalid token '-'.",
	} {
		want := fmt.Sprintf("Invalid syntax for '%s': %s (Parameter 'filter')", expression, detail)
		if _, err := filter.Parse(expression); err == nil || webpubsub.CodeOf(err) != webpubsub.BadRequest || webpubsub.MessageOf(err) != strings.ToValidUTF8(want, "\uFFFD") {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestParse_limits_areNamed(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("(", n) + "true" + strings.Repeat(")", n) }
	calls := func(n int) string {
		return "userId eq " + strings.Repeat("trim(", n) + "'a'" + strings.Repeat(")", n)
	}
	nots := func(n int) string { return strings.Repeat("not ", n) + "true" }
	clauses := func(n int) string { return strings.Repeat("userId ne 'a' and ", n/2) + []string{"true", "1 eq 1"}[n%2] }
	joints := func(n int) string { return strings.Repeat("true and ", n) + "true" }
	long := func(n int) string { return "userId ne '" + strings.Repeat("x", n-12) + "'" }
	for _, c := range []struct {
		name      string
		at, above string
		detail    string
	}{
		{"brackets", nested(filter.MaxDepth), nested(filter.MaxDepth + 1), "The nesting is deeper than 100."},
		{"calls", calls(filter.MaxDepth), calls(filter.MaxDepth + 1), "The nesting is deeper than 100."},
		{"not", nots(filter.MaxDepth), nots(filter.MaxDepth + 1), "The nesting is deeper than 100."},
		{"clauses", clauses(filter.MaxOperators), clauses(filter.MaxOperators + 1), "The expression has more than 2000 operators and function calls."},
		{"joints", joints(filter.MaxOperators), joints(filter.MaxOperators + 1), "The expression has more than 2000 operators and function calls."},
		{"length", long(filter.MaxBytes), long(filter.MaxBytes + 1), "The expression has 65537 bytes; the limit is 65536."},
	} {
		if f, err := filter.Parse(c.at); err != nil || c.name != "calls" && !f.Match(ann) {
			t.Errorf("%s at the limit: %v", c.name, err)
		}
		if _, err := filter.Parse(c.above); err == nil || !strings.Contains(err.Error(), c.detail) || len(err.Error()) > 500 {
			t.Errorf("%s above the limit: %v, want %s", c.name, err, c.detail)
		}
	}
	deepAgain := strings.Repeat("("+nested(filter.MaxDepth-1)+") and ", 20) + "true"
	if _, err := filter.Parse(deepAgain); err != nil {
		t.Errorf("depth adds up along a chain: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"userId eq 'ann'", "userId in ('ann','O''Neil')", "'room-7' in groups and not ('room-8' in groups)", "connectionId ne 'c1'",
		"userId ne null", "startswith(userId,'guest') and length(groups) lt 3", "substring(concat(userId,'😀'),1,2) eq toupper(trim(protocol))",
		"indexof(userId,'x') ge -1 or false", "not not (true eq false)", "((", "'", "1.5", "in in in", "\xff\x00", "length(groups",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		parsed, err := filter.Parse(expression)
		if err != nil {
			if webpubsub.CodeOf(err) != webpubsub.BadRequest || parsed != nil {
				t.Errorf("%q: %v with %v", expression, err, parsed)
			}
			return
		}
		for _, s := range []*filter.Subject{ann, nobody, guest} {
			selected := parsed.Match(s)
			if strings.TrimSpace(expression) == "" {
				continue
			}
			inverse, err := filter.Parse("not (" + expression + ")")
			if err != nil {
				if !strings.Contains(err.Error(), "deeper") && !strings.Contains(err.Error(), "bytes") {
					t.Errorf("the inverse of %q: %v", expression, err)
				}
			} else if inverse.Match(s) == selected {
				t.Errorf("%q and its inverse agree", expression)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := filter.Parse("startswith(userId,'guest') and length(groups) lt 3 and not ('room-8' in groups)"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
}

func BenchmarkMatch(b *testing.B) {
	for name, expression := range map[string]string{
		"user":      "userId ne 'bob'",
		"list":      "userId in ('bob','cem','dan','eve','fay','gus','hal','ida')",
		"groups":    "'room-7' in groups and not ('room-8' in groups)",
		"functions": "startswith(tolower(userId),'guest') or length(groups) lt 3",
	} {
		b.Run(name, func(b *testing.B) {
			f, err := filter.Parse(expression)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				f.Match(ann)
			}
		})
	}
}
