package whiteboard

import (
	"fmt"
	"strings"
)

// Code says why a batch is refused. Source: docs/board-protocol.md §3.
type Code string

// The codes, and what the client does about each.
const (
	CodeForbidden   Code = "forbidden"   // drop the batch, reload
	CodeInvalid     Code = "invalid"     // drop the batch, reload
	CodeTooLarge    Code = "too_large"   // drop the batch, reload
	CodeQuota       Code = "quota"       // drop the batch, reload
	CodeClock       Code = "clock"       // restamp, send again
	CodeOrder       Code = "order"       // renumber or restamp, send again
	CodeUnavailable Code = "unavailable" // send the same again, later
)

// Refusal is the error of a batch or op that breaks a rule. Message is meant for the
// person who wrote the client: it names the property, its value, clipped, and the limit.
type Refusal struct {
	Code    Code
	Message string
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Message }

// Refusef returns a Refusal.
func Refusef(code Code, format string, args ...any) error {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// clip shortens a peer's value for a message.
func clip[T ~string | ~[]byte](v T) string {
	const most = 64
	if len(v) <= most {
		return strings.ToValidUTF8(string(v), "�")
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(string(v[:most]), ""), len(v))
}
