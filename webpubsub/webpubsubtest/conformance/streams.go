package conformance

import (
	"fmt"
	"testing"
)

// streamTalks are about streams to a group, and hold on both JSON subprotocols.
var streamTalks = []transcript{
	{name: "data is published in order, then the end", lines: `
		ann: > {"type":"sendToGroup","group":"g","noEcho":false,"stream":{"streamId":"s1","idleTimeoutMs":60000}}
		ann: < {"type":"streamAck","streamId":"s1","expectedSequenceId":1}
		ann: > {"type":"streamData","streamId":"s1","streamSequenceId":1,"dataType":"text","data":"He"}
		bob: < {"type":"message","from":"group","fromUserId":"ann","group":"g","dataType":"text","data":"He","stream":{"streamId":"s1","streamSequenceId":1}}
		ann: < {"type":"streamAck","streamId":"s1","expectedSequenceId":2}
		ann: > {"type":"streamData","streamId":"s1","streamSequenceId":2,"dataType":"json","data":{"n":1}}
		bob: < {"type":"message","dataType":"json","data":{"n":1},"stream":{"streamId":"s1","streamSequenceId":2}}
		ann: < {"type":"streamAck","streamId":"s1","expectedSequenceId":3}
		ann: > {"type":"streamEnd","streamId":"s1"}
		bob: < {"type":"message","group":"g","stream":{"streamId":"s1","streamSequenceId":3,"endOfStream":true,"error":"<absent>"}}
		ann: < {"type":"streamClosed","streamId":"s1","error":"<absent>"}`},
	{name: "an end with an error tells it", lines: `
		ann: > {"type":"sendToGroup","group":"g","noEcho":true,"stream":{"streamId":"s1"}}
		ann: < {"type":"streamAck","streamId":"s1","expectedSequenceId":1}
		ann: > {"type":"streamEnd","streamId":"s1","error":{"message":"stopped","userErrorCode":"E1"}}
		bob: < {"type":"message","stream":{"streamId":"s1","streamSequenceId":1,"endOfStream":true,"error":{"name":"UserError","message":"stopped","userErrorCode":"E1"}}}
		ann: < {"type":"streamClosed","streamId":"s1"}`},
	{name: "a number that is ahead is asked for again", lines: `
		ann: > {"type":"sendToGroup","group":"g","stream":{"streamId":"s1"}}
		ann: < {"type":"streamAck","expectedSequenceId":1}
		ann: > {"type":"streamData","streamId":"s1","streamSequenceId":2,"dataType":"text","data":"x"}
		ann: < {"type":"streamNack","streamId":"s1","name":"InvalidSequenceId","message":"<present>","expectedSequenceId":1}
		bob: .`},
	{name: "a number that has been is not published again", lines: `
		ann: > {"type":"sendToGroup","group":"g","stream":{"streamId":"s1"}}
		ann: < {"type":"streamAck","expectedSequenceId":1}
		ann: > {"type":"streamData","streamId":"s1","streamSequenceId":1,"dataType":"text","data":"x"}
		ann: < {"type":"streamAck","expectedSequenceId":2}
		ann: > {"type":"streamData","streamId":"s1","streamSequenceId":1,"dataType":"text","data":"x"}
		ann: < {"type":"streamAck","expectedSequenceId":2}
		bob: < {"data":"x"}
		bob: .`},
	{name: "keep-alive is delivered to nobody", lines: `
		ann: > {"type":"sendToGroup","group":"g","stream":{"streamId":"s1"}}
		ann: < {"type":"streamAck","expectedSequenceId":1}
		ann: > {"type":"streamData","streamId":"s1"}
		ann: > {"type":"ping"}
		ann: < {"type":"pong"}
		bob: .`},
	{name: "a stream nobody knows is not found", lines: `
		ann: > {"type":"streamData","streamId":"none","streamSequenceId":1,"dataType":"text","data":"x"}
		ann: < {"type":"streamClosed","streamId":"none","error":{"name":"StreamNotFound","message":"<present>"}}`},
	{name: "without the permission a stream is not begun", lines: `
		bob: > {"type":"sendToGroup","group":"g","stream":{"streamId":"s1"}}
		bob: < {"type":"streamClosed","streamId":"s1","error":{"name":"Forbidden","message":"<present>"}}`},
}

// testStreams is about streams to a group.
func testStreams(t *testing.T, s *suite) {
	people := map[string]as{"ann": {user: "ann", roles: everything}, "bob": {user: "bob", groups: []string{"g"}}}
	for _, protocol := range []string{plainJSON, reliableJSON} {
		for _, tr := range streamTalks {
			tr.clients = people
			s.run(t, protocol+": "+tr.name, func(t *testing.T, h *hub) { tr.play(t, h, protocol) })
		}
	}
	s.run(t, "protobuf: a stream begins, goes on and ends", func(t *testing.T, h *hub) {
		ann := h.connect(t, as{user: "ann", roles: everything, protocols: []string{plainProto}})
		bob := h.connect(t, as{groups: []string{"room-7"}, protocols: []string{plainProto}})
		ann.sendHex("0a120a06726f6f6d2d373a080a02733110e0d403")
		ann.expectHex("32060a0273311001")
		ann.sendHex("6a0c0a02733110011a040a026869")
		bob.expectHex("121d0a0567726f75701206726f6f6d2d371a040a02686932060a0273311001")
	})
	s.run(t, "a stream outlives its connection on the reliable protocol", func(t *testing.T, h *hub) {
		ann := h.connect(t, as{user: "ann", roles: everything, protocols: []string{reliableJSON}})
		bob := h.connect(t, as{groups: []string{"g"}})
		ann.send(`{"type":"sendToGroup","group":"g","stream":{"streamId":"s1"}}`)
		ann.expect(`{"type":"streamAck","expectedSequenceId":1}`)
		ann.drop()
		ann = h.recover(t, ann, nil)
		for i := 1; i <= 3; i++ {
			ann.send(fmt.Sprintf(`{"type":"streamData","streamId":"s1","streamSequenceId":%d,"dataType":"json","data":%d}`, i, i))
			bob.expect(fmt.Sprintf(`{"data":%d,"stream":{"streamId":"s1","streamSequenceId":%d}}`, i, i))
		}
	})
	s.run(t, "the readers of a stream learn that its writer is gone", func(t *testing.T, h *hub) {
		ann := h.connect(t, as{user: "ann", roles: everything})
		bob := h.connect(t, as{groups: []string{"g"}})
		ann.send(`{"type":"sendToGroup","group":"g","stream":{"streamId":"s1"}}`)
		ann.expect(`{"type":"streamAck","expectedSequenceId":1}`)
		ann.drop()
		bob.expect(`{"stream":{"streamId":"s1","endOfStream":true,"error":{"name":"<present>"}}}`)
	})
}
