package connection

import (
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// Effect is one thing for the caller to do. Besides those here, a [Refusal] is one.
type Effect interface{ effect() }

// Frame is one WebSocket message.
type Frame struct {
	Text  bool
	Bytes []byte
}

type (
	// Send sends a frame on the present socket, if there is one.
	Send struct{ Frame }
	// Join adds the connection to a group.
	Join struct{ Group webpubsub.GroupName }
	// Leave takes the connection out of a group.
	Leave struct{ Group webpubsub.GroupName }
	// Publish sends a message to a group, without the connection itself when NoEcho.
	Publish struct {
		Message webpubsub.Message
		NoEcho  bool
	}
	// Raise delivers a user event; its outcome comes back through [State.EventDone].
	Raise struct {
		Event    webpubsub.EventName
		Data     webpubsub.Data
		Metadata webpubsub.Metadata
		EventID  uint64
	}
	// CancelRaise abandons the event that is being delivered. It still has an outcome.
	CancelRaise struct{}
	// SetState replaces the connection's state in a group; nil clears it. Those who watch
	// the group are told.
	SetState struct {
		Group     webpubsub.GroupName
		State     map[string]string
		UpdatedAt time.Time
	}
	// Watch delivers a snapshot of the states in a group, and from then on every change.
	Watch struct{ Group webpubsub.GroupName }
	// Unwatch ends that.
	Unwatch struct{ Group webpubsub.GroupName }
	// Timer asks for [State.Tick] at a time. It replaces an earlier Timer.
	Timer struct{ At time.Time }
	// Close closes the present socket after what has been sent.
	Close struct {
		Code   int
		Reason string
	}
	// Detach lets the socket go and keeps the connection for the recovery window.
	Detach struct{}
	// End is the end of the connection; it always comes last and once. The connection
	// leaves its groups, and its group states are cleared.
	End struct {
		// Reason is for the disconnected event.
		Reason string
		// EventID is the next id; take it with [State.NextEventID] after those of the groups
		// that are left.
		EventID uint64
	}
)

func (Send) effect()        {}
func (Join) effect()        {}
func (Leave) effect()       {}
func (Publish) effect()     {}
func (Raise) effect()       {}
func (CancelRaise) effect() {}
func (SetState) effect()    {}
func (Watch) effect()       {}
func (Unwatch) effect()     {}
func (Timer) effect()       {}
func (Close) effect()       {}
func (Detach) effect()      {}
func (End) effect()         {}

// Close codes that the service uses. Source: client endpoints, close codes.
const (
	CloseNormal      = 1000
	CloseGoingAway   = 1001
	CloseProtocol    = 1002
	CloseUnsupported = 1003
	CloseInvalid     = 1007
	ClosePolicy      = 1008
	CloseTooLarge    = 1009
	CloseServerError = 1011
)

// Texts for clients. Source: client endpoints, close codes.
const (
	maxReasonBytes    = 123
	recoveryExpired   = "The connection recovery timeout expired."
	closedByServer    = "Application server closed the connection."
	queueFull         = "The outbound message queue is full."
	reliableFull      = "The reliable message buffer is full."
	messageTooLarge   = "The client message is too large."
	frameInvalid      = "The client frame is invalid."
	notUTF8           = "The client message is not valid UTF-8."
	serverError       = "Internal server error"
	rawSendForbidden  = "The connection is not authorized for raw sendToGroup mode."
	serviceReload     = "ServiceReload: the service is shutting down."
	unrecoverableText = "The connection could not be recovered."
)

// Unrecoverable is how a recovery is refused: after the upgrade, so that clients start anew.
func Unrecoverable() Close { return Close{ClosePolicy, unrecoverableText} }

// Outcome is how a user event ended.
type Outcome struct {
	// Failed: no handler took it, or the handler refused or failed.
	Failed bool
	// Data is the handler's answer; nil is none.
	Data *webpubsub.Data
	// Metadata goes with the answer; alone it makes an answer without data.
	Metadata webpubsub.Metadata
	// State is the new connection state; nil keeps the present one.
	State *string
}
