package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	"github.com/easelhq/easel/internal/porttest"
)

const acmeDomain = "board.example.test"

// acmeService is Let's Encrypt's own test server. It begins to answer with open, when it
// is known where to look for the answers to its challenges.
type acmeService struct {
	directory string // URL
	ca        string // file with the authority of that URL
	dns       string // address of a server for which every name is 127.0.0.1

	mu      sync.Mutex
	handler http.Handler // guarded by mu; nil until open
	orders  int          // guarded by mu
	root    []byte       // of the certificates issued, in PEM
}

func newACME(t *testing.T) *acmeService {
	t.Helper()
	a := &acmeService{}
	s := httptest.NewTLSServer(a)
	t.Cleanup(s.Close)
	a.directory = s.URL + wfe.DirectoryPath
	a.ca = filepath.Join(t.TempDir(), "acme-ca.pem")
	check(t, os.WriteFile(a.ca, pemOf(s.Certificate()), 0o600))
	a.dns = serveDNS(t)
	return a
}

// serveDNS serves the address 127.0.0.1 for every name.
func serveDNS(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	s := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg).SetReply(q)
		for _, question := range q.Question {
			if question.Qtype == dns.TypeA {
				head := dns.RR_Header{Name: question.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}
				answer.Answer = append(answer.Answer, &dns.A{Hdr: head, A: net.IPv4(127, 0, 0, 1)})
			}
		}
		if err := w.WriteMsg(answer); err != nil {
			t.Error(err)
		}
	})}
	done := make(chan error, 1)
	go func() { done <- s.ActivateAndServe() }()
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return l.Addr().String()
}

// open begins to answer; challenges are looked for at the ports given.
func (a *acmeService) open(t *testing.T, httpPort, tlsPort int) {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	quiet, store := log.New(io.Discard, "", 0), db.NewMemoryStore()
	authority := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {}})
	front := wfe.New(quiet, store, va.New(quiet, httpPort, tlsPort, false, a.dns, store), authority, []string{"pebble.test"}, false, false, 1, 1)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handler, a.root = front.Handler(), authority.GetRootCert(0).PEM()
}

func (a *acmeService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	h := a.handler
	if strings.Contains(r.URL.Path, "order-plz") {
		a.orders++
	}
	a.mu.Unlock()
	if h == nil {
		http.Error(w, "not open yet", http.StatusServiceUnavailable)
		return
	}
	h.ServeHTTP(w, r)
}

func (a *acmeService) ordered() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.orders
}

// args are the arguments of a service whose certificates come from a.
func (a *acmeService) args(dir string) []string {
	return append(secureArgs(dir), "--acme-domain", acmeDomain, "--acme-directory", a.directory, "--acme-ca", a.ca, "--acme-email", "ann@example.test")
}

// transport trusts what a issues, and finds acmeDomain on this machine.
func (a *acmeService) transport(t *testing.T) *http.Transport {
	t.Helper()
	file := filepath.Join(t.TempDir(), "root.pem")
	check(t, os.WriteFile(file, a.root, 0o600))
	transport := trustingOnly(t, file)
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}
	return transport
}

func portOf(t *testing.T, endpoint string) int {
	t.Helper()
	u, err := url.Parse(endpoint)
	check(t, err)
	port, err := strconv.Atoi(u.Port())
	check(t, err)
	return port
}

func TestACME_getsACertificateByTLSALPNAndKeepsIt(t *testing.T) {
	acme, dir := newACME(t), t.TempDir()
	p := launch(t, nil, acme.args(dir)...)
	env := environmentOfService(t, dir)
	if !strings.HasPrefix(env["WebPubSubEndpoint"], "https://"+acmeDomain+":") || env["SSL_CERT_FILE"] != "" {
		t.Errorf("%v", env)
	}
	acme.open(t, closedPort(t), portOf(t, env["WebPubSubEndpoint"]))
	if got := sendOverHTTPS(t, env["WebPubSubConnectionString"], acme.transport(t)); got != "hello" {
		t.Errorf("%q arrived", got)
	}
	ordered := acme.ordered()
	p.stop()
	launch(t, nil, acme.args(dir)...)
	sendOverHTTPS(t, environmentOfService(t, dir)["WebPubSubConnectionString"], acme.transport(t))
	if ordered == 0 || acme.ordered() != ordered {
		t.Errorf("%d orders, %d after a restart", ordered, acme.ordered())
	}
}

func TestACME_getsACertificateByHTTPToo(t *testing.T) {
	acme, dir := newACME(t), t.TempDir()
	p := launch(t, nil, acme.args(dir)...)
	acme.open(t, portOf(t, p.url), closedPort(t))
	sendOverHTTPS(t, environmentOfService(t, dir)["WebPubSubConnectionString"], acme.transport(t))
}

func TestACME_refusesOtherNames(t *testing.T) {
	acme, dir := newACME(t), t.TempDir()
	launch(t, nil, acme.args(dir)...)
	endpoint := environmentOfService(t, dir)["WebPubSubEndpoint"]
	acme.open(t, closedPort(t), portOf(t, endpoint))
	transport := acme.transport(t)
	res, err := (&http.Client{Transport: transport}).Get(strings.Replace(endpoint, acmeDomain, "other.example.test", 1))
	if err == nil {
		res.Body.Close()
	}
	if err == nil || acme.ordered() != 0 {
		t.Errorf("%v, %d orders", err, acme.ordered())
	}
}

// closedPort is a port where nobody listens.
func closedPort(t *testing.T) int {
	t.Helper()
	return portOf(t, "http://"+porttest.Addr(t))
}

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
