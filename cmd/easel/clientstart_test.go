package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// typist is an interactive client that a test types into.
type typist struct {
	keys      io.WriteCloser
	out, errs *output
	ended     chan int // the exit code
}

func startClient(t *testing.T, args ...string) *typist {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	c := &typist{keys: w, out: newOutput(), errs: newOutput(), ended: make(chan int, 1)}
	go func() {
		err := run(ctx, append([]string{"client", "start"}, args...), environment{}.get, r, c.out, c.errs)
		r.Close()
		c.ended <- report(err, c.errs)
	}()
	t.Cleanup(func() {
		w.Close()
		cancel()
	})
	return c
}

func (c *typist) enter(t *testing.T, line string) {
	t.Helper()
	_, err := io.WriteString(c.keys, line+"\n")
	check(t, err)
}

// awaitOutput waits until o holds text.
func awaitOutput(t *testing.T, o *output, text string) {
	t.Helper()
	deadline := time.After(patience)
	for !strings.Contains(o.String(), text) {
		select {
		case <-o.wrote:
		case <-deadline:
			t.Fatalf("%q lacks %q", o, text)
		}
	}
}

func (c *typist) end(t *testing.T) (code int) {
	t.Helper()
	select {
	case code = <-c.ended:
	case <-time.After(patience):
		t.Fatalf("the client goes on: %q %q", c.out, c.errs)
	}
	return code
}

func TestClientStart_joinsSendsAndPrintsWhatArrives(t *testing.T) {
	dir, c := chat(t)
	ann := startClient(t, "--hub-name", "chat", "--user-id", "ann", "--data", dir)
	awaitOutput(t, ann.out, `"event":"connected"`)
	ann.enter(t, "joingroup room")
	awaitOutput(t, ann.out, `"ackId":1`)
	if ok, err := c.GroupExists(t.Context(), "room"); err != nil || !ok {
		t.Errorf("the group has no member: %v", err)
	}
	bob := join(t, c, "bob", "room")
	ann.enter(t, "sendToGroup room hello to all")
	if f := bob.read(t); f.Data != "hello to all" || f.Group != "room" || f.DataType != "text" {
		t.Errorf("bob got %+v", f)
	}
	check(t, c.SendToUser(t.Context(), "ann", service.Text("from the server"), nil))
	awaitOutput(t, ann.out, "from the server")
	ann.enter(t, "dance")
	awaitOutput(t, ann.errs, `"dance" is none of these`)
	ann.enter(t, "leavegroup room")
	ann.enter(t, "exit")
	if code := ann.end(t); code != 0 {
		t.Errorf("%d %q", code, ann.errs)
	}
	if strings.Contains(ann.out.String(), "dance") || strings.Count(ann.out.String(), `"type":"ack"`) != 3 {
		t.Errorf("%q", ann.out)
	}
}

func TestClientStart_takesPipedInputToItsEnd(t *testing.T) {
	dir, c := chat(t)
	bob := join(t, c, "bob", "room")
	out, errs, code := easelTyped("sendtogroup room one\nsendtogroup room two", nil, "client", "start", "--hub-name", "chat", "--data", dir)
	if code != 0 || errs != "" || strings.Count(out, `"success":true`) != 2 {
		t.Errorf("%d %q %q", code, out, errs)
	}
	for _, want := range []string{"one", "two"} {
		if f := bob.read(t); f.Data != want {
			t.Errorf("bob got %+v, want %s", f, want)
		}
	}
}

func TestClientStart_sendsEventsAndSaysWhatFails(t *testing.T) {
	dir, _ := chat(t)
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WebHook-Allowed-Origin", "*")
		if text, err := io.ReadAll(r.Body); err == nil && r.Header.Get("ce-eventName") == "draw" {
			w.Header().Set("Content-Type", "text/plain")
			io.WriteString(w, "drawn: "+string(text))
		}
	}))
	defer handler.Close()
	printed[webpubsub.HubResource](t, "hub", "create", "--hub-name", "chat", "--data", dir, "--event-handler", "url-template="+handler.URL, "user-event-pattern=draw")
	out, errs, code := easelTyped("event draw a line\n", nil, "client", "start", "--hub-name", "chat", "--data", dir)
	if code != 0 || !strings.Contains(out, "drawn: a line") {
		t.Errorf("%d %q %q", code, out, errs)
	}
	out, errs, code = easelTyped("event erase it\n", nil, "client", "start", "--hub-name", "chat", "--data", dir)
	if code != 1 || !strings.Contains(errs, "1 of 1") {
		t.Errorf("%d %q %q", code, out, errs)
	}
	if out, _, _ := easel(nil, "why", "--last", "--data", dir); !strings.Contains(out, "ended by the client with 1000") {
		t.Errorf("the client does not say goodbye: %s", out)
	}
}

func TestClientStart_endsWithItsConnection(t *testing.T) {
	dir, c := chat(t)
	ann := startClient(t, "--hub-name", "chat", "--user-id", "ann", "--data", dir)
	awaitOutput(t, ann.out, `"event":"connected"`)
	check(t, c.CloseUser(t.Context(), "ann", &service.CloseOptions{Reason: "go home"}))
	if code := ann.end(t); code != 1 || !strings.Contains(ann.out.String()+ann.errs.String(), "go home") {
		t.Errorf("%d %q %q", code, ann.out, ann.errs)
	}
}

func TestClientStart_worksOverHTTPS(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, secureArgs(dir)...)
	cs := environmentOfService(t, dir)["WebPubSubConnectionString"]
	out, errs, code := easelTyped("joingroup room\n", environment{"WebPubSubConnectionString": cs, "EASEL_DATA": dir}, "client", "start", "--hub-name", "chat", "--connection-string", cs)
	if code != 0 || !strings.Contains(out, `"success":true`) {
		t.Errorf("%d %q %q", code, out, errs)
	}
}
