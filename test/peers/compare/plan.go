package main

import (
	"cmp"
	"fmt"
	"io"
	"time"
)

// task is one measurement to be made, and about how long it takes.
type task struct {
	row    row
	server server
	takes  time.Duration
}

// missing are the measurements that a run doesn't have yet: all rows once, the servers of each
// by turns, then all once more, so that what changes with time changes for all.
func (o options) missing(all []measurement, run string, some []row, on []server, runs int) (left []task) {
	type key struct{ row, server string }
	have := map[key]int{}
	for _, m := range all {
		if m.Run == run {
			have[key{m.Row, m.Server}]++
		}
	}
	for n := range runs {
		for _, r := range some {
			for _, s := range on {
				if r.takes(s) && n < cmp.Or(r.runs, runs) && have[key{r.name, s.name}] <= n {
					left = append(left, task{r, s, o.estimate(r, s)})
				}
			}
		}
	}
	return left
}

// estimate is about how long a measurement takes.
func (o options) estimate(r row, s server) time.Duration {
	const startAndEnd = 800 * time.Millisecond
	if len(r.args) == 0 {
		return startAndEnd / 2
	}
	connect := time.Duration(r.connections) * time.Second / time.Duration(s.connects)
	measure := max(1, time.Duration(r.windows))*cmp.Or(r.duration, o.duration) + o.warmup
	if r.shows == handshakes {
		measure = 0
	}
	return startAndEnd + connect + measure + r.rest
}

func printPlan(w io.Writer, left []task) {
	total := time.Duration(0)
	for i, t := range left {
		total += t.takes
		if last := i == len(left)-1 || left[i+1].row.name != t.row.name; last {
			fmt.Fprintf(w, "%-18s done after %4.0f s\n", t.row.name, total.Seconds())
		}
	}
	fmt.Fprintf(w, "%d measurements, about %.1f minutes, and more when some are spoilt\n", len(left), total.Minutes())
}
