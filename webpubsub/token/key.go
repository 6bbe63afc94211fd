package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// NewKey returns a new access key: 256 random bits as base64url, 43 characters that
// need no quoting in a connection string, a URL or a shell.
func NewKey() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// signaturePrefix names the algorithm in the ce-signature header.
const signaturePrefix = "sha256="

// SignEvent returns the ce-signature header of a connection's events: one signature for
// each key that is set, primary first. It proves where an event comes from; it does not
// cover the event's content. Source: event handlers, signature.
func SignEvent(keys webpubsub.Keys, id webpubsub.ConnectionID) string {
	var b [2*(len(signaturePrefix)+2*sha256.Size) + 1]byte
	header := b[:0]
	for _, key := range []string{keys.Primary, keys.Secondary} {
		if key == "" {
			continue
		}
		if len(header) > 0 {
			header = append(header, ',')
		}
		var digest [sha256.Size]byte
		header = hex.AppendEncode(append(header, signaturePrefix...), sum(digest[:0], key, string(id)))
	}
	return string(header)
}

// VerifyEvent reports whether any signature in the values of ce-signature headers was
// made with any of the keys. Empty keys are skipped.
func VerifyEvent(headers []string, id webpubsub.ConnectionID, keys ...string) bool {
	for _, header := range headers {
		for signature := range strings.SplitSeq(header, ",") {
			digits, ok := strings.CutPrefix(strings.TrimSpace(signature), signaturePrefix)
			if ok && madeByAny(digits, id, keys) {
				return true
			}
		}
	}
	return false
}

// madeByAny takes a digest in hexadecimal.
func madeByAny(digits string, id webpubsub.ConnectionID, keys []string) bool {
	var in [2 * sha256.Size]byte
	var made, want [sha256.Size]byte
	if len(digits) != len(in) {
		return false
	}
	copy(in[:], digits)
	if _, err := hex.Decode(made[:], in[:]); err != nil {
		return false
	}
	for _, key := range keys {
		if key != "" && hmac.Equal(made[:], sum(want[:0], key, string(id))) {
			return true
		}
	}
	return false
}
