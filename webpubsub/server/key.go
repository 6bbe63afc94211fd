package server

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"

	"github.com/easelhq/easel/webpubsub"
)

// connKey is a connection's id: 128 random bits. It is written in lower-case hex.
type connKey [16]byte

func newConnKey() (k connKey) {
	rand.Read(k[:])
	return k
}

// keyOf reads an id; false when it is no connection's.
func keyOf(id webpubsub.ConnectionID) (k connKey, ok bool) {
	if len(id) != 2*len(k) {
		return k, false
	}
	_, err := hex.Decode(k[:], []byte(id))
	return k, err == nil && k.id() == id
}

func (k connKey) id() webpubsub.ConnectionID {
	var text [2 * len(k)]byte
	hex.Encode(text[:], k[:])
	return webpubsub.ConnectionID(text[:])
}

// hash is random, as the key is.
func (k connKey) hash() uint64 { return binary.LittleEndian.Uint64(k[:]) }
