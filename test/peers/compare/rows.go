package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// row is one workload that servers are compared by.
type row struct {
	name    string
	title   string
	args    []string // of easel bench; empty is the time that a start takes
	servers []string // empty is all that others are compared to
	// duration is how long it is measured; 0 is as long as all others. Windows is how often.
	duration time.Duration
	windows  int
	runs     int // at most; 0 is no limit
	// connections is how many are opened, and rest how long it takes besides, for the plan.
	connections int
	rest        time.Duration
	shows       shows
}

var (
	easels   = []string{"easel"}
	boards   = []string{"whiteboard"}
	handlers = []string{"easel", "centrifuge", "socketio"}
	inside   = []string{"embedded", "centrifuge", "socketio", "gws", "gobwas", "nbio", "coder"}
	restful  = []string{"easel", "hello", "centrifuge", "nats", "socketio", "gws", "nbio", "coder"}
)

// rows are all, the most telling ones first.
var rows = []row{
	{name: "fan-1000", title: "saturated, 1 000 members, 128 B", args: words("fan-out --members 1000"), connections: 1000, shows: deliveries},
	{name: "rate", title: "1 000 members, 50 messages/s", args: words("rate --members 1000 --rate 50"), connections: 1000, duration: 5 * time.Second, shows: deliveries},
	{name: "fan-10000", title: "saturated, 10 000 members, 128 B", args: words("fan-out --members 10000"), connections: 10_000, rest: time.Second, shows: deliveries},
	{name: "fan-10000-1k", title: "saturated, 10 000 members, 1 KiB", args: words("fan-out --members 10000 --size 1024"), connections: 10_000, rest: time.Second, shows: deliveries},
	{name: "groups", title: "1 000 groups × 10 members × 1/s", args: words("groups --groups 1000 --members 10 --rate 1"), connections: 10_000, shows: deliveries},
	{name: "idle-5000", title: "idle, 5 000 connections", args: words("idle --connections 5000 --settle 3s"), connections: 5000, rest: 2 * time.Second, shows: bytesEach},
	{name: "idle-15000", title: "idle, 15 000 connections", args: words("idle --connections 15000 --settle 3s"), connections: 15_000, rest: 2 * time.Second, shows: bytesEach},
	{name: "storm", title: "10 000 clients connect, with tokens where the protocol has them", args: words("storm --connections 10000"), connections: 10_000, shows: handshakes},
	{name: "rest-user", title: "REST, send to a user", args: words("rest --targets 100"), servers: restful, connections: 100, shows: requests},
	{name: "rest-group", title: "REST, send to a group of 10", args: words("rest --targets 100 --to-groups"), servers: restful, connections: 1000, shows: requests},
	{name: "echo", title: "events answered in the process", args: words("echo --connections 100 --listen="), servers: inside, connections: 100, shows: requests},
	{name: "echo-http", title: "events answered over HTTP, on the other core", args: words("echo --connections 100 --listen 127.0.0.1:0"), servers: handlers, connections: 100, shows: requests},
	{name: "slow", title: "a member that never reads", args: words("slow --windows 8"), connections: 20, duration: 2 * time.Second, windows: 16, runs: 1, shows: alternation},
	{name: "fan-10", title: "saturated, 10 members, 128 B", args: words("fan-out --members 10"), duration: 2 * time.Second, shows: deliveries},
	{name: "fan-100", title: "saturated, 100 members, 128 B", args: words("fan-out --members 100"), duration: 2 * time.Second, shows: deliveries},
	{name: "start", title: "start to ready", servers: easels, shows: alone},
	{name: "quiet", title: "15 000 idle connections, pings included", args: words("idle --connections 15000 --settle 1s"), servers: easels, duration: webpubsub.DefaultKeepAlive, runs: 1, connections: 15_000, shows: alone},
	{name: "commits-1", title: "whiteboard, 1 person draws, fsync before each echo", args: words("commits --writers 1"), servers: boards, shows: alone},
	{name: "commits-100", title: "whiteboard, 100 people on 100 boards", args: words("commits --writers 100"), servers: boards, shows: alone},
	{name: "commits-1000", title: "whiteboard, 1 000 people on 100 boards", args: words("commits --writers 1000"), servers: boards, shows: alone},
	{name: "diagram", title: "whiteboard, opening a board of 50 000 strokes", args: words("diagram --shapes 50000"), servers: boards, runs: 1, rest: 15 * time.Second, shows: alone},
	{name: "fan-1000-protobuf", title: "saturated, 1 000 members, 128 B, protobuf", args: words("fan-out --members 1000 --protobuf"), servers: easels, connections: 1000, shows: alone},
	{name: "groups-half", title: "1 000 groups × 10 members × ½/s", args: words("groups --groups 1000 --members 10 --rate 0.5"), connections: 10_000, shows: deliveries},
	{name: "fan-1000-64", title: "saturated, 1 000 members, 128 B, 64 in flight", args: words("fan-out --members 1000 --in-flight 64"), connections: 1000, rest: time.Second, shows: deliveries},
}

func words(s string) []string { return strings.Fields(s) }

// chosen are the rows that a comma-separated list names; all when it is empty.
func chosen(names string) ([]row, error) {
	return named(names, rows, func(r row) string { return r.name })
}

// server is something that rows are measured on.
type server struct {
	name   string
	title  string
	speaks string // as easel bench --server wants it
	secret string // empty when its protocol has no tokens
	// command starts it, given the folder with what has been built.
	command func(bin string) []string
	// connects is about how many clients it lets in a second, for the plan.
	connects int
	// column is the name of the server in whose column it stands; empty is its own.
	column string
}

const secret = "a-key-for-tokens-of-peers-0123456789"

func built(name string, args ...string) func(string) []string {
	return func(bin string) []string { return append([]string{bin + "/" + name}, args...) }
}

// servers are all that can be compared. The command of an easel is completed by its start.
var servers = []server{
	{"easel", "Easel", "easel", "", built("easel", "pubsub", "--addr", "127.0.0.1:0", "--log-level", "error"), 12_000, ""},
	{"whiteboard", "Easel, whiteboard", "easel", "", built("easel", "serve", "--addr", "127.0.0.1:0", "--log-level", "error"), 12_000, "easel"},
	{"embedded", "Easel, handler in the process", "easel", "", built("embedded"), 12_000, "easel"},
	{"centrifuge", "Centrifuge 0.40", "centrifugo", secret, built("centrifuge", "-secret", secret), 6000, ""},
	{"nats", "NATS 2.15", "nats", "", built("nats"), 4500, ""},
	{"socketio", "Socket.IO 4.8", "socketio", secret, func(string) []string { return []string{"node", "socketio/server.mjs", secret} }, 2000, ""},
	{"hello", "net/http alone", "http", "", built("hello"), 9000, ""},
	{"gws", "gws 1.8", "ws", "", built("gws"), 6000, ""},
	{"gobwas", "gobwas/ws 1.5", "ws", "", built("gobwas"), 6000, ""},
	{"nbio", "nbio 1.6", "ws", "", built("nbio"), 5000, ""},
	{"coder", "coder/websocket 1.8", "ws", "", built("coder"), 5000, ""},
}

// chosenServers are those that a comma-separated list names; all when it is empty.
func chosenServers(names string) ([]server, error) {
	return named(names, servers, func(s server) string { return s.name })
}

func named[T any](names string, all []T, nameOf func(T) string) (some []T, err error) {
	if names == "" {
		return all, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(all, func(t T) bool { return nameOf(t) == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no %s", name)
		}
		some = append(some, all[i])
	}
	return some, nil
}

// takes reports whether a row is measured on a server.
func (r row) takes(s server) bool {
	if len(r.servers) > 0 {
		return slices.Contains(r.servers, s.name)
	}
	return s.name != "embedded" && s.name != "whiteboard" && s.name != "hello"
}
