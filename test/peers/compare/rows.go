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
	servers []string // empty is all
	// duration is how long it is measured; 0 is as long as all others.
	duration time.Duration
}

// keepAlive is how long an idle connection may be quiet: each is pinged once in it.
const keepAlive = webpubsub.DefaultKeepAlive

var (
	easels   = []string{"easel"}
	boards   = []string{"whiteboard"}
	withEcho = []string{"easel", "embedded", "centrifuge", "socketio"}
)

// rows are those of docs/performance.md, in its order.
var rows = []row{
	{name: "fan-1000", title: "Fan-out, saturated: 1 000 members, 128 B", args: words("fan-out --members 1000")},
	{name: "fan-10000", title: "Fan-out, saturated: 10 000 members, 128 B", args: words("fan-out --members 10000")},
	{name: "fan-10000-1k", title: "Fan-out, saturated: 10 000 members, 1 KiB", args: words("fan-out --members 10000 --size 1024")},
	{name: "fan-10", title: "Fan-out, saturated: 10 members, 128 B", args: words("fan-out --members 10")},
	{name: "fan-100", title: "Fan-out, saturated: 100 members, 128 B", args: words("fan-out --members 100")},
	{name: "fan-1000-protobuf", title: "Fan-out, saturated: 1 000 members, 128 B, protobuf", args: words("fan-out --members 1000 --protobuf"), servers: easels},
	{name: "rate", title: "1 000 members at 50 messages/s, 128 B", args: words("rate --members 1000 --rate 50")},
	{name: "groups", title: "1 000 groups × 10 members × 1 message/s", args: words("groups --groups 1000 --members 10 --rate 1")},
	{name: "groups-half", title: "1 000 groups × 10 members × ½ message/s", args: words("groups --groups 1000 --members 10 --rate 0.5")},
	{name: "idle-5000", title: "5 000 idle connections", args: words("idle --connections 5000"), duration: keepAlive},
	{name: "idle-15000", title: "15 000 idle connections", args: words("idle --connections 15000"), duration: keepAlive},
	{name: "storm", title: "10 000 clients connect, with tokens where the protocol has them", args: words("storm --connections 10000")},
	{name: "rest-user", title: "REST: send to a user", args: words("rest --targets 100"), servers: easels},
	{name: "rest-group", title: "REST: send to a group of 10", args: words("rest --targets 100 --to-groups"), servers: easels},
	{name: "echo", title: "Events answered by a handler: HTTP on the other core (easel), in the process (the others)", args: words("echo --connections 100"), servers: withEcho},
	{name: "slow", title: "A member that never reads: 100 others, 200 messages/s, 4 KiB", args: words("slow --members 100 --rate 200 --size 4096"), duration: 12 * time.Second},
	{name: "commits-1", title: "Whiteboard: 1 person draws, SQLite with fsync", args: words("commits --writers 1"), servers: boards},
	{name: "commits-100", title: "Whiteboard: 100 people draw on 100 boards", args: words("commits --writers 100"), servers: boards},
	{name: "commits-1000", title: "Whiteboard: 1 000 people draw on 100 boards", args: words("commits --writers 1000"), servers: boards},
	{name: "diagram", title: "Whiteboard: opening a board of 50 000 strokes", args: words("diagram --shapes 50000"), servers: boards},
	{name: "start", title: "Start to ready"},
}

func words(s string) []string { return strings.Fields(s) }

// chosen are the rows that a comma-separated list names; all when it is empty.
func chosen(names string) ([]row, error) {
	if names == "" {
		return rows, nil
	}
	var some []row
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(rows, func(r row) bool { return r.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no row %s", name)
		}
		some = append(some, rows[i])
	}
	return some, nil
}

// server is something that rows are measured on.
type server struct {
	name   string
	title  string
	speaks string // as easel bench --server wants it
	secret string // empty when its protocol has no tokens
	// command starts it, given the folder with what has been built.
	command func(bin string) []string
}

const secret = "a-key-for-tokens-of-peers-0123456789"

func built(name string, args ...string) func(string) []string {
	return func(bin string) []string { return append([]string{bin + "/" + name}, args...) }
}

// servers are all that can be compared. The command of an easel is completed by its start.
var servers = []server{
	{"easel", "Easel", "easel", "", built("easel", "pubsub", "--addr", "127.0.0.1:0", "--log-level", "error")},
	{"whiteboard", "Easel, whiteboard", "easel", "", built("easel", "serve", "--addr", "127.0.0.1:0", "--log-level", "error")},
	{"embedded", "Easel, handler in the process", "easel", "", built("embedded")},
	{"centrifuge", "Centrifuge (library of Centrifugo) 0.40", "centrifugo", secret, built("centrifuge", "-secret", secret)},
	{"nats", "NATS 2.15 over WebSocket", "nats", "", built("nats")},
	{"socketio", "Socket.IO 4.8", "socketio", secret, func(string) []string { return []string{"node", "socketio/server.mjs", secret} }},
	{"gws", "lxzan/gws 1.8, broadcaster", "ws", "", built("gws")},
	{"gobwas", "gobwas/ws 1.5, one write per message", "ws", "", built("gobwas")},
	{"nbio", "lesismal/nbio 1.6, one write per message", "ws", "", built("nbio")},
	{"coder", "coder/websocket 1.8, queue per connection", "ws", "", built("coder")},
}

// chosenServers are those that a comma-separated list names; all when it is empty.
func chosenServers(names string) ([]server, error) {
	if names == "" {
		return servers, nil
	}
	var some []server
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(servers, func(s server) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no server %s", name)
		}
		some = append(some, servers[i])
	}
	return some, nil
}

// takes reports whether a row is measured on a server: those that others are compared to have
// rows of their own.
func (r row) takes(s server) bool {
	if len(r.servers) > 0 {
		return slices.Contains(r.servers, s.name)
	}
	return s.name != "embedded" && s.name != "whiteboard"
}
