package crash_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

var binary string

// TestMain builds the program once.
func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "easel-crash-")
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

// process is a running program.
type process struct {
	cmd *exec.Cmd
	url string
	log *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var urlPattern = regexp.MustCompile(`http://[\w.]+:\d+`)

// startProcess starts the program and waits until it says where it listens.
func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary, args...), log: &lockedBuffer{}}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	check(t, err)
	check(t, p.cmd.Start())
	t.Cleanup(func() {
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.cmd.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", args[0], p.log)
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if p.url = urlPattern.FindString(lines.Text()); p.url != "" {
			go io.Copy(p.log, out)
			return p
		}
	}
	t.Fatalf("%v did not start:\n%s", args, p.log)
	return nil
}

// kill ends the program as a power cut would.
func (p *process) kill(t *testing.T) {
	t.Helper()
	check(t, p.cmd.Process.Kill())
	p.cmd.Wait()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// link is a board's address and secret, in the browser of someone.
type link struct {
	board, secret string
	client        *http.Client
}

// in returns the link as someone else has it, who is then another person.
func (l link) in(t *testing.T) link {
	t.Helper()
	jar, err := cookiejar.New(nil)
	check(t, err)
	l.client = &http.Client{Timeout: patience, Jar: jar}
	return l
}

// newBoard makes a board.
func newBoard(t *testing.T, url string) link {
	t.Helper()
	res, err := http.Post(url+"/boards", "application/json", strings.NewReader("{}"))
	check(t, err)
	defer res.Body.Close()
	var b struct {
		ID    string
		Links struct{ Edit string }
	}
	check(t, json.NewDecoder(res.Body).Decode(&b))
	_, secret, _ := strings.Cut(b.Links.Edit, "#")
	return link{board: b.ID, secret: secret}.in(t)
}

// get fetches a resource of a board.
func get(url string, l link, v any) error {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+l.secret)
	res, err := l.client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s: %d %s", url, res.StatusCode, b)
	}
	return json.NewDecoder(res.Body).Decode(v)
}
