package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/tunnel"
)

// tunnel forwards the events of a hub to an app server on this machine, until ctx ends.
func (p *program) tunnel(ctx context.Context, args []string) error {
	f := p.manageFlags("tunnel", "forward the events of a hub's tunnel:/// handlers to an app server here")
	hub := f.String("hub", "", "name of the hub")
	upstream := f.String("upstream", "http://localhost:3000", "URL of the app server")
	if err := f.parse(args); err != nil {
		return err
	}
	if *hub == "" {
		return usagef("--hub is missing")
	}
	forward, err := tunnel.Forward(*upstream, nil)
	if err != nil {
		return usagef("--upstream: %s", webpubsub.MessageOf(err))
	}
	service, err := f.reach(ctx)
	if err != nil {
		return err
	}
	report := &tunnelReport{out: p.stdout}
	o := &tunnel.Options{OnState: func(connected bool, err error) {
		if connected {
			report.printf("Connected. Requests for tunnel:/// handlers of hub %s go to %s\n", *hub, *upstream)
		} else {
			report.printf("Not connected: %s\n", reasonOf(err))
		}
	}}
	if service.options != nil {
		o.Client = &http.Client{Transport: service.options.Transport}
	}
	t, err := tunnel.New(service.connectionString, *hub, report.watch(forward), o)
	if err != nil {
		return usagef("%s", webpubsub.MessageOf(err))
	}
	if err := t.Run(ctx); !errors.Is(err, context.Canceled) {
		return errors.New(reasonOf(err))
	}
	return nil
}

// reasonOf is what a developer should read about their own service: all of it.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*webpubsub.Error](err); ok && e.Msg != "" {
		return e.Msg
	}
	return err.Error()
}

// tunnelReport prints a line for each request. Safe for concurrent use.
type tunnelReport struct {
	mu  sync.Mutex
	out io.Writer // guarded by mu
}

func (r *tunnelReport) printf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.out, format, args...)
}

// watch reports what next does with each request, and what it says when it fails.
func (r *tunnelReport) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		start := time.Now()
		seen := &seenResponse{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, q)
		line := fmt.Sprintf("%s %s %s %d %v", start.Format(time.TimeOnly), q.Method, q.URL.Path, seen.status, time.Since(start).Round(time.Millisecond))
		if who := q.Header.Get("ce-userId"); who != "" {
			line += " user " + who
		}
		if seen.status >= 400 && len(seen.said) > 0 {
			line += ": " + strings.Join(strings.Fields(string(seen.said)), " ")
		}
		r.printf("%s\n", line)
	})
}

// maxSaid is how much of a failure's text is shown.
const maxSaid = 300

// seenResponse remembers a response's status and the beginning of its body.
type seenResponse struct {
	http.ResponseWriter
	status int
	said   []byte
}

func (s *seenResponse) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

func (s *seenResponse) Write(b []byte) (int, error) {
	s.said = append(s.said, b[:min(len(b), maxSaid-len(s.said))]...)
	return s.ResponseWriter.Write(b)
}

// Unwrap lets the response be flushed.
func (s *seenResponse) Unwrap() http.ResponseWriter { return s.ResponseWriter }
