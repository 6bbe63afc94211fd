package main

import (
	"context"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// clientAccess is what a client needs to connect, as server SDKs return it.
type clientAccess struct {
	Token   string `json:"token"`
	BaseURL string `json:"baseUrl"`
	URL     string `json:"url"`
}

// clientToken signs a token; no service needs to run.
func (p *program) clientToken(ctx context.Context, args []string) error {
	f := p.hubFlags("client token", "sign a token for a client")
	user := f.String("user-id", "", "who the client is; empty is anonymous")
	life := f.Duration("expires-in", time.Hour, "how long the token is good for connecting")
	var roles, groups list
	f.Var(&roles, "role", "such as webpubsub.sendToGroup or webpubsub.joinLeaveGroup.room-7; repeatable")
	f.Var(&groups, "group", "group to be in from the start; repeatable")
	hub, err := f.parse(args)
	if err != nil {
		return err
	}
	t, err := f.signer(ctx)
	if err != nil {
		return err
	}
	o := service.TokenOptions{UserID: webpubsub.UserID(*user), Roles: roles, Lifetime: *life}
	for _, g := range groups {
		o.Groups = append(o.Groups, webpubsub.GroupName(g))
	}
	signed, err := t.clientToken(hub, o)
	if err != nil {
		return err
	}
	base, _, _ := strings.Cut(signed.URL, "?")
	return f.print(clientAccess{signed.Token, base, signed.URL}, [][]string{{"URL"}, {signed.URL}})
}

// signer is the service to sign tokens for, running or not, by the endpoint that clients
// know.
func (m *manageFlags) signer(ctx context.Context) (target, error) {
	if m.connectionString != "" {
		return m.remote()
	}
	a, err := announced(m.data)
	if err != nil {
		return target{}, err
	}
	a.Local = a.Endpoint
	db, settings, err := m.program.openData(ctx, m.data)
	if err != nil {
		return target{}, err
	}
	return a.target(settings.Settings().Keys), db.Close()
}

// clientToken signs a token for clients of a hub.
func (t target) clientToken(hub webpubsub.HubName, o service.TokenOptions) (service.Token, error) {
	c, err := service.New(t.connectionString, string(hub), t.options)
	if err != nil {
		return service.Token{}, err
	}
	return c.ClientToken(o)
}
