package service

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/easelhq/easel/webpubsub"
)

// Resource describes the service.
func (s *Settings) Resource(ctx context.Context) (webpubsub.ServiceResource, error) {
	return s.resource(ctx, request{op: "show resource", method: http.MethodGet, path: settingsPath + "resource"})
}

// SetResource replaces the labels: name, resource group, location, sku and tags, each
// with its default when empty. Properties are what they are; only DisableLocalAuth is
// refused. Errors: BadRequest.
func (s *Settings) SetResource(ctx context.Context, r webpubsub.ServiceResource) (webpubsub.ServiceResource, error) {
	const op = "set resource"
	body, err := json.Marshal(r)
	if err != nil {
		return r, &webpubsub.Error{Op: op, Code: webpubsub.BadRequest, Err: err}
	}
	return s.resource(ctx, request{op: op, method: http.MethodPut, path: settingsPath + "resource", kind: "application/json", body: body})
}

func (s *Settings) resource(ctx context.Context, r request) (got webpubsub.ServiceResource, err error) {
	a, err := s.endpoint.do(ctx, r)
	if err == nil {
		err = a.decode(r.op, &got)
	}
	return got, err
}

// DeleteResource makes the service as it was when new: it forgets the settings of all
// hubs and the labels, replaces both access keys, this client's own included, and closes
// all connections.
func (s *Settings) DeleteResource(ctx context.Context) error {
	_, err := s.endpoint.do(ctx, request{op: "delete resource", method: http.MethodDelete, path: settingsPath + "resource", once: true})
	return err
}

// Restart closes all connections, with 1001, so that clients come back and find the
// settings of now. Settings and keys stay.
func (s *Settings) Restart(ctx context.Context) error {
	_, err := s.endpoint.do(ctx, request{op: "restart", method: http.MethodPost, path: settingsPath + "resource/:restart", once: true})
	return err
}

// Usage counts what the service has.
func (s *Settings) Usage(ctx context.Context) (all []webpubsub.UsageResource, err error) {
	const op = "list usage"
	a, err := s.endpoint.do(ctx, request{op: op, method: http.MethodGet, path: settingsPath + "usage"})
	if err == nil {
		err = a.decode(op, &all)
	}
	return all, err
}
