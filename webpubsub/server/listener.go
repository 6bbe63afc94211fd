package server

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/engine"
)

// Listener returns the listener that an http.Server in front of s is to use instead of l: what
// clients open at /client, and messages that app servers send through the REST API, are served by
// event loops then, which takes far less memory and time, and never reach the http.Server;
// everything else does. So a handler around s sees none of them. It is closed as l would be.
//
// When that is not possible, with TLS or on other systems than Linux, it returns l, and
// [Server.ServeHTTP] serves clients as well.
func (s *Server) Listener(l net.Listener) net.Listener {
	l, _ = s.engine.Listener(l, engine.Door{Prefix: "GET " + clientPath, Visit: s.visit}, engine.Door{Prefix: "POST /api/hubs/", Visit: s.visitSend})
	return l
}

// clientPath is where clients connect, and what is below it.
const clientPath = "/client"

func isClientPath(path string) bool {
	return path == clientPath || strings.HasPrefix(path, clientPath+"/")
}

// visit serves a handshake on an event loop, or beside it when the connect handler has to be
// asked. What is not a handshake is for the http.Server.
func (s *Server) visit(g *engine.Guest, head, _ []byte) {
	r, err := readRequest(head)
	if err != nil || !isClientPath(r.URL.Path) || r.Host == "" || !hasToken(r.Header, "Upgrade", "websocket") || r.ContentLength != 0 {
		g.Pass()
		return
	}
	hub, err := webpubsub.ParseHubName(hubInURL(r.URL))
	if err == nil && s.events.AsksConnect(hub) {
		go s.serveGuest(g, r)
		return
	}
	s.serveGuest(g, r)
}

// readers are for reading requests, of which little memory is to be left.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 4<<10) }}

// readRequest reads a head as an http.Server does, all of it: one that http.Server takes for a
// head and more, for it has an empty line without carriage returns, is an error.
func readRequest(head []byte) (*http.Request, error) {
	from := readers.Get().(*bufio.Reader)
	defer readers.Put(from)
	all := bytes.NewReader(head)
	from.Reset(all)
	defer from.Reset(nil)
	r, err := http.ReadRequest(from)
	if err == nil && from.Buffered()+all.Len() > 0 {
		err = errors.New("the head has an end in the middle")
	}
	return r, err
}

func (s *Server) serveGuest(g *engine.Guest, r *http.Request) {
	w := &guestResponse{guest: g, header: http.Header{}, status: http.StatusOK}
	s.serveClient(w, r.WithContext(s.life))
	if !w.upgraded {
		g.Reply(w.bytes(r))
	}
}

// guestResponse is the answer to a handshake on an event loop.
type guestResponse struct {
	guest    *engine.Guest
	header   http.Header
	status   int
	body     bytes.Buffer
	upgraded bool
}

func (w *guestResponse) Header() http.Header         { return w.header }
func (w *guestResponse) WriteHeader(status int)      { w.status = status }
func (w *guestResponse) Write(b []byte) (int, error) { return w.body.Write(b) }

func (w *guestResponse) upgrade(head []byte, o engine.Options) *socket {
	w.upgraded = true
	return w.guest.Upgrade(head, o)
}

func (w *guestResponse) bytes(r *http.Request) []byte {
	res := http.Response{
		StatusCode: w.status, ProtoMajor: 1, ProtoMinor: 1, Header: w.header, Request: r, Close: true,
		Body: http.NoBody, ContentLength: int64(w.body.Len()),
	}
	if w.body.Len() > 0 {
		res.Body = readCloser{&w.body}
	}
	var b bytes.Buffer
	res.Write(&b) // memory takes all
	return b.Bytes()
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }
