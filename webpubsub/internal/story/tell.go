package story

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// Tell makes an entry of facts that no story holds.
func Tell(f Facts, at time.Time) webpubsub.StoryEntry {
	trim(&f)
	e := webpubsub.StoryEntry{At: at, Count: 1, StoryFacts: f}
	e.Text = tell(e)
	return e
}

// tell says an entry in words.
func tell(e webpubsub.StoryEntry) string {
	if say, ok := sentences[e.Kind]; ok {
		return say(e)
	}
	return strings.TrimSpace(e.Kind + " " + e.Detail)
}

var sentences = map[string]func(webpubsub.StoryEntry) string{
	KindToken: func(e webpubsub.StoryEntry) string {
		return fmt.Sprintf("token accepted: signed with the %s key, for %s, good until %s", e.Detail, e.Found, stamp(e.Time))
	},
	KindAnonymous: func(webpubsub.StoryEntry) string { return "no token; the hub allows anonymous clients" },
	KindRefused:   tellRefused,
	KindRoles: func(e webpubsub.StoryEntry) string {
		return fmt.Sprintf("roles from the %s: %s", origin(e.By, "token's role claim", "connect handler"), orNone(e.Found))
	},
	KindRoleIgnored: func(e webpubsub.StoryEntry) string {
		return fmt.Sprintf("role %q ignored%s", e.Role, after(": ", e.Detail))
	},
	KindGroups: func(e webpubsub.StoryEntry) string {
		return fmt.Sprintf("in groups from the start, by the %s: %s", origin(e.By, "token's webpubsub.group claim", "connect handler"), e.Found)
	},
	KindSubprotocol: func(e webpubsub.StoryEntry) string {
		if e.Found == "" {
			return fmt.Sprintf("no subprotocol (offered: %s): a simple client, which sends and gets bare payloads", orNone(e.Expected))
		}
		return fmt.Sprintf("subprotocol %s", e.Found)
	},
	KindAccepted: func(webpubsub.StoryEntry) string { return "connected" },
	KindHandler:  tellHandler,
	KindAttempt: func(e webpubsub.StoryEntry) string {
		return tellHandler(e) + "; it will be tried again"
	},
	KindWorks: func(e webpubsub.StoryEntry) string { return "the event handler works again: " + e.URL },
	KindUnhandled: func(e webpubsub.StoryEntry) string {
		return fmt.Sprintf("user event %q: no event handler of the hub takes it", e.Event)
	},
	KindJoined:    func(e webpubsub.StoryEntry) string { return fmt.Sprintf("joined group %q by the %s", e.Group, e.By) },
	KindLeft:      tellLeft,
	KindGranted:   func(e webpubsub.StoryEntry) string { return tellPermission("granted", e) },
	KindRevoked:   func(e webpubsub.StoryEntry) string { return tellPermission("revoked", e) },
	KindForbidden: tellForbidden,
	KindDuplicate: func(e webpubsub.StoryEntry) string {
		return fmt.Sprintf("a request repeated ackId %s of an earlier one that had succeeded, and was not carried out", e.Found)
	},
	KindFrame:     func(e webpubsub.StoryEntry) string { return "frame refused: " + e.Detail },
	KindUnreached: tellUnreached,
	KindSocketLost: func(e webpubsub.StoryEntry) string {
		return fmt.Sprintf("socket lost (%s); waiting for the client to recover", closeCode(e.Code))
	},
	KindRecovered:  func(webpubsub.StoryEntry) string { return "recovered: same connection, new socket" },
	KindNoRecovery: func(e webpubsub.StoryEntry) string { return "recovery refused: " + e.Detail },
	KindClosing: func(e webpubsub.StoryEntry) string {
		return fmt.Sprintf("closed by the %s with %d%s", e.By, e.Code, after(": ", e.Detail))
	},
	KindEnded: tellEnded,
	KindREST:  tellREST,
	KindKey:   func(e webpubsub.StoryEntry) string { return fmt.Sprintf("the %s access key was replaced", e.Detail) },
}

func origin(by, ofToken, ofHandler string) string {
	if by == ByHandler {
		return ofHandler
	}
	return ofToken
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func after(separator, s string) string {
	if s == "" {
		return ""
	}
	return separator + s
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func tellRefused(e webpubsub.StoryEntry) string {
	return fmt.Sprintf("handshake refused%s%s", after(" with ", status(e.Status)), after(": ", e.Detail))
}

func status(code int) string {
	if code == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

func tellHandler(e webpubsub.StoryEntry) string {
	var b strings.Builder
	what := e.Event + " event to"
	if strings.HasPrefix(e.Cause, consentPrefix) {
		what = "abuse protection before the " + e.Event + " event, OPTIONS"
		if e.Event == EventValidate {
			what = "abuse protection, asked just now, OPTIONS"
		}
	}
	fmt.Fprintf(&b, "%s %s", what, e.URL)
	switch {
	case e.Status != 0:
		fmt.Fprintf(&b, ": answered %s", status(e.Status))
	case e.Cause != "":
		b.WriteString(": failed")
	}
	if took := e.Took.Round(time.Millisecond / 10); took > 0 {
		fmt.Fprintf(&b, " within %s", took)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, ", after %d attempts", e.Attempts)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, "; %s", e.Detail)
	}
	return b.String()
}

func tellLeft(e webpubsub.StoryEntry) string {
	if e.Group == "" {
		return fmt.Sprintf("taken out of all groups by the %s", e.By)
	}
	return fmt.Sprintf("left group %q by the %s", e.Group, e.By)
}

func tellPermission(done string, e webpubsub.StoryEntry) string {
	return fmt.Sprintf("permission %s for group %q %s by the %s", e.Permission, e.Group, done, e.By)
}

func tellForbidden(e webpubsub.StoryEntry) string {
	return fmt.Sprintf("not allowed: %s for group %q", e.Permission, e.Group)
}

func tellUnreached(e webpubsub.StoryEntry) string {
	return fmt.Sprintf("message by the %s to group %q reached 0 members", e.By, e.Group)
}

func closeCode(code int) string {
	switch code {
	case 1005:
		return "1005: closed without a code"
	case 1006:
		return "1006: no close frame came"
	}
	return fmt.Sprint(code)
}

func tellEnded(e webpubsub.StoryEntry) string {
	if e.By == ByClient {
		return fmt.Sprintf("ended by the client with %s%s", closeCode(e.Code), after(": ", e.Detail))
	}
	return "ended" + after(": ", e.Detail)
}

func tellREST(e webpubsub.StoryEntry) string {
	return fmt.Sprintf("REST request %s%s%s", e.Event, after(" answered ", status(e.Status)), after(": ", e.Detail))
}
