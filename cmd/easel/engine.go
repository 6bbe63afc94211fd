package main

import (
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
)

// engineOptions are the flags of the service that commands run. What bounds memory is
// told in messages and bytes of one connection.
type engineOptions struct {
	public, origins         list
	stories, maxConnections int
	recovery                time.Duration
	unacked, unackedBytes   int
	queued, queuedBytes     int
	jsonAsText, compress    bool
	admin                   string
}

func (o *engineOptions) register(f *flags) {
	f.Var(&o.public, "public-url", "URL under which clients know the service, behind a proxy; repeatable")
	f.Var(&o.origins, "cors-origin", "origin whose pages may call the REST API, such as https://app.example.net, or *; repeatable")
	f.StringVar(&o.admin, "admin", "", "host:port for operators: /metrics for Prometheus, and profiles; it asks for no token, so keep it private")
	f.storiesVar(&o.stories)
	f.IntVar(&o.maxConnections, "max-connections", 0, "connections at a time; one more is answered with 429; 0 is no limit")
	f.DurationVar(&o.recovery, "recovery-window", webpubsub.RecoveryWindow, "how long a reliable client that lost its connection may come back to it")
	f.IntVar(&o.unacked, "max-unacked-messages", webpubsub.MaxQueuedMessages, "messages kept for a reliable client until it acknowledges them; one more ends its connection")
	f.IntVar(&o.unackedBytes, "max-unacked-bytes", webpubsub.MaxQueuedBytes, "bytes of those messages; one more ends the connection")
	f.IntVar(&o.queued, "max-queued-messages", webpubsub.MaxQueuedMessages, "messages that wait for a slow client; one more ends its connection")
	f.IntVar(&o.queuedBytes, "max-queued-bytes", webpubsub.MaxQueuedBytes, "bytes of those messages; one more ends the connection")
	f.BoolVar(&o.compress, "compress", false, "compress messages to and from clients that offer permessage-deflate: fewer bytes, more CPU time")
	f.BoolVar(&o.jsonAsText, "protobuf-json-as-text", false, "send JSON to protobuf clients as text_data, for clients made from the older interface")
}

// check refuses bounds that nothing fits in.
func (o *engineOptions) check() error {
	if o.recovery <= 0 {
		return usagef("--recovery-window %v must be more than 0", o.recovery)
	}
	if o.maxConnections < 0 {
		return usagef("--max-connections %d is negative; 0 is no limit", o.maxConnections)
	}
	for name, n := range map[string]int{
		"max-unacked-messages": o.unacked, "max-unacked-bytes": o.unackedBytes,
		"max-queued-messages": o.queued, "max-queued-bytes": o.queuedBytes,
	} {
		if n < 1 {
			return usagef("--%s %d must be 1 or more", name, n)
		}
	}
	return nil
}

// apply puts the flags into s. Origins are further ones by which clients know the service.
func (o *engineOptions) apply(s server.Options, origins ...string) server.Options {
	s.Audiences = append(append([]string{}, o.public...), origins...)
	s.CORSOrigins = o.origins
	s.Stories = o.stories
	s.MaxConnections = o.maxConnections
	s.RecoveryWindow = o.recovery
	s.MaxUnacknowledged, s.MaxUnacknowledgedBytes = o.unacked, o.unackedBytes
	s.MaxQueued, s.MaxQueuedBytes = o.queued, o.queuedBytes
	s.JSONAsText = o.jsonAsText
	s.Compression = o.compress
	return s
}
