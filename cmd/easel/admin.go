package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"runtime"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub/metrics"
)

// profileRate is how often the runtime notes who allocates, in bytes, when somebody may look. Its
// notes take as much memory as a hundred connections and more.
var profileRate = runtime.MemProfileRate

var profileMemory = sync.OnceFunc(func() { runtime.MemProfileRate = profileRate })

// openAdmin serves metrics and profiles to operators, at an address of their own that asks
// for no token; empty is nowhere. Close ends it.
func (p *program) openAdmin(addr string, source metrics.Source, log *slog.Logger) (closeAdmin func() error, err error) {
	if addr == "" {
		return func() error { return nil }, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s, as --admin says: %w", addr, err)
	}
	profileMemory()
	s := newServer(adminRoutes(source), log)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	fmt.Fprintf(p.stderr, "Metrics: http://%s/metrics\n", l.Addr())
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if s.Shutdown(ctx) != nil {
			s.Close()
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}, nil
}

func adminRoutes(source metrics.Source) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler(source))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index) // goroutine, heap, allocs and others by name
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
