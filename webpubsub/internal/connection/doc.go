// Package connection is the life of one client connection, from accept to close, as a
// state machine. It does no I/O, starts no goroutine and reads no clock: its methods take
// the time and return [Effect]s. The transcripts in testdata show it at work.
//
// # Guarantees
//
// The effects that a method returns are to be performed in order. A State is not safe for
// concurrent use.
//
//   - Requests take effect one after the other, in the order they came; a user event or an
//     invocation holds up those behind it until its handler has answered. Ping, sequenceAck
//     and cancelInvocation, which change nothing that others see, don't wait.
//   - What a client sent takes effect even when its socket is gone by then, as long as the
//     connection lives on. When the connection ends, what still waits is dropped.
//   - An ack follows the effect it speaks of. Only what succeeded is remembered, so that
//     a failed request may be repeated with its ack id.
//   - A reliable connection keeps every message until it is acknowledged. It outlives its
//     socket, unless the client closed that with 1000, or broke the protocol.
//   - Streams live as long as the connection. Every stream that has begun comes to an end
//     that its group's members see.
package connection
