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
// # Loops
//
// On Linux, connections of plain TCP are served by event loops: one for each processor, each a
// goroutine with an epoll instance. A loop owns the sockets it has accepted; nobody else reads,
// writes or closes them. A connection that is quiet costs one small record: no goroutine and
// no buffer, for a loop reads into one buffer of its own, and only what is incomplete is kept.
//
// A loop turns: it reads from what is ready, calls handlers, whose pushes go to queues of any
// loop, and at the end of the turn writes to all connections that have got something, each
// once. When there are many of those, it first looks whether more comes in, for a few
// milliseconds at most. So a message alone leaves at once, and under load more and more
// messages share a write.
//
// Handlers can put work off until a turn has read everything, see [Conn.Outbox]: what many
// messages ask for is often done better at once.
//
// Who pushes is any goroutine. The first push to a quiet connection puts it on its loop's list,
// and wakes the loop if it sleeps. It sleeps in the runtime's own poller, by its epoll
// instance, so that it never keeps a processor from other goroutines.
//
// Loops accept connections, too, and read the head of the first request. What turns out to be
// for others, by the head's first bytes or by a visit, is passed on with what has been read;
// see [Engine.Listener]. A visit may also answer, and then the next request is looked at: so
// whatever many requests push is written together.
//
// Timers are in a heap of the loop. Keep-alive is due in steps, so that the pings of a loop's
// connections are a few turns' work, not a wake-up each.
//
// # Streams
//
// Elsewhere, and for TLS and what an HTTP server hands over, two goroutines serve a
// connection: one reads and calls the handler, the other writes what has queued up since its
// last write.
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
// engine's held. Inside, a connection's lock comes before its loop's.
package engine
