package conformance

import "testing"

// conversations hold on both JSON subprotocols.
var conversations = []transcript{
	{name: "joining and leaving are acknowledged, once and again", lines: `
		> {"type":"joinGroup","group":"g","ackId":1}
		< {"type":"ack","ackId":1,"success":true,"error":"<absent>"}
		> {"type":"joinGroup","group":"g","ackId":2}
		< {"type":"ack","ackId":2,"success":true}
		> {"type":"leaveGroup","group":"g","ackId":3}
		< {"type":"ack","ackId":3,"success":true}
		> {"type":"leaveGroup","group":"g","ackId":4}
		< {"type":"ack","ackId":4,"success":true}`},
	{name: "without an ack id there is no answer", lines: `
		> {"type":"joinGroup","group":"g"}
		> {"type":"sendToGroup","group":"g","noEcho":true,"dataType":"text","data":"x"}
		> {"type":"leaveGroup","group":"g"}
		.`},
	{name: "ping is answered", lines: `
		> {"type":"ping"}
		< {"type":"pong"}`},
	{name: "a message comes with its sender and group", clients: map[string]as{
		"ann": {user: "ann", roles: everything}, "bob": {user: "bob", groups: []string{"g"}},
	}, lines: `
		ann: > {"type":"sendToGroup","group":"g","ackId":1,"dataType":"text","data":"hi"}
		ann: < {"type":"ack","ackId":1,"success":true}
		bob: < {"type":"message","from":"group","fromUserId":"ann","group":"g","dataType":"text","data":"hi"}`},
	{name: "a sender that is a member hears itself, unless it asks not to", clients: map[string]as{
		"": {user: "ann", roles: everything, groups: []string{"g"}},
	}, lines: `
		> {"type":"sendToGroup","group":"g","dataType":"text","data":"quiet","noEcho":true}
		> {"type":"sendToGroup","group":"g","dataType":"text","data":"loud","noEcho":false}
		< {"type":"message","data":"loud"}
		.`},
	{name: "a group without members is no error", lines: `
		> {"type":"sendToGroup","group":"nobody","ackId":1,"dataType":"json","data":1}
		< {"type":"ack","ackId":1,"success":true}`},
	{name: "data arrives as it was sent", clients: map[string]as{
		"": {user: "ann", roles: everything, groups: []string{"g"}},
	}, lines: `
		> {"type":"sendToGroup","group":"g","dataType":"json","data":{"a":[1.50,true,null,"ä\u0000"]}}
		< {"dataType":"json","data":{"a":[1.50,true,null,"ä\u0000"]}}
		> {"type":"sendToGroup","group":"g","dataType":"json","data":"text"}
		< {"dataType":"json","data":"text"}
		> {"type":"sendToGroup","group":"g","dataType":"json","data":12345678901234567890}
		< {"dataType":"json","data":12345678901234567890}
		> {"type":"sendToGroup","group":"g","dataType":"json","data":false}
		< {"dataType":"json","data":false}
		> {"type":"sendToGroup","group":"g","dataType":"text","data":"漢字 🎨"}
		< {"dataType":"text","data":"漢字 🎨"}
		> {"type":"sendToGroup","group":"g","dataType":"text","data":""}
		< {"dataType":"text","data":""}
		> {"type":"sendToGroup","group":"g","dataType":"binary","data":"AAH/"}
		< {"dataType":"binary","data":"AAH/"}
		> {"type":"sendToGroup","group":"g","data":{"type":"is json when it is not said"}}
		< {"dataType":"json","data":{"type":"is json when it is not said"}}`},
	{name: "an ack id that succeeded is a duplicate, whatever it asks for", clients: map[string]as{
		"": {user: "ann", roles: everything, groups: []string{"g"}},
	}, lines: `
		> {"type":"sendToGroup","group":"g","noEcho":true,"ackId":7,"dataType":"text","data":"x"}
		< {"type":"ack","ackId":7,"success":true}
		> {"type":"sendToGroup","group":"g","ackId":7,"dataType":"text","data":"x"}
		< {"type":"ack","ackId":7,"success":false,"error":{"name":"Duplicate","message":"<present>"}}
		> {"type":"joinGroup","group":"other","ackId":7}
		< {"type":"ack","ackId":7,"success":false,"error":{"name":"Duplicate"}}
		.`},
	{name: "ack ids are whole numbers up to the largest of 64 bits", lines: `
		> {"type":"joinGroup","group":"g","ackId":0}
		< {"type":"ack","ackId":0,"success":true}
		> {"type":"joinGroup","group":"g","ackId":9007199254740993}
		< {"type":"ack","ackId":9007199254740993,"success":true}
		> {"type":"joinGroup","group":"g","ackId":18446744073709551615}
		< {"type":"ack","ackId":18446744073709551615,"success":true}`},
	{name: "without roles nothing but receiving is allowed", clients: map[string]as{"": {user: "ann"}}, lines: `
		> {"type":"joinGroup","group":"g","ackId":1}
		< {"type":"ack","ackId":1,"success":false,"error":{"name":"Forbidden","message":"<present>"}}
		> {"type":"leaveGroup","group":"g","ackId":2}
		< {"type":"ack","ackId":2,"success":false,"error":{"name":"Forbidden"}}
		> {"type":"sendToGroup","group":"g","ackId":3,"dataType":"text","data":"x"}
		< {"type":"ack","ackId":3,"success":false,"error":{"name":"Forbidden"}}
		.`},
	{name: "roles for one group are for that group", clients: map[string]as{
		"": {roles: []string{"webpubsub.joinLeaveGroup.a.b", "webpubsub.sendToGroup.c"}},
	}, lines: `
		> {"type":"joinGroup","group":"a.b","ackId":1}
		< {"ackId":1,"success":true}
		> {"type":"joinGroup","group":"a","ackId":2}
		< {"ackId":2,"success":false,"error":{"name":"Forbidden"}}
		> {"type":"sendToGroup","group":"c","ackId":3,"dataType":"text","data":"x"}
		< {"ackId":3,"success":true}
		> {"type":"sendToGroup","group":"a.b","ackId":4,"dataType":"text","data":"x"}
		< {"ackId":4,"success":false,"error":{"name":"Forbidden"}}
		> {"type":"joinGroup","group":"A.b","ackId":5}
		< {"ackId":5,"success":false,"error":{"name":"Forbidden"}}`},
	{name: "roles with wildcards are for the groups that match", clients: map[string]as{
		"": {roles: []string{"webpubsub.joinLeaveGroups.room.*", "webpubsub.sendToGroups.room.**", "webpubsub.joinLeaveGroups.x-?", `webpubsub.joinLeaveGroups.star\*`}},
	}, lines: `
		> {"type":"joinGroup","group":"room.a","ackId":1}
		< {"ackId":1,"success":true}
		> {"type":"joinGroup","group":"room.a.b","ackId":2}
		< {"ackId":2,"success":false,"error":{"name":"Forbidden"}}
		> {"type":"sendToGroup","group":"room.a.b","ackId":3,"dataType":"text","data":"x"}
		< {"ackId":3,"success":true}
		> {"type":"sendToGroup","group":"room","ackId":4,"dataType":"text","data":"x"}
		< {"ackId":4,"success":false,"error":{"name":"Forbidden"}}
		> {"type":"joinGroup","group":"x-7","ackId":5}
		< {"ackId":5,"success":true}
		> {"type":"joinGroup","group":"x-77","ackId":6}
		< {"ackId":6,"success":false,"error":{"name":"Forbidden"}}
		> {"type":"joinGroup","group":"star*","ackId":7}
		< {"ackId":7,"success":true}
		> {"type":"joinGroup","group":"stars","ackId":8}
		< {"ackId":8,"success":false,"error":{"name":"Forbidden"}}`},
	{name: "groups are told apart by case and kept in any script", clients: map[string]as{
		"": {roles: everything, groups: []string{"Gruppe ä/漢"}},
	}, lines: `
		> {"type":"sendToGroup","group":"gruppe ä/漢","dataType":"text","data":"no"}
		> {"type":"sendToGroup","group":"Gruppe ä/漢","dataType":"text","data":"yes"}
		< {"group":"Gruppe ä/漢","data":"yes"}
		.`},
	{name: "messages of one sender keep their order", clients: map[string]as{
		"": {roles: everything, groups: []string{"g"}},
	}, lines: `
		> {"type":"sendToGroup","group":"g","dataType":"json","data":1}
		> {"type":"sendToGroup","group":"g","dataType":"json","data":2}
		> {"type":"sendToGroup","group":"g","dataType":"json","data":3}
		< {"data":1}
		< {"data":2}
		< {"data":3}`},
	{name: "properties nobody knows are ignored", lines: `
		> {"type":"joinGroup","group":"g","ackId":1,"colour":"red","nested":{"type":"ping"}}
		< {"type":"ack","ackId":1,"success":true}`},
}

// testJSON is about the frames of json.webpubsub.azure.v1 and its reliable sibling.
func testJSON(t *testing.T, s *suite) {
	for _, protocol := range []string{plainJSON, reliableJSON} {
		for _, tr := range conversations {
			s.run(t, protocol+": "+tr.name, func(t *testing.T, h *hub) { tr.play(t, h, protocol) })
		}
	}
	s.run(t, "a sequence ack means nothing on the plain protocol", func(t *testing.T, h *hub) {
		c := h.connect(t, as{})
		c.send(`{"type":"sequenceAck","sequenceId":1}`)
		c.settle()
	})
	for _, tr := range malformed {
		s.run(t, "malformed: "+tr, func(t *testing.T, h *hub) {
			c := h.connect(t, as{roles: everything})
			c.send(tr)
			c.expectClosed()
		})
	}
}

// malformed requests end the connection. Which code it is closed with is not documented.
var malformed = []string{
	`not JSON`, `[]`, `{}`, `{"type":"fly"}`, `{"type":"joinGroup"}`, `{"type":"joinGroup","group":""}`,
	`{"type":"sendToGroup","group":"g","dataType":"text"}`, `{"type":"sendToGroup","group":"g","dataType":"binary","data":"not base64"}`,
	`{"type":"sendToGroup","group":"g","dataType":"text","data":{"an":"object"}}`, `{"type":"event","dataType":"text","data":"x"}`,
}
