package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

// AsksConnect reports whether a handler of connect has to be asked, for which it may have to
// be waited long.
func (d *Dispatcher) AsksConnect(hub webpubsub.HubName) bool {
	_, ok := find(d.settings.Settings().Hubs[hub], systemEvent, "connect", "")
	return ok
}

// Connect asks the handler of connect whether and how a client may connect. No handler
// is (nil, nil).
//
//   - Errors: *[StatusError] with the status that the handshake is to end with.
//   - Source: client endpoints, handshake order; event handlers, connect.
func (d *Dispatcher) Connect(ctx context.Context, s Source, r ConnectRequest) (*ConnectResponse, error) {
	h, ok := find(d.settings.Settings().Hubs[s.Hub], systemEvent, "connect", "")
	if !ok {
		return nil, nil
	}
	body, err := encodeConnect(r)
	if err != nil {
		return nil, refusal(err)
	}
	a, err := d.deliver(ctx, h, newEvent(s, systemEvent, "connect", jsonType, body))
	if err != nil {
		return nil, refusal(err)
	}
	c, err := decodeConnect(a, r.Subprotocols)
	if err != nil {
		d.unusable(s, h, "connect", err)
		return nil, refusal(fmt.Errorf("answer to connect: %w", err))
	}
	return c, nil
}

// refusal is the status for the client: the handler's when it says no, else 500.
func refusal(err error) *StatusError {
	status := http.StatusInternalServerError
	if e, ok := errors.AsType[*answerError](err); ok && e.status >= 400 && e.status <= 599 {
		status = e.status
	} else if errors.Is(err, errClosed) {
		status = http.StatusServiceUnavailable
	}
	return &StatusError{Status: status, Err: err}
}

// connectBody is the body of a connect event.
type connectBody struct {
	Claims             map[string][]string `json:"claims"`
	Query              map[string][]string `json:"query"`
	Headers            map[string][]string `json:"headers"`
	Subprotocols       []string            `json:"subprotocols"`
	ClientCertificates []struct{}          `json:"clientCertificates"` // mutual TLS is not offered
}

func encodeConnect(r ConnectRequest) ([]byte, error) {
	return json.Marshal(connectBody{
		Claims:             without(r.Claims, ""),
		Query:              without(r.Query, "access_token"),
		Headers:            without(r.Headers, "Authorization"),
		Subprotocols:       append([]string{}, r.Subprotocols...),
		ClientCertificates: []struct{}{},
	})
}

// without copies m except for a name in any case.
func without(m map[string][]string, name string) map[string][]string {
	kept := make(map[string][]string, len(m))
	for k, v := range m {
		if !strings.EqualFold(k, name) {
			kept[k] = append([]string{}, v...)
		}
	}
	return kept
}

// connectAnswer is what a handler may say; nil is null or absent.
type connectAnswer struct {
	UserID      *string   `json:"userId"`
	Groups      []*string `json:"groups"`
	Roles       []*string `json:"roles"`
	Subprotocol *string   `json:"subprotocol"`
}

func decodeConnect(a answer, offered []string) (*ConnectResponse, error) {
	state, err := a.state()
	if err != nil {
		return nil, err
	}
	c := &ConnectResponse{State: state}
	if len(bytes.TrimSpace(a.body)) == 0 {
		return c, nil
	}
	var said connectAnswer
	if err := json.Unmarshal(a.body, &said); err != nil {
		return nil, fmt.Errorf("not a JSON object as expected: %w", err)
	}
	if said.UserID != nil && !fitsHeader(*said.UserID) {
		return nil, errors.New("userId has control characters")
	}
	c.UserID = said.UserID
	if c.Groups, err = groupNames(said.Groups); err != nil {
		return nil, err
	}
	if c.Roles, err = roleNames(said.Roles); err != nil {
		return nil, err
	}
	c.Subprotocol, err = choose(said.Subprotocol, offered)
	return c, err
}

// groupNames is nil for a list that is absent or empty: both keep the token's groups.
func groupNames(list []*string) (*[]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	names := make([]string, len(list))
	for i, name := range list {
		if name == nil {
			return nil, errors.New("groups has a null entry")
		}
		if _, err := webpubsub.ParseGroupName(*name); err != nil {
			return nil, fmt.Errorf("groups: %w", err)
		}
		names[i] = *name
	}
	return &names, nil
}

// roleNames is nil for a list that is absent; an empty one removes the token's roles.
func roleNames(list []*string) (*[]string, error) {
	if list == nil {
		return nil, nil
	}
	names := make([]string, len(list))
	for i, name := range list {
		if name == nil {
			return nil, errors.New("roles has a null entry")
		}
		names[i] = *name
	}
	return &names, nil
}

// choose checks the handler's subprotocol against the client's offer: a browser fails
// the handshake when it gets another.
func choose(said *string, offered []string) (string, error) {
	if said == nil || *said == "" {
		return "", nil
	}
	for _, name := range offered {
		if strings.EqualFold(name, *said) {
			return name, nil
		}
	}
	err := fmt.Errorf("subprotocol %.100q is not among those the client offers", *said)
	return "", &story.Failure{Facts: story.Facts{Cause: story.HandlerSubprotocol}, Err: err}
}
