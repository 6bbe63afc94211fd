package listener

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/easelhq/easel/webpubsub"
)

// maxAnswerBytes is how much of a receiver's answer is read, so that its connection can be
// used again.
const maxAnswerBytes = 64 << 10

// HTTP returns the factory of sinks that post events as CloudEvents in binary mode, with
// the headers that event handlers get; package eventhandler can receive them. The answer's
// body is ignored. Nil is [http.DefaultTransport].
func HTTP(transport http.RoundTripper) Factory {
	return func(e webpubsub.ListenerEndpoint) (Sink, error) {
		u, err := url.Parse(e.URL)
		if err != nil {
			return nil, webpubsub.Errorf(webpubsub.BadRequest, "endpoint url %.200q is not a URL", e.URL)
		}
		client := &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		return &httpSink{url: u, client: client}, nil
	}
}

// httpSink is fixed after HTTP.
type httpSink struct {
	url    *url.URL
	client *http.Client
}

func (s *httpSink) Send(ctx context.Context, e Event) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url.String(), bytes.NewReader(e.Body))
	if err != nil {
		return err
	}
	r.Header = header(e)
	response, err := s.client.Do(r)
	if err != nil {
		return fmt.Errorf("listener at %s: %w", s.url.Host, unwrapURL(err))
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswerBytes)) // the status says all
	switch status := response.StatusCode; {
	case status/100 == 2:
		return nil
	case status/100 == 5, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return fmt.Errorf("listener at %s answered %d", s.url.Host, status)
	default:
		return fmt.Errorf("listener at %s answered %d: %w", s.url.Host, status, ErrRefused)
	}
}

// unwrapURL takes the URL out of an error: it may hold a secret.
func unwrapURL(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}

func header(e Event) http.Header {
	h := http.Header{}
	for name, value := range e.Headers() {
		h.Set(name, value)
	}
	h.Set("WebHook-Request-Origin", e.Origin)
	if e.Signature != "" {
		h.Set("ce-signature", e.Signature)
	}
	return h
}

func (s *httpSink) Close() error { return nil } // the transport is shared
