package token

import (
	"net/url"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// ConnectionString is what an app server needs to reach a service.
type ConnectionString struct {
	// Endpoint is an http or https URL without a trailing slash, port included.
	Endpoint string
	// AccessKey is the primary or the secondary key.
	AccessKey string
}

// ParseConnectionString reads Endpoint=…;AccessKey=…;Version=1.0; — names in any case
// and order, an optional Port, the last semicolon optional, other names ignored.
// Errors: BadRequest; the message never holds the key.
func ParseConnectionString(s string) (ConnectionString, error) {
	fields, err := parseFields(s)
	if err != nil {
		return ConnectionString{}, err
	}
	c := ConnectionString{AccessKey: fields["accesskey"]}
	if c.AccessKey == "" {
		return ConnectionString{}, badString("has no AccessKey")
	}
	c.Endpoint, err = endpoint(fields["endpoint"], fields["port"])
	if err != nil {
		return ConnectionString{}, err
	}
	return c, nil
}

// String is the connection string, access key included: not for logs.
func (c ConnectionString) String() string {
	return "Endpoint=" + c.Endpoint + ";AccessKey=" + c.AccessKey + ";Version=1.0;"
}

// parseFields returns the values by name in lower case.
func parseFields(s string) (map[string]string, error) {
	fields := make(map[string]string)
	for part := range strings.SplitSeq(s, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok {
			return nil, badString("has a part without =")
		}
		if _, twice := fields[name]; twice {
			return nil, badString("names a part twice")
		}
		fields[name] = strings.TrimSpace(value)
	}
	return fields, nil
}

func endpoint(raw, port string) (string, error) {
	if raw == "" {
		return "", badString("has no Endpoint")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return "", badString("has an Endpoint that is not an http or https URL")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#") {
		return "", badString("has an Endpoint with more than scheme, host, port and path")
	}
	if port != "" {
		u.Host = strings.TrimSuffix(u.Host, ":"+u.Port()) + ":" + port
	}
	text := strings.TrimRight(u.String(), "/")
	if u, err = url.Parse(text); err != nil || u.Hostname() == "" || strings.ContainsAny(text, "; ") {
		return "", badString("has an Endpoint or Port that makes no URL")
	}
	return text, nil
}

func badString(what string) error {
	return webpubsub.Errorf(webpubsub.BadRequest, "connection string %s", what)
}
