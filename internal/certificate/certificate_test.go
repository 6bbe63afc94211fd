package certificate

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clock is a time that tests set.
type clock struct{ now time.Time }

func newClock() *clock                { return &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }
func (c *clock) time() time.Time      { return c.now }
func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

func open(t *testing.T, dir string, c *clock, hosts ...string) *Authority {
	t.Helper()
	a, err := OpenAuthority(dir, hosts, c.time)
	check(t, err)
	return a
}

// trusted reports why a client that trusts the authority's file refuses a certificate for
// host at a time; nil is that it doesn't.
func trusted(t *testing.T, file string, c *tls.Certificate, host string, now time.Time) error {
	t.Helper()
	pem, err := os.ReadFile(file)
	check(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	_, err = c.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: host, CurrentTime: now})
	return err
}

func issued(t *testing.T, a *Authority, hosts ...string) *tls.Certificate {
	t.Helper()
	l, err := a.Leaf(hosts)
	check(t, err)
	c, err := l.GetCertificate(nil)
	check(t, err)
	return c
}

func TestAuthority_vouchesForLoopbackAndGivenHosts(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	hosts := []string{"Board.Example.test", "*.wild.test", "192.168.1.5", "fd00::1", "easel"}
	a := open(t, dir, c, hosts...)
	leaf := issued(t, a, hosts...)
	for _, host := range []string{"localhost", "127.0.0.1", "::1", "board.example.test", "any.wild.test", "192.168.1.5", "fd00::1", "easel"} {
		if err := trusted(t, a.File, leaf, host, c.now); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if err := trusted(t, a.File, leaf, "example.com", c.now); err == nil {
		t.Error("a certificate for others is trusted")
	}
}

func TestAuthority_isConstrainedToItsNames(t *testing.T) {
	c := newClock()
	a := open(t, t.TempDir(), c, "easel")
	for _, stolen := range []names{
		{dns: []string{"example.com"}},
		{dns: []string{"localhost", "bank.test"}},
		{ips: loopback.names.ips[:1], dns: []string{"easel2"}},
		{ips: []net.IP{net.IPv4(8, 8, 8, 8)}},
	} {
		leaf, err := a.issue(stolen)
		check(t, err)
		if err := trusted(t, a.File, leaf, "", c.now); err == nil {
			t.Errorf("the authority can vouch for %v", stolen)
		}
	}
	if !a.certificate.MaxPathLenZero || !slices.Equal(a.certificate.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}) {
		t.Error("the authority can do more than vouch for servers")
	}
}

func TestAuthority_isTheSameWhenOpenedAgain(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	first := open(t, dir, c)
	c.pass(365 * 24 * time.Hour)
	again := open(t, dir, c)
	if !first.Changed || again.Changed || !first.certificate.Equal(again.certificate) {
		t.Error("there is another authority")
	}
	if err := trusted(t, first.File, issued(t, again), "localhost", c.now); err != nil {
		t.Error(err)
	}
}

func TestAuthority_keyIsForItsOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, newClock())
	check(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		check(t, err)
		text, _ := os.ReadFile(path)
		info, err := e.Info()
		check(t, err)
		if strings.Contains(string(text), "PRIVATE KEY") && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	}))
}

func TestAuthority_makesItsCertificateAnewForAnotherHost(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	first := open(t, dir, c, "one.test")
	second := open(t, dir, c, "two.test", "10.0.0.1")
	if !second.Changed || !first.key.Equal(second.key) {
		t.Error("the certificate must be new, the key the same")
	}
	// What was permitted stays so, and certificates issued before are still good.
	if third := open(t, dir, c, "one.test", "sub.two.test", "10.0.0.1"); third.Changed {
		t.Error("names that are covered made the certificate anew")
	}
	if err := trusted(t, second.File, issued(t, first, "one.test"), "one.test", c.now); err != nil {
		t.Error(err)
	}
}

func TestAuthority_isRenewedBeforeItEnds(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	first := open(t, dir, c)
	c.pass(authorityLifetime - leafLifetime + time.Hour)
	if second := open(t, dir, c); !second.Changed || !first.key.Equal(second.key) || !second.certificate.NotAfter.After(first.certificate.NotAfter) {
		t.Error("an authority about to end was kept")
	}
	// Without a restart, what it issues ends with it.
	if leaf := issued(t, first); leaf.Leaf.NotAfter.After(first.certificate.NotAfter) {
		t.Error("a certificate outlives its authority")
	}
}

func TestAuthority_refusesWhatItCannotUse(t *testing.T) {
	for _, host := range []string{"", "a b", "-x", "exa_mple..com", "münchen.test", strings.Repeat("a", 64), "https://x"} {
		if _, err := OpenAuthority(t.TempDir(), []string{host}, nil); err == nil {
			t.Errorf("host %q is taken", host)
		}
	}
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, secretFile), []byte("damaged"), 0o600))
	if _, err := OpenAuthority(dir, nil, nil); err == nil || !strings.Contains(err.Error(), secretFile) {
		t.Errorf("a damaged file: %v", err)
	}
}

func TestLeaf_isReplacedBeforeItEnds(t *testing.T) {
	c := newClock()
	a := open(t, t.TempDir(), c)
	l, err := a.Leaf(nil)
	check(t, err)
	get := func() *tls.Certificate {
		got, err := l.GetCertificate(nil)
		check(t, err)
		return got
	}
	first := get()
	c.pass(leafLifetime - renewBefore - time.Minute)
	if get() != first {
		t.Error("it was replaced too early")
	}
	c.pass(2 * time.Minute)
	second := get()
	if second == first || trusted(t, a.File, second, "localhost", c.now.Add(leafLifetime-time.Hour)) != nil {
		t.Error("it was not replaced by one that lasts")
	}
	c.pass(2 * leafLifetime) // asleep for long
	if err := trusted(t, a.File, get(), "localhost", c.now); err != nil {
		t.Error(err)
	}
}

// savePair writes what an authority issues, as an operator's tool would.
func savePair(t *testing.T, c *tls.Certificate, cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	check(t, err)
	check(t, writeFile(cert, encodePEM("CERTIFICATE", c.Certificate[0]), 0o644))
	check(t, writeFile(key, encodePEM("PRIVATE KEY", der), 0o600))
}

func TestFiles_areReadAgainWhenTheyChange(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	a := open(t, dir, newClock(), "one.test", "three.example.test")
	savePair(t, issued(t, a, "one.test"), cert, key)
	var log bytes.Buffer
	f, err := OpenFiles(cert, key, slog.New(slog.NewTextHandler(&log, nil)))
	check(t, err)
	has := func(name string) bool {
		t.Helper()
		c, err := f.GetCertificate(nil)
		check(t, err)
		return slices.Contains(c.Leaf.DNSNames, name)
	}
	if !has("one.test") || !slices.Contains(f.Names(), "one.test") {
		t.Error("what the files hold is not served")
	}
	// Half of a change, and no file at all, are survived.
	check(t, os.WriteFile(cert, []byte("half"), 0o600))
	if !has("one.test") || !strings.Contains(log.String(), "cert.pem") {
		t.Errorf("log %q", &log)
	}
	check(t, os.Remove(cert))
	if !has("one.test") {
		t.Error("the former certificate is gone with its file")
	}
	savePair(t, issued(t, a, "three.example.test"), cert, key)
	if !has("three.example.test") {
		t.Error("the change is not seen")
	}
}

func TestFiles_mustFitTogether(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, newClock())
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	savePair(t, issued(t, a), cert, key)
	savePair(t, issued(t, a), cert, filepath.Join(dir, "other.pem"))
	if _, err := OpenFiles(cert, key, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "key.pem") {
		t.Errorf("a key of another certificate: %v", err)
	}
}

func TestWriteBundle_addsToTheSystemsOwn(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, newClock())
	own, err := os.ReadFile(a.File)
	check(t, err)
	system := filepath.Join(t.TempDir(), "system.pem")
	check(t, os.WriteFile(system, []byte("# without a line's end"), 0o600))
	for range 2 {
		path, from, err := WriteBundle(a.File, system)
		check(t, err)
		text, err := os.ReadFile(path)
		check(t, err)
		if from != system || string(text) != "# without a line's end\n"+string(own) {
			t.Errorf("from %s: %q", from, text)
		}
	}
	// A bundle of ours is not taken for the system's: it would grow each time.
	_, from, err := WriteBundle(a.File, filepath.Join(dir, BundleFile))
	if err != nil || filepath.Base(from) == BundleFile {
		t.Errorf("from %q, %v", from, err)
	}
}
