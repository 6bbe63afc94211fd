package upstream

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of the cookies that are kept for one connection.
const (
	maxCookies     = 20
	maxCookieBytes = 4 << 10
)

// Session is what handlers left behind for one connection, so that its events find the
// same server again: cookies, and the tunnel that was used. The zero value is ready; it
// lives as long as its connection. A Session is safe for concurrent use, and nil keeps
// nothing.
//
// Source: event handlers, request, Cookie.
type Session struct {
	mu   sync.Mutex
	left *leftBehind // guarded by mu; nil for most
}

// leftBehind is guarded by Session.mu.
type leftBehind struct {
	cookies []cookie // the oldest first
	tunnel  string   // id of the one last used
}

func (s *Session) needLocked() *leftBehind {
	if s.left == nil {
		s.left = &leftBehind{}
	}
	return s.left
}

// cookie is one cookie and the URL space it came from: a scheme and host, and a path.
type cookie struct {
	origin, name, path, value string
	expires                   time.Time // zero is never
}

func originOf(u *url.URL) string { return u.Scheme + "://" + strings.ToLower(u.Host) }

// header is the Cookie header for a request to u; empty is none.
func (s *Session) header(u *url.URL, now time.Time) string {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == nil {
		return ""
	}
	var pairs []string
	for _, c := range s.left.cookies {
		if c.origin == originOf(u) && pathWithin(u.Path, c.path) && (c.expires.IsZero() || now.Before(c.expires)) {
			pairs = append(pairs, c.name+"="+c.value)
		}
	}
	return strings.Join(pairs, "; ")
}

// keep takes over the cookies of a 2xx answer from u. Domains are not looked at: a cookie
// goes back to the host that set it, and to no other.
func (s *Session) keep(u *url.URL, header http.Header, now time.Time) {
	if s == nil || len(header["Set-Cookie"]) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range (&http.Response{Header: header}).Cookies() {
		s.keepLocked(u, c, now)
	}
}

func (s *Session) keepLocked(u *url.URL, c *http.Cookie, now time.Time) {
	n := cookie{origin: originOf(u), name: c.Name, path: c.Path, value: c.Value, expires: c.Expires}
	if !strings.HasPrefix(n.path, "/") {
		n.path = "/" + strings.TrimPrefix(u.Path[:max(strings.LastIndexByte(u.Path, '/'), 0)], "/")
	}
	if c.MaxAge > 0 {
		n.expires = now.Add(time.Duration(min(c.MaxAge, 1<<30)) * time.Second)
	}
	left := s.needLocked()
	left.cookies = slices.DeleteFunc(left.cookies, func(old cookie) bool {
		return old.origin == n.origin && old.name == n.name && old.path == n.path
	})
	gone := c.MaxAge < 0 || !n.expires.IsZero() && !now.Before(n.expires)
	if gone || len(n.name)+len(n.value)+len(n.path) > maxCookieBytes || c.Secure && u.Scheme == "http" {
		return
	}
	if len(left.cookies) == maxCookies {
		left.cookies = slices.Delete(left.cookies, 0, 1)
	}
	left.cookies = append(left.cookies, n)
}

// pathWithin reports whether a cookie's path covers that of a request. Source: RFC 6265, 5.1.4.
func pathWithin(path, cookiePath string) bool {
	rest, ok := strings.CutPrefix(path, cookiePath)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(cookiePath, "/"))
}

func (s *Session) lastTunnel() string {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == nil {
		return ""
	}
	return s.left.tunnel
}

func (s *Session) useTunnel(id string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.needLocked().tunnel = id
}
