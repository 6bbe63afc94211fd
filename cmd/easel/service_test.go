package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// member is a connected client of the hub chat.
type member struct {
	socket *websocket.Conn
	id     string
}

// frame is what a client receives.
type frame struct {
	Type, Event, From, Group, DataType, Message, ConnectionID string
	Data                                                      any
	AckID                                                     int
	Success                                                   bool
}

func (m *member) read(t *testing.T) (f frame) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, text, err := m.socket.Read(ctx)
	check(t, err)
	check(t, json.Unmarshal(text, &f))
	return f
}

// join connects a client without permissions.
func join(t *testing.T, c *service.Client, user webpubsub.UserID, groups ...webpubsub.GroupName) *member {
	t.Helper()
	return joinBy(t, http.DefaultTransport, c, user, groups...)
}

func joinBy(t *testing.T, transport http.RoundTripper, c *service.Client, user webpubsub.UserID, groups ...webpubsub.GroupName) *member {
	t.Helper()
	token, err := c.ClientToken(service.TokenOptions{UserID: user, Groups: groups})
	check(t, err)
	o := &websocket.DialOptions{Subprotocols: []string{subprotocol}, HTTPClient: &http.Client{Transport: transport}}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	socket, _, err := websocket.Dial(ctx, token.URL, o)
	check(t, err)
	t.Cleanup(func() { socket.CloseNow() })
	m := &member{socket: socket}
	m.id = m.read(t).ConnectionID
	return m
}

// got returns what a client has received so far, each as group/type:data.
func (m *member) got(t *testing.T, c *service.Client) []string {
	t.Helper()
	check(t, c.SendToConnection(t.Context(), webpubsub.ConnectionID(m.id), service.Text("that is all"), nil))
	all := []string{}
	for {
		f := m.read(t)
		if f.Data == "that is all" {
			return all
		}
		all = append(all, fmt.Sprintf("%s/%s:%v", f.Group, f.DataType, f.Data))
	}
}

// chat is a running service and a client of its hub chat.
func chat(t *testing.T) (dir string, c *service.Client) {
	t.Helper()
	dir = t.TempDir()
	launch(t, nil, "pubsub", "--addr", "127.0.0.1:0", "--data", dir)
	keys := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir)
	c, err := service.New(keys.PrimaryConnectionString, "chat", nil)
	check(t, err)
	return dir, c
}

// onChat are the arguments of a service command about the hub chat.
func onChat(dir, command string, args ...string) []string {
	return slices.Concat([]string{"service"}, strings.Fields(command), []string{"--data", dir, "--hub-name", "chat"}, args)
}

func TestService_messagesReachWhomTheyShould(t *testing.T) {
	dir, c := chat(t)
	ann, bob := join(t, c, "ann", "room"), join(t, c, "bob")
	for _, tt := range []struct {
		command  string
		stdin    string
		args     []string
		ann, bob []string
	}{
		{"broadcast", "", []string{"--payload", "hi"}, []string{"/text:hi"}, []string{"/text:hi"}},
		{"broadcast", "", []string{"-n", "wps", "-g", "g", "--subscription", "s", "--payload", `{"n":1}`, "--content-type", "application/json", "--excluded", ann.id}, nil, []string{"/json:map[n:1]"}},
		{"broadcast", "\x00\xff", []string{"--payload", "-", "--content-type", "application/octet-stream", "--filter", "userId eq 'ann'"}, []string{"/binary:AP8="}, nil},
		{"connection send", "", []string{"--connection-id", bob.id, "--payload", "to bob", "--ttl", "30s"}, nil, []string{"/text:to bob"}},
		{"user send", "", []string{"--user-id", "ann", "--payload", "to ann"}, []string{"/text:to ann"}, nil},
		{"group send", "", []string{"--group-name", "room", "--payload", "to room"}, []string{"room/text:to room"}, nil},
		{"group add-user", "", []string{"--group-name", "room", "--user-id", "bob"}, nil, nil},
		{"group send", "", []string{"--group-name", "room", "--payload", "both"}, []string{"room/text:both"}, []string{"room/text:both"}},
		{"group send", "", []string{"--group-name", "room", "--payload", "one", "--excluded", bob.id}, []string{"room/text:one"}, nil},
		{"group remove-user", "", []string{"--group-name", "room", "--user-id", "bob"}, nil, nil},
		{"group remove-connection", "", []string{"--group-name", "room", "--connection-id", ann.id}, nil, nil},
		{"group add-connection", "", []string{"--group-name", "room", "--connection-id", bob.id}, nil, nil},
		{"group send", "", []string{"--group-name", "room", "--payload", "bob's"}, nil, []string{"room/text:bob's"}},
	} {
		args := onChat(dir, tt.command, tt.args...)
		if out, errs, code := easelTyped(tt.stdin, nil, args...); code != 0 || out != "" {
			t.Fatalf("easel %v: %d %q %q", args, code, out, errs)
		}
		for m, want := range map[*member][]string{ann: tt.ann, bob: tt.bob} {
			if got := m.got(t, c); !slices.Equal(got, want) {
				t.Errorf("easel %v: %q arrived, want %q", args, got, want)
			}
		}
	}
}

func TestService_questionsAreAnswered(t *testing.T) {
	dir, c := chat(t)
	ann := join(t, c, "ann", "room")
	for _, tt := range []struct {
		command string
		args    []string
		want    bool
	}{
		{"connection exist", []string{"--connection-id", ann.id}, true},
		{"connection exist", []string{"--connection-id", "nobody"}, false},
		{"user exist", []string{"--user-id", "ann"}, true},
		{"user exist", []string{"--user-id", "bob"}, false},
		{"group exist", []string{"--group-name", "room"}, true},
		{"group exist", []string{"--group-name", "hall"}, false},
	} {
		if got := printed[existence](t, onChat(dir, tt.command, tt.args...)...); got.Existence != tt.want {
			t.Errorf("%s %v: %v", tt.command, tt.args, got)
		}
	}
	members := printed[[]service.Member](t, onChat(dir, "group list", "--group-name", "room")...)
	if want := []service.Member{{ConnectionID: webpubsub.ConnectionID(ann.id), UserID: "ann"}}; !reflect.DeepEqual(members, want) {
		t.Errorf("%+v, want %+v", members, want)
	}
	out, _, _ := easel(nil, onChat(dir, "group list", "--group-name", "room", "-o", "tsv")...)
	if out != ann.id+"\tann\n" {
		t.Errorf("%q", out)
	}
}

func TestService_permissionsTakeEffect(t *testing.T) {
	dir, c := chat(t)
	ann := join(t, c, "ann")
	about := []string{"--connection-id", ann.id, "--permission", "joinLeaveGroup", "--group-name", "room"}
	acks := 0
	mayJoin := func() bool {
		t.Helper()
		acks++
		check(t, ann.socket.Write(t.Context(), websocket.MessageText, fmt.Appendf(nil, `{"type":"joinGroup","group":"room","ackId":%d}`, acks)))
		return ann.read(t).Success
	}
	for _, step := range []struct {
		verb string
		may  bool
	}{{"", false}, {"grant", true}, {"revoke", false}} {
		if step.verb != "" {
			if out, errs, code := easel(nil, onChat(dir, "permission "+step.verb, about...)...); code != 0 || out != "" {
				t.Fatalf("%d %q %q", code, out, errs)
			}
		}
		asked := printed[existence](t, onChat(dir, "permission check", about...)...)
		if may := mayJoin(); may != step.may || asked.Existence != step.may {
			t.Errorf("after %q: the client may %v, the answer is %v", step.verb, may, asked)
		}
	}
	if _, errs, code := easel(nil, onChat(dir, "permission grant", "--connection-id", "nobody", "--permission", "sendToGroup", "--group-name", "room")...); code != 1 || errs == "" {
		t.Errorf("a connection that is not there: %d %q", code, errs)
	}
}

func TestService_closesWithTheReason(t *testing.T) {
	dir, c := chat(t)
	for command, flag := range map[string]string{"connection close": "--connection-id", "user close": "--user-id", "group close": "--group-name", "close": ""} {
		ann := join(t, c, "ann", "room")
		args := onChat(dir, command, "--reason", "tidying up")
		if flag != "" {
			args = append(args, flag, map[string]string{"--connection-id": ann.id, "--user-id": "ann", "--group-name": "room"}[flag])
		}
		if out, errs, code := easel(nil, args...); code != 0 || out != "" {
			t.Fatalf("easel %v: %d %q %q", args, code, out, errs)
		}
		if f := ann.read(t); f.Event != "disconnected" || !strings.Contains(f.Message, "tidying up") {
			t.Errorf("%s: %+v", command, f)
		}
	}
}

func TestClientToken_opensAConnectionWithWhatItGrants(t *testing.T) {
	dir, c := chat(t)
	access := printed[clientAccess](t, "client", "token", "--data", dir, "--hub-name", "chat", "--user-id", "ann", "--group", "room", "--role", "webpubsub.sendToGroup.room")
	if access.URL != access.BaseURL+"?access_token="+access.Token {
		t.Errorf("%+v", access)
	}
	socket, _, err := websocket.Dial(t.Context(), access.URL, &websocket.DialOptions{Subprotocols: []string{subprotocol}})
	check(t, err)
	defer socket.CloseNow()
	id := webpubsub.ConnectionID((&member{socket: socket}).read(t).ConnectionID)
	for m, err := range c.GroupMembers(t.Context(), "room", nil) {
		check(t, err)
		if m.ConnectionID != id || m.UserID != "ann" {
			t.Errorf("%+v", m)
		}
	}
	if may, err := c.HasPermission(t.Context(), webpubsub.SendToGroup, id, "room"); err != nil || !may {
		t.Errorf("%v %v", may, err)
	}
}

func TestResource_isKeptAndShown(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, nil, "pubsub", "--addr", "127.0.0.1:0", "--data", dir)
	created := printed[webpubsub.ServiceResource](t, "create", "--data", dir, "--name", "board-svc", "--resource-group", "g", "--location", "westeurope",
		"--sku", "Standard_S1", "--unit-count", "2", "--tags", "team=draw", "env=test")
	if created.Name != "board-svc" || created.ResourceGroup != "g" || created.Location != "westeurope" || created.SKU.Capacity != 2 ||
		!reflect.DeepEqual(created.Tags, map[string]string{"team": "draw", "env": "test"}) {
		t.Errorf("%+v", created)
	}
	if want := fmt.Sprintf("http://%s:%d", created.Properties.HostName, created.Properties.PublicPort); want != p.url {
		t.Errorf("the resource says %s, the service is at %s", want, p.url)
	}
	updated := printed[webpubsub.ServiceResource](t, "update", "--data", dir, "-n", "board-svc", "-g", "g", "--unit-count", "5", "--disable-local-auth", "false")
	want := created
	want.SKU.Capacity = 5
	if !reflect.DeepEqual(updated, want) {
		t.Errorf("%+v, want %+v", updated, want)
	}
	p.stop()
	if shown := printed[webpubsub.ServiceResource](t, "show", "--data", dir); !reflect.DeepEqual(shown, want) {
		t.Errorf("after a stop: %+v, want %+v", shown, want)
	}
	if all := printed[[]webpubsub.ServiceResource](t, "list", "-g", "g", "--data", dir); len(all) != 1 || !reflect.DeepEqual(all[0], want) {
		t.Errorf("%+v", all)
	}
	if again := printed[webpubsub.ServiceResource](t, "update", "--data", dir, "--sku", "Premium_P2", "--tags"); len(again.Tags) != 0 || again.SKU.Capacity != 100 {
		t.Errorf("%+v", again)
	}
}

func TestDelete_makesTheServiceAsNew(t *testing.T) {
	dir, c := chat(t)
	before := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir)
	printed[webpubsub.HubResource](t, "hub", "create", "--hub-name", "chat", "--allow-anonymous", "true", "--data", dir)
	ann := join(t, c, "ann")
	if out, errs, code := easel(nil, "delete", "--data", dir, "-n", "wps", "-g", "g"); code != 2 || out != "" || !strings.Contains(errs, "--yes") {
		t.Errorf("without --yes: %d %q %q", code, out, errs)
	}
	check(t, connect(t, before.PrimaryConnectionString, "chat"))
	if out, errs, code := easel(nil, "delete", "--yes", "--data", dir); code != 0 || out != "" {
		t.Fatalf("%d %q %q", code, out, errs)
	}
	if f := ann.read(t); f.Event != "disconnected" {
		t.Errorf("%+v", f)
	}
	after := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir)
	if after.PrimaryKey == before.PrimaryKey || after.SecondaryKey == before.SecondaryKey {
		t.Error("a key has survived")
	}
	if hubs := printed[[]webpubsub.HubResource](t, "hub", "list", "--data", dir); len(hubs) != 0 {
		t.Errorf("%+v", hubs)
	}
	check(t, connect(t, after.PrimaryConnectionString, "chat"))
	if err := connect(t, before.PrimaryConnectionString, "chat"); err == nil {
		t.Error("the old key still opens connections")
	}
}

func TestRestart_closesConnectionsThatMayComeBack(t *testing.T) {
	dir, c := chat(t)
	ann := join(t, c, "ann")
	usage := printed[[]webpubsub.UsageResource](t, "list-usage", "-l", "here", "--data", dir)
	if len(usage) != 2 || usage[0].Name.Value != "Connections" || usage[0].CurrentValue != 1 {
		t.Errorf("%+v", usage)
	}
	if out, errs, code := easel(nil, "restart", "--data", dir); code != 0 || out != "" {
		t.Fatalf("%d %q %q", code, out, errs)
	}
	if f := ann.read(t); f.Event != "disconnected" {
		t.Errorf("%+v", f)
	}
	if _, _, err := ann.socket.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("closed with %v", err)
	}
	join(t, c, "ann")
}

func TestQuery_printsOnePartForScripts(t *testing.T) {
	dir := t.TempDir()
	printed[webpubsub.HubResource](t, "hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "url-template=http://127.0.0.1:1/{event}", "user-event-pattern=*")
	keys := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"key", "show", "--query", "primaryConnectionString", "--output", "tsv"}, keys.PrimaryConnectionString},
		{[]string{"key", "show", "--query", "primaryKey"}, `"` + keys.PrimaryKey + `"`},
		{[]string{"key", "show", "-o", "tsv"}, keys.PrimaryKey + "\t" + keys.PrimaryConnectionString + "\n" + keys.SecondaryKey + "\t" + keys.SecondaryConnectionString},
		{[]string{"hub", "show", "--hub-name", "chat", "--query", "properties.eventHandlers[0].urlTemplate", "-o", "tsv"}, "http://127.0.0.1:1/{event}"},
		{[]string{"hub", "list", "--query", "[0].name", "-o", "tsv"}, "chat"},
		{[]string{"show", "--query", "sku.capacity", "-o", "table"}, "1"},
		{[]string{"list-skus", "--query", "[0].capacity.allowedValues", "-o", "tsv"}, "1"},
		{[]string{"network-rule", "show", "--query", "defaultAction", "-o", "tsv"}, "Allow"},
	} {
		out, errs, code := easel(nil, append(tt.args, "--data", dir)...)
		if code != 0 || out != tt.want+"\n" {
			t.Errorf("easel %v: %d %q %q, want %q", tt.args, code, out, errs, tt.want)
		}
	}
}

func TestKeyRegenerate_ofTheSaltExplainsItself(t *testing.T) {
	dir := t.TempDir()
	before := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir)
	_, errs, code := easel(nil, "key", "regenerate", "--key-type", "Salt", "--data", dir)
	if code != 0 || !strings.Contains(errs, "no salt") || printed[webpubsub.KeysResource](t, "key", "show", "--data", dir) != before {
		t.Errorf("%d %q", code, errs)
	}
}

func TestPubSub_printsOneLineThatScriptsRead(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, environment{"EASEL_ACCESS_KEY": "primary-key-0123456789-abcdefghij"}, "pubsub", "--addr", "127.0.0.1:0", "--data", dir)
	line := "Connection string:  Endpoint=" + p.url + ";AccessKey=primary-key-0123456789-abcdefghij;Version=1.0;"
	if !slices.Contains(strings.Split(p.out.String(), "\n"), line) {
		t.Errorf("%q lacks the line %q", p.out, line)
	}
	res, err := http.Head(p.url + "/api/health")
	check(t, err)
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("health is %s", res.Status)
	}
}
