package certificate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// Names of files in an authority's folder.
const (
	// AuthorityFile holds the authority's certificate, for clients to trust.
	AuthorityFile = "ca.pem"
	// secretFile holds certificate and private key; readable by its owner alone.
	secretFile = "ca-with-key.pem"
)

const (
	authorityLifetime = 10 * 365 * 24 * time.Hour
	leafLifetime      = 90 * 24 * time.Hour
	// renewBefore is how long before its end a certificate is replaced.
	renewBefore = 30 * 24 * time.Hour
	// backdated certificates are valid on machines whose clock is behind.
	backdated = time.Hour
)

// Authority is a certificate authority for one machine, kept in a folder. Its own
// certificate is limited to servers of the names it was made for, by name constraints, so
// that whoever trusts it takes no risk beyond those names. Safe for concurrent use.
type Authority struct {
	// File is where the certificate to be trusted is, in PEM.
	File string
	// Changed says that OpenAuthority made the certificate: what trusted an earlier one
	// has to read File again.
	Changed bool

	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	now         func() time.Time
}

// OpenAuthority opens the authority in dir, or makes one that may vouch for localhost, the
// loopback addresses and hosts: names, *.names and IP addresses. When the one that is
// there may not vouch for a host, or ends soon, its certificate is made anew over the same
// key. Now tells the time; nil is time.Now. Errors: a host that is neither name nor
// address, or those of the file system.
func OpenAuthority(dir string, hosts []string, now func() time.Time) (*Authority, error) {
	if now == nil {
		now = time.Now
	}
	a := &Authority{File: filepath.Join(dir, AuthorityFile), now: now}
	names, err := parseNames(hosts)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	secret := filepath.Join(dir, secretFile)
	if err := a.load(secret); err != nil {
		return nil, fmt.Errorf("certificate authority in %s: %w", secret, err)
	}
	if a.certificate == nil || !a.serves(names) {
		if err := a.make(names); err != nil {
			return nil, err
		}
		if err := a.save(secret); err != nil {
			return nil, err
		}
		a.Changed = true
	}
	return a, writeFile(a.File, encodePEM("CERTIFICATE", a.certificate.Raw), 0o644)
}

// load reads certificate and key; neither when there is no file yet.
func (a *Authority) load(secret string) error {
	pair, err := tls.LoadX509KeyPair(secret, secret)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return errors.New("the key is not an ECDSA key")
	}
	a.certificate, a.key = pair.Leaf, key
	return nil
}

// serves reports whether the certificate lasts, and permits all of n.
func (a *Authority) serves(n names) bool {
	return a.now().Before(a.certificate.NotAfter.Add(-leafLifetime)) && n.permittedBy(a.certificate)
}

// make signs a certificate of the authority, over the key there is or a new one. What the
// one before it permitted stays permitted.
func (a *Authority) make(n names) (err error) {
	if a.key == nil {
		if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return err
		}
	}
	now := a.now()
	host, _ := os.Hostname() // tells authorities in a browser's list apart; may be empty
	template := &x509.Certificate{
		SerialNumber:                newSerial(),
		Subject:                     pkix.Name{Organization: []string{"Easel"}, CommonName: "Easel local authority " + host},
		NotBefore:                   now.Add(-backdated),
		NotAfter:                    now.Add(authorityLifetime),
		BasicConstraintsValid:       true,
		IsCA:                        true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true,
	}
	n.constrain(template, a.certificate)
	a.certificate, err = sign(template, template, a.key.Public(), a.key)
	return err
}

func (a *Authority) save(secret string) error {
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	text := append(encodePEM("CERTIFICATE", a.certificate.Raw), encodePEM("PRIVATE KEY", der)...)
	return writeFile(secret, text, 0o600)
}

// issue signs a certificate for a server of n.
func (a *Authority) issue(n names) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := a.now()
	ends := now.Add(leafLifetime)
	if ends.After(a.certificate.NotAfter) {
		ends = a.certificate.NotAfter
	}
	leaf, err := sign(&x509.Certificate{
		SerialNumber:          newSerial(),
		Subject:               pkix.Name{Organization: []string{"Easel"}, CommonName: "Easel"},
		NotBefore:             now.Add(-backdated),
		NotAfter:              ends,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:              n.dns,
		IPAddresses:           n.ips,
	}, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

func sign(template, parent *x509.Certificate, public any, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// newSerial is 127 random bits; serials are positive and have at most 20 bytes.
func newSerial() *big.Int {
	b := make([]byte, 16)
	rand.Read(b)
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b)
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// writeFile replaces a file as a whole, unless it holds text already.
func writeFile(path string, text []byte, mode fs.FileMode) error {
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, text) {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once the file has its name
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}
