package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/service"
)

var tokenMistakes = []mistake{
	{"no token", func(s *stage) []string { return s.refused("") },
		[]string{"brought no access token", "getClientAccessToken", "--allow-anonymous true"}},
	{"token cut off", func(s *stage) []string { return s.refused("eyJhbGciOiJIUzI1NiJ9.eyJhdWQ") },
		[]string{"is no JSON Web Token", "arrives whole"}},
	{"token of another algorithm", func(s *stage) []string { return s.refused(sign("RS256", s.claims(), []byte("x"))) },
		[]string{"signed by the algorithm RS256; only HS256", "Sign with HS256"}},
	{"key of another service", func(s *stage) []string {
		c := s.claims()
		c["aud"] = "https://other.example.net/client/hubs/chat"
		return s.refused(sign("HS256", c, []byte("another-key-0123456789")))
	}, []string{"signed with neither of the service's access keys", "made for https://other.example.net, another service"}},
	{"key replaced", func(s *stage) []string {
		old := s.keys.SecondaryKey
		_, err := s.settings.RegenerateKey(s.t.Context(), service.Secondary)
		check(s.t, err)
		return s.refused(sign("HS256", s.claims(), []byte(old)))
	}, []string{"An access key was replaced", "after this token was issued", "Give your server the new connection string"}},
	{"key decoded from base64", func(s *stage) []string {
		key, err := base64.RawURLEncoding.DecodeString(s.keys.PrimaryKey)
		check(s.t, err)
		return s.refused(sign("HS256", s.claims(), key))
	}, []string{"signed with the base64-decoded access key", "the key is text, not base64"}},
	{"no expiry", badToken(func(_ *stage, c map[string]any) { delete(c, "exp") }),
		[]string{"has no exp claim", "Sign with an exp claim"}},
	{"expired", badToken(func(_ *stage, c map[string]any) { c["exp"] = time.Now().Add(-125*time.Minute - 5*time.Second).Unix() }),
		[]string{"The token expired 2 h 5 min before it was used", "Fetch a new token for each connect", "clock is wrong"}},
	{"not yet valid", badToken(func(_ *stage, c map[string]any) { c["nbf"] = time.Now().Add(30*time.Minute + 5*time.Second).Unix() }),
		[]string{"30 min after it was used", "Set the signer's clock right"}},
	{"no audience", badToken(func(_ *stage, c map[string]any) { delete(c, "aud") }),
		[]string{"has no aud claim", "/client/hubs/hub"}},
	{"token for another hub", badToken(func(s *stage, c map[string]any) { c["aud"] = s.url + "/client/hubs/other" }),
		[]string{"The token is for hub other, the client connects to hub hub", "Use the same hub on both sides"}},
	{"behind a proxy, without its URL", badToken(func(_ *stage, c map[string]any) { c["aud"] = "https://wps.example.net/client/hubs/chat" }),
		[]string{"The token is for https://wps.example.net, but the request came to localhost:", "start it with --public-url https://wps.example.net."}},
	{"token for another port", badToken(func(s *stage, c map[string]any) { c["aud"] = "http://localhost:9/client/hubs/" + s.hub }),
		[]string{"The token is for http://localhost:9, but the request came to localhost:", "--public-url http://localhost:9"}},
	{"token for REST at the client endpoint", badToken(func(s *stage, c map[string]any) { c["aud"] = s.url + "/api/hubs/" + s.hub + "/:send" }),
		[]string{"came with a token for the REST API", "A client needs a token of its own"}},
	{"client's token at the REST API", func(s *stage) []string {
		r, err := http.NewRequest("POST", s.url+"/api/hubs/"+s.hub+"/:send", strings.NewReader("sesame"))
		check(s.t, err)
		r.Header.Set("Authorization", "Bearer "+sign("HS256", s.claims(), []byte(s.keys.PrimaryKey)))
		res, err := http.DefaultClient.Do(r)
		check(s.t, err)
		res.Body.Close()
		return s.ofHub()
	}, []string{"A REST request came with a client's token", "let the server SDK sign them"}},
	{"invalid group in the token", badToken(func(_ *stage, c map[string]any) { c["webpubsub.group"] = " " }),
		[]string{"webpubsub.group claim has a name that is no group: group name is empty", "1 to 1024 characters"}},
	{"proxy that drops the upgrade", func(s *stage) []string {
		res, err := http.Get(s.url + "/client/hubs/" + s.hub)
		check(s.t, err)
		res.Body.Close()
		return s.last()
	}, []string{"without Upgrade: websocket", "pass on the Upgrade and Connection headers"}},
	{"sendToGroup mode without a group", func(s *stage) []string {
		s.dial("webpubsub_mode=sendToGroup")
		return s.last()
	}, []string{"group appears 0 times", "webpubsub_mode=sendToGroup&group=NAME"}},
}

const (
	joinAny = "webpubsub.joinLeaveGroup"
	sendAny = "webpubsub.sendToGroup"
)

var frameMistakes = []mistake{
	{"plural role without a pattern", sends([]string{"webpubsub.sendToGroups"}, `{"type":"sendToGroup","group":"room","data":"sesame"}`),
		[]string{`The role "webpubsub.sendToGroups" is misspelled and has no effect.`, `meant to be "webpubsub.sendToGroup"`, `may not send to group "room": it has no roles`}},
	{"role in lower case", sends([]string{"webpubsub.sendtogroup.room"}),
		[]string{`The role "webpubsub.sendtogroup.room" is misspelled`, `meant to be "webpubsub.sendToGroup.room"; case counts`}},
	{"role of one's own", sends([]string{"admin"}),
		[]string{`The role "admin" is unknown and has no effect.`, "Roles are webpubsub.sendToGroup"}},
	{"six stars in a pattern", sends([]string{"webpubsub.sendToGroups.a*b*c*d*e*f*"}),
		[]string{`has 6 stars; the limit is 5`, "at most five stars"}},
	{"more than ten patterns", sends(elevenPatterns()),
		[]string{`The role "webpubsub.sendToGroups.p10*" has no effect: only the first 10 patterns`, "Use fewer, wider patterns"}},
	{"group of the role in another case", sends([]string{"webpubsub.sendToGroup.Room"}, `{"type":"sendToGroup","group":"room","data":"sesame"}`),
		[]string{`may not send to group "room": its role is for "Room", and case counts`}},
	{"star in a role for one group", sends([]string{"webpubsub.sendToGroup.room-*"}, `{"type":"sendToGroup","group":"room-7","data":"sesame"}`),
		[]string{`means the group of just that name, with the star in it`, `use the plural: "webpubsub.sendToGroups.room-*"`}},
	{"send without a role", sends(nil, `{"type":"sendToGroup","group":"room","data":"sesame"}`),
		[]string{`The client may not send to group "room": it has no roles.`, `the role "webpubsub.sendToGroup.room"`}},
	{"join with a role for sending", sends([]string{sendAny}, `{"type":"joinGroup","group":"room"}`),
		[]string{`may not join or leave group "room": none of its roles (webpubsub.sendToGroup) is of the kind joinLeaveGroup`, `the role "webpubsub.joinLeaveGroup.room"`}},
	{"role for another group", sends([]string{"webpubsub.sendToGroup.lobby"}, `{"type":"sendToGroup","group":"room","data":"sesame"}`),
		[]string{`its roles of this kind are for others (webpubsub.sendToGroup.lobby)`}},
	{"ackId in quotes", sends([]string{sendAny}, `{"type":"sendToGroup","group":"room","ackId":"1","data":"sesame"}`),
		[]string{"ackId", "is not an integer", `ackId is a number without quotes`}},
	{"not JSON", sends(nil, `sesame`),
		[]string{"frame is not a JSON object", "Send one JSON object per frame"}},
	{"unknown type", sends(nil, `{"type":"sendToUser","data":"sesame"}`),
		[]string{`type "sendtouser" is unknown`, "The types are joinGroup, leaveGroup, sendToGroup, event"}},
	{"group is missing", sends(nil, `{"type":"joinGroup"}`),
		[]string{"group is missing", `Name the group: {"type":"joinGroup","group":"g"}`}},
	{"group name too long", sends(nil, `{"type":"joinGroup","group":"`+strings.Repeat("g", 1025)+`"}`),
		[]string{"group name has 1025 characters; the limit is 1024"}},
	{"event name with a space", sends(nil, `{"type":"event","event":"my event","data":"sesame"}`),
		[]string{`event name "my event" is invalid`, "An event name begins with a letter"}},
	{"binary that is not base64", sends(nil, `{"type":"event","event":"e","dataType":"binary","data":"%%%"}`),
		[]string{"data is not base64", "base64 in the standard alphabet"}},
	{"object as text", sends(nil, `{"type":"event","event":"e","dataType":"text","data":{"a":1}}`),
		[]string{"data is not a string", "for other values use dataType json"}},
	{"binary frame on JSON", func(s *stage) []string {
		u := s.connect(plainJSON)
		check(s.t, u.ws.Write(s.t.Context(), websocket.MessageBinary, []byte("sesame")))
		return u.why()
	}, []string{"The JSON subprotocol requires text messages.", `"dataType":"binary"`, "closed by the service with 1003"}},
	{"message over 1 MiB", func(s *stage) []string {
		u := s.connect(plainJSON, sendAny)
		// The service may close before all is written.
		_ = u.ws.Write(s.t.Context(), websocket.MessageText, []byte(`{"type":"event","event":"e","dataType":"text","data":"`+strings.Repeat("x", 1<<20)+`"}`))
		return u.why()
	}, []string{"a message of more than 1048576 bytes (1 MiB)", "Send less per message"}},
	{"ackId used twice", sends([]string{joinAny}, `{"type":"joinGroup","group":"a","ackId":1}`, `{"type":"joinGroup","group":"b","ackId":1}`),
		[]string{"used ackId 1 twice; the second request was not carried out", "Count ackId up"}},
	{"frames without the subprotocol", func(s *stage) []string {
		s.handle(answers(204, "", ""))
		ws, err := s.dial("access_token=" + sign("HS256", s.claims(), []byte(s.keys.PrimaryKey)))
		check(s.t, err)
		check(s.t, ws.Write(s.t.Context(), websocket.MessageText, []byte(`{"type":"sendToGroup","group":"room","data":"sesame"}`)))
		return s.last()
	}, []string{`sends frames of the JSON subprotocol ("sendToGroup") without having negotiated it`, `new WebSocket(url, "json.webpubsub.azure.v1")`}},
	{"only a subprotocol of one's own", func(s *stage) []string {
		s.dial("access_token="+sign("HS256", s.claims(), []byte(s.keys.PrimaryKey)), "chat.v1")
		return s.last()
	}, []string{"offers only subprotocols that the service does not know (chat.v1)", "a connect handler has to answer with it"}},
}

func elevenPatterns() (roles []string) {
	for i := range 11 {
		roles = append(roles, fmt.Sprintf("webpubsub.sendToGroups.p%d*", i))
	}
	return roles
}

// allows is a handler whose consent is a header line.
func allows(line string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if line != "" {
			w.Header().Set("WebHook-Allowed-Origin", line)
		}
	}
}

// status is a handler that answers everything with a status.
func answersAll(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

var handlerMistakes = []mistake{
	{"handler is down", func(s *stage) []string {
		down := httptest.NewServer(http.NotFoundHandler())
		down.Close()
		s.handleAt(down.URL + "/eventhandler")
		s.goConnect()
		return s.ofHub()
	}, []string{"Nothing listens at the event handler's address, http://127.0.0.1:", "Start your server"}},
	{"handler host does not exist", func(s *stage) []string {
		s.handleAt("http://no-such-host.invalid/eventhandler")
		return s.ofHub()
	}, []string{"The host name of the event handler http://no-such-host.invalid/eventhandler cannot be resolved", "Correct the URL template"}},
	{"login in front of OPTIONS", connectsTo(answersAll(401)),
		[]string{"refused the validation request (abuse protection): OPTIONS http://", "answered 401 Unauthorized", "Let OPTIONS requests pass without a login"}},
	{"no route for OPTIONS", connectsTo(answersAll(404)),
		[]string{"The validation request (abuse protection) found nothing", "/eventhandler/validate was answered 404", "takes OPTIONS as well as POST"}},
	{"OPTIONS fails", func(s *stage) []string { s.handle(answersAll(500)); return s.ofHub() },
		[]string{"failed on the validation request (abuse protection)", "answered 500", "See your server's log"}},
	{"OPTIONS without the header", connectsTo(allows("")),
		[]string{"without the header WebHook-Allowed-Origin", "Answer OPTIONS with 200 and the header WebHook-Allowed-Origin: *, or with localhost"}},
	{"origin with a port", connectsTo(allows("localhost:9")),
		[]string{`allows events from "localhost:9", with a port that is not this service's`, "WebHook-Allowed-Origin: localhost, without a port"}},
	{"origins joined by commas", connectsTo(allows("example.net, localhost")),
		[]string{`several origins into one WebHook-Allowed-Origin header ("example.net, localhost")`, "one header line per origin"}},
	{"another origin", connectsTo(allows("wps.example.net")),
		[]string{`allows events from "wps.example.net", but this service calls itself "localhost"`, "--public-url"}},
	{"wrong path", connectsTo(answers(404, "", "")),
		[]string{"has nothing at http://127.0.0.1:", "/eventhandler/connect: it answered the connect event with 404", "Compare the URL template's path"}},
	{"route without POST", connectsTo(answers(405, "", "")),
		[]string{"does not take POST (405", "Mount the route for both"}},
	{"handler fails", connectsTo(answers(500, "", "")),
		[]string{"failed with 500 Internal Server Error on the connect event", "See your server's log for the error", "it will be tried again"}},
	{"handler redirects", connectsTo(answers(301, "Location: /elsewhere", "")),
		[]string{"redirects (301 Moved Permanently) the connect event; redirects are not followed", "Write the final URL into the template"}},
	{"handler hangs up", connectsTo(consenting(func(w http.ResponseWriter, _ *http.Request) {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
	})), []string{"closed the connection without an answer", "Look for a crash"}},
	{"certificate nobody trusts", func(s *stage) []string {
		app := httptest.NewTLSServer(allows("*"))
		s.t.Cleanup(app.Close)
		app.Config.ErrorLog = nil
		s.handleAt(app.URL + "/eventhandler")
		return s.ofHub()
	}, []string{"signed by an authority that this machine does not trust", "SSL_CERT_FILE"}},
	{"https for a plain server", func(s *stage) []string {
		app := httptest.NewServer(allows("*"))
		s.t.Cleanup(app.Close)
		s.handleAt(strings.Replace(app.URL, "http", "https", 1) + "/eventhandler")
		return s.ofHub()
	}, []string{"speaks plain HTTP, but its URL template begins with https", "Write http:// into the URL template"}},
	{"signature checked with another key", func(s *stage) []string {
		h, err := eventhandler.New(eventhandler.Options{Hub: s.hub, AccessKeys: []string{"another-key-0123456789"}})
		check(s.t, err)
		s.handle(h.ServeHTTP, "*")
		u := s.connect(plainJSON).send(`{"type":"event","event":"draw","data":"sesame"}`)
		return u.why()
	}, []string{"answered the draw event with 401 Unauthorized", "checks ce-signature with another access key", "easel key show"}},
	{"connect refused by the application", connectsTo(answers(403, "", "")),
		[]string{"refused the client with 403 Forbidden", "Either your code refuses this user, or it checks ce-signature with another access key"}},
	{"connect answered with a page", connectsTo(answers(200, "Content-Type: text/html", "<p>sesame</p>")),
		[]string{"The answer to the connect event is not the JSON it should be", "Answer connect with an object of userId, groups, roles and subprotocol"}},
	{"connect answered with a null group", connectsTo(answers(200, "", `{"groups":[null]}`)),
		[]string{"The answer of the event handler to the connect event cannot be used: groups has a null entry"}},
	{"subprotocol not offered", connectsTo(answers(200, "", `{"subprotocol":"chat.v1"}`)),
		[]string{"chose a subprotocol that the client did not offer", "Answer with one of the request's subprotocols"}},
	{"answer of a type nobody gets", func(s *stage) []string {
		s.handle(answers(200, "Content-Type: text/html", "<p>sesame</p>"), "*")
		return s.connect(plainJSON).send(`{"type":"event","event":"draw","data":"sesame"}`).why()
	}, []string{"The answer to the draw event has a content type that clients cannot get", "Answer with text/plain, application/json"}},
	{"no handler at all", sends(nil, `{"type":"event","event":"draw","data":"sesame"}`),
		[]string{`takes the user event "draw": the hub has no event handlers.`, "easel hub update --hub-name hub"}},
	{"pattern for other events", func(s *stage) []string {
		s.handle(answers(204, "", ""), "chat.*", "connect")
		return s.connect(plainJSON).send(`{"type":"event","event":"draw","data":"sesame"}`).why()
	}, []string{`takes the user event "draw": its handlers' patterns are "chat.*".`, "user-event-pattern=draw"}},
	{"handler without a pattern", func(s *stage) []string {
		s.handle(answers(204, "", ""), "", "connect")
		return s.connect(plainJSON).send(`{"type":"event","event":"draw","data":"sesame"}`).why()
	}, []string{"its handlers have no user-event-pattern"}},
	{"message of a simple client that nobody takes", func(s *stage) []string {
		ws, err := s.dial("access_token=" + sign("HS256", s.claims(), []byte(s.keys.PrimaryKey)))
		check(s.t, err)
		check(s.t, ws.Write(s.t.Context(), websocket.MessageText, []byte("sesame")))
		return s.last()
	}, []string{"a client without subprotocol is then closed with 1011", `has to take the event "message"`}},
}

var otherMistakes = []mistake{
	{"group nobody is in, and no connect event", func(s *stage) []string {
		s.handle(answers(204, "", ""), "*", "connected")
		return s.connect(plainJSON, sendAny).send(`{"type":"sendToGroup","group":"draw","data":"sesame"}`, `{"type":"sendToGroup","group":"draw","data":"sesame"}`).why()
	}, []string{`message to group "draw" reached 0 members (2 times): nobody was in it. No connect event handler is registered for hub`, "add system-event=connect"}},
	{"group joined in another case", func(s *stage) []string {
		return s.connect(plainJSON, sendAny, joinAny).send(`{"type":"joinGroup","group":"Draw"}`, `{"type":"sendToGroup","group":"draw","data":"sesame"}`).why()
	}, []string{`This connection is in "Draw"; case counts.`, "Spell the group the same way"}},
	{"noEcho", func(s *stage) []string {
		c := s.claims()
		c["role"], c["webpubsub.group"] = sendAny, "draw"
		return s.connectWith(plainJSON, c).send(`{"type":"sendToGroup","group":"draw","noEcho":true,"data":"sesame"}`).why()
	}, []string{"published 1 message with noEcho, which are not sent back to itself", "Leave noEcho out"}},
	{"group joined through REST within the connect event", func(s *stage) []string {
		s.handle(consenting(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/eventhandler/connect" {
				_ = s.rest.AddConnectionToGroup(context.Background(), "draw", webpubsub.ConnectionID(r.Header.Get("ce-connectionId"))) // fails
			}
		}))
		s.connect(plainJSON)
		return s.ofHub()
	}, []string{"before it was open: its connect event was still being answered", "answer with groups instead"}},
	{"permission revoked", func(s *stage) []string {
		u := s.connect(plainJSON, "webpubsub.sendToGroup.room")
		check(s.t, s.rest.Revoke(s.t.Context(), webpubsub.SendToGroup, webpubsub.ConnectionID(u.id), "room"))
		return u.send(`{"type":"sendToGroup","group":"room","data":"sesame"}`).why()
	}, []string{`permission sendToGroup for group "room" revoked by the application`, `may not send to group "room"`}},
	{"message to a user who is not there", func(s *stage) []string {
		check(s.t, s.rest.SendToUser(s.t.Context(), "Ann", service.Text("sesame"), nil))
		return s.ofHub()
	}, []string{`SendToUser was called for user "Ann", who has no connection`, "case counts"}},
	{"closed by the application", func(s *stage) []string {
		u := s.connect(plainJSON)
		check(s.t, s.rest.CloseConnection(s.t.Context(), webpubsub.ConnectionID(u.id), "nightly restart"))
		return u.why()
	}, []string{"The application closed the connection through the REST API: nightly restart.", "closed by the application with 1000: nightly restart"}},
	{"recovery of a connection that is over", func(s *stage) []string {
		u := s.connect(reliableJSON)
		check(s.t, u.ws.Close(websocket.StatusNormalClosure, ""))
		u.awaitGone()
		u.recover(u.token)
		return u.why()
	}, []string{"tried to recover a connection that was over", "connect anew, without awps_connection_id"}},
	{"recovery with a wrong token", func(s *stage) []string {
		u := s.connect(reliableJSON)
		u.recover("x" + u.token)
		return u.why()
	}, []string{"a reconnection token that is not this connection's", "as the latest connected frame gave it"}},
	{"recovery without a reliable subprotocol", func(s *stage) []string {
		u := s.connect(plainJSON)
		u.recover("x")
		return u.why()
	}, []string{"whose subprotocol is not reliable", "Recovery is for json.reliable"}},
	{"client that does not read", func(s *stage) []string {
		u := s.connect(plainJSON)
		big := service.Text(strings.Repeat("x", 1<<20))
		for range 40 {
			check(s.t, s.rest.SendToConnection(s.t.Context(), webpubsub.ConnectionID(u.id), big, nil))
		}
		return u.why()
	}, []string{"The client read too slowly: 1000 messages or 16 MiB waited for it", "take messages off its socket at once"}},
	{"reliable client that does not acknowledge", func(s *stage) []string {
		c := s.claims()
		c["role"], c["webpubsub.group"] = sendAny, "draw"
		u := s.connectWith(reliableJSON, c)
		ended := u.drain() // reads on, but says nothing
		for range 1001 {
			if u.ws.Write(s.t.Context(), websocket.MessageText, []byte(`{"type":"sendToGroup","group":"draw","data":1}`)) != nil {
				break
			}
		}
		<-ended
		return u.why()
	}, []string{"left 1000 messages or 16 MiB unacknowledged", "has to send sequenceAck regularly"}},
	{"sendToGroup mode without the role", func(s *stage) []string {
		ws, err := s.dial("webpubsub_mode=sendToGroup&group=draw&access_token=" + sign("HS256", s.claims(), []byte(s.keys.PrimaryKey)))
		check(s.t, err)
		check(s.t, ws.Write(s.t.Context(), websocket.MessageText, []byte("sesame")))
		return s.last()
	}, []string{`webpubsub_mode=sendToGroup but may not send to group "draw"`, `the role "webpubsub.sendToGroup.draw"`}},
	{"socket lost", func(s *stage) []string {
		u := s.connect(plainJSON)
		u.ws.CloseNow()
		return u.why()
	}, []string{"socket was lost without a close frame", "use json.reliable.webpubsub.azure.v1"}},
}

// drain reads until the connection ends, and then closes the channel.
func (u *user) drain() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if _, _, err := u.ws.Read(context.Background()); err != nil {
				return
			}
		}
	}()
	u.t.Cleanup(func() { u.ws.CloseNow(); <-ended })
	return ended
}

// awaitGone waits until the service knows the connection no longer.
func (u *user) awaitGone() {
	u.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		exists, err := u.rest.ConnectionExists(u.t.Context(), webpubsub.ConnectionID(u.id))
		check(u.t, err)
		if !exists {
			return
		}
	}
	u.t.Fatal("the connection stays")
}

// recover tries to come back and waits until the service refuses.
func (u *user) recover(token string) {
	u.t.Helper()
	q := url.Values{"awps_connection_id": {u.id}, "awps_reconnection_token": {token}}
	ws, err := u.dial(q.Encode(), reliableJSON)
	check(u.t, err)
	ctx, cancel := context.WithTimeout(u.t.Context(), patience)
	defer cancel()
	if _, _, err := ws.Read(ctx); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		u.t.Fatalf("recovery ended with %v", err)
	}
}
