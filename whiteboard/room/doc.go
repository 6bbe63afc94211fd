// Package room keeps boards open: it checks batches, gives them their place in the board's
// order, journals them and publishes them.
//
// # Guarantees
//
// A board's entries are journaled and published in the order of their seq. Commit returns a
// receipt only after the entry is durable. What is published is durable. A batch that is
// sent again is journaled once.
//
// Publishing may fail for good: the entry is then missing from the group, the gap in seq
// shows in the next message, and the clients fetch what they miss.
//
// # Shape
//
// Every open board has one goroutine, its loop, that owns the board's state; the journal and
// the publisher are each called by at most one other goroutine per board, so that the next
// batches are checked while the last ones are being flushed.
package room
