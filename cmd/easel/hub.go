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
	handlers     []webpubsub.EventHandlerResource // nil is not given
	listeners    []webpubsub.EventListenerResource
	setListeners bool   // listeners were given, perhaps none
	anonymous    string // allow, deny, or empty for not given
	keepAlive    *int   // seconds; nil is not given
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
	args, err := change.takeEvents(args)
	if err != nil {
		return err
	}
	f.Func("event-handler", handlerHelp, func(string) error { return nil })
	f.Func("event-listener", listenerHelp, func(string) error { return nil })
	f.Func("keep-alive", "seconds between WebSocket pings, 1 to 120; 0 is the default", change.setKeepAlive)
	f.Func("allow-anonymous", "true or false: clients without a token", change.setAnonymous)
	name, err := f.parse(args)
	if err != nil {
		return err
	}
	return f.manageTarget(ctx, func(t target, s *service.Settings) error {
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
		if t.idle {
			fmt.Fprintf(p.stderr, "No service runs on the data folder %s. One that is started on it finds these settings.\n", f.data)
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
	if c.setListeners {
		p.EventListeners = c.listeners
	}
	if c.keepAlive != nil {
		p.KeepAliveSeconds = *c.keepAlive
	}
	return p
}

func (c *hubChange) setKeepAlive(s string) error {
	n, err := strconv.Atoi(strings.TrimSuffix(s, "s"))
	if err != nil {
		return fmt.Errorf("%q is not a number of seconds", s)
	}
	c.keepAlive = &n
	return nil
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
