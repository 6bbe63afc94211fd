package main

import (
	"context"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

func (p *program) keyShow(ctx context.Context, args []string) error {
	m := p.manageFlags("key show", "print access keys and connection strings")
	if err := m.parse(args); err != nil {
		return err
	}
	return m.manage(ctx, func(s *service.Settings) error {
		keys, err := s.Keys(ctx)
		if err != nil {
			return err
		}
		return m.printKeys(keys)
	})
}

func (p *program) keyRegenerate(ctx context.Context, args []string) error {
	m := p.manageFlags("key regenerate", "replace a key; tokens it signed no longer open connections")
	kind := m.String("key-type", "", "primary or secondary")
	if err := m.parse(args); err != nil {
		return err
	}
	which, ok := map[string]service.KeyType{"primary": service.Primary, "secondary": service.Secondary}[strings.ToLower(*kind)]
	if !ok {
		return usagef("--key-type %q is neither primary nor secondary", *kind)
	}
	return m.manage(ctx, func(s *service.Settings) error {
		keys, err := s.RegenerateKey(ctx, which)
		if err != nil {
			return err
		}
		return m.printKeys(keys)
	})
}

func (m *manageFlags) printKeys(k webpubsub.KeysResource) error {
	return m.print(k, [][]string{
		{"KEY", "CONNECTION STRING"},
		{k.PrimaryKey, k.PrimaryConnectionString},
		{k.SecondaryKey, k.SecondaryConnectionString},
	})
}
