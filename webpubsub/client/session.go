package client

import (
	"net/url"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// recoveryWindow is how long the client tries to recover a lost socket.
// Source: client spec, recovery.
const recoveryWindow = 30 * time.Second

// session is a logical connection. It is pure; Client.mu guards it.
type session struct {
	Connection
	url      string // it was opened with
	token    string // for recovery; empty when it cannot be recovered
	reason   string // the service gave for ending it
	received sequence
}

// renewed takes a greeting on a connection that is already there.
func (s *session) renewed(id webpubsub.ConnectionID, token string) bool {
	if token != "" {
		s.token = token
	}
	s.reason = "" // it was not the end
	return id == s.ID
}

// recoveryURL is where the connection can be taken up again.
func (s *session) recoveryURL() (string, error) {
	u, err := url.Parse(s.url)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("awps_connection_id", string(s.ID))
	q.Set("awps_reconnection_token", s.token)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// ackAtOnce is how far the sequence ids may run ahead of the last acknowledged one until the
// client acknowledges without waiting for its timer.
const ackAtOnce = 300

// sequence follows the sequence ids of a reliable connection.
type sequence struct {
	last  uint64 // received
	acked uint64
}

// accept reports whether a message is new. Ids may skip what expired at the service. An id
// of 0 is none, on a plain connection.
func (s *sequence) accept(id uint64) bool {
	if id == 0 {
		return true
	}
	if id <= s.last {
		return false
	}
	s.last = id
	return true
}

// urgent reports whether an acknowledgement is due now, owed whether one is due at all.
func (s *sequence) urgent() bool { return s.last-s.acked > ackAtOnce }
func (s *sequence) owed() bool   { return s.last > s.acked }

// resent is told when the service repeats what it saw no acknowledgement of; acks may have
// been lost.
func (s *sequence) resent() { s.acked = 0 }
