package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// serviceCommand is one call of the REST API, on one hub.
type serviceCommand struct {
	name, summary string
	needs         []string // flags that must be given, besides --hub-name
	takes         []string // flags that may be
	do            func(ctx context.Context, c *service.Client, f *serviceFlags) (any, error)
}

// existence is the answer to a question.
type existence struct {
	Existence bool `json:"existence"`
}

var (
	message = []string{"payload", "content-type", "ttl"}
	closing = []string{"reason", "excluded"}
)

// serviceCommands are the verbs of easel service, named and shaped as those of
// az webpubsub; close, list and group exist are ours.
var serviceCommands = []serviceCommand{
	{"broadcast", "send a message to every connection", message[:1], append(message[1:3:3], "filter", "excluded"), sendToAll},
	{"close", "close every connection", nil, closing, closeAll},

	{"connection exist", "ask whether a connection is there", []string{"connection-id"}, nil, connectionExists},
	{"connection close", "close a connection", []string{"connection-id"}, closing[:1], closeConnection},
	{"connection send", "send a message to a connection", []string{"connection-id", "payload"}, message[1:], sendToConnection},

	{"group add-connection", "make a connection a member", []string{"group-name", "connection-id"}, nil, addConnection},
	{"group remove-connection", "end a connection's membership", []string{"group-name", "connection-id"}, nil, removeConnection},
	{"group add-user", "make a user's connections members", []string{"group-name", "user-id"}, nil, addUser},
	{"group remove-user", "end the membership of a user's connections", []string{"group-name", "user-id"}, nil, removeUser},
	{"group send", "send a message to a group", []string{"group-name", "payload"}, append(message[1:3:3], "filter", "excluded"), sendToGroup},
	{"group exist", "ask whether a group has members", []string{"group-name"}, nil, groupExists},
	{"group list", "list a group's connections", []string{"group-name"}, nil, groupMembers},
	{"group close", "close a group's connections", []string{"group-name"}, closing, closeGroup},

	{"user exist", "ask whether a user has connections", []string{"user-id"}, nil, userExists},
	{"user send", "send a message to a user", []string{"user-id", "payload"}, append(message[1:3:3], "filter"), sendToUser},
	{"user close", "close a user's connections", []string{"user-id"}, closing, closeUser},

	{"permission grant", "let a connection do something in a group", permitting, nil, grant},
	{"permission revoke", "take that from it", permitting, nil, revoke},
	{"permission check", "ask whether it may", permitting, nil, checkPermission},
}

var permitting = []string{"connection-id", "permission", "group-name"}

// command is c as the program's other commands are.
func (c serviceCommand) command() command {
	return command{"service " + c.name, c.summary, func(p *program, ctx context.Context, args []string) error {
		return p.callService(ctx, c, args)
	}}
}

func (p *program) callService(ctx context.Context, c serviceCommand, args []string) error {
	f := &serviceFlags{hubFlags: p.hubFlags("service "+c.name, c.summary)}
	f.register(slices.Concat(c.needs, c.takes))
	hub, err := f.parse(args)
	if err != nil {
		return err
	}
	for _, name := range c.needs {
		if !f.given(name) {
			return usagef("--%s is missing", name)
		}
	}
	t, err := f.reach(ctx)
	if err != nil {
		return err
	}
	client, err := service.New(t.connectionString, string(hub), t.options)
	if err != nil {
		return err
	}
	answer, err := c.do(ctx, client, f)
	if err != nil || answer == nil {
		return err
	}
	return f.printAnswer(answer)
}

// serviceFlags are the flags that some of the commands have.
type serviceFlags struct {
	*hubFlags
	connectionID, group, user, payload, contentType, reason, filter string
	permission                                                      webpubsub.Permission
	excluded                                                        list
	ttl                                                             time.Duration
}

func (f *serviceFlags) register(names []string) {
	for _, name := range names {
		switch name {
		case "connection-id":
			f.StringVar(&f.connectionID, name, "", "id of the connection")
		case "group-name":
			f.StringVar(&f.group, name, "", "name of the group")
		case "user-id":
			f.StringVar(&f.user, name, "", "id of the user")
		case "payload":
			f.StringVar(&f.payload, name, "", "the message; - reads it from standard input")
		case "content-type":
			f.StringVar(&f.contentType, name, "text/plain", "text/plain, application/json or application/octet-stream")
		case "reason":
			f.StringVar(&f.reason, name, "", "why, as clients are told")
		case "filter":
			f.StringVar(&f.filter, name, "", "OData expression over the receivers, such as userId ne 'ann'")
		case "excluded":
			f.Var(&f.excluded, name, "id of a connection to leave out; repeatable")
		case "ttl":
			f.DurationVar(&f.ttl, name, 0, "how long the message waits for clients that lost their connection, such as 30s; at most 5m, 0 is no limit")
		case "permission":
			f.Func(name, "joinLeaveGroup or sendToGroup", f.setPermission)
		}
	}
}

func (f *serviceFlags) setPermission(s string) (err error) {
	f.permission, err = webpubsub.ParsePermission(s)
	if err != nil {
		return fmt.Errorf("%s", webpubsub.MessageOf(err))
	}
	return nil
}

// data is the message that the flags describe.
func (f *serviceFlags) data() (webpubsub.Data, error) {
	payload := []byte(f.payload)
	if f.payload == "-" {
		var err error
		if payload, err = io.ReadAll(io.LimitReader(f.program.stdin, webpubsub.MaxMessageBytes+1)); err != nil {
			return webpubsub.Data{}, fmt.Errorf("read standard input: %w", err)
		}
	}
	switch strings.ToLower(f.contentType) {
	case "text/plain":
		return service.Text(string(payload)), nil
	case "application/json":
		return service.JSON(payload), nil
	case "application/octet-stream":
		return service.Binary(payload), nil
	}
	return webpubsub.Data{}, usagef("--content-type %q is none of text/plain, application/json, application/octet-stream", f.contentType)
}

func (f *serviceFlags) connection() webpubsub.ConnectionID {
	return webpubsub.ConnectionID(f.connectionID)
}
func (f *serviceFlags) groupName() webpubsub.GroupName { return webpubsub.GroupName(f.group) }
func (f *serviceFlags) userID() webpubsub.UserID       { return webpubsub.UserID(f.user) }

func (f *serviceFlags) sending() *service.SendOptions {
	return &service.SendOptions{Excluded: f.excludedIDs(), Filter: f.filter, TTL: f.ttl}
}

func (f *serviceFlags) closing() *service.CloseOptions {
	return &service.CloseOptions{Excluded: f.excludedIDs(), Reason: f.reason}
}

func (f *serviceFlags) excludedIDs() (ids []webpubsub.ConnectionID) {
	for _, id := range f.excluded {
		ids = append(ids, webpubsub.ConnectionID(id))
	}
	return ids
}

// printAnswer writes what a call returned.
func (f *serviceFlags) printAnswer(v any) error {
	switch v := v.(type) {
	case existence:
		return f.print(v, [][]string{{"EXISTENCE"}, {fmt.Sprint(v.Existence)}})
	case []service.Member:
		rows := [][]string{{"CONNECTION", "USER"}}
		for _, m := range v {
			rows = append(rows, []string{string(m.ConnectionID), string(m.UserID)})
		}
		return f.print(v, rows)
	}
	return fmt.Errorf("nobody knows how to print %T", v)
}

func sendToAll(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	d, err := f.data()
	if err != nil {
		return nil, err
	}
	return nil, c.SendToAll(ctx, d, f.sending())
}

func sendToGroup(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	d, err := f.data()
	if err != nil {
		return nil, err
	}
	return nil, c.SendToGroup(ctx, f.groupName(), d, f.sending())
}

func sendToUser(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	d, err := f.data()
	if err != nil {
		return nil, err
	}
	return nil, c.SendToUser(ctx, f.userID(), d, f.sending())
}

func sendToConnection(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	d, err := f.data()
	if err != nil {
		return nil, err
	}
	return nil, c.SendToConnection(ctx, f.connection(), d, f.sending())
}

func closeAll(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.CloseAll(ctx, f.closing())
}

func closeConnection(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.CloseConnection(ctx, f.connection(), f.reason)
}

func closeGroup(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.CloseGroup(ctx, f.groupName(), f.closing())
}

func closeUser(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.CloseUser(ctx, f.userID(), f.closing())
}

func connectionExists(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	ok, err := c.ConnectionExists(ctx, f.connection())
	return existence{ok}, err
}

func groupExists(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	ok, err := c.GroupExists(ctx, f.groupName())
	return existence{ok}, err
}

func userExists(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	ok, err := c.UserExists(ctx, f.userID())
	return existence{ok}, err
}

func addConnection(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.AddConnectionToGroup(ctx, f.groupName(), f.connection())
}

func removeConnection(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.RemoveConnectionFromGroup(ctx, f.groupName(), f.connection())
}

func addUser(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.AddUserToGroup(ctx, f.userID(), f.groupName())
}

func removeUser(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.RemoveUserFromGroup(ctx, f.userID(), f.groupName())
}

func groupMembers(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	all := []service.Member{}
	for m, err := range c.GroupMembers(ctx, f.groupName(), nil) {
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

func grant(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.Grant(ctx, f.permission, f.connection(), f.groupName())
}

func revoke(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	return nil, c.Revoke(ctx, f.permission, f.connection(), f.groupName())
}

func checkPermission(ctx context.Context, c *service.Client, f *serviceFlags) (any, error) {
	ok, err := c.HasPermission(ctx, f.permission, f.connection(), f.groupName())
	return existence{ok}, err
}
