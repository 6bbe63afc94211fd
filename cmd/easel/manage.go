package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/easelhq/easel/internal/inproc"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
)

// healthTimeout is how long to wait for a service that the data folder names.
const healthTimeout = 2 * time.Second

// manageFlags are common to all management commands.
type manageFlags struct {
	*flags
	connectionString string
	data             string
	output           string
}

func (p *program) manageFlags(command, description string) *manageFlags {
	m := &manageFlags{flags: p.flags(command, description)}
	m.StringVar(&m.connectionString, "connection-string", p.getenv("WebPubSubConnectionString"), "the service to manage; also read from WebPubSubConnectionString")
	m.StringVar(&m.data, "data", defaultData, "data folder of a service on this machine, when there is no connection string")
	for _, name := range []string{"output", "o"} {
		m.StringVar(&m.output, name, "json", "json or table")
	}
	for _, name := range []string{"name", "n", "resource-group", "g"} {
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

// manage calls do with the settings of the service to be managed: the one a connection
// string names, else the one that runs on the data folder, else the data folder itself.
func (m *manageFlags) manage(ctx context.Context, do func(*service.Settings) error) error {
	if m.connectionString != "" {
		return m.manageAt(m.connectionString, nil, do)
	}
	p := m.program
	db, settings, err := p.openData(ctx, m.data)
	if err != nil {
		return err
	}
	defer db.Close() // what do has changed is durable already
	e, err := announced(m.data)
	if err != nil {
		return fmt.Errorf("read %s: %w", endpointFile, err)
	}
	keys := settings.Settings().Keys
	if e.Endpoint == "" {
		e.Endpoint = "http://localhost:8080"
	}
	at := webpubsub.NewKeysResource(e.Endpoint, keys).PrimaryConnectionString
	if e.PID != 0 && healthy(ctx, at) {
		return m.manageAt(at, nil, do)
	}
	// Nothing runs: the same code, here, acts on the data folder.
	s, err := server.New(server.Options{Settings: settings, Audiences: []string{e.Endpoint}})
	if err != nil {
		return err
	}
	host := strings.TrimPrefix(e.Endpoint, "http://")
	err = m.manageAt(at, &service.Options{Transport: &inproc.Transport{Handlers: map[string]http.Handler{host: s}}}, do)
	return errors.Join(err, s.Shutdown(ctx))
}

func (m *manageFlags) manageAt(connectionString string, o *service.Options, do func(*service.Settings) error) error {
	settings, err := service.NewSettings(connectionString, o)
	if err != nil {
		return usagef("--connection-string: %s", webpubsub.MessageOf(err))
	}
	return do(settings)
}

// healthy reports whether a service answers, and accepts the key.
func healthy(ctx context.Context, connectionString string) bool {
	settings, err := service.NewSettings(connectionString, &service.Options{Timeout: healthTimeout, MaxRetries: -1})
	if err != nil {
		return false
	}
	_, err = settings.Keys(ctx)
	return err == nil
}

// print writes v as JSON, or rows as a table whose first row is the head.
func (m *manageFlags) print(v any, rows [][]string) error {
	if m.output == "json" {
		e := json.NewEncoder(m.program.stdout)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(v)
	}
	w := tabwriter.NewWriter(m.program.stdout, 0, 4, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}
