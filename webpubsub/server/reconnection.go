package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// reconnectionLife is how long a reconnection token is good for, if the connection lives.
const reconnectionLife = 7 * 24 * time.Hour

// reconnectionToken lets a client come back to c: an expiry in Unix seconds and its MAC.
// Empty when c can't be recovered.
func (s *Server) reconnectionToken(c *conn) string {
	if !c.state.Reliable() {
		return ""
	}
	expires := binary.BigEndian.AppendUint64(nil, uint64(time.Now().Add(reconnectionLife).Unix()))
	return base64.RawURLEncoding.EncodeToString(append(expires, s.reconnectionMAC(c, expires)...))
}

func (s *Server) reconnectionMAC(c *conn, expires []byte) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(c.hubName))
	mac.Write([]byte{0})
	mac.Write([]byte(c.id()))
	mac.Write(expires)
	return mac.Sum(nil)
}

// validReconnection reports whether the token is one of c's and has not expired.
func (s *Server) validReconnection(c *conn, token string) bool {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 8+sha256.Size || !c.state.Reliable() {
		return false
	}
	expires := time.Unix(int64(binary.BigEndian.Uint64(b)), 0)
	return hmac.Equal(b[8:], s.reconnectionMAC(c, b[:8])) && time.Now().Before(expires)
}
