// Package sqlite keeps boards and service settings in one SQLite database in the data
// folder: easel.db, in write-ahead log mode with a full sync per transaction, so that what
// a writing call has acknowledged survives kill -9 and power loss.
//
// # Shape
//
// One goroutine owns the writing connection. It gathers the writes that wait, at most
// [maxGroup], into one transaction with one flush, and answers each after the flush. A write
// that fails is rolled back alone. Reads use a pool of connections of their own and never
// wait for a writer.
//
// Several processes may open the same folder, e.g. a management command beside the server;
// writers wait for each other for up to [busyTimeout].
package sqlite
