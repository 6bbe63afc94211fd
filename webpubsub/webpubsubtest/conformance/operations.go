package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

// versions are the stable api-versions, oldest first.
var versions = []string{"2021-10-01", "2022-11-01", "2023-07-01", "2024-01-01", "2024-12-01"}

// operation is one of the REST API, tried on a hub where connection c1 of user ann is in
// group g, and connection c2 of user bob in none.
type operation struct {
	name   string
	since  string
	method string
	// path may hold {c1}.
	path  string
	query url.Values
	body  string // sent as text/plain, or as JSON when json is set
	json  bool
	// found and missing are the statuses for c1, ann and g, and for what is not there.
	found, missing int
	// effect checks what the call has done to c1 and c2; nil is nothing to see.
	effect func(t *testing.T, h *hub, c1, c2 *client)
}

func groupHas(want bool, groups ...string) func(*testing.T, *hub, *client, *client) {
	return func(t *testing.T, h *hub, _, _ *client) {
		t.Helper()
		status := http.StatusNotFound
		if want {
			status = http.StatusOK
		}
		for _, g := range groups {
			h.want(t, status, call{method: "HEAD", path: "/groups/" + g})
		}
	}
}

// hears checks that c1 got a message, and c2 too when all is set.
func hears(want string, all bool) func(*testing.T, *hub, *client, *client) {
	return func(t *testing.T, _ *hub, c1, c2 *client) {
		t.Helper()
		c1.expect(want)
		if all {
			c2.expect(want)
		}
		c2.settle()
	}
}

// ends checks that c1 was closed, and c2 too when all is set.
func ends(all bool) func(*testing.T, *hub, *client, *client) {
	return func(t *testing.T, _ *hub, c1, c2 *client) {
		t.Helper()
		c1.expect(`{"type":"system","event":"disconnected","message":"<present>"}`)
		c1.expectClose(1000, "")
		if all {
			c2.expect(`{"type":"system","event":"disconnected"}`)
		} else {
			c2.settle()
		}
	}
}

func may(t *testing.T, c *client, frame string, success bool) {
	t.Helper()
	c.send(frame)
	c.expect(fmt.Sprintf(`{"type":"ack","success":%t}`, success))
}

var (
	because    = url.Values{"reason": {"nightly restart"}}
	target     = url.Values{"targetName": {"x"}}
	fromServer = `{"type":"message","from":"server","dataType":"text","data":"hi"}`
)

// operations are all of the REST API but the health check, which is for no hub.
var operations = []operation{
	{name: "SendToAll", method: "POST", path: "/:send", body: "hi", found: 202, effect: hears(fromServer, true)},
	{name: "SendToConnection", method: "POST", path: "/connections/{c1}/:send", body: "hi", found: 202, effect: hears(fromServer, false)},
	{name: "SendToGroup", method: "POST", path: "/groups/g/:send", body: "hi", found: 202, missing: 202,
		effect: hears(`{"type":"message","from":"group","group":"g","dataType":"text","data":"hi"}`, false)},
	{name: "SendToUser", method: "POST", path: "/users/ann/:send", body: "hi", found: 202, missing: 202, effect: hears(fromServer, false)},
	{name: "ConnectionExists", method: "HEAD", path: "/connections/{c1}", found: 200, missing: 404},
	{name: "GroupExists", method: "HEAD", path: "/groups/g", found: 200, missing: 404},
	{name: "UserExists", method: "HEAD", path: "/users/ann", found: 200, missing: 404},
	{name: "AddConnectionToGroup", method: "PUT", path: "/groups/new/connections/{c1}", found: 200, missing: 404, effect: groupHas(true, "new")},
	{name: "RemoveConnectionFromGroup", method: "DELETE", path: "/groups/g/connections/{c1}", found: 204, effect: groupHas(false, "g")},
	{name: "RemoveConnectionFromAllGroups", since: "2022-11-01", method: "DELETE", path: "/connections/{c1}/groups", found: 204, effect: groupHas(false, "g")},
	{name: "AddUserToGroup", method: "PUT", path: "/users/ann/groups/new", found: 200, effect: groupHas(true, "new")},
	{name: "RemoveUserFromGroup", method: "DELETE", path: "/users/ann/groups/g", found: 204, missing: 204, effect: groupHas(false, "g")},
	{name: "RemoveUserFromAllGroups", method: "DELETE", path: "/users/ann/groups", found: 204, missing: 204, effect: groupHas(false, "g")},
	{name: "AddConnectionsToGroups", since: "2023-07-01", method: "POST", path: "/:addToGroups", json: true, found: 200,
		body: `{"groups":["new","newer"],"filter":"userId eq 'ann'"}`, effect: groupHas(true, "new", "newer")},
	{name: "RemoveConnectionsFromGroups", since: "2023-07-01", method: "POST", path: "/:removeFromGroups", json: true, found: 200,
		body: `{"groups":["g","other"],"filter":"userId eq 'ann'"}`, effect: groupHas(false, "g")},
	{name: "ListConnectionsInGroup", since: "2024-12-01", method: "GET", path: "/groups/g/connections", found: 200, missing: 200},
	{name: "GrantPermission", method: "PUT", path: "/permissions/joinLeaveGroup/connections/{c1}", query: target, found: 200, missing: 404,
		effect: func(t *testing.T, h *hub, c1, _ *client) {
			may(t, c1, `{"type":"joinGroup","group":"x","ackId":1}`, true)
		}},
	{name: "RevokePermission", method: "DELETE", path: "/permissions/sendToGroup/connections/{c1}", query: url.Values{"targetName": {"g"}}, found: 204,
		effect: func(t *testing.T, h *hub, c1, _ *client) {
			may(t, c1, `{"type":"sendToGroup","group":"g","dataType":"text","data":"x","ackId":1}`, false)
		}},
	{name: "CheckPermission", method: "HEAD", path: "/permissions/sendToGroup/connections/{c1}", query: url.Values{"targetName": {"g"}}, found: 200, missing: 404},
	{name: "CloseConnection", method: "DELETE", path: "/connections/{c1}", query: because, found: 204, effect: ends(false)},
	{name: "CloseGroupConnections", method: "POST", path: "/groups/g/:closeConnections", query: because, found: 204, missing: 204, effect: ends(false)},
	{name: "CloseUserConnections", method: "POST", path: "/users/ann/:closeConnections", query: because, found: 204, missing: 204, effect: ends(false)},
	{name: "CloseAllConnections", method: "POST", path: "/:closeConnections", query: because, found: 204, effect: ends(true)},
}

// testOperations tries every operation in every api-version that has it.
func testOperations(t *testing.T, s *suite) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s.run(t, "GetServiceStatus", func(t *testing.T, h *hub) {
				h.want(t, 200, call{method: "HEAD", path: "/api/health", version: version, token: "-"})
			})
			for _, op := range operations {
				if op.since <= version {
					s.run(t, op.name, func(t *testing.T, h *hub) { op.try(t, h, version) })
				}
			}
			s.run(t, "GenerateClientToken", func(t *testing.T, h *hub) { testGenerateToken(t, h, version) })
		})
	}
}

func (op operation) try(t *testing.T, h *hub, version string) {
	c := h.connectAll(t,
		as{user: "ann", groups: []string{"g"}, roles: []string{"webpubsub.sendToGroup.g"}}, as{user: "bob"})
	c1, c2 := c[0], c[1]
	r := call{method: op.method, query: op.query, version: version, body: op.body}
	switch {
	case op.json:
		r.contentType = "application/json"
	case op.body != "":
		r.contentType = "text/plain"
	}
	if op.missing != 0 {
		r.path = replace(op.path, "{c1}", "missing", "/groups/g", "/groups/empty", "/users/ann", "/users/nobody")
		h.want(t, op.missing, r)
	}
	r.path = replace(op.path, "{c1}", c1.id)
	h.want(t, op.found, r)
	if op.effect != nil {
		op.effect(t, h, c1, c2)
	}
}

func testGenerateToken(t *testing.T, h *hub, version string) {
	query := url.Values{"userId": {"ann"}, "role": {"webpubsub.sendToGroup"}, "minutesToExpire": {"5"}}
	if version >= "2022-11-01" {
		query["group"] = []string{"g", "h"}
	}
	r := h.want(t, 200, call{method: "POST", path: "/:generateToken", query: query, version: version})
	c, resp := h.dial(t, h.socketURL(url.Values{"access_token": {r.field("token")}}), nil, plainJSON)
	if c == nil {
		t.Fatalf("the token was refused with %s", resp.Status)
	}
	c.expect(`{"event":"connected","userId":"ann"}`)
	may(t, c, `{"type":"sendToGroup","group":"g","noEcho":true,"dataType":"text","data":"x","ackId":1}`, true)
	for _, g := range query["group"] {
		h.want(t, 200, call{method: "HEAD", path: "/groups/" + g})
	}
}
