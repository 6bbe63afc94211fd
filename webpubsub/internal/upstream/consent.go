package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

const (
	// consentFresh is how long a consent is not asked for again, and the longest pause
	// after a refusal. Source: event handlers, abuse protection.
	consentFresh = 60 * time.Second
	// maxConsents bounds what is remembered. A URL takes part only while settings name
	// it, so this is reached by changing them often; then all are asked anew.
	maxConsents = 4096
)

// consents remembers which handlers agreed to be called, by validation URL.
//
// Events that come first share one question and wait for it. Later a consent stays in
// force while it is renewed in the background; after a refusal, once its pause is over,
// the next events ask again and wait. After a question that nobody answered there is no
// pause: a handler may be started after the service.
type consents struct {
	// Fixed.
	ask   func(validation *url.URL) error
	start func(func()) // runs f in a goroutine that Close waits for

	mu   sync.Mutex
	urls map[string]*consentState // guarded by mu
}

// consentState is guarded by consents.mu.
type consentState struct {
	known    bool // asked at least once
	err      error
	due      time.Time // when to ask again
	failures int       // in a row
	asking   *question // nil when not under way
}

// question is one request for consent; err may be read once done is closed.
type question struct {
	done chan struct{}
	err  error
}

func newConsents(ask func(*url.URL) error, start func(func())) *consents {
	return &consents{ask: ask, start: start, urls: make(map[string]*consentState)}
}

// check returns nil when the handler agrees.
func (c *consents) check(ctx context.Context, validation *target) error {
	q, err := c.current(validation, time.Now())
	if q == nil {
		return err
	}
	select {
	case <-q.done:
		return q.err
	case <-ctx.Done():
		return fmt.Errorf("abuse protection for '%s': %w", validation.plain, ctx.Err())
	}
}

// current returns the result in force, or the question to wait for.
func (c *consents) current(validation *target, now time.Time) (*question, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.state(validation.text)
	if s.asking == nil && !now.Before(s.due) {
		s.asking = &question{done: make(chan struct{})}
		c.start(func() { c.run(validation.url, s) })
	}
	if s.asking != nil && (!s.known || s.err != nil) {
		return s.asking, nil
	}
	return nil, s.err
}

func (c *consents) state(key string) *consentState {
	s := c.urls[key]
	if s == nil {
		if len(c.urls) >= maxConsents {
			clear(c.urls)
		}
		s = &consentState{}
		c.urls[key] = s
	}
	return s
}

func (c *consents) run(validation *url.URL, s *consentState) {
	err := c.ask(validation)
	c.mu.Lock()
	defer c.mu.Unlock()
	s.record(err, time.Now())
	s.asking.err = err
	close(s.asking.done)
	s.asking = nil
}

// learn records a result that was found out elsewhere.
func (c *consents) learn(validation *url.URL, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state(validation.String()).record(err, time.Now())
}

func (s *consentState) record(err error, now time.Time) {
	s.known, s.err = true, err
	wait := consentFresh
	switch _, down := errors.AsType[*unreachableError](err); {
	case err == nil:
		s.failures = 0
	case down: // so that it is used as soon as it appears
		wait = 0
	default:
		wait = min(time.Second<<min(s.failures, 6), consentFresh)
		s.failures++
	}
	s.due = now.Add(wait)
}

// consent returns nil when h agrees to get events of hub.
func (d *Dispatcher) consent(ctx context.Context, h webpubsub.EventHandler, hub webpubsub.HubName) error {
	validation := d.targets.resolve(h.URLTemplate, hub, validationEvent)
	switch {
	case validation.err != nil:
		return validation.err
	case isTunnel(validation.url):
		return nil // whoever connects a tunnel has agreed
	}
	return d.consents.check(ctx, validation)
}

// validationEvent stands in for {event} in the URL of validation requests.
const validationEvent = "validate"

// askConsent asks with the retries of any event.
func (d *Dispatcher) askConsent(validation *url.URL) error {
	ctx, cancel := context.WithTimeout(d.life, webpubsub.ValidationTimeout)
	defer cancel()
	return d.askConsentBy(ctx, validation, d.callRetrying)
}

// askConsentBy sends OPTIONS, or GET to handlers that do not know OPTIONS.
func (d *Dispatcher) askConsentBy(ctx context.Context, validation *url.URL, do func(context.Context, call) (response, error)) error {
	c := call{method: http.MethodOptions, url: validation, header: d.commonHeader()}
	r, err := do(ctx, c)
	if err == nil && r.status == http.StatusNotFound {
		c.method = http.MethodGet
		r, err = do(ctx, c)
	}
	switch {
	case err != nil:
		return &unreachableError{unasked(validation, fmt.Errorf("abuse protection for '%s' failed: %w", plain(validation), err))}
	case worthRetrying(r, nil):
		return &unreachableError{d.noConsent(validation, r, fmt.Errorf("abuse protection for '%s' failed: %d", plain(validation), r.status))}
	case r.status/100 != 2:
		return d.noConsent(validation, r, fmt.Errorf("abuse protection for '%s' failed: %d", plain(validation), r.status))
	}
	allowed := r.header.Values("WebHook-Allowed-Origin")
	if !slices.ContainsFunc(allowed, d.origin.allows) {
		return d.noConsent(validation, r, fmt.Errorf("abuse protection for '%s' missing allowed origins: %.200s", plain(validation), strings.Join(allowed, " ")))
	}
	return nil
}

// unreachableError is a question for consent that was not answered, neither yes nor no.
type unreachableError struct{ error }

func (e *unreachableError) Unwrap() error { return e.error }
