// Package metrics tells what a service counts to Prometheus. The service counts by itself,
// cheaply; here it is read, when someone asks.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/easelhq/easel/webpubsub/server"
)

// Source is what is told of, a *server.Server.
type Source interface{ Stats() server.Stats }

// Handler serves the metrics of a service, of the process, and of Go's runtime; nil is no
// service. It needs no token: it is for an address that only operators reach.
func Handler(s Source) http.Handler {
	registry := prometheus.NewRegistry()
	if s != nil {
		registry.MustRegister(Collector(s))
	}
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry, MaxRequestsInFlight: 4})
}

// Collector is for a registry of the caller's own.
func Collector(s Source) prometheus.Collector { return collector{s} }

type collector struct{ source Source }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("easel_"+name, help, labels, nil)
}

// What is told, with its labels. docs/metrics.md explains each.
var (
	connections = describe("connections", "Connections at the moment, those included whose clients may come back.", "hub", "protocol")
	opened      = describe("connections_opened_total", "Connections since the start.", "hub", "protocol")
	closed      = describe("connections_closed_total", "Ends of connections, by the reason that easel why tells.", "hub", "reason")
	refused     = describe("handshakes_refused_total", "Handshakes that were refused, by the reason that easel why tells.", "reason")
	messages    = describe("messages_total", "Messages from clients (in), and queued for them (out).", "hub", "protocol", "direction")
	bytes       = describe("message_bytes_total", "Payloads of those messages.", "hub", "protocol", "direction")
	queued      = describe("queued_messages", "Messages that wait to be written to clients.", "hub", "protocol")
	queuedBytes = describe("queued_bytes", "Payloads of those messages.", "hub", "protocol")
	handled     = describe("handler_duration_seconds", "How long event handlers took, repeated attempts included.", "hub", "event")
	failed      = describe("handler_failures_total", "Events that no attempt brought to their handler, or that it refused.", "hub", "event")
	copies      = describe("listener_events_total", "Copies of events for listeners: sent, failed, or dropped because the queue was full.", "result")
	batches     = describe("write_messages", "Messages that were written together.")
	written     = describe("written_bytes_total", "Bytes written to clients' sockets, headers included.")
	turns       = describe("loop_turn_seconds", "How long turns of the event loops took. What comes in meanwhile waits as long.")
	aborted     = describe("sockets_aborted_total", "Sockets the service gave up: silent did not answer pings, broken did not follow the protocol.", "reason")
)

var all = []*prometheus.Desc{connections, opened, closed, refused, messages, bytes, queued, queuedBytes, handled, failed, copies, batches, written, turns, aborted}

func (c collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range all {
		to <- d
	}
}

func (c collector) Collect(to chan<- prometheus.Metric) {
	s := c.source.Stats()
	counter := func(d *prometheus.Desc, n uint64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	gauge := func(d *prometheus.Desc, n uint64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	histogram := func(d *prometheus.Desc, h server.Histogram, labels ...string) {
		to <- prometheus.MustNewConstHistogram(d, h.Count, h.Sum, h.Upto, labels...)
	}
	for _, t := range s.Traffic {
		hub := string(t.Hub)
		gauge(connections, uint64(t.Connections), hub, t.Protocol)
		counter(opened, t.Opened, hub, t.Protocol)
		counter(messages, t.In.Messages, hub, t.Protocol, "in")
		counter(messages, t.Out.Messages, hub, t.Protocol, "out")
		counter(bytes, t.In.Bytes, hub, t.Protocol, "in")
		counter(bytes, t.Out.Bytes, hub, t.Protocol, "out")
		gauge(queued, t.Queued.Messages, hub, t.Protocol)
		gauge(queuedBytes, t.Queued.Bytes, hub, t.Protocol)
	}
	for _, e := range s.Closed {
		counter(closed, e.Count, string(e.Hub), e.Reason)
	}
	for _, r := range s.Refused {
		counter(refused, r.Count, r.Reason)
	}
	for _, h := range s.Handlers {
		histogram(handled, h.Took, string(h.Hub), h.Event)
		counter(failed, h.Failed, string(h.Hub), h.Event)
	}
	counter(copies, s.Listeners.Sent, "sent")
	counter(copies, s.Listeners.Failed, "failed")
	counter(copies, s.Listeners.Dropped, "dropped")
	histogram(batches, s.Sockets.Batches)
	counter(written, s.Sockets.Written)
	histogram(turns, s.Sockets.Turns)
	counter(aborted, s.Sockets.Silent, "silent")
	counter(aborted, s.Sockets.Broken, "broken")
}
