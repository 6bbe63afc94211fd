package server

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub/internal/engine"
)

// visitSend serves a message that is sent through the REST API on an event loop: what it takes
// to do so, net/http included, costs more elsewhere than the sending. Whatever is unusual about a
// request is for the http.Server, and so is what follows it on its connection.
func (s *Server) visitSend(g *engine.Guest, head, body []byte) {
	r, err := readRequest(head)
	if err != nil || !isSend(r) {
		g.Pass()
		return
	}
	n := int(r.ContentLength)
	if len(body) < n {
		g.Await(n)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body[:n]))
	g.Respond(s.answerSend(r), n)
}

// isSend reports whether r is a plain send, whose body is small and delimited by its length. A
// filter may take long where there are many connections.
func isSend(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/:send") && r.ProtoMajor == 1 && r.ProtoMinor == 1 && isPlainHost(r.Host) &&
		r.ContentLength >= 0 && r.ContentLength <= engine.MaxAwait && len(r.TransferEncoding) == 0 && r.Trailer == nil &&
		isUsual(r.Header) && !strings.Contains(strings.ToLower(r.URL.RawQuery), "filter")
}

// isUsual reports whether a request's header has nothing in it that an http.Server might refuse,
// and asks for nothing beyond an answer on a connection that stays.
func isUsual(h http.Header) bool {
	for name, values := range h {
		switch name {
		case "Expect", "Upgrade", "Http2-Settings", "Trailer", "Te":
			return false
		}
		for _, v := range values {
			if !isText(v) || name == "Connection" && !strings.EqualFold(v, "keep-alive") {
				return false
			}
		}
		if !isName(name) {
			return false
		}
	}
	return true
}

// isName reports whether a header may be called so: what is allowed beyond letters, digits and
// hyphens is not usual.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return s != ""
}

// isText reports whether a header's value has no control characters.
func isText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isPlainHost reports whether a Host header has nothing in it that an http.Server might refuse.
func isPlainHost(host string) bool {
	for i := range len(host) {
		c := host[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._:[]", c) >= 0) {
			return false
		}
	}
	return host != ""
}

// answerSend returns the response as an http.Server would send it. As there, a panic is the end
// of one request only.
func (s *Server) answerSend(r *http.Request) (response []byte) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("request panicked", "path", r.URL.Path, "err", p)
			response = (&sendResponse{header: http.Header{}, status: http.StatusInternalServerError}).bytes()
		}
	}()
	w := sendResponse{header: make(http.Header, 4), status: http.StatusOK}
	s.rest.ServeHTTP(&w, r.WithContext(s.life))
	return w.bytes()
}

// sendResponse is the response to a send in the making.
type sendResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *sendResponse) Header() http.Header         { return w.header }
func (w *sendResponse) WriteHeader(status int)      { w.status = status }
func (w *sendResponse) Write(b []byte) (int, error) { return w.body.Write(b) }

func (w *sendResponse) bytes() []byte {
	if _, known := w.header["Content-Length"]; !known {
		w.header["Content-Length"] = []string{strconv.Itoa(w.body.Len())}
	}
	b := bytes.NewBuffer(make([]byte, 0, 256+w.body.Len()))
	fmt.Fprintf(b, "HTTP/1.1 %d %s\r\n", w.status, http.StatusText(w.status))
	b.Write(time.Now().UTC().AppendFormat(b.AvailableBuffer(), "Date: "+http.TimeFormat+"\r\n"))
	w.header.Write(b) // memory takes all
	b.WriteString("\r\n")
	b.Write(w.body.Bytes())
	return b.Bytes()
}
