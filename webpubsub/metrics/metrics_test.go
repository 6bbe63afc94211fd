package metrics_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub/listener"
	"github.com/easelhq/easel/webpubsub/metrics"
	"github.com/easelhq/easel/webpubsub/server"
)

// fixed is a source whose counts a test knows.
type fixed server.Stats

func (f fixed) Stats() server.Stats { return server.Stats(f) }

func scrape(t *testing.T, s metrics.Source) string {
	t.Helper()
	w := httptest.NewRecorder()
	metrics.Handler(s).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	body, err := io.ReadAll(w.Body)
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %v: %s", w.Code, err, body)
	}
	return string(body)
}

var everything = fixed{
	Traffic: []server.TrafficStats{
		{Hub: "board", Protocol: "json.webpubsub.azure.v1", Connections: 3, Opened: 5, In: server.Traffic{Messages: 7, Bytes: 70},
			Out: server.Traffic{Messages: 9, Bytes: 90}, Queued: server.Traffic{Messages: 2, Bytes: 20}},
		{Hub: `a"b`, Protocol: "none"},
	},
	Closed:    []server.ClosedStats{{Hub: "board", Reason: "slowClient", Count: 2}},
	Refused:   []server.RefusedStats{{Reason: "tokenExpired", Count: 4}},
	Handlers:  []server.HandlerStats{{Hub: "board", Event: "user", Failed: 1, Took: server.Histogram{Upto: map[float64]uint64{0.001: 2, 0.002: 6}, Count: 8, Sum: 1.5}}},
	Listeners: listener.Stats{Sent: 11, Failed: 12, Dropped: 13},
	Sockets: server.SocketStats{Batches: server.Histogram{Upto: map[float64]uint64{1: 1, 3: 2}, Count: 2, Sum: 4}, Written: 1000,
		Turns: server.Histogram{Upto: map[float64]uint64{0.001: 30}, Count: 31, Sum: 0.5}, Silent: 14, Broken: 15},
}

func TestHandler_tellsWhatIsCounted(t *testing.T) {
	text := scrape(t, everything)
	for _, line := range []string{
		`easel_connections{hub="board",protocol="json.webpubsub.azure.v1"} 3`,
		`easel_connections{hub="a\"b",protocol="none"} 0`,
		`easel_connections_opened_total{hub="board",protocol="json.webpubsub.azure.v1"} 5`,
		`easel_connections_closed_total{hub="board",reason="slowClient"} 2`,
		`easel_handshakes_refused_total{reason="tokenExpired"} 4`,
		`easel_messages_total{direction="in",hub="board",protocol="json.webpubsub.azure.v1"} 7`,
		`easel_messages_total{direction="out",hub="board",protocol="json.webpubsub.azure.v1"} 9`,
		`easel_message_bytes_total{direction="in",hub="board",protocol="json.webpubsub.azure.v1"} 70`,
		`easel_message_bytes_total{direction="out",hub="board",protocol="json.webpubsub.azure.v1"} 90`,
		`easel_queued_messages{hub="board",protocol="json.webpubsub.azure.v1"} 2`,
		`easel_queued_bytes{hub="board",protocol="json.webpubsub.azure.v1"} 20`,
		`easel_handler_duration_seconds_bucket{event="user",hub="board",le="0.002"} 6`,
		`easel_handler_duration_seconds_bucket{event="user",hub="board",le="+Inf"} 8`,
		`easel_handler_duration_seconds_sum{event="user",hub="board"} 1.5`,
		`easel_handler_failures_total{event="user",hub="board"} 1`,
		`easel_listener_events_total{result="sent"} 11`,
		`easel_listener_events_total{result="failed"} 12`,
		`easel_listener_events_total{result="dropped"} 13`,
		`easel_write_messages_bucket{le="3"} 2`,
		`easel_write_messages_sum 4`,
		`easel_written_bytes_total 1000`,
		`easel_loop_turn_seconds_count 31`,
		`easel_sockets_aborted_total{reason="silent"} 14`,
		`easel_sockets_aborted_total{reason="broken"} 15`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("%s is missing", line)
		}
	}
	for _, name := range []string{"go_goroutines", "process_resident_memory_bytes"} {
		if !strings.Contains(text, "\n"+name+" ") {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestHandler_withoutAService_tellsOfTheProcess(t *testing.T) {
	text := scrape(t, nil)
	if !strings.Contains(text, "\ngo_goroutines ") || strings.Contains(text, "easel_") {
		t.Errorf("%.300s", text)
	}
}

// docs/metrics.md has a row for each metric, and no other.
func TestDocs_tellOfEveryMetric(t *testing.T) {
	doc, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	names := func(pattern, text string) (list []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			list = append(list, m[1])
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	told, documented := names(`(?m)^# TYPE (easel_\w+)`, scrape(t, everything)), names("(?m)^\\| `(easel_\\w+)`", string(doc))
	if !slices.Equal(told, documented) {
		t.Errorf("told %v\ndocumented %v", told, documented)
	}
}
