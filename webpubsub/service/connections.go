package service

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/easelhq/easel/webpubsub"
)

// CloseOptions refine a close; nil is none.
type CloseOptions struct {
	// Excluded connections stay open.
	Excluded []webpubsub.ConnectionID
	// Reason is told to the clients.
	Reason string
}

func (o *CloseOptions) query() url.Values {
	q := url.Values{}
	if o != nil {
		addExcluded(q, o.Excluded)
		if o.Reason != "" {
			q.Set("reason", o.Reason)
		}
	}
	return q
}

// CloseAll closes every connection of the hub.
// Source: REST API, Close All Connections.
func (c *Client) CloseAll(ctx context.Context, o *CloseOptions) error {
	return c.post(ctx, "close all", c.path(":closeConnections"), o.query())
}

// CloseGroup closes every connection in g. Source: REST API, Close Group Connections.
func (c *Client) CloseGroup(ctx context.Context, g webpubsub.GroupName, o *CloseOptions) error {
	return c.post(ctx, "close group", c.path("groups", string(g), ":closeConnections"), o.query())
}

// CloseUser closes every connection of u. Source: REST API, Close User Connections.
func (c *Client) CloseUser(ctx context.Context, u webpubsub.UserID, o *CloseOptions) error {
	return c.post(ctx, "close user", c.path("users", string(u), ":closeConnections"), o.query())
}

// CloseConnection closes one connection, telling the client the reason; a missing one is
// not an error. Source: REST API, Close Connection.
func (c *Client) CloseConnection(ctx context.Context, id webpubsub.ConnectionID, reason string) error {
	q := (&CloseOptions{Reason: reason}).query()
	return c.delete(ctx, "close connection", c.path("connections", string(id)), q)
}

// ConnectionExists reports whether the connection is open or may still be recovered.
// Source: REST API, Connection Exists.
func (c *Client) ConnectionExists(ctx context.Context, id webpubsub.ConnectionID) (bool, error) {
	return c.exists(ctx, "connection exists", c.path("connections", string(id)), nil)
}

// GroupExists reports whether g has at least one member. Source: REST API, Group Exists.
func (c *Client) GroupExists(ctx context.Context, g webpubsub.GroupName) (bool, error) {
	return c.exists(ctx, "group exists", c.path("groups", string(g)), nil)
}

// UserExists reports whether u has at least one connection.
// Source: REST API, User Exists.
func (c *Client) UserExists(ctx context.Context, u webpubsub.UserID) (bool, error) {
	return c.exists(ctx, "user exists", c.path("users", string(u)), nil)
}

// AddConnectionToGroup makes the connection a member of g, without any permission.
// Errors: NotFound when there is no such connection.
// Source: REST API, Add Connection To Group.
func (c *Client) AddConnectionToGroup(ctx context.Context, g webpubsub.GroupName, id webpubsub.ConnectionID) error {
	return c.put(ctx, "add connection to group", c.path("groups", string(g), "connections", string(id)), nil)
}

// RemoveConnectionFromGroup ends a membership; none is not an error.
// Source: REST API, Remove Connection From Group.
func (c *Client) RemoveConnectionFromGroup(ctx context.Context, g webpubsub.GroupName, id webpubsub.ConnectionID) error {
	return c.delete(ctx, "remove connection from group", c.path("groups", string(g), "connections", string(id)), nil)
}

// RemoveConnectionFromAllGroups ends all memberships of a connection.
// Source: REST API, Remove Connection From All Groups.
func (c *Client) RemoveConnectionFromAllGroups(ctx context.Context, id webpubsub.ConnectionID) error {
	return c.delete(ctx, "remove connection from all groups", c.path("connections", string(id), "groups"), nil)
}

// AddConnectionsToGroups makes the present connections of the hub that filter selects
// members of every one of groups; an empty filter selects all of them. [Filterf] writes
// filters. Errors: BadRequest for a bad group or filter.
// Source: REST API, Add Connections To Groups.
func (c *Client) AddConnectionsToGroups(ctx context.Context, groups []webpubsub.GroupName, filter string) error {
	return c.changeGroups(ctx, "add connections to groups", ":addToGroups", groups, filter)
}

// RemoveConnectionsFromGroups ends the memberships in groups of the hub's connections that
// filter selects; an empty filter selects all of them. Errors: BadRequest for a bad group
// or filter. Source: REST API, Remove Connections From Groups.
func (c *Client) RemoveConnectionsFromGroups(ctx context.Context, groups []webpubsub.GroupName, filter string) error {
	return c.changeGroups(ctx, "remove connections from groups", ":removeFromGroups", groups, filter)
}

func (c *Client) changeGroups(ctx context.Context, op, verb string, groups []webpubsub.GroupName, filter string) error {
	body, err := json.Marshal(struct {
		Groups []webpubsub.GroupName `json:"groups"`
		Filter string                `json:"filter,omitempty"`
	}{groups, filter})
	if err != nil {
		return &webpubsub.Error{Op: op, Code: webpubsub.Internal, Err: err}
	}
	_, err = c.endpoint.do(ctx, request{
		op: op, method: http.MethodPost, path: c.path(verb), kind: contentTypes[webpubsub.JSON], body: body,
	})
	return err
}

// AddUserToGroup makes the present connections of u members of g; later ones are not.
// Errors: NotFound when u has no connection. Source: REST API, Add User To Group.
func (c *Client) AddUserToGroup(ctx context.Context, u webpubsub.UserID, g webpubsub.GroupName) error {
	return c.put(ctx, "add user to group", c.path("users", string(u), "groups", string(g)), nil)
}

// RemoveUserFromGroup ends the membership of all connections of u.
// Source: REST API, Remove User From Group.
func (c *Client) RemoveUserFromGroup(ctx context.Context, u webpubsub.UserID, g webpubsub.GroupName) error {
	return c.delete(ctx, "remove user from group", c.path("users", string(u), "groups", string(g)), nil)
}

// RemoveUserFromAllGroups ends all memberships of all connections of u.
// Source: REST API, Remove User From All Groups.
func (c *Client) RemoveUserFromAllGroups(ctx context.Context, u webpubsub.UserID) error {
	return c.delete(ctx, "remove user from all groups", c.path("users", string(u), "groups"), nil)
}

// Grant lets the connection do p in exactly g, from now on.
// Errors: NotFound, or Conflict when the connection has too many permissions.
// Source: REST API, Grant Permission.
func (c *Client) Grant(ctx context.Context, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) error {
	return c.put(ctx, "grant", c.permission(p, id), target(g))
}

// Revoke takes p in exactly g away, even where a role of the token gave it. A member
// stays one. Errors: Conflict when the connection has too many permissions.
// Source: REST API, Revoke Permission.
func (c *Client) Revoke(ctx context.Context, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) error {
	return c.delete(ctx, "revoke", c.permission(p, id), target(g))
}

// HasPermission reports whether the connection exists and may do p in g.
// Source: REST API, Check Permission.
func (c *Client) HasPermission(ctx context.Context, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) (bool, error) {
	return c.exists(ctx, "has permission", c.permission(p, id), target(g))
}

func (c *Client) permission(p webpubsub.Permission, id webpubsub.ConnectionID) string {
	return c.path("permissions", p.String(), "connections", string(id))
}

func target(g webpubsub.GroupName) url.Values { return url.Values{"targetName": {string(g)}} }

// Member is one connection of a group.
type Member struct {
	ConnectionID webpubsub.ConnectionID `json:"connectionId"`
	// UserID is empty for an anonymous connection.
	UserID webpubsub.UserID `json:"userId"`
}

// MembersOptions refine a list of members; nil is none.
type MembersOptions struct {
	// PageSize is how many members one request asks for, 1 to 200; 0 is 200.
	PageSize int
	// Top is how many members are listed at most; 0 is all.
	Top int
}

func (o *MembersOptions) query() url.Values {
	q := url.Values{}
	if o != nil && o.PageSize != 0 {
		q.Set("maxpagesize", strconv.Itoa(o.PageSize))
	}
	if o != nil && o.Top != 0 {
		q.Set("top", strconv.Itoa(o.Top))
	}
	return q
}

// GroupMembers lists the connections in g by connection id, page by page as the loop
// goes on. Whoever is a member all the time is listed exactly once; who joins or leaves
// meanwhile may be missed. An error ends the list.
// Source: REST API, List Connections In Group.
func (c *Client) GroupMembers(ctx context.Context, g webpubsub.GroupName, o *MembersOptions) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		q := o.query()
		for q != nil {
			members, next, err := c.membersPage(ctx, g, q)
			if err != nil {
				yield(Member{}, err)
				return
			}
			for _, m := range members {
				if !yield(m, nil) {
					return
				}
			}
			q = next
		}
	}
}

// membersPage returns one page and the query of the next, nil for the last. Of the link
// to the next page only its query is used: behind a proxy the service may know itself
// by another name.
func (c *Client) membersPage(ctx context.Context, g webpubsub.GroupName, q url.Values) ([]Member, url.Values, error) {
	const op = "group members"
	a, err := c.endpoint.do(ctx, request{op: op, method: http.MethodGet, path: c.path("groups", string(g), "connections"), query: q})
	if err != nil {
		return nil, nil, err
	}
	var page struct {
		Value    []Member
		NextLink string
	}
	if err := a.decode(op, &page); err != nil || page.NextLink == "" {
		return page.Value, nil, err
	}
	link, err := url.Parse(page.NextLink)
	if err != nil || link.Query().Get("continuationToken") == q.Get("continuationToken") {
		return nil, nil, &webpubsub.Error{Op: op, Code: webpubsub.Internal, Msg: "the link to the next page leads nowhere", Err: err}
	}
	return page.Value, link.Query(), nil
}

func (c *Client) post(ctx context.Context, op, path string, q url.Values) error {
	_, err := c.endpoint.do(ctx, request{op: op, method: http.MethodPost, path: path, query: q})
	return err
}

func (c *Client) put(ctx context.Context, op, path string, q url.Values) error {
	_, err := c.endpoint.do(ctx, request{op: op, method: http.MethodPut, path: path, query: q})
	return err
}

func (c *Client) delete(ctx context.Context, op, path string, q url.Values) error {
	_, err := c.endpoint.do(ctx, request{op: op, method: http.MethodDelete, path: path, query: q})
	return err
}

// exists turns 404 into false.
func (c *Client) exists(ctx context.Context, op, path string, q url.Values) (bool, error) {
	_, err := c.endpoint.do(ctx, request{op: op, method: http.MethodHead, path: path, query: q})
	if webpubsub.CodeOf(err) == webpubsub.NotFound {
		return false, nil
	}
	return err == nil, err
}
