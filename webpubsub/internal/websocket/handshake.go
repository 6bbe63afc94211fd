package websocket

import (
	"crypto/sha1"
	"encoding/base64"
	"strings"
)

// AcceptKey is what Sec-WebSocket-Accept says to a Sec-WebSocket-Key.
// Source: RFC 6455, 4.2.2.
func AcceptKey(key string) string {
	sum := sha1.Sum([]byte(strings.TrimSpace(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// ValidKey reports whether a Sec-WebSocket-Key is what it has to be, 16 bytes in base64.
func ValidKey(key string) bool {
	var buf [18]byte
	key = strings.TrimSpace(key)
	if len(key) != base64.StdEncoding.EncodedLen(16) {
		return false
	}
	n, err := base64.StdEncoding.Decode(buf[:], []byte(key))
	return err == nil && n == 16
}

// HasToken reports whether a header that is a list, over all its lines, has a token. Letters
// of both cases are the same.
func HasToken(lines []string, token string) bool {
	for _, line := range lines {
		for value := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(value), token) {
				return true
			}
		}
	}
	return false
}
