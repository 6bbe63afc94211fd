package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/easelhq/easel/internal/certificate"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// trustingOnly is a transport that trusts the authorities of a file and nothing else.
func trustingOnly(t *testing.T, file string) *http.Transport {
	t.Helper()
	pem, err := os.ReadFile(file)
	check(t, err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate", file)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// environmentOfService is what easel env --json prints.
func environmentOfService(t *testing.T, dir string) map[string]string {
	t.Helper()
	return printed[map[string]string](t, "env", "--json", "--data", dir)
}

func secureArgs(dir string) []string {
	return []string{"pubsub", "--addr", "127.0.0.1:0", "--https", "--https-addr", "127.0.0.1:0", "--data", dir}
}

// sendOverHTTPS connects a client, sends it a message by REST, and returns what it gets.
func sendOverHTTPS(t *testing.T, connectionString string, transport *http.Transport) string {
	t.Helper()
	c, err := service.New(connectionString, "chat", &service.Options{Transport: transport})
	check(t, err)
	ann := joinBy(t, transport, c, "ann")
	check(t, c.SendToAll(t.Context(), service.Text("hello"), nil))
	return fmt.Sprint(ann.read(t).Data)
}

func TestHTTPS_servesClientsThatTrustTheAuthorityAlone(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, secureArgs(dir)...)
	env := environmentOfService(t, dir)
	if !strings.HasPrefix(env["WebPubSubConnectionString"], "Endpoint=https://localhost:") {
		t.Errorf("connection string %q", env["WebPubSubConnectionString"])
	}
	transport := trustingOnly(t, env["NODE_EXTRA_CA_CERTS"])
	transport.ForceAttemptHTTP2 = true
	if got := sendOverHTTPS(t, env["WebPubSubConnectionString"], transport); got != "hello" {
		t.Errorf("%q arrived", got)
	}
	// Plain HTTP is there too, for those that prefer it.
	plain, err := announced(dir)
	check(t, err)
	check(t, connect(t, strings.Replace(env["WebPubSubConnectionString"], plain.Endpoint, plain.Local, 1), "chat"))
}

func TestHTTPS_refusesWhatIsOlderThanTLS12(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, secureArgs(dir)...)
	env := environmentOfService(t, dir)
	transport := trustingOnly(t, env["NODE_EXTRA_CA_CERTS"])
	transport.TLSClientConfig.MaxVersion = tls.VersionTLS11
	transport.TLSClientConfig.MinVersion = tls.VersionTLS10
	if res, err := (&http.Client{Transport: transport}).Get(env["WebPubSubEndpoint"] + "/api/health"); err == nil {
		res.Body.Close()
		t.Error("a client of TLS 1.1 was served")
	}
}

func TestHTTPS_authoritySurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, nil, secureArgs(dir)...)
	file := environmentOfService(t, dir)["NODE_EXTRA_CA_CERTS"]
	transport := trustingOnly(t, file)
	before, err := os.ReadFile(file)
	check(t, err)
	p.stop()
	launch(t, nil, secureArgs(dir)...)
	after, err := os.ReadFile(file)
	check(t, err)
	if string(before) != string(after) {
		t.Error("there is another authority after a restart")
	}
	sendOverHTTPS(t, environmentOfService(t, dir)["WebPubSubConnectionString"], transport)
}

func TestHTTPS_managementFindsItsWay(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, secureArgs(dir)...)
	byData := printed[webpubsub.KeysResource](t, "key", "show", "--data", dir)
	if !strings.HasPrefix(byData.PrimaryConnectionString, "Endpoint=https://") {
		t.Errorf("%+v", byData)
	}
	// A connection string is followed to the letter; the authority comes from the folder,
	// or from a flag.
	by := printed[webpubsub.KeysResource](t, "key", "show", "--connection-string", byData.PrimaryConnectionString, "--data", dir)
	file := environmentOfService(t, dir)["NODE_EXTRA_CA_CERTS"]
	byFile := printed[webpubsub.KeysResource](t, "key", "show", "--connection-string", byData.PrimaryConnectionString, "--data", t.TempDir(), "--ca-file", file)
	if by != byData || byFile != byData {
		t.Errorf("%+v\n%+v\n%+v", byData, by, byFile)
	}
	_, errs, code := easel(nil, "key", "show", "--connection-string", byData.PrimaryConnectionString, "--data", t.TempDir())
	if code != 1 || errs == "" {
		t.Errorf("without the authority: %d %q", code, errs)
	}
}

func TestHTTPS_serveSpeaksItToo(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, append([]string{"serve"}, secureArgs(dir)[1:]...)...)
	env := environmentOfService(t, dir)
	client := &http.Client{Transport: trustingOnly(t, env["NODE_EXTRA_CA_CERTS"])}
	res, err := client.Get(env["WebPubSubEndpoint"] + "/")
	check(t, err)
	res.Body.Close()
	if res.StatusCode != 200 || res.ProtoMajor != 1 {
		t.Errorf("%s %s", res.Status, res.Proto)
	}
}

func TestHTTPS_refusesFlagsThatDoNotGoTogether(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"--tls-cert", "a.pem"},
		{"--tls-key", "a.pem"},
		{"--tls-cert", "a.pem", "--tls-key", "b.pem", "--acme-domain", "example.com"},
		{"--tls-cert", "a.pem", "--tls-key", "b.pem", "--https-host", "example.com"},
		{"--acme-email", "ann@example.com"},
		{"--https-addr", "127.0.0.1:0"},
		{"--acme-domain", "127.0.0.1", "--https-addr", "127.0.0.1:0"},
		{"--acme-domain", "*.example.com", "--https-addr", "127.0.0.1:0"},
	} {
		out, errs, code := easel(nil, append([]string{"pubsub", "--addr", "127.0.0.1:0", "--data", dir}, args...)...)
		if code != 2 || out != "" || errs == "" {
			t.Errorf("%v: %d %q %q", args, code, out, errs)
		}
	}
	for _, args := range [][]string{
		{"--tls-cert", "missing.pem", "--tls-key", "missing.pem"},
		{"--https", "--https-addr", "256.0.0.1:1"},
		{"--https-host", "not a host"},
		{"--acme-domain", "example.com", "--https-addr", "127.0.0.1:0", "--acme-ca", "missing.pem"},
	} {
		if _, errs, code := easel(nil, append([]string{"pubsub", "--addr", "127.0.0.1:0", "--data", dir}, args...)...); code != 1 || errs == "" {
			t.Errorf("%v: %d %q", args, code, errs)
		}
	}
}

func TestEnv_isEvaluatedByAShell(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `it's "a" $HOME; folder`)
	check(t, os.Mkdir(dir, 0o700))
	launch(t, nil, secureArgs(dir)...)
	want := environmentOfService(t, dir)
	out, errs, code := easel(nil, "env", "--shell", "--data", dir)
	if code != 0 || errs != "" {
		t.Fatalf("%d %q", code, errs)
	}
	for name, value := range want {
		sh := exec.Command("sh", "-c", `eval "$1"; printenv "$2"`, "sh", out, name)
		sh.Env = []string{"PATH=" + os.Getenv("PATH")}
		got, err := sh.Output()
		check(t, err)
		if strings.TrimSuffix(string(got), "\n") != value {
			t.Errorf("%s is %q in the shell, want %q", name, got, value)
		}
	}
	for _, name := range []string{
		"WebPubSubEndpoint", "WebPubSubConnectionString", "Web_PubSub_ConnectionString",
		"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
	} {
		if want[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestEnv_bundleKeepsWhatTheSystemTrusts(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, secureArgs(dir)...)
	// Another authority stands for those of the system.
	other := t.TempDir()
	launch(t, nil, secureArgs(other)...)
	system := environmentOfService(t, other)["NODE_EXTRA_CA_CERTS"]
	out, errs, code := easel(environment{"SSL_CERT_FILE": system}, "env", "--json", "--data", dir)
	if code != 0 {
		t.Fatalf("%d %q", code, errs)
	}
	var env map[string]string
	check(t, json.Unmarshal([]byte(out), &env))
	sendOverHTTPS(t, env["WebPubSubConnectionString"], trustingOnly(t, env["SSL_CERT_FILE"]))
	both, err := os.ReadFile(env["SSL_CERT_FILE"])
	check(t, err)
	for _, folder := range []string{dir, other} {
		ca, err := os.ReadFile(filepath.Join(folder, "tls", "ca.pem"))
		check(t, err)
		if !strings.Contains(string(both), string(ca)) {
			t.Errorf("the bundle lacks the authority of %s", folder)
		}
	}
}

func TestEnv_withoutHTTPSTellsOfNoAuthority(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, nil, "pubsub", "--addr", "127.0.0.1:0", "--data", dir)
	env := environmentOfService(t, dir)
	if env["WebPubSubEndpoint"] != p.url || env["SSL_CERT_FILE"] != "" {
		t.Errorf("%v", env)
	}
	check(t, connect(t, env["WebPubSubConnectionString"], "chat"))
	out, errs, code := easel(nil, "env", "--data", dir)
	if code != 0 || errs != "" || !strings.Contains(out, "\nWebPubSubConnectionString=Endpoint="+p.url) {
		t.Errorf("%d %q %q", code, out, errs)
	}
}

func TestEnv_waitsForTheService(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	_, errs, code := easel(nil, "env", "--wait", "1ms", "--data", dir)
	if code != 1 || !strings.Contains(errs, "1ms") {
		t.Errorf("%d %q", code, errs)
	}
	got := make(chan string, 1)
	go func() {
		out, _, _ := easel(nil, "env", "--wait", "10s", "--json", "--data", dir)
		got <- out
	}()
	p := launch(t, nil, "pubsub", "--addr", "127.0.0.1:0", "--data", dir)
	if out := <-got; !strings.Contains(out, p.url) {
		t.Errorf("%q", out)
	}
}

// issue writes a certificate for name, and its key, and returns the file of its authority.
func issue(t *testing.T, name, cert, key string) (authority string) {
	t.Helper()
	a, err := certificate.OpenAuthority(t.TempDir(), []string{name}, nil)
	check(t, err)
	leaf, err := a.Leaf([]string{name})
	check(t, err)
	pair, err := leaf.GetCertificate(nil)
	check(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	check(t, err)
	check(t, os.WriteFile(cert, pemOf(pair.Leaf), 0o600))
	check(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return a.File
}

func TestHTTPS_readsReplacedFilesWithoutARestart(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	first := issue(t, "one.example.test", cert, key)
	launch(t, nil, append(secureArgs(dir), "--tls-cert", cert, "--tls-key", key)...)
	env := environmentOfService(t, dir)
	if env["SSL_CERT_FILE"] != "" {
		t.Error("the authority of the data folder has nothing to do with these files")
	}
	status := func(authority string) int {
		t.Helper()
		res, err := (&http.Client{Transport: trustingOnly(t, authority)}).Get(env["WebPubSubEndpoint"] + "/api/health")
		if err != nil {
			return 0
		}
		res.Body.Close()
		return res.StatusCode
	}
	if got := status(first); got != 200 {
		t.Errorf("health is %d", got)
	}
	second := issue(t, "two.example.test", cert, key)
	if was, is := status(first), status(second); was != 0 || is != 200 {
		t.Errorf("the former authority gets %d, the new one %d", was, is)
	}
}

func TestServe_worksAgainstAServiceOverHTTPS(t *testing.T) {
	dir := t.TempDir()
	launch(t, nil, secureArgs(dir)...)
	env := environmentOfService(t, dir)
	board := launch(t, nil, "serve", "--addr", "127.0.0.1:0", "--data", t.TempDir(),
		"--connection-string", env["WebPubSubConnectionString"], "--ca-file", env["NODE_EXTRA_CA_CERTS"])
	printed[webpubsub.HubResource](t, "hub", "create", "--hub-name", "easel", "--data", dir,
		"--event-handler", "url-template="+board.url+"/eventhandler", "user-event-pattern=*", "system-event=connect", "system-event=connected", "system-event=disconnected")
	res, err := http.Post(board.url+"/boards", "application/json", strings.NewReader(`{"title":"T"}`))
	check(t, err)
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		t.Errorf("a board is answered with %s", res.Status)
	}
}
