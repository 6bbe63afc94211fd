package rest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
)

// TestValidation_namesWhatIsWrong holds every rule about input with the answer that breaking
// it gets. Each breaks at one place only.
func TestValidation_namesWhatIsWrong(t *testing.T) {
	const (
		send   = "POST ~/:send"
		list   = "GET ~/groups/room/connections"
		grant  = "PUT ~/permissions/sendToGroup/connections/c1"
		mint   = "POST ~/:generateToken"
		bulk   = "POST ~/:addToGroups"
		hub    = "hub name %q is invalid: a letter, then at most 127 letters, digits or _ ` , . [ ]"
		ttl    = `messageTtlSeconds %q must be an integer from 0 to 300.`
		syntax = "Invalid syntax for '%s': %s (Parameter 'filter')"
	)
	long := strings.Repeat("g", 1025)
	names := func(n int) string { return `{"groups":["g"` + strings.Repeat(`,"g"`, n-1) + `]}` }
	for _, c := range []struct {
		request, body, header string
		target, message       string
	}{
		// Versions.
		{"HEAD ~/users/ann?api-version=2099-01-01", "", "", "", ""},
		{send + "?api-version=2099-01-01", "x", plain, "api-version", `The api-version "2099-01-01" is not supported; use one of 2021-10-01, 2022-11-01, 2023-07-01, 2024-01-01, 2024-12-01.`},
		{send + "?api-version=2024-12-01&api-version=2024-01-01", "x", plain, "api-version", "The api-version is given 2 times."},
		{send + "?api-version=2024-12-01,2024-01-01", "x", plain, "api-version", `The api-version "2024-12-01,2024-01-01" is not supported; use one of 2021-10-01, 2022-11-01, 2023-07-01, 2024-01-01, 2024-12-01.`},

		// Paths.
		{"POST /api/hubs/9board/:send", "x", plain, "hub", fmt.Sprintf(hub, "9board")},
		{"POST /api/hubs/b%2Fd/:send", "x", plain, "hub", fmt.Sprintf(hub, "b/d")},
		{"POST /api/hubs/b-d/:send", "x", plain, "hub", fmt.Sprintf(hub, "b-d")},
		{"POST ~/groups/%20%09/:send", "x", plain, "group", "group name is empty"},
		{"POST ~/groups/" + long + "/:send", "x", plain, "group", "group name has 1025 characters; the limit is 1024"},
		{"POST ~/groups/%FF/:send", "x", plain, "group", "group name is not valid UTF-8"},
		{"POST ~/connections/%20/:send", "x", plain, "connectionId", "connectionId is empty"},
		{"POST ~/connections/%FF/:send", "x", plain, "connectionId", "connectionId is not valid UTF-8"},
		{"POST ~/users/%20/:send", "x", plain, "userId", "userId is empty"},
		{"POST ~/users/%C3/:send", "x", plain, "userId", "userId is not valid UTF-8"},
		{"PUT ~/permissions/3/connections/c1?targetName=g", "", "", "permission", `permission "3" is unknown: sendToGroup or joinLeaveGroup`},
		{"DELETE ~/permissions/send/connections/c1?targetName=g", "", "", "permission", `permission "send" is unknown: sendToGroup or joinLeaveGroup`},

		// Sends.
		{send + "?messageTtlSeconds=301", "x", plain, "messageTtlSeconds", fmt.Sprintf(ttl, "301")},
		{send + "?messageTtlSeconds=-1", "x", plain, "messageTtlSeconds", fmt.Sprintf(ttl, "-1")},
		{send + "?messageTtlSeconds=1.0", "x", plain, "messageTtlSeconds", fmt.Sprintf(ttl, "1.0")},
		{send + "?messageTtlSeconds=%201", "x", plain, "messageTtlSeconds", fmt.Sprintf(ttl, " 1")},
		{send + "?messageTtlSeconds=99999999999999999999", "x", plain, "messageTtlSeconds", fmt.Sprintf(ttl, "99999999999999999999")},
		{send + "?filter=userId%20gt%205", "x", plain, "filter", fmt.Sprintf(syntax, "userId gt 5", "Type 'string', expect 'int'.")},
		{"POST ~/groups/room/:send?filter=ab%20eq%201", "x", plain, "filter", fmt.Sprintf(syntax, "ab eq 1", "Token 'ab' is not supported.")},
		{"POST ~/users/ann/:send?filter=userId%20%3D%201", "x", plain, "filter", fmt.Sprintf(syntax, "userId = 1", "Invalid token '='.")},
		{send, "x", "X-WebPubSub-Metadata-Note: ü", "X-WebPubSub-Metadata", `metadata value of "note" is not printable ASCII`},
		{send, "x", "X-WebPubSub-Metadata-Note: " + strings.Repeat("v", 1025), "X-WebPubSub-Metadata", `metadata value of "note" has 1025 bytes; the limit is 1024`},
		{send, strings.Repeat("x", 1<<20+1), plain, "Request", "Invalid Content-Length header. The body has 1048577 bytes; the limit is 1048576."},
		{send, strings.Repeat("\xe9", 1<<19+1), "Content-Type: text/plain; charset=iso-8859-1", "Request", "The body has 1048578 bytes as UTF-8; the limit is 1048576."},
		{send, "{", json1, "Request", "The request body is not a valid JSON."},
		{send, "{} {}", json1, "Request", "The request body is not a valid JSON."},
		{send, "", json1, "Request", "The request body is not a valid JSON."},

		// Permissions.
		{grant, "", "", "targetName", "group name is empty"},
		{grant + "?targetName=%20", "", "", "targetName", "group name is empty"},
		{grant + "?targetName=" + long, "", "", "targetName", "group name has 1025 characters; the limit is 1024"},

		// Lists.
		{list + "?maxpagesize=0", "", "", "maxpagesize", `maxpagesize "0" must be an integer from 1 to 200.`},
		{list + "?maxpagesize=201", "", "", "maxpagesize", `maxpagesize "201" must be an integer from 1 to 200.`},
		{list + "?top=0", "", "", "top", `top "0" must be an integer from 1 to 2147483647.`},
		{list + "?top=x", "", "", "top", `top "x" must be an integer from 1 to 2147483647.`},
		{list + "?top=", "", "", "top", "top must be given once, with a value."},
		{list + "?maxpagesize=1&maxpagesize=1", "", "", "maxpagesize", "maxpagesize must be given once, with a value."},
		{list + "?continuationToken=", "", "", "continuationToken", "continuationToken must be given once, with a value."},
		{list + "?continuationToken=eyJ", "", "", "continuationToken", "The continuationToken is damaged or belongs to another list."},
		{list + "?continuationToken=" + strings.Repeat("A", 2049), "", "", "continuationToken", "The continuationToken is damaged or belongs to another list."},

		// Tokens.
		{mint + "?minutesToExpire=0", "", "", "minutesToExpire", `minutesToExpire "0" must be an integer from 1 to 153722867.`},
		{mint + "?clientType=fax", "", "", "clientType", `clientType "fax" must be Default, MQTT or SocketIO.`},
		{mint + "?group=g&group=%20", "", "", "group", "group name is empty"},

		// Bulk changes of groups.
		{bulk, "", json1, "Request", "The request body is not a valid JSON."},
		{bulk, "[]", json1, "Request", "The request body must be an object with groups, a list of strings, and filter, a string."},
		{bulk, `{"groups":"g"}`, json1, "Request", "The request body must be an object with groups, a list of strings, and filter, a string."},
		{bulk, `{"groups":["g"],"filter":1}`, json1, "Request", "The request body must be an object with groups, a list of strings, and filter, a string."},
		{bulk, "{}", json1, "groups", "groups has 0 names; it must have 1 to 1000."},
		{bulk, "null", json1, "groups", "groups has 0 names; it must have 1 to 1000."},
		{bulk, names(1001), json1, "groups", "groups has 1001 names; it must have 1 to 1000."},
		{bulk, `{"groups":["g"," "]}`, json1, "groups", "group name is empty"},
		{bulk, `{"groups":["` + long + `"]}`, json1, "groups", "group name has 1025 characters; the limit is 1024"},
		{bulk, `{"groups":["g"],"filter":"length(groups)"}`, json1, "filter", fmt.Sprintf(syntax, "length(groups)", "Type 'int', expect 'bool'.")},
		{"POST ~/:removeFromGroups", `{"groups":["g"],"filter":"'"}`, json1, "filter", fmt.Sprintf(syntax, "'", "Invalid token '''.")},
	} {
		b := newBench(rest.Options{})
		method, path, _ := strings.Cut(strings.Replace(c.request, "~", "/api/hubs/board", 1), " ")
		r := b.do(t, method, path, c.body, c.header)
		var got struct{ Code, Target, Message string }
		body := text(t, r)
		if method != "HEAD" {
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Errorf("%s: %d %s: %v", c.request, r.StatusCode, body, err)
				continue
			}
		} else {
			got.Code = r.Header.Get("x-ms-error-code")
		}
		if r.StatusCode != 400 || r.Header.Get("x-ms-error-code") != "Error.BadRequest" || got.Code != "Error.BadRequest" || got.Target != c.target || got.Message != c.message {
			t.Errorf("%s %.80s\ngot  %d %+v\nwant %s: %s", c.request, c.body, r.StatusCode, got, c.target, c.message)
		}
		if calls := b.engine.Calls(); len(calls) > 0 {
			t.Errorf("%s: the engine was asked %q", c.request, calls)
		}
	}
}

// TestNotFoundAndConflict_haveTheDocumentedCode holds the errors that are about the state of
// the hub and not about the request.
func TestNotFoundAndConflict_haveTheDocumentedCode(t *testing.T) {
	for _, c := range []struct {
		request               string
		status                int
		code, target, message string
	}{
		{"PUT ~/groups/g/connections/c9", 404, "Error.Connection.NotExisted", "Connection", "Connection `c9` is not found."},
		{"PUT ~/users/zoe/groups/g", 404, "Error.User.NotExisted", "User", "User `zoe` is not found."},
		{"PUT ~/permissions/sendToGroup/connections/c9?targetName=g", 404, "Info.Connection.NotExisted", "Connection", "Connection `c9` is not found."},
		{"PUT ~/permissions/sendToGroup/connections/full?targetName=g", 409, "Error.Connection.Conflict", "Connection", "Connection `full` has too many permissions; the limit is 1000."},
		{"DELETE ~/permissions/2/connections/full?targetName=g", 409, "Error.Connection.Conflict", "Connection", "Connection `full` has too many permissions; the limit is 1000."},
	} {
		b := newBench(rest.Options{})
		method, path, _ := strings.Cut(strings.Replace(c.request, "~", "/api/hubs/board", 1), " ")
		r := b.do(t, method, path, "")
		want := fmt.Sprintf(`{"code":%q,"message":%q,"target":%q}`, c.code, c.message, c.target)
		if body := text(t, r); r.StatusCode != c.status || r.Header.Get("x-ms-error-code") != c.code || body != want {
			t.Errorf("%s: got %d %s, want %d %s", c.request, r.StatusCode, body, c.status, want)
		}
	}
}

func TestBulk_changesGroupsOfThoseTheFilterSelects(t *testing.T) {
	b := newBench(rest.Options{})
	for _, step := range []struct{ request, body, g, h string }{
		{":addToGroups", `{"groups":["g","h"],"filter":"userId eq 'ann'"}`, "c1 c2", "c1 c2"},
		{":removeFromGroups", `{"groups":["g"],"filter":"connectionId eq 'c1'"}`, "c2", "c1 c2"},
		{":addToGroups", `{"groups":["g"],"filter":"length(groups) eq 0"}`, "c2 c3 full", "c1 c2"},
		{":removeFromGroups", `{"groups":["g","h","unknown"],"filter":null}`, "", ""},
		{":addToGroups", `{"Groups":["h"],"other":1}`, "", "c1 c2 c3 full"},
	} {
		if r := b.do(t, "POST", "/api/hubs/board/"+step.request, step.body, json1); r.StatusCode != 200 {
			t.Fatalf("%s %s: %d %s", step.request, step.body, r.StatusCode, text(t, r))
		}
		for name, want := range map[webpubsub.GroupName]string{"g": step.g, "h": step.h} {
			var ids []string
			for _, m := range b.engine.GroupMembers("board", name, "", 10) {
				ids = append(ids, string(m.ConnectionID))
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("after %s %s: %s has %q, want %q", step.request, step.body, name, got, want)
			}
		}
	}
}
