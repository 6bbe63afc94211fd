package eventhandler

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// eventKind is what a ce-type means to us.
type eventKind uint8

const (
	connectEvent eventKind = iota
	connectedEvent
	disconnectedEvent
	joinedEvent
	leftEvent
	userEvent
)

const userPrefix = "azure.webpubsub.user."

var systemKinds = map[string]eventKind{
	"azure.webpubsub.sys.connect":      connectEvent,
	"azure.webpubsub.sys.connected":    connectedEvent,
	"azure.webpubsub.sys.disconnected": disconnectedEvent,
	"azure.webpubsub.gp.joined":        joinedEvent,
	"azure.webpubsub.gp.left":          leftEvent,
}

// event is a request as it came.
type event struct {
	Connection
	kind        eventKind
	name        string // of a user event
	contentType string
	metadata    webpubsub.Metadata
	body        []byte
}

// readHeader takes an event's headers apart, whose names are written as they are kept, for there
// are many. Errors: BadRequest.
func readHeader(h http.Header) (event, error) {
	if v := h.Get("Ce-Specversion"); v != "1.0" {
		return event{}, malformed("ce-specversion is %.20q; only 1.0 is understood", v)
	}
	e := event{contentType: h.Get("Content-Type")}
	if err := e.readType(h.Get("Ce-Type")); err != nil {
		return event{}, err
	}
	if err := e.readSource(h); err != nil {
		return event{}, err
	}
	id, err := strconv.ParseUint(h.Get("Ce-Id"), 10, 64)
	if err != nil {
		return event{}, malformed("ce-id %.30q is not a count of events", h.Get("Ce-Id"))
	}
	e.EventID = id
	e.UserID = webpubsub.UserID(h.Get("Ce-Userid"))
	e.Subprotocol = h.Get("Ce-Subprotocol")
	if state := h["Ce-Connectionstate"]; len(state) > 0 {
		e.State = &state[len(state)-1]
	}
	e.metadata, err = webpubsub.MetadataFromHeader(h)
	return e, err
}

func (e *event) readType(ceType string) error {
	if kind, ok := systemKinds[ceType]; ok {
		e.kind = kind
		return nil
	}
	name, ok := strings.CutPrefix(ceType, userPrefix)
	if !ok || name == "" {
		return malformed("ce-type %.100q is not an event that is understood", ceType)
	}
	e.kind, e.name = userEvent, name
	return nil
}

// readSource finds hub and connection in their own headers and in ce-source, which is
// /hubs/{hub}/client/{id} or, from older services, /client/{id}. They have to agree.
func (e *event) readSource(h http.Header) error {
	id, hub := h.Get("Ce-Connectionid"), h.Get("Ce-Hub")
	if source := h.Get("Ce-Source"); source != "" {
		before, sourceID, ok := strings.Cut(source, "/client/")
		sourceHub, named := strings.CutPrefix(before, "/hubs/")
		if !ok || !named && before != "" {
			return malformed("ce-source %.200q is not a client's", source)
		}
		if id == "" {
			id = sourceID
		}
		if hub == "" {
			hub = sourceHub
		}
		if id != sourceID || named && !strings.EqualFold(hub, sourceHub) {
			return malformed("ce-source %.200q names another connection than the headers", source)
		}
	}
	if id == "" {
		return malformed("ce-connectionId is missing")
	}
	name, err := webpubsub.ParseHubName(hub)
	if err != nil {
		return fmt.Errorf("ce-hub: %w", err)
	}
	e.ConnectionID, e.Hub = webpubsub.ConnectionID(id), name
	return nil
}

// readBody reads at most [webpubsub.MaxMessageBytes]. Errors: TooLarge, BadRequest.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var body []byte
	var err error
	if n := r.ContentLength; n >= 0 && n <= webpubsub.MaxMessageBytes {
		body = make([]byte, n)
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, webpubsub.MaxMessageBytes))
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, webpubsub.Errorf(webpubsub.TooLarge, "the body is over the limit of %d bytes", webpubsub.MaxMessageBytes)
	}
	if err != nil {
		return nil, &webpubsub.Error{Code: webpubsub.BadRequest, Msg: "the body cannot be read", Err: err}
	}
	return body, nil
}

func (e event) connectRequest() (*ConnectRequest, error) {
	var body struct {
		Claims             map[string][]string `json:"claims"`
		Query              map[string][]string `json:"query"`
		Headers            map[string][]string `json:"headers"`
		Subprotocols       []string            `json:"subprotocols"`
		ClientCertificates []Certificate       `json:"clientCertificates"`
	}
	if err := e.decode(&body); err != nil {
		return nil, err
	}
	return &ConnectRequest{
		Connection: e.Connection, Claims: body.Claims, Query: body.Query, Headers: body.Headers,
		Subprotocols: body.Subprotocols, ClientCertificates: body.ClientCertificates,
	}, nil
}

func (e event) disconnectedEvent() (*DisconnectedEvent, error) {
	var body struct {
		Reason string `json:"reason"`
	}
	if err := e.decode(&body); err != nil {
		return nil, err
	}
	return &DisconnectedEvent{e.Connection, body.Reason}, nil
}

func (e event) groupEvent() (*GroupEvent, error) {
	var body struct {
		Group string `json:"group"`
	}
	if err := e.decode(&body); err != nil {
		return nil, err
	}
	g, err := webpubsub.ParseGroupName(body.Group)
	if err != nil {
		return nil, err
	}
	return &GroupEvent{e.Connection, g}, nil
}

// decode reads the JSON body of a system event.
func (e event) decode(into any) error {
	if err := json.Unmarshal(e.body, into); err != nil {
		return &webpubsub.Error{Code: webpubsub.BadRequest, Msg: "the body is not the JSON of its event", Err: err}
	}
	return nil
}

func (e event) userEvent() (*UserEvent, error) {
	data, err := webpubsub.NewData(e.contentType, e.body)
	if err != nil {
		return nil, err
	}
	return &UserEvent{Connection: e.Connection, Name: webpubsub.EventName(e.name), Data: data, Metadata: e.metadata}, nil
}

// encode leaves out what keeps the token's values.
func (r *ConnectResponse) encode() ([]byte, error) {
	body := struct {
		UserID      *string   `json:"userId,omitempty"`
		Groups      []string  `json:"groups,omitempty"`
		Roles       *[]string `json:"roles,omitempty"`
		Subprotocol string    `json:"subprotocol,omitempty"`
	}{UserID: r.UserID, Groups: r.Groups, Subprotocol: r.Subprotocol}
	if r.Roles != nil {
		body.Roles = &r.Roles
	}
	return json.Marshal(body)
}

// setState fails when a header would not carry the state as it is.
func setState(h http.Header, state *string) error {
	if state == nil {
		return nil
	}
	if strings.ContainsFunc(*state, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errors.New("connection state has control characters")
	}
	h["Ce-Connectionstate"] = []string{*state}
	return nil
}

// setMetadata fails when headers would not carry the metadata as it is.
func setMetadata(h http.Header, m webpubsub.Metadata) error {
	if err := m.Check(); err != nil {
		return fmt.Errorf("metadata of the answer: %s", webpubsub.MessageOf(err))
	}
	for _, key := range m.Keys() {
		value := m[key]
		if strings.Contains(value, ",") || strings.TrimSpace(value) != value {
			return fmt.Errorf("metadata value of %q has a comma, or blanks around it", key)
		}
		h.Set(webpubsub.MetadataHeader+key, value)
	}
	return nil
}

func malformed(format string, args ...any) error {
	return webpubsub.Errorf(webpubsub.BadRequest, format, args...)
}
