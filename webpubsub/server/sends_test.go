package server_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub/token"
)

// caller is an app server's connection, which says what it likes.
type caller struct {
	f    *fixture
	conn net.Conn
	r    *bufio.Reader
}

func (f *fixture) call() *caller {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.listener.Listener.Addr().String())
	check(f.t, err)
	f.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &caller{f, conn, bufio.NewReader(conn)}
}

// request is one, with a token unless the header lines have one.
func (c *caller) request(method, path, body string, lines ...string) string {
	c.f.t.Helper()
	raw, err := token.Mint(c.f.keys.Primary, token.MintOptions{Audience: c.f.listener.URL + path, Lifetime: time.Minute}, time.Now())
	check(c.f.t, err)
	head := strings.Join(append(lines, ""), "\r\n")
	if !strings.Contains(head, "Authorization:") {
		head += "Authorization: Bearer " + raw + "\r\n"
	}
	if !strings.Contains(head, "Transfer-Encoding:") {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return fmt.Sprintf("%s %s?api-version=2024-12-01 HTTP/1.1\r\nHost: %s\r\n%s\r\n%s", method, path, c.f.listener.Listener.Addr(), head, body)
}

func (c *caller) write(b string) {
	c.f.t.Helper()
	_, err := io.WriteString(c.conn, b)
	check(c.f.t, err)
}

// answer reads a response with its body.
func (c *caller) answer() (*http.Response, string) {
	c.f.t.Helper()
	res, err := http.ReadResponse(c.r, &http.Request{Method: "POST"})
	check(c.f.t, err)
	body, err := io.ReadAll(res.Body)
	check(c.f.t, err)
	return res, string(body)
}

func (c *caller) want(status int) {
	c.f.t.Helper()
	if res, body := c.answer(); res.StatusCode != status {
		c.f.t.Fatalf("answered %s %.200q, want %d", res.Status, body, status)
	}
}

// wantText waits for a text message to a client.
func (c *client) wantText(text string) {
	c.t.Helper()
	if got := c.next(); string(got.Data) != `"`+text+`"` {
		c.t.Fatalf("got %.100q, want %.100q", got.Data, text)
	}
}

const (
	toGroup = "/api/hubs/board/groups/g/:send"
	isText  = "Content-Type: text/plain"
)

// However a request's bytes arrive, and however many requests at once, each is answered once, in
// order, and so are the messages.
func TestSends_arriveInPiecesOrMany(t *testing.T) {
	f := start(t)
	to := f.connect(plain, token.MintOptions{Groups: []string{"g"}})
	c := f.call()
	one := c.request("POST", toGroup, "in two pieces", isText)
	for _, at := range []int{1, 10, strings.Index(one, "\r\n\r\n") + 2, strings.Index(one, "\r\n\r\n") + 4, len(one) - 1} {
		c.write(one[:at])
		f.awaitRead()
		c.write(one[at:])
		c.want(http.StatusAccepted)
		to.wantText("in two pieces")
	}
	const many = 50
	var all strings.Builder
	for i := range many {
		all.WriteString(c.request("POST", toGroup, fmt.Sprint(i), isText))
	}
	c.write(all.String())
	for i := range many {
		c.want(http.StatusAccepted)
		to.wantText(fmt.Sprint(i))
	}
}

// awaitRead lets what has been written be read: another client is served after that.
func (f *fixture) awaitRead() {
	f.t.Helper()
	c := f.call()
	c.write(c.request("POST", "/api/hubs/board/users/nobody/:send", "x", isText))
	c.want(http.StatusAccepted)
}

// Sends, and what is no plain send, share a connection: the answers are those that an http.Server
// gives.
func TestSends_besideOtherRequests(t *testing.T) {
	f := start(t)
	to := f.connect(plain, token.MintOptions{UserID: "ann", Groups: []string{"g"}})
	large := strings.Repeat("x", 100<<10)
	for name, between := range map[string]func(c *caller){
		"another operation": func(c *caller) {
			c.write(c.request("PUT", "/api/hubs/board/users/ann/groups/h", ""))
			c.want(http.StatusOK)
		},
		"a large body": func(c *caller) {
			c.write(c.request("POST", toGroup, large, isText))
			c.want(http.StatusAccepted)
			to.wantText(large)
		},
		"a body in chunks": func(c *caller) {
			c.write(c.request("POST", toGroup, "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", isText, "Transfer-Encoding: chunked"))
			c.want(http.StatusAccepted)
			to.wantText("abcde")
		},
		"a body to be asked for": func(c *caller) {
			r := c.request("POST", toGroup, "asked", isText, "Expect: 100-continue")
			c.write(strings.TrimSuffix(r, "asked"))
			c.want(http.StatusContinue)
			c.write("asked")
			c.want(http.StatusAccepted)
			to.wantText("asked")
		},
		"a wrong token": func(c *caller) {
			c.write(c.request("POST", toGroup, "x", isText, "Authorization: Bearer x"))
			c.want(http.StatusUnauthorized)
		},
		"no JSON": func(c *caller) {
			c.write(c.request("POST", toGroup, "{", "Content-Type: application/json"))
			res, body := c.answer()
			if res.StatusCode != http.StatusBadRequest || res.Header.Get("X-Ms-Error-Code") == "" || !strings.Contains(body, "not a valid JSON") {
				t.Errorf("answered %+v %q", res, body)
			}
		},
		"no such path": func(c *caller) {
			c.write(c.request("POST", "/api/hubs/board/nowhere/:send", ""))
			c.want(http.StatusNotFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := f.call()
			for range 2 {
				c.write(c.request("POST", toGroup, "before", isText))
				c.want(http.StatusAccepted)
				to.wantText("before")
				between(c)
			}
		})
	}
}

// An answer has what the REST API promises, and what HTTP does.
func TestSends_answersAreComplete(t *testing.T) {
	c := start(t).call()
	c.write(c.request("POST", toGroup, "x", isText, "X-Ms-Client-Request-Id: 7"))
	res, body := c.answer()
	date, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil || time.Since(date).Abs() > time.Minute {
		t.Errorf("Date is %q: %v", res.Header.Get("Date"), err)
	}
	if res.StatusCode != http.StatusAccepted || body != "" || res.ContentLength != 0 || res.Close ||
		res.Header.Get("X-Ms-Client-Request-Id") != "7" || res.Header.Get("Api-Supported-Versions") == "" {
		t.Errorf("answered %+v %q", res, body)
	}
}

// Who says that nothing follows is not waited for.
func TestSends_thenTheEnd(t *testing.T) {
	f := start(t)
	for name, lines := range map[string][]string{"of the socket": nil, "by header": {"Connection: close"}} {
		t.Run(name, func(t *testing.T) {
			c := f.call()
			c.write(c.request("POST", toGroup, "x", append(lines, isText)...))
			if lines == nil {
				check(t, c.conn.(*net.TCPConn).CloseWrite())
			}
			c.want(http.StatusAccepted)
			if rest, err := io.ReadAll(c.r); err != nil || len(rest) > 0 {
				t.Errorf("then came %q, %v", rest, err)
			}
		})
	}
}

// BenchmarkSendToUser is messages over the REST API, one after the other on a connection: by an
// event loop, and by an http.Server, to which a header sends them that is not for loops. It
// includes the caller.
func BenchmarkSendToUser(b *testing.B) {
	for by, line := range map[string]string{"loop": "", "http.Server": "Te: trailers\r\n"} {
		b.Run("by="+by, func(b *testing.B) {
			keys, _, l := serveLoops(b)
			const path = "/api/hubs/board/users/ann/:send"
			raw, err := token.Mint(keys.Primary, token.MintOptions{Audience: l.URL + path}, time.Now())
			if err != nil {
				b.Fatal(err)
			}
			conn, err := net.Dial("tcp", l.Listener.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { conn.Close() })
			request := fmt.Appendf(nil, "POST %s?api-version=2024-12-01 HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n%sContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
				path, l.Listener.Addr(), raw, line)
			response := make([]byte, 4<<10)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := conn.Write(request); err != nil {
					b.Fatal(err)
				}
				n, err := conn.Read(response) // it is one write, and small
				if err != nil || !bytes.HasPrefix(response[:n], []byte("HTTP/1.1 202 ")) {
					b.Fatalf("answered %q, %v", response[:n], err)
				}
			}
		})
	}
}
