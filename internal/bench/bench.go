package bench

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

// Target is the server to be measured.
type Target struct {
	// Server is one of Servers.
	Server string
	// ConnectionString and Hub say where an easel is; URL says where others are, as ws or
	// wss, and Secret signs their clients' tokens, if they ask for them.
	ConnectionString, Hub string
	URL, Secret           string
	// App is the URL of an easel's whiteboard, for workloads with boards.
	App string
	// Protobuf chooses the protobuf subprotocol of an easel.
	Protobuf bool
	// TLS is for wss and https; nil trusts the system's authorities.
	TLS *tls.Config
	// PID is the server's process, if it is on this machine; 0 measures no process.
	PID int
}

// Options are the bounds of a run.
type Options struct {
	// Warmup and Duration are how long messages are sent before and while measuring.
	Warmup, Duration time.Duration
	// Report is called with a line about the progress, twice a second; nil is silent.
	Report func(string)

	portable bool // goroutines in the place of epoll
}

// Workload is something to do with a server.
type Workload interface {
	// name is that of the command.
	name() string
	// check refuses bounds that make no sense.
	check() error
	run(ctx context.Context, l *load, t Target, o Options) (*Result, error)
}

// Run does a workload. Besides that of ctx, errors tell what the server did wrong; figures of
// such a run are not returned.
func Run(ctx context.Context, w Workload, t Target, o Options) (*Result, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	if o.Duration <= 0 || o.Duration > maxDuration {
		return nil, fmt.Errorf("the duration is %v; it may be above 0 and up to %v", o.Duration, maxDuration)
	}
	if o.Warmup < 0 || o.Warmup > maxDuration {
		return nil, fmt.Errorf("the warm-up is %v; it may be 0s to %v", o.Warmup, maxDuration)
	}
	l, err := newLoad(t, o)
	if err != nil {
		return nil, err
	}
	defer l.net.shutdown()
	r, err := w.run(ctx, l, t, o)
	if err != nil {
		return nil, err
	}
	r.Workload, r.Server = w.name(), t.Server
	if t.Protobuf {
		r.Server += " (protobuf)"
	}
	return r, nil
}

const maxDuration = time.Hour

func newLoad(t Target, o Options) (*load, error) {
	where := t.URL
	if t.Server == "easel" {
		cs, err := token.ParseConnectionString(t.ConnectionString)
		if err != nil {
			return nil, err
		}
		where = "ws" + strings.TrimPrefix(cs.Endpoint, "http")
	}
	if rest, ok := strings.CutPrefix(where, "http"); ok && t.Server == "http" {
		where = "ws" + rest
	}
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Host == "" {
		return nil, fmt.Errorf("%q is not a URL that begins with ws:// or wss://", where)
	}
	d, err := t.driver(u)
	if err != nil {
		return nil, err
	}
	port, secure := u.Port(), (*tls.Config)(nil)
	if u.Scheme == "wss" {
		secure = &tls.Config{MinVersion: tls.VersionTLS12}
		if t.TLS != nil {
			secure = t.TLS.Clone()
		}
		secure.ServerName = u.Hostname()
	}
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[u.Scheme]
	}
	to, err := resolve(u.Hostname(), port)
	if err != nil {
		return nil, err
	}
	l := &load{driver: d, op: opText, host: u.Host, process: process{t.PID}, report: o.Report, started: time.Now(), atOnce: defaultAtOnce}
	if d.binary() {
		l.op = opBinary
	}
	if o.portable {
		l.net = newGoroutines(to, secure)
		return l, nil
	}
	l.net, err = newNetwork(to, secure)
	return l, err
}

// service is how the service's REST API is reached.
func (t Target) service() *service.Options {
	if t.TLS == nil {
		return nil
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = t.TLS.Clone()
	return &service.Options{Transport: transport}
}

func (t Target) driver(u *url.URL) (driver, error) {
	if t.Server != "easel" {
		return newDriver(t.Server, u, t.Secret)
	}
	c, err := service.New(t.ConnectionString, t.Hub, nil)
	if err != nil {
		return nil, err
	}
	e := easel{service: c, path: token.ClientPath + url.PathEscape(t.Hub)}
	if t.Protobuf {
		return &easelProtobuf{e}, nil
	}
	return &e, nil
}

// inRange refuses a number that is out of bounds.
func inRange(what string, n, low, high int) error {
	if n < low || n > high {
		return fmt.Errorf("%s is %d; it may be %d to %d", what, n, low, high)
	}
	return nil
}

// Bounds of workloads.
const (
	maxConnections = 1_000_000
	maxSize        = 1 << 20
	maxInFlight    = 1024
)
