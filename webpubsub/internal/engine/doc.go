// Package engine carries WebSocket messages between sockets and handlers. It knows sockets,
// frames, queues and timers; of hubs and subprotocols it knows nothing.
//
// # Queue
//
// Every connection has one queue, which holds references to payloads that it shares with
// others. Anyone may push, and never waits. What is queued leaves in as few writes as can be:
// frames are gathered, with their headers, into one buffer that is not the connection's; a
// large payload is written from where it is.
//
// # Bounds
//
// A queue is bounded in messages and in bytes of payload, see [Limits]; Push refuses what is
// too much, and its caller decides what follows. What is being written does not count, and is
// at most one batch. Control frames don't count: of each kind one can wait.
//
// # Transports
//
// A stream is served by two goroutines: one reads and calls the handler, the other writes. A
// timer is shared by keep-alive and the end's grace.
//
// # Ends
//
// Finish lets the queue out, then a close frame, then waits for the peer's. Who broke the
// protocol is not listened to any more, only for so long that it can read why. Abort closes
// at once. In all cases the handler is told last, and once.
//
// # Locks
//
// A handler may call any method while it holds its own locks; it is called with none of the
// engine's held.
package engine
