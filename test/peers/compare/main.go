// Command compare runs Easel and its peers in turns under the workloads of easel bench, each
// server alone and freshly started, and prints tables of medians. It is started in the folder
// test/peers, by make bench-peers.
//
// The server runs on one core and the generator on another, where taskset can say so. Results
// are added to a file, each with the name of its run: a run can be made in several turns, and a
// table holds figures of one run only. On a virtual machine, a measurement during which other
// machines took too much of a core is made again; what the server did has no part in that.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"github.com/easelhq/easel/internal/bench"
)

// measurement is one run of one row on one server.
type measurement struct {
	Run    string        `json:"run"`
	At     time.Time     `json:"at"`
	Row    string        `json:"row"`
	Server string        `json:"server"`
	Error  string        `json:"error,omitempty"`
	Result *bench.Result `json:"result,omitempty"`
}

type options struct {
	bin, easel           string
	duration, warmup     time.Duration
	serverCPU, clientCPU string
	stolen               float64
	again                int
}

func main() {
	log.SetFlags(log.Ltime)
	rowNames := flag.String("rows", "", "rows to measure, separated by commas; empty is all")
	serverNames := flag.String("servers", "", "servers to measure, separated by commas; empty is all")
	runs := flag.Int("runs", 3, "how often each is measured")
	file := flag.String("results", "results.json", "file that results are added to")
	run := flag.String("run", "", "name of the run; one that is there is continued (default: the time, and for tables the latest)")
	limit := flag.Duration("limit", 0, "begin nothing that is not likely to be done after so long; 0 is no limit")
	plan := flag.Bool("plan", false, "print what is still to be measured, and how long that takes; measure nothing")
	tables := flag.Bool("tables", false, "print tables of the results, measure nothing")
	full := flag.Bool("full", false, "print a table of all figures for each row, in the place of those of docs/performance.md")
	into := flag.String("into", "", "file whose part between "+startMark+" and "+endMark+" becomes the tables")
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "folder with easel and the peers, built")
	flag.DurationVar(&o.duration, "duration", 3*time.Second, "how long each run measures, unless its row says more")
	flag.DurationVar(&o.warmup, "warmup", time.Second, "how long each run sends before that")
	flag.StringVar(&o.easel, "easel", "", "another easel to measure, such as an earlier one; empty is the one that measures")
	flag.StringVar(&o.serverCPU, "server-cpu", "0", "core that servers run on; empty is any")
	flag.StringVar(&o.clientCPU, "client-cpu", "1", "core that the generator runs on; empty is any")
	flag.Float64Var(&o.stolen, "stolen", 0.05, "part of one core above which what other virtual machines took spoils a measurement")
	flag.IntVar(&o.again, "again", 2, "how often a spoilt measurement is made again, at most; the least spoilt one counts")
	flag.Parse()
	some, err := chosen(*rowNames)
	check(err)
	on, err := chosenServers(*serverNames)
	check(err)
	all, err := load(*file)
	check(err)
	if *run == "" {
		*run = time.Now().UTC().Format(time.RFC3339)
		if *tables && len(all) > 0 {
			*run = all[len(all)-1].Run
		}
	}
	if !*tables {
		left := o.missing(all, *run, some, on, *runs)
		if *plan {
			printPlan(os.Stdout, left)
			return
		}
		o.pin()
		all = o.measureAll(left, all, *file, *run, *limit)
	}
	var ofRun []measurement
	for _, m := range all {
		if m.Run == *run {
			ofRun = append(ofRun, m)
		}
	}
	text := summary(ofRun)
	if *full {
		text = details(ofRun, some)
	}
	if *into != "" {
		check(writeInto(*into, text))
		return
	}
	fmt.Print(text)
}

// pin forgets about cores where they cannot be chosen.
func (o *options) pin() {
	if _, err := exec.LookPath("taskset"); err != nil && o.serverCPU+o.clientCPU != "" {
		log.Print("taskset is not here: server and generator share the cores")
		o.serverCPU, o.clientCPU = "", ""
	}
}

// measureAll measures what is left, as far as the limit allows.
func (o options) measureAll(left []task, all []measurement, file, run string, limit time.Duration) []measurement {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	began := time.Now()
	for i, t := range left {
		if ctx.Err() != nil {
			return all
		}
		if limit > 0 && time.Since(began)+t.takes > limit {
			log.Printf("%d of %d measurements are left: go on with -run %s", len(left)-i, len(left), run)
			return all
		}
		best := o.measure(ctx, t.row, t.server)
		for range o.again {
			if best.Result == nil || best.Result.Stolen <= o.stolen || limit > 0 && time.Since(began)+t.takes > limit {
				break
			}
			log.Printf("%-18s %-12s again: other machines took %.0f %% of a core", t.row.name, t.server.name, 100*best.Result.Stolen)
			if next := o.measure(ctx, t.row, t.server); next.Result == nil || next.Result.Stolen < best.Result.Stolen {
				best = next
			}
		}
		if ctx.Err() != nil {
			return all // what was interrupted is no failure of the server
		}
		best.Run, best.At = run, time.Now().UTC().Truncate(time.Second)
		log.Printf("%-18s %-12s %s", best.Row, best.Server, best.brief())
		all = append(all, best)
		check(save(file, all))
	}
	return all
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func load(file string) (all []measurement, err error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	return all, err
}

// save replaces the file, so that what has been measured is never lost half way.
func save(file string, all []measurement) error {
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", b, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

func (m measurement) brief() string {
	if m.Error != "" {
		return m.Error
	}
	r := m.Result
	if r.Unit == "starts" {
		return fmt.Sprintf("%.0f ms", 1000*r.Seconds)
	}
	if r.BytesPerConnection != nil {
		return fmt.Sprintf("%.0f bytes for each of %d, %.1f %% of a core", *r.BytesPerConnection, r.Count, 100*r.CPUShare)
	}
	text := fmt.Sprintf("%.0f %s/s, %.2f µs", r.PerSecond, r.Unit, r.CPUPerMillion)
	if r.Latency != nil {
		text += fmt.Sprintf(", p50 %.1f, p99 %.1f ms", r.Latency.P50, r.Latency.P99)
	}
	if s := r.Slow; s != nil {
		text += fmt.Sprintf(", chance %.2f, %d closed", s.Chance, s.Closed)
	}
	if r.Stolen >= 0.01 {
		text += fmt.Sprintf(" (%.0f %% taken)", 100*r.Stolen)
	}
	return text
}
