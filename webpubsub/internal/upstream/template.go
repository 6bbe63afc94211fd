package upstream

import (
	"net/url"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// resolve fills in {hub} and {event}, written in any case, percent-encoded.
// Errors: BadRequest when the result is not an absolute http or https URL, or a
// tunnel:///path.
func resolve(template string, hub webpubsub.HubName, event string) (*url.URL, error) {
	filled := replaceFold(replaceFold(template, "{hub}", escape(string(hub))), "{event}", escape(event))
	u, err := url.Parse(filled)
	if err != nil || !reachable(u) || placeholderInHost(template) {
		return nil, webpubsub.Errorf(webpubsub.BadRequest, "URL template %.200q is not an absolute http or https URL or tunnel:///path; {hub} and {event} may stand in its path and query", template)
	}
	u.Fragment = ""
	return u, nil
}

func reachable(u *url.URL) bool {
	if u.Scheme == tunnelScheme {
		return u.Host == "" && strings.HasPrefix(u.Path, "/")
	}
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

func placeholderInHost(template string) bool {
	_, rest, _ := strings.Cut(template, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return strings.Contains(rest, "{")
}

// escape leaves unreserved characters alone and percent-encodes all others.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// replaceFold replaces every old in s, in any ASCII case.
func replaceFold(s, old, with string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if end := i + len(old); end <= len(s) && strings.EqualFold(s[i:end], old) {
			b.WriteString(with)
			i = end
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// plain is a URL for people and logs: without user, password and query, which may hold
// a secret.
func plain(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }
