package main

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"github.com/easelhq/easel/internal/certificate"
)

const (
	// tlsFolder is where the data folder keeps the machine's own authority.
	tlsFolder = "tls"
	// acmeFolder is where it keeps what an ACME service issued.
	acmeFolder = "acme"
)

// httpsOptions are the flags of HTTPS.
type httpsOptions struct {
	on                   bool
	addr                 string
	hosts                list
	certFile, keyFile    string
	domains              list
	directory, ca, email string
}

func (o *httpsOptions) register(f *flags) {
	f.BoolVar(&o.on, "https", false, "serve HTTPS too, with a certificate of this machine's own authority; easel env prints how to trust it")
	f.StringVar(&o.addr, "https-addr", "", "host:port for HTTPS (default localhost:8443, with --acme-domain :443)")
	f.Var(&o.hosts, "https-host", "name or IP address under which clients reach this machine, besides localhost; repeatable; implies --https")
	f.StringVar(&o.certFile, "tls-cert", "", "PEM file with a certificate and its chain, read again when it changes; implies --https")
	f.StringVar(&o.keyFile, "tls-key", "", "PEM file with the key of --tls-cert")
	f.Var(&o.domains, "acme-domain", "public name to get a certificate for, by Let's Encrypt, whose terms you thereby accept; repeatable; implies --https")
	f.StringVar(&o.directory, "acme-directory", "", "URL of another ACME service's directory")
	f.StringVar(&o.ca, "acme-ca", "", "PEM file with the authority behind --acme-directory's own certificate")
	f.StringVar(&o.email, "acme-email", "", "whom the ACME service may warn of trouble")
}

// check refuses what doesn't go together and fills in defaults.
func (o *httpsOptions) check() error {
	o.on = o.on || len(o.hosts) > 0 || o.certFile != "" || o.keyFile != "" || len(o.domains) > 0
	switch {
	case (o.certFile == "") != (o.keyFile == ""):
		return usagef("--tls-cert and --tls-key go together")
	case o.certFile != "" && len(o.domains) > 0:
		return usagef("--tls-cert and --acme-domain are two ways to a certificate; use one")
	case len(o.hosts) > 0 && (o.certFile != "" || len(o.domains) > 0):
		return usagef("--https-host is for certificates of this machine's own authority, not for --tls-cert or --acme-domain")
	case len(o.domains) == 0 && (o.directory != "" || o.ca != "" || o.email != ""):
		return usagef("--acme-directory, --acme-ca and --acme-email need --acme-domain")
	case !o.on && o.addr != "":
		return usagef("--https-addr needs --https")
	case o.addr == "" && len(o.domains) > 0:
		o.addr = ":443"
	}
	o.addr = cmp.Or(o.addr, "localhost:8443")
	return nil
}

// source is where the certificates of a server come from.
type source struct {
	config       *tls.Config
	host         string                          // to be reached by; empty is any
	ownAuthority bool                            // clients have to trust the data folder's
	plain        func(http.Handler) http.Handler // around what serves plain HTTP; nil is nothing
}

// open returns the source that the flags ask for. Data is the data folder.
func (o *httpsOptions) open(p *program, data string, log *slog.Logger) (source, error) {
	switch {
	case o.certFile != "":
		return o.openFiles(log)
	case len(o.domains) > 0:
		return o.openACME(data, log)
	}
	return o.openAuthority(p, data)
}

func (o *httpsOptions) openAuthority(p *program, data string) (source, error) {
	hosts := slices.Clone(o.hosts)
	if host, named := hostOf(o.addr); named {
		hosts = append(hosts, host)
	}
	a, err := certificate.OpenAuthority(filepath.Join(data, tlsFolder), hosts, nil)
	if err != nil {
		return source{}, fmt.Errorf("certificate: %w", err)
	}
	leaf, err := a.Leaf(hosts)
	if err != nil {
		return source{}, fmt.Errorf("certificate: %w", err)
	}
	if a.Changed {
		fmt.Fprintf(p.stderr, "A new certificate authority is in %s; clients have to trust it, and easel env prints how.\n", a.File)
	}
	return source{config: certificate.Config(leaf.GetCertificate), ownAuthority: true}, nil
}

func (o *httpsOptions) openFiles(log *slog.Logger) (source, error) {
	files, err := certificate.OpenFiles(o.certFile, o.keyFile, log)
	if err != nil {
		return source{}, err
	}
	s := source{config: certificate.Config(files.GetCertificate)}
	plain := func(name string) bool { return !strings.HasPrefix(name, "*") }
	if names := files.Names(); !slices.Contains(names, "localhost") {
		if i := slices.IndexFunc(names, plain); i >= 0 {
			s.host = names[i]
		}
	}
	return s, nil
}

func (o *httpsOptions) openACME(data string, log *slog.Logger) (source, error) {
	options := certificate.ACMEOptions{
		Domains: o.domains, Directory: o.directory, Email: o.email, Dir: filepath.Join(data, tlsFolder, acmeFolder), Logger: log,
	}
	if o.ca != "" {
		pool, err := certificate.Pool(o.ca)
		if err != nil {
			return source{}, fmt.Errorf("--acme-ca: %w", err)
		}
		options.RootCAs = pool
	}
	a, err := certificate.NewACME(options)
	if err != nil {
		return source{}, usagef("--acme-domain: %v", err)
	}
	return source{config: a.Config(), host: o.domains[0], plain: a.Challenges}, nil
}
