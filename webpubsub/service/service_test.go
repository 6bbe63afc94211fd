package service_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/internal/rest/resttest"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

// api is the REST API over an engine in memory.
type api struct {
	*resttest.Engine
	connectionString string
	settings         webpubsub.SettingsStore
}

func start(t *testing.T) *api {
	t.Helper()
	keys := webpubsub.Keys{Primary: token.NewKey(), Secondary: token.NewKey()}
	a := &api{Engine: resttest.NewEngine("board"), settings: webpubsubtest.NewSettings(keys)}
	s := httptest.NewServer(rest.New(a, rest.Options{Settings: a.settings}))
	t.Cleanup(s.Close)
	a.connectionString = token.ConnectionString{Endpoint: s.URL, AccessKey: keys.Secondary}.String()
	return a
}

func (a *api) client(t *testing.T) *service.Client {
	t.Helper()
	c, err := service.New(a.connectionString, "Board", &service.Options{MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClient_everyOperationReachesTheEngine(t *testing.T) {
	a := start(t)
	c, ctx := a.client(t), t.Context()
	text := service.Text("hi ü")
	for _, op := range []struct {
		call func() error
		want string // a part of what the engine was told
	}{
		{func() error {
			return c.SendToAll(ctx, text, &service.SendOptions{Excluded: []webpubsub.ConnectionID{"c1", "c 2"}, TTL: 60 * time.Second})
		}, `all text:"hi ü" excluded=["c1" "c 2"] ttl=1m0s`},
		{func() error { return c.SendToGroup(ctx, "räum/7 ?", service.JSON([]byte(`{"n":1.0}`)), nil) }, `group "räum/7 ?" json:"{`},
		{func() error { return c.SendToUser(ctx, "a/b%2F@x", service.Binary([]byte{0, 255}), nil) }, `user "a/b%2F@x" binary:"\x00\xff"`},
		{func() error { return c.SendToConnection(ctx, "c1", text, nil) }, `connection "c1" text:`},
		{func() error { return c.CloseAll(ctx, &service.CloseOptions{Reason: "nightly restart & more"}) }, `nightly restart & more`},
		{func() error { return c.CloseGroup(ctx, "g", nil) }, `"g"`},
		{func() error { return c.CloseUser(ctx, "ann", nil) }, `"ann"`},
		{func() error { return c.CloseConnection(ctx, "c1", "idle") }, `"idle"`},
	} {
		if err := op.call(); err != nil {
			t.Errorf("%s: %v", op.want, err)
			continue
		}
		if calls := a.Calls(); len(calls) != 1 || !strings.Contains(calls[0], op.want) {
			t.Errorf("the engine was told %q; want %q", calls, op.want)
		}
	}
}

func TestClient_groupsAndPermissions(t *testing.T) {
	a := start(t)
	c, ctx := a.client(t), t.Context()
	a.Connect("c1", "ann")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	is := func(want bool, what string, got bool, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s = %v, %v; want %v", what, got, err, want)
		}
	}
	must(c.Health(ctx))
	must(c.AddConnectionToGroup(ctx, "g", "c1"))
	got, err := c.GroupExists(ctx, "g")
	is(true, "group exists", got, err)
	must(c.RemoveConnectionFromGroup(ctx, "g", "c1"))
	got, err = c.GroupExists(ctx, "g")
	is(false, "group exists", got, err)
	must(c.AddUserToGroup(ctx, "ann", "g"))
	must(c.RemoveUserFromGroup(ctx, "ann", "g"))
	must(c.AddUserToGroup(ctx, "ann", "g"))
	must(c.RemoveUserFromAllGroups(ctx, "ann"))
	must(c.RemoveConnectionFromAllGroups(ctx, "c1"))
	got, err = c.GroupExists(ctx, "g")
	is(false, "group exists", got, err)
	got, err = c.UserExists(ctx, "ann")
	is(true, "user exists", got, err)
	got, err = c.ConnectionExists(ctx, "c2")
	is(false, "connection exists", got, err)
	must(c.Grant(ctx, webpubsub.SendToGroup, "c1", "g"))
	got, err = c.HasPermission(ctx, webpubsub.SendToGroup, "c1", "g")
	is(true, "permission", got, err)
	must(c.Revoke(ctx, webpubsub.SendToGroup, "c1", "g"))
	got, err = c.HasPermission(ctx, webpubsub.SendToGroup, "c1", "g")
	is(false, "permission", got, err)
	if err := c.AddConnectionToGroup(ctx, "g", "c9"); webpubsub.CodeOf(err) != webpubsub.NotFound {
		t.Errorf("adding a missing connection: %v, want NotFound", err)
	}
}

func TestGroupMembers_goesThroughThePages(t *testing.T) {
	a := start(t)
	const n = 450 // more than two pages
	for i := range n {
		a.Connect(webpubsub.ConnectionID(fmt.Sprintf("c%04d", i)), "ann", "g")
	}
	i := 0
	for m, err := range a.client(t).GroupMembers(t.Context(), "g", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if want := webpubsub.ConnectionID(fmt.Sprintf("c%04d", i)); m.ConnectionID != want || m.UserID != "ann" {
			t.Fatalf("member %d is %+v, want %s", i, m, want)
		}
		i++
	}
	if i != n {
		t.Errorf("%d members, want %d", i, n)
	}
}

func TestClientToken_isForThisHubsClients(t *testing.T) {
	a := start(t)
	c := a.client(t)
	o := service.TokenOptions{UserID: "ann", Roles: []string{"webpubsub.sendToGroup"}, Groups: []webpubsub.GroupName{"g"}}
	generated, err := c.GenerateToken(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	local, err := c.ClientToken(o)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]service.Token{"generated": generated, "local": local} {
		u, err := url.Parse(got.URL)
		if err != nil || u.Scheme != "ws" || u.Path != "/client/hubs/board" || u.Query().Get("access_token") != got.Token {
			t.Errorf("%s: URL %q, %v", name, got.URL, err)
		}
		claims, err := token.Verify(got.Token, a.settings.Settings().Keys, time.Now(), token.ClientAudience(u.Host, token.ClientPath, "board", nil))
		if err != nil || claims.UserID != "ann" || fmt.Sprint(claims.Roles, claims.Groups) != "[webpubsub.sendToGroup] [g]" {
			t.Errorf("%s: %+v, %v", name, claims, err)
		}
	}
	if _, err := c.ClientToken(service.TokenOptions{Groups: []webpubsub.GroupName{""}}); webpubsub.CodeOf(err) != webpubsub.BadRequest {
		t.Errorf("an empty group: %v, want BadRequest", err)
	}
}

func TestClient_wrongKey_isUnauthorized(t *testing.T) {
	a := start(t)
	cs, _ := token.ParseConnectionString(a.connectionString)
	cs.AccessKey = token.NewKey()
	c, err := service.New(cs.String(), "board", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SendToAll(t.Context(), service.Text("hi"), nil); webpubsub.CodeOf(err) != webpubsub.Unauthorized {
		t.Errorf("got %v, want Unauthorized", err)
	}
}

// answers is a service that gives one status after the other, the last one forever.
type answers struct {
	statuses []int
	calls    atomic.Int32
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	i := min(int(a.calls.Add(1)), len(a.statuses)) - 1
	if a.statuses[i] == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: a.statuses[i], Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func TestRetries_onlyWhereThatIsSafe(t *testing.T) {
	send := func(c *service.Client, ctx context.Context) error { return c.SendToAll(ctx, service.Text("x"), nil) }
	closeIt := func(c *service.Client, ctx context.Context) error { return c.CloseConnection(ctx, "c1", "") }
	for name, c := range map[string]struct {
		call     func(*service.Client, context.Context) error
		statuses []int
		calls    int
		code     webpubsub.Code
		ok       bool
	}{
		"a send that was not taken":          {send, []int{503, 429, 202}, 3, 0, true},
		"a send that may have been taken":    {send, []int{0, 202}, 1, webpubsub.Unavailable, false},
		"an idempotent call":                 {closeIt, []int{0, 502, 204}, 3, 0, true},
		"a service that stays away":          {closeIt, []int{0}, 1 + service.DefaultMaxRetries, webpubsub.Unavailable, false},
		"a refusal":                          {closeIt, []int{400, 204}, 1, webpubsub.BadRequest, false},
		"a send to a service with a problem": {send, []int{500, 202}, 1, webpubsub.Internal, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &answers{statuses: c.statuses}
				client, err := service.New("Endpoint=http://wps.example.net;AccessKey=key;Version=1.0;", "board", &service.Options{Transport: a})
				if err != nil {
					t.Fatal(err)
				}
				err = c.call(client, t.Context())
				if int(a.calls.Load()) != c.calls || (err == nil) != c.ok || !c.ok && webpubsub.CodeOf(err) != c.code {
					t.Errorf("%d calls, %v; want %d calls, ok %v, code %v", a.calls.Load(), err, c.calls, c.ok, c.code)
				}
			})
		})
	}
}

func TestTimeout_boundsACallWithItsRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := service.New("Endpoint=http://wps.example.net;AccessKey=key;", "board", &service.Options{Transport: &answers{statuses: []int{0}}, Timeout: time.Second, MaxRetries: 1000})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := c.Health(t.Context()); webpubsub.CodeOf(err) != webpubsub.Unavailable {
			t.Errorf("got %v, want Unavailable", err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestSettings_hubsAndKeys(t *testing.T) {
	a := start(t)
	s, err := service.NewSettings(a.connectionString, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	p := webpubsub.HubProperties{AnonymousConnectPolicy: "allow", EventHandlers: []webpubsub.EventHandlerResource{{URLTemplate: "http://localhost:1/{event}", UserEventPattern: "*"}}}
	if hub, _, err := s.SetHub(ctx, "chat", p); err != nil || hub.Name != "chat" || !a.settings.Settings().Hubs["chat"].AllowAnonymous {
		t.Errorf("SetHub: %+v, %v", hub, err)
	}
	if hubs, err := s.Hubs(ctx); err != nil || len(hubs) != 1 {
		t.Errorf("Hubs: %+v, %v", hubs, err)
	}
	if err := s.DeleteHub(ctx, "chat"); err != nil {
		t.Error(err)
	}
	if _, err := s.Hub(ctx, "chat"); webpubsub.CodeOf(err) != webpubsub.NotFound {
		t.Errorf("a deleted hub: %v, want NotFound", err)
	}
	p.EventHandlers[0].URLTemplate = "ftp://x"
	if _, _, err := s.SetHub(ctx, "chat", p); webpubsub.CodeOf(err) != webpubsub.BadRequest {
		t.Errorf("a bad template: %v, want BadRequest", err)
	}
	before, err := s.Keys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	after, err := s.RegenerateKey(ctx, service.Primary)
	if err != nil || after.PrimaryKey == before.PrimaryKey || after.SecondaryKey != before.SecondaryKey {
		t.Errorf("RegenerateKey: %v", err)
	}
}

func ExampleClient_SendToGroup() {
	c, err := service.New("Endpoint=https://wps.example.net;AccessKey=…;Version=1.0;", "board", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err = c.SendToGroup(ctx, "room-7", service.JSON([]byte(`{"n":1}`)), &service.SendOptions{Excluded: []webpubsub.ConnectionID{"c1"}})
	if webpubsub.CodeOf(err) == webpubsub.Unavailable {
		fmt.Println("try again later")
	}
}
