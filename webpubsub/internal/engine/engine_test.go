package engine_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/easelhq/easel/internal/leaktest"
	"github.com/easelhq/easel/webpubsub/internal/engine"
	"github.com/easelhq/easel/webpubsub/internal/websocket"
)

const patience = 30 * time.Second

// TestMain fails when goroutines of an engine outlive it.
func TestMain(m *testing.M) { os.Exit(leaktest.Main(m, "internal/engine.")) }

// head is a first request; the answer to it is not looked at by the engine.
const head, answer = "GET /ws HTTP/1.1\r\n\r\n", "HTTP/1.1 101 Hi\r\n\r\n"

// fixture is an engine that listens.
type fixture struct {
	t        *testing.T
	engine   *engine.Engine
	listener net.Listener
	passed   chan net.Conn // what is not for the engine
	opened   chan *handler

	mu      sync.Mutex
	options engine.Options // guarded by mu
	busy    bool           // guarded by mu; how handlers begin
}

// change changes what connections begin with.
func (f *fixture) change(change func(o *engine.Options, busy *bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.options, &f.busy)
}

// handler records what becomes of a connection.
type handler struct {
	conn     *engine.Conn
	messages chan string
	closed   chan string

	mu   sync.Mutex
	busy bool // guarded by mu
	sent int  // guarded by mu
}

func (h *handler) Message(_ *engine.Conn, text bool, payload []byte) bool {
	h.messages <- fmt.Sprint(text, " ", string(payload))
	return h.Busy(nil)
}

func (h *handler) Busy(*engine.Conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.busy
}

func (h *handler) setBusy(busy bool) {
	h.mu.Lock()
	h.busy = busy
	h.mu.Unlock()
	if !busy {
		h.conn.Resume()
	}
}

func (h *handler) Broken(c *engine.Conn, code int) { c.Finish(code, "broken") }

func (h *handler) Sent(_ *engine.Conn, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent += n
}

func (h *handler) Closed(_ *engine.Conn, code int, reason string) {
	h.closed <- fmt.Sprint(code, " ", reason)
}

// forEachTransport runs a test over loops and over streams.
func forEachTransport(t *testing.T, test func(t *testing.T, f *fixture)) {
	for _, loops := range []bool{true, false} {
		t.Run(fmt.Sprintf("loops=%v", loops), func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			check(t, err)
			f := &fixture{t: t, engine: engine.New(), passed: make(chan net.Conn, 100), opened: make(chan *handler, 100)}
			f.options = engine.Options{Limits: &engine.Limits{Messages: 1000, Bytes: 1 << 20}, MaxMessage: 1 << 20, KeepAlive: time.Hour}
			f.listener = l
			accept := f.serve
			if loops {
				ok := false
				f.listener, ok = f.engine.Listener(l, engine.Door{Prefix: "GET /ws", Visit: func(g *engine.Guest, _, _ []byte) { f.open(g.Upgrade) }})
				if !ok {
					t.Skip("no event loops here")
				}
				accept = func(c net.Conn) { f.passed <- c }
			}
			var accepting sync.WaitGroup
			accepting.Go(func() {
				for {
					c, err := f.listener.Accept()
					if err != nil {
						return
					}
					accept(c)
				}
			})
			t.Cleanup(func() {
				f.engine.Close()
				f.listener.Close()
				accepting.Wait()
			})
			test(t, f)
		})
	}
}

// serve does without loops what they do with the head.
func (f *fixture) serve(c net.Conn) {
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			c.Close()
			return
		}
		if line == "\r\n" {
			break
		}
	}
	early, _ := r.Peek(r.Buffered())
	f.open(func(head []byte, o engine.Options) *engine.Conn {
		return f.engine.NewStream(c, bytes.Clone(early), head, o)
	})
}

func (f *fixture) open(upgrade func([]byte, engine.Options) *engine.Conn) {
	f.mu.Lock()
	o, busy := f.options, f.busy
	f.mu.Unlock()
	h := &handler{messages: make(chan string, 10_000), closed: make(chan string, 2), busy: busy}
	o.Handler = h
	h.conn = upgrade([]byte(answer), o)
	h.conn.Push(websocket.Text, []byte("hello"))
	h.conn.Start()
	f.opened <- h
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func await[T any](t *testing.T, from chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("nothing comes")
		panic("not reached")
	}
}

// client is the other end.
type client struct {
	t      *testing.T
	conn   net.Conn
	r      *bufio.Reader
	parser websocket.Parser
	rest   []byte
}

// dial connects, and reads the greeting.
func (f *fixture) dial() (*client, *handler) {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.listener.Addr().String())
	check(f.t, err)
	f.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	c := &client{t: f.t, conn: conn, r: bufio.NewReader(conn), parser: websocket.Parser{Server: true, Limit: 32 << 20}}
	c.write([]byte(head))
	h := await(f.t, f.opened)
	got := make([]byte, len(answer))
	_, err = io.ReadFull(c.r, got)
	check(f.t, err)
	if string(got) != answer {
		f.t.Fatalf("answered with %q", got)
	}
	c.want("hello")
	return c, h
}

func (c *client) write(b []byte) {
	c.t.Helper()
	_, err := c.conn.Write(b)
	check(c.t, err)
}

func (c *client) send(kind websocket.Kind, payload string) {
	c.t.Helper()
	c.write(websocket.AppendMasked(nil, kind, [4]byte{1, 2, 3, 4}, []byte(payload)))
}

// next returns the next event; an error is the end.
func (c *client) next() (websocket.Event, error) {
	for {
		for len(c.rest) > 0 {
			n, e := c.parser.Next(c.rest)
			c.rest = c.rest[n:]
			if e.Kind != websocket.None {
				e.Payload = bytes.Clone(e.Payload)
				return e, nil
			}
		}
		b := make([]byte, 4096)
		n, err := c.r.Read(b)
		c.rest = b[:n]
		if err != nil {
			return websocket.Event{}, err
		}
	}
}

func (c *client) want(payload string) {
	c.t.Helper()
	e, err := c.next()
	check(c.t, err)
	if string(e.Payload) != payload || e.Kind != websocket.Text && e.Kind != websocket.Binary {
		c.t.Fatalf("got %d %.100q, want %.100q", e.Kind, e.Payload, payload)
	}
}

func (c *client) wantClose(code int) {
	c.t.Helper()
	e, err := c.next()
	check(c.t, err)
	if e.Kind != websocket.Close || e.Code != code {
		c.t.Fatalf("got %+v, want a close frame with %d", e, code)
	}
}

func (c *client) wantEnd() {
	c.t.Helper()
	if e, err := c.next(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatalf("got %+v, %v, want the end", e, err)
	}
}

func TestMessages_ofAllSizes_passInOrder(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		c, h := f.dial()
		for i, size := range []int{0, 1, 125, 126, 65535, 65536, 200_000, 1 << 20} {
			text := strings.Repeat(string(rune('a'+i)), size)
			c.send(websocket.Text, text)
			if got := await(t, h.messages); got != "true "+text {
				t.Fatalf("%d bytes: got %.100q", size, got)
			}
			h.conn.Push(websocket.Binary, []byte(text))
			c.want(text)
		}
		end := time.Now().Add(patience)
		for f.engine.Stats().Batches.Sum != 9 { // counted a moment after they have left
			if time.Now().After(end) {
				t.Fatalf("%+v", f.engine.Stats())
			}
			runtime.Gosched()
		}
	})
}

// A client that reads nothing gets, once it reads, exactly what was let in, in order, and
// holds up nobody meanwhile.
func TestPush_beyondTheBounds_isRefused(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		slow, to := f.dial()
		quick, other := f.dial()
		pushed := 0
		for to.conn.Push(websocket.Text, []byte(fmt.Sprintf("%06d", pushed)+strings.Repeat("x", 50_000*(pushed%2)))) {
			if pushed++; pushed > 10_000 {
				t.Fatal("never full")
			}
		}
		other.conn.Push(websocket.Text, []byte("quick"))
		quick.want("quick")
		for i := range pushed {
			slow.want(fmt.Sprintf("%06d", i) + strings.Repeat("x", 50_000*(i%2)))
		}
		if !to.conn.Push(websocket.Text, []byte("room again")) {
			t.Error("refused, though all has been read")
		}
		slow.want("room again")
		if got := f.engine.Stats(); got.Batches.Count() >= got.Batches.Sum {
			t.Errorf("nothing shared a write: %+v", got)
		}
	})
}

func TestBusy_readsNothingUntilResume(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		c, h := f.dial()
		h.setBusy(true)
		for i := range 100 {
			c.send(websocket.Text, fmt.Sprint(i))
		}
		if got := await(t, h.messages); got != "true 0" { // when it came in, it turned out to be busy
			t.Fatal(got)
		}
		h.conn.Push(websocket.Text, []byte("still writing"))
		c.want("still writing")
		if n := len(h.messages); n != 0 {
			t.Errorf("%d messages came while busy", n)
		}
		h.setBusy(false)
		for i := 1; i < 100; i++ {
			if got := await(t, h.messages); got != fmt.Sprintf("true %d", i) {
				t.Fatalf("message %d is %q", i, got)
			}
		}
	})
}

func TestBusy_fromTheStart(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		f.change(func(_ *engine.Options, busy *bool) { *busy = true })
		c, h := f.dial()
		c.send(websocket.Text, "hi")
		h.conn.Push(websocket.Text, []byte("first"))
		c.want("first")
		if len(h.messages) != 0 {
			t.Error("a message came while busy")
		}
		h.setBusy(false)
		await(t, h.messages)
	})
}

func TestFinish_sendsWhatWaits_thenCloses(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		c, h := f.dial()
		h.conn.Push(websocket.Text, []byte("last"))
		h.conn.Finish(1001, "bye")
		h.conn.Push(websocket.Text, []byte("too late"))
		c.want("last")
		c.wantClose(1001)
		c.send(websocket.Close, "\x03\xe9bye")
		c.wantEnd()
		if got := await(t, h.closed); got != "1001 bye" {
			t.Errorf("told %q", got)
		}
	})
}

func TestClose_ofThePeer_isAnswered(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		for payload, want := range map[string]string{"\x0b\xb8enough": "3000 enough", "": "1005 "} {
			c, h := f.dial()
			c.send(websocket.Close, payload)
			e, err := c.next()
			if err != nil || e.Kind != websocket.Close || !strings.HasPrefix(want, fmt.Sprint(e.Code)) {
				t.Errorf("answered with %+v, %v", e, err)
			}
			c.wantEnd()
			if got := await(t, h.closed); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		}
	})
}

func TestAbort_andALostPeer_areToldOnce(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		c, h := f.dial()
		h.conn.Abort()
		h.conn.Abort()
		h.conn.Finish(1000, "")
		c.wantEnd()
		d, lost := f.dial()
		d.conn.Close()
		for _, h := range []*handler{h, lost} {
			if got := await(t, h.closed); got != "1006 " {
				t.Errorf("told %q", got)
			}
		}
		if len(h.closed) != 0 {
			t.Error("told twice")
		}
	})
}

func TestBroken_canReadWhy(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		f.change(func(o *engine.Options, _ *bool) { o.MaxMessage = 10 })
		for code, frame := range map[int]string{1002: "\xf3\x80....", 1007: "\x81\x81\x00\x00\x00\x00\xff", 1009: "\x81\xfe\x10\x00...."} {
			c, h := f.dial()
			c.write(append([]byte(frame), bytes.Repeat([]byte("more"), 10_000)...))
			c.wantClose(code)
			c.wantEnd()
			c.conn.Close()
			await(t, h.closed)
		}
	})
}

func TestPing_isAnswered_theLatestWhenTheyPileUp(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		c, _ := f.dial()
		var pings []byte
		for i := range 1000 {
			pings = websocket.AppendMasked(pings, websocket.Ping, [4]byte{}, fmt.Append(nil, i))
		}
		c.write(pings)
		for last := ""; last != "999"; {
			e, err := c.next()
			check(t, err)
			if e.Kind != websocket.Pong {
				t.Fatalf("%+v", e)
			}
			last = string(e.Payload)
		}
	})
}

func TestKeepAlive_silentPeers_areClosed_othersNot(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		f.change(func(o *engine.Options, _ *bool) { o.KeepAlive = 20 * time.Millisecond })
		_, silent := f.dial() // nobody reads its pings
		c, h := f.dial()
		go func() {
			for {
				e, err := c.next()
				if err != nil {
					return
				}
				if e.Kind == websocket.Ping {
					c.conn.Write(websocket.AppendMasked(nil, websocket.Pong, [4]byte{}, e.Payload))
				}
			}
		}()
		if got := await(t, silent.closed); got != "1006 " {
			t.Errorf("told %q", got)
		}
		if len(h.closed) != 0 || f.engine.Stats().Silent != 1 {
			t.Errorf("%d of those who answer are closed; %+v", len(h.closed), f.engine.Stats())
		}
	})
}

func TestListener_passesOnWhatIsForOthers(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		if f.listener.Addr() == nil || !strings.Contains(t.Name(), "loops=true") {
			t.Skip("about loops")
		}
		for _, request := range []string{"POST / HTTP/1.1\r\n", "G", "GET /w", "GET /other HTTP/1.1\r\n\r\nbody", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /ws?" + strings.Repeat("x", 70_000)} {
			conn, err := net.Dial("tcp", f.listener.Addr().String())
			check(t, err)
			_, err = io.WriteString(conn, request)
			check(t, err)
			if strings.HasPrefix("GET /ws", request) { // this may still become one
				_, err = io.WriteString(conn, "!!")
				check(t, err)
				request += "!!"
			}
			passed := await(t, f.passed)
			got := make([]byte, len(request))
			_, err = io.ReadFull(passed, got)
			if err != nil || string(got) != request {
				t.Errorf("%.30q arrives as %.30q, %v", request, got, err)
			}
			io.WriteString(passed, "answer")
			passed.Close()
			if b, err := io.ReadAll(conn); string(b) != "answer" {
				t.Errorf("answered with %q, %v", b, err)
			}
			conn.Close()
		}
	})
}

func TestHead_inPieces_withFramesBehindIt(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		conn, err := net.Dial("tcp", f.listener.Addr().String())
		check(t, err)
		defer conn.Close()
		all := websocket.AppendMasked([]byte(head), websocket.Text, [4]byte{}, []byte("early"))
		for i := range all {
			_, err := conn.Write(all[i : i+1])
			check(t, err)
		}
		if got := await(t, await(t, f.opened).messages); got != "true early" {
			t.Errorf("%q", got)
		}
	})
}

// For the race detector: everyone pushes to everyone, while connections come and go.
func TestMany_pushAndEnd_together(t *testing.T) {
	forEachTransport(t, func(t *testing.T, f *fixture) {
		f.change(func(o *engine.Options, _ *bool) { o.Limits = &engine.Limits{Messages: 1 << 20, Bytes: 64 << 20} })
		const n, each = 8, 300
		var clients []*client
		var handlers []*handler
		for range n {
			c, h := f.dial()
			clients, handlers = append(clients, c), append(handlers, h)
		}
		var work sync.WaitGroup
		for p := range n {
			work.Go(func() {
				for i := range each {
					for _, h := range handlers {
						h.conn.Push(websocket.Text, fmt.Appendf(nil, "%d %d", p, i))
					}
				}
			})
		}
		for _, c := range clients {
			work.Go(func() {
				var next [n]int
				for range n * each {
					e, err := c.next()
					if err != nil {
						t.Error(err)
						return
					}
					var p, i int
					fmt.Sscan(string(e.Payload), &p, &i)
					if i != next[p] {
						t.Errorf("message %d of %d comes instead of %d", i, p, next[p])
						return
					}
					next[p]++
				}
			})
		}
		work.Wait()
		for i, h := range handlers {
			if i%2 == 0 {
				h.conn.Abort()
			} else {
				h.conn.Finish(1000, "")
			}
		}
		for i, h := range handlers {
			if i%2 == 1 {
				clients[i].wantClose(1000)
				clients[i].conn.Close()
			}
			await(t, h.closed)
		}
	})
}
