package conformance

import (
	"encoding/hex"
	"testing"

	"github.com/coder/websocket"
	"google.golang.org/protobuf/encoding/protowire"
)

// protoFields returns the length-delimited fields of a message, the last of each number.
func protoFields(t *testing.T, b []byte) map[protowire.Number][]byte {
	t.Helper()
	fields := map[protowire.Number][]byte{}
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatalf("not protobuf: %x", b)
		}
		b = b[n:]
		if n = protowire.ConsumeFieldValue(number, kind, b); n < 0 {
			t.Fatalf("not protobuf: %x", b)
		}
		if kind == protowire.BytesType {
			fields[number], _ = protowire.ConsumeBytes(b)
		}
		b = b[n:]
	}
	return fields
}

// readConnected returns connection id and reconnection token of a connected frame.
func readConnected(t *testing.T, frame []byte) (id, reconnectionToken string) {
	t.Helper()
	const system, connected = 3, 1
	fields := protoFields(t, protoFields(t, protoFields(t, frame)[system])[connected])
	if len(fields[1]) == 0 {
		t.Fatalf("the first frame is not connected: %x", frame)
	}
	return string(fields[1]), string(fields[3])
}

// protoConversations hold on both protobuf subprotocols; received messages of the reliable
// one carry a number too, so what is received is tested on the plain one alone.
var protoConversations = []transcript{
	{name: "joining and leaving are acknowledged", lines: `
		> 320a0a06726f6f6d2d371001
		< 0a0408011001
		> 3a0a0a06726f6f6d2d371002
		< 0a0408021001`},
	{name: "without an ack id there is no answer", lines: `
		> 32080a06726f6f6d2d37
		.`},
	{name: "ping is answered", lines: `
		> 4a00
		< 2200`},
	{name: "an ack id of zero is one", lines: `
		> 320a0a06726f6f6d2d371000
		< 0a021001`},
	{name: "a send without echo is acknowledged alone", lines: `
		> 320a0a06726f6f6d2d371001
		< 0a0408011001
		> 0a120a06726f6f6d2d3710031a040a0268692001
		< 0a0408031001
		.`},
	{name: "a sequence ack has no answer", lines: `
		> 42020807
		.`},
}

// protoMessages hold on the plain protobuf subprotocol, for a member of room-7.
var protoMessages = []transcript{
	{name: "text", lines: `
		> 0a0e0a06726f6f6d2d371a040a026869
		< 12150a0567726f75701206726f6f6d2d371a040a026869`},
	{name: "bytes", lines: `
		> 0a0e0a06726f6f6d2d371a04120200ff
		< 12150a0567726f75701206726f6f6d2d371a04120200ff`},
	{name: "an Any", lines: `
		> 0a430a06726f6f6d2d371a391a370a2f747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e537472696e6756616c756512040a026869
		< 124a0a0567726f75701206726f6f6d2d371a391a370a2f747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e537472696e6756616c756512040a026869`},
	{name: "empty text", lines: `
		> 0a0c0a06726f6f6d2d371a020a00
		< 12130a0567726f75701206726f6f6d2d371a020a00`},
}

// testProtobuf is about protobuf.webpubsub.azure.v1 and its reliable sibling.
func testProtobuf(t *testing.T, s *suite) {
	for _, protocol := range []string{plainProto, reliableProto} {
		for _, tr := range protoConversations {
			s.run(t, protocol+": "+tr.name, func(t *testing.T, h *hub) { tr.play(t, h, protocol) })
		}
	}
	member := map[string]as{"": {user: "ann", roles: everything, groups: []string{"room-7"}}}
	for _, tr := range protoMessages {
		tr.clients = member
		s.run(t, "messages: "+tr.name, func(t *testing.T, h *hub) { tr.play(t, h, plainProto) })
	}
	s.run(t, "a refusal names itself", func(t *testing.T, h *hub) {
		c := h.connect(t, as{protocols: []string{plainProto}})
		c.sendHex("320a0a06726f6f6d2d371001")
		ack := protoFields(t, protoFields(t, c.readBytes(websocket.MessageBinary))[1])
		if got := string(protoFields(t, ack[3])[1]); got != "Forbidden" {
			t.Errorf("the error is %q", got)
		}
	})
	s.run(t, "a reliable message has a number", func(t *testing.T, h *hub) {
		c := h.connect(t, as{groups: []string{"room-7"}, protocols: []string{reliableProto}})
		h.post(t, "/groups/room-7/:send", "hi", nil)
		h.post(t, "/:send", "hi", nil)
		c.expectHex("12170a0567726f75701206726f6f6d2d371a040a0268692001")
		c.expectHex("12100a067365727665721a040a0268692002")
	})
	s.run(t, "JSON and protobuf clients understand each other", func(t *testing.T, h *hub) {
		room := as{user: "ann", roles: everything, groups: []string{"room-7"}}
		json := h.connect(t, room)
		room.protocols = []string{plainProto}
		proto := h.connect(t, room)
		proto.sendHex("0a0e0a06726f6f6d2d371a040a026869") // text hi
		json.expect(`{"from":"group","group":"room-7","dataType":"text","data":"hi"}`)
		proto.expectHex("12150a0567726f75701206726f6f6d2d371a040a026869")
		json.send(`{"type":"sendToGroup","group":"room-7","noEcho":true,"dataType":"binary","data":"AP8="}`)
		proto.expectHex("12150a0567726f75701206726f6f6d2d371a04120200ff")
	})
	s.run(t, "a close says so first", func(t *testing.T, h *hub) {
		c := h.connect(t, as{user: "ann", protocols: []string{plainProto}})
		h.want(t, 204, call{method: "POST", path: "/users/ann/:closeConnections"})
		const system, disconnected, reason = 3, 2, 2
		frame := c.readBytes(websocket.MessageBinary)
		if len(protoFields(t, protoFields(t, protoFields(t, frame)[system])[disconnected])[reason]) == 0 {
			t.Errorf("the frame is %x", frame)
		}
		c.expectClose(websocket.StatusNormalClosure, "")
	})
	for _, frame := range []string{"", "ff", "3200", "0a060a04726f6f6d", "5200"} {
		s.run(t, "malformed: "+frame, func(t *testing.T, h *hub) {
			c := h.connect(t, as{roles: everything, protocols: []string{plainProto}})
			b, err := hex.DecodeString(frame)
			if err != nil {
				t.Fatal(err)
			}
			c.write(websocket.MessageBinary, b)
			c.expectClosed()
		})
	}
}
