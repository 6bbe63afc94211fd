package main

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub/service"
)

// adminURL waits until the program says where operators find it.
func adminURL(t *testing.T, r running) string {
	t.Helper()
	deadline := time.After(patience)
	for {
		if m := regexp.MustCompile(`Metrics: (http://\S+)/metrics`).FindStringSubmatch(r.errs.String()); m != nil {
			return m[1]
		}
		select {
		case <-r.errs.wrote:
		case <-deadline:
			t.Fatalf("no address of metrics: %s", r.errs)
		}
	}
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	check(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	check(t, err)
	return res.StatusCode, string(b)
}

func TestAdmin_tellsOfConnectionsAndMessages(t *testing.T) {
	for _, command := range []string{"pubsub", "serve"} {
		t.Run(command, func(t *testing.T) {
			data := t.TempDir()
			r := launch(t, environment{"EASEL_ADMIN": "127.0.0.1:0"}, command, "--addr", "localhost:0", "--data", data)
			admin := adminURL(t, r)
			key := printed[map[string]string](t, "key", "show", "--data", data)
			c, err := service.New(key["primaryConnectionString"], "numbers", nil)
			check(t, err)
			token, err := c.ClientToken(service.TokenOptions{})
			check(t, err)
			ws, _, err := websocket.Dial(t.Context(), token.URL, nil)
			check(t, err)
			defer ws.CloseNow()
			for i := range 7 {
				check(t, c.SendToAll(t.Context(), service.Text(strings.Repeat("x", i+1)), nil))
				_, _, err := ws.Read(t.Context())
				check(t, err)
			}
			wanted := []string{
				`easel_connections{hub="numbers",protocol="none"} 1`,
				`easel_messages_total{direction="out",hub="numbers",protocol="none"} 7`,
				`easel_message_bytes_total{direction="out",hub="numbers",protocol="none"} 28`,
				`easel_queued_bytes{hub="numbers",protocol="none"} 0`,
			}
			missing := func() []string {
				_, text := get(t, admin+"/metrics")
				return slices.DeleteFunc(slices.Clone(wanted), func(line string) bool { return strings.Contains(text, line+"\n") })
			}
			// A message may be read before the service has noted that it is written.
			left := missing()
			for deadline := time.Now().Add(time.Minute); len(left) > 0 && time.Now().Before(deadline); {
				left = missing()
			}
			if len(left) > 0 {
				t.Errorf("missing: %q", left)
			}
			if status, text := get(t, admin+"/debug/pprof/goroutine?debug=1"); status != http.StatusOK || !strings.Contains(text, "goroutine profile") {
				t.Errorf("profile: %d %.100s", status, text)
			}
			if status, _ := get(t, admin+"/api/health"); status != http.StatusNotFound {
				t.Errorf("the service answers operators with %d", status)
			}
			if status, text := get(t, r.url+"/metrics"); strings.Contains(text, "easel_connections") {
				t.Errorf("everyone may read metrics: %d", status)
			}
		})
	}
}

func TestAdmin_addressThatIsTaken_isTold(t *testing.T) {
	r := launch(t, nil, "pubsub", "--addr", "localhost:0", "--data", t.TempDir())
	taken := strings.TrimPrefix(r.url, "http://")
	_, errs, code := easel(nil, "pubsub", "--addr", "localhost:0", "--data", t.TempDir(), "--admin", taken)
	if code != 1 || !strings.Contains(errs, "--admin") || !strings.Contains(errs, taken) {
		t.Errorf("%d %s", code, errs)
	}
}
