package story

import "strings"

// Closing describes a close by the service or the application; group is that of a simple
// client's mode. Reason is the close frame's text, or what went before it.
func Closing(code int, reason, group string) Facts {
	f := Facts{Kind: KindClosing, By: ByService, Code: code, Detail: reason, Cause: closing[code]}
	switch {
	case code == 1000:
		f.By = ByApplication
	case code == 1008 && strings.Contains(reason, "reliable"):
		f.Cause = SlowAcks
	case code == 1008 && strings.Contains(reason, "queue"):
		f.Cause = SlowClient
	case code == 1008 && strings.Contains(reason, "sendToGroup"):
		f.Cause, f.Group = RawForbidden, group
	}
	return f
}

// requestTypes are the frames by which a client without subprotocol gives itself away.
var requestTypes = []string{"joinGroup", "leaveGroup", "sendToGroup", "event"}

// LooksLikeFrame reports whether a bare payload is probably a frame of the JSON subprotocol,
// and of which type. It looks at the first bytes only.
func LooksLikeFrame(payload []byte) (requestType string, yes bool) {
	head := string(payload[:min(len(payload), 256)])
	if !strings.HasPrefix(strings.TrimSpace(head), "{") {
		return "", false
	}
	head = strings.ReplaceAll(head, " ", "")
	for _, t := range requestTypes {
		if strings.Contains(head, `"type":"`+t+`"`) {
			return t, true
		}
	}
	return "", false
}
