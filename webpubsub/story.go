package webpubsub

import "time"

// Story is what the service remembers of one connection, of a handshake it refused, or of a
// hub as a whole: decisions, failures and changes of state, never messages or secrets.
type Story struct {
	// ID is the connection id, which a refused handshake has too; "hub:" and a hub's name
	// for what concerns a hub.
	ID     string     `json:"id"`
	Hub    HubName    `json:"hub,omitempty"`
	UserID UserID     `json:"userId,omitempty"`
	State  StoryState `json:"state"`
	// Trouble: something in the story went wrong.
	Trouble bool `json:"trouble"`
	// Subprotocol is the agreed one; empty for simple clients.
	Subprotocol string    `json:"subprotocol,omitempty"`
	Began       time.Time `json:"began"`
	Latest      time.Time `json:"latest"` // of the entries
	// Repeats is how often the same handshake was refused again.
	Repeats int           `json:"repeats,omitempty"`
	Traffic StoryTraffic  `json:"traffic"`
	Entries []StoryEntry  `json:"entries,omitempty"`
	Lost    int           `json:"entriesLost,omitempty"` // beyond the limits
	Advice  []StoryAdvice `json:"advice"`
}

// StoryState is where a connection stands.
type StoryState string

// The states.
const (
	StoryConnecting StoryState = "connecting"
	StoryRefused    StoryState = "refused"
	StoryOpen       StoryState = "open"
	StoryDetached   StoryState = "detached" // socket lost, may be recovered
	StoryClosed     StoryState = "closed"
	StoryOfHub      StoryState = "hub"
)

// StoryTraffic counts frames; what was in them is not kept.
type StoryTraffic struct {
	Received     int64     `json:"received"`
	LastReceived time.Time `json:"lastReceived,omitzero"`
	Sent         int64     `json:"sent"`
	LastSent     time.Time `json:"lastSent,omitzero"`
	// NoEcho is how many messages the client published with noEcho.
	NoEcho int64 `json:"noEcho,omitempty"`
}

// StoryEntry is one decision, failure or change.
type StoryEntry struct {
	At time.Time `json:"at"`
	// Count is how often it happened, Last when it did so last; equal ones are one entry.
	Count int       `json:"count"`
	Last  time.Time `json:"last,omitzero"`
	// Text says it in words.
	Text string `json:"text"`
	StoryFacts
}

// StoryFacts are an entry for programs. Which fields are set depends on Kind.
type StoryFacts struct {
	Kind  string `json:"kind"`
	Cause string `json:"cause,omitempty"` // names what went wrong; empty when nothing did
	By    string `json:"by,omitempty"`    // token, handler, client, application or service
	Event string `json:"event,omitempty"`
	Group string `json:"group,omitempty"`
	Role  string `json:"role,omitempty"`
	// Permission is joinLeaveGroup or sendToGroup.
	Permission string `json:"permission,omitempty"`
	// URL has neither query nor user, which may be secret.
	URL      string        `json:"url,omitempty"`
	Status   int           `json:"status,omitempty"`   // of HTTP
	Attempts int           `json:"attempts,omitempty"` // of a call
	Took     time.Duration `json:"tookNanoseconds,omitempty"`
	Code     int           `json:"code,omitempty"` // of a close frame
	Found    string        `json:"found,omitempty"`
	Expected string        `json:"expected,omitempty"`
	Time     time.Time     `json:"time,omitzero"` // the entry speaks of, such as an expiry
	Detail   string        `json:"detail,omitempty"`
}

// StoryAdvice is a likely cause and what to do about it, a sentence or two each.
type StoryAdvice struct {
	// Hint: it explains something that may well be intended.
	Hint   bool   `json:"hint,omitempty"`
	Cause  string `json:"cause"`
	Remedy string `json:"remedy"`
}
