package whiteboard

import (
	"crypto/rand"
	"strings"
)

const (
	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base36 = "0123456789abcdefghijklmnopqrstuvwxyz"

	boardIDLength = 12
	secretLength  = 24 // 142 bits
)

// BoardRecord is the id of the record that holds a board's title and background.
const BoardRecord RecordID = "board"

// NewBoardID returns a random board id.
func NewBoardID() BoardID { return BoardID(randomBase62(boardIDLength)) }

// NewSecret returns a random secret for a link: 24 characters of [0-9A-Za-z].
func NewSecret() string { return randomBase62(secretLength) }

// NewLinks returns a board's two links with fresh secrets.
func NewLinks() Links { return Links{Edit: NewSecret(), View: NewSecret()} }

// Valid reports whether id has the form of a board id.
func (id BoardID) Valid() bool { return len(id) == boardIDLength && only(string(id), base62) }

// Valid reports whether id has the form of a record id.
func (id RecordID) Valid() bool {
	return len(id) >= 1 && len(id) <= 32 && only(string(id), base62+"_-")
}

// Valid reports whether a has the form of an actor id.
func (a ActorID) Valid() bool { return len(a) >= 8 && len(a) <= 20 && only(string(a), base62) }

// only reports whether s consists of characters of alphabet.
func only(s, alphabet string) bool {
	for i := range len(s) {
		if strings.IndexByte(alphabet, s[i]) < 0 {
			return false
		}
	}
	return true
}

func randomBase62(n int) string {
	out := make([]byte, 0, n)
	for buf := make([]byte, 2*n); len(out) < n; {
		rand.Read(buf) // never fails
		for _, b := range buf {
			// Bytes from 62·4 on would favour the first digits.
			if b < 62*4 && len(out) < n {
				out = append(out, base62[b%62])
			}
		}
	}
	return string(out)
}
