// Package whiteboard holds the words and the pure model of a board: records, ops,
// clocks, merge, validation, and the Store interface.
//
// A board is a map of records, a record a map of properties, a property a
// last-writer-wins register. Merging is commutative, associative and idempotent, so ops
// may arrive late, twice or out of order. The same model exists in web/src/board; both
// pass the vectors in testdata/.
package whiteboard
