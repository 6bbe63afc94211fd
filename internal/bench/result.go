package bench

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Result is what a run has measured. What a workload doesn't measure is absent.
type Result struct {
	Workload string `json:"workload"`
	Server   string `json:"server"`
	// Parameters are the workload's own.
	Parameters map[string]float64 `json:"parameters"`
	// Seconds is how long was measured.
	Seconds float64 `json:"seconds"`
	// Count is how many deliveries, requests, events or handshakes that were, in the
	// word that Unit is, and PerSecond how many a second.
	Unit      string  `json:"unit"`
	Count     uint64  `json:"count"`
	PerSecond float64 `json:"perSecond"`
	// CPU is the seconds of CPU the server used, CPUShare the part of one core that is,
	// and CPUPerMillion what a million of Unit cost.
	CPU           float64 `json:"cpuSeconds,omitempty"`
	CPUShare      float64 `json:"cpuShare,omitempty"`
	CPUPerMillion float64 `json:"cpuSecondsPerMillion,omitempty"`
	// GeneratorShare is the part of one core that the generator used: near 1 it, and not
	// the server, may be what limits PerSecond.
	GeneratorShare float64 `json:"generatorShare,omitempty"`
	// Stolen is how much of one core other virtual machines took from this one meanwhile.
	Stolen float64 `json:"stolen,omitempty"`
	// Latency is from sending to reading. Waits is the part of it that bytes, already in this
	// machine's kernel, waited for the generator to read them, as some connections tell.
	Latency *Latency `json:"latency,omitempty"`
	Waits   *Latency `json:"waits,omitempty"`
	// Resident is the server's memory at the end, in bytes, and BytesPerConnection what
	// each connection added.
	Resident           int64    `json:"residentBytes,omitempty"`
	BytesPerConnection *float64 `json:"bytesPerConnection,omitempty"`
	// Without is the same while the workload didn't do what it is about, and Answers is from
	// a request to its response.
	Without *Latency `json:"latencyWithout,omitempty"`
	Answers *Latency `json:"answerLatency,omitempty"`
	// Slow is what the workload with a member that never reads has found.
	Slow *Alternation `json:"slow,omitempty"`
	// Note says in words what happened besides.
	Note string `json:"note,omitempty"`
}

// Latency is a distribution, in milliseconds.
type Latency struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

func latencyOf(h *Histogram) *Latency {
	return &Latency{
		milliseconds(h.Quantile(0.5)), milliseconds(h.Quantile(0.9)), milliseconds(h.Quantile(0.95)), milliseconds(h.Quantile(0.99)),
		milliseconds(h.Quantile(0.999)), milliseconds(h.Max()),
	}
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}

// result describes a window.
func (w *window) result(unit string) *Result {
	r := &Result{Unit: unit, Latency: latencyOf(&w.latency)}
	return r.over(w, w.deliveries)
}

// over adds how often something happened within w, and what that cost.
func (r *Result) over(w *window, count uint64) *Result {
	r.Seconds, r.Count, r.Resident = w.seconds(), count, w.after.Resident
	if w.waits.Count() > 0 {
		r.Waits = latencyOf(&w.waits)
	}
	if r.Seconds > 0 {
		r.Stolen = w.stolen.Seconds() / r.Seconds
		r.PerSecond = float64(count) / r.Seconds
		r.CPU = (w.after.CPU - w.before.CPU).Seconds()
		r.CPUShare, r.GeneratorShare = r.CPU/r.Seconds, w.own.Seconds()/r.Seconds
	}
	if count > 0 {
		r.CPUPerMillion = r.CPU / float64(count) * 1e6
	}
	return r
}

// Rows returns the result as names and values, for people.
func (r *Result) Rows() [][]string {
	rows := [][]string{{"WORKLOAD", r.Workload}, {"SERVER", r.Server}}
	add := func(name, format string, args ...any) {
		rows = append(rows, []string{name, fmt.Sprintf(format, args...)})
	}
	for _, name := range parameterOrder {
		if v, ok := r.Parameters[name]; ok {
			add(name, "%g", v)
		}
	}
	add("measured", "%.1f s", r.Seconds)
	add(r.Unit, "%d", r.Count)
	if r.PerSecond > 0 {
		add(r.Unit+"/s", "%.0f", r.PerSecond)
	}
	if r.CPU > 0 {
		add("server's CPU", "%.2f s, %.1f %% of a core", r.CPU, 100*r.CPUShare)
		if r.Count > 0 {
			add("CPU for each", "%.3f µs", r.CPUPerMillion)
		}
	}
	add("generator's CPU", "%.1f %% of a core", 100*r.GeneratorShare)
	if r.Stolen > 0 {
		add("taken by other machines", "%.1f %% of a core", 100*r.Stolen)
	}
	if l := r.Latency; l != nil {
		add("latency", "%s", l)
	}
	if l := r.Waits; l != nil {
		add("of it in the generator", "%s", l)
	}
	if l := r.Without; l != nil {
		add("latency without", "%s", l)
	}
	if l := r.Answers; l != nil {
		add("answers", "%s", l)
	}
	if r.Resident > 0 {
		add("server's memory", "%.1f MiB", float64(r.Resident)/(1<<20))
	}
	if r.BytesPerConnection != nil {
		add("memory for each", "%.0f bytes", *r.BytesPerConnection)
	}
	if s := r.Slow; s != nil {
		add("p99 of windows without", "%s", windowsText(s.Without))
		add("p99 of windows with", "%s", windowsText(s.With))
		add("chance of that", "%.2f if it makes no difference", s.Chance)
		add("closed by the server", "%d of %d%s", s.Closed, len(s.With), causesText(s.Causes))
	}
	if r.Note != "" {
		add("note", "%s", r.Note)
	}
	return rows
}

func windowsText(p99 []float64) string {
	return fmt.Sprintf("median %.2f, from %.2f to %.2f ms", median(p99), slices.Min(p99), slices.Max(p99))
}

func causesText(causes map[string]int) (text string) {
	for i, cause := range slices.Sorted(maps.Keys(causes)) {
		text += fmt.Sprintf("%s %d %s", []string{":", ","}[min(i, 1)], causes[cause], cause)
	}
	return text
}

func (l *Latency) String() string {
	return fmt.Sprintf("p50 %.2f, p90 %.2f, p95 %.2f, p99 %.2f, p99.9 %.2f, max %.2f ms", l.P50, l.P90, l.P95, l.P99, l.P999, l.Max)
}

// parameterOrder is in which order parameters are shown.
var parameterOrder = []string{"boards", "writers", "shapes", "connections", "groups", "members", "targets", "size", "in flight", "rate", "at once", "windows"}
