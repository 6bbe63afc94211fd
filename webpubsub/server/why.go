package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/connid"
	"github.com/easelhq/easel/webpubsub/internal/story"
	"github.com/easelhq/easel/webpubsub/internal/upstream"
	"github.com/easelhq/easel/webpubsub/token"
)

// What goes into the stories of connections; see package story. Everything here only
// records: it may be called with any lock held, and changes nothing.

func newStories(most int) *story.Recorder {
	if most < 0 {
		return nil
	}
	return story.New(story.Limits{Stories: most}, nil)
}

// refused tells of a handshake that is refused, counts it, and returns the id of the story.
func (s *Server) refused(l *story.Log, f story.Facts) string {
	s.tally.refuse(f.Cause)
	return s.stories.Refuse(l, f)
}

// noteUndecoded tells of a request that is no handshake.
func (s *Server) noteUndecoded(r *http.Request, err error) {
	f := story.Facts{Cause: story.NotWebSocket, Status: http.StatusBadRequest, Detail: webpubsub.MessageOf(err)}
	hub, hubErr := webpubsub.ParseHubName(hubInURL(r.URL))
	if checkUpgrade(r) == nil && hubErr != nil {
		f.Cause = story.HubName
	}
	s.refused(s.stories.Begin(hub, connid.New().Text()), f)
}

// noteMode tells of a simple client whose mode can't be understood.
func (s *Server) noteMode(h *handshake, err error) {
	s.refused(h.story, story.Facts{Cause: story.SimpleMode, Status: http.StatusBadRequest, Detail: webpubsub.MessageOf(err)})
}

// noteFull tells of a client that found all places taken, and returns the id of the story.
func (s *Server) noteFull(h *handshake) string {
	return s.refused(h.story, story.Facts{Cause: story.TooManyClients, Status: http.StatusTooManyRequests, Detail: fmt.Sprintf("there are %d connections, the limit", s.maxConns)})
}

// noteUnauthorized tells of a handshake whose token is refused, and returns the id of the
// story.
func (s *Server) noteUnauthorized(h *handshake, r *http.Request, err error) string {
	if webpubsub.CodeOf(err) == webpubsub.BadRequest {
		return s.refused(h.story, story.Facts{Cause: story.TokenGroupName, Status: http.StatusBadRequest, Detail: webpubsub.MessageOf(err)})
	}
	to := story.Target{Host: r.Host, Path: r.URL.Path, Hub: h.hub}
	f := story.RefusedToken(rawToken(h.query, r.Header), s.settings.Settings().Keys, time.Now(), to, err)
	f.Status = http.StatusUnauthorized
	return s.refused(h.story, f)
}

// noteToken tells what the token gave.
func (h *handshake) noteToken(c token.Claims) {
	if h.story == nil {
		return
	}
	h.story.Identify(h.user, "")
	h.story.Add(story.AcceptedToken(c))
	h.noteRolesAndGroups(story.ByToken, c.Roles, h.groups)
}

func (h *handshake) noteRolesAndGroups(by string, roles []string, groups []webpubsub.GroupName) {
	if roles != nil {
		h.story.Add(story.Facts{Kind: story.KindRoles, By: by, Found: story.Join(roles)})
	}
	if len(groups) > 0 {
		h.story.Add(story.Facts{Kind: story.KindGroups, By: by, Found: story.Join(groups)})
	}
}

// noteAnswer tells what the connect handler changed.
func (h *handshake) noteAnswer(a *upstream.ConnectResponse) {
	h.story.Identify(h.user, "")
	if a.Roles != nil {
		h.noteRolesAndGroups(story.ByHandler, append([]string{}, *a.Roles...), nil)
	}
	if a.Groups != nil {
		h.noteRolesAndGroups(story.ByHandler, nil, h.groups)
	}
}

// noteConnectRefused tells of a handshake that ends because of the connect event, and returns
// the id of the story.
func (s *Server) noteConnectRefused(h *handshake, err error) string {
	f := story.Facts{Cause: story.ConnectRefused, Status: http.StatusInternalServerError, Detail: err.Error()}
	if refusal, ok := errors.AsType[*upstream.StatusError](err); ok {
		f.Status, f.Detail = refusal.Status, refusal.Err.Error()
	}
	return s.refused(h.story, f)
}

// noteAccepted tells how the connection starts.
func (h *handshake) noteAccepted(ignored []string) {
	if h.story == nil {
		return
	}
	for _, f := range story.IgnoredRoles(ignored, "") {
		h.story.Add(f)
	}
	f := story.Facts{Kind: story.KindSubprotocol, Found: h.subprotocol}
	if h.subprotocol == "" {
		f.Expected = story.Join(h.offered)
		if len(h.offered) > 0 {
			f.Cause = story.SubprotocolUnknown
		}
	}
	h.story.Add(f)
	h.story.Identify(h.user, h.subprotocol)
}

// noteRecoveryRefused tells of a client that could not come back.
func (s *Server) noteRecoveryRefused(hub webpubsub.HubName, id webpubsub.ConnectionID) {
	c := s.find(hub, id)
	f := story.Facts{Kind: story.KindNoRecovery, Cause: story.RecoveryToken, Detail: "the reconnection token is not this connection's, or has expired"}
	switch {
	case c == nil:
		f.Cause, f.Detail = story.NoSuchConnection, "it has ended, or was never on this service"
	case !c.state.Reliable():
		f.Cause, f.Detail = story.NotReliable, "the connection's subprotocol is not reliable"
	}
	if known := s.stories.Connection(id); known != nil {
		known.Add(f)
		return
	}
	s.refused(s.stories.Begin(hub, connid.New().Text()), f)
}

// noteReceived counts a frame, and tells of a simple client that seems to speak JSON.
func (c *conn) noteReceived(f connection.Frame) {
	c.story.Received()
	// The first frames show it; to look at all would cost something.
	if c.story == nil || c.subprotocol != "" || !f.Text || c.story.ReceivedCount() > 3 {
		return
	}
	if request, yes := story.LooksLikeFrame(f.Bytes); yes {
		c.story.Add(story.Facts{Kind: story.KindFrame, Cause: story.SimpleSendsFrames, Event: request, Detail: "it looks like one of the JSON subprotocol, which was not negotiated"})
	}
}

// noteRefusal tells of a request that was not carried out.
func (c *conn) noteRefusal(r connection.Refusal) {
	switch {
	case r.Malformed != nil:
		c.story.Add(story.Facts{Kind: story.KindFrame, Cause: story.FrameMalformed, Detail: webpubsub.MessageOf(r.Malformed)})
	case r.Duplicate != "":
		c.story.Add(story.Facts{Kind: story.KindDuplicate, Cause: story.AckRepeated, Found: r.Duplicate})
	default:
		c.story.Add(story.Facts{Kind: story.KindForbidden, Cause: story.Forbidden, Permission: r.Permission.String(), Group: string(r.Group), By: story.ByClient})
	}
}

// noteMembership tells of a group joined or left; no group is all of them.
func (c *conn) noteMembership(kind, by string, g webpubsub.GroupName) {
	c.story.Add(story.Facts{Kind: kind, By: by, Group: string(g)})
}

// notePublished tells of a message to a group that has no member at all.
func (c *conn) notePublished(to webpubsub.GroupName, noEcho bool, members int) {
	if noEcho {
		c.story.NoEcho()
	}
	if members == 0 {
		c.story.Add(story.Facts{Kind: story.KindUnreached, Cause: story.GroupEmpty, By: story.ByClient, Group: string(to)})
	}
}

// noteClosing tells of a close by the service; that of the application has been told.
func (c *conn) noteClosing(e connection.Close) {
	f := story.Closing(e.Code, e.Reason, string(c.state.Mode().SendToGroup))
	cause := f.Cause
	if e.Code == connection.CloseInvalid { // the refused frame has told the story
		cause = story.FrameMalformed
	}
	c.server.tally.closing(c.hubName, cause)
	if e.Code != connection.CloseNormal {
		c.story.Add(f)
	}
}

// noteWindowOver tells of the end of a connection whose client did not come back.
func (c *conn) noteWindowOver() {
	c.server.tally.closing(c.hubName, story.WindowOver)
	c.story.Add(story.Facts{Kind: story.KindEnded, Cause: story.WindowOver, By: story.ByService})
}

// noteSocketGone tells how the client's socket ended. The caller holds c.mu.
func (c *conn) noteSocketGone(code int, reason string) {
	if c.state.Ended() {
		return
	}
	f := story.Facts{Kind: story.KindEnded, By: story.ByClient, Code: code, Detail: reason}
	switch {
	case c.state.Reliable() && code != connection.CloseNormal:
		c.story.Add(story.Facts{Kind: story.KindSocketLost, Code: code})
		return
	case code == 1006:
		f.Cause = story.Lost
	}
	c.server.tally.closing(c.hubName, cmp.Or(f.Cause, closedByClient))
	c.story.Add(f)
}

// noteNobody tells a hub of a REST request about someone who is not there.
func (s *Server) noteNobody(hub webpubsub.HubName, cause, operation, found string) {
	if s.stories == nil {
		return
	}
	f := story.Facts{Kind: story.KindREST, Cause: cause, Event: operation, Found: found, Detail: found + " is not there"}
	if cause == story.RESTNoConnection {
		if of, ok := s.stories.Story(found); ok && of.State == webpubsub.StoryConnecting {
			f.Cause = story.RESTNotYetOpen
		}
	}
	s.stories.Hub(hub).Add(f)
}

// noteEmptyGroup tells a hub of a message through REST to a group without members.
func (s *Server) noteEmptyGroup(hub webpubsub.HubName, g webpubsub.GroupName) {
	s.stories.Hub(hub).Add(story.Facts{Kind: story.KindUnreached, Cause: story.RESTGroupEmpty, By: story.ByApplication, Group: string(g)})
}

// notePermission tells of a permission granted or revoked through REST.
func (s *Server) notePermission(hub webpubsub.HubName, id webpubsub.ConnectionID, kind string, p webpubsub.Permission, g webpubsub.GroupName, err error) {
	c := s.find(hub, id)
	switch {
	case c == nil:
		op := map[string]string{story.KindGranted: "GrantPermission", story.KindRevoked: "RevokePermission"}[kind]
		s.noteNobody(hub, story.RESTNoConnection, op, string(id))
	case err == nil:
		c.story.Add(story.Facts{Kind: kind, By: story.ByApplication, Permission: p.String(), Group: string(g)})
	}
}

// noteEventFailed tells of a user event that nobody takes; of other failures the handler's
// call has told.
func (c *conn) noteEventFailed(event string, err error) {
	if webpubsub.CodeOf(err) == webpubsub.NotFound {
		f := story.Facts{Kind: story.KindUnhandled, Cause: story.EventUnhandled, Event: event}
		c.story.Add(f)
		c.server.stories.Hub(c.hubName).Add(f)
	}
}
