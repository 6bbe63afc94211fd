package server

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// script is a connection from which a client's bytes can be read.
type script struct {
	io.Reader
	closed chan struct{}
	once   sync.Once
}

func (c *script) Write(b []byte) (int, error)      { return len(b), nil }
func (c *script) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *script) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *script) SetDeadline(time.Time) error      { return nil }
func (c *script) SetReadDeadline(time.Time) error  { return nil }
func (c *script) SetWriteDeadline(time.Time) error { return nil }

func (c *script) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// once accepts one connection.
type once struct{ conns chan net.Conn }

func (o once) Close() error   { return nil }
func (o once) Addr() net.Addr { return &net.TCPAddr{} }
func (o once) Accept() (net.Conn, error) {
	if c, ok := <-o.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

// seen is a request as a handler sees it.
type seen struct {
	uri, host string
	header    http.Header
	body      []byte
	close     bool
}

// byHTTPServer is what an http.Server makes of a client's bytes.
func byHTTPServer(t *testing.T, b []byte) (requests []seen) {
	c := &script{Reader: bytes.NewReader(b), closed: make(chan struct{})}
	l := once{make(chan net.Conn, 1)}
	l.conns <- c
	h := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("the body cannot be read: %v", err)
		}
		requests = append(requests, seen{r.RequestURI, r.Host, r.Header, body, r.Close})
	})}
	go h.Serve(l)
	<-c.closed
	close(l.conns)
	return requests
}

// What is served on a loop is one request, and the same one, for an http.Server too: nothing can
// be hidden behind it, or in it.
func FuzzSend(f *testing.F) {
	const line, host = "POST /api/hubs/b/groups/g/:send?api-version=2024-12-01 HTTP/1.1\r\n", "Host: localhost:8080\r\n"
	for _, s := range []string{
		line + host + "Content-Length: 5\r\nContent-Type: text/plain\r\n\r\nhelloPOST /",
		line + host + "\r\n",
		line + host + "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n",
		line + host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
		line + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
		line + host + "Content-Length: +3\r\n\r\nabc",
		line + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		line + host + "Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc",
		line + host + "Content-Length : 3\r\n\r\nabc",
		line + host + "Content-Length: 30\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		line + host + "X: a\r\n b\r\nContent-Length: 1\r\n\r\nx",
		line + host + "X: a\rb\r\nContent-Length: 1\r\n\r\nx",
		line + host + "X: \x00\r\n\r\n",
		line + host + host + "\r\n",
		line + "Host: a b\r\n\r\n",
		line + "\r\n",
		line + host + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
		line + host + "Connection: close\r\n\r\n",
		line + host + "Connection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n\r\n",
		"POST /api/hubs/b/:send HTTP/1.0\r\n" + host + "\r\n",
		"POST /api/hubs/b/%3Asend HTTP/1.1\r\n" + host + "\r\n",
		"POST /api/hubs/b/:send?a b HTTP/1.1\r\n" + host + "\r\n",
		"POST /api/hubs/b/:send\tHTTP/1.1\r\n" + host + "\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		end := bytes.Index(b, []byte("\r\n\r\n")) + 4
		if end < 4 {
			return
		}
		r, err := readRequest(b[:end])
		if err != nil || !isSend(r) || r.Method != http.MethodPost || len(b) < end+int(r.ContentLength) {
			return
		}
		whole := b[:end+int(r.ContentLength)]
		all := byHTTPServer(t, whole)
		if len(all) != 1 {
			t.Fatalf("%q is %d requests", whole, len(all))
		}
		got, body := all[0], whole[end:]
		if got.uri != r.RequestURI || got.host != r.Host || got.close || !bytes.Equal(got.body, body) || !maps.EqualFunc(got.header, r.Header, slices.Equal) {
			t.Errorf("%q is %+v for an http.Server; here %s, %s, %v, %q", whole, got, r.RequestURI, r.Host, r.Header, body)
		}
	})
}
