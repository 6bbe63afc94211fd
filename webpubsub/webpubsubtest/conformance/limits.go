package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// maxMessage is the most a message may have, in bytes.
const maxMessage = 1 << 20

// testLimits is about sizes.
func testLimits(t *testing.T, s *suite) {
	s.run(t, "a message over the REST API may have 1 MiB and no more", func(t *testing.T, h *hub) {
		c := h.connect(t, as{protocols: []string{}})
		whole := strings.Repeat("x", maxMessage)
		h.post(t, "/:send", whole, nil)
		if got := c.readBytes(websocket.MessageText); string(got) != whole {
			t.Errorf("%d bytes arrived", len(got))
		}
		r := h.do(t, call{method: "POST", path: "/:send", contentType: "text/plain", body: whole + "x"})
		if r.status != http.StatusBadRequest && r.status != http.StatusRequestEntityTooLarge {
			t.Errorf("status %d", r.status)
		}
	})
	s.run(t, "a client's message may have just under 1 MiB, one over it ends the connection", func(t *testing.T, h *hub) {
		c := h.connect(t, as{roles: everything, groups: []string{"g"}})
		const frame = `{"type":"sendToGroup","group":"g","dataType":"text","data":"%s"}`
		room := maxMessage - len(fmt.Sprintf(frame, ""))
		c.send(fmt.Sprintf(frame, strings.Repeat("x", room)))
		if data, _ := c.expect(`{"type":"message"}`)["data"].(string); len(data) != room {
			t.Errorf("%d bytes arrived, want %d", len(data), room)
		}
		c.send(fmt.Sprintf(frame, strings.Repeat("x", room+1)))
		c.expectClose(websocket.StatusMessageTooBig, "")
	})
	s.run(t, "a group's name has up to 1024 characters", func(t *testing.T, h *hub) {
		name := strings.Repeat("g", 1024)
		c := h.connect(t, as{user: "ann", roles: everything})
		c.send(`{"type":"joinGroup","group":"` + name + `","ackId":1}`)
		c.expect(`{"ackId":1,"success":true}`)
		h.want(t, 200, call{method: "HEAD", path: "/groups/" + name})
		h.want(t, 400, call{method: "PUT", path: "/users/ann/groups/" + name + "g"})
	})
}
