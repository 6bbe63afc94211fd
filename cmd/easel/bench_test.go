package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/easelhq/easel/internal/bench"
)

func TestBench_measuresTheServiceOnTheDataFolder(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, "pubsub", "--addr", "localhost:0", "--data", dir)
	for _, args := range [][]string{
		{"fan-out", "--members", "5", "--in-flight", "2"},
		{"rate", "--members", "5", "--protobuf"},
		{"groups", "--groups", "2", "--members", "3", "--rate", "30"},
		{"slow", "--members", "3", "--size", "128", "--windows", "1"},
		{"idle", "--connections", "10", "--settle", "0s"},
		{"storm", "--connections", "20", "--at-once", "4"},
		{"rest", "--targets", "16"},
		{"rest", "--targets", "4", "--members", "2", "--at-once", "2", "--to-groups"},
		{"echo", "--connections", "2"},
	} {
		if r := measured(t, append(args, "--data", dir)...); r.Count == 0 || r.Server == "" || r.Resident == 0 {
			t.Errorf("easel %v: %+v", args, r)
		}
	}
	if out, errs, code := easel(nil, "bench", "storm", "--connections", "2", "--data", dir, "--warmup", "10ms", "--duration", "50ms"); code != 0 || !strings.Contains(out, "handshakes/s") {
		t.Errorf("as a table: %d %q %q", code, out, errs)
	}
}

// measured is what easel bench counts with args, in a longer window when a busy machine did nothing in a short one.
func measured(t *testing.T, args ...string) bench.Result {
	var r bench.Result
	for _, window := range []string{"50ms", "1s", "20s"} {
		r = printed[bench.Result](t, slices.Concat([]string{"bench"}, args, []string{"--warmup", "10ms", "--duration", window, "--json"})...)
		if r.Count > 0 {
			break
		}
	}
	return r
}

func TestBench_saysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	for want, args := range map[string][]string{
		"no service runs":    {"fan-out", "--data", dir},
		"--url is missing":   {"fan-out", "--server", "nats"},
		"is none of easel":   {"fan-out", "--server", "carrier-pigeon", "--url", "ws://127.0.0.1:1"},
		"is not a URL":       {"fan-out", "--server", "ws", "--url", "http://127.0.0.1:1"},
		"members is 0":       {"fan-out", "--server", "ws", "--url", "ws://127.0.0.1:1", "--members", "0"},
		"connection refused": {"fan-out", "--server", "ws", "--url", "ws://127.0.0.1:1"},
		"the duration is 0s": {"fan-out", "--server", "ws", "--url", "ws://127.0.0.1:1", "--duration", "0s"},
		"the warm-up is":     {"fan-out", "--server", "ws", "--url", "ws://127.0.0.1:1", "--warmup", "-1s"},
		"windows is 0":       {"slow", "--server", "ws", "--url", "ws://127.0.0.1:1", "--windows", "0"},
		"have no handlers":   {"echo", "--server", "nats", "--url", "ws://127.0.0.1:1"},
	} {
		out, errs, code := easel(nil, append([]string{"bench"}, args...)...)
		if code == 0 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("easel bench %v: %d %q %q, want %q", args, code, out, errs, want)
		}
	}
}

func TestBench_drawsOnBoards(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, "serve", "--addr", "localhost:0", "--data", dir)
	for _, args := range [][]string{
		{"commits", "--boards", "2", "--writers", "5"},
		{"commits", "--boards", "3", "--writers", "1"},
		{"diagram", "--shapes", "310"},
	} {
		if r := measured(t, append(args, "--data", dir)...); r.Count == 0 || r.Latency == nil || r.Resident == 0 {
			t.Errorf("easel %v: %+v", args, r)
		}
	}
}
