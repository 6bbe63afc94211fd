package connection

import "github.com/easelhq/easel/webpubsub"

// Refusal tells of a request that was not carried out, for diagnosis. The client may have been
// told less, or nothing.
type Refusal struct {
	// Malformed says what is wrong with a frame that the subprotocol does not allow.
	Malformed error
	// Duplicate is the ack id of a request that was carried out before.
	Duplicate string
	// Otherwise the connection has no Permission for Group.
	Permission webpubsub.Permission
	Group      webpubsub.GroupName
}

func (Refusal) effect() {}
