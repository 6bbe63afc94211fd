package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/easelhq/easel/internal/certificate"
	"github.com/easelhq/easel/internal/inproc"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

// healthTimeout is how long to wait for a service that the data folder names.
const healthTimeout = 2 * time.Second

// manageFlags are common to all management commands.
type manageFlags struct {
	*flags
	connectionString string
	data             string
	caFile           string
	output, query    string
	steps            []step // of query
	name             string // of the resource; empty is not given
	resourceGroup    string
}

func (p *program) manageFlags(command, description string) *manageFlags {
	m := &manageFlags{flags: p.flags(command, description)}
	m.StringVar(&m.connectionString, "connection-string", p.getenv("WebPubSubConnectionString"), "the service to manage; also read from WebPubSubConnectionString")
	m.StringVar(&m.data, "data", defaultData, "data folder of a service on this machine, when there is no connection string")
	m.StringVar(&m.caFile, "ca-file", "", "PEM file with the authority behind the service's certificate (default: that of the data folder, if any)")
	for _, name := range []string{"output", "o"} {
		m.StringVar(&m.output, name, "json", "json, table, or tsv: values with tabs between")
	}
	m.StringVar(&m.query, "query", "", "part of the output to print, such as properties.eventHandlers[0].urlTemplate")
	for _, name := range []string{"name", "n"} {
		m.StringVar(&m.name, name, "", "name of the service; there is one, so any will do, and create and update set it")
	}
	for _, name := range []string{"resource-group", "g"} {
		m.StringVar(&m.resourceGroup, name, "", "accepted as by az webpubsub; create and update keep it")
	}
	for _, name := range []string{"ids", "subscription"} {
		m.String(name, "", "accepted as by az webpubsub")
	}
	return m
}

// parse reads the arguments of a management command.
func (m *manageFlags) parse(args []string) error {
	if err := m.flags.parse(args); err != nil {
		return err
	}
	if !slices.Contains(outputs, m.output) {
		return usagef("--output %q is none of %s", m.output, strings.Join(outputs, ", "))
	}
	var err error
	if m.steps, err = parseQuery(m.query); err != nil {
		return err
	}
	if m.given("data") && !m.given("connection-string") {
		m.connectionString = ""
	}
	return nil
}

// target is a service to be managed.
type target struct {
	connectionString string
	options          *service.Options
	// endpoint is how others know the service; empty is the endpoint it is managed by.
	endpoint string
	// idle says that no service runs on the data folder.
	idle bool
}

// manage calls do with the settings of the service to be managed: the one a connection
// string names, else the one that runs on the data folder, else the data folder itself.
func (m *manageFlags) manage(ctx context.Context, do func(*service.Settings) error) error {
	return m.manageTarget(ctx, func(_ target, s *service.Settings) error { return do(s) })
}

func (m *manageFlags) manageTarget(ctx context.Context, do func(target, *service.Settings) error) error {
	if m.connectionString != "" {
		t, err := m.remote()
		if err != nil {
			return err
		}
		return t.manage(do)
	}
	db, settings, err := m.program.openData(ctx, m.data)
	if err != nil {
		return err
	}
	defer db.Close() // what do has changed is durable already
	a, err := announced(m.data)
	if err != nil {
		return err
	}
	t := a.target(settings.Settings().Keys)
	if a.PID != 0 && t.healthy(ctx) {
		return t.manage(do)
	}
	// Nothing runs: the same code, here, acts on the data folder.
	s, err := server.New(server.Options{Settings: settings, Audiences: []string{a.Local}})
	if err != nil {
		return err
	}
	t.idle = true
	_, host, _ := strings.Cut(a.Local, "://")
	t.options = &service.Options{Transport: &inproc.Transport{Handlers: map[string]http.Handler{host: s}}}
	return errors.Join(t.manage(do), s.Shutdown(ctx))
}

// reach returns the service to be called: the one a connection string names, else the one
// that runs on the data folder.
func (m *manageFlags) reach(ctx context.Context) (target, error) {
	if m.connectionString != "" {
		return m.remote()
	}
	a, err := announced(m.data)
	if err != nil {
		return target{}, err
	}
	keys, running, err := m.program.lookAt(ctx, m.data, a)
	if err == nil && !running {
		err = fmt.Errorf("no service runs on the data folder %s; start easel or easel pubsub, or say which service by --connection-string", m.data)
	}
	return a.target(keys), err
}

// remote is the service that the connection string names.
func (m *manageFlags) remote() (target, error) {
	t := target{connectionString: m.connectionString, options: &service.Options{}}
	if _, err := token.ParseConnectionString(m.connectionString); err != nil {
		return t, usagef("--connection-string: %s", webpubsub.MessageOf(err))
	}
	file := m.caFile
	if file == "" {
		file = filepath.Join(m.data, tlsFolder, certificate.AuthorityFile)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return t, nil
		}
	}
	transport, err := trusting(file)
	t.options.Transport = transport
	return t, err
}

// trusting returns a transport that trusts the authorities in a file besides the system's.
func trusting(file string) (http.RoundTripper, error) {
	pool, err := certificate.Pool(file)
	if err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return transport, nil
}

// target is the service that announced itself.
func (a announcement) target(k webpubsub.Keys) target {
	return target{connectionString: webpubsub.NewKeysResource(a.Local, k).PrimaryConnectionString, endpoint: a.Endpoint}
}

func (t target) manage(do func(target, *service.Settings) error) error {
	settings, err := service.NewSettings(t.connectionString, t.options)
	if err != nil {
		return err
	}
	return do(t, settings)
}

// healthy reports whether a service answers, and accepts the key.
func (t target) healthy(ctx context.Context) bool {
	settings, err := service.NewSettings(t.connectionString, &service.Options{Timeout: healthTimeout, MaxRetries: -1})
	if err != nil {
		return false
	}
	_, err = settings.Keys(ctx)
	return err == nil
}
