// Package connection is the life of one client connection, from accept to close, as a
// state machine. It does no I/O, starts no goroutine and reads no clock.
//
// # Guarantees
//
// The effects that a method returns are to be performed in order. A State is not safe for
// concurrent use.
//
//   - Requests take effect one after the other, in the order they came; a user event holds
//     up those behind it until its handler has answered.
//   - An ack follows the effect it speaks of. Only what succeeded is remembered, so that
//     a failed request may be repeated with its ack id.
//   - A reliable connection keeps every message until it is acknowledged. It outlives its
//     socket, unless the client closed that with 1000.
package connection
