// Package connid has the ids of connections, as bits and as text.
package connid

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"

	"github.com/easelhq/easel/webpubsub"
)

// ID is a connection's id: 128 random bits.
type ID [16]byte

// New returns an ID that nobody can guess.
func New() (id ID) {
	rand.Read(id[:])
	return id
}

// Parse reads what [ID.Text] writes; false when text is anything else.
func Parse(text webpubsub.ConnectionID) (id ID, ok bool) {
	if len(text) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(text))
	return id, err == nil && id.Text() == text
}

// Text is the ID in lower-case hex.
func (id ID) Text() webpubsub.ConnectionID {
	var text [2 * len(id)]byte
	hex.Encode(text[:], id[:])
	return webpubsub.ConnectionID(text[:])
}

// Hash is a part of the ID, which is as random as all of it.
func (id ID) Hash() uint64 { return binary.LittleEndian.Uint64(id[:]) }
