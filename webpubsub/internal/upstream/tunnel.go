package upstream

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

// tunnelScheme is that of URL templates for app servers that connect to the service.
const tunnelScheme = "tunnel"

// Tunnels are the connections that app servers without an address have made to the
// service. Implementations are safe for concurrent use.
type Tunnels interface {
	// Tunnel returns the tunnel of hub with the id last, else any; false when there is
	// none.
	Tunnel(hub webpubsub.HubName, last string) (id string, t http.RoundTripper, ok bool)
}

// noTunnels is for a service without tunnels.
type noTunnels struct{}

func (noTunnels) Tunnel(webpubsub.HubName, string) (string, http.RoundTripper, bool) {
	return "", nil, false
}

// throughTunnel sends r down a tunnel of the event's hub: the one its connection used last,
// while that lives.
func (d *Dispatcher) throughTunnel(c call, r *http.Request) (*http.Response, error) {
	id, t, ok := d.tunnels.Tunnel(c.hub, c.session.lastTunnel())
	if !ok {
		return nil, errNoTunnel(c.hub)
	}
	c.session.useTunnel(id)
	// The app server looks at the path only.
	to := *r.URL
	to.Scheme, to.Host = "https", d.origin.hostPort
	r.URL, r.Host = &to, ""
	return t.RoundTrip(r)
}

func errNoTunnel(hub webpubsub.HubName) error {
	err := fmt.Errorf("no app server has connected a tunnel for hub %s", hub)
	return &story.Failure{Facts: story.Facts{Cause: story.HandlerNoTunnel}, Err: err}
}

// send makes one HTTP request of c, over the network or through a tunnel. Redirects are not
// followed, and cookies are for sessions, so no http.Client is needed.
func (d *Dispatcher) send(ctx context.Context, c call) (*http.Response, error) {
	r := newRequest(ctx, c)
	if c.url.Scheme == tunnelScheme {
		return d.throughTunnel(c, r)
	}
	return d.transport.RoundTrip(r)
}

func isTunnel(u *url.URL) bool { return u.Scheme == tunnelScheme }
