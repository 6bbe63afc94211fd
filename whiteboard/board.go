package whiteboard

import (
	"encoding/json"
	"time"
)

// BoardID names a board: 12 characters of [0-9A-Za-z].
type BoardID string

// RecordID names a record within its board: 1 to 32 characters of [0-9A-Za-z_-].
type RecordID string

// ActorID names one replica, in practice one browser tab: 8 to 20 characters of [0-9A-Za-z].
type ActorID string

// UserID is a person's id as the web app issues it and the service stamps it.
type UserID string

// Role is what a link allows.
type Role string

// The roles.
const (
	Editor Role = "editor"
	Viewer Role = "viewer"
)

// Board is what is known about a board apart from its records.
type Board struct {
	ID        BoardID
	CreatedAt time.Time
	Links     Links
}

// Links are the secrets of a board's two links. Whoever has one has its role; replacing
// one revokes it.
type Links struct {
	Edit string
	View string
}

// Stamp orders writes: 9 base-36 digits of Unix milliseconds, 3 base-36 digits of a
// counter, then the actor. Stamps compare as strings. See [Clock].
type Stamp string

// Patch holds property values by name, as JSON.
type Patch map[string]json.RawMessage

// Op is one change to one record. On the wire it is an array: [time, record, patch],
// where time is the first 12 characters of the stamp; the batch names the actor.
type Op struct {
	Stamp  Stamp
	Record RecordID
	Patch  Patch
}

// Batch is what a replica commits at once. N counts an actor's batches from 1 without
// gaps, which makes resending harmless.
type Batch struct {
	Actor ActorID `json:"c"`
	N     uint64  `json:"n"`
	Ops   []Op    `json:"ops"`
}

// Entry is a batch as the journal holds it, at its place in the board's order.
type Entry struct {
	Seq  uint64    `json:"q"`
	User UserID    `json:"u"`
	At   time.Time `json:"t"` // Unix milliseconds on the wire
	Batch
}

// Record is a record's registers. Every property's stamp is V, except those named in PV.
// On the wire: {"id","v","pv"?,"p"}.
type Record struct {
	ID    RecordID         `json:"id"`
	V     Stamp            `json:"v"`
	PV    map[string]Stamp `json:"pv,omitempty"`
	Props Patch            `json:"p"`
}

// Snapshot is a board's records after the entry Seq. Deleted records are included:
// deletion is a property.
type Snapshot struct {
	Seq     uint64   `json:"seq"`
	Records []Record `json:"records"`
}
