package conformance

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// filters and whom they choose among ann (groups g, h), O'Neil (g) and an anonymous client (g).
var filters = []struct{ expression, want string }{
	{"userId eq 'ann'", "ann"},
	{"userId ne 'ann'", "O'Neil anonymous"},
	{"userId eq 'O''Neil'", "O'Neil"},
	{"userId eq null", "anonymous"},
	{"userId ne null", "ann O'Neil"},
	{"userId in ('ann', 'O''Neil')", "ann O'Neil"},
	{"userId eq 'Ann'", ""},
	{"USERID eq 'ann'", "ann"},
	{"'h' in groups", "ann"},
	{"'g' in groups and not ('h' in groups)", "O'Neil anonymous"},
	{"'h' in groups or userId eq null", "ann anonymous"},
	{"'h' in groups or 'g' in groups and userId eq null", "ann anonymous"},
	{"('h' in groups or 'g' in groups) and userId eq null", "anonymous"},
	{"length(groups) gt 1", "ann"},
	{"length(groups) eq 1", "O'Neil anonymous"},
	{"length(userId) ge 3", "ann O'Neil"},
	{"length(userId) lt 4", "ann"},
	{"startswith(userId, 'O')", "O'Neil"},
	{"endswith(userId, 'n')", "ann"},
	{"contains(userId, 'Ne')", "O'Neil"},
	{"indexof(userId, 'n') eq 1", "ann"},
	{"tolower(userId) eq 'o''neil'", "O'Neil"},
	{"toupper(userId) eq 'ANN'", "ann"},
	{"trim(' ann ') eq userId", "ann"},
	{"concat(userId, '!') eq 'ann!'", "ann"},
	{"substring(userId, 1) eq 'nn'", "ann"},
	{"substring(userId, 2, 2) eq 'Ne'", "O'Neil"},
	{"connectionId ne 'x'", "ann O'Neil anonymous"},
	{"true", "ann O'Neil anonymous"},
	{"false", ""},
	{"not false", "ann O'Neil anonymous"},
	{"1 lt 2", "ann O'Neil anonymous"},
}

// refusedFilters are what the language does not have.
var refusedFilters = []string{
	"userId", "userId eq", "eq 'ann'", "nobody eq 'ann'", "userId eq 'ann", "userId eq ann", "(userId eq 'ann'", "userId gt 3",
	"length(userId) eq '3' and", "userId and true", "fly(userId)", "length()", "1 add 1 eq 2", "not length(userId) gt 5", "userId in groups and", "groups",
}

// testFilters is about the filter language, by whom a message reaches.
func testFilters(t *testing.T, s *suite) {
	s.run(t, "choose the receivers of a message", func(t *testing.T, h *hub) {
		people := []as{{user: "ann", groups: []string{"g", "h"}}, {user: "O'Neil", groups: []string{"g"}}, {groups: []string{"g"}}}
		names := []string{"ann", "O'Neil", "anonymous"}
		clients := h.connectAll(t, people...)
		for _, f := range filters {
			for _, path := range []string{"/:send", "/groups/g/:send"} {
				h.post(t, path, "chosen", url.Values{"filter": {f.expression}})
			}
			h.post(t, "/:send", "end", nil)
			var got []string
			for i, c := range clients {
				heard := 0
				for c.expect(`{"type":"message"}`)["data"] == "chosen" {
					heard++
				}
				if heard == 2 {
					got = append(got, names[i])
				} else if heard != 0 {
					t.Errorf("%s: %s got %d of 2", f.expression, names[i], heard)
				}
			}
			if !slices.Equal(got, strings.Fields(f.want)) {
				t.Errorf("%s chose %q, want %q", f.expression, got, f.want)
			}
		}
	})
	s.run(t, "that choose none of a user's connections send nothing", func(t *testing.T, h *hub) {
		c := h.connectAll(t, as{user: "ann", groups: []string{"desk"}}, as{user: "ann"})
		h.post(t, "/users/ann/:send", "x", url.Values{"filter": {"'desk' in groups"}})
		c[0].expect(`{"data":"x"}`)
		c[1].settle()
	})
	s.run(t, "that the language does not have are refused", func(t *testing.T, h *hub) {
		c := h.connect(t, as{})
		for _, f := range refusedFilters {
			r := h.do(t, call{method: "POST", path: "/:send", query: url.Values{"filter": {f}}, contentType: "text/plain", body: "x"})
			if r.status != 400 {
				t.Errorf("%s: status %d, want 400", f, r.status)
			}
		}
		c.settle()
	})
}
