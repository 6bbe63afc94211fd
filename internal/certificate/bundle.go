package certificate

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// systemBundles are where systems keep the authorities they trust, in one file.
var systemBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch, Alpine
	"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL
	"/etc/ssl/ca-bundle.pem",                            // openSUSE
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS, RHEL 7
	"/etc/ssl/cert.pem",                                 // macOS, Alpine, BSD
}

// BundleFile is the name of the file that [WriteBundle] writes.
const BundleFile = "ca-bundle.pem"

// WriteBundle writes, beside the file of an authority, one that holds it after those
// authorities that the system trusts, for programs that trust one file and nothing else.
// It returns the path, and the system's file it began with: that is the one named by
// system or, when that is empty or a bundle of ours, one of the usual; empty when
// there is none.
func WriteBundle(authority, system string) (path, from string, err error) {
	own, err := os.ReadFile(authority)
	if err != nil {
		return "", "", err
	}
	path = filepath.Join(filepath.Dir(authority), BundleFile)
	candidates := systemBundles
	if system != "" && filepath.Base(system) != BundleFile {
		candidates = append([]string{system}, candidates...)
	}
	var text []byte
	for _, from = range candidates {
		text, err = os.ReadFile(from)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", "", err
		}
		from = ""
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	return path, from, writeFile(path, append(text, own...), 0o644)
}

// Pool is what the system trusts and the authorities in the files given.
func Pool(files ...string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no certificate in PEM", file)
		}
	}
	return pool, nil
}
