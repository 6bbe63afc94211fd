package upstream

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

// headers are those of one request in the making. All values are in one array, for there are
// many.
type headers struct {
	header http.Header
	values []string
	bad    string // name of a value that no header can carry; empty is none
}

func newHeaders(most int) *headers {
	return &headers{header: make(http.Header, most), values: make([]string, 0, most)}
}

// set takes a name in its canonical form.
func (h *headers) set(name, value string) {
	if !fitsHeader(value) {
		h.bad = name
	}
	h.values = append(h.values, value)
	n := len(h.values)
	h.header[name] = h.values[n-1 : n : n]
}

// typePrefix is that of ce-type, by kind.
var typePrefix = [...]string{
	systemEvent:   "azure.webpubsub.sys.",
	userEvent:     "azure.webpubsub.user.",
	presenceEvent: "azure.webpubsub.gp.",
}

// moreHeaders is how many headers an event has besides its metadata, at most, with those that
// are added for its handler.
const moreHeaders = 20

// header makes the headers of e, the same for each of its attempts.
func (d *Dispatcher) header(e event) (http.Header, error) {
	s := e.source
	h := newHeaders(moreHeaders + len(e.metadata))
	d.setCommon(h)
	h.set("Content-Type", e.contentType)
	h.set("Ce-Specversion", "1.0")
	h.set("Ce-Type", typePrefix[e.kind]+e.name)
	h.set("Ce-Source", e.ceSource())
	h.set("Ce-Id", strconv.FormatUint(s.EventID, 10))
	h.set("Ce-Time", e.ceTime())
	h.set("Ce-Signature", token.SignEvent(d.settings.Settings().Keys, s.ConnectionID))
	h.set("Ce-Connectionid", string(s.ConnectionID))
	h.set("Ce-Hub", string(s.Hub))
	h.set("Ce-Eventname", e.name)
	if s.UserID != "" {
		h.set("Ce-Userid", string(s.UserID))
	}
	if s.Subprotocol != "" {
		h.set("Ce-Subprotocol", s.Subprotocol)
	}
	if s.State != nil {
		h.set("Ce-Connectionstate", *s.State)
	}
	for _, key := range e.metadata.Keys() {
		h.set(http.CanonicalHeaderKey(webpubsub.MetadataHeader+strings.ToLower(key)), e.metadata[key])
	}
	if h.bad != "" {
		return nil, webpubsub.Errorf(webpubsub.BadRequest, "%s has control characters and cannot travel in a header", h.bad)
	}
	return h.header, nil
}

// setCommon sets what events and validation requests share.
func (d *Dispatcher) setCommon(h *headers) {
	h.set("Webhook-Request-Origin", d.origin.host)
	h.set("Ce-Awpsversion", "1.0")
	h.set("X-Ms-Client-Request-Id", newRequestID())
}

func (d *Dispatcher) commonHeader() http.Header {
	h := newHeaders(3)
	d.setCommon(h)
	return h.header
}

// fitsHeader reports whether a header can carry s unchanged; UTF-8 it can.
func fitsHeader(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// newRequestID returns a random UUID.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:8], b[:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:], b[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
