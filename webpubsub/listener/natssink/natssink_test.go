package natssink

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/listener"
)

const patience = 45 * time.Second

// broker runs a NATS server with JetStream; port 0 is a free one.
func broker(t *testing.T, dir string, port int) *server.Server {
	t.Helper()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		t.Fatal("the NATS server does not start")
	}
	return s
}

func stop(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

// stream makes the stream EV of subjects ev.> and returns it.
func stream(t *testing.T, s *server.Server) jetstream.Stream {
	t.Helper()
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	st, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "EV", Subjects: []string{"ev.>"}})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func open(t *testing.T, url, name string) listener.Sink {
	t.Helper()
	s, err := Open(webpubsub.ListenerEndpoint{Type: webpubsub.ListenerNATS, URL: url, Subject: "ev.{hub}.{event}", Stream: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

var draw = listener.Event{
	Hub: "board", Name: "draw.end", MessageID: "c1/7", PartitionKey: "c1", ContentType: "text/plain; charset=utf-8",
	Properties: map[string]string{
		"cloudEvents:type": "azure.webpubsub.user.draw.end", "cloudEvents:userid": "Änn", "x-webpubsub-metadata-trace": "t",
	},
	Body: []byte("hi"),
}

// ready waits until the sink has connected.
func ready(t *testing.T, s listener.Sink) {
	t.Helper()
	conn := s.(*sink).conn
	changed := conn.StatusChanged(nats.CONNECTED)
	if conn.IsConnected() {
		return
	}
	select {
	case <-changed:
	case <-time.After(patience):
		t.Fatal("the sink does not connect")
	}
}

func TestSend_messageHasTheEventsShape(t *testing.T) {
	b := broker(t, t.TempDir(), 0)
	defer stop(b)
	st := stream(t, b)
	s := open(t, b.ClientURL(), "EV")
	ready(t, s)
	if err := s.Send(t.Context(), draw); err != nil {
		t.Fatal(err)
	}
	m, err := st.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "ev.board.draw_end" || string(m.Data) != "hi" {
		t.Errorf("%s %q", m.Subject, m.Data)
	}
	for name, want := range map[string]string{
		"ce-type": "azure.webpubsub.user.draw.end", "ce-userid": "Änn", "x-webpubsub-metadata-trace": "t",
		"content-type": "text/plain; charset=utf-8", "ce-partitionkey": "c1", "Nats-Msg-Id": "c1/7",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestSend_twice_isKeptOnce(t *testing.T) {
	b := broker(t, t.TempDir(), 0)
	defer stop(b)
	st := stream(t, b)
	s := open(t, b.ClientURL(), "")
	ready(t, s)
	other := draw
	other.MessageID = "c1/8"
	for _, e := range []listener.Event{draw, draw, other} {
		if err := s.Send(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := st.Info(t.Context()); err != nil || info.State.Msgs != 2 {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestSend_anotherStream_isRefused(t *testing.T) {
	b := broker(t, t.TempDir(), 0)
	defer stop(b)
	stream(t, b)
	s := open(t, b.ClientURL(), "OTHER")
	ready(t, s)
	if err := s.Send(t.Context(), draw); !errors.Is(err, listener.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

func TestSend_noStream_fails(t *testing.T) {
	b := broker(t, t.TempDir(), 0)
	defer stop(b)
	s := open(t, b.ClientURL(), "")
	ready(t, s)
	if err := s.Send(t.Context(), draw); err == nil || errors.Is(err, listener.ErrRefused) {
		t.Errorf("got %v, want an error worth another try", err)
	}
}

// A broker that is down when the sink is opened gets events once it is there.
func TestSend_brokerDownAtFirst_worksOnceItIsThere(t *testing.T) {
	dir := t.TempDir()
	first := broker(t, dir, 0)
	url, port := first.ClientURL(), first.Addr().(*net.TCPAddr).Port
	stream(t, first)
	stop(first)
	s := open(t, url, "EV")
	if err := s.Send(t.Context(), draw); err == nil {
		t.Fatal("sent without a broker")
	}
	second := broker(t, dir, port)
	defer stop(second)
	ready(t, s)
	if err := s.Send(t.Context(), draw); err != nil {
		t.Fatal(err)
	}
	if info, err := stream(t, second).Info(t.Context()); err != nil || info.State.Msgs != 1 {
		t.Errorf("%+v, %v", info, err)
	}
}
