package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

const patience = 45 * time.Second

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// environment is a getenv over a map.
type environment map[string]string

func (e environment) get(name string) string { return e[name] }

// output is a buffer that a running program writes to.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{}
}

func newOutput() *output { return &output{wrote: make(chan struct{}, 1)} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(b)
	select {
	case o.wrote <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var listening = regexp.MustCompile(`http://localhost:\d+`)

// running is a program that serves.
type running struct {
	url  string
	out  *output
	errs *output
	stop func() // waits for the end
}

// launch runs a serving command until the test's end, or stop.
func launch(t *testing.T, env environment, args ...string) running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, errs, done := newOutput(), newOutput(), make(chan error, 1)
	go func() { done <- run(ctx, args, env.get, strings.NewReader(""), out, errs) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("easel %v: %v", args, err)
		}
	})
	t.Cleanup(stop)
	deadline := time.After(patience)
	for {
		if url := listening.FindString(out.String()); url != "" {
			return running{url, out, errs, stop}
		}
		select {
		case <-out.wrote:
		case err := <-done:
			t.Fatalf("easel %v: %v", args, err)
		case <-deadline:
			t.Fatalf("easel %v says only %q", args, out)
		}
	}
}

// easel runs a command to its end.
func easel(env environment, args ...string) (stdout, stderr string, code int) {
	return easelTyped("", env, args...)
}

// easelTyped runs a command to its end, with something on its standard input.
func easelTyped(stdin string, env environment, args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	code = report(run(ctx, args, env.get, strings.NewReader(stdin), &out, &errs), &errs)
	return out.String(), errs.String(), code
}

// printed runs a command that must succeed and decodes what it prints.
func printed[T any](t *testing.T, args ...string) (v T) {
	t.Helper()
	out, errs, code := easel(nil, args...)
	if code != 0 {
		t.Fatalf("easel %v: %d %s", args, code, errs)
	}
	check(t, json.Unmarshal([]byte(out), &v))
	return v
}

func connect(t *testing.T, connectionString, hub string) error {
	t.Helper()
	c, err := service.New(connectionString, hub, nil)
	check(t, err)
	token, err := c.ClientToken(service.TokenOptions{UserID: "ann"})
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, token.URL, nil)
	if err == nil {
		ws.CloseNow()
	}
	return err
}

func TestWrongUsage_exits2AndPrintsNothing(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"dance"},
		{"hub"},
		{"hub", "dance"},
		{"pubsub", "--no-such-flag"},
		{"pubsub", "extra"},
		{"serve", "--hub", "1bad", "--data", dir},
		{"serve", "--log-level", "loud", "--data", dir},
		{"serve", "--connection-string", "nonsense", "--data", dir},
		{"hub", "create", "--data", dir},
		{"hub", "create", "--hub-name", "a b", "--data", dir},
		{"hub", "create", "--hub-name", "chat", "--allow-anonymous", "perhaps", "--data", dir},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "user-event-pattern=*"},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "url-template=http://x/", "colour=red"},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "url-template=http://x/", "auth-colour=red"},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "url-template"},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--event-listener", "colour=red"},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--keep-alive", "often"},
		{"pubsub", "--recovery-window", "0s", "--data", dir},
		{"pubsub", "--max-connections", "-1", "--data", dir},
		{"serve", "--max-queued-bytes", "0", "--data", dir},
		{"hub", "list", "--data", dir, "-o", "yaml"},
		{"key", "regenerate", "--key-type", "pepper", "--data", dir},
		{"create", "--kind", "SocketIO", "--data", dir},
		{"update", "--disable-local-auth", "true", "--data", dir},
		{"update", "--client-cert-enabled", "perhaps", "--data", dir},
		{"delete", "--data", dir},
		{"network-rule", "update", "--public-network", "false", "--allow", "RESTAPI", "Trace", "--data", dir},
		{"show", "--query", "a || b", "--data", dir},
		{"service"},
		{"service", "group", "dance"},
		{"service", "broadcast", "--payload", "x", "--data", dir},
		{"service", "broadcast", "--hub-name", "chat", "--data", dir},
		{"service", "permission", "grant", "--hub-name", "chat", "--connection-id", "c", "--group-name", "g", "--permission", "dance", "--data", dir},
		{"client", "start", "--data", dir},
		{"env", "--shell", "--json", "--data", dir},
	} {
		if out, errs, code := easel(nil, args...); code != 2 || out != "" || errs == "" {
			t.Errorf("easel %v: %d, stdout %q, stderr %q; want 2, nothing, a reason", args, code, out, errs)
		}
	}
}

func TestWrongUsage_saysWhatIsWrongAndWhoseHelpToRead(t *testing.T) {
	for line, want := range map[string]string{
		"dance":       "easel: \"dance\" is not a command\nTry easel -h.\n",
		"hub":         "easel: hub wants another word\nTry easel hub -h.\n",
		"hub create":  "easel: --hub-name is missing\nTry easel hub create -h.\n",
		"pubsub --no": "easel: flag provided but not defined: --no\nTry easel pubsub -h.\n",
		"key show -o": "easel: flag needs an argument: --o\nTry easel key show -h.\n",
		"hub create --allow-anonymous -a": "easel: invalid value \"-a\" for flag --allow-anonymous: \"-a\" is neither true nor false\n" +
			"Try easel hub create -h.\n",
		"env --shell=-b": "easel: invalid boolean value \"-b\" for --shell: parse error\nTry easel env -h.\n",
	} {
		if _, errs, _ := easel(nil, strings.Fields(line)...); errs != want {
			t.Errorf("easel %s: %q, want %q", line, errs, want)
		}
	}
}

func TestFailure_exits1AndPrintsNothing(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"hub", "show", "--hub-name", "chat", "--data", dir},
		{"hub", "update", "--hub-name", "chat", "--data", dir},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "url-template=ftp://x/"},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "url-template=http://x/", "system-event=dance"},
		{"key", "show", "--connection-string", "Endpoint=http://127.0.0.1:1;AccessKey=key;"},
		{"pubsub", "--addr", "256.0.0.1:1", "--data", dir},
		{"create", "--name", "a b", "--data", dir},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--keep-alive", "121"},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "url-template=http://x/", "auth-type=ManagedIdentity", "auth-resource=api://x"},
		{"hub", "create", "--hub-name", "chat", "--data", dir, "--event-listener", "type=EventHub", "url=http://x/"},
		{"create", "--sku", "Free_F1", "--unit-count", "2", "--data", dir},
		{"show", "--query", "properties.colour", "--data", dir},
		{"restart", "--data", dir},
		{"service", "broadcast", "--hub-name", "chat", "--payload", "x", "--data", dir},
		{"client", "start", "--hub-name", "chat", "--data", dir},
		{"client", "token", "--hub-name", "chat", "--group", "", "--expires-in", "-1s", "--data", dir},
	} {
		if out, errs, code := easel(nil, args...); code != 1 || out != "" || errs == "" {
			t.Errorf("easel %v: %d, stdout %q, stderr %q; want 1, nothing, a reason", args, code, out, errs)
		}
	}
}

func TestHelp_listsEveryCommand(t *testing.T) {
	out, _, code := easel(nil, "-h")
	for _, c := range commands() {
		if !strings.Contains(out, "easel "+c.name) {
			t.Errorf("help does not mention %s", c.name)
		}
		if out, _, code := easel(nil, append(strings.Fields(c.name), "-h")...); code != 0 || !strings.Contains(out, "-data") {
			t.Errorf("easel %s -h: %d %q", c.name, code, out)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestHelp_ofAGroupListsItsCommands(t *testing.T) {
	for _, args := range [][]string{{"hub", "-h"}, {"hub", "--help"}, {"hub", "help"}, {"help", "hub"}} {
		out, errs, code := easel(nil, args...)
		if code != 0 || errs != "" || !strings.Contains(out, "easel hub create") || strings.Contains(out, "easel key") != (args[0] == "help") {
			t.Errorf("easel %v: %d %q %q", args, code, out, errs)
		}
	}
}

func TestHub_settingsWorkAtOnceAndSurviveARestart(t *testing.T) {
	seen := make(chan string, 10)
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WebHook-Allowed-Origin", "*")
		if name := r.Header.Get("ce-eventName"); name != "" {
			seen <- name
		}
	}))
	defer handler.Close()
	dir := t.TempDir()
	p := launch(t, nil, "pubsub", "--addr", "127.0.0.1:0", "--data", dir)
	keys := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir)
	if !strings.HasPrefix(keys.PrimaryConnectionString, "Endpoint="+p.url+";") {
		t.Errorf("connection string %q of a service at %s", keys.PrimaryConnectionString, p.url)
	}
	hub := printed[webpubsub.HubResource](t, "hub", "create", "-n", "wps", "-g", "group", "--hub-name", "Chat", "--connection-string", keys.PrimaryConnectionString,
		"--event-handler", "url-template="+handler.URL+"/{event}", "user-event-pattern=*", "system-event=connect", "--allow-anonymous", "true")
	if hub.Name != "chat" || hub.Properties.AnonymousConnectPolicy != "allow" || len(hub.Properties.EventHandlers) != 1 {
		t.Errorf("%+v", hub)
	}
	check(t, connect(t, keys.PrimaryConnectionString, "chat"))
	if name := <-seen; name != "connect" {
		t.Errorf("the handler got %q", name)
	}
	hub = printed[webpubsub.HubResource](t, "hub", "update", "--hub-name", "chat", "--allow-anonymous", "false", "--data", dir)
	if hub.Properties.AnonymousConnectPolicy != "deny" || len(hub.Properties.EventHandlers) != 1 {
		t.Errorf("update must keep what is not given: %+v", hub)
	}
	p.stop()
	// Without a running service the data folder is asked.
	if hubs := printed[[]webpubsub.HubResource](t, "hub", "list", "--data", dir); len(hubs) != 1 || hubs[0].Name != "chat" {
		t.Errorf("%+v", hubs)
	}
	launch(t, nil, "pubsub", "--addr", "127.0.0.1:0", "--data", dir)
	if got := printed[webpubsub.HubResource](t, "hub", "show", "--hub-name", "chat", "--data", dir); fmt.Sprint(got) != fmt.Sprint(hub) {
		t.Errorf("%+v, want %+v", got, hub)
	}
	if out, errs, code := easel(nil, "hub", "delete", "--hub-name", "chat", "--data", dir); code != 0 || out != "" {
		t.Errorf("%d %q %q", code, out, errs)
	}
	if out, _, _ := easel(nil, "hub", "list", "--data", dir, "-o", "table"); strings.Contains(out, "chat") || !strings.HasPrefix(out, "HUB") {
		t.Errorf("%q", out)
	}
}

func TestHubCreate_warnsOfWhatWillBite(t *testing.T) {
	_, errs, code := easel(nil, "hub", "create", "--hub-name", "chat", "--data", t.TempDir(), "--event-handler", "url-template=http://127.0.0.1:1/", "user-event-pattern=*")
	if code != 0 || strings.Count(errs, "warning:") < 2 {
		t.Errorf("%d %q; want warnings of a handler that does not answer and of no connect event", code, errs)
	}
}

func TestHubCreate_tunnelHandler_saysHowToConnectOne(t *testing.T) {
	dir := t.TempDir()
	_, errs, code := easel(nil, "hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "url-template=tunnel:///ev", "system-event=connect")
	want := "warning: event handler 1 (tunnel:///ev): no app server has connected a tunnel for hub chat; " +
		"Run: easel tunnel --hub chat --upstream http://localhost:3000, or the tunnel tool with this hub's connection string.\n" +
		"No service runs on the data folder " + dir + ". One that is started on it finds these settings.\n"
	if code != 0 || errs != want {
		t.Errorf("%d %q, want %q", code, errs, want)
	}
}

func TestKeyRegenerate_endsTheOldKey(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, nil, "pubsub", "--addr", "127.0.0.1:0", "--data", dir)
	before := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir)
	check(t, connect(t, before.PrimaryConnectionString, "chat"))
	after := printed[webpubsub.KeysResource](t, "key", "regenerate", "--key-type", "primary", "--data", dir)
	if after.PrimaryKey == before.PrimaryKey || after.SecondaryKey != before.SecondaryKey {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if err := connect(t, before.PrimaryConnectionString, "chat"); err == nil {
		t.Error("the old key still opens connections")
	}
	check(t, connect(t, after.PrimaryConnectionString, "chat"))
	check(t, connect(t, before.SecondaryConnectionString, "chat"))
	p.stop()
	if again := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir); again != after {
		t.Errorf("after a restart: %+v, want %+v", again, after)
	}
}

func TestKeys_comeFromTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	env := environment{"EASEL_ACCESS_KEY": "primary-key-0123456789-abcdefghij", "EASEL_DATA": dir, "EASEL_ADDR": "127.0.0.1:0"}
	p := launch(t, env, "pubsub")
	check(t, connect(t, "Endpoint="+p.url+";AccessKey=primary-key-0123456789-abcdefghij;", "chat"))
}

func TestServe_isOneProcessWithBoardsAndService(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, nil, "--addr", "127.0.0.1:0", "--data", dir)
	for path, want := range map[string]struct {
		status int
		kind   string
	}{
		"/": {200, "text/html"}, "/b/abcdefghijkl": {200, "text/html"}, "/api/health": {200, ""}, "/nothing": {404, "application/json"}, "/client/hubs/easel": {400, ""},
	} {
		res, err := http.Get(p.url + path)
		check(t, err)
		res.Body.Close()
		if res.StatusCode != want.status || !strings.HasPrefix(res.Header.Get("Content-Type"), want.kind) {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
	}
	res, err := http.Post(p.url+"/boards", "application/json", strings.NewReader(`{"title":"T"}`))
	check(t, err)
	var b struct {
		ID    string
		Links struct{ Edit string }
	}
	check(t, json.NewDecoder(res.Body).Decode(&b))
	res.Body.Close()
	_, secret, _ := strings.Cut(b.Links.Edit, "#")
	negotiate := func(url string) int {
		r, _ := http.NewRequest("GET", url+"/negotiate?board="+b.ID, nil)
		r.Header.Set("Authorization", "Bearer "+secret)
		res, err := http.DefaultClient.Do(r)
		check(t, err)
		defer res.Body.Close()
		var n struct{ URL string }
		check(t, json.NewDecoder(res.Body).Decode(&n))
		ws, _, err := websocket.Dial(t.Context(), n.URL, nil)
		check(t, err)
		ws.CloseNow()
		return res.StatusCode
	}
	negotiate(p.url)
	// The board goes on when the key that signs its tokens is replaced.
	printed[webpubsub.KeysResource](t, "key", "regenerate", "--key-type", "primary", "--data", dir)
	negotiate(p.url)
	p.stop()
	negotiate(launch(t, nil, "serve", "--addr", "127.0.0.1:0", "--data", dir).url)
}

func TestDefaultAddr_honoursPORT(t *testing.T) {
	for port, want := range map[string]string{"": "localhost:8080", "9000": ":9000"} {
		p := &program{getenv: environment{"PORT": port}.get}
		if got := p.defaultAddr(); got != want {
			t.Errorf("PORT=%q: %q, want %q", port, got, want)
		}
	}
}
