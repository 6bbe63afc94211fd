package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/easelhq/easel/internal/inproc"
	"github.com/easelhq/easel/storage/sqlite"
	"github.com/easelhq/easel/web"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/whiteboard/app"
	"github.com/easelhq/easel/whiteboard/fonts"
)

// The parts of one process know each other by these hosts, which no network resolves.
const (
	appHost     = "app.easel.internal"
	serviceHost = "service.easel.internal"
)

// serveOptions are the flags of easel serve.
type serveOptions struct {
	listenOptions
	hub, connectionString, caFile, level, fonts string
	engine                                      engineOptions
}

// serve runs the whiteboard: with a service of its own, or against the one that a
// connection string names.
func (p *program) serve(ctx context.Context, args []string) (err error) {
	o, err := p.parseServe(args)
	if err != nil {
		return err
	}
	log, err := p.logger(o.level)
	if err != nil {
		return err
	}
	db, settings, err := p.openData(ctx, o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if o.connectionString != "" {
		return p.serveRemote(ctx, o, db, log)
	}
	return p.serveEmbedded(ctx, o, db, settings, log)
}

func (p *program) parseServe(args []string) (o serveOptions, err error) {
	f := p.flags("serve", "run the whiteboard")
	f.StringVar(&o.addr, "addr", p.defaultAddr(), "host:port to listen on; port 0 is a free one")
	f.StringVar(&o.data, "data", defaultData, "folder for boards and settings")
	f.StringVar(&o.hub, "hub", "easel", "hub that carries the boards")
	f.StringVar(&o.connectionString, "connection-string", p.getenv("Web_PubSub_ConnectionString"),
		"a Web PubSub service elsewhere, Azure's or another Easel's; also read from Web_PubSub_ConnectionString")
	f.StringVar(&o.caFile, "ca-file", "", "PEM file with the authority behind the certificate of that service")
	f.StringVar(&o.fonts, "fonts", "", fontsUsage)
	f.StringVar(&o.level, "log-level", "info", "debug, info, warn or error")
	o.engine.register(f)
	o.https.register(f)
	if err := f.parse(args); err != nil {
		return o, err
	}
	if err := cmp.Or(o.https.check(), o.engine.check(), checkFonts(o.fonts)); err != nil {
		return o, err
	}
	if _, err := webpubsub.ParseHubName(o.hub); err != nil {
		return o, usagef("--hub: %s", webpubsub.MessageOf(err))
	}
	return o, nil
}

func (o serveOptions) fontsFor(log *slog.Logger) *fonts.Fonts {
	return fonts.New(fonts.Options{Folder: o.fonts, Cache: o.data, Logger: log})
}

// serveRemote runs the web app against a service elsewhere, over HTTP.
func (p *program) serveRemote(ctx context.Context, o serveOptions, db *sqlite.DB, log *slog.Logger) (err error) {
	remote, err := token.ParseConnectionString(o.connectionString)
	if err != nil {
		return usagef("--connection-string: %s", webpubsub.MessageOf(err))
	}
	var options service.Options
	if o.caFile != "" {
		if options.Transport, err = trusting(o.caFile); err != nil {
			return err
		}
	}
	client, err := service.New(o.connectionString, o.hub, &options)
	if err != nil {
		return err
	}
	static, err := web.Handler()
	if err != nil {
		return err
	}
	a, err := app.New(ctx, app.Options{
		Store: db, Static: static, Logger: log, Fonts: o.fontsFor(log),
		Service:    func() *service.Client { return client },
		AccessKeys: func() []string { return []string{remote.AccessKey} },
	})
	if err != nil {
		return err
	}
	front, err := p.listen(o.listenOptions, log)
	if err != nil {
		return err
	}
	closeAdmin, err := p.openAdmin(o.engine.admin, nil, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAdmin()) }()
	fmt.Fprintf(p.stdout, "Easel is ready: %s\n", strings.Join(front.urls(), " and "))
	fmt.Fprintf(p.stderr, "The service at %s has to send the events of hub %s here. For an Easel service:\n", remote.Endpoint, o.hub)
	fmt.Fprintf(p.stderr, "  easel hub create --hub-name %s --event-handler url-template=%s/eventhandler user-event-pattern='*' system-event=connect system-event=connected system-event=disconnected\n", o.hub, cmp.Or(first(o.engine.public), front.endpoint()))
	return front.serve(ctx, a, log, a.Close)
}

func first(l list) string {
	if len(l) == 0 {
		return ""
	}
	return strings.TrimRight(l[0], "/")
}

// serveEmbedded runs the web app and the service in one process. They speak to each other
// as they would over the network, by REST and webhooks, without a socket.
func (p *program) serveEmbedded(ctx context.Context, o serveOptions, db *sqlite.DB, settings webpubsub.SettingsStore, log *slog.Logger) (err error) {
	static, err := web.Handler()
	if err != nil {
		return err
	}
	front, err := p.listen(o.listenOptions, log)
	if err != nil {
		return err
	}
	toApp := &inproc.Transport{Handlers: map[string]http.Handler{}, Whole: true}
	origins := append(front.urls(), "http://"+serviceHost)
	s, err := server.New(o.engine.apply(server.Options{Settings: settings, Sinks: sinks, HandlerTransport: toApp, Logger: log}, origins...))
	if err != nil {
		return err
	}
	front.plain = s.Listener(front.plain)
	clients := &currentClient{settings: settings, hub: o.hub, transport: &inproc.Transport{Handlers: map[string]http.Handler{serviceHost: s}}}
	a, err := app.New(ctx, app.Options{
		Store: db, Static: static, Logger: log, Fonts: o.fontsFor(log), Embedded: true,
		Service: clients.get,
		AccessKeys: func() []string {
			k := settings.Settings().Keys
			return []string{k.Primary, k.Secondary}
		},
	})
	if err != nil {
		return err
	}
	toApp.Handlers[appHost] = a
	if err := connectHub(ctx, settings, o.hub); err != nil {
		return err
	}
	closeAdmin, err := p.openAdmin(o.engine.admin, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAdmin()) }()
	if err := front.announce(o.data); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Easel is ready: %s\n", strings.Join(front.urls(), " and "))
	return front.serve(ctx, router(s, a), log, func(ctx context.Context) error {
		return errors.Join(s.Shutdown(ctx), a.Close(ctx))
	})
}

// connectHub makes the web app the event handler of its hub.
func connectHub(ctx context.Context, settings webpubsub.SettingsStore, name string) error {
	hub, err := webpubsub.ParseHubName(name)
	if err != nil {
		return err
	}
	h := settings.Settings().Hubs[hub]
	h.EventHandlers = []webpubsub.EventHandler{{
		URLTemplate:      "http://" + appHost + "/eventhandler",
		UserEventPattern: "*",
		SystemEvents:     []string{"connect", "connected", "disconnected"},
	}}
	return settings.SetHub(ctx, hub, h)
}

// router sends what belongs to the service there, and the rest to the web app.
func router(s *server.Server, a *app.App) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/server/") || path == "/client" || strings.HasPrefix(path, "/client/") {
			s.ServeHTTP(w, r)
			return
		}
		a.ServeHTTP(w, r)
	})
}

// currentClient is the client of the embedded service, with the key of the moment.
type currentClient struct {
	settings  webpubsub.SettingsStore
	hub       string
	transport http.RoundTripper

	mu     sync.Mutex
	key    string          // guarded by mu
	client *service.Client // guarded by mu; signs with key
}

func (c *currentClient) get() *service.Client {
	key := c.settings.Settings().Keys.Primary
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client == nil || c.key != key {
		client, err := service.New(token.ConnectionString{Endpoint: "http://" + serviceHost, AccessKey: key}.String(), c.hub, &service.Options{Transport: c.transport})
		if err != nil { // the hub's name has been checked, and the rest is ours
			panic(err)
		}
		c.key, c.client = key, client
	}
	return c.client
}
