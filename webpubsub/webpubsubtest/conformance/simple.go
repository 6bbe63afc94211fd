package conformance

import (
	"net/url"
	"testing"

	"github.com/coder/websocket"
)

// testSimple is about clients without a subprotocol.
func testSimple(t *testing.T, s *suite) {
	none := []string{}
	s.run(t, "data arrives bare", func(t *testing.T, h *hub) {
		c := h.connect(t, as{user: "ann", groups: []string{"g"}, protocols: none})
		h.post(t, "/users/ann/:send", "grüß dich", nil)
		h.want(t, 202, call{method: "POST", path: "/:send", contentType: "application/json", body: `{"a": "b"}`})
		h.want(t, 202, call{method: "POST", path: "/groups/g/:send", contentType: "application/octet-stream", body: "\x00\xff"})
		for _, want := range []struct {
			kind websocket.MessageType
			data string
		}{{websocket.MessageText, "grüß dich"}, {websocket.MessageText, `{"a": "b"}`}, {websocket.MessageBinary, "\x00\xff"}} {
			if got := c.readBytes(want.kind); string(got) != want.data {
				t.Errorf("message %q, want %q", got, want.data)
			}
		}
	})
	sending := func(group string) url.Values {
		return url.Values{"webpubsub_mode": {"sendToGroup"}, "group": {group}}
	}
	s.run(t, "in sendToGroup mode every message is published", func(t *testing.T, h *hub) {
		bob := h.connect(t, as{groups: []string{"g"}})
		ann := h.connect(t, as{user: "ann", roles: []string{"webpubsub.sendToGroup.g"}, protocols: none, query: sending("g")})
		ann.write(websocket.MessageText, []byte("hi"))
		ann.write(websocket.MessageBinary, []byte{0, 255})
		bob.expect(`{"type":"message","from":"group","group":"g","fromUserId":"ann","dataType":"text","data":"hi"}`)
		bob.expect(`{"dataType":"binary","data":"AP8="}`)
	})
	s.run(t, "in sendToGroup mode a sender without the permission is closed", func(t *testing.T, h *hub) {
		c := h.connect(t, as{roles: []string{"webpubsub.sendToGroup.other"}, protocols: none, query: sending("g")})
		c.write(websocket.MessageText, []byte("hi"))
		c.expectClose(websocket.StatusPolicyViolation, "")
	})
	s.run(t, "a close by the service is a normal one", func(t *testing.T, h *hub) {
		c := h.connect(t, as{user: "ann", protocols: none})
		h.want(t, 204, call{method: "POST", path: "/users/ann/:closeConnections"})
		c.expectClose(websocket.StatusNormalClosure, "")
	})
}
