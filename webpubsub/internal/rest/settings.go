package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

// hubAnswer adds what is likely wrong to a hub that was stored all the same.
type hubAnswer struct {
	webpubsub.HubResource
	Warnings []string `json:"warnings,omitempty"`
}

func (a *api) listHubs(*call) (answer, error) {
	hubs := a.Settings.Settings().Hubs
	list := []webpubsub.HubResource{}
	for _, name := range slices.Sorted(maps.Keys(hubs)) {
		list = append(list, webpubsub.NewHubResource(name, hubs[name]))
	}
	return answer{status: http.StatusOK, body: list}, nil
}

func (a *api) getHub(c *call) (answer, error) {
	h, ok := a.Settings.Settings().Hubs[c.hub]
	if !ok {
		return answer{}, webpubsub.Errorf(webpubsub.NotFound, "Hub `%s` has no settings; it works with the defaults.", c.hub)
	}
	return answer{status: http.StatusOK, body: webpubsub.NewHubResource(c.hub, h)}, nil
}

// putHub stores a hub's settings. An event handler that does not answer is a warning,
// for it may start later.
func (a *api) putHub(c *call) (answer, error) {
	var in webpubsub.HubResource
	if err := c.decodeJSON(&in); err != nil {
		return answer{}, err
	}
	h, err := in.Properties.Hub()
	if err != nil {
		return answer{}, inputError{"properties", err}
	}
	if err := a.Settings.Settings().CheckListeners(c.hub, h); err != nil {
		return answer{}, inputError{"properties", err}
	}
	warnings, err := a.validate(c.r.Context(), c.hub, h)
	if err != nil {
		return answer{}, inputError{"properties", err}
	}
	if err := a.Settings.SetHub(c.r.Context(), c.hub, h); err != nil {
		return answer{}, fmt.Errorf("set hub %s: %w", c.hub, err)
	}
	if a.Advice != nil {
		warnings = append(warnings, a.Advice(h)...)
	}
	return answer{status: http.StatusOK, body: hubAnswer{webpubsub.NewHubResource(c.hub, h), warnings}}, nil
}

// validate asks all event handlers of h at the same time. Warnings come in their order.
func (a *api) validate(ctx context.Context, name webpubsub.HubName, h webpubsub.Hub) (warnings []string, err error) {
	if a.Validate == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, webpubsub.ValidationTimeout)
	defer cancel()
	results := make([]error, len(h.EventHandlers))
	var wg sync.WaitGroup
	for i, e := range h.EventHandlers {
		wg.Go(func() { results[i] = a.Validate(ctx, name, e) })
	}
	wg.Wait()
	for i, err := range results {
		switch {
		case err == nil:
		case webpubsub.CodeOf(err) == webpubsub.BadRequest:
			return nil, fmt.Errorf("event handler %d: %w", i+1, err)
		default:
			warnings = append(warnings, fmt.Sprintf("event handler %d (%s): %s", i+1, clip(h.EventHandlers[i].URLTemplate), reason(name, err)))
		}
	}
	return warnings, nil
}

// reason is what an operator should read about a handler's failure: all of it, for it
// is the operator's own handler, and what to do.
func reason(hub webpubsub.HubName, err error) string {
	return strings.Join(append([]string{failure(err)}, remedies(hub, err)...), "; ")
}

func failure(err error) string {
	if e, ok := errors.AsType[*webpubsub.Error](err); ok && e.Msg != "" {
		return e.Msg
	}
	return err.Error()
}

func (a *api) deleteHub(c *call) (answer, error) {
	if err := a.Settings.DeleteHub(c.r.Context(), c.hub); err != nil {
		return answer{}, fmt.Errorf("delete hub %s: %w", c.hub, err)
	}
	return removed, nil
}

func (a *api) getKeys(c *call) (answer, error) {
	keys := webpubsub.NewKeysResource(c.origin(), a.Settings.Settings().Keys)
	return answer{status: http.StatusOK, body: keys}, nil
}

// regenerateKey replaces one key. Tokens it signed are refused from now on; open
// connections stay.
func (a *api) regenerateKey(c *call) (answer, error) {
	var in struct {
		KeyType string `json:"keyType"`
	}
	if err := c.decodeJSON(&in); err != nil {
		return answer{}, err
	}
	keys := a.Settings.Settings().Keys
	switch strings.ToLower(in.KeyType) {
	case "primary":
		keys.Primary = token.NewKey()
	case "secondary":
		keys.Secondary = token.NewKey()
	default:
		return answer{}, badParam("keyType", "keyType %q must be Primary or Secondary.", clip(in.KeyType))
	}
	if err := a.Settings.SetKeys(c.r.Context(), keys); err != nil {
		return answer{}, fmt.Errorf("regenerate key: %w", err)
	}
	a.Stories.KeyReplaced(strings.ToLower(in.KeyType))
	return answer{status: http.StatusOK, body: webpubsub.NewKeysResource(c.origin(), keys)}, nil
}

// decodeJSON reads one JSON value into v and refuses properties we would ignore.
func (c *call) decodeJSON(v any) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err = d.Decode(v)
	if err == nil {
		_, err = d.Token()
		if err == io.EOF {
			return nil
		}
		return webpubsub.Errorf(webpubsub.BadRequest, "The request body is more than one JSON value.")
	}
	return webpubsub.Errorf(webpubsub.BadRequest, "The request body is not valid: %s.", strings.TrimPrefix(err.Error(), "json: "))
}
