package service

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

// ClientType is the kind of client a token is for. Their endpoints differ.
type ClientType uint8

// The client types.
const (
	DefaultClient  ClientType = iota // WebSocket, with or without a subprotocol of Web PubSub
	MQTTClient                       // MQTT over WebSocket
	SocketIOClient                   // Socket.IO
)

// clientTypes are the endpoint and the REST parameter of each type.
var clientTypes = [...]struct{ path, name string }{
	DefaultClient:  {token.ClientPath, ""},
	MQTTClient:     {token.MQTTClientPath, "MQTT"},
	SocketIOClient: {token.SocketIOClientPath, "socketio"},
}

// TokenOptions say what a client may do with a token; the zero value is an anonymous
// client that may only send and receive events.
type TokenOptions struct {
	UserID webpubsub.UserID
	// Roles such as webpubsub.sendToGroup.room-7.
	Roles []string
	// Groups are joined when the client connects, without any permission.
	Groups []webpubsub.GroupName
	// ClientType is which endpoint the client connects to.
	ClientType ClientType
	// Lifetime bounds when the client may connect; an open connection stays. 0 is one
	// hour.
	Lifetime time.Duration
}

// Token lets one client connect.
type Token struct {
	Token string
	// BaseURL is the client endpoint, ws or wss, and URL the same with the token in it.
	BaseURL, URL string
}

// ClientToken signs a token with the access key. It asks nobody and does not wait.
// Errors: BadRequest for a group name or lifetime that is not valid.
func (c *Client) ClientToken(o TokenOptions) (Token, error) {
	const op = "client token"
	var groups []string
	for _, g := range o.Groups {
		if _, err := webpubsub.ParseGroupName(string(g)); err != nil {
			return Token{}, refuse(op, webpubsub.BadRequest, webpubsub.MessageOf(err))
		}
		groups = append(groups, string(g))
	}
	raw, err := token.Mint(c.endpoint.key, token.MintOptions{
		Audience: c.endpoint.base + c.clientPath(o.ClientType),
		UserID:   string(o.UserID),
		Roles:    o.Roles,
		Groups:   groups,
		Lifetime: o.Lifetime,
	}, time.Now())
	if err != nil {
		return Token{}, refuse(op, webpubsub.CodeOf(err), webpubsub.MessageOf(err))
	}
	return c.withURL(raw, o.ClientType), nil
}

// GenerateToken asks the service for a token, as those must who have no access key of
// their own. The lifetime is rounded up to minutes.
// Source: REST API, Generate Client Token.
func (c *Client) GenerateToken(ctx context.Context, o TokenOptions) (Token, error) {
	const op = "generate token"
	q := url.Values{}
	if name := clientTypes[o.ClientType].name; name != "" {
		q.Set("clientType", name)
	}
	if o.UserID != "" {
		q.Set("userId", string(o.UserID))
	}
	for _, r := range o.Roles {
		q.Add("role", r)
	}
	for _, g := range o.Groups {
		q.Add("group", string(g))
	}
	if o.Lifetime != 0 {
		q.Set("minutesToExpire", strconv.FormatInt(int64((o.Lifetime+time.Minute-1)/time.Minute), 10))
	}
	a, err := c.endpoint.do(ctx, request{op: op, method: http.MethodPost, path: c.path(":generateToken"), query: q})
	if err != nil {
		return Token{}, err
	}
	var body struct{ Token string }
	if err := a.decode(op, &body); err != nil {
		return Token{}, err
	}
	return c.withURL(body.Token, o.ClientType), nil
}

func (c *Client) clientPath(t ClientType) string {
	return clientTypes[t].path + url.PathEscape(string(c.hub))
}

// withURL adds where to connect: http becomes ws, https becomes wss.
func (c *Client) withURL(raw string, t ClientType) Token {
	base := "ws" + strings.TrimPrefix(c.endpoint.base, "http") + c.clientPath(t)
	return Token{Token: raw, BaseURL: base, URL: base + "?access_token=" + raw}
}
