// Package bench loads a server that speaks WebSocket, and measures it: what easel bench does.
//
// # What is measured
//
// A [Workload] opens connections, sends messages, and counts. Every message carries a stamp:
// its publisher, its number there, and the time it was sent. Each receiver knows which number
// comes next from each publisher, so that a message lost, doubled or out of order is found,
// and fails the run: figures of a server that loses messages mean nothing. Latencies are from
// the stamp to the moment the bytes were read, in a [Histogram]. The server's CPU time and
// memory come from /proc, when its process is on this machine.
//
// # How it is cheap
//
// The generator shares the machine with what it measures. One goroutine owns every connection
// and does everything: it waits in epoll, reads into one buffer, walks over the frames in it
// without allocating, and publishes. Where there is no epoll, and for TLS, a goroutine per
// connection reads and hands its bytes to that same one.
//
// # Bounds
//
// Every run has a bound in connections, in messages on their way, and in time: for connecting,
// for warming up, for measuring, and for what is still on its way when the measuring ends.
package bench
