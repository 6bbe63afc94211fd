package rest_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub/internal/rest"
)

// stable are the published versions. Features do not depend on them: each version has all
// of the newest document.
var stable = []string{"2021-10-01", "2022-11-01", "2023-07-01", "2024-01-01", "2024-12-01"}

// previews are older ones that tools still send.
var previews = []string{"2020-10-01", "2021-01-01", "2021-05-01-preview", "2021-08-01-preview", "2022-10-01-preview"}

// example is a request that is as the document describes, and its answer.
type example struct {
	id     string // of the operation
	values string // parameters besides those that examples share; as in a query
	kind   string // content type
	body   string
	status int
}

// shared are values of path parameters, where an example has no other.
var shared = url.Values{"hub": {"board"}, "group": {"room"}, "connectionId": {"c1"}, "userId": {"ann"}, "permission": {"sendToGroup"}}

const (
	asText, asJSON, asBytes = "text/plain", "application/json", "application/octet-stream"

	everyPermission = "permission=joinLeaveGroup&targetName=room"
)

var examples = []example{
	{"HealthApi_GetServiceStatus", "", "", "", 200},

	{"WebPubSub_AddConnectionsToGroups", "", asJSON, `{"groups":["g1","g2"],"filter":"userId eq 'ann'"}`, 200},
	{"WebPubSub_AddConnectionsToGroups", "", asJSON, `{"groups":["g1"]}`, 200},
	{"WebPubSub_RemoveConnectionsFromGroups", "", asJSON, `{"groups":["g1"],"filter":"length(groups) gt 9"}`, 200},

	{"WebPubSub_GenerateClientToken", "", "", "", 200},
	{"WebPubSub_GenerateClientToken", "userId=ann&role=r1&role=r2&group=g1&group=g2&minutesToExpire=1&clientType=MQTT", "", "", 200},

	{"WebPubSub_SendToAll", "", asBytes, "\x00\xff", 202},
	{"WebPubSub_SendToAll", "excluded=c1&excluded=c2&filter=userId ne null&messageTtlSeconds=0", asText, "hi", 202},
	{"WebPubSub_SendToAll", "messageTtlSeconds=300", asJSON, `{"n":1}`, 202},
	{"WebPubSub_SendToGroup", "", asBytes, "\x00\xff", 202},
	{"WebPubSub_SendToGroup", "excluded=c1&filter='g' in groups&messageTtlSeconds=1", asText, "hi", 202},
	{"WebPubSub_SendToGroup", "group=a/b ü", asJSON, `[]`, 202},
	{"WebPubSub_SendToUser", "", asBytes, "\x00\xff", 202},
	{"WebPubSub_SendToUser", "filter=connectionId ne 'c1'&messageTtlSeconds=1", asText, "hi", 202},
	{"WebPubSub_SendToUser", "userId=zoe", asJSON, `"hi"`, 202},
	{"WebPubSub_SendToConnection", "", asBytes, "\x00\xff", 202},
	{"WebPubSub_SendToConnection", "messageTtlSeconds=1", asText, "hi", 202},
	{"WebPubSub_SendToConnection", "connectionId=c9", asJSON, `1`, 202},

	{"WebPubSub_CloseAllConnections", "excluded=c1&excluded=c2&reason=nightly restart", "", "", 204},
	{"WebPubSub_CloseGroupConnections", "excluded=c1&reason=room closed", "", "", 204},
	{"WebPubSub_CloseUserConnections", "excluded=c1&reason=banned", "", "", 204},
	{"WebPubSub_CloseConnection", "reason=idle", "", "", 204},
	{"WebPubSub_CloseConnection", "connectionId=c9", "", "", 204},

	{"WebPubSub_ConnectionExists", "", "", "", 200},
	{"WebPubSub_ConnectionExists", "connectionId=c9", "", "", 404},
	{"WebPubSub_GroupExists", "", "", "", 200},
	{"WebPubSub_GroupExists", "group=empty", "", "", 404},
	{"WebPubSub_UserExists", "", "", "", 200},
	{"WebPubSub_UserExists", "userId=zoe", "", "", 404},

	{"WebPubSub_ListConnectionsInGroup", "maxpagesize=1&top=2", "", "", 200},
	{"WebPubSub_ListConnectionsInGroup", "group=empty", "", "", 200},
	{"WebPubSub_ListConnectionsInGroup", "continuationToken=" + rest.SealContinuation("c1", "board", "room"), "", "", 200},

	{"WebPubSub_GrantPermission", everyPermission, "", "", 200},
	{"WebPubSub_GrantPermission", everyPermission + "&connectionId=c9", "", "", 404},
	{"WebPubSub_GrantPermission", everyPermission + "&connectionId=full", "", "", 409},
	{"WebPubSub_CheckPermission", everyPermission, "", "", 200},
	{"WebPubSub_CheckPermission", "permission=sendToGroup&targetName=room", "", "", 404},
	{"WebPubSub_RevokePermission", everyPermission, "", "", 204},
	{"WebPubSub_RevokePermission", everyPermission + "&connectionId=c9", "", "", 204},
	{"WebPubSub_RevokePermission", everyPermission + "&connectionId=full", "", "", 409},

	{"WebPubSub_AddConnectionToGroup", "group=new", "", "", 200},
	{"WebPubSub_AddConnectionToGroup", "connectionId=c9", "", "", 404},
	{"WebPubSub_RemoveConnectionFromGroup", "", "", "", 204},
	{"WebPubSub_RemoveConnectionFromGroup", "connectionId=c9", "", "", 204},
	{"WebPubSub_RemoveConnectionFromAllGroups", "", "", "", 204},
	{"WebPubSub_AddUserToGroup", "group=new", "", "", 200},
	{"WebPubSub_AddUserToGroup", "userId=zoe", "", "", 404},
	{"WebPubSub_RemoveUserFromGroup", "", "", "", 204},
	{"WebPubSub_RemoveUserFromAllGroups", "", "", "", 204},
}

// caller calls operations of the API over HTTP and checks them against the document.
type caller struct {
	*testing.T
	doc     *document
	server  *httptest.Server
	version string

	calls    int
	statuses map[string]map[string]bool // seen, by operation; as the document names them
	params   map[string]map[string]bool // sent, by operation
}

func newCaller(t *testing.T, version string) *caller {
	c := &caller{T: t, doc: readDocument(t), server: httptest.NewServer(newBench(rest.Options{})), version: version}
	c.statuses, c.params = map[string]map[string]bool{}, map[string]map[string]bool{}
	t.Cleanup(c.server.Close)
	return c
}

// values are the parameters of an example, its body among them.
func (c *caller) values(e example) url.Values {
	c.Helper()
	values := url.Values{}
	for pair := range strings.SplitSeq(e.values, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			values.Add(name, value)
		}
	}
	values.Set("api-version", c.version)
	for _, p := range c.doc.byID[e.id].Parameters {
		if p.In == "path" && !values.Has(p.Name) {
			values[p.Name] = shared[p.Name]
		}
	}
	if e.kind != "" {
		values.Set("body", e.body)
	}
	return values
}

// call sends a request and returns the status, which the document must have. Unless it is
// to be wrong, the request must be as described.
func (c *caller) call(e example, values url.Values, wrong bool) int {
	c.Helper()
	op := c.doc.byID[e.id]
	target, err := c.doc.request(op, values, !wrong)
	if err != nil {
		c.Fatalf("%s %s: the example is not as described: %v", e.id, e.values, err)
	}
	r, err := http.NewRequestWithContext(c.Context(), op.method, c.server.URL+target, strings.NewReader(values.Get("body")))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+mint(c.T, keys.Primary, r.URL.String()))
	if e.kind != "" {
		r.Header.Set("Content-Type", e.kind)
		if !slices.Contains(op.Consumes, e.kind) {
			c.Errorf("%s does not document content type %s", e.id, e.kind)
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.Fatal(err)
	}
	status, err := c.doc.answer(op, res, body)
	if err != nil {
		c.Errorf("%s %s: %v", e.id, target, err)
	}
	if got := res.Header.Get("api-supported-versions"); got != strings.Join(stable, ", ") {
		c.Errorf("%s: api-supported-versions is %q", e.id, got)
	}
	c.saw(e.id, status, slices.Collect(maps.Keys(values)))
	return res.StatusCode
}

func (c *caller) saw(id, status string, params []string) {
	c.calls++
	if c.statuses[id] == nil {
		c.statuses[id], c.params[id] = map[string]bool{}, map[string]bool{}
	}
	c.statuses[id][status] = true
	for _, p := range params {
		c.params[id][p] = true
	}
}

// TestOpenAPI_everyOperationInEveryVersion: what callers send and get is what the published
// document describes.
func TestOpenAPI_everyOperationInEveryVersion(t *testing.T) {
	for _, version := range append(slices.Clone(stable), previews...) {
		t.Run(version, func(t *testing.T) {
			c := newCaller(t, version)
			for _, e := range examples {
				if got := c.call(e, c.values(e), false); got != e.status {
					t.Errorf("%s %s: got %d, want %d", e.id, e.values, got, e.status)
				}
			}
			c.refusesWhatTheDocumentForbids()
			c.sawEverything()
			t.Logf("%d operations, %d calls", len(c.statuses), c.calls)
		})
	}
}

// refusesWhatTheDocumentForbids breaks every constraint of every parameter, one at a time.
func (c *caller) refusesWhatTheDocumentForbids() {
	c.Helper()
	for id, op := range c.doc.byID {
		e := examples[slices.IndexFunc(examples, func(e example) bool { return e.id == id })]
		for _, p := range op.Parameters {
			wrong := p.wrong()
			if p.Name == "api-version" {
				wrong = []string{"2099-01-01"}
			}
			if p.In == "body" && p.Schema.Ref != "" {
				p.Name, wrong = "body", []string{"", "{", `{"groups":"g"}`, `{"groups":[1]}`}
			}
			for _, bad := range wrong {
				values := c.values(e)
				values.Set(p.Name, bad)
				if got := c.call(e, values, true); got != http.StatusBadRequest {
					c.Errorf("%s with %s %.40q: got %d, want 400", id, p.Name, bad, got)
				}
			}
		}
	}
}

// sawEverything requires every operation, every parameter and every status that the document
// has, errors included.
func (c *caller) sawEverything() {
	c.Helper()
	for id, op := range c.doc.byID {
		for status := range op.Responses {
			if !c.statuses[id][status] {
				c.Errorf("%s never answered %s", id, status)
			}
		}
		for _, p := range op.Parameters {
			if p.In != "body" && !c.params[id][p.Name] {
				c.Errorf("%s was never called with %s", id, p.Name)
			}
		}
	}
	if n := len(c.doc.byID); n != 25 {
		c.Errorf("the document has %d operations, want 25", n)
	}
}

// TestRoutes_areThoseOfTheDocument: the data plane has no route that is not published, apart
// from GET of the health check.
func TestRoutes_areThoseOfTheDocument(t *testing.T) {
	published := map[string]bool{"GET api/health": true}
	for _, op := range readDocument(t).byID {
		published[op.method+" "+strings.TrimPrefix(op.path, "/")] = true
	}
	for _, route := range rest.RoutesForTest() {
		if _, path, _ := strings.Cut(route, " "); !strings.HasPrefix(path, "api/hubs/") && path != "api/health" {
			continue // our own
		}
		if !published[route] {
			t.Errorf("%s is not published", route)
		}
		delete(published, route)
	}
	for route := range published {
		t.Errorf("%s is not served", route)
	}
}
