package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/internal/bench"
)

func TestPlain_showsThreeDigits(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "0.38": 0.381, "1.04": 1.04, "13.3": 13.31, "129": 129.4, "1 290": 1289, "16 500": 16_496, "1 230 000": 1_234_567, "9.99": 9.99, "100": 99.96, "50": 50.01,
	} {
		if got := plain(v); got != want {
			t.Errorf("%g: %q, want %q", v, got, want)
		}
	}
}

func TestMissing_takesServersByTurnsAndGoesOn(t *testing.T) {
	some, _ := chosen("fan-1000,slow")
	on, _ := chosenServers("easel,nats,hello")
	o := options{duration: time.Second}
	name := func(left []task) (names []string) {
		for _, t := range left {
			names = append(names, t.row.name+" "+t.server.name)
		}
		return names
	}
	want := "fan-1000 easel, fan-1000 nats, slow easel, slow nats, fan-1000 easel, fan-1000 nats"
	if got := strings.Join(name(o.missing(nil, "x", some, on, 2)), ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	have := []measurement{{Run: "x", Row: "fan-1000", Server: "easel"}, {Run: "x", Row: "slow", Server: "nats"}, {Run: "y", Row: "slow", Server: "easel"}}
	want = "fan-1000 nats, slow easel, fan-1000 easel, fan-1000 nats"
	if got := strings.Join(name(o.missing(have, "x", some, on, 2)), ", "); got != want {
		t.Errorf("going on: %s, want %s", got, want)
	}
}

func TestSummary_hasAColumnForEachServerAndMediansInIt(t *testing.T) {
	fan := func(server string, perSecond float64) measurement {
		return measurement{Run: "x", Row: "fan-1000", Server: server, Result: &bench.Result{Unit: "deliveries", PerSecond: perSecond, CPUPerMillion: 0.5, Latency: &bench.Latency{P99: 9.31}}}
	}
	idle := 1234.0
	all := []measurement{
		fan("easel", 2_000_000), fan("easel", 1_000_000), fan("easel", 1_500_000), fan("nats", 900_000),
		{Run: "x", Row: "idle-5000", Server: "gws", Result: &bench.Result{Unit: "connections", BytesPerConnection: &idle}},
		{Run: "x", Row: "echo", Server: "embedded", Result: &bench.Result{Unit: "events", PerSecond: 49_800, CPUPerMillion: 19, Latency: &bench.Latency{P99: 8}}},
		{Run: "x", Row: "echo", Server: "coder", Error: "no answer"},
		{Run: "x", Row: "start", Server: "easel", Result: &bench.Result{Unit: "starts", Seconds: 0.0143}},
		{Run: "x", Row: "slow", Server: "easel", Result: &bench.Result{Slow: &bench.Alternation{Without: []float64{2, 3, 1}, With: []float64{2.5, 2, 4}, Chance: 0.4, Closed: 3, Causes: map[string]int{"slowClient": 3}}}},
	}
	got := summary(all)
	for _, want := range []string{
		"| deliveries/s · CPU µs each · p99 ms | Easel | NATS 2.15 |",
		"| saturated, 1 000 members, 128 B | 1 500 k · 0.50 · 9.31 | 900 k · 0.50 · 9.31 |",
		"| idle, 5 000 connections | 1 230 |",
		"| events answered in the process | 49 800 · 19 · 8.00 | failed |",
		"- echo, coder: no answer",
		"| start to ready | 14.3 ms |",
		"| Easel | 2.00 (1.00–3.00) | 2.50 (2.00–4.00) | 0.40 | 3 of 3, slowClient |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if full := details(all, rows); !strings.Contains(full, "| Easel | 1500000 |") {
		t.Errorf("details are\n%s", full)
	}
}

func TestWriteInto_replacesWhatIsBetweenTheMarks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doc.md")
	os.WriteFile(file, []byte("# A\n\n"+startMark+"\nold\n"+endMark+"\n\nrest\n"), 0o600)
	for range 2 {
		if err := writeInto(file, "new"); err != nil {
			t.Fatal(err)
		}
	}
	if b, _ := os.ReadFile(file); string(b) != "# A\n\n"+startMark+"\nnew\n"+endMark+"\n\nrest\n" {
		t.Errorf("%s", b)
	}
	os.WriteFile(file, []byte(endMark+startMark), 0o600)
	if writeInto(file, "new") == nil {
		t.Error("marks in the wrong order are taken")
	}
}
