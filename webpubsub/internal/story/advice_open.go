package story

import (
	"fmt"
	"slices"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

var roleRules = map[string]rule{
	RoleUnknown: {rank: rankPermission, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The role %q is unknown and has no effect.", e.Role), "Roles are webpubsub.sendToGroup, webpubsub.joinLeaveGroup, either with .GROUP, and webpubsub.sendToGroups.PATTERN, webpubsub.joinLeaveGroups.PATTERN."
	}},
	RoleMisspelled: {rank: rankPermission, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The role %q is misspelled and has no effect.", e.Role), fmt.Sprintf("It was probably meant to be %q; case counts.", e.Expected)
	}},
	RolePattern: {rank: rankPermission, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The role %q has no effect: %s.", e.Role, e.Detail), `A pattern has at most five stars (** counts as two), ? for one character, and \ only before \, * and ?.`
	}},
	RoleTooMany: {rank: rankPermission, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The role %q has no effect: only the first %d patterns, and %d single groups, of %s count.", e.Role, webpubsub.MaxPermissionPatterns, webpubsub.MaxPermissionGroups, e.Detail),
			"Use fewer, wider patterns."
	}},
	RoleGroupName: {rank: rankPermission, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The role %q has no effect: %s.", e.Role, e.Detail), "Name a group of 1 to 1024 characters after the dot."
	}},
	Forbidden: {rank: rankPermission, say: forbidden},
}

func forbidden(v *view, e entryOf) (cause, remedy string) {
	wanted := rolePrefix + e.Permission + "." + e.Group
	remedy = fmt.Sprintf("Give the token, or the connect handler's answer, the role %q.", wanted)
	verb := map[string]string{webpubsub.SendToGroup.String(): "send to", webpubsub.JoinLeaveGroup.String(): "join or leave"}[e.Permission]
	cause = fmt.Sprintf("The client may not %s group %q", verb, e.Group)
	roles := v.roles()
	prefix := rolePrefix + e.Permission + "."
	for _, role := range roles {
		group, same := strings.CutPrefix(role, prefix)
		switch {
		case same && strings.EqualFold(group, e.Group):
			return cause + fmt.Sprintf(": its role is for %q, and case counts.", group), remedy
		case same && strings.ContainsAny(group, "*?") && matches(group, e.Group):
			return cause + fmt.Sprintf(": its role %q means the group of just that name, with the star in it.", role), fmt.Sprintf("For a pattern use the plural: %q.", rolePrefix+e.Permission+"s."+group)
		}
	}
	if v.revoked(e) {
		return cause + ": the permission was revoked through the REST API.", "Grant it again (REST: Grant Permission), or connect anew."
	}
	kept := slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return !strings.HasPrefix(r, rolePrefix+e.Permission) })
	switch {
	case len(roles) == 0:
		cause += ": it has no roles."
	case len(kept) == 0:
		cause += fmt.Sprintf(": none of its roles (%s) is of the kind %s.", strings.Join(roles, ", "), e.Permission)
	default:
		cause += fmt.Sprintf(": its roles of this kind are for others (%s).", strings.Join(kept, ", "))
	}
	return cause, remedy
}

func matches(pattern, name string) bool {
	p, err := webpubsub.ParsePattern(pattern)
	return err == nil && p.Match(name)
}

func (v *view) revoked(e entryOf) bool {
	return slices.ContainsFunc(v.Entries, func(o entryOf) bool {
		return o.Kind == KindRevoked && o.Permission == e.Permission && o.Group == e.Group
	})
}

var frameRules = map[string]rule{
	FrameMalformed: {rank: rankClosed, say: malformed},
	FrameType: {rank: rankClosed, say: func(_ *view, e entryOf) (string, string) {
		return "The client sent a frame of the wrong kind: " + strings.TrimSuffix(e.Detail, ".") + ".", `Send text frames on the JSON subprotocols; bytes travel in them as base64 with "dataType":"binary". Binary frames are for the protobuf subprotocols.`
	}},
	FrameTooLarge: {rank: rankClosed, say: func(*view, entryOf) (string, string) {
		return fmt.Sprintf("The client sent a message of more than %d bytes (1 MiB), the limit.", webpubsub.MaxMessageBytes), "Send less per message, in parts if need be; base64 makes bytes a third longer."
	}},
	FrameBroken: {rank: rankClosed, say: func(*view, entryOf) (string, string) {
		return "The client broke the WebSocket framing.", "Use a WebSocket library; something between client and service may have changed the bytes."
	}},
	SimpleSendsFrames: {rank: rankFrame, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The client sends frames of the JSON subprotocol (%q) without having negotiated it, so each is taken as the payload of a message event.", e.Event),
			"Offer json.webpubsub.azure.v1 when connecting: new WebSocket(url, \"json.webpubsub.azure.v1\")."
	}},
	AckRepeated: {rank: rankFrame, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The client used ackId %s twice; the second request was not carried out and got Duplicate.", e.Found), "Count ackId up for each request; repeat one only to retry the same request."
	}},
}

// malformed explains by the field that the decoder named.
func malformed(_ *view, e entryOf) (cause, remedy string) {
	cause = "The client sent a frame that the subprotocol does not allow: " + e.Detail + "."
	remedies := []struct{ field, remedy string }{
		{"frame is not a JSON object", `Send one JSON object per frame, such as {"type":"sendToGroup","group":"g","data":"x"}.`},
		{"type ", "The types are joinGroup, leaveGroup, sendToGroup, event, ping and sequenceAck; older servers know fewer than newer SDKs."},
		{"ackId", `ackId is a number without quotes, such as "ackId":1.`},
		{"event name", "An event name begins with a letter and has letters, digits, _ . and - only."},
		{"event is", `An event frame names its event: {"type":"event","event":"draw","data":"x"}.`},
		{"group name", "A group name has 1 to 1024 characters that are not only white space."},
		{"group is", `Name the group: {"type":"joinGroup","group":"g"}.`},
		{"dataType", "dataType is json, text, binary or protobuf."},
		{"data is not base64", "With dataType binary or protobuf, data is base64 in the standard alphabet, with padding."},
		{"data is not a string", "With dataType text, data is a string; for other values use dataType json."},
		{"data is", "Give data a value that is not null."},
		{"noEcho", "noEcho is true or false, without quotes."},
	}
	for _, r := range remedies {
		if strings.HasPrefix(e.Detail, r.field) {
			return cause, r.remedy
		}
	}
	return cause, "Compare the frame with the description of the subprotocol."
}

var groupRules = map[string]rule{
	GroupEmpty: {rank: rankNobody, say: groupEmpty},
	RESTGroupEmpty: {rank: rankHint, hint: true, say: func(v *view, e entryOf) (string, string) {
		cause, remedy := groupEmpty(v, e)
		return strings.Replace(cause, "The client's", "The application's", 1), remedy
	}},
}

func groupEmpty(v *view, e entryOf) (cause, remedy string) {
	times := ""
	if e.Count > 1 {
		times = fmt.Sprintf(" (%d times)", e.Count)
	}
	cause = fmt.Sprintf("The client's message to group %q reached 0 members%s: nobody was in it.", e.Group, times)
	for _, g := range v.groups() {
		if g != e.Group && strings.EqualFold(g, e.Group) {
			return cause + fmt.Sprintf(" This connection is in %q; case counts.", g), "Spell the group the same way when joining and sending."
		}
	}
	remedy = "Sending does not join: receivers join with joinGroup, by the token's webpubsub.group claim, by the connect handler's groups, or through the REST API."
	if len(v.Settings.EventHandlers) > 0 && !v.handles("connect") {
		cause += fmt.Sprintf(" No connect event handler is registered for hub %s.", v.Hub)
		remedy += " If a handler should put clients into groups, " + v.addSystemEvent("connect") + "."
	}
	return cause, remedy
}

var closeRules = map[string]rule{
	SlowClient: {rank: rankClosed, say: func(*view, entryOf) (string, string) {
		return fmt.Sprintf("The client read too slowly: %d messages or %d MiB waited for it, so it was closed with 1008.", webpubsub.MaxQueuedMessages, webpubsub.MaxQueuedBytes>>20),
			"Let the client take messages off its socket at once and work on them later, or send it less: smaller groups, fewer or merged messages."
	}},
	SlowAcks: {rank: rankClosed, say: func(*view, entryOf) (string, string) {
		return fmt.Sprintf("The reliable client left %d messages or %d MiB unacknowledged, so it was closed with 1008.", webpubsub.MaxQueuedMessages, webpubsub.MaxQueuedBytes>>20),
			"A client of json.reliable.webpubsub.azure.v1 has to send sequenceAck regularly, as the SDK does; without it use json.webpubsub.azure.v1."
	}},
	RawForbidden: {rank: rankClosed, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The client connected with webpubsub_mode=sendToGroup but may not send to group %q.", e.Group), fmt.Sprintf("Give its token the role %q.", rolePrefix+"sendToGroup."+e.Group)
	}},
	SimpleEventFailed: {rank: rankClosed, say: func(v *view, _ entryOf) (string, string) {
		return "A message of the client failed as an event, and a client without subprotocol is then closed with 1011.",
			fmt.Sprintf("A handler of hub %s has to take the event \"message\" and answer with 2xx. With json.webpubsub.azure.v1 the client would get an error ack and stay.", v.Hub)
	}},
	Application: {rank: rankClosed, hint: true, say: func(_ *view, e entryOf) (string, string) {
		return "The application closed the connection through the REST API" + after(": ", strings.TrimSuffix(e.Detail, ".")) + ".", "If that was not intended, look for closeConnection, closeUserConnections, closeAllConnections or the like in your server's code."
	}},
	Lost: {rank: rankClosed, hint: true, say: func(_ *view, e entryOf) (string, string) {
		return "The client's socket was lost without a close frame: the network, a proxy's idle limit, a sleeping machine or a closed process.",
			"To get the missed messages after a short loss, use json.reliable.webpubsub.azure.v1. Proxies should allow more than 20 s of silence."
	}},
	WindowOver: {rank: rankClosed, say: func(*view, entryOf) (string, string) {
		return fmt.Sprintf("The client did not come back within the recovery window (%d s) after its socket was lost.", int(webpubsub.RecoveryWindow.Seconds())),
			"The client has to connect anew and join its groups again, as the SDK does. A client that stops for good should close with code 1000."
	}},
	NoSuchConnection: {rank: rankClosed, say: func(v *view, e entryOf) (string, string) {
		return "The client tried to recover a connection that was over: " + e.Detail + ".", "After a close with 1008 connect anew, without awps_connection_id. Connections do not survive a restart of the service."
	}},
	RecoveryToken: {rank: rankClosed, say: func(*view, entryOf) (string, string) {
		return "The client tried to recover with a reconnection token that is not this connection's.", "Send awps_reconnection_token as the latest connected frame gave it, URL-encoded."
	}},
	NotReliable: {rank: rankClosed, say: func(*view, entryOf) (string, string) {
		return "The client tried to recover a connection whose subprotocol is not reliable.", "Recovery is for json.reliable.webpubsub.azure.v1."
	}},
}

var restRules = map[string]rule{
	RESTNoConnection: {rank: rankHint, hint: true, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("%s was called for connection %s, which does not exist.", e.Event, e.Found), "Use ids of the connected event or frame, and expect that clients leave at any time."
	}},
	RESTNotYetOpen: {rank: rankNobody, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("%s was called for connection %s before it was open: its connect event was still being answered.", e.Event, e.Found), "Within the connect handler, answer with groups instead; through REST a connection can be changed from its connected event on."
	}},
	RESTNoUser: {rank: rankHint, hint: true, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("%s was called for user %q, who has no connection.", e.Event, e.Found), "Compare the user id with that of the token (sub) or of the connect handler's answer; case counts. A user is there from the connected event on."
	}},
}
