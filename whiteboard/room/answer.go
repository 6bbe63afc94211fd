package room

import (
	"context"
	"encoding/json"
	"time"

	"github.com/easelhq/easel/whiteboard"
)

// Publisher sends a message to everyone on a board. An implementation returns when the
// service has accepted the message.
type Publisher interface {
	Publish(ctx context.Context, board whiteboard.BoardID, message json.RawMessage) error
}

// Author is who commits: the user the service vouches for, and the role of the link used.
type Author struct {
	User whiteboard.UserID
	Role whiteboard.Role
}

// Receipt says that a batch is durable.
type Receipt struct {
	N uint64
	// Seq is the batch's place in the board's order. For a duplicate that is not the
	// actor's last batch it is that of the last.
	Seq uint64
	// Duplicate is set when the batch had been committed before: its echo has been
	// published and the sender wants an answer.
	Duplicate bool
}

// MarshalJSON returns the answer to the sender: {"k":"ack","n","q"}.
func (r Receipt) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		K string `json:"k"`
		N uint64 `json:"n"`
		Q uint64 `json:"q"`
	}{"ack", r.N, r.Seq})
}

// Rejection is the error of a batch that was not committed, or, with CodeUnavailable, may
// not have been.
type Rejection struct {
	// N is the batch's number; 0 when it could not be read.
	N       uint64
	Code    whiteboard.Code
	Message string
	// Have is the number of the actor's last accepted batch, as far as it is known.
	Have uint64
	// Now is the server's time.
	Now time.Time
}

func (r *Rejection) Error() string { return string(r.Code) + ": " + r.Message }

// MarshalJSON returns the answer to the sender: {"k":"rej","n","code","message","have","now"}.
func (r *Rejection) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		K       string          `json:"k"`
		N       uint64          `json:"n"`
		Code    whiteboard.Code `json:"code"`
		Message string          `json:"message"`
		Have    uint64          `json:"have"`
		Now     int64           `json:"now"`
	}{"rej", r.N, r.Code, r.Message, r.Have, r.Now.UnixMilli()})
}
