package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/easelhq/easel/internal/bench"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

// benchCommand is one workload. Flags registers its own flags, and returns what they say once
// they have been read.
type benchCommand struct {
	name, summary string
	flags         func(f *benchFlags) func() bench.Workload
}

var benchCommands = []benchCommand{
	{"fan-out", "one publisher sends as fast as a group can receive", func(f *benchFlags) func() bench.Workload {
		w := bench.Fanout{}
		f.members(&w, 1000)
		f.IntVar(&w.InFlight, "in-flight", 16, "messages on their way; one more is sent when one has reached every member")
		return func() bench.Workload { return w }
	}},
	{"rate", "one publisher sends to a group at a rate", func(f *benchFlags) func() bench.Workload {
		w := bench.Fanout{}
		f.members(&w, 1000)
		f.Float64Var(&w.Rate, "rate", 50, "messages a second")
		return func() bench.Workload { return w }
	}},
	{"groups", "many small groups, each member of which sends", func(f *benchFlags) func() bench.Workload {
		w := bench.Groups{}
		f.IntVar(&w.Groups, "groups", 1000, "groups")
		f.IntVar(&w.Members, "members", 10, "members of each group")
		f.Float64Var(&w.Rate, "rate", 1, "messages a second of each member")
		f.size(&w.Size, 128)
		return func() bench.Workload { return w }
	}},
	{"slow", "a member that never reads: what the others notice of it", func(f *benchFlags) func() bench.Workload {
		w := bench.Slow{}
		f.IntVar(&w.Members, "members", 20, "members of the group, besides the one that never reads")
		f.size(&w.Size, 8<<10)
		f.Float64Var(&w.Rate, "rate", 1000, "messages a second")
		f.IntVar(&w.Windows, "windows", 8, "how often it is measured without such a member and with one, by turns, each for --duration")
		return func() bench.Workload { return w }
	}},
	{"idle", "memory and CPU time of connections that do nothing", func(f *benchFlags) func() bench.Workload {
		w := bench.Idle{}
		f.IntVar(&w.Connections, "connections", 5000, "connections")
		f.DurationVar(&w.Settle, "settle", 5*time.Second, "how long the server may tidy up before its memory is read")
		return func() bench.Workload { return w }
	}},
	{"storm", "many clients connect at once, each with a token", func(f *benchFlags) func() bench.Workload {
		w := bench.Storm{}
		f.IntVar(&w.Connections, "connections", 10_000, "clients")
		f.IntVar(&w.AtOnce, "at-once", 128, "handshakes on their way")
		return func() bench.Workload { return w }
	}},
	{"rest", "an app server sends over the REST API", func(f *benchFlags) func() bench.Workload {
		w := bench.REST{}
		f.BoolVar(&w.Groups, "to-groups", false, "send to groups, not to users")
		f.IntVar(&w.Targets, "targets", 100, "users, each with one connection, or groups")
		f.IntVar(&w.Members, "members", 10, "members of each group")
		f.IntVar(&w.AtOnce, "at-once", 16, "requests on their way, each on a connection of its own")
		f.size(&w.Size, 128)
		return func() bench.Workload {
			if !w.Groups {
				w.Members = 1
			}
			return w
		}
	}},
	{"echo", "events that a handler answers", func(f *benchFlags) func() bench.Workload {
		w := bench.Echo{}
		f.IntVar(&w.Clients, "connections", 100, "clients")
		f.IntVar(&w.InFlight, "in-flight", 4, "events of each client on their way")
		f.size(&w.Size, 128)
		f.StringVar(&w.Listen, "listen", "127.0.0.1:0", "where this command answers the events, as the hub's only handler meanwhile; empty leaves them to the handler that the hub has (default for a server that is no easel)")
		return func() bench.Workload {
			if f.target.Server != "easel" && !f.given("listen") {
				w.Listen = ""
			}
			return w
		}
	}},
	{"commits", "people who draw on boards of a whiteboard; the boards stay", func(f *benchFlags) func() bench.Workload {
		w := bench.Commits{}
		f.IntVar(&w.Boards, "boards", 100, "boards")
		f.IntVar(&w.Writers, "writers", 1000, "people, evenly on all boards")
		return func() bench.Workload { return w }
	}},
	{"diagram", "opening a large board of a whiteboard; the board stays", func(f *benchFlags) func() bench.Workload {
		w := bench.Diagram{}
		f.IntVar(&w.Shapes, "shapes", 50_000, "strokes on it")
		return func() bench.Workload { return w }
	}},
}

func (c benchCommand) command() command {
	return command{"bench " + c.name, "measure: " + c.summary, func(p *program, ctx context.Context, args []string) error {
		return p.bench(ctx, c, args)
	}}
}

// benchFlags are common to all workloads.
type benchFlags struct {
	*manageFlags
	target  bench.Target
	options bench.Options
	json    bool
}

func (f *benchFlags) members(w *bench.Fanout, n int) {
	f.IntVar(&w.Members, "members", n, "members of the group")
	f.size(&w.Size, 128)
}

func (f *benchFlags) size(to *int, n int) {
	f.IntVar(to, "size", n, fmt.Sprintf("bytes of a message, at least %d", bench.MinSize))
}

func (p *program) benchFlags(c benchCommand) *benchFlags {
	f := &benchFlags{manageFlags: p.manageFlags("bench "+c.name, c.summary)}
	f.Lookup("output").DefValue, f.Lookup("o").DefValue, f.output = "table", "table", "table"
	f.StringVar(&f.target.Server, "server", "easel", "what the server speaks: "+strings.Join(bench.Servers, ", "))
	f.StringVar(&f.target.URL, "url", "", "address of a server that is no easel, such as ws://localhost:8000 (http:// for a plain web server), or of the whiteboard (default: where its service is)")
	f.StringVar(&f.target.Secret, "secret", "", "key to sign tokens with for a server that is no easel; empty is without tokens")
	f.StringVar(&f.target.Hub, "hub-name", "bench", "name of the hub")
	f.BoolVar(&f.target.Protobuf, "protobuf", false, "speak protobuf.webpubsub.azure.v1 in the place of JSON")
	f.IntVar(&f.target.PID, "pid", 0, "the server's process on this machine, to read its CPU time and memory (default: that of the data folder)")
	f.DurationVar(&f.options.Duration, "duration", 5*time.Second, "how long to measure")
	f.DurationVar(&f.options.Warmup, "warmup", 2*time.Second, "how long to send before that")
	f.BoolVar(&f.json, "json", false, "the same as --output json")
	return f
}

// bench runs a workload against the service to be managed, or another server.
func (p *program) bench(ctx context.Context, c benchCommand, args []string) error {
	f := p.benchFlags(c)
	workload := c.flags(f)
	if err := f.parse(args); err != nil {
		return err
	}
	if f.json {
		f.output = "json"
	}
	if err := f.find(ctx); err != nil {
		return err
	}
	done := f.progress()
	r, err := bench.Run(ctx, workload(), f.target, f.options)
	done()
	if err != nil {
		return fmt.Errorf("bench %s: %w", c.name, err)
	}
	return f.print(r, append([][]string{{"FIGURE", "VALUE"}}, r.Rows()...))
}

// find completes the target.
func (f *benchFlags) find(ctx context.Context) error {
	if f.target.Server != "easel" {
		if f.target.URL == "" {
			return usagef("--url is missing: it says where the %s server is", f.target.Server)
		}
		return nil
	}
	if _, err := webpubsub.ParseHubName(f.target.Hub); err != nil {
		return usagef("--hub-name: %s", webpubsub.MessageOf(err))
	}
	t, err := f.reach(ctx)
	if err != nil {
		return err
	}
	f.target.ConnectionString = t.connectionString
	f.target.App = f.target.URL
	if cs, err := token.ParseConnectionString(t.connectionString); err == nil && f.target.App == "" {
		f.target.App = cs.Endpoint
	}
	if t.options != nil {
		if trusts, ok := t.options.Transport.(*http.Transport); ok {
			f.target.TLS = trusts.TLSClientConfig
		}
	}
	if f.target.PID == 0 && f.connectionString == "" {
		a, err := announced(f.data)
		if err != nil {
			return err
		}
		f.target.PID = a.PID
	}
	return nil
}

// progress makes the run report: on a terminal one line that changes, else lines. Done ends it.
func (f *benchFlags) progress() (done func()) {
	w := f.program.stderr
	if !isTerminal(w) {
		f.options.Report = func(line string) { fmt.Fprintln(w, line) }
		return func() {}
	}
	const clear = "\r\x1b[K"
	f.options.Report = func(line string) { fmt.Fprint(w, clear+line) }
	return func() { fmt.Fprint(w, clear) }
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
