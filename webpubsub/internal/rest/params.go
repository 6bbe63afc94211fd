package rest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/filter"
)

// supportedVersions is announced with every answer; the last one is the default.
const supportedVersions = "2021-10-01, 2022-11-01, 2023-07-01, 2024-01-01, 2024-12-01"

const newestVersion = "2024-12-01"

var versions = strings.Split(supportedVersions, ", ")

// oldPreviews are still sent by old tools; they behave as 2021-10-01.
var oldPreviews = []string{"2020-10-01", "2021-01-01", "2021-05-01-preview", "2021-08-01-preview", "2022-10-01-preview"}

// call is one decoded request.
type call struct {
	r       *http.Request
	w       http.ResponseWriter
	query   query
	version string
	api     *api

	// From the path; zero where the route has no such value.
	hub        webpubsub.HubName
	group      webpubsub.GroupName
	connection webpubsub.ConnectionID
	user       webpubsub.UserID
	permission webpubsub.Permission
}

// origin is where the caller knows the service to be.
func (c *call) origin() string { return c.api.origin(c.r) }

func (c *call) decodePath(values pathValues) (err error) {
	for v := range values.of {
		s, ok := values.get(pathValue(v))
		if !ok {
			continue
		}
		switch name := pathNames[v]; pathValue(v) {
		case pathHub:
			c.hub, err = webpubsub.ParseHubName(s)
		case pathGroup:
			c.group, err = webpubsub.ParseGroupName(s)
		case pathConnection:
			c.connection, err = webpubsub.ConnectionID(s), checkID(name, s)
		case pathUser:
			c.user, err = webpubsub.UserID(s), checkID(name, s)
		case pathPermission:
			c.permission, err = webpubsub.ParsePermission(s)
		}
		if err != nil {
			return inputError{pathNames[v], err}
		}
	}
	return nil
}

func checkID(name, s string) error {
	if strings.TrimSpace(s) == "" {
		return webpubsub.Errorf(webpubsub.BadRequest, "%s is empty", name)
	}
	if !utf8.ValidString(s) {
		return webpubsub.Errorf(webpubsub.BadRequest, "%s is not valid UTF-8", name)
	}
	return nil
}

// query is parameters in their order, with names in lower case, for they may come in any case.
type query []parameter

type parameter struct{ name, value string }

// parseQuery never fails: a broken escape stands for itself, as in the real service.
func parseQuery(raw string) (q query) {
	if raw == "" {
		return nil
	}
	q = make(query, 0, 1+strings.Count(raw, "&"))
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name = strings.ToLower(unescape(name)); name != "" {
			q = append(q, parameter{name, unescape(value)})
		}
	}
	return q
}

func unescape(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// all returns every value of name, get the first; name in lower case.
func (q query) all(name string) (values []string) {
	for _, p := range q {
		if p.name == name {
			values = append(values, p.value)
		}
	}
	return values
}

func (q query) get(name string) string {
	for _, p := range q {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// without returns q without the parameters of a name, which it changes.
func (q query) without(name string) query {
	return slices.DeleteFunc(q, func(p parameter) bool { return p.name == name })
}

func apiVersion(q query) (string, error) {
	given, version := 0, newestVersion
	for _, p := range q {
		if p.name == "api-version" && p.value != "" {
			given++
			version = strings.ToLower(p.value)
		}
	}
	switch {
	case given > 1:
		return "", badParam("api-version", "The api-version is given %d times.", given)
	case !slices.Contains(versions, version) && !slices.Contains(oldPreviews, version):
		return "", badParam("api-version", "The api-version %q is not supported; use one of %s.", clip(q.get("api-version")), supportedVersions)
	}
	return version, nil
}

// excluded are the connections to skip, compared exactly.
func (c *call) excluded() []webpubsub.ConnectionID {
	var ids []webpubsub.ConnectionID
	for _, s := range c.query.all("excluded") {
		ids = append(ids, webpubsub.ConnectionID(s))
	}
	return ids
}

// MaxTTL is the largest messageTtlSeconds. Source: REST API, Send To All.
const MaxTTL = 300 * time.Second

func (c *call) ttl() (time.Duration, error) {
	n, err := c.integer("messageTtlSeconds", 0, 0, int(MaxTTL/time.Second))
	return time.Duration(n) * time.Second, err
}

// parseFilter reads a filter; a blank one is nil.
func parseFilter(expression string) (*filter.Filter, error) {
	f, err := filter.Parse(expression)
	if err != nil {
		return nil, inputError{"filter", err}
	}
	return f, nil
}

// metadata is what the request's headers say to send along.
func (c *call) metadata() (webpubsub.Metadata, error) {
	m, err := webpubsub.MetadataFromHeader(c.r.Header)
	if err != nil {
		return nil, inputError{"X-WebPubSub-Metadata", err}
	}
	return m, nil
}

// integer reads an optional parameter between low and high; absent or empty is def.
func (c *call) integer(name string, def, low, high int) (int, error) {
	s := c.query.get(strings.ToLower(name))
	if s == "" {
		return def, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, badParam(name, "%s %q must be an integer from %d to %d.", name, clip(s), low, high)
	}
	return n, nil
}

// target is the group of a permission.
func (c *call) target() (webpubsub.GroupName, error) {
	g, err := webpubsub.ParseGroupName(c.query.get("targetname"))
	if err != nil {
		return "", inputError{"targetName", err}
	}
	return g, nil
}

// clip shortens a caller's value for an error message.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
