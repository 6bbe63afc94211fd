package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

// says waits until a program has printed a text.
func (r running) says(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(patience)
	for !strings.Contains(r.out.String(), text) {
		select {
		case <-r.out.wrote:
		case <-deadline:
			t.Fatalf("%q is not printed: %s", text, r.out)
		}
	}
}

func TestTunnel_forwardsEventsAndPrintsThem(t *testing.T) {
	s := webpubsubtest.Start(t)
	check(t, s.Settings.SetHub(t.Context(), "board", webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{
		URLTemplate: "tunnel:///ev/{event}", SystemEvents: []string{"connect", "connected"},
	}}}))
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ev/connected" {
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, "not\nnow")
		}
	}))
	defer app.Close()
	upstream := strings.Replace(app.URL, "127.0.0.1", "localhost", 1)
	p := launch(t, environment{"WebPubSubConnectionString": s.ConnectionString}, "tunnel", "--hub", "board", "--upstream", upstream)
	check(t, connect(t, s.ConnectionString, "board"))
	p.says(t, "POST /ev/connect 200 ")
	p.says(t, " user ann")
	p.says(t, "POST /ev/connected 418 ")
	p.says(t, ": not now")
	p.stop()
}

func TestTunnel_wrongUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
		code int
	}{
		{nil, "--hub", 2},
		{[]string{"--hub", "board", "--data", t.TempDir()}, "no service runs", 1},
		{[]string{"--hub", "1", "--connection-string", "Endpoint=http://h;AccessKey=k;"}, "hub name", 2},
		{[]string{"--hub", "board", "--connection-string", "x"}, "connection string", 2},
		{[]string{"--hub", "board", "--connection-string", "Endpoint=http://h;AccessKey=k;", "--upstream", "3000"}, "--upstream", 2},
	} {
		if _, errs, code := easel(nil, append([]string{"tunnel"}, c.args...)...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: %d %s", c.args, code, errs)
		}
	}
}

func TestTunnel_wrongKey_failsAndSaysSo(t *testing.T) {
	s := webpubsubtest.Start(t)
	_, errs, code := easel(nil, "tunnel", "--hub", "board", "--connection-string", "Endpoint="+s.Endpoint+";AccessKey=wrong;Version=1.0;")
	if code != 1 || !strings.Contains(errs, "refuses the access key") {
		t.Errorf("%d %s", code, errs)
	}
}
