package engine

import (
	"io"
	"net"
	"testing"
	"time"
)

// A guest is visited again when the body that it awaits is there; one that is late is for others,
// with all that has been read of it, and so is what comes later.
func TestGuest_thatAwaitsABody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e, visited := New(), make(chan string, 10)
	passed, ok := e.Listener(l, Door{"GET ", nil}, Door{"POST ", func(g *Guest, head, body []byte) {
		visited <- string(head) + "|" + string(body)
		if len(body) < 10 {
			g.Await(10)
			return
		}
		g.Respond([]byte("done"), 10)
	}})
	if !ok {
		t.Fatal("no event loops")
	}
	defer passed.Close()
	defer e.Close()
	client, err := net.Dial("tcp", passed.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	client.SetDeadline(time.Now().Add(time.Minute))
	const begin, end = "POST / HTTP/1.1\r\n\r\nhello", "world"
	write := func(text, want string) {
		io.WriteString(client, text)
		select {
		case got := <-visited:
			if got != "POST / HTTP/1.1\r\n\r\n|"+want {
				t.Fatalf("visited with %q", got)
			}
		case <-time.After(time.Minute):
			t.Fatal("not visited")
		}
	}
	write(begin, "hello")
	others := make(chan net.Conn, 1)
	go func() {
		c, _ := passed.Accept()
		others <- c
	}()
	io.WriteString(client, "wor")
	write("ld"+begin, "helloworld"+begin)
	write("", "hello") // the next one
	response := make([]byte, 4)
	if _, err := io.ReadFull(client, response); err != nil || string(response) != "done" {
		t.Fatalf("answered with %q, %v", response, err)
	}
	for _, l := range e.loops {
		l.post(func() {
			for _, m := range l.members {
				if m != nil && m.lingered > 0 {
					m.late()
				}
			}
		})
	}
	c := <-others
	if c == nil {
		t.Fatal("not passed on")
	}
	defer c.Close()
	io.WriteString(client, end)
	got := make([]byte, len(begin+end))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != begin+end {
		t.Errorf("got %q, %v", got, err)
	}
	if len(visited) > 0 {
		t.Errorf("visited again with %q", <-visited)
	}
}
