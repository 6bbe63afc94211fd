package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/easelhq/easel/internal/bench"
)

// details are a table of all figures for each row that has results.
func details(all []measurement, some []row) string {
	var w strings.Builder
	for _, r := range some {
		var lines []line
		for _, s := range servers {
			if l, ok := medians(all, r, s); ok {
				lines = append(lines, l)
			}
		}
		if len(lines) == 0 {
			continue
		}
		fmt.Fprintf(&w, "\n### %s: %s\n\n", r.name, r.title)
		columns := columnsOf(lines)
		fmt.Fprint(&w, "| server |")
		for _, c := range columns {
			fmt.Fprintf(&w, " %s |", c.title(lines))
		}
		fmt.Fprint(&w, "\n|---|")
		for range columns {
			fmt.Fprint(&w, "---:|")
		}
		fmt.Fprintln(&w)
		for _, l := range lines {
			l.write(&w, columns)
		}
	}
	return w.String()
}

// line is the results of one server in one row.
type line struct {
	server server
	good   []*bench.Result
	failed int
	err    string // of the last that failed
}

func medians(all []measurement, r row, s server) (l line, ok bool) {
	l.server = s
	for _, m := range all {
		switch {
		case m.Row != r.name || m.Server != s.name:
		case m.Error != "":
			l.failed, l.err = l.failed+1, m.Error
		default:
			l.good = append(l.good, m.Result)
		}
	}
	return l, len(l.good)+l.failed > 0
}

func (l line) write(w io.Writer, columns []column) {
	fmt.Fprintf(w, "| %s |", l.server.title)
	if len(l.good) == 0 {
		fmt.Fprintf(w, " failed: %.80s |\n", l.err)
		return
	}
	for _, c := range columns {
		if v, ok := l.median(c); ok {
			fmt.Fprintf(w, " "+c.format+" |", v)
		} else {
			fmt.Fprint(w, " |")
		}
	}
	if l.failed > 0 {
		fmt.Fprintf(w, " (%d of %d runs failed)", l.failed, l.failed+len(l.good))
	}
	fmt.Fprintln(w)
}

func (l line) median(c column) (float64, bool) {
	var values []float64
	for _, r := range l.good {
		if v, ok := c.value(r); ok {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2, true
	}
	return values[middle], true
}

// column is one figure of a result.
type column struct {
	name, format string
	value        func(r *bench.Result) (float64, bool)
}

func (c column) title(lines []line) string {
	unit := "things"
	for _, l := range lines {
		for _, r := range l.good {
			unit = r.Unit
		}
	}
	if c.name != perSecond {
		return c.name
	}
	return unit + "/s"
}

func present(v float64) (float64, bool) { return v, v != 0 }

func latency(l *bench.Latency, of func(*bench.Latency) float64) (float64, bool) {
	if l == nil {
		return 0, false
	}
	return of(l), true
}

func p50(l *bench.Latency) float64 { return l.P50 }
func p95(l *bench.Latency) float64 { return l.P95 }
func p99(l *bench.Latency) float64 { return l.P99 }

// perSecond is the column named after what is counted.
const perSecond = "/s"

var columns = []column{
	{perSecond, "%.0f", func(r *bench.Result) (float64, bool) { return present(r.PerSecond) }},
	{"CPU µs each", "%.2f", func(r *bench.Result) (float64, bool) { return present(r.CPUPerMillion) }},
	{"p50 ms", "%.2f", func(r *bench.Result) (float64, bool) { return latency(r.Latency, p50) }},
	{"p95 ms", "%.1f", func(r *bench.Result) (float64, bool) { return latency(r.Latency, p95) }},
	{"p99 ms", "%.1f", func(r *bench.Result) (float64, bool) { return latency(r.Latency, p99) }},
	{"p99 ms in the generator", "%.1f", func(r *bench.Result) (float64, bool) { return latency(r.Waits, p99) }},
	{"p99 ms without", "%.1f", func(r *bench.Result) (float64, bool) { return latency(r.Without, p99) }},
	{"answer p99 ms", "%.1f", func(r *bench.Result) (float64, bool) { return latency(r.Answers, p99) }},
	{"bytes each", "%.0f", func(r *bench.Result) (float64, bool) {
		if r.BytesPerConnection == nil {
			return 0, false
		}
		return *r.BytesPerConnection, true
	}},
	{"CPU %", "%.1f", func(r *bench.Result) (float64, bool) {
		return 100 * r.CPUShare, r.CPUShare != 0 || r.BytesPerConnection != nil
	}},
	{"generator CPU %", "%.0f", func(r *bench.Result) (float64, bool) { return present(100 * r.GeneratorShare) }},
	{"taken by other machines %", "%.0f", func(r *bench.Result) (float64, bool) { return present(100 * r.Stolen) }},
	{"memory MiB", "%.0f", func(r *bench.Result) (float64, bool) { return present(float64(r.Resident) / (1 << 20)) }},
	{"start ms", "%.0f", func(r *bench.Result) (float64, bool) { return 1000 * r.Seconds, r.Workload == "start" }},
}

// columnsOf are those in which a line has a figure.
func columnsOf(lines []line) (some []column) {
	for _, c := range columns {
		if slices.ContainsFunc(lines, func(l line) bool { _, ok := l.median(c); return ok }) {
			some = append(some, c)
		}
	}
	return some
}
