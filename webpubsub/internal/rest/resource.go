package rest

import (
	"fmt"
	"net/http"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

func (a *api) getResource(c *call) (answer, error) {
	labels, err := a.Settings.Settings().Labels.Check()
	if err != nil {
		return answer{}, &webpubsub.Error{Op: "show resource", Code: webpubsub.Internal, Err: err}
	}
	return answer{status: http.StatusOK, body: webpubsub.NewServiceResource(c.origin(), labels)}, nil
}

// putResource takes the labels of a resource; what else there is in it is what it is.
func (a *api) putResource(c *call) (answer, error) {
	var in webpubsub.ServiceResource
	if err := c.decodeJSON(&in); err != nil {
		return answer{}, err
	}
	if in.Properties.DisableLocalAuth {
		return answer{}, badParam("disableLocalAuth", "disableLocalAuth must be false: access keys are the only way to sign in.")
	}
	labels, err := in.Labels().Check()
	if err != nil {
		return answer{}, inputError{"resource", err}
	}
	store, ok := a.Settings.(webpubsub.LabelStore)
	if !ok {
		return answer{}, webpubsub.Errorf(webpubsub.BadRequest, "This service does not keep what it is called.")
	}
	if err := store.SetLabels(c.r.Context(), labels); err != nil {
		return answer{}, fmt.Errorf("set labels: %w", err)
	}
	return a.getResource(c)
}

// deleteResource makes the service as it was when new: no hub has settings, no token
// signed before is good, and nobody is connected.
func (a *api) deleteResource(c *call) (answer, error) {
	ctx := c.r.Context()
	for name := range a.Settings.Settings().Hubs {
		if err := a.Settings.DeleteHub(ctx, name); err != nil {
			return answer{}, fmt.Errorf("delete hub %s: %w", name, err)
		}
	}
	if store, ok := a.Settings.(webpubsub.LabelStore); ok {
		if err := store.SetLabels(ctx, webpubsub.Labels{}); err != nil {
			return answer{}, fmt.Errorf("forget labels: %w", err)
		}
	}
	// Last: from here on the caller's own token is no good.
	keys := webpubsub.Keys{Primary: token.NewKey(), Secondary: token.NewKey()}
	if err := a.Settings.SetKeys(ctx, keys); err != nil {
		return answer{}, fmt.Errorf("replace keys: %w", err)
	}
	return a.restart(c)
}

// restart ends all connections, which clients then open anew.
func (a *api) restart(*call) (answer, error) {
	if a.Restart != nil {
		a.Restart()
	}
	return removed, nil
}

// listUsage counts what there is; there are no quotas.
func (a *api) listUsage(c *call) (answer, error) {
	var connections int
	if a.Connections != nil {
		connections = a.Connections()
	}
	hubs := len(a.Settings.Settings().Hubs)
	return answer{status: http.StatusOK, body: []webpubsub.UsageResource{
		usage(c, "Connections", "Connections of all hubs", connections),
		usage(c, "Hubs", "Hubs that have settings", hubs),
	}}, nil
}

func usage(c *call, name, words string, n int) webpubsub.UsageResource {
	return webpubsub.UsageResource{
		ID: c.origin() + "/api/settings/usage/" + name, CurrentValue: int64(n), Limit: -1,
		Name: webpubsub.UsageName{Value: name, LocalizedValue: words}, Unit: "Count",
	}
}
