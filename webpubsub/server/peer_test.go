package server_test

import (
	"testing"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
	"github.com/easelhq/easel/webpubsub/token"
)

// subprotocols are all that the service knows, with their formats.
var subprotocols = map[string]wire.Format{plain: wire.JSON, reliable: wire.JSON, plainProtobuf: wire.Protobuf, reliableProtobuf: wire.Protobuf}

// peer is a client that speaks any of the subprotocols.
type peer struct {
	*client
	format    wire.Format
	connected wire.Response
	lastAckID uint64
}

// peer opens a connection with a subprotocol and awaits the greeting.
func (f *fixture) peer(subprotocol string, o token.MintOptions) *peer {
	f.t.Helper()
	c, _, err := f.dial("/client/hubs/board?access_token="+f.token(o), subprotocol)
	check(f.t, err)
	p := &peer{client: c, format: subprotocols[subprotocol]}
	p.connected = p.expect(wire.Connected)
	p.id, p.reconnectionToken = p.connected.ConnectionID, p.connected.ReconnectionToken
	return p
}

// resume comes back to the connection on a new socket.
func (p *peer) resume(f *fixture, subprotocol string) {
	p.t.Helper()
	p.ws = f.recover(p.client, subprotocol).ws
	p.connected = p.expect(wire.Connected)
	p.reconnectionToken = p.connected.ReconnectionToken
}

func (p *peer) request(r wire.Request) {
	p.t.Helper()
	b, err := wire.EncodeRequest(p.format, r)
	check(p.t, err)
	check(p.t, p.ws.Write(p.t.Context(), messageType(p.format), b))
}

func messageType(f wire.Format) websocket.MessageType {
	if f.Text() {
		return websocket.MessageText
	}
	return websocket.MessageBinary
}

func (p *peer) response() wire.Response {
	p.t.Helper()
	kind, b, err := p.read()
	check(p.t, err)
	r, err := wire.DecodeResponse(p.format, b)
	if err != nil || kind != messageType(p.format) {
		p.t.Fatalf("%v frame %q: %v", kind, b, err)
	}
	return r
}

func (p *peer) expect(t wire.ResponseType) wire.Response {
	p.t.Helper()
	r := p.response()
	if r.Type != t {
		p.t.Fatalf("want a response of type %d, got %+v", t, r)
	}
	return r
}

// acked sends a request with a new ack id and returns its ack.
func (p *peer) acked(r wire.Request) wire.Response {
	p.t.Helper()
	p.lastAckID++
	id := p.lastAckID
	r.AckID = &id
	p.request(r)
	for {
		if a := p.response(); a.Type == wire.Ack {
			if a.AckID != id {
				p.t.Fatalf("ack of %d, want %d", a.AckID, id)
			}
			return a
		}
	}
}

func textData(s string) *webpubsub.Data {
	return &webpubsub.Data{Type: webpubsub.Text, Bytes: []byte(s)}
}

func forEachSubprotocol(t *testing.T, do func(t *testing.T, f *fixture, subprotocol string)) {
	for name := range subprotocols {
		t.Run(name, func(t *testing.T) { do(t, start(t), name) })
	}
}
