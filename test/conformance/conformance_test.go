package conformance

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/easelhq/easel/internal/certificate"
	"github.com/easelhq/easel/webpubsub/webpubsubtest/conformance"
)

// eventHub is the hub whose events come to the tests.
const eventHub = "conformance_events"

var binary string

// TestMain builds the program once.
func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "easel-conformance-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "easel")
	build := exec.Command("go", "build", "-o", binary, "../../cmd/easel")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		return 1
	}
	return m.Run()
}

func TestConformance_embeddedInTheWhiteboard(t *testing.T) {
	conform(t, "serve")
}

func TestConformance_aloneOverHTTPS(t *testing.T) {
	conform(t, "pubsub", "--https", "--https-addr", "localhost:0")
}

// conform starts the program and runs the suite against the endpoint it names.
func conform(t *testing.T, command ...string) {
	data := t.TempDir()
	start(t, append(command, "--addr", "127.0.0.1:0", "--data", data)...)
	app := &handler{}
	front := httptest.NewServer(app)
	t.Cleanup(front.Close)
	manage(t, nil, "hub", "create", "--data", data, "--hub-name", eventHub,
		"--event-handler", "url-template="+front.URL+"/{event}", "user-event-pattern=*",
		"system-event=connect", "system-event=connected", "system-event=disconnected")
	var env map[string]string
	manage(t, &env, "env", "--json", "--data", data)
	conformance.Run(t, conformance.Target{
		ConnectionString: env["WebPubSubConnectionString"],
		HTTPClient:       client(t, env["NODE_EXTRA_CA_CERTS"]),
		Handlers:         &conformance.Handlers{Hub: eventHub, Handle: app.set},
		Deliberate:       true,
	})
}

// handler consents to everything until it is told what to do.
type handler struct{ next atomic.Pointer[http.Handler] }

func (h *handler) set(next http.Handler) { h.next.Store(&next) }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	next := h.next.Load()
	if next == nil {
		w.Header().Set("WebHook-Allowed-Origin", "*")
		return
	}
	(*next).ServeHTTP(w, r)
}

// start runs the program until the test ends, and returns once it is ready.
func start(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	var log strings.Builder
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		io.Copy(io.Discard, lines)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-drained
		cmd.Wait()
		if t.Failed() {
			t.Logf("%v:\n%s", args, tail(log.String()))
		}
	})
	if err != nil {
		t.Fatalf("%v did not start: %q, %v", args, line, err)
	}
}

func tail(log string) string { return log[max(0, len(log)-4000):] }

// manage runs a management command and decodes what it prints.
func manage(t *testing.T, into any, args ...string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr.String())
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// client trusts the authority in a file; without a file it is what plain HTTP needs.
func client(t *testing.T, authority string) *http.Client {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 8
	t.Cleanup(transport.CloseIdleConnections)
	if authority != "" {
		pool, err := certificate.Pool(authority)
		if err != nil {
			t.Fatal(err)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport}
}
