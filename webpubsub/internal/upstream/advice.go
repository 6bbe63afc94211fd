package upstream

import (
	"context"
	"fmt"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

// Validate asks a handler for its consent to the events of hub, once and at once, and
// remembers the answer for the events to come.
//
//   - Errors: BadRequest when the URL template is no URL; Unavailable, in one line that
//     says what is wrong, when the handler cannot be reached or does not agree.
func (d *Dispatcher) Validate(ctx context.Context, hub webpubsub.HubName, h webpubsub.EventHandler) error {
	validation, err := resolve(h.URLTemplate, hub, validationEvent)
	if err != nil {
		return err
	}
	if isTunnel(validation) {
		return d.validateTunnel(hub)
	}
	ctx, cancel := context.WithTimeout(ctx, webpubsub.ValidationTimeout)
	defer cancel()
	err = d.askConsentBy(ctx, validation, d.call)
	d.consents.learn(validation, err)
	if err != nil {
		return invalid(err)
	}
	return nil
}

// invalid is a failed validation, with what explains it.
func invalid(err error) error {
	return &story.Failure{Facts: story.FactsOf(err), Err: &webpubsub.Error{Op: "validate event handler", Code: webpubsub.Unavailable, Msg: err.Error()}}
}

// validateTunnel reports whether an app server is there; it consents by being there.
func (d *Dispatcher) validateTunnel(hub webpubsub.HubName) error {
	if _, _, ok := d.tunnels.Tunnel(hub, ""); !ok {
		return invalid(errNoTunnel(hub))
	}
	return nil
}

// Advice says, in one line each, what a hub's handlers will probably not do although
// someone expects it. An empty list is nothing to say.
func Advice(hub webpubsub.Hub) []string {
	if len(hub.EventHandlers) == 0 {
		return nil
	}
	var lines []string
	if _, ok := find(hub, systemEvent, "connect", ""); !ok {
		lines = append(lines, "no event handler takes the connect event: groups, roles and user ids that a handler would give to clients are not set; add system-event=connect if it should")
	}
	for i, h := range hub.EventHandlers {
		lines = append(lines, handlerAdvice(i+1, h, hub.EventHandlers[:i])...)
	}
	return lines
}

// handlerAdvice is about the n-th handler and the earlier ones.
func handlerAdvice(n int, h webpubsub.EventHandler, earlier []webpubsub.EventHandler) []string {
	items := patternItems(h.UserEventPattern)
	g := h.GroupPresence
	if len(h.SystemEvents) == 0 && len(items) == 0 && len(g.EventNames) == 0 {
		return []string{fmt.Sprintf("event handler %d takes no events: it has neither system events nor a user event pattern", n)}
	}
	var lines []string
	if (len(g.EventNames) == 0) != (len(g.GroupFilters) == 0) {
		lines = append(lines, fmt.Sprintf("event handler %d gets no group presence events: they need both eventNames and groupFilters", n))
	}
	for _, name := range h.SystemEvents {
		if _, taken := find(webpubsub.Hub{EventHandlers: earlier}, systemEvent, name, ""); taken {
			lines = append(lines, fmt.Sprintf("event handler %d never gets %s: an earlier one takes it, and only the first does", n, name))
		}
	}
	for _, item := range items {
		if _, err := webpubsub.ParsePattern(item); err != nil {
			lines = append(lines, fmt.Sprintf("event handler %d ignores a part of its user event pattern: %s", n, webpubsub.MessageOf(err)))
		}
	}
	return lines
}
