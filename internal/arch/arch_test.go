package arch_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/easelhq/easel/internal/arch"
)

const module = "github.com/easelhq/easel"

func TestImports_pointDown(t *testing.T) {
	found, err := arch.Check(os.DirFS("../.."), module, arch.Rules)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

func TestCheck_catches(t *testing.T) {
	for _, tt := range []struct {
		name, path, src string
		want            []string // of each violation "line: what"
	}{
		{"pure package imports net/http", "webpubsub/a.go", `import "net/http"`,
			[]string{"3: ./webpubsub must not import net/http"}},
		{"pure package logs", "whiteboard/a.go", `import _ "log/slog"`,
			[]string{"3: ./whiteboard must not import log/slog"}},
		{"pure package imports a dependency", "webpubsub/internal/wire/a.go", `import "golang.org/x/text/unicode"`,
			[]string{"3: ./webpubsub/internal/wire must not import golang.org/x/text/unicode"}},
		{"pure package starts a goroutine", "webpubsub/internal/connection/a.go", "func f() {\n\tgo f()\n}",
			[]string{"4: ./webpubsub/internal/connection must not start a goroutine"}},
		{"pure package reads the clock", "whiteboard/a.go", "import \"time\"\nvar t = time.Now()",
			[]string{"4: ./whiteboard must not use time.Now"}},
		{"clock under another name", "whiteboard/a.go", "import clk \"time\"\nvar t = clk.NewTimer(clk.Second)",
			[]string{"4: ./whiteboard must not use time.NewTimer"}},
		{"clock without a name", "whiteboard/a.go", "import . \"time\"\nvar t = Now()",
			[]string{"3: ./whiteboard must not use time.* by a dot import"}},
		{"clock as a value", "whiteboard/a.go", "import \"time\"\nvar now = time.Now",
			[]string{"4: ./whiteboard must not use time.Now"}},
		{"service knows the board", "webpubsub/server/a.go", `import "github.com/easelhq/easel/whiteboard/room"`,
			[]string{"3: ./webpubsub/server must not import ./whiteboard/room"}},
		{"service knows the client", "webpubsub/server/a.go", `import "github.com/easelhq/easel/web"`,
			[]string{"3: ./webpubsub/server must not import ./web"}},
		{"web app knows the server", "whiteboard/app/a.go", `import "github.com/easelhq/easel/webpubsub/server"`,
			[]string{"3: ./whiteboard/app must not import ./webpubsub/server"}},
		{"web app knows the cluster", "whiteboard/room/a.go", `import "github.com/easelhq/easel/webpubsub/cluster/natsbus"`,
			[]string{
				"3: ./whiteboard/room must not import ./webpubsub/cluster/natsbus",
				"3: ./whiteboard/room must not import ./webpubsub/cluster/natsbus",
			}},
		{"SDK carries the server", "webpubsub/client/a.go", `import "github.com/easelhq/easel/webpubsub/server"`,
			[]string{"3: ./webpubsub/client must not import ./webpubsub/server"}},
		{"driver in a library", "examples/embed/a.go", `import _ "github.com/easelhq/easel/storage/sqlite"`,
			[]string{"3: ./examples/embed must not import ./storage/sqlite"}},
		{"database outside its adapter", "cmd/easel/a.go", `import _ "modernc.org/sqlite"`,
			[]string{"3: ./cmd/easel must not import modernc.org/sqlite"}},
		{"WebSocket library spreads", "whiteboard/app/a.go", `import "github.com/coder/websocket/wsjson"`,
			[]string{"3: ./whiteboard/app must not import github.com/coder/websocket/wsjson"}},
		{"protobuf outside its package", "webpubsub/internal/connection/a.go", `import "google.golang.org/protobuf/encoding/protowire"`,
			[]string{"3: ./webpubsub/internal/connection must not import google.golang.org/protobuf/encoding/protowire"}},
		{"generated protobuf", "webpubsub/internal/wire/a.go", `import "google.golang.org/protobuf/proto"`,
			[]string{"3: ./webpubsub/internal/wire must not import google.golang.org/protobuf/proto"}},
		{"product imports testing", "whiteboard/app/a.go", `import "testing"`,
			[]string{"3: ./whiteboard/app must not import testing"}},
		{"product imports a package for tests", "cmd/easel/a.go", "import (\n\t\"net/http/httptest\"\n\t\"github.com/easelhq/easel/storage/storagetest\"\n)",
			[]string{
				"4: ./cmd/easel must not import net/http/httptest",
				"5: ./cmd/easel must not import ./storage/storagetest",
			}},
		{"a file for another system", "whiteboard/a_windows.go", `import "os"`,
			[]string{"3: ./whiteboard must not import os"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := check(t, tt.path, tt.src); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestCheck_letsPass(t *testing.T) {
	for _, tt := range []struct{ name, path, src string }{
		{"durations in pure code", "whiteboard/a.go", "import \"time\"\nfunc f(t time.Time) bool { return t.After(t.Add(time.Second)) }"},
		{"a method called Now", "whiteboard/a.go", "type time struct{}\nfunc (time) Now() {}\nfunc f(t time) { t.Now() }"},
		{"a neighbour of a pure package", "webpubsub/server/a.go", "import \"net/http\"\nfunc f() { go http.ListenAndServe(\"\", nil) }"},
		{"a package whose name begins alike", "webpubsubs/a.go", `import "github.com/easelhq/easel/whiteboard"`},
		{"web app uses the SDKs", "whiteboard/app/a.go", `import "github.com/easelhq/easel/webpubsub/service"`},
		{"the command wires adapters", "cmd/easel/a.go", `import "github.com/easelhq/easel/storage/sqlite"`},
		{"an adapter uses its driver", "storage/sqlite/a.go", `import "modernc.org/sqlite"`},
		{"the codec uses protowire", "webpubsub/internal/wire/a.go", `import "google.golang.org/protobuf/encoding/protowire"`},
		{"a suite beside its interface", "storage/storagetest/a.go", `import "testing"`},
		{"a suite below a package for tests", "webpubsub/webpubsubtest/conformance/a.go", `import "testing"`},
		{"test files", "whiteboard/a_test.go", "import \"net/http\"\nfunc f() { go http.ListenAndServe(\"\", nil) }"},
		{"test data", "whiteboard/testdata/a.go", `import "net/http"`},
		{"dependencies of the web client", "web/node_modules/p/a.go", `import "testing"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := check(t, tt.path, tt.src); len(got) > 0 {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestCheck_leavesModulesWithinTheModuleAlone(t *testing.T) {
	tree := fstest.MapFS{
		"test/peers/go.mod":  {Data: []byte("module example.net/peers")},
		"test/peers/n/a.go":  {Data: []byte("package n\nimport \"github.com/nats-io/nats.go\"")},
		"test/others/n/a.go": {Data: []byte("package n\nimport \"github.com/nats-io/nats.go\"")},
	}
	got, err := arch.Check(tree, module, arch.Rules)
	if err != nil || len(got) != 1 || !strings.HasPrefix(got[0].Pos.Filename, "test/others") {
		t.Errorf("got %v, %v; want the one in test/others", got, err)
	}
}

func TestCheck_brokenSource_isAnError(t *testing.T) {
	tree := fstest.MapFS{"whiteboard/a.go": {Data: []byte("package")}}
	if _, err := arch.Check(tree, module, arch.Rules); err == nil || !strings.Contains(err.Error(), "whiteboard/a.go") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestRules_haveReasons(t *testing.T) {
	for _, r := range arch.Rules {
		if r.Because == "" || len(r.Packages) == 0 {
			t.Errorf("rule %v lacks packages or a reason", r)
		}
	}
}

// check returns the violations in one file of that source, which stands on line 3.
func check(t *testing.T, path, src string) []string {
	t.Helper()
	tree := fstest.MapFS{path: {Data: []byte("package p\n\n" + src + "\n")}}
	found, err := arch.Check(tree, module, arch.Rules)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range found {
		line, _, _ := strings.Cut(strings.TrimPrefix(v.String(), path+":"), " (")
		got = append(got, line)
	}
	return got
}
