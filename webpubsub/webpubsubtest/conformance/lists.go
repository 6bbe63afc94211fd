package conformance

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

type memberPage struct {
	Value []struct {
		ConnectionID string `json:"connectionId"`
		UserID       string `json:"userId"`
	} `json:"value"`
	NextLink string `json:"nextLink"`
}

func readPage(t *testing.T, r reply) memberPage {
	t.Helper()
	var p memberPage
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || r.status != 200 {
		t.Fatalf("status %d, %v: %s", r.status, err, r.body)
	}
	return p
}

// follow asks for a nextLink as the SDKs do: as it is, signed for what it says.
func (h *hub) follow(t *testing.T, link string) memberPage {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", link, nil)
	if err != nil {
		t.Fatalf("nextLink %q: %v", link, err)
	}
	r.Header.Set("Authorization", "Bearer "+h.sign(t, link))
	return readPage(t, h.roundTrip(t, r))
}

// members lists group g page by page, and how many there were in each.
func (h *hub) members(t *testing.T, query url.Values) (ids []string, sizes []int) {
	t.Helper()
	page := readPage(t, h.do(t, call{method: "GET", path: "/groups/g/connections", query: query}))
	for {
		for _, m := range page.Value {
			ids = append(ids, m.ConnectionID)
		}
		sizes = append(sizes, len(page.Value))
		if page.NextLink == "" || len(sizes) > 10 {
			return ids, sizes
		}
		page = h.follow(t, page.NextLink)
	}
}

// testLists is about the list of a group's members.
func testLists(t *testing.T, s *suite) {
	s.run(t, "pages hold everyone once, and no more than asked for", func(t *testing.T, h *hub) {
		var want []string
		for _, user := range []string{"ann", "bob", "", "ann", "eve"} {
			want = append(want, h.connect(t, as{user: user, groups: []string{"g"}}).id)
		}
		h.connect(t, as{groups: []string{"other"}})
		slices.Sort(want)
		for _, test := range []struct {
			query url.Values
			sizes []int
		}{
			{nil, []int{5}},
			{url.Values{"maxpagesize": {"2"}}, []int{2, 2, 1}},
			{url.Values{"maxpagesize": {"2"}, "top": {"3"}}, []int{2, 1}},
			{url.Values{"top": {"4"}}, []int{4}},
			{url.Values{"top": {"9"}}, []int{5}},
		} {
			ids, sizes := h.members(t, test.query)
			if !slices.Equal(sizes, test.sizes) {
				t.Errorf("%v: pages of %v, want %v", test.query, sizes, test.sizes)
			}
			slices.Sort(ids)
			if len(slices.Compact(slices.Clone(ids))) != len(ids) || len(ids) == len(want) && !slices.Equal(ids, want) {
				t.Errorf("%v: members %v of %v", test.query, ids, want)
			}
		}
	})
	s.run(t, "members have their users", func(t *testing.T, h *hub) {
		c := h.connect(t, as{user: "ann", groups: []string{"g"}})
		page := readPage(t, h.do(t, call{method: "GET", path: "/groups/g/connections"}))
		if len(page.Value) != 1 || page.Value[0].ConnectionID != c.id || page.Value[0].UserID != "ann" || page.NextLink != "" {
			t.Errorf("page %+v", page)
		}
	})
	s.run(t, "an empty group is an empty list", func(t *testing.T, h *hub) {
		r := h.want(t, 200, call{method: "GET", path: "/groups/empty/connections"})
		if !strings.Contains(r.body, `"value":[]`) {
			t.Errorf("body %s", r.body)
		}
	})
	for _, query := range []url.Values{
		{"maxpagesize": {"0"}}, {"maxpagesize": {"201"}}, {"maxpagesize": {"x"}}, {"top": {"0"}}, {"top": {"-1"}}, {"continuationToken": {"nonsense"}},
	} {
		s.run(t, "is refused with "+query.Encode(), func(t *testing.T, h *hub) {
			h.want(t, 400, call{method: "GET", path: "/groups/g/connections", query: query})
		})
	}
}
