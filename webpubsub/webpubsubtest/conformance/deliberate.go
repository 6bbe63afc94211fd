package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// testDeliberate is about what Easel has chosen where documents and SDKs are silent. Another
// service may choose otherwise and still be a good one.
func testDeliberate(t *testing.T, s *suite) {
	for _, frame := range malformed {
		s.run(t, "closed as malformed: "+frame, func(t *testing.T, h *hub) {
			c := h.connect(t, as{roles: everything})
			c.send(frame)
			c.expectClose(websocket.StatusInvalidFramePayloadData, "The client message is not a valid JSON protocol message.")
		})
	}
	for _, frame := range []string{
		`{"type":"joinGroup","group":"g","ackId":"1"}`, `{"type":"joinGroup","group":"g","ackId":-1}`, `{"type":"joinGroup","group":"g","ackId":1.5}`,
		`{"type":"joinGroup","group":"   "}`, `{"type":"event","event":"1st","dataType":"text","data":"x"}`,
		`{"type":"sendToGroup","group":"g","dataType":"picture","data":"x"}`, `{"type":"sendToGroup","group":"g","dataType":"json","data":null}`,
		`{"type":"sendToGroup","group":"g","dataType":"text","data":"x","ttlSeconds":301}`, `{"type":"sendToGroup","group":"g","dataType":"text","data":"\ud800"}`,
	} {
		s.run(t, "malformed: "+frame, func(t *testing.T, h *hub) {
			c := h.connect(t, as{roles: everything})
			c.send(frame)
			c.expectClose(websocket.StatusInvalidFramePayloadData, "")
		})
	}
	testDeliberateFrames(t, s)
	testDeliberateHandshake(t, s)
	testDeliberateAnswers(t, s)
}

func testDeliberateFrames(t *testing.T, s *suite) {
	s.run(t, "a frame of the wrong kind", func(t *testing.T, h *hub) {
		json := h.connect(t, as{})
		json.write(websocket.MessageBinary, []byte("{}"))
		json.expectClose(websocket.StatusUnsupportedData, "The JSON subprotocol requires text messages.")
		proto := h.connect(t, as{protocols: []string{plainProto}})
		proto.write(websocket.MessageText, []byte("{}"))
		proto.expectClose(websocket.StatusUnsupportedData, "")
	})
	for _, tr := range []transcript{
		{name: "an ack id that failed may be used again", clients: map[string]as{"": {roles: []string{"webpubsub.joinLeaveGroup.h"}}}, lines: `
			> {"type":"joinGroup","group":"g","ackId":1}
			< {"ackId":1,"success":false,"error":{"name":"Forbidden","message":"The client does not have permission to join group 'g'."}}
			> {"type":"joinGroup","group":"h","ackId":1}
			< {"ackId":1,"success":true}
			> {"type":"joinGroup","group":"h","ackId":1}
			< {"ackId":1,"success":false,"error":{"name":"Duplicate","message":"Message with ack-id: 1 has been processed"}}`},
		{name: "types and data types may be in any case", clients: map[string]as{"": {roles: everything, groups: []string{"g"}}}, lines: `
			> {"type":"SENDTOGROUP","group":"g","dataType":"Text","data":"x"}
			< {"type":"message","dataType":"text","data":"x"}
			> {"type":"Ping"}
			< {"type":"pong"}`},
		{name: "what may not be done without an ack id is silent, and the connection stays", clients: map[string]as{"": {}}, lines: `
			> {"type":"joinGroup","group":"g"}
			> {"type":"sendToGroup","group":"g","dataType":"text","data":"x"}
			.`},
		{name: "an event that nobody handles is an error and the connection stays", clients: map[string]as{"": {}}, lines: `
			> {"type":"event","event":"draw","ackId":1,"dataType":"text","data":"x"}
			< {"type":"ack","ackId":1,"success":false,"error":{"name":"InternalServerError","message":"Internal server error"}}
			> {"type":"event","event":"draw","dataType":"text","data":"x"}
			.`},
		{name: "metadata goes with a message", clients: map[string]as{"": {roles: everything, groups: []string{"g"}}}, lines: `
			> {"type":"sendToGroup","group":"g","dataType":"text","data":"x","metadata":{"trace":"a1"}}
			< {"type":"message","data":"x","metadata":{"trace":"a1"}}`},
	} {
		for _, protocol := range []string{plainJSON, reliableJSON} {
			s.run(t, protocol+": "+tr.name, func(t *testing.T, h *hub) { tr.play(t, h, protocol) })
		}
	}
	s.run(t, "an anonymous client's user is null", func(t *testing.T, h *hub) {
		c, _ := h.dial(t, h.socketURL(url.Values{"access_token": {forge(t, h.key, nil, map[string]any{
			"aud": strings.TrimRight(h.endpoint.String(), "/") + "/client/hubs/" + h.name, "exp": 4102444800,
		}, nil)}}), nil, plainJSON)
		c.expect(`{"event":"connected","userId":null}`)
	})
	s.run(t, "a recovered connection is told connected again, with a token", func(t *testing.T, h *hub) {
		c := h.connect(t, as{user: "ann", protocols: []string{reliableJSON}})
		c.drop()
		h.recover(t, c, nil).expect(`{"type":"system","event":"connected","connectionId":"` + c.id + `","reconnectionToken":"<present>"}`)
	})
	s.run(t, "JSON reaches protobuf clients as JSON", func(t *testing.T, h *hub) {
		c := h.connect(t, as{protocols: []string{plainProto}})
		h.want(t, 202, call{method: "POST", path: "/:send", contentType: "application/json", body: `{"n":1}`})
		c.expectHex("12130a067365727665721a0922077b226e223a317d")
	})
}

func testDeliberateHandshake(t *testing.T, s *suite) {
	s.run(t, "a request that is no upgrade", func(t *testing.T, h *hub) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", strings.Replace(h.socketURL(nil), "ws", "http", 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.roundTrip(t, r); got.status != 400 {
			t.Errorf("status %d, want 400", got.status)
		}
	})
	s.run(t, "a hub that no hub is called", func(t *testing.T, h *hub) {
		bad := &hub{h.suite, "1st"}
		bad.refused(t, 400, bad.socketURL(nil), nil)
	})
	for name, query := range map[string]url.Values{
		"an unknown mode":                    {"webpubsub_mode": {"fly"}},
		"sendToGroup mode without its group": {"webpubsub_mode": {"sendToGroup"}},
	} {
		s.run(t, name, func(t *testing.T, h *hub) {
			query.Set("access_token", forge(t, h.key, nil, map[string]any{
				"aud": strings.TrimRight(h.endpoint.String(), "/") + "/client/hubs/" + h.name, "exp": 4102444800,
			}, nil))
			if c, resp := h.dial(t, h.socketURL(query), nil); c != nil || resp.StatusCode != 400 {
				t.Errorf("not refused with 400")
			}
		})
	}
	s.run(t, "only unknown subprotocols: a simple client that was given none", func(t *testing.T, h *hub) {
		c := h.connect(t, as{protocols: []string{"other"}})
		h.post(t, "/:send", "x", nil)
		if got := c.readBytes(websocket.MessageText); string(got) != "x" {
			t.Errorf("message %q", got)
		}
	})
}

func testDeliberateAnswers(t *testing.T, s *suite) {
	s.run(t, "every answer names the versions there are", func(t *testing.T, h *hub) {
		r := h.want(t, 202, call{method: "POST", path: "/:send", version: "-", contentType: "text/plain", body: "x"})
		if got := r.header.Get("api-supported-versions"); got != strings.Join(versions, ", ") {
			t.Errorf("api-supported-versions is %q", got)
		}
	})
	s.run(t, "a body without a type is binary", func(t *testing.T, h *hub) {
		c := h.connect(t, as{})
		h.want(t, 202, call{method: "POST", path: "/:send", body: "hi"})
		c.expect(`{"dataType":"binary","data":"aGk="}`)
	})
	s.run(t, "what is not there is no error to send to or to close", func(t *testing.T, h *hub) {
		h.post(t, "/connections/missing/:send", "x", nil)
		for _, path := range []string{"/connections/missing", "/groups/g/connections/missing", "/connections/missing/groups"} {
			h.want(t, 204, call{method: "DELETE", path: path})
		}
		h.want(t, 404, call{method: "PUT", path: "/users/nobody/groups/g"})
	})
	s.run(t, "a user whose id has a slash can be addressed", func(t *testing.T, h *hub) {
		c := h.connect(t, as{user: "a/b"})
		h.post(t, "/users/a%2Fb/:send", "x", nil)
		c.expect(`{"data":"x"}`)
	})
	s.run(t, "a close says whose wish it was", func(t *testing.T, h *hub) {
		c := h.connect(t, as{user: "ann"})
		h.want(t, 204, call{method: "POST", path: "/users/ann/:closeConnections", query: because})
		c.expect(`{"event":"disconnected","message":"Application server closed the connection. Reason: nightly restart"}`)
	})
	s.run(t, "a revoked group stays closed though a role allows all", func(t *testing.T, h *hub) {
		c := h.connect(t, as{roles: everything})
		h.want(t, 204, call{method: "DELETE", path: "/permissions/sendToGroup/connections/" + c.id, query: target})
		may(t, c, `{"type":"sendToGroup","group":"x","dataType":"text","data":"x","ackId":1}`, false)
		may(t, c, `{"type":"sendToGroup","group":"y","dataType":"text","data":"x","ackId":2}`, true)
	})
}
