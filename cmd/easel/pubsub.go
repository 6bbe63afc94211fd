package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
)

// pubsub runs the Web PubSub service alone.
func (p *program) pubsub(ctx context.Context, args []string) (err error) {
	f := p.flags("pubsub", "run the Web PubSub service")
	var at listenOptions
	f.StringVar(&at.addr, "addr", p.defaultAddr(), "host:port to listen on; port 0 is a free one")
	f.StringVar(&at.data, "data", defaultData, "folder for settings")
	at.https.register(f)
	level := f.String("log-level", "info", "debug, info, warn or error")
	var engine engineOptions
	engine.register(f)
	if err := f.parse(args); err != nil {
		return err
	}
	if err := cmp.Or(at.https.check(), engine.check()); err != nil {
		return err
	}
	log, err := p.logger(*level)
	if err != nil {
		return err
	}
	db, settings, err := p.openData(ctx, at.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	front, err := p.listen(at, log)
	if err != nil {
		return err
	}
	s, err := server.New(engine.apply(server.Options{Settings: settings, Sinks: sinks, Logger: log}, front.urls()...))
	if err != nil {
		return err
	}
	front.plain = s.Listener(front.plain)
	closeAdmin, err := p.openAdmin(engine.admin, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAdmin()) }()
	if err := front.announce(at.data); err != nil {
		return err
	}
	connectionString := webpubsub.NewKeysResource(front.endpoint(), settings.Settings().Keys).PrimaryConnectionString
	fmt.Fprintf(p.stdout, "Web PubSub service: %s\nConnection string:  %s\n", strings.Join(front.urls(), " and "), connectionString)
	return front.serve(ctx, s, log, s.Shutdown)
}
