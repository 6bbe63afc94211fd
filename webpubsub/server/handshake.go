package server

import (
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unique"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/connid"
	"github.com/easelhq/easel/webpubsub/internal/engine"
	"github.com/easelhq/easel/webpubsub/internal/story"
	"github.com/easelhq/easel/webpubsub/internal/upstream"
	"github.com/easelhq/easel/webpubsub/token"
)

// handshake is a client's request to be connected, as far as it has been understood.
type handshake struct {
	hub     webpubsub.HubName
	key     connid.ID // the connection's, if it comes about
	id      webpubsub.ConnectionID
	story   *story.Log
	session *upstream.Session
	query   url.Values
	offered []string // subprotocols, in the client's order and spelling
	mode    connection.Mode

	// From the token, then the connect handler.
	user        webpubsub.UserID
	roles       []string
	groups      []webpubsub.GroupName
	claims      token.Claims
	subprotocol string // in the client's spelling; empty is none
	state       *string
}

// serveClient follows the order of checks of client endpoints, handshake order.
func (s *Server) serveClient(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer s.work.Done()
	h, err := decodeHandshake(r)
	if err != nil {
		s.noteUndecoded(r, err)
		refuse(w, err)
		return
	}
	if id := h.query.Get("awps_connection_id"); id != "" {
		s.recover(w, r, h, webpubsub.ConnectionID(id))
		return
	}
	h.key, h.session = connid.New(), s.newSession(h.hub)
	h.id = h.key.Text()
	h.story = s.stories.Begin(h.hub, h.id)
	if err := h.decodeMode(); err != nil {
		s.noteMode(h, err)
		refuse(w, err)
		return
	}
	if err := s.authorize(h, r); err != nil {
		s.log.Info("client refused", "hub", h.hub, "err", err, "why", s.noteUnauthorized(h, r, err))
		refuse(w, err)
		return
	}
	if !s.admit() {
		s.log.Warn("client refused", "hub", h.hub, "err", "ConnectionCountLimitReached", "why", s.noteFull(h))
		w.Header().Set("Retry-After", fullRetryAfter)
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	if err := s.askConnect(h, h.id, r); err != nil {
		s.giveUp()
		s.log.Info("client refused", "hub", h.hub, "conn", h.id, "err", err, "why", s.noteConnectRefused(h, err))
		refuse(w, err)
		return
	}
	s.accept(w, r, h, h.id)
}

// newSession is for a connection whose events somebody gets; nil, which keeps nothing, is for
// others.
func (s *Server) newSession(hub webpubsub.HubName) *upstream.Session {
	if len(s.settings.Settings().Hubs[hub].EventHandlers) == 0 {
		return nil
	}
	return &upstream.Session{}
}

// fullRetryAfter is when a client may try again that found all places taken, in seconds.
const fullRetryAfter = "5"

// refuse answers a handshake that fails before the upgrade.
func refuse(w http.ResponseWriter, err error) {
	if refusal, ok := errors.AsType[*upstream.StatusError](err); ok {
		w.WriteHeader(refusal.Status)
		return
	}
	switch webpubsub.CodeOf(err) {
	case webpubsub.BadRequest:
		http.Error(w, webpubsub.MessageOf(err), http.StatusBadRequest)
	case webpubsub.Unauthorized:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		w.WriteHeader(http.StatusInternalServerError)
	}
}

func decodeHandshake(r *http.Request) (*handshake, error) {
	if err := checkUpgrade(r); err != nil {
		return nil, err
	}
	h := &handshake{query: r.URL.Query(), offered: listed(r.Header, "Sec-WebSocket-Protocol")}
	var err error
	h.hub, err = webpubsub.ParseHubName(hubInURL(r.URL))
	// Connections keep these; as parts of the request they would keep all of it.
	h.hub = unique.Make(h.hub).Value()
	h.subprotocol = unique.Make(firstKnown(h.offered)).Value()
	return h, err
}

// checkUpgrade looks whether the request is a WebSocket handshake. Source: RFC 6455, 4.2.1.
func checkUpgrade(r *http.Request) error {
	const must = "the client endpoint takes WebSocket handshakes: "
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(r.Header.Get("Sec-WebSocket-Key")))
	switch {
	case r.Method != http.MethodGet:
		return webpubsub.Errorf(webpubsub.BadRequest, must+"the method is not GET")
	case !r.ProtoAtLeast(1, 1) || r.ProtoMajor > 1:
		return webpubsub.Errorf(webpubsub.BadRequest, must+"the protocol is not HTTP/1.1")
	case !hasToken(r.Header, "Connection", "Upgrade"):
		return webpubsub.Errorf(webpubsub.BadRequest, must+"the Connection header does not say Upgrade")
	case !hasToken(r.Header, "Upgrade", "websocket"):
		return webpubsub.Errorf(webpubsub.BadRequest, must+"the Upgrade header does not say websocket")
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return webpubsub.Errorf(webpubsub.BadRequest, must+"the Sec-WebSocket-Version is not 13")
	case err != nil || len(key) != 16 || len(r.Header.Values("Sec-WebSocket-Key")) != 1:
		return webpubsub.Errorf(webpubsub.BadRequest, must+"the Sec-WebSocket-Key is not 16 bytes in base64")
	}
	return nil
}

func hasToken(h http.Header, name, token string) bool {
	return slices.ContainsFunc(listed(h, name), func(s string) bool { return strings.EqualFold(s, token) })
}

func hubInURL(u *url.URL) string {
	if name, ok := strings.CutPrefix(u.Path, token.ClientPath); ok {
		return strings.TrimSuffix(name, "/")
	}
	if strings.TrimSuffix(u.Path, "/") == "/client" {
		return u.Query().Get("hub")
	}
	return ""
}

// listed returns the values of a header that is a list, over all its lines.
func listed(h http.Header, name string) (values []string) {
	for _, line := range h.Values(name) {
		for value := range strings.SplitSeq(line, ",") {
			if value = strings.TrimSpace(value); value != "" {
				values = append(values, value)
			}
		}
	}
	return values
}

func firstKnown(names []string) string {
	for _, name := range names {
		if _, known := connection.ProtocolOf(name); known {
			return name
		}
	}
	return ""
}

// decodeMode reads what a simple client wants done with its messages. A known subprotocol
// takes no mode.
func (h *handshake) decodeMode() (err error) {
	if _, known := connection.ProtocolOf(h.subprotocol); known {
		h.mode = connection.Mode{}
		return nil
	}
	h.mode, err = parseMode(h.query)
	return err
}

func parseMode(q url.Values) (m connection.Mode, err error) {
	modes := q["webpubsub_mode"]
	if len(modes) == 0 {
		return m, nil
	}
	switch mode := modes[len(modes)-1]; strings.ToLower(mode) {
	case "", "sendevent":
		return m, nil
	case "sendtogroup":
	default:
		return m, webpubsub.Errorf(webpubsub.BadRequest, "webpubsub_mode is neither sendEvent nor sendToGroup")
	}
	if len(q["group"]) != 1 {
		return m, webpubsub.Errorf(webpubsub.BadRequest, "group appears %d times; sendToGroup mode takes one", len(q["group"]))
	}
	m.SendToGroup, err = webpubsub.ParseGroupName(q.Get("group"))
	m.NoEcho = strings.EqualFold(q.Get("noEcho"), "true")
	return m, err
}

// authorize takes over what the token says, or lets an anonymous client pass.
func (s *Server) authorize(h *handshake, r *http.Request) error {
	settings := s.settings.Settings()
	raw := rawToken(h.query, r.Header)
	if raw == "" {
		if settings.Hubs[h.hub].AllowAnonymous {
			h.story.Add(story.Facts{Kind: story.KindAnonymous})
			return nil
		}
		return webpubsub.Errorf(webpubsub.Unauthorized, "the access token is missing")
	}
	claims, err := token.Verify(raw, settings.Keys, time.Now(), token.ClientAudience(r.Host, token.ClientPath, h.hub, s.audiences))
	if err != nil {
		return err
	}
	h.user, h.roles, h.claims = webpubsub.UserID(strings.Clone(claims.UserID)), claims.Roles, claims
	h.groups, err = parseGroups(claims.Groups)
	h.noteToken(claims)
	return err
}

// rawToken prefers the query to the header. Of several spellings of the parameter it takes the
// first in the order of their letters, so that the same URL always means the same.
func rawToken(q url.Values, header http.Header) string {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if value := q.Get(name); strings.EqualFold(name, "access_token") && value != "" {
			return value
		}
	}
	scheme, raw, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(raw)
}

func parseGroups(names []string) ([]webpubsub.GroupName, error) {
	groups := make([]webpubsub.GroupName, len(names))
	for i, name := range names {
		g, err := webpubsub.ParseGroupName(name)
		if err != nil {
			return nil, err
		}
		groups[i] = g
	}
	return groups, nil
}

// askConnect lets the connect handler change or refuse the connection.
func (s *Server) askConnect(h *handshake, id webpubsub.ConnectionID, r *http.Request) error {
	if !s.events.AsksConnect(h.hub) {
		return nil
	}
	headers := r.Header.Clone()
	headers.Set("Host", r.Host)
	answer, err := s.events.Connect(r.Context(),
		upstream.Source{Hub: h.hub, Story: h.story, ConnectionID: id, UserID: h.user, Session: h.session},
		upstream.ConnectRequest{Claims: h.claims.All(), Query: h.query, Headers: headers, Subprotocols: h.offered})
	if err != nil || answer == nil {
		return err
	}
	if answer.UserID != nil {
		h.user = webpubsub.UserID(*answer.UserID)
	}
	if answer.Roles != nil {
		h.roles = *answer.Roles
	}
	h.state = answer.State
	if answer.Groups != nil {
		if h.groups, err = parseGroups(*answer.Groups); err != nil {
			return err
		}
	}
	if answer.Subprotocol != "" {
		// One that the service does not know makes the client a simple one.
		h.subprotocol = unique.Make(answer.Subprotocol).Value()
		err = h.decodeMode()
	}
	h.noteAnswer(answer)
	return err
}

// accept upgrades and starts the connection.
func (s *Server) accept(w http.ResponseWriter, r *http.Request, h *handshake, id webpubsub.ConnectionID) {
	c := s.newConn(h)
	sock, err := upgrade(s.engine, w, r, h.subprotocol, s.socketOptions(c, h.hub, c.state.Reliable(), r))
	if err != nil {
		s.log.Info("upgrade failed", "hub", h.hub, "conn", id, "err", err)
		s.refused(h.story, story.Facts{Cause: story.UpgradeFailed, Detail: err.Error()})
		s.giveUp()
		s.events.Disconnected(c.source(2), "")
		return
	}
	s.work.Add(1) // until the socket is closed
	c.socket = sock
	c.story.Add(story.Facts{Kind: story.KindAccepted})
	c.step(func(state *connState) effects { return state.Start(id, s.reconnectionToken(c)) })
	if !s.enter(c, h.groups) { // shutting down meanwhile
		s.giveUp()
		c.socket = nil
		sock.Finish(connection.CloseGoingAway, "")
		s.events.Disconnected(c.source(2), "")
	}
	sock.Start()
}

func (s *Server) newConn(h *handshake) *conn {
	protocol, _ := connection.ProtocolOf(h.subprotocol)
	permissions, ignored := webpubsub.NewPermissions(h.roles)
	h.noteAccepted(ignored)
	if len(ignored) > 0 {
		s.log.Info("roles ignored", "hub", h.hub, "conn", h.id, "count", len(ignored))
	}
	config := s.config
	config.User, config.Protocol, config.Mode = h.user, protocol, h.mode
	config.Permissions, config.ConnectionState = *permissions, h.state
	return &conn{key: h.key, kind: s.kindOf(h.hub, h.subprotocol), story: h.story, session: h.session, state: *connection.New(config)}
}

// recover gives a reliable connection its client back. It always upgrades, for clients
// take an HTTP error for a passing one.
func (s *Server) recover(w http.ResponseWriter, r *http.Request, h *handshake, id webpubsub.ConnectionID) {
	c := s.find(h.hub, id)
	if c != nil && !s.validReconnection(c, h.query.Get("awps_reconnection_token")) {
		c = nil
	}
	subprotocol := h.subprotocol
	if c != nil {
		subprotocol = h.spelling(c.subprotocol)
	}
	handler := engine.Handler(refusedSocket{s})
	if c != nil {
		handler = c
	}
	sock, err := upgrade(s.engine, w, r, subprotocol, s.socketOptions(handler, h.hub, true, r))
	if err != nil {
		return
	}
	s.work.Add(1) // until the socket is closed
	if c == nil || !c.resume(sock, s.reconnectionToken(c)) {
		s.log.Info("recovery refused", "hub", h.hub, "conn", id)
		s.noteRecoveryRefused(h.hub, id)
		refusal := connection.Unrecoverable()
		sock.Finish(refusal.Code, refusal.Reason)
	}
	sock.Start()
}

// spelling returns a subprotocol's name as the client offers it, or as it is.
func (h *handshake) spelling(name string) string {
	if i := slices.IndexFunc(h.offered, func(s string) bool { return strings.EqualFold(s, name) }); i >= 0 {
		return h.offered[i]
	}
	return name
}
