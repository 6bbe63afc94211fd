package certificate

import (
	"crypto/tls"
	"sync"
	"time"
)

// Leaf is a server's certificate by an [Authority]. It lives in memory and is replaced
// before it ends. Safe for concurrent use.
type Leaf struct {
	authority *Authority
	names     names

	mu      sync.Mutex
	current *tls.Certificate // guarded by mu
}

// Leaf returns a certificate for localhost, the loopback addresses and hosts, for which
// the authority must have been opened.
func (a *Authority) Leaf(hosts []string) (*Leaf, error) {
	n, err := parseNames(hosts)
	if err != nil {
		return nil, err
	}
	l := &Leaf{authority: a, names: n}
	_, err = l.GetCertificate(nil)
	return l, err
}

// GetCertificate returns the certificate of the moment, for any client.
func (l *Leaf) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current != nil && l.authority.now().Before(l.renewal()) {
		return l.current, nil
	}
	next, err := l.authority.issue(l.names)
	if err != nil {
		return nil, err
	}
	l.current = next
	return next, nil
}

// renewal is when the certificate is due to be replaced.
func (l *Leaf) renewal() time.Time { return l.current.Leaf.NotAfter.Add(-renewBefore) }
