package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
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
	output           string
}

func (p *program) manageFlags(command, description string) *manageFlags {
	m := &manageFlags{flags: p.flags(command, description)}
	m.StringVar(&m.connectionString, "connection-string", p.getenv("WebPubSubConnectionString"), "the service to manage; also read from WebPubSubConnectionString")
	m.StringVar(&m.data, "data", defaultData, "data folder of a service on this machine, when there is no connection string")
	m.StringVar(&m.caFile, "ca-file", "", "PEM file with the authority behind the service's certificate (default: that of the data folder, if any)")
	for _, name := range []string{"output", "o"} {
		m.StringVar(&m.output, name, "json", "json or table")
	}
	for _, name := range []string{"name", "n", "resource-group", "g", "ids", "subscription"} {
		m.String(name, "", "accepted as by az webpubsub; there is one resource")
	}
	return m
}

// parse reads the arguments of a management command.
func (m *manageFlags) parse(args []string) error {
	if err := m.flags.parse(args); err != nil {
		return err
	}
	if m.output != "json" && m.output != "table" {
		return usagef("--output %q is neither json nor table", m.output)
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
	_, host, _ := strings.Cut(a.Local, "://")
	t.options = &service.Options{Transport: &inproc.Transport{Handlers: map[string]http.Handler{host: s}}}
	return errors.Join(t.manage(do), s.Shutdown(ctx))
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
	pool, err := certificate.Pool(file)
	if err != nil {
		return t, fmt.Errorf("certificate authority: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	t.options.Transport = transport
	return t, nil
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

// print writes v as JSON, or rows as a table whose first row is the head.
func (m *manageFlags) print(v any, rows [][]string) error {
	if m.output == "json" {
		return m.program.printJSON(v)
	}
	w := tabwriter.NewWriter(m.program.stdout, 0, 4, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

func (p *program) printJSON(v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
