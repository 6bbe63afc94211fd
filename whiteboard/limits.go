package whiteboard

import "time"

// Limits of a board. Errors that report a breach name the value and the limit.
const (
	// MaxBatchBytes is the largest batch on the wire.
	MaxBatchBytes = 64 << 10
	// MaxBatchOps is how many ops a batch holds at most.
	MaxBatchOps = 500
	// MaxRecords is how many records a board holds, deleted ones included.
	MaxRecords = 200_000
	// MaxProps is how many properties a record holds.
	MaxProps = 512
	// MaxChunkPoints is how many points one chunk of a stroke holds.
	MaxChunkPoints = 512
	// MaxChunks is how many chunks a stroke has.
	MaxChunks = 200
	// MaxBends is how many points a line has between its ends.
	MaxBends = 1000
	// MaxGroups is how deep groups are nested.
	MaxGroups = 16
	// MaxMetaBytes is the largest value of meta, as JSON.
	MaxMetaBytes = 8 << 10
	// MaxCommentText is the longest text of a comment, in characters.
	MaxCommentText = 4000
	// MaxThreads is how many threads a board has that are not deleted, MaxComments how many
	// such comments a thread.
	MaxThreads  = 2000
	MaxComments = 500
	// MaxCoordinate bounds the absolute value of a coordinate, in world units.
	MaxCoordinate = 1e7
	// MaxClockAhead is how far a stamp may lie ahead of the server's clock.
	MaxClockAhead = 5 * time.Second
)
