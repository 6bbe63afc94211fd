package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// drainTimeout is how long connections may take to end when the program is told to stop.
	drainTimeout = 10 * time.Second
	// headerTimeout is how long a client may take to send its request's header.
	headerTimeout = 20 * time.Second
	// requestTimeout is how long it may take for the whole request, and idleTimeout until the
	// next one. WebSockets have their own keep-alive.
	requestTimeout = 5 * time.Minute
	idleTimeout    = 3 * time.Minute
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

// listenOptions are the flags of commands that serve.
type listenOptions struct {
	addr, data string
	https      httpsOptions
}

// front is where a server is reached. It is made by listen and used once, by serve.
type front struct {
	plain, secure       net.Listener // secure is nil without HTTPS
	plainURL, secureURL string
	source              source
}

// listen opens what the flags ask for.
func (p *program) listen(o listenOptions, log *slog.Logger) (*front, error) {
	f := &front{}
	var err error
	if o.https.on {
		if f.source, err = o.https.open(p, o.data, log); err != nil {
			return nil, err
		}
	}
	if f.plain, f.plainURL, err = listenAt("http", o.addr, ""); err != nil {
		return nil, fmt.Errorf("listen on %s: %w; another address can be given by --addr", o.addr, err)
	}
	if !o.https.on {
		return f, nil
	}
	l, url, err := listenAt("https", o.https.addr, f.source.host)
	if err != nil {
		err = fmt.Errorf("listen on %s: %w; another address can be given by --https-addr", o.https.addr, err)
		return nil, errors.Join(err, f.plain.Close())
	}
	f.secure, f.secureURL = tls.NewListener(l, f.source.config), url
	return f, nil
}

// listenAt returns a listener and the URL of host there; an empty host is the one of addr
// when it names one, else localhost.
func listenAt(scheme, addr, host string) (net.Listener, string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, "", err
	}
	if host == "" {
		host = "localhost"
		if named, ok := hostOf(addr); ok {
			host = named
		}
	}
	port := l.Addr().(*net.TCPAddr).Port
	if scheme == "https" && port == 443 || scheme == "http" && port == 80 {
		return l, scheme + "://" + bracketed(host), nil
	}
	return l, scheme + "://" + net.JoinHostPort(host, strconv.Itoa(port)), nil
}

func bracketed(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return "[" + host + "]"
	}
	return host
}

// hostOf returns the host of an address to listen on, unless it stands for this machine
// or for all of its interfaces.
func hostOf(addr string) (host string, named bool) {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	anywhere := host == "" || host == "localhost" || ip != nil && (ip.IsUnspecified() || ip.IsLoopback())
	return host, err == nil && !anywhere
}

// endpoint is the URL to give to others: HTTPS when there is a choice.
func (f *front) endpoint() string { return cmp.Or(f.secureURL, f.plainURL) }

// urls are all URLs, the endpoint first.
func (f *front) urls() []string {
	if f.secureURL == "" {
		return []string{f.plainURL}
	}
	return []string{f.secureURL, f.plainURL}
}

// serve serves h until ctx ends, then calls stop with drainTimeout to go, and returns when
// every request has ended. What takes part in plain HTTP before h does, such as the service,
// has changed f.plain.
func (f *front) serve(ctx context.Context, h http.Handler, log *slog.Logger, stop func(context.Context) error) error {
	servers := []*http.Server{newServer(h, log)}
	if f.source.plain != nil {
		servers[0].Handler = f.source.plain(h)
	}
	listeners := []net.Listener{f.plain}
	if f.secure != nil {
		servers, listeners = append(servers, newServer(h, log)), append(listeners, f.secure)
	}
	var work sync.WaitGroup
	watched, stopWatching := context.WithCancel(ctx)
	work.Go(func() { keepMemory(watched) })
	failed := make(chan error, len(servers))
	for i, s := range servers {
		work.Go(func() { failed <- s.Serve(listeners[i]) })
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	stopWatching()
	err = errors.Join(err, stop(drain))
	for _, s := range servers {
		if e := s.Shutdown(drain); e != nil {
			s.Close()
		}
	}
	work.Wait()
	return err
}

func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, MaxHeaderBytes: maxHeaderBytes,
		ReadTimeout: requestTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// logger writes to stderr for people; levels are debug, info, warn and error.
func (p *program) logger(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usagef("--log-level %q is none of debug, info, warn, error", level)
	}
	return slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: l})), nil
}
