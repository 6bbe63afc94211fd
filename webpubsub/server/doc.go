// Package server is the Web PubSub service as an http.Handler: the WebSocket endpoint, the
// REST API, and the fan-out between them.
//
// # Connections
//
// A connection is a connection.State behind a mutex, and the effects it asks for are
// performed here, one after the other, in the order in which the state asked for them. Who
// changes the state performs what follows; who must not wait, because it performs another
// connection's effects, leaves them to whoever is at it.
//
// Package engine reads and writes sockets: those that come in by [Server.Listener] on event
// loops, others by goroutines. Between the state and the socket stands a queue
// bounded in messages and bytes; at the bound the connection is closed with a reason that
// says so, so a slow receiver never holds up anyone. A message is encoded once for all who
// get it in the same format.
//
// # Indexes
//
// A hub knows its connections by id, by user and by group, and the states that connections
// have in groups. The last connection to leave a group, user or hub takes that with it. A
// group is a slice, which publishing walks under the hub's lock for reading, shared with all
// others who publish. What comes in together on a loop is published together, so that each
// member is visited once for many messages; see outbox. Lock order: a connection's turn,
// outbox, server, hub, connection's mu; then those of package engine.
//
// # Ordering
//
// One sender's messages to one group arrive in order at every member; an ack leaves after
// the effect, and nobody sees anything of a sender in another order than it was asked for. A connection is visible before its connected event is raised.
//
// # Garbage
//
// Deliveries make none; handshakes, REST requests and events do. A heap with little alive in it
// is then collected dozens of times a second. A program that embeds the service and holds
// little else does well to set some megabytes aside that it never touches, as the easel command
// does, or to raise debug.SetGCPercent.
package server
