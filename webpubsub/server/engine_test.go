package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

// crowd is four connections: ann in g with two subprotocols, bob in g and h, and one without
// a user and without groups.
func (f *fixture) crowd() map[string]*client {
	f.t.Helper()
	return map[string]*client{
		"ann plain":    f.connect(plain, token.MintOptions{UserID: "ann", Groups: []string{"g"}}),
		"ann reliable": f.connect(reliable, token.MintOptions{UserID: "ann", Groups: []string{"g"}}),
		"bob":          f.connect(plain, token.MintOptions{UserID: "bob", Groups: []string{"g", "h"}}),
		"nobody":       f.connect(plain, token.MintOptions{}),
	}
}

// reached returns who got text, by reading everybody up to a message that all get.
func (f *fixture) reached(crowd map[string]*client, text string) string {
	f.t.Helper()
	check(f.t, f.rest.SendToAll(f.t.Context(), service.Text("end"), nil))
	var names []string
	for name, c := range crowd {
		for {
			m := c.next()
			if string(m.Data) == `"end"` {
				break
			}
			if string(m.Data) == `"`+text+`"` {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func TestFilter_selectsTheSameWayForEverySend(t *testing.T) {
	f := start(t)
	ctx, crowd := t.Context(), f.crowd()
	annPlain := crowd["ann plain"].id
	sends := map[string]func(service.SendOptions) error{
		"all":   func(o service.SendOptions) error { return f.rest.SendToAll(ctx, service.Text("x"), &o) },
		"group": func(o service.SendOptions) error { return f.rest.SendToGroup(ctx, "g", service.Text("x"), &o) },
		"user":  func(o service.SendOptions) error { return f.rest.SendToUser(ctx, "ann", service.Text("x"), &o) },
	}
	for _, c := range []struct {
		filter           string
		all, group, user string
	}{
		{"", "ann plain, ann reliable, bob, nobody", "ann plain, ann reliable, bob", "ann plain, ann reliable"},
		{"userId eq 'ann'", "ann plain, ann reliable", "ann plain, ann reliable", "ann plain, ann reliable"},
		{"userId ne null and userId ne 'ann'", "bob", "bob", ""},
		{"userId eq null", "nobody", "", ""},
		{"'h' in groups", "bob", "bob", ""},
		{"length(groups) lt 2", "ann plain, ann reliable, nobody", "ann plain, ann reliable", "ann plain, ann reliable"},
		{"protocol eq '" + reliable + "'", "ann reliable", "ann reliable", "ann reliable"},
		{service.Filterf("connectionId eq %s", annPlain), "ann plain", "ann plain", "ann plain"},
		{"false", "", "", ""},
	} {
		for kind, want := range map[string]string{"all": c.all, "group": c.group, "user": c.user} {
			check(t, sends[kind](service.SendOptions{Filter: c.filter}))
			if got := f.reached(crowd, "x"); got != want {
				t.Errorf("send to %s with filter %q reached %q, want %q", kind, c.filter, got, want)
			}
		}
	}
	for _, kind := range []string{"all", "group"} {
		check(t, sends[kind](service.SendOptions{Filter: "userId eq 'ann'", Excluded: []webpubsub.ConnectionID{annPlain}}))
		if got := f.reached(crowd, "x"); got != "ann reliable" {
			t.Errorf("send to %s with filter and excluded reached %q", kind, got)
		}
	}
}

func TestFilter_groupSend_keepsItsGroup(t *testing.T) {
	f := start(t)
	bob := f.connect(plain, token.MintOptions{UserID: "bob", Groups: []string{"g"}})
	check(t, f.rest.SendToGroup(t.Context(), "g", service.Text("x"), &service.SendOptions{Filter: "userId eq 'bob'"}))
	if m := bob.next(); m.From != "group" || m.Group != "g" {
		t.Errorf("%+v", m)
	}
}

func TestSend_metadataReachesClients(t *testing.T) {
	f := start(t)
	c := f.connect(plain, token.MintOptions{UserID: "ann", Groups: []string{"g"}})
	o := &service.SendOptions{Metadata: webpubsub.Metadata{"Trace": "a1", "empty": ""}}
	check(t, f.rest.SendToAll(t.Context(), service.Text("x"), o))
	check(t, f.rest.SendToGroup(t.Context(), "g", service.Text("x"), o))
	check(t, f.rest.SendToUser(t.Context(), "ann", service.Text("x"), o))
	check(t, f.rest.SendToConnection(t.Context(), c.id, service.Text("x"), o))
	for range 4 {
		_, b, err := c.read()
		check(t, err)
		var m struct{ Metadata webpubsub.Metadata }
		check(t, json.Unmarshal(b, &m))
		if !maps.Equal(m.Metadata, webpubsub.Metadata{"trace": "a1", "empty": ""}) {
			t.Errorf("got %s", b)
		}
	}
}

func TestBulk_changesGroupsOfLiveConnections(t *testing.T) {
	f := start(t)
	ctx, crowd := t.Context(), f.crowd()
	inGroup := func(g webpubsub.GroupName) string {
		t.Helper()
		check(t, f.rest.SendToGroup(ctx, g, service.Text("x"), nil))
		return f.reached(crowd, "x")
	}
	check(t, f.rest.AddConnectionsToGroups(ctx, []webpubsub.GroupName{"n", "m"}, "'g' in groups and not ('h' in groups)"))
	if got := inGroup("n") + "|" + inGroup("m"); got != "ann plain, ann reliable|ann plain, ann reliable" {
		t.Errorf("n|m have %s", got)
	}
	check(t, f.rest.AddConnectionsToGroups(ctx, []webpubsub.GroupName{"n"}, ""))
	if got := inGroup("n"); got != "ann plain, ann reliable, bob, nobody" {
		t.Errorf("n has %s", got)
	}
	check(t, f.rest.RemoveConnectionsFromGroups(ctx, []webpubsub.GroupName{"n", "g"}, "userId eq 'ann'"))
	if got := inGroup("n") + "|" + inGroup("g") + "|" + inGroup("m"); got != "bob, nobody|bob|ann plain, ann reliable" {
		t.Errorf("n|g|m have %s", got)
	}
	check(t, f.rest.RemoveConnectionsFromGroups(ctx, []webpubsub.GroupName{"g", "h", "n", "m"}, ""))
	for _, g := range []webpubsub.GroupName{"g", "h", "n", "m"} {
		if exists, err := f.rest.GroupExists(ctx, g); err != nil || exists {
			t.Errorf("%s exists: %v, %v", g, exists, err)
		}
	}
}

// TestFilter_whileGroupsChange is for the race detector, and for a connection that is in
// exactly one of two groups to get each message at most twice.
func TestFilter_whileGroupsChange(t *testing.T) {
	f := start(t)
	ctx := t.Context()
	c := f.connect(plain, token.MintOptions{Groups: []string{"even"}})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 50 {
			add, remove := webpubsub.GroupName("odd"), webpubsub.GroupName("even")
			if i%2 == 1 {
				add, remove = remove, add
			}
			if err := f.rest.AddConnectionsToGroups(ctx, []webpubsub.GroupName{add}, "length(groups) gt 0"); err != nil {
				t.Error(err)
			}
			if err := f.rest.RemoveConnectionsFromGroups(ctx, []webpubsub.GroupName{remove}, "length(groups) gt 1"); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range 50 {
		for _, g := range []string{"odd", "even"} {
			check(t, f.rest.SendToAll(ctx, service.Text(fmt.Sprint(i)), &service.SendOptions{Filter: service.Filterf("%s in groups", g)}))
		}
	}
	wg.Wait()
	check(t, f.rest.SendToAll(ctx, service.Text("end"), nil))
	counts := map[string]int{}
	for m := c.next(); string(m.Data) != `"end"`; m = c.next() {
		counts[string(m.Data)]++
	}
	for text, n := range counts {
		if n > 2 {
			t.Errorf("%s came %d times", text, n)
		}
	}
	if exists, err := f.rest.GroupExists(ctx, "even"); err != nil || !exists {
		t.Errorf("after an even number of moves the connection is not where it was: %v, %v", exists, err)
	}
}

func TestCORSOrigins_areChecked(t *testing.T) {
	o := server.Options{Settings: webpubsubtest.NewSettings(webpubsub.Keys{}), CORSOrigins: []string{"app.example.net"}}
	if _, err := server.New(o); webpubsub.CodeOf(err) != webpubsub.BadRequest {
		t.Errorf("an origin without a scheme: %v", err)
	}
}
