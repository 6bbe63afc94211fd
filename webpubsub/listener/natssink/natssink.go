// Package natssink sends copies of events to NATS JetStream.
//
// A message's payload is the event's, its headers are those of [listener.Event.Headers]
// and ce-partitionkey, the connection's id. Nats-Msg-Id is the event's MessageID, by which
// a stream drops what it has already.
package natssink

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/listener"
)

const (
	// ackTimeout is how long a stream may take to confirm a message.
	ackTimeout = 5 * time.Second
	// reconnectWait is the pause between attempts to connect.
	reconnectWait = time.Second
)

// Open returns the sink of a [webpubsub.ListenerNATS] endpoint. It connects in the
// background, and again whenever the connection is lost. Errors: BadRequest.
func Open(e webpubsub.ListenerEndpoint) (listener.Sink, error) {
	nc, err := nats.Connect(e.URL,
		nats.Name("easel"), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait),
		nats.ReconnectBufSize(-1), // what fails is tried again by the caller
	)
	if err != nil {
		return nil, webpubsub.Errorf(webpubsub.BadRequest, "NATS endpoint: %v", err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	return &sink{endpoint: e, conn: nc, stream: js}, nil
}

// sink is fixed after Open.
type sink struct {
	endpoint webpubsub.ListenerEndpoint
	conn     *nats.Conn
	stream   jetstream.JetStream
}

// Send publishes e and waits for the stream's ack.
func (s *sink) Send(ctx context.Context, e listener.Event) error {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	options := []jetstream.PublishOpt{jetstream.WithMsgID(e.MessageID), jetstream.WithRetryAttempts(0)}
	if s.endpoint.Stream != "" {
		options = append(options, jetstream.WithExpectStream(s.endpoint.Stream))
	}
	_, err := s.stream.PublishMsg(ctx, s.message(e), options...)
	if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.Code == 400 {
		return fmt.Errorf("NATS: %w: %w", err, listener.ErrRefused)
	}
	if err != nil {
		return fmt.Errorf("NATS: %w", err)
	}
	return nil
}

func (s *sink) message(e listener.Event) *nats.Msg {
	m := nats.NewMsg(subject(s.endpoint.Subject, e))
	for name, value := range e.Headers() {
		m.Header.Set(name, value)
	}
	m.Header.Set("ce-partitionkey", e.PartitionKey)
	m.Data = e.Body
	return m
}

// subject fills in {hub} and {event}; their dots would be further levels of the subject.
func subject(template string, e listener.Event) string {
	word := strings.NewReplacer(".", "_").Replace
	return strings.NewReplacer("{hub}", word(string(e.Hub)), "{event}", word(e.Name)).Replace(template)
}

// Close ends the connection. Nothing is lost: Send waits for acks.
func (s *sink) Close() error {
	s.conn.Close()
	return nil
}
