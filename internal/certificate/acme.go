package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// acmeTimeout bounds one call to the ACME service.
const acmeTimeout = 30 * time.Second

// ACMEOptions configure [NewACME].
type ACMEOptions struct {
	// Domains are the host names to have certificates for; any other is refused. Required.
	Domains []string
	// Dir is the folder that keeps account and certificates. Required.
	Dir string
	// Directory is the URL of the ACME service; empty is Let's Encrypt.
	Directory string
	// RootCAs are what the ACME service's own certificate is checked by; nil is what the
	// system trusts.
	RootCAs *x509.CertPool
	// Email is whom the ACME service may warn; may be empty.
	Email string
}

// ACME gets certificates when they are first asked for, and renews them while it lives.
// By using it an operator agrees to the terms of the ACME service. Safe for concurrent
// use.
type ACME struct {
	manager *autocert.Manager
}

// NewACME returns a source of certificates. It asks nobody yet.
// Errors: a domain that is not a host name.
func NewACME(o ACMEOptions) (*ACME, error) {
	for _, d := range o.Domains {
		if !isName(d) || net.ParseIP(d) != nil || strings.HasPrefix(d, "*") {
			return nil, fmt.Errorf("%q is not a host name", d)
		}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if o.RootCAs != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12}
	}
	return &ACME{&autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(o.Dir),
		HostPolicy: autocert.HostWhitelist(o.Domains...),
		Email:      o.Email,
		Client: &acme.Client{
			DirectoryURL: o.Directory,
			HTTPClient:   &http.Client{Transport: transport, Timeout: acmeTimeout},
		},
	}}, nil
}

// Config is [Config] that also answers the challenge tls-alpn-01.
func (a *ACME) Config() *tls.Config {
	c := Config(a.manager.GetCertificate)
	c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	return c
}

// Challenges answers the challenge http-01, which comes to port 80, and leaves everything
// else to next.
func (a *ACME) Challenges(next http.Handler) http.Handler { return a.manager.HTTPHandler(next) }
