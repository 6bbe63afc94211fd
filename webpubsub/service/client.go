package service

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// Client acts on one hub of a service. It is safe for concurrent use.
type Client struct {
	endpoint *endpoint
	hub      webpubsub.HubName
}

// New returns a client for hub, in the form the portal of Azure shows:
// Endpoint=https://host;AccessKey=…;Version=1.0; — it does not connect yet. Nil options
// are the defaults. Errors: BadRequest for a bad connection string or hub name.
func New(connectionString string, hub string, o *Options) (*Client, error) {
	name, err := webpubsub.ParseHubName(hub)
	if err != nil {
		return nil, err
	}
	e, err := newEndpoint(connectionString, o)
	if err != nil {
		return nil, err
	}
	return &Client{endpoint: e, hub: name}, nil
}

// Hub is the client's hub.
func (c *Client) Hub() webpubsub.HubName { return c.hub }

// path escapes each segment after the hub's own path.
func (c *Client) path(segments ...string) string {
	p := "/api/hubs/" + url.PathEscape(string(c.hub))
	for _, s := range segments {
		p += "/" + url.PathEscape(s)
	}
	return p
}

// Health asks whether the service is ready; nil is yes. Errors: Unavailable.
// Source: REST API, Get Service Status.
func (c *Client) Health(ctx context.Context) error {
	_, err := c.endpoint.do(ctx, request{op: "health", method: http.MethodHead, path: "/api/health"})
	return err
}

// Text is a text message.
func Text(s string) webpubsub.Data {
	return webpubsub.Data{Type: webpubsub.Text, Bytes: []byte(s)}
}

// JSON is a message of JSON text, delivered as it is written here.
func JSON(text []byte) webpubsub.Data { return webpubsub.Data{Type: webpubsub.JSON, Bytes: text} }

// Binary is a message of bytes.
func Binary(b []byte) webpubsub.Data { return webpubsub.Data{Type: webpubsub.Binary, Bytes: b} }

// SendOptions refine a send; nil is none.
type SendOptions struct {
	// Excluded connections do not receive the message. Only for SendToAll and
	// SendToGroup.
	Excluded []webpubsub.ConnectionID
	// Filter selects among the receivers, such as userId ne 'ann'; see [Filterf]. Not for
	// SendToConnection.
	Filter string
	// Metadata goes with the data to clients and event handlers, its keys in lower case.
	// A value must have no comma and no blank at its ends. Azure may leave it out.
	Metadata webpubsub.Metadata
	// TTL bounds how long the message waits for a client that lost its socket and may
	// recover: whole seconds, at most 5 minutes; 0 is no limit.
	TTL time.Duration
}

const maxTTL = 300 * time.Second

// SendToAll delivers d to every connection of the hub.
//
//   - Limits: at most [webpubsub.MaxMessageBytes]; Protobuf data cannot be sent.
//   - Errors: BadRequest, TooLarge, Unauthorized, Unavailable.
//   - Order: messages arrive in the order of calls that follow one another.
//   - Source: REST API, Send To All.
func (c *Client) SendToAll(ctx context.Context, d webpubsub.Data, o *SendOptions) error {
	return c.send(ctx, "send to all", c.path(":send"), d, o)
}

// SendToGroup delivers d to every connection in g, as a message of that group without a
// sender. An empty group is not an error. Limits, errors and order as in
// [Client.SendToAll]. Source: REST API, Send To Group.
func (c *Client) SendToGroup(ctx context.Context, g webpubsub.GroupName, d webpubsub.Data, o *SendOptions) error {
	return c.send(ctx, "send to group", c.path("groups", string(g), ":send"), d, o)
}

// SendToUser delivers d to every connection of u. Nobody there is not an error. Limits,
// errors and order as in [Client.SendToAll]. Source: REST API, Send To User.
func (c *Client) SendToUser(ctx context.Context, u webpubsub.UserID, d webpubsub.Data, o *SendOptions) error {
	const op = "send to user"
	if o != nil && len(o.Excluded) > 0 {
		return refuse(op, webpubsub.BadRequest, "connections cannot be excluded here")
	}
	return c.send(ctx, op, c.path("users", string(u), ":send"), d, o)
}

// SendToConnection delivers d to one connection. A missing one is not an error. Limits,
// errors and order as in [Client.SendToAll]. Source: REST API, Send To Connection.
func (c *Client) SendToConnection(ctx context.Context, id webpubsub.ConnectionID, d webpubsub.Data, o *SendOptions) error {
	const op = "send to connection"
	if o != nil && (len(o.Excluded) > 0 || o.Filter != "") {
		return refuse(op, webpubsub.BadRequest, "connections cannot be excluded or filtered here")
	}
	return c.send(ctx, op, c.path("connections", string(id), ":send"), d, o)
}

var contentTypes = map[webpubsub.DataType]string{
	webpubsub.JSON:   "application/json",
	webpubsub.Text:   "text/plain",
	webpubsub.Binary: "application/octet-stream",
}

func (c *Client) send(ctx context.Context, op, path string, d webpubsub.Data, o *SendOptions) error {
	kind, ok := contentTypes[d.Type]
	if !ok {
		return refuse(op, webpubsub.BadRequest, d.Type.String()+" data cannot be sent")
	}
	if n := len(d.Bytes); n > webpubsub.MaxMessageBytes {
		return refuse(op, webpubsub.TooLarge, "the message has "+strconv.Itoa(n)+" bytes; the limit is "+strconv.Itoa(webpubsub.MaxMessageBytes))
	}
	q, err := o.query(op)
	if err != nil {
		return err
	}
	h, err := o.header(op)
	if err != nil {
		return err
	}
	_, err = c.endpoint.do(ctx, request{
		op: op, method: http.MethodPost, path: path, query: q, header: h, kind: kind, body: d.Bytes, once: true,
	})
	return err
}

// header carries the metadata. What a header would change on its way is refused.
func (o *SendOptions) header(op string) (http.Header, error) {
	if o == nil || len(o.Metadata) == 0 {
		return nil, nil
	}
	if err := o.Metadata.Check(); err != nil {
		return nil, refuse(op, webpubsub.BadRequest, webpubsub.MessageOf(err))
	}
	h := http.Header{}
	for _, key := range o.Metadata.Keys() {
		name, value := webpubsub.MetadataHeader+key, o.Metadata[key]
		if strings.Contains(value, ",") || strings.TrimSpace(value) != value {
			return nil, refuse(op, webpubsub.BadRequest, "the metadata value of "+strconv.Quote(key)+" has a comma or blanks around it")
		}
		if len(h.Values(name)) > 0 {
			return nil, refuse(op, webpubsub.BadRequest, "the metadata key "+strconv.Quote(key)+" is there twice but for its case")
		}
		h.Set(name, value)
	}
	return h, nil
}

func (o *SendOptions) query(op string) (url.Values, error) {
	q := url.Values{}
	if o == nil {
		return q, nil
	}
	if o.TTL < 0 || o.TTL > maxTTL || o.TTL%time.Second != 0 {
		return nil, refuse(op, webpubsub.BadRequest, "the TTL is "+o.TTL.String()+"; it must be whole seconds, at most "+maxTTL.String())
	}
	addExcluded(q, o.Excluded)
	if o.Filter != "" {
		q.Set("filter", o.Filter)
	}
	if o.TTL > 0 {
		q.Set("messageTtlSeconds", strconv.Itoa(int(o.TTL/time.Second)))
	}
	return q, nil
}

func addExcluded(q url.Values, ids []webpubsub.ConnectionID) {
	for _, id := range ids {
		q.Add("excluded", string(id))
	}
}

func refuse(op string, code webpubsub.Code, msg string) error {
	return &webpubsub.Error{Op: op, Code: code, Msg: msg}
}
