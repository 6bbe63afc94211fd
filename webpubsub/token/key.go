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
	var signatures []string
	for _, key := range []string{keys.Primary, keys.Secondary} {
		if key != "" {
			signatures = append(signatures, signaturePrefix+hex.EncodeToString(mac(key, id)))
		}
	}
	return strings.Join(signatures, ",")
}

// VerifyEvent reports whether any signature in the values of ce-signature headers was
// made with any of the keys. Empty keys are skipped.
func VerifyEvent(headers []string, id webpubsub.ConnectionID, keys ...string) bool {
	for _, signature := range strings.Split(strings.Join(headers, ","), ",") {
		digest, ok := strings.CutPrefix(strings.TrimSpace(signature), signaturePrefix)
		if sum, err := hex.DecodeString(digest); ok && err == nil && madeByAny(sum, id, keys) {
			return true
		}
	}
	return false
}

func madeByAny(sum []byte, id webpubsub.ConnectionID, keys []string) bool {
	for _, key := range keys {
		if key != "" && hmac.Equal(sum, mac(key, id)) {
			return true
		}
	}
	return false
}

func mac(key string, id webpubsub.ConnectionID) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(id))
	return h.Sum(nil)
}
