package rest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// operation is one route. The names in braces of its path become values of the call.
type operation struct {
	name   string
	method string
	path   string
	do     func(*api, *call) (answer, error)
	// missing is the error code of a NotFound; its middle word is the target.
	missing string
	// open routes need no token.
	open bool

	segments []string
	values   []int // of segments: which value of the path it is; -1 is a literal
}

// routes are all operations. Source: REST API; the settings are our own.
var routes = []operation{
	{name: "GetServiceStatus", method: "HEAD", path: "api/health", do: (*api).health, open: true},
	{name: "GetServiceStatus", method: "GET", path: "api/health", do: (*api).health, open: true},

	{name: "AddConnectionsToGroups", method: "POST", path: "api/hubs/{hub}/:addToGroups", do: (*api).addToGroups},
	{name: "RemoveConnectionsFromGroups", method: "POST", path: "api/hubs/{hub}/:removeFromGroups", do: (*api).removeFromGroups},
	{name: "CloseAllConnections", method: "POST", path: "api/hubs/{hub}/:closeConnections", do: (*api).closeAll},
	{name: "GenerateClientToken", method: "POST", path: "api/hubs/{hub}/:generateToken", do: (*api).generateToken},
	{name: "SendToAll", method: "POST", path: "api/hubs/{hub}/:send", do: (*api).sendToAll},

	{name: "ConnectionExists", method: "HEAD", path: "api/hubs/{hub}/connections/{connectionId}", do: (*api).connectionExists, missing: "Warning.Connection.NotExisted"},
	{name: "CloseConnection", method: "DELETE", path: "api/hubs/{hub}/connections/{connectionId}", do: (*api).closeConnection},
	{name: "SendToConnection", method: "POST", path: "api/hubs/{hub}/connections/{connectionId}/:send", do: (*api).sendToConnection},
	{name: "RemoveConnectionFromAllGroups", method: "DELETE", path: "api/hubs/{hub}/connections/{connectionId}/groups", do: (*api).removeConnectionFromAllGroups},

	{name: "GroupExists", method: "HEAD", path: "api/hubs/{hub}/groups/{group}", do: (*api).groupExists, missing: "Warning.Group.NotExisted"},
	{name: "CloseGroupConnections", method: "POST", path: "api/hubs/{hub}/groups/{group}/:closeConnections", do: (*api).closeGroup},
	{name: "SendToGroup", method: "POST", path: "api/hubs/{hub}/groups/{group}/:send", do: (*api).sendToGroup},
	{name: "ListConnectionsInGroup", method: "GET", path: "api/hubs/{hub}/groups/{group}/connections", do: (*api).listGroup},
	{name: "AddConnectionToGroup", method: "PUT", path: "api/hubs/{hub}/groups/{group}/connections/{connectionId}", do: (*api).addConnectionToGroup, missing: "Error.Connection.NotExisted"},
	{name: "RemoveConnectionFromGroup", method: "DELETE", path: "api/hubs/{hub}/groups/{group}/connections/{connectionId}", do: (*api).removeConnectionFromGroup},

	{name: "GrantPermission", method: "PUT", path: "api/hubs/{hub}/permissions/{permission}/connections/{connectionId}", do: (*api).grant, missing: "Info.Connection.NotExisted"},
	{name: "RevokePermission", method: "DELETE", path: "api/hubs/{hub}/permissions/{permission}/connections/{connectionId}", do: (*api).revoke},
	{name: "CheckPermission", method: "HEAD", path: "api/hubs/{hub}/permissions/{permission}/connections/{connectionId}", do: (*api).checkPermission, missing: "Info.Connection.NotExisted"},

	{name: "UserExists", method: "HEAD", path: "api/hubs/{hub}/users/{userId}", do: (*api).userExists, missing: "Warning.User.NotExisted"},
	{name: "CloseUserConnections", method: "POST", path: "api/hubs/{hub}/users/{userId}/:closeConnections", do: (*api).closeUser},
	{name: "SendToUser", method: "POST", path: "api/hubs/{hub}/users/{userId}/:send", do: (*api).sendToUser},
	{name: "RemoveUserFromAllGroups", method: "DELETE", path: "api/hubs/{hub}/users/{userId}/groups", do: (*api).removeUserFromAllGroups},
	{name: "AddUserToGroup", method: "PUT", path: "api/hubs/{hub}/users/{userId}/groups/{group}", do: (*api).addUserToGroup, missing: "Error.User.NotExisted"},
	{name: "RemoveUserFromGroup", method: "DELETE", path: "api/hubs/{hub}/users/{userId}/groups/{group}", do: (*api).removeUserFromGroup},

	{name: "ListStories", method: "GET", path: "api/stories", do: (*api).listStories, missing: "Error.Story.NotExisted"},
	{name: "GetStory", method: "GET", path: "api/stories/{connectionId}", do: (*api).getStory, missing: "Error.Story.NotExisted"},

	{name: "ListHubs", method: "GET", path: "api/settings/hubs", do: (*api).listHubs},
	{name: "GetHub", method: "GET", path: "api/settings/hubs/{hub}", do: (*api).getHub, missing: "Error.Hub.NotExisted"},
	{name: "SetHub", method: "PUT", path: "api/settings/hubs/{hub}", do: (*api).putHub},
	{name: "DeleteHub", method: "DELETE", path: "api/settings/hubs/{hub}", do: (*api).deleteHub},
	{name: "GetResource", method: "GET", path: "api/settings/resource", do: (*api).getResource},
	{name: "SetResource", method: "PUT", path: "api/settings/resource", do: (*api).putResource},
	{name: "DeleteResource", method: "DELETE", path: "api/settings/resource", do: (*api).deleteResource},
	{name: "Restart", method: "POST", path: "api/settings/resource/:restart", do: (*api).restart},
	{name: "ListUsage", method: "GET", path: "api/settings/usage", do: (*api).listUsage},
	{name: "GetKeys", method: "GET", path: "api/settings/keys", do: (*api).getKeys},
	{name: "RegenerateKey", method: "POST", path: "api/settings/keys/:regenerate", do: (*api).regenerateKey},
}

// byLength holds the routes by their number of segments.
var byLength = indexRoutes(routes)

func indexRoutes(all []operation) (index [maxSegments + 1][]*operation) {
	for i := range all {
		op := &all[i]
		op.segments = strings.Split(op.path, "/")
		for _, s := range op.segments {
			op.values = append(op.values, slices.Index(pathNames[:], strings.Trim(s, "{}")))
		}
		index[len(op.segments)] = append(index[len(op.segments)], op)
	}
	return index
}

// maxSegments is the most of any path.
const maxSegments = 7

// pathValue is what a segment of a path may be.
type pathValue int

const (
	pathHub pathValue = iota
	pathGroup
	pathConnection
	pathUser
	pathPermission
	pathValueCount
)

// pathNames are the names that routes have for them, and callers read in errors.
var pathNames = [pathValueCount]string{"hub", "group", "connectionId", "userId", "permission"}

// pathValues are those of one path.
type pathValues struct {
	of    [pathValueCount]string
	there [pathValueCount]bool
}

func (v *pathValues) get(which pathValue) (string, bool) { return v.of[which], v.there[which] }

// match finds the operation of a method and an escaped path, with the decoded value of
// each name in its path. Without one it returns the methods the path does allow.
func match(method, escapedPath string) (op *operation, values pathValues, allowed []string) {
	var room [maxSegments]string
	segments, ok := splitPath(room[:0], escapedPath)
	if !ok {
		return nil, pathValues{}, nil
	}
	for _, op := range byLength[len(segments)] {
		if !op.fits(segments) {
			continue
		}
		if op.method == method {
			return op, op.bind(segments), nil
		}
		if !slices.Contains(allowed, op.method) {
			allowed = append(allowed, op.method)
		}
	}
	return nil, pathValues{}, allowed
}

// splitPath splits before it decodes, so that an encoded slash stays inside its segment,
// and decodes each segment once. One trailing slash is ignored. A path with more segments
// than any route is not ok.
func splitPath(segments []string, escaped string) ([]string, bool) {
	escaped = strings.TrimSuffix(strings.TrimPrefix(escaped, "/"), "/")
	for s := range strings.SplitSeq(escaped, "/") {
		decoded, err := url.PathUnescape(s)
		if err != nil || len(segments) == maxSegments {
			return nil, false
		}
		segments = append(segments, decoded)
	}
	return segments, true
}

func (op *operation) fits(segments []string) bool {
	for i, s := range op.segments {
		if op.values[i] < 0 && s != segments[i] {
			return false
		}
	}
	return true
}

func (op *operation) bind(segments []string) (values pathValues) {
	for i, v := range op.values {
		if v >= 0 {
			values.of[v], values.there[v] = segments[i], true
		}
	}
	return values
}

func (a *api) health(*call) (answer, error) { return answer{status: http.StatusOK}, nil }
