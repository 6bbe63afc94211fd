package bench

import (
	"fmt"
	"net/url"
	"strings"
)

// client is who connects.
type client struct {
	user   string
	roles  []string
	groups []string // joined once it is connected
	token  string   // made by its driver
}

// driver speaks the protocol of one kind of server. Its methods don't block.
type driver interface {
	// request is how a client opens a connection. It signs the client's token.
	request(c *client) (upgrade, error)
	// greet returns what a client says as soon as its socket is open; nil when it waits.
	greet(c *client) []byte
	// join returns the message by which a client joins the nth of its groups.
	join(b []byte, group string, n int) []byte
	// publish returns the message by which a client sends body to a group.
	publish(b []byte, group string, body []byte) []byte
	// event returns the message that brings body to the server's handler, who answers with
	// it; nil where there is no such thing.
	event(b []byte, body []byte) []byte
	// receive reads a message of the server, and tells s what it means.
	receive(message []byte, s session) error
	// binary says that messages travel in binary frames.
	binary() bool
	// echoes says that members get what they publish themselves.
	echoes() bool
}

// upgrade is what a client asks for when it opens a WebSocket.
type upgrade struct {
	path        string // with the query
	subprotocol string
}

// session is one connection, as its driver sees it.
type session interface {
	// connected tells that the server knows the client, which may join groups.
	connected()
	// joined tells that one of its groups has been joined.
	joined()
	// delivered tells of a message with a stamp.
	delivered(s stamp)
	// reply sends a message.
	reply(message []byte)
	// keep holds the start of what goes on in the next message, and kept puts it before
	// that message.
	keep(rest []byte)
	kept(message []byte) []byte
}

// Servers are the kinds of servers that can be measured, by the names of their protocols.
// "http" is a web server that takes requests and has no clients.
var Servers = []string{"easel", "centrifugo", "socketio", "nats", "ws", "http"}

// newDriver returns the driver for a peer at u.
func newDriver(server string, u *url.URL, secret string) (driver, error) {
	switch server {
	case "centrifugo":
		return &centrifugo{path: pathOf(u, "/connection/websocket"), secret: secret}, nil
	case "socketio":
		return &socketIO{path: pathOf(u, "/socket.io/"), secret: secret}, nil
	case "nats":
		return &nats{path: pathOf(u, "/")}, nil
	case "http":
		return &web{}, nil
	case "ws":
		return &plain{path: pathOf(u, "/")}, nil
	}
	return nil, fmt.Errorf("%q is none of %s", server, strings.Join(Servers, ", "))
}

// answering is a driver of servers where a client can ask for an answer to what it publishes,
// which comes as joined.
type answering interface {
	publishAsking(b []byte, group string, body []byte) []byte
}

func pathOf(u *url.URL, usual string) string {
	if p := u.RequestURI(); p != "/" && p != "" {
		return p
	}
	return usual
}

// refusal is an error that a server has told of.
func refusal(message []byte) error {
	const shown = 200
	return fmt.Errorf("the server answered %.*q", shown, message)
}
