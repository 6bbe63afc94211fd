package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// resourceFlags are what create and update may set.
type resourceFlags struct {
	*manageFlags
	sku, kind, location string
	units               int
	tags                map[string]string // nil is not given
}

// resourceFlags takes --tags out of args and returns the others.
func (p *program) resourceFlags(command, description string, args []string) (*resourceFlags, []string, error) {
	f := &resourceFlags{manageFlags: p.manageFlags(command, description)}
	f.StringVar(&f.sku, "sku", "", "Free_F1, Standard_S1, Premium_P1 or Premium_P2; kept, but Easel has no sizes")
	f.IntVar(&f.units, "unit-count", 0, "units of the sku; kept")
	f.StringVar(&f.kind, "kind", "", "WebPubSub")
	for _, name := range []string{"location", "l"} {
		f.StringVar(&f.location, name, "", "region; kept")
	}
	f.Func("tags", "name=value …; kept, replaces all; without any, there are none", func(string) error { return nil })
	groups, args := takeWords(args, "tags")
	for _, words := range groups {
		f.tags = map[string]string{}
		for _, word := range words {
			if word == "" {
				continue
			}
			name, value, _ := strings.Cut(word, "=")
			f.tags[name] = value
		}
	}
	return f, args, nil
}

// takeWords takes each --name with the words that follow it, up to the next flag, out of
// args, as the Azure CLI does.
func takeWords(args []string, name string) (groups [][]string, rest []string) {
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		if word != "--"+name && word != "-"+name {
			rest = append(rest, word)
			continue
		}
		words := []string{}
		for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			words = append(words, args[0])
			args = args[1:]
		}
		groups = append(groups, words)
	}
	return groups, rest
}

// parse refuses kinds of services that this is not.
func (f *resourceFlags) parse(args []string) error {
	if err := f.manageFlags.parse(args); err != nil {
		return err
	}
	if f.kind != "" && !strings.EqualFold(f.kind, "WebPubSub") {
		return usagef("--kind %q is not WebPubSub, the only kind there is", f.kind)
	}
	return nil
}

// apply returns r with what was given.
func (f *resourceFlags) apply(r webpubsub.ServiceResource) webpubsub.ServiceResource {
	set := func(field *string, value string) {
		if value != "" {
			*field = value
		}
	}
	set(&r.Name, f.name)
	set(&r.ResourceGroup, f.resourceGroup)
	set(&r.Location, f.location)
	if f.sku != "" && !strings.EqualFold(f.sku, r.SKU.Name) {
		r.SKU = webpubsub.SKUResource{Name: f.sku}
	}
	if f.units != 0 {
		r.SKU.Capacity = f.units
	}
	if f.tags != nil {
		r.Tags = f.tags
	}
	return r
}

func (p *program) create(ctx context.Context, args []string) error {
	f, args, err := p.resourceFlags("create", "say what the service is called, replacing all that was said before", args)
	if err != nil {
		return err
	}
	return f.setResource(ctx, args, func(*service.Settings) (webpubsub.ServiceResource, error) {
		return webpubsub.ServiceResource{}, nil
	})
}

func (p *program) update(ctx context.Context, args []string) error {
	f, args, err := p.resourceFlags("update", "change what the service is called; what is not given stays", args)
	if err != nil {
		return err
	}
	for name, why := range map[string]string{
		"disable-local-auth":  "access keys are the only way to sign in",
		"client-cert-enabled": "clients sign in by tokens",
	} {
		f.Func(name, "false: "+why, func(s string) error {
			if on, err := strconv.ParseBool(s); err != nil || on {
				return fmt.Errorf("%q is not false, and nothing else is possible: %s", s, why)
			}
			return nil
		})
	}
	return f.setResource(ctx, args, func(s *service.Settings) (webpubsub.ServiceResource, error) { return s.Resource(ctx) })
}

// setResource applies the flags to the resource that base returns.
func (f *resourceFlags) setResource(ctx context.Context, args []string, base func(*service.Settings) (webpubsub.ServiceResource, error)) error {
	if err := f.parse(args); err != nil {
		return err
	}
	return f.manageTarget(ctx, func(t target, s *service.Settings) error {
		r, err := base(s)
		if err != nil {
			return err
		}
		if r, err = s.SetResource(ctx, f.apply(r)); err != nil {
			return err
		}
		return f.printResource(t, r)
	})
}

func (p *program) show(ctx context.Context, args []string) error {
	m := p.manageFlags("show", "describe the service")
	if err := m.parse(args); err != nil {
		return err
	}
	return m.manageTarget(ctx, func(t target, s *service.Settings) error {
		r, err := s.Resource(ctx)
		if err != nil {
			return err
		}
		return m.printResource(t, r)
	})
}

func (p *program) list(ctx context.Context, args []string) error {
	m := p.manageFlags("list", "describe all services: there is one")
	if err := m.parse(args); err != nil {
		return err
	}
	return m.manageTarget(ctx, func(t target, s *service.Settings) error {
		r, err := s.Resource(ctx)
		if err != nil {
			return err
		}
		r = t.describe(r)
		return m.print([]webpubsub.ServiceResource{r}, resourceRows(r))
	})
}

// describe puts the endpoint that others know into r.
func (t target) describe(r webpubsub.ServiceResource) webpubsub.ServiceResource {
	if t.endpoint == "" {
		return r
	}
	return webpubsub.NewServiceResource(t.endpoint, r.Labels())
}

func (m *manageFlags) printResource(t target, r webpubsub.ServiceResource) error {
	r = t.describe(r)
	return m.print(r, resourceRows(r))
}

func resourceRows(r webpubsub.ServiceResource) [][]string {
	return [][]string{
		{"NAME", "RESOURCE GROUP", "LOCATION", "HOST NAME", "PORT", "SKU", "UNITS"},
		{r.Name, r.ResourceGroup, r.Location, r.Properties.HostName, strconv.Itoa(r.Properties.PublicPort), r.SKU.Name, strconv.Itoa(r.SKU.Capacity)},
	}
}

// resetWarning is what delete does.
const resetWarning = "delete forgets the settings of all hubs and what the service is called, replaces both access keys, and closes all connections; boards stay"

func (p *program) delete(ctx context.Context, args []string) error {
	m := p.manageFlags("delete", resetWarning)
	var yes bool
	for _, name := range []string{"yes", "y"} {
		m.BoolVar(&yes, name, false, "do it without asking")
	}
	if err := m.parse(args); err != nil {
		return err
	}
	if !yes {
		return usagef("%s. Say --yes to do it", resetWarning)
	}
	return m.manage(ctx, func(s *service.Settings) error { return s.DeleteResource(ctx) })
}

func (p *program) restart(ctx context.Context, args []string) error {
	m := p.manageFlags("restart", "close all connections, so that clients come back and find the settings of now")
	if err := m.parse(args); err != nil {
		return err
	}
	t, err := m.reach(ctx)
	if err != nil {
		return err
	}
	return t.manage(func(_ target, s *service.Settings) error { return s.Restart(ctx) })
}

// skuResource is one element of list-skus. Source: resource model, Sku.
type skuResource struct {
	ResourceType string      `json:"resourceType"`
	SKU          skuName     `json:"sku"`
	Capacity     skuCapacity `json:"capacity"`
}

type skuName struct {
	Name string `json:"name"`
	Tier string `json:"tier"`
}

type skuCapacity struct {
	Minimum       int    `json:"minimum"`
	Maximum       int    `json:"maximum"`
	Default       int    `json:"default"`
	AllowedValues []int  `json:"allowedValues"`
	ScaleType     string `json:"scaleType"`
}

func (p *program) listSKUs(_ context.Context, args []string) error {
	m := p.manageFlags("list-skus", "print the sizes that create and update take; Easel keeps them and has none itself")
	if err := m.parse(args); err != nil {
		return err
	}
	var all []skuResource
	rows := [][]string{{"SKU", "TIER", "UNITS"}}
	for _, s := range webpubsub.SKUs() {
		scale := "Manual"
		if len(s.Units) == 1 {
			scale = "None"
		}
		least, most := slices.Min(s.Units), slices.Max(s.Units)
		all = append(all, skuResource{"Microsoft.SignalRService/WebPubSub", skuName{s.Name, s.Tier}, skuCapacity{least, most, s.Units[0], s.Units, scale}})
		rows = append(rows, []string{s.Name, s.Tier, fmt.Sprintf("%d to %d", least, most)})
	}
	return m.print(all, rows)
}

func (p *program) listUsage(ctx context.Context, args []string) error {
	m := p.manageFlags("list-usage", "count connections and hubs")
	for _, name := range []string{"location", "l"} {
		m.String(name, "", "accepted as by az webpubsub; there is one service")
	}
	if err := m.parse(args); err != nil {
		return err
	}
	return m.manage(ctx, func(s *service.Settings) error {
		all, err := s.Usage(ctx)
		if err != nil {
			return err
		}
		rows := [][]string{{"WHAT", "NOW", "LIMIT"}}
		for _, u := range all {
			rows = append(rows, []string{u.Name.LocalizedValue, strconv.FormatInt(u.CurrentValue, 10), limitText(u.Limit)})
		}
		return m.print(all, rows)
	})
}

func limitText(n int64) string {
	if n < 0 {
		return "none"
	}
	return strconv.FormatInt(n, 10)
}

func (p *program) networkRuleShow(ctx context.Context, args []string) error {
	m := p.manageFlags("network-rule show", "print who may reach the service: everyone who can reach its address")
	if err := m.parse(args); err != nil {
		return err
	}
	return m.manage(ctx, func(s *service.Settings) error {
		r, err := s.Resource(ctx)
		if err != nil {
			return err
		}
		rules := r.Properties.NetworkACLs
		return m.print(rules, [][]string{{"DEFAULT", "PUBLIC NETWORK"}, {rules.DefaultAction, strings.Join(rules.PublicNetwork.Allow, ",")}})
	})
}

func (p *program) networkRuleUpdate(_ context.Context, args []string) error {
	m := p.manageFlags("network-rule update", "is refused: Easel filters nothing by network; use --addr or a firewall")
	words := []string{"allow", "deny", "connection-name"}
	for _, name := range words {
		m.Func(name, "accepted and refused", func(string) error { return nil })
		_, args = takeWords(args, name)
	}
	m.String("public-network", "", "accepted and refused")
	if err := m.parse(args); err != nil {
		return err
	}
	return usagef("network rules can't be changed: Easel filters nothing by network; choose where it listens by --addr and --https-addr, or use a firewall")
}
