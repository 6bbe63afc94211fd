package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/token"
)

func TestHandshake_refusals(t *testing.T) {
	f := start(t)
	check(t, f.settings.SetHub(t.Context(), "open", webpubsub.Hub{AllowAnonymous: true}))
	mint := func(key string, o token.MintOptions, at time.Time) string {
		if o.Audience == "" {
			o.Audience = f.listener.URL + "/client/hubs/board"
		}
		raw, err := token.Mint(key, o, at)
		check(t, err)
		return "access_token=" + raw
	}
	now := time.Now()
	good := mint(f.keys.Primary, token.MintOptions{}, now)
	for name, c := range map[string]struct {
		path   string
		status int // 101 is accepted
	}{
		"a good token":           {"/client/hubs/board?" + good, 101},
		"the hub in other case":  {"/client/hubs/BOARD?" + good, 101},
		"the older URL":          {"/client/?hub=board&" + good, 101},
		"the older URL, no /":    {"/client?hub=board&" + good, 101},
		"parameter in capitals":  {"/client/hubs/board?" + strings.Replace(good, "access_token", "ACCESS_TOKEN", 1), 101},
		"two spellings":          {"/client/hubs/board?access_token=x.y.z&" + strings.Replace(good, "access_token", "ACCESS_TOKEN", 1), 101},
		"the secondary key":      {"/client/hubs/board?" + mint(f.keys.Secondary, token.MintOptions{}, now), 101},
		"audience with slash":    {"/client/hubs/board?" + mint(f.keys.Primary, token.MintOptions{Audience: "ws" + f.listener.URL[4:] + "/client/hubs/Board/"}, now), 101},
		"anonymous, allowed":     {"/client/hubs/open", 101},
		"no hub":                 {"/client/hubs/?" + good, 400},
		"a bad hub":              {"/client/hubs/1a?" + good, 400},
		"nothing of ours":        {"/client/groups/board?" + good, 400},
		"no token":               {"/client/hubs/board", 401},
		"no token, empty":        {"/client/hubs/board?access_token=", 401},
		"a wrong key":            {"/client/hubs/board?" + mint("another-key-0123456789-abcdefghij", token.MintOptions{}, now), 401},
		"an expired token":       {"/client/hubs/board?" + mint(f.keys.Primary, token.MintOptions{Lifetime: time.Minute}, now.Add(-time.Hour)), 401},
		"another hub's token":    {"/client/hubs/other?" + good, 401},
		"another host's token":   {"/client/hubs/board?" + mint(f.keys.Primary, token.MintOptions{Audience: "http://elsewhere.example.net/client/hubs/board"}, now), 401},
		"a bad token, anonymous": {"/client/hubs/open?access_token=x.y.z", 401},
		"an empty group":         {"/client/hubs/board?" + mint(f.keys.Primary, token.MintOptions{Groups: []string{" "}}, now), 400},
		"an unknown mode":        {"/client/hubs/board?webpubsub_mode=shout&" + good, 400},
		"a mode without group":   {"/client/hubs/board?webpubsub_mode=sendToGroup&" + good, 400},
		"a mode, two groups":     {"/client/hubs/board?webpubsub_mode=sendToGroup&group=a&group=b&" + good, 400},
		"an empty mode":          {"/client/hubs/board?webpubsub_mode=&" + good, 101},
		"the last mode counts":   {"/client/hubs/board?webpubsub_mode=shout&webpubsub_mode=SendEvent&" + good, 101},
	} {
		t.Run(name, func(t *testing.T) {
			_, res, err := f.dial(c.path)
			if (err == nil) != (c.status == 101) || res == nil || res.StatusCode != c.status {
				t.Errorf("%v, %v; want %d", res, err, c.status)
			}
		})
	}
}

func TestHandshake_notAnUpgrade_is400(t *testing.T) {
	f := start(t)
	res, err := http.Get(f.listener.URL + "/client/hubs/board?access_token=" + f.token(token.MintOptions{}))
	check(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d", res.StatusCode)
	}
}

func TestHandshake_tokenInTheHeader_worksAndTheQueryWins(t *testing.T) {
	f := start(t)
	dial := func(query, bearer string) error {
		ws, _, err := websocket.Dial(t.Context(), f.socketURL("/client/hubs/board"+query), &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + bearer}}})
		if err == nil {
			ws.CloseNow()
		}
		return err
	}
	good := f.token(token.MintOptions{})
	if err := dial("", good); err != nil {
		t.Error(err)
	}
	if err := dial("?access_token=bad", good); err == nil {
		t.Error("a bad token in the query must be refused")
	}
	if err := dial("?access_token="+good, "bad"); err != nil {
		t.Error(err)
	}
}

func TestHandshake_subprotocols(t *testing.T) {
	f := start(t)
	for name, c := range map[string]struct {
		offered []string
		want    string
	}{
		"none":                      {nil, ""},
		"the first one known":       {[]string{"chat", reliable, plain}, reliable},
		"the client's own spelling": {[]string{"JSON.webpubsub.azure.V1"}, "JSON.webpubsub.azure.V1"},
		"only unknown ones":         {[]string{"chat"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cl, res, err := f.dial("/client/hubs/board?access_token="+f.token(token.MintOptions{}), c.offered...)
			check(t, err)
			if got := res.Header.Get("Sec-WebSocket-Protocol"); got != c.want {
				t.Errorf("agreed on %q, want %q", got, c.want)
			}
			if c.want != "" {
				cl.greeted()
			}
		})
	}
}

func TestConnected_isTheFirstFrame(t *testing.T) {
	f := start(t)
	for _, c := range []struct{ subprotocol, user string }{{plain, "ann"}, {plain, ""}, {reliable, "ann"}} {
		cl, _, err := f.dial("/client/hubs/board?access_token="+f.token(token.MintOptions{UserID: c.user}), c.subprotocol)
		check(t, err)
		got := cl.next()
		if got.Event != "connected" || len(got.ConnectionID) != 32 || (got.ReconnectionToken != "") != (c.subprotocol == reliable) || (got.UserID == nil) != (c.user == "") {
			t.Errorf("%+v", got)
		}
	}
}

func TestConnectHandler_decides(t *testing.T) {
	f := start(t)
	var answer *eventhandler.ConnectResponse
	var refusal error
	gone := newEventLog()
	f.handle(f.handler(eventhandler.Options{
		Connect: func(_ context.Context, r *eventhandler.ConnectRequest) (*eventhandler.ConnectResponse, error) {
			if len(r.Query["theme"]) != 1 || r.Query["access_token"] != nil || r.Headers["Authorization"] != nil {
				return nil, fmt.Errorf("query %v, headers %v", r.Query, r.Headers)
			}
			return answer, refusal
		},
		Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) {
			gone.add(string(e.UserID) + " " + *e.State)
		},
	}))
	path := "/client/hubs/board?theme=dark&access_token=" + f.token(token.MintOptions{UserID: "ann", Groups: []string{"from-token"}, Roles: []string{"webpubsub.sendToGroup"}})
	user, state := "ann-2", "seat 4"
	answer = &eventhandler.ConnectResponse{UserID: &user, Groups: []string{"from-handler"}, Roles: []string{}, Subprotocol: plain, State: &state}
	c, res, err := f.dial(path, reliable, plain)
	check(t, err)
	if got := res.Header.Get("Sec-WebSocket-Protocol"); got != plain {
		t.Errorf("the handler chose %q, got %q", plain, got)
	}
	if got := c.next(); got.UserID == nil || *got.UserID != user || got.ReconnectionToken != "" {
		t.Errorf("%+v", got)
	}
	for group, want := range map[webpubsub.GroupName]bool{"from-handler": true, "from-token": false} {
		if got, err := f.rest.GroupExists(t.Context(), group); err != nil || got != want {
			t.Errorf("group %s: %v, %v", group, got, err)
		}
	}
	c.send(`{"type":"sendToGroup","group":"g","ackId":1,"data":1}`)
	if ack := c.next(); ack.Error.Name != "Forbidden" {
		t.Errorf("the handler took all roles away: %+v", ack)
	}
	c.ws.Close(websocket.StatusNormalClosure, "bye")
	if got := gone.await(t, 1); got[0] != "ann-2 seat 4" {
		t.Errorf("%q", got)
	}
	for code, status := range map[webpubsub.Code]int{webpubsub.Unauthorized: 401, webpubsub.Forbidden: 403, webpubsub.BadRequest: 400} {
		refusal = webpubsub.Errorf(code, "no")
		if _, res, err := f.dial(path, plain); err == nil || res.StatusCode != status {
			t.Errorf("%v: %v, %v; want %d", code, res, err, status)
		}
	}
	refusal = nil
	answer = &eventhandler.ConnectResponse{Subprotocol: "never-offered"}
	if _, res, err := f.dial(path, plain); err == nil || res.StatusCode != 500 {
		t.Errorf("a subprotocol the client did not offer: %v, %v", res, err)
	}
}

func TestConnectHandler_unreachable_is500(t *testing.T) {
	t.Parallel() // it takes the time of all retries
	f := start(t)
	check(t, f.settings.SetHub(t.Context(), "board", webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{URLTemplate: "http://127.0.0.1:1/", SystemEvents: []string{"connect"}}}}))
	_, res, err := f.dial("/client/hubs/board?access_token="+f.token(token.MintOptions{}), plain)
	if err == nil || res.StatusCode != 500 {
		t.Errorf("%v, %v", res, err)
	}
}
