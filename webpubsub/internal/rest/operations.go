package rest

import (
	"net/http"

	"github.com/easelhq/easel/webpubsub"
)

var (
	done     = answer{status: http.StatusOK}
	accepted = answer{status: http.StatusAccepted}
	removed  = answer{status: http.StatusNoContent}
)

// Sends. Each answers 202, whoever is there.

func (a *api) sendToAll(c *call) (answer, error) {
	d, o, err := c.send()
	if err != nil {
		return answer{}, err
	}
	a.engine.SendToAll(c.hub, d, o)
	return accepted, nil
}

func (a *api) sendToGroup(c *call) (answer, error) {
	d, o, err := c.send()
	if err != nil {
		return answer{}, err
	}
	a.engine.SendToGroup(c.hub, c.group, d, o)
	return accepted, nil
}

func (a *api) sendToUser(c *call) (answer, error) {
	c.query = c.query.without("excluded") // not a parameter of this operation
	d, o, err := c.send()
	if err != nil {
		return answer{}, err
	}
	a.engine.SendToUser(c.hub, c.user, d, o)
	return accepted, nil
}

func (a *api) sendToConnection(c *call) (answer, error) {
	c.query = c.query.without("filter") // not a parameter of this operation, nor is the next
	c.query = c.query.without("excluded")
	d, o, err := c.send()
	if err != nil {
		return answer{}, err
	}
	a.engine.SendToConnection(c.hub, c.connection, d, o)
	return accepted, nil
}

// send decodes what all sends share, in the service's order of checks.
func (c *call) send() (webpubsub.Data, SendOptions, error) {
	o := SendOptions{Excluded: c.excluded()}
	var err error
	if o.TTL, err = c.ttl(); err != nil {
		return webpubsub.Data{}, o, err
	}
	if o.Filter, err = parseFilter(c.query.get("filter")); err != nil {
		return webpubsub.Data{}, o, err
	}
	if o.Metadata, err = c.metadata(); err != nil {
		return webpubsub.Data{}, o, err
	}
	d, err := c.message()
	return d, o, err
}

// Closes. Each answers 204, whoever was there.

func (a *api) closeAll(c *call) (answer, error) {
	a.engine.CloseAll(c.hub, c.excluded(), c.query.get("reason"))
	return removed, nil
}

func (a *api) closeGroup(c *call) (answer, error) {
	a.engine.CloseGroup(c.hub, c.group, c.excluded(), c.query.get("reason"))
	return removed, nil
}

func (a *api) closeUser(c *call) (answer, error) {
	a.engine.CloseUser(c.hub, c.user, c.excluded(), c.query.get("reason"))
	return removed, nil
}

func (a *api) closeConnection(c *call) (answer, error) {
	a.engine.CloseConnection(c.hub, c.connection, c.query.get("reason"))
	return removed, nil
}

// Existence.

func (a *api) connectionExists(c *call) (answer, error) {
	return exists(a.engine.ConnectionExists(c.hub, c.connection), "Connection", string(c.connection))
}

func (a *api) groupExists(c *call) (answer, error) {
	return exists(a.engine.GroupExists(c.hub, c.group), "Group", string(c.group))
}

func (a *api) userExists(c *call) (answer, error) {
	return exists(a.engine.UserExists(c.hub, c.user), "User", string(c.user))
}

func exists(found bool, kind, name string) (answer, error) {
	if !found {
		return answer{}, webpubsub.Errorf(webpubsub.NotFound, "%s `%s` is not found.", kind, name)
	}
	return done, nil
}

// Membership.

func (a *api) addConnectionToGroup(c *call) (answer, error) {
	return done, a.engine.AddConnectionToGroup(c.hub, c.group, c.connection)
}

func (a *api) removeConnectionFromGroup(c *call) (answer, error) {
	a.engine.RemoveConnectionFromGroup(c.hub, c.group, c.connection)
	return removed, nil
}

func (a *api) removeConnectionFromAllGroups(c *call) (answer, error) {
	a.engine.RemoveConnectionFromAllGroups(c.hub, c.connection)
	return removed, nil
}

func (a *api) addUserToGroup(c *call) (answer, error) {
	return done, a.engine.AddUserToGroup(c.hub, c.user, c.group)
}

func (a *api) removeUserFromGroup(c *call) (answer, error) {
	a.engine.RemoveUserFromGroup(c.hub, c.user, c.group)
	return removed, nil
}

func (a *api) removeUserFromAllGroups(c *call) (answer, error) {
	a.engine.RemoveUserFromAllGroups(c.hub, c.user)
	return removed, nil
}

func (a *api) addToGroups(c *call) (answer, error) {
	groups, f, err := c.bulk()
	if err != nil {
		return answer{}, err
	}
	a.engine.AddConnectionsToGroups(c.hub, groups, f)
	return done, nil
}

func (a *api) removeFromGroups(c *call) (answer, error) {
	groups, f, err := c.bulk()
	if err != nil {
		return answer{}, err
	}
	a.engine.RemoveConnectionsFromGroups(c.hub, groups, f)
	return done, nil
}

// Permissions. The target is one literal group.

func (a *api) grant(c *call) (answer, error) {
	g, err := c.target()
	if err != nil {
		return answer{}, err
	}
	return done, a.engine.Grant(c.hub, c.permission, c.connection, g)
}

// revoke succeeds for a missing connection: it has no permissions left.
func (a *api) revoke(c *call) (answer, error) {
	g, err := c.target()
	if err != nil {
		return answer{}, err
	}
	err = a.engine.Revoke(c.hub, c.permission, c.connection, g)
	if err != nil && webpubsub.CodeOf(err) != webpubsub.NotFound {
		return answer{}, err
	}
	return removed, nil
}

func (a *api) checkPermission(c *call) (answer, error) {
	g, err := c.target()
	if err != nil {
		return answer{}, err
	}
	granted, err := a.engine.HasPermission(c.hub, c.permission, c.connection, g)
	if err == nil && !granted {
		err = webpubsub.Errorf(webpubsub.NotFound, "Connection `%s` has no such permission.", c.connection)
	}
	return done, err
}
