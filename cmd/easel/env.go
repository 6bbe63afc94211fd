package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/easelhq/easel/internal/certificate"
	"github.com/easelhq/easel/webpubsub"
)

// waitInterval is how often env --wait looks for the service.
const waitInterval = 50 * time.Millisecond

// variable is one line of what env prints.
type variable struct{ name, value string }

// environmentOf is what programs need to use a service.
type environmentOf struct {
	variables []variable
	notes     []string
}

// env prints what programs need to use the service on a data folder.
func (p *program) env(ctx context.Context, args []string) error {
	f := p.flags("env", "print what programs need to use the service on this machine, as variables of their environment")
	data := f.String("data", defaultData, "data folder of the service")
	shell := f.Bool("shell", false, `as commands for a shell: eval "$(easel env --shell)"`)
	asJSON := f.Bool("json", false, "as one JSON object")
	wait := f.Duration("wait", 0, "how long to wait for the service to be ready, such as 10s; 0 is not at all")
	if err := f.parse(args); err != nil {
		return err
	}
	if *shell && *asJSON {
		return usagef("--shell and --json are two formats; use one")
	}
	if *wait > 0 {
		if err := p.await(ctx, *data, *wait); err != nil {
			return err
		}
	}
	e, err := p.environment(ctx, *data)
	if err != nil {
		return err
	}
	return p.printEnvironment(e, *shell, *asJSON)
}

// await returns when the service on a data folder is ready.
func (p *program) await(ctx context.Context, data string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(waitInterval)
	defer tick.Stop()
	for {
		a, err := announced(data)
		if err == nil && a.PID != 0 {
			if _, running, err := p.lookAt(ctx, data, a); err == nil && running {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("no service on the data folder %s has become ready within %v", data, limit)
		}
	}
}

// lookAt returns the keys in a data folder, and whether the service that announced itself
// there accepts them.
func (p *program) lookAt(ctx context.Context, data string, a announcement) (webpubsub.Keys, bool, error) {
	db, settings, err := p.openData(ctx, data)
	if err != nil {
		return webpubsub.Keys{}, false, err
	}
	keys := settings.Settings().Keys
	running := a.PID != 0 && a.target(keys).healthy(ctx)
	return keys, running, db.Close()
}

// environment collects what the data folder says.
func (p *program) environment(ctx context.Context, data string) (environmentOf, error) {
	var e environmentOf
	a, err := announced(data)
	if err != nil {
		return e, err
	}
	keys, running, err := p.lookAt(ctx, data, a)
	if err != nil {
		return e, err
	}
	connectionString := webpubsub.NewKeysResource(a.Endpoint, keys).PrimaryConnectionString
	e.variables = []variable{
		{"WebPubSubEndpoint", a.Endpoint},
		{"WebPubSubConnectionString", connectionString},
		{"Web_PubSub_ConnectionString", connectionString},
	}
	if !running {
		e.notes = append(e.notes, fmt.Sprintf("No service runs on the data folder %s; the endpoint is a guess.", data))
	}
	if a.OwnAuthority {
		err = e.trust(p, filepath.Join(data, tlsFolder, certificate.AuthorityFile))
	}
	return e, err
}

// trust adds what makes programs trust an authority's file.
func (e *environmentOf) trust(p *program, file string) error {
	ca, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	bundle, system, err := certificate.WriteBundle(ca, p.getenv("SSL_CERT_FILE"))
	if err != nil {
		return fmt.Errorf("certificate bundle: %w", err)
	}
	e.variables = append(e.variables,
		variable{"NODE_EXTRA_CA_CERTS", ca},
		variable{"SSL_CERT_FILE", bundle},
		variable{"REQUESTS_CA_BUNDLE", bundle},
		variable{"CURL_CA_BUNDLE", bundle},
	)
	e.notes = append(e.notes,
		"NODE_EXTRA_CA_CERTS adds to what Node.js trusts.",
		"SSL_CERT_FILE (Python, Go, .NET, Ruby, OpenSSL), REQUESTS_CA_BUNDLE (Python) and CURL_CA_BUNDLE replace what a program trusts.",
		bundleNote(system),
		"Go and .NET on macOS and Windows trust the system's store alone: add "+ca+" there.",
		"Java: keytool -importcert -noprompt -alias easel -storepass changeit -keystore easel.p12 -file "+quote(ca),
		"      then JAVA_TOOL_OPTIONS='-Djavax.net.ssl.trustStore=easel.p12 -Djavax.net.ssl.trustStorePassword=changeit'",
	)
	return nil
}

func bundleNote(system string) string {
	if system == "" {
		return "This system has no file of authorities, so theirs holds Easel's alone: other HTTPS servers will not be trusted."
	}
	return "Their file therefore holds the authorities of " + system + " and Easel's."
}

func (p *program) printEnvironment(e environmentOf, shell, asJSON bool) error {
	if asJSON {
		all := map[string]string{}
		for _, v := range e.variables {
			all[v.name] = v.value
		}
		return p.printJSON(all)
	}
	var err error
	for _, v := range e.variables {
		line := v.name + "=" + v.value
		if shell {
			line = "export " + v.name + "=" + quote(v.value)
		}
		_, e := fmt.Fprintln(p.stdout, line)
		err = errors.Join(err, e)
	}
	if !shell {
		for _, n := range e.notes {
			fmt.Fprintln(p.stderr, n)
		}
	}
	return err
}

// quote makes one word of a value, whatever is in it, for POSIX shells.
func quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
