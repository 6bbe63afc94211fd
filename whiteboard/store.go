package whiteboard

import (
	"context"
	"errors"
)

// Errors that callers branch on.
var (
	// ErrNotFound: no such board, asset or user.
	ErrNotFound = errors.New("not found")
	// ErrConflict: a commit's Seq is not the board's next one.
	ErrConflict = errors.New("conflict")
	// ErrCompacted: the journal no longer reaches back to the asked position.
	ErrCompacted = errors.New("compacted")
)

// Commit is one entry and the records as they are after it.
type Commit struct {
	Board   BoardID
	Entry   Entry
	Records []Record
}

// Progress is how far an actor has got on a board: its last batch, the stamp of that
// batch's last op, its place in the board's order, and the user the actor belongs to.
type Progress struct {
	N     uint64
	Stamp Stamp
	Seq   uint64
	User  UserID
}

// Asset is an uploaded file, addressed by its content.
type Asset struct {
	// Hash is the SHA-256 of Data, 64 lower-case hex digits.
	Hash string
	// Type is the media type found by looking at the content, e.g. image/png.
	Type string
	Data []byte
}

// Person is a user's chosen name.
type Person struct {
	ID   UserID
	Name string
}

// Store keeps boards. Implementations are safe for concurrent use; when a writing call
// returns nil its effect is durable: it survives kill -9 and power loss. When it returns
// an error other than those named, the effect is unknown: read before going on.
//
// Maps and slices handed in or out are shared and must not be changed afterwards.
type Store interface {
	// CreateBoard adds a board. Errors: ErrConflict when the id exists.
	CreateBoard(ctx context.Context, b Board) error
	// Board returns a board. Errors: ErrNotFound.
	Board(ctx context.Context, id BoardID) (Board, error)
	// Boards returns all boards, newest first.
	Boards(ctx context.Context) ([]Board, error)
	// SetLinks replaces a board's links. Errors: ErrNotFound.
	SetLinks(ctx context.Context, id BoardID, l Links) error

	// Commit journals entries of one board, in order, and their records: all or nothing.
	// Concurrent calls may share one flush to disk. Errors: ErrNotFound (board),
	// ErrConflict (Seq).
	Commit(ctx context.Context, c ...Commit) error
	// Snapshot returns a board's records and position. Errors: ErrNotFound.
	Snapshot(ctx context.Context, id BoardID) (Snapshot, error)
	// Entries returns at most limit entries after seq, in order.
	// Errors: ErrNotFound, ErrCompacted.
	Entries(ctx context.Context, id BoardID, after uint64, limit int) ([]Entry, error)
	// Progress returns how far an actor has got; zero when unknown.
	Progress(ctx context.Context, id BoardID, a ActorID) (Progress, error)

	// PutAsset stores an asset; storing the same content again is not an error.
	PutAsset(ctx context.Context, a Asset) error
	// Asset returns an asset by hash. Errors: ErrNotFound.
	Asset(ctx context.Context, hash string) (Asset, error)

	// SetPerson stores a person's name.
	SetPerson(ctx context.Context, p Person) error
	// People returns the known names of ids.
	People(ctx context.Context, ids []UserID) ([]Person, error)
	// Secret returns the named secret, made by the first call: 32 random bytes.
	Secret(ctx context.Context, name string) ([]byte, error)

	// Close flushes and releases the store.
	Close() error
}
