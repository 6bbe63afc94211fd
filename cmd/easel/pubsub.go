package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
)

// pubsub runs the Web PubSub service alone.
func (p *program) pubsub(ctx context.Context, args []string) (err error) {
	f := p.flags("pubsub", "run the Web PubSub service")
	addr := f.String("addr", p.defaultAddr(), "host:port to listen on; port 0 is a free one")
	data := f.String("data", defaultData, "folder for settings")
	level := f.String("log-level", "info", "debug, info, warn or error")
	var public list
	f.Var(&public, "public-url", "URL under which clients know the service, behind a proxy; repeatable")
	if err := f.parse(args); err != nil {
		return err
	}
	log, err := p.logger(*level)
	if err != nil {
		return err
	}
	db, settings, err := p.openData(ctx, *data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l, url, err := listen(*addr)
	if err != nil {
		return err
	}
	s, err := server.New(server.Options{Settings: settings, Audiences: append(public, url), Logger: log})
	if err != nil {
		return err
	}
	if err := announce(*data, url); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Web PubSub service: %s\n", url)
	fmt.Fprintf(p.stdout, "Connection string:  %s\n", webpubsub.NewKeysResource(url, settings.Settings().Keys).PrimaryConnectionString)
	return serveUntil(ctx, l, s, log, s.Shutdown)
}
