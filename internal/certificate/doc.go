// Package certificate provides the certificates of an HTTPS server from one of three
// sources: an authority of this machine's own ([OpenAuthority]), files that an operator
// renews ([OpenFiles]), or an ACME service such as Let's Encrypt ([NewACME]).
//
// Each source has a GetCertificate for [Config] and renews without a restart.
package certificate

import "crypto/tls"

// Config is a server's TLS configuration over a source of certificates. It speaks TLS 1.2
// and later, and HTTP/1.1 alone: a WebSocket begins with an HTTP/1.1 upgrade, and clients
// that were offered HTTP/2 would not send one.
func Config(get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: get,
	}
}
