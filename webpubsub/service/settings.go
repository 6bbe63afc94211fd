package service

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/easelhq/easel/webpubsub"
)

// Settings manages hubs and access keys. It works with Easel only: Azure has its own
// control plane. Safe for concurrent use. Changes are durable and in effect when a call
// returns.
type Settings struct {
	endpoint *endpoint
}

// NewSettings returns a client for the settings of the service a connection string
// names. Nil options are the defaults. Errors: BadRequest.
func NewSettings(connectionString string, o *Options) (*Settings, error) {
	e, err := newEndpoint(connectionString, o)
	if err != nil {
		return nil, err
	}
	return &Settings{endpoint: e}, nil
}

const settingsPath = "/api/settings/"

func hubPath(name webpubsub.HubName) string {
	return settingsPath + "hubs/" + url.PathEscape(string(name))
}

// Hubs lists the hubs that have settings, by name.
func (s *Settings) Hubs(ctx context.Context) ([]webpubsub.HubResource, error) {
	const op = "list hubs"
	var hubs []webpubsub.HubResource
	a, err := s.endpoint.do(ctx, request{op: op, method: http.MethodGet, path: settingsPath + "hubs"})
	if err == nil {
		err = a.decode(op, &hubs)
	}
	return hubs, err
}

// Hub returns one hub's settings. Errors: NotFound when it has none.
func (s *Settings) Hub(ctx context.Context, name webpubsub.HubName) (webpubsub.HubResource, error) {
	const op = "show hub"
	var hub webpubsub.HubResource
	a, err := s.endpoint.do(ctx, request{op: op, method: http.MethodGet, path: hubPath(name)})
	if err == nil {
		err = a.decode(op, &hub)
	}
	return hub, err
}

// SetHub creates or replaces a hub's settings and returns them as stored. Warnings say
// what is likely wrong all the same, such as an event handler that does not answer.
// Errors: BadRequest.
func (s *Settings) SetHub(ctx context.Context, name webpubsub.HubName, p webpubsub.HubProperties) (hub webpubsub.HubResource, warnings []string, err error) {
	const op = "set hub"
	body, err := json.Marshal(webpubsub.HubResource{Name: name, Properties: p})
	if err != nil {
		return hub, nil, &webpubsub.Error{Op: op, Code: webpubsub.BadRequest, Err: err}
	}
	a, err := s.endpoint.do(ctx, request{op: op, method: http.MethodPut, path: hubPath(name), kind: "application/json", body: body})
	if err != nil {
		return hub, nil, err
	}
	var got struct {
		webpubsub.HubResource
		Warnings []string
	}
	err = a.decode(op, &got)
	return got.HubResource, got.Warnings, err
}

// DeleteHub forgets a hub's settings; none is not an error. Connections stay.
func (s *Settings) DeleteHub(ctx context.Context, name webpubsub.HubName) error {
	_, err := s.endpoint.do(ctx, request{op: "delete hub", method: http.MethodDelete, path: hubPath(name)})
	return err
}

// Keys returns both access keys and their connection strings.
func (s *Settings) Keys(ctx context.Context) (webpubsub.KeysResource, error) {
	return s.keys(ctx, request{op: "show keys", method: http.MethodGet, path: settingsPath + "keys"})
}

// KeyType names one of the two access keys.
type KeyType string

// The access keys.
const (
	Primary   KeyType = "Primary"
	Secondary KeyType = "Secondary"
)

// RegenerateKey replaces one access key. Tokens it signed no longer open connections or
// make calls, this client's own included if that is its key; open connections stay.
func (s *Settings) RegenerateKey(ctx context.Context, k KeyType) (webpubsub.KeysResource, error) {
	body, err := json.Marshal(map[string]KeyType{"keyType": k})
	if err != nil { // a map of strings always encodes
		panic(err)
	}
	return s.keys(ctx, request{
		op: "regenerate key", method: http.MethodPost, path: settingsPath + "keys/:regenerate",
		kind: "application/json", body: body, once: true,
	})
}

func (s *Settings) keys(ctx context.Context, r request) (webpubsub.KeysResource, error) {
	var keys webpubsub.KeysResource
	a, err := s.endpoint.do(ctx, r)
	if err == nil {
		err = a.decode(r.op, &keys)
	}
	return keys, err
}
