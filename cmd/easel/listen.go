package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	// drainTimeout is how long connections may take to end when the program is told to stop.
	drainTimeout = 10 * time.Second
	// headerTimeout is how long a client may take to send its request's header.
	headerTimeout = 20 * time.Second
	// maxHeaderBytes leaves room for tokens with many roles.
	maxHeaderBytes = 64 << 10
)

// defaultAddr is where to listen when nothing is said. PORT, as hosting platforms set it,
// means all interfaces.
func (p *program) defaultAddr() string {
	if port := p.getenv("PORT"); port != "" {
		return ":" + port
	}
	return "localhost:8080"
}

// listen returns a listener and the URL under which this machine reaches it.
func listen(addr string) (net.Listener, string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, "", fmt.Errorf("listen on %s: %w; another address can be given by --addr", addr, err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return l, fmt.Sprintf("http://localhost:%d", port), nil
}

// serveUntil serves h until ctx ends, then calls stop with drainTimeout to go, and returns
// when every request has ended.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger, stop func(context.Context) error) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err = errors.Join(err, stop(drain))
	if e := s.Shutdown(drain); e != nil {
		s.Close()
	}
	return err
}

// logger writes to stderr for people; levels are debug, info, warn and error.
func (p *program) logger(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usagef("--log-level %q is none of debug, info, warn, error", level)
	}
	return slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: l})), nil
}
