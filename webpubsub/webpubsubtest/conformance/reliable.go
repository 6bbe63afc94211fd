package conformance

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/coder/websocket"
)

// recover goes back to the connection of c, as the SDKs do.
func (h *hub) recover(t *testing.T, c *client, change url.Values) *client {
	t.Helper()
	u, err := url.Parse(c.url)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("awps_connection_id", c.id)
	query.Set("awps_reconnection_token", c.reconnectionToken)
	for name, values := range change {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	again, resp := h.dial(t, u.String(), nil, reliableJSON)
	if again == nil {
		t.Fatalf("a recovery is answered by a WebSocket, whatever comes of it; got %s", resp.Status)
	}
	again.id, again.reconnectionToken, again.url = c.id, c.reconnectionToken, c.url
	return again
}

// expectNext reads the next message, passing over system frames, and checks its data and
// sequence id.
func (c *client) expectNext(data string, sequence int) {
	c.t.Helper()
	for {
		frame := c.read()
		if frame["type"] == "system" {
			if token, ok := frame["reconnectionToken"].(string); ok {
				c.reconnectionToken = token
			}
			continue
		}
		want := fmt.Sprintf(`{"type":"message","data":%q,"sequenceId":%d}`, data, sequence)
		if problem := mismatch(frame, decode(c.t, want)); problem != "" {
			c.t.Fatalf("%s\n got %v\nwant %s", problem, frame, want)
		}
		return
	}
}

func (c *client) ackSequence(n int) {
	c.t.Helper()
	c.send(fmt.Sprintf(`{"type":"sequenceAck","sequenceId":%d}`, n))
}

// testReliable is about json.reliable.webpubsub.azure.v1 and what becomes of connections
// that are lost.
func testReliable(t *testing.T, s *suite) {
	reliable := as{user: "ann", roles: everything, groups: []string{"g"}, protocols: []string{reliableJSON}}
	s.run(t, "messages of all kinds are numbered from one", func(t *testing.T, h *hub) {
		c := h.connect(t, reliable)
		h.post(t, "/:send", "a", nil)
		h.post(t, "/groups/g/:send", "b", nil)
		c.send(`{"type":"sendToGroup","group":"g","dataType":"text","data":"c"}`)
		for i, data := range []string{"a", "b", "c"} {
			c.expectNext(data, i+1)
		}
	})
	s.run(t, "what was sent meanwhile comes after a recovery, with the numbers it has", func(t *testing.T, h *hub) {
		c := h.connect(t, reliable)
		h.post(t, "/:send", "1", nil)
		c.expectNext("1", 1)
		c.ackSequence(1)
		c.settle()
		h.post(t, "/:send", "2", nil)
		c.expectNext("2", 2) // not acknowledged
		c.drop()
		h.post(t, "/groups/g/:send", "3", nil)
		h.want(t, 200, call{method: "HEAD", path: "/connections/" + c.id})
		again := h.recover(t, c, nil)
		again.expectNext("2", 2)
		again.expectNext("3", 3)
		h.post(t, "/:send", "4", nil)
		again.expectNext("4", 4)
	})
	s.run(t, "a recovered connection has the groups, roles and ack ids it had", func(t *testing.T, h *hub) {
		c := h.connect(t, reliable)
		c.send(`{"type":"joinGroup","group":"other","ackId":1}`)
		c.expect(`{"ackId":1,"success":true}`)
		c.drop()
		again := h.recover(t, c, nil)
		again.send(`{"type":"sendToGroup","group":"other","noEcho":false,"dataType":"text","data":"x"}`)
		again.expectNext("x", 1)
		again.send(`{"type":"joinGroup","group":"other","ackId":1}`)
		again.expect(`{"ackId":1,"success":false,"error":{"name":"Duplicate"}}`)
	})
	s.run(t, "a connection is recovered from a socket that is still open", func(t *testing.T, h *hub) {
		c := h.connect(t, reliable)
		again := h.recover(t, c, nil)
		h.post(t, "/:send", "x", nil)
		again.expectNext("x", 1)
	})
	s.run(t, "a recovery may be repeated", func(t *testing.T, h *hub) {
		c := h.connect(t, reliable)
		for i := 1; i <= 3; i++ {
			c.drop()
			h.post(t, "/:send", fmt.Sprint(i), nil)
			c = h.recover(t, c, nil)
			c.expectNext(fmt.Sprint(i), i)
			c.ackSequence(i)
			c.settle()
		}
	})
	s.run(t, "the token of the URL does not matter for a recovery", func(t *testing.T, h *hub) {
		c := h.connect(t, reliable)
		c.drop()
		again := h.recover(t, c, url.Values{"access_token": {"expired"}})
		h.post(t, "/:send", "x", nil)
		again.expectNext("x", 1)
	})
	for name, change := range map[string]url.Values{
		"with a wrong token":        {"awps_reconnection_token": {"wrong"}},
		"without a token":           {"awps_reconnection_token": {""}},
		"of an unknown connection":  {"awps_connection_id": {"unknown"}},
		"with the token of another": nil,
	} {
		s.run(t, "a recovery "+name+" is closed for good", func(t *testing.T, h *hub) {
			c := h.connect(t, reliable)
			if change == nil {
				change = url.Values{"awps_reconnection_token": {h.connect(t, reliable).reconnectionToken}}
			}
			c.drop()
			h.recover(t, c, change).expectClose(websocket.StatusPolicyViolation, "")
			h.post(t, "/:send", "x", nil)
			h.recover(t, c, nil).expectNext("x", 1)
		})
	}
	s.run(t, "a connection closed by the service cannot be recovered", func(t *testing.T, h *hub) {
		c := h.connect(t, reliable)
		c.drop()
		h.want(t, 204, call{method: "DELETE", path: "/connections/" + c.id})
		h.recover(t, c, nil).expectClose(websocket.StatusPolicyViolation, "")
	})
	s.run(t, "a connection the client has ended cannot be recovered", func(t *testing.T, h *hub) {
		c := h.connect(t, reliable)
		c.close(websocket.StatusNormalClosure)
		h.awaitGone(t, c.id)
		h.recover(t, c, nil).expectClose(websocket.StatusPolicyViolation, "")
	})
	s.run(t, "a plain connection cannot be recovered", func(t *testing.T, h *hub) {
		c := h.connect(t, as{user: "ann"})
		c.reconnectionToken = "there is none"
		c.drop()
		h.recover(t, c, nil).expectClose(websocket.StatusPolicyViolation, "")
	})
}
