package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

func (p *program) keyShow(ctx context.Context, args []string) error {
	m := p.manageFlags("key show", "print access keys and connection strings")
	if err := m.parse(args); err != nil {
		return err
	}
	return m.showKeys(ctx)
}

func (m *manageFlags) showKeys(ctx context.Context) error {
	return m.manageTarget(ctx, func(t target, s *service.Settings) error {
		keys, err := s.Keys(ctx)
		if err != nil {
			return err
		}
		return m.printKeys(t, keys)
	})
}

func (p *program) keyRegenerate(ctx context.Context, args []string) error {
	m := p.manageFlags("key regenerate", "replace a key; tokens it signed no longer open connections")
	kind := m.String("key-type", "", "primary, secondary, or salt, of which Easel has none")
	if err := m.parse(args); err != nil {
		return err
	}
	if strings.EqualFold(*kind, "salt") {
		fmt.Fprintln(p.stderr, "Easel's keys have no salt: each is random by itself. To end all tokens, regenerate both keys. Nothing has changed.")
		return m.showKeys(ctx)
	}
	which, ok := map[string]service.KeyType{"primary": service.Primary, "secondary": service.Secondary}[strings.ToLower(*kind)]
	if !ok {
		return usagef("--key-type %q is none of primary, secondary, salt", *kind)
	}
	return m.manageTarget(ctx, func(t target, s *service.Settings) error {
		keys, err := s.RegenerateKey(ctx, which)
		if err != nil {
			return err
		}
		return m.printKeys(t, keys)
	})
}

// printKeys writes keys with the endpoint that others know.
func (m *manageFlags) printKeys(t target, k webpubsub.KeysResource) error {
	if t.endpoint != "" {
		k = webpubsub.NewKeysResource(t.endpoint, webpubsub.Keys{Primary: k.PrimaryKey, Secondary: k.SecondaryKey})
	}
	return m.print(k, [][]string{
		{"KEY", "CONNECTION STRING"},
		{k.PrimaryKey, k.PrimaryConnectionString},
		{k.SecondaryKey, k.SecondaryConnectionString},
	})
}
