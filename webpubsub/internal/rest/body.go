package rest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/filter"
	"github.com/easelhq/easel/webpubsub/internal/jsonscan"
)

// message reads the body of a send. Errors: TooLarge, UnsupportedMediaType, BadRequest.
// Source: REST API, message bodies.
func (c *call) message() (webpubsub.Data, error) {
	return c.content(webpubsub.JSON, webpubsub.Text, webpubsub.Binary)
}

// MaxBulkGroups is how many groups one bulk call may name.
const MaxBulkGroups = 1000

// bulk reads the body of a call that changes the groups of many connections. A filter that
// is absent or blank is nil: every connection. Errors as of message.
// Source: REST API, Add Connections To Groups.
func (c *call) bulk() ([]webpubsub.GroupName, *filter.Filter, error) {
	d, err := c.content(webpubsub.JSON)
	if err != nil {
		return nil, nil, err
	}
	var in struct {
		Groups []string
		Filter string
	}
	if json.Unmarshal(d.Bytes, &in) != nil {
		return nil, nil, webpubsub.Errorf(webpubsub.BadRequest, "The request body must be an object with groups, a list of strings, and filter, a string.")
	}
	if n := len(in.Groups); n == 0 || n > MaxBulkGroups {
		return nil, nil, badParam("groups", "groups has %d names; it must have 1 to %d.", n, MaxBulkGroups)
	}
	groups := make([]webpubsub.GroupName, len(in.Groups))
	for i, name := range in.Groups {
		if groups[i], err = webpubsub.ParseGroupName(name); err != nil {
			return nil, nil, inputError{"groups", err}
		}
	}
	f, err := parseFilter(in.Filter)
	return groups, f, err
}

// content reads the body, whose type must be one of accepted; text of any kind becomes
// UTF-8.
func (c *call) content(accepted ...webpubsub.DataType) (webpubsub.Data, error) {
	if err := c.checkLength(); err != nil {
		return webpubsub.Data{}, err
	}
	kind, decode, err := contentType(c.r.Header)
	if err != nil {
		return webpubsub.Data{}, err
	}
	if !slices.Contains(accepted, kind) {
		return webpubsub.Data{}, webpubsub.Errorf(webpubsub.UnsupportedMediaType, "%s data is not accepted here", kind)
	}
	body, err := c.readBody()
	if err != nil {
		return webpubsub.Data{}, err
	}
	if body, err = decode(body); err != nil {
		return webpubsub.Data{}, err
	}
	if n := len(body); n > webpubsub.MaxMessageBytes {
		return webpubsub.Data{}, webpubsub.Errorf(webpubsub.TooLarge, "The body has %d bytes as UTF-8; the limit is %d.", n, webpubsub.MaxMessageBytes)
	}
	if kind == webpubsub.JSON && !jsonscan.IsJSON(body) {
		return webpubsub.Data{}, webpubsub.Errorf(webpubsub.BadRequest, "The request body is not a valid JSON.")
	}
	return webpubsub.Data{Type: kind, Bytes: body}, nil
}

func (c *call) checkLength() error {
	if n := c.r.ContentLength; n > webpubsub.MaxMessageBytes {
		return webpubsub.Errorf(webpubsub.TooLarge, "Invalid Content-Length header. The body has %d bytes; the limit is %d.", n, webpubsub.MaxMessageBytes)
	}
	return nil
}

// readBody reads at most MaxMessageBytes. A body without Content-Length is taken too,
// although the real service refuses it.
func (c *call) readBody() ([]byte, error) {
	if err := c.checkLength(); err != nil {
		return nil, err
	}
	source := c.r.Body
	if c.r.ContentLength < 0 {
		source = http.MaxBytesReader(c.w, source, webpubsub.MaxMessageBytes)
	}
	body, err := readAll(source, c.r.ContentLength)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, webpubsub.Errorf(webpubsub.TooLarge, "The body is too large; the limit is %d bytes.", webpubsub.MaxMessageBytes)
	}
	if err != nil {
		return nil, &webpubsub.Error{Code: webpubsub.BadRequest, Msg: "The body could not be read.", Err: err}
	}
	return body, nil
}

// readAll reads to the end; a known length, not below 0, spares it growing its buffer.
func readAll(r io.Reader, length int64) ([]byte, error) {
	if length < 0 {
		return io.ReadAll(r)
	}
	body := make([]byte, length)
	_, err := io.ReadFull(r, body)
	return body, err
}

// contentType returns the kind of data and how to turn its bytes into ours.
func contentType(h http.Header) (webpubsub.DataType, func([]byte) ([]byte, error), error) {
	values := h.Values("Content-Type")
	if len(values) == 0 {
		return webpubsub.Binary, asIs, nil
	}
	if kind, usual := usualTypes[values[0]]; usual && len(values) == 1 {
		if kind == webpubsub.Binary {
			return kind, asIs, nil
		}
		return kind, fromUTF8, nil
	}
	name, params, err := mime.ParseMediaType(values[0])
	if err != nil || len(values) > 1 {
		return 0, nil, webpubsub.Errorf(webpubsub.UnsupportedMediaType, "content type %q", clip(values[0]))
	}
	kind, known := contentTypes[name]
	switch {
	case !known:
		return 0, nil, webpubsub.Errorf(webpubsub.UnsupportedMediaType, "content type %q", clip(name))
	case kind == webpubsub.Binary:
		return kind, asIs, nil
	}
	decode, ok := charset(params["charset"])
	if !ok {
		return 0, nil, webpubsub.Errorf(webpubsub.UnsupportedMediaType, "charset %q", clip(params["charset"]))
	}
	return kind, decode, nil
}

var contentTypes = map[string]webpubsub.DataType{
	"text/plain":               webpubsub.Text,
	"application/json":         webpubsub.JSON,
	"application/octet-stream": webpubsub.Binary,
}

// usualTypes are mostly what requests say.
var usualTypes = map[string]webpubsub.DataType{
	"text/plain":                      webpubsub.Text,
	"text/plain; charset=utf-8":       webpubsub.Text,
	"application/json":                webpubsub.JSON,
	"application/json; charset=utf-8": webpubsub.JSON,
	"application/octet-stream":        webpubsub.Binary,
}
