package service_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/filter"
	"github.com/easelhq/easel/webpubsub/service"
)

func TestFilterf_writesLiterals(t *testing.T) {
	var user *string
	for _, c := range []struct {
		got, want string
	}{
		{service.Filterf("userId eq %s", "ann"), "userId eq 'ann'"},
		{service.Filterf("userId eq %v", webpubsub.UserID("O'Neil")), "userId eq 'O''Neil'"},
		{service.Filterf("%s in groups", webpubsub.GroupName("' or true or '")), "''' or true or ''' in groups"},
		{service.Filterf("userId ne %s", nil), "userId ne null"},
		{service.Filterf("length(groups) lt %s", 3), "length(groups) lt 3"},
		{service.Filterf("length(groups) gt %s", int32(-1)), "length(groups) gt -1"},
		{service.Filterf("length(groups) gt %s", uint8(1)), "length(groups) gt 1"},
		{service.Filterf("%s", true), "true"},
		{service.Filterf("userId in %s", []webpubsub.UserID{"ann", "it's"}), "userId in ('ann','it''s')"},
		{service.Filterf("userId in %s", []any{"ann", nil, 1}), "userId in ('ann',null,1)"},
		{service.Filterf("userId eq '100%%'"), "userId eq '100%'"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
		if _, err := filter.Parse(c.got); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{
		service.Filterf("userId eq %s", 1.5),
		service.Filterf("userId eq %s", struct{}{}),
		service.Filterf("userId eq %s", user),
		service.Filterf("userId in %s", []string{}),
		service.Filterf("userId in %s", [][]string{{"a"}}),
		service.Filterf("length(groups) gt %s", int64(1)<<40),
	} {
		if _, err := filter.Parse(bad); err == nil {
			t.Errorf("%s is a filter", bad)
		}
	}
}

// FuzzFilterf: no value changes what a filter means.
func FuzzFilterf(f *testing.F) {
	for _, s := range []string{"ann", "'", "''", "' or true or '", "%s", "\xff", "\x00", "a\nb", "') or ('"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1000 || s == "" {
			return
		}
		for _, expression := range []string{service.Filterf("userId eq %s", s), service.Filterf("userId in %s", []string{"x", s})} {
			parsed, err := filter.Parse(expression)
			if err != nil {
				t.Fatal(err)
			}
			if !parsed.Match(&filter.Subject{UserID: webpubsub.UserID(s)}) || parsed.Match(&filter.Subject{UserID: webpubsub.UserID(s + "'")}) {
				t.Errorf("%q became %s", s, expression)
			}
		}
	})
}

func TestClient_filtersReachTheEngine(t *testing.T) {
	a := start(t)
	c, ctx := a.client(t), t.Context()
	a.Connect("c1", "ann's", "g")
	a.Connect("c2", "bob", "g")
	only := &service.SendOptions{Filter: service.Filterf("userId eq %s", "ann's")}
	for name, send := range map[string]func() error{
		"all":        func() error { return c.SendToAll(ctx, service.Text("x"), only) },
		`group "g"`:  func() error { return c.SendToGroup(ctx, "g", service.Text("x"), only) },
		`user "ann"`: func() error { return c.SendToUser(ctx, "ann", service.Text("x"), only) },
	} {
		if err := send(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if calls := a.Calls(); len(calls) != 1 || !strings.Contains(calls[0], name) || !strings.HasSuffix(calls[0], "filter=[c1]") {
			t.Errorf("%s: the engine was told %q", name, calls)
		}
	}
	err := c.SendToAll(ctx, service.Text("x"), &service.SendOptions{Filter: "userId gt 1"})
	if want := "Invalid syntax for 'userId gt 1': Type 'string', expect 'int'. (Parameter 'filter')"; webpubsub.CodeOf(err) != webpubsub.BadRequest || webpubsub.MessageOf(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := c.SendToConnection(ctx, "c1", service.Text("x"), only); webpubsub.CodeOf(err) != webpubsub.BadRequest || len(a.Calls()) != 0 {
		t.Errorf("a filter for one connection: %v", err)
	}
}

func TestClient_bulkChangesOfGroups(t *testing.T) {
	a := start(t)
	c, ctx := a.client(t), t.Context()
	a.Connect("c1", "ann")
	a.Connect("c2", "bob", "old")
	members := func(g webpubsub.GroupName) string {
		t.Helper()
		var ids []string
		for m, err := range c.GroupMembers(ctx, g, nil) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, string(m.ConnectionID))
		}
		return strings.Join(ids, " ")
	}
	if err := c.AddConnectionsToGroups(ctx, []webpubsub.GroupName{"räum/7", "all"}, "userId eq 'ann'"); err != nil {
		t.Fatal(err)
	}
	if err := c.AddConnectionsToGroups(ctx, []webpubsub.GroupName{"all"}, ""); err != nil {
		t.Fatal(err)
	}
	if err := c.RemoveConnectionsFromGroups(ctx, []webpubsub.GroupName{"old", "all"}, "'old' in groups"); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%s|%s|%s", members("räum/7"), members("all"), members("old")); got != "c1|c1|" {
		t.Errorf("members are %s", got)
	}
	for _, groups := range [][]webpubsub.GroupName{nil, {" "}} {
		if err := c.AddConnectionsToGroups(ctx, groups, ""); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("groups %q: %v", groups, err)
		}
	}
}
