package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
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
	// Logger is told when a certificate can't be had; nil discards.
	Logger *slog.Logger
}

// ACME gets certificates when they are first asked for, and renews them while it lives.
// By using it an operator agrees to the terms of the ACME service. Safe for concurrent
// use.
type ACME struct {
	manager *autocert.Manager
	log     *slog.Logger
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
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	manager := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(o.Dir),
		HostPolicy: autocert.HostWhitelist(o.Domains...),
		Email:      o.Email,
		Client: &acme.Client{
			DirectoryURL: o.Directory,
			HTTPClient:   &http.Client{Transport: transport, Timeout: acmeTimeout},
		},
	}
	return &ACME{manager, o.Logger}, nil
}

func (a *ACME) getCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c, err := a.manager.GetCertificate(hello)
	if err != nil && a.manager.HostPolicy(hello.Context(), hello.ServerName) == nil {
		a.log.Warn("there is no certificate", "host", hello.ServerName, "err", err)
	}
	return c, err
}

// Config is [Config] that also answers the challenge tls-alpn-01.
func (a *ACME) Config() *tls.Config {
	c := Config(a.getCertificate)
	c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	return c
}

// Challenges answers the challenge http-01 and leaves everything else to next. Public ACME
// services come to port 80, private ones perhaps to another.
func (a *ACME) Challenges(next http.Handler) http.Handler {
	answers := a.manager.HTTPHandler(http.NotFoundHandler())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/.well-known/acme-challenge/") {
			next.ServeHTTP(w, r)
			return
		}
		if host, _, err := net.SplitHostPort(r.Host); err == nil {
			r = r.Clone(r.Context())
			r.Host = host
		}
		answers.ServeHTTP(w, r)
	})
}
