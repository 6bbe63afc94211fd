// Command compare runs Easel and its peers in turns under the workloads of easel bench, each
// server alone and freshly started, and prints tables of medians. It is started in the folder
// test/peers, by make bench-peers.
//
// The server runs on one core and the generator on another, where taskset can say so. Results
// are added to a file, so that a comparison can be made in several turns.
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
	Row    string        `json:"row"`
	Server string        `json:"server"`
	Error  string        `json:"error,omitempty"`
	Result *bench.Result `json:"result,omitempty"`
}

type options struct {
	bin, easel           string
	duration, warmup     time.Duration
	serverCPU, clientCPU string
}

func main() {
	log.SetFlags(0)
	rowNames := flag.String("rows", "", "rows to measure, separated by commas; empty is all")
	serverNames := flag.String("servers", "", "servers to measure, separated by commas; empty is all")
	runs := flag.Int("runs", 3, "how often each is measured")
	file := flag.String("results", "results.json", "file that results are added to")
	tables := flag.Bool("tables", false, "print tables of the results, measure nothing")
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "folder with easel and the peers, built")
	flag.DurationVar(&o.duration, "duration", 5*time.Second, "how long each run measures")
	flag.DurationVar(&o.warmup, "warmup", 2*time.Second, "how long each run sends before that")
	flag.StringVar(&o.easel, "easel", "", "another easel to measure, such as an earlier one; empty is the one that measures")
	flag.StringVar(&o.serverCPU, "server-cpu", "0", "core that servers run on; empty is any")
	flag.StringVar(&o.clientCPU, "client-cpu", "1", "core that the generator runs on; empty is any")
	flag.Parse()
	some, err := chosen(*rowNames)
	check(err)
	on, err := chosenServers(*serverNames)
	check(err)
	all, err := load(*file)
	check(err)
	if _, err := exec.LookPath("taskset"); err != nil && o.serverCPU+o.clientCPU != "" {
		log.Print("taskset is not here: server and generator share the cores")
		o.serverCPU, o.clientCPU = "", ""
	}
	if !*tables {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		for _, r := range some {
			for range *runs {
				for _, s := range on {
					if !r.takes(s) || ctx.Err() != nil {
						continue
					}
					m := o.measure(ctx, r, s)
					log.Printf("%-18s %-12s %s", m.Row, m.Server, m.brief())
					all = append(all, m)
					check(save(*file, all))
				}
			}
		}
	}
	print(os.Stdout, all, some)
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

func save(file string, all []measurement) error {
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}

func (m measurement) brief() string {
	if m.Error != "" {
		return m.Error
	}
	r := m.Result
	if r.Unit == "starts" {
		return fmt.Sprintf("%.0f ms", 1000*r.Seconds)
	}
	text := fmt.Sprintf("%.0f %s/s, %.2f µs", r.PerSecond, r.Unit, r.CPUPerMillion)
	if r.Latency != nil {
		text += fmt.Sprintf(", p50 %.1f, p99 %.1f ms", r.Latency.P50, r.Latency.P99)
	}
	if r.BytesPerConnection != nil {
		text += fmt.Sprintf(", %.0f bytes each", *r.BytesPerConnection)
	}
	return text
}
