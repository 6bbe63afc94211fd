package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// hubFlags are the flags of commands about one hub.
type hubFlags struct {
	*manageFlags
	hubName string
}

func (p *program) hubFlags(command, description string) *hubFlags {
	h := &hubFlags{manageFlags: p.manageFlags(command, description)}
	h.StringVar(&h.hubName, "hub-name", "", "name of the hub")
	return h
}

// parse reads the arguments and returns the hub's name.
func (h *hubFlags) parse(args []string) (webpubsub.HubName, error) {
	if err := h.manageFlags.parse(args); err != nil {
		return "", err
	}
	if h.hubName == "" {
		return "", usagef("--hub-name is missing")
	}
	name, err := webpubsub.ParseHubName(h.hubName)
	if err != nil {
		return "", usagef("--hub-name: %s", webpubsub.MessageOf(err))
	}
	return name, nil
}

// hubChange is what create and update may set.
type hubChange struct {
	handlers  []webpubsub.EventHandlerResource // nil is not given
	anonymous string                           // allow, deny, or empty for not given
}

func (p *program) hubCreate(ctx context.Context, args []string) error {
	return p.setHub(ctx, "hub create", "create a hub's settings, replacing any", args, func(*service.Settings, webpubsub.HubName) (webpubsub.HubProperties, error) {
		return webpubsub.HubProperties{}, nil
	})
}

func (p *program) hubUpdate(ctx context.Context, args []string) error {
	return p.setHub(ctx, "hub update", "change a hub's settings; what is not given stays", args, func(s *service.Settings, name webpubsub.HubName) (webpubsub.HubProperties, error) {
		hub, err := s.Hub(ctx, name)
		return hub.Properties, err
	})
}

// setHub applies the flags to the settings that base returns.
func (p *program) setHub(ctx context.Context, command, description string, args []string, base func(*service.Settings, webpubsub.HubName) (webpubsub.HubProperties, error)) error {
	f := p.hubFlags(command, description)
	var change hubChange
	args, err := change.takeHandlers(args)
	if err != nil {
		return err
	}
	f.Func("event-handler", "url-template=URL [user-event-pattern=PATTERN] [system-event=EVENT]…; repeatable", func(string) error { return nil })
	f.Func("allow-anonymous", "true or false: clients without a token", change.setAnonymous)
	name, err := f.parse(args)
	if err != nil {
		return err
	}
	return f.manage(ctx, func(s *service.Settings) error {
		properties, err := base(s, name)
		if err != nil {
			return err
		}
		hub, warnings, err := s.SetHub(ctx, name, change.apply(properties))
		if err != nil {
			return err
		}
		for _, w := range warnings {
			fmt.Fprintf(p.stderr, "warning: %s\n", w)
		}
		return f.printHubs(hub, hub)
	})
}

func (c *hubChange) apply(p webpubsub.HubProperties) webpubsub.HubProperties {
	if c.handlers != nil {
		p.EventHandlers = c.handlers
	}
	if c.anonymous != "" {
		p.AnonymousConnectPolicy = c.anonymous
	}
	return p
}

func (c *hubChange) setAnonymous(s string) error {
	allow, err := strconv.ParseBool(s)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", s)
	}
	c.anonymous = "deny"
	if allow {
		c.anonymous = "allow"
	}
	return nil
}

// takeHandlers reads each --event-handler with the words that follow it, as the Azure CLI
// does, and returns the other arguments.
func (c *hubChange) takeHandlers(args []string) (rest []string, err error) {
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		if word != "--event-handler" && word != "-event-handler" {
			rest = append(rest, word)
			continue
		}
		var handler webpubsub.EventHandlerResource
		for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			for field := range strings.FieldsSeq(args[0]) {
				if err := setField(&handler, field); err != nil {
					return nil, err
				}
			}
			args = args[1:]
		}
		if handler.URLTemplate == "" {
			return nil, usagef("--event-handler has no url-template=")
		}
		c.handlers = append(c.handlers, handler)
	}
	return rest, nil
}

func setField(h *webpubsub.EventHandlerResource, field string) error {
	key, value, ok := strings.Cut(field, "=")
	value = strings.Trim(value, `"'`)
	switch {
	case !ok:
		return usagef("--event-handler: %q is not of the form key=value", field)
	case key == "url-template":
		h.URLTemplate = value
	case key == "user-event-pattern":
		h.UserEventPattern = value
	case key == "system-event":
		h.SystemEvents = append(h.SystemEvents, value)
	case key == "auth-type" && strings.EqualFold(value, "none"):
	default:
		return usagef("--event-handler: %q is none of url-template=, user-event-pattern=, system-event=", field)
	}
	return nil
}

func (p *program) hubShow(ctx context.Context, args []string) error {
	f := p.hubFlags("hub show", "print a hub's settings")
	name, err := f.parse(args)
	if err != nil {
		return err
	}
	return f.manage(ctx, func(s *service.Settings) error {
		hub, err := s.Hub(ctx, name)
		if err != nil {
			return err
		}
		return f.printHubs(hub, hub)
	})
}

func (p *program) hubList(ctx context.Context, args []string) error {
	m := p.manageFlags("hub list", "print the settings of all hubs")
	if err := m.parse(args); err != nil {
		return err
	}
	return m.manage(ctx, func(s *service.Settings) error {
		hubs, err := s.Hubs(ctx)
		if err != nil {
			return err
		}
		return m.printHubs(hubs, hubs...)
	})
}

func (p *program) hubDelete(ctx context.Context, args []string) error {
	f := p.hubFlags("hub delete", "forget a hub's settings; its connections stay")
	name, err := f.parse(args)
	if err != nil {
		return err
	}
	return f.manage(ctx, func(s *service.Settings) error { return s.DeleteHub(ctx, name) })
}

// printHubs writes v as JSON or hubs as a table.
func (m *manageFlags) printHubs(v any, hubs ...webpubsub.HubResource) error {
	rows := [][]string{{"HUB", "ANONYMOUS", "URL TEMPLATE", "USER EVENTS", "SYSTEM EVENTS"}}
	for _, hub := range hubs {
		name, policy := string(hub.Name), hub.Properties.AnonymousConnectPolicy
		if len(hub.Properties.EventHandlers) == 0 {
			rows = append(rows, []string{name, policy, "", "", ""})
		}
		for _, h := range hub.Properties.EventHandlers {
			rows = append(rows, []string{name, policy, h.URLTemplate, h.UserEventPattern, strings.Join(h.SystemEvents, ",")})
			name, policy = "", ""
		}
	}
	return m.print(v, rows)
}
