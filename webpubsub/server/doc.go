// Package server is the Web PubSub service as an http.Handler: the WebSocket endpoint, the
// REST API, and the fan-out between them.
//
// # Connections
//
// A connection is a connection.State behind a mutex, and the effects it asks for are
// performed here. Two goroutines serve a socket: the HTTP handler's reads, another writes.
// Between the state and the writer stands a queue bounded in messages and bytes; at the
// bound the connection is closed with a reason that says so, so a slow receiver never
// holds up anyone.
//
// # Indexes
//
// A hub knows its connections by id, by user and by group. The last connection to leave a
// group, user or hub takes that with it. Lock order: hub, then connection; effects that
// change a hub are performed without the connection's lock.
//
// # Ordering
//
// One sender's messages to one group arrive in order at every member; an ack comes after
// the effect. A connection is visible before its connected event is raised.
package server
