package token

import (
	"net/url"
	"slices"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// ClientPath and the others are the paths of the client endpoints, before the hub.
const (
	ClientPath         = "/client/hubs/"
	MQTTClientPath     = "/clients/mqtt/hubs/"
	SocketIOClientPath = "/clients/socketio/hubs/"
)

// ClientAudience accepts the audience of a token for clients of hub at
// {origin}{path}{hub}, path being [ClientPath] or one of its neighbours. For
// [ClientPath] the older form {origin}/client/?hub={hub} is accepted too.
//
// An origin is the request's Host, or one of publicOrigins: scheme://host[:port][/path]
// or host[:port], as clients know the service behind a proxy. Schemes http, https, ws
// and wss are the same, so are the ports 80, 443 and none; case is ignored throughout,
// and so are one trailing slash, query and fragment.
//
// Source: token validation of client endpoints.
func ClientAudience(host, path string, hub webpubsub.HubName, publicOrigins []string) func(aud string) bool {
	return func(aud string) bool {
		if rest, ok := below(aud, host); ok && len(rest) == len(path)+len(hub) && strings.HasPrefix(rest, path) && rest[len(path):] == string(hub) {
			return true // as most are
		}
		target, ok := locate(aud)
		return ok && slices.ContainsFunc(origins(host, publicOrigins), func(origin location) bool {
			rest, ok := target.below(origin)
			return ok && (strings.EqualFold(unescaped(rest), path+string(hub)) ||
				path == ClientPath && target.legacyClient(rest, hub))
		})
	}
}

// RESTAudience accepts the audience of a token for a REST request: an origin as in
// [ClientAudience] followed by the request's path (as sent, still escaped), equal before
// or after one percent-decoding, or going on with / or ?. Case counts in the path; one
// trailing slash does not.
//
// Source: REST API, access key authentication.
func RESTAudience(host, escapedPath string, publicOrigins []string) func(aud string) bool {
	return func(aud string) bool {
		if rest, ok := below(aud, host); ok && rest == escapedPath && strings.IndexByte(rest, '?') < 0 {
			return true // as most are
		}
		wanted := spellings(strings.TrimSuffix(escapedPath, "/"))
		target, ok := locate(aud)
		return ok && slices.ContainsFunc(origins(host, publicOrigins), func(origin location) bool {
			rest, ok := target.below(origin)
			return ok && anyContinues(spellings(rest), wanted)
		})
	}
}

// below is what follows the host in a URL that names it as the request does.
func below(aud, host string) (path string, ok bool) {
	if host == "" || strings.ContainsAny(host, "/?#") {
		return "", false
	}
	for _, scheme := range []string{"http://", "https://", "ws://", "wss://"} {
		if rest, is := strings.CutPrefix(aud, scheme); is {
			return strings.CutPrefix(rest, host)
		}
	}
	return "", false
}

// location is a URL as far as audiences care.
type location struct {
	host  string // lower case, no default port
	path  string // escaped, without one trailing slash
	query string
}

var schemes = []string{"http", "https", "ws", "wss"}

// locate takes a URL apart and leaves escapes alone, valid or not.
func locate(s string) (location, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !slices.Contains(schemes, strings.ToLower(scheme)) {
		return location{}, false
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	host, path, ok := strings.Cut(rest, "/")
	if ok {
		path = strings.TrimSuffix("/"+path, "/")
	}
	return location{host: plainHost(host), path: path, query: query}, host != ""
}

func plainHost(host string) string {
	host = strings.ToLower(host)
	host = strings.TrimSuffix(host, ":443")
	return strings.TrimSuffix(host, ":80")
}

// origins are where clients may believe the service to be.
func origins(host string, public []string) []location {
	list := []location{{host: plainHost(host)}}
	for _, o := range public {
		if !strings.Contains(o, "://") {
			o = "https://" + o
		}
		if l, ok := locate(o); ok {
			list = append(list, l)
		}
	}
	return list
}

// below is the path of l after that of origin, when l is there.
func (l location) below(origin location) (rest string, ok bool) {
	n := len(origin.path)
	if l.host != origin.host || len(l.path) < n || !strings.EqualFold(l.path[:n], origin.path) {
		return "", false
	}
	rest = l.path[n:]
	return rest, rest == "" || rest[0] == '/'
}

// legacyClient reports whether l is {origin}/client/?hub={hub}.
func (l location) legacyClient(rest string, hub webpubsub.HubName) bool {
	if !strings.EqualFold(rest, "/client") {
		return false
	}
	query, err := url.ParseQuery(l.query)
	return err == nil && strings.EqualFold(query.Get("hub"), string(hub))
}

// unescaped is path after one percent-decoding, or path itself when it has none.
func unescaped(path string) string {
	if decoded, err := url.PathUnescape(path); err == nil {
		return decoded
	}
	return path
}

// spellings are a path as it is and after one percent-decoding.
func spellings(path string) []string { return []string{path, unescaped(path)} }

// anyContinues reports whether a path is one of those wanted, or goes on after it.
func anyContinues(paths, wanted []string) bool {
	for _, path := range paths {
		for _, w := range wanted {
			rest, ok := strings.CutPrefix(path, w)
			if ok && (rest == "" || rest[0] == '/' || rest[0] == '?') {
				return true
			}
		}
	}
	return false
}
