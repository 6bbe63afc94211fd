package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/easelhq/easel/internal/bench"
)

// shows says in which table of the summary a row is, and with which figures.
type shows int

const (
	deliveries shows = iota
	handshakes
	bytesEach
	requests
	alternation
	alone
)

// cell is what a table says of one server in one row.
func (k shows) cell(l line) string {
	switch k {
	case deliveries:
		return l.figures(thousands, perSecondOf, cpuEach, p99Of)
	case handshakes:
		return l.figures(plain, perSecondOf, cpuEach)
	case bytesEach:
		return l.figures(plain, bytesOf)
	case requests:
		return l.figures(plain, perSecondOf, cpuEach, answerP99)
	}
	return ""
}

// Figures of a result; false where it has none.
func perSecondOf(r *bench.Result) (float64, bool) { return present(r.PerSecond) }
func cpuEach(r *bench.Result) (float64, bool)     { return present(r.CPUPerMillion) }
func p99Of(r *bench.Result) (float64, bool)       { return latency(r.Latency, p99) }

func answerP99(r *bench.Result) (float64, bool) {
	if r.Answers != nil {
		return latency(r.Answers, p99)
	}
	return p99Of(r)
}

func bytesOf(r *bench.Result) (float64, bool) {
	if r.BytesPerConnection == nil {
		return 0, false
	}
	return *r.BytesPerConnection, true
}

// figures are the medians of a line, the first in a form of its own.
func (l line) figures(form func(float64) string, of ...func(*bench.Result) (float64, bool)) string {
	if len(l.good) == 0 {
		return "failed"
	}
	var all []string
	for _, value := range of {
		if v, ok := l.median(column{value: value}); ok {
			all = append(all, form(v))
		}
		form = plain
	}
	text := strings.Join(all, " · ")
	if l.failed > 0 {
		text += fmt.Sprintf(" (%d of %d runs failed)", l.failed, l.failed+len(l.good))
	}
	return text
}

// plain shows three digits of a number, and thousands apart.
func plain(v float64) string {
	if v == 0 {
		return "0"
	}
	step := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	v = math.Round(v/step) * step
	if math.Abs(v) < 100 {
		decimals := max(0, int(math.Round(-math.Log10(step))))
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', min(decimals, 2), 64), ".0")
	}
	text := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}

func thousands(v float64) string {
	if v < 1000 {
		return plain(v)
	}
	return plain(v/1000) + " k"
}

// sheet is one table of the summary: rows of the same kind, with a column for each server.
type sheet struct {
	kind  shows
	title string // of the first column
	words string // before the table
}

var sheets = []sheet{
	{deliveries, "deliveries/s · CPU µs each · p99 ms", ""},
	{handshakes, "handshakes/s · CPU µs each", ""},
	{bytesEach, "resident bytes for each connection", ""},
	{requests, "requests/s · CPU µs each · p99 ms", ""},
}

// summary is what docs/performance.md shows.
func summary(all []measurement) string {
	var w strings.Builder
	for _, s := range sheets {
		s.write(&w, all)
	}
	writeAlternation(&w, all)
	writeAlone(&w, all)
	writeConditions(&w, all)
	return w.String()
}

func (s sheet) write(w *strings.Builder, all []measurement) {
	cells, seen := map[string]map[string]string{}, map[string]bool{}
	for _, r := range rows {
		if r.shows != s.kind {
			continue
		}
		for _, on := range servers {
			if l, ok := medians(all, r, on); ok {
				if cells[r.name] == nil {
					cells[r.name] = map[string]string{}
				}
				at := cmp.Or(on.column, on.name)
				cells[r.name][at] = s.kind.cell(l)
				seen[at] = true
			}
		}
	}
	if len(seen) == 0 {
		return
	}
	fmt.Fprintf(w, "\n| %s |", s.title)
	for _, on := range servers {
		if seen[on.name] {
			fmt.Fprintf(w, " %s |", on.title)
		}
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---:|", len(seen)))
	for _, r := range rows {
		if cells[r.name] == nil || r.shows != s.kind {
			continue
		}
		fmt.Fprintf(w, "| %s |", r.title)
		for _, on := range servers {
			if seen[on.name] {
				fmt.Fprintf(w, " %s |", cmp.Or(cells[r.name][on.name], "–"))
			}
		}
		fmt.Fprintln(w)
	}
}

func writeAlternation(w *strings.Builder, all []measurement) {
	head := "\n| a member that never reads, p99 ms | without: median (from–to) | with: median (from–to) | chance of such a difference by accident | closed by the server |\n|---|---:|---:|---:|---:|\n"
	for _, m := range all {
		if m.Result == nil || m.Result.Slow == nil {
			continue
		}
		s, name := m.Result.Slow, m.Server
		if i := slices.IndexFunc(servers, func(s server) bool { return s.name == m.Server }); i >= 0 {
			name = servers[i].title
		}
		closed := fmt.Sprintf("%d of %d", s.Closed, len(s.With))
		for _, cause := range slices.Sorted(maps.Keys(s.Causes)) {
			closed += fmt.Sprintf(", %s", cause)
		}
		fmt.Fprintf(w, "%s| %s | %s | %s | %.2f | %s |\n", head, name, spread(s.Without), spread(s.With), s.Chance, closed)
		head = ""
	}
}

func spread(p99 []float64) string {
	sorted := slices.Sorted(slices.Values(p99))
	if len(sorted) == 0 {
		return "–"
	}
	middle := (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
	return fmt.Sprintf("%s (%s–%s)", plain(middle), plain(sorted[0]), plain(sorted[len(sorted)-1]))
}

func writeAlone(w *strings.Builder, all []measurement) {
	head := "\n| Easel alone | figure | CPU µs each |\n|---|---:|---:|\n"
	for _, r := range rows {
		for _, s := range servers {
			l, ok := medians(all, r, s)
			if r.shows != alone || !ok {
				continue
			}
			fmt.Fprintf(w, "%s| %s | %s |\n", head, r.title, l.alone())
			head = ""
		}
	}
}

// alone is the figure of a row that has no peers, and what each of what it counts costs.
func (l line) alone() string {
	if len(l.good) == 0 {
		return "failed |"
	}
	r := l.good[0]
	each := l.figures(plain, cpuEach)
	switch {
	case r.Unit == "starts":
		v, _ := l.median(column{value: func(r *bench.Result) (float64, bool) { return 1000 * r.Seconds, true }})
		return plain(v) + " ms | "
	case r.BytesPerConnection != nil:
		return fmt.Sprintf("%s bytes each, %.1f %% of a core | ", plain(*r.BytesPerConnection), 100*r.CPUShare)
	case r.Note != "":
		return fmt.Sprintf("%s; p50 %s, p95 %s ms | ", r.Note, plain(r.Latency.P50), plain(r.Latency.P95))
	}
	per := l.figures(plain, perSecondOf)
	if r.Unit == "deliveries" {
		per = l.figures(thousands, perSecondOf)
	}
	v, _ := l.median(column{value: func(r *bench.Result) (float64, bool) { return latency(r.Latency, p95) }})
	return fmt.Sprintf("%s %s/s, p95 %s ms | %s", per, r.Unit, plain(v), each)
}

// writeConditions says how the figures came about, and what failed.
func writeConditions(w *strings.Builder, all []measurement) {
	if len(all) == 0 {
		fmt.Fprintln(w, "nothing has been measured")
		return
	}
	most := map[string]int{}
	taken, spoilt := 0.0, 0
	failures := map[string]bool{}
	for _, m := range all {
		most[m.Row+" "+m.Server]++
		if m.Error != "" {
			failures[fmt.Sprintf("- %s, %s: %.160s", m.Row, m.Server, m.Error)] = true
		} else if taken = max(taken, m.Result.Stolen); m.Result.Stolen > 0.05 {
			spoilt++
		}
	}
	runs := slices.Sorted(maps.Values(most))
	fmt.Fprintf(w, "\nRun %s, until %s: medians of up to %d, in turns. ", all[0].Run, all[len(all)-1].At.Format("15:04"), runs[len(runs)-1])
	fmt.Fprintf(w, "Other virtual machines took more than 5 %% of a core from %d of %d measurements, at most %.0f %%.\n", spoilt, len(all), 100*taken)
	rate := rows[slices.IndexFunc(rows, func(r row) bool { return r.name == "rate" })]
	var parts []string
	for _, s := range servers {
		l, _ := medians(all, rate, s)
		if v, ok := l.median(column{value: func(r *bench.Result) (float64, bool) { return latency(r.Waits, p99) }}); ok {
			parts = append(parts, s.title+" "+plain(v))
		}
	}
	if len(parts) > 0 {
		fmt.Fprintf(w, "\nAt 50 messages/s, bytes waited for the generator to read them, p99 in ms: %s.\n", strings.Join(parts, ", "))
	}
	if len(failures) > 0 {
		fmt.Fprintf(w, "\nFailed:\n\n%s\n", strings.Join(slices.Sorted(maps.Keys(failures)), "\n"))
	}
}

// startMark and endMark are around the tables in a document.
const (
	startMark = "<!-- tables -->"
	endMark   = "<!-- end of tables -->"
)

// writeInto puts text between the marks of a file.
func writeInto(file, text string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(b, []byte(startMark))
	_, after, ok2 := bytes.Cut(rest, []byte(endMark))
	if !ok || !ok2 {
		return fmt.Errorf("%s has no %s … %s", file, startMark, endMark)
	}
	return os.WriteFile(file, slices.Concat(before, []byte(startMark+"\n"+text+"\n"+endMark), after), 0o644)
}
