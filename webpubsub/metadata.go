package webpubsub

import (
	"slices"
	"strings"
)

// Limits of a message's metadata. Source: JSON subprotocol, message metadata.
const (
	// MaxMetadataKey and MaxMetadataValue are the longest key and value, in bytes.
	MaxMetadataKey   = 256
	MaxMetadataValue = 1024
	// MaxMetadataBytes bounds the sum of all keys and values of a message.
	MaxMetadataBytes = 8192
)

// Metadata travels with a message beside its data: to clients as an object, to and from
// HTTP as headers with the prefix [MetadataHeader]. Nil is none.
type Metadata map[string]string

// MetadataHeader is the prefix of HTTP headers that carry metadata.
const MetadataHeader = "X-Webpubsub-Metadata-"

// Check returns why m is not valid: a key is not an HTTP token, a value is not printable
// ASCII, or a limit is passed. Errors: BadRequest. Keys are case-sensitive.
func (m Metadata) Check() error {
	total := 0
	for k, v := range m {
		switch {
		case !isHTTPToken(k):
			return Errorf(BadRequest, "metadata key %q is not a token of 1 to %d ASCII characters", clip(k), MaxMetadataKey)
		case len(k) > MaxMetadataKey:
			return Errorf(BadRequest, "metadata key %q has %d bytes; the limit is %d", clip(k), len(k), MaxMetadataKey)
		case len(v) > MaxMetadataValue:
			return Errorf(BadRequest, "metadata value of %q has %d bytes; the limit is %d", clip(k), len(v), MaxMetadataValue)
		case !isPrintableASCII(v):
			return Errorf(BadRequest, "metadata value of %q is not printable ASCII", clip(k))
		}
		total += len(k) + len(v)
	}
	if total > MaxMetadataBytes {
		return Errorf(BadRequest, "metadata has %d bytes; the limit is %d", total, MaxMetadataBytes)
	}
	return nil
}

// Keys returns m's keys in order, so that frames are the same each time.
func (m Metadata) Keys() []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// MetadataFromHeader returns the metadata in HTTP headers, with keys in lower case: of
// repeated or comma-joined values the last part counts. Nil when there is none.
// Errors: BadRequest. Source: JSON subprotocol, message metadata.
func MetadataFromHeader(header map[string][]string) (Metadata, error) {
	var m Metadata
	for name, values := range header {
		if len(name) <= len(MetadataHeader) || !strings.EqualFold(name[:len(MetadataHeader)], MetadataHeader) || len(values) == 0 {
			continue
		}
		value := values[len(values)-1]
		if m == nil {
			m = Metadata{}
		}
		m[strings.ToLower(name[len(MetadataHeader):])] = strings.TrimSpace(value[strings.LastIndexByte(value, ',')+1:])
	}
	return m, m.Check()
}

func isHTTPToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
