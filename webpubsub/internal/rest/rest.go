package rest

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

// Options configure [New].
type Options struct {
	// Settings hold the access keys and hubs. Required.
	Settings webpubsub.SettingsStore
	// Audiences are the origins clients know the service by, such as
	// https://wps.example.net, besides the Host of each request. The first one is used
	// in links when the request's Host is none of them. Tokens may name any of them.
	Audiences []string
	// CORSOrigins are the origins whose pages may call the API from a browser, such as
	// https://app.example.net; * is every one. None by default: then no CORS header is
	// sent.
	CORSOrigins []string
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// Logger receives failures and refused tokens; nil discards.
	Logger *slog.Logger
	// Validate asks an event handler whether it accepts events of this service. A
	// BadRequest refuses the hub's settings; any other error becomes a warning, for the
	// handler may start later. Nil asks nobody. It is called concurrently.
	Validate func(context.Context, webpubsub.HubName, webpubsub.EventHandler) error
	// Advice returns what is likely wrong with a hub's settings, a sentence each; nil
	// gives none.
	Advice func(webpubsub.Hub) []string
	// Stories are what the service remembers of connections; nil keeps none.
	Stories *story.Recorder
	// Restart ends all connections; nil does nothing.
	Restart func()
	// Connections counts them over all hubs; nil is none.
	Connections func() int
}

// api serves the routes. Its fields are fixed after New.
type api struct {
	Options
	engine Engine
}

// New returns the handler of /api/. It is safe for concurrent use. It must not stand
// behind a mux that cleans or decodes paths: segments may hold encoded slashes.
func New(e Engine, o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &api{Options: o, engine: e}
}

// ServeHTTP follows the service's order of checks: route, api-version, token, parameters,
// body.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["Api-Supported-Versions"] = supportedHeader
	if id := r.Header.Get("X-Ms-Client-Request-Id"); id != "" {
		w.Header().Set("X-Ms-Client-Request-Id", id)
	}
	if a.cors(w, r) {
		return
	}
	op, values, allowed := match(r.Method, r.URL.EscapedPath())
	if op == nil {
		a.refuseRoute(w, allowed)
		return
	}
	c, err := a.decode(op, values, w, r)
	if err == nil {
		var ans answer
		if ans, err = op.do(a, c); err == nil {
			ans.write(w, r)
			return
		}
	}
	a.writeError(w, r, op, err)
}

// decode checks everything that is common to all operations.
func (a *api) decode(op *operation, values pathValues, w http.ResponseWriter, r *http.Request) (*call, error) {
	q := parseQuery(r.URL.RawQuery)
	version, err := apiVersion(q)
	if err != nil {
		return nil, err
	}
	if !op.open {
		if err := a.authorize(r); err != nil {
			a.noteUnauthorized(op, values, r, err)
			return nil, err
		}
	}
	c := &call{r: r, w: w, query: q, version: version, api: a}
	return c, c.decodePath(values)
}

// refuseRoute answers a path or method nobody serves.
func (a *api) refuseRoute(w http.ResponseWriter, allowed []string) {
	w.Header().Set("Content-Length", "0")
	if len(allowed) == 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	w.WriteHeader(http.StatusMethodNotAllowed)
}

// supportedHeader must not be changed.
var supportedHeader = []string{supportedVersions}

// origin is where the caller knows the service to be, without a trailing slash: a
// configured audience with the request's Host, else the first audience, else what the
// request says.
func (a *api) origin(r *http.Request) string {
	for _, o := range a.Audiences {
		if u, err := url.Parse(o); err == nil && strings.EqualFold(u.Host, r.Host) {
			return strings.TrimRight(o, "/")
		}
	}
	if len(a.Audiences) > 0 {
		return strings.TrimRight(a.Audiences[0], "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
