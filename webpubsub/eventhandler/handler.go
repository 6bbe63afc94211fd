package eventhandler

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

// Options configure a handler.
//
// A function that returns an error refuses: a [webpubsub.Error] by its code (BadRequest,
// Unauthorized, Forbidden and the like, with its message), any other as 500, which the
// log explains. At connect the status is the client's. After a status of 500 or more the
// service tries again, so refuse for good with the other codes.
type Options struct {
	// Hub is the only one whose events are taken, in any case. Required.
	Hub string
	// AccessKeys are those of the service, one or both; empty ones are skipped. At least
	// one is required.
	AccessKeys []string
	// InsecureSkipSignature takes events from anyone; AccessKeys may be empty then.
	InsecureSkipSignature bool
	// AllowedOrigins are the hosts of services that may call; empty allows any. The
	// service itself honours them: they keep services from being turned against a host
	// that did not ask for events, and are no protection against forged events.
	AllowedOrigins []string

	// Connect decides about a client; nil accepts all. Returning nil, nil accepts with
	// what the token says.
	Connect func(context.Context, *ConnectRequest) (*ConnectResponse, error)
	// Connected and Disconnected are told; the service does not wait for them.
	Connected    func(context.Context, *ConnectedEvent)
	Disconnected func(context.Context, *DisconnectedEvent)
	// GroupJoined and GroupLeft are told of members of groups, when the hub's event handler
	// is set up for group presence events; the service does not wait for them.
	GroupJoined func(context.Context, *GroupEvent)
	GroupLeft   func(context.Context, *GroupEvent)
	// UserEvent answers events of clients; nil accepts and ignores them. Returning nil,
	// nil accepts without a message to the client.
	UserEvent func(context.Context, *UserEvent) (*UserResponse, error)

	// Logger hears of refused requests and failures; nil discards.
	Logger *slog.Logger
}

// New returns the handler. It answers validation requests (OPTIONS, GET) and events
// (POST) on whatever path it is mounted. Errors: BadRequest when options are missing.
func New(o Options) (http.Handler, error) {
	hub, err := webpubsub.ParseHubName(o.Hub)
	if err != nil {
		return nil, err
	}
	o.AccessKeys = slices.DeleteFunc(slices.Clone(o.AccessKeys), func(key string) bool { return key == "" })
	if len(o.AccessKeys) == 0 && !o.InsecureSkipSignature {
		return nil, webpubsub.Errorf(webpubsub.BadRequest, "event handler of hub %q has no access key to verify events with", hub)
	}
	if len(o.AllowedOrigins) == 0 {
		o.AllowedOrigins = []string{"*"}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &handler{Options: o, hub: hub}, nil
}

// handler is fixed after New.
type handler struct {
	Options
	hub webpubsub.HubName
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodOptions, http.MethodGet:
		h.consent(w, r)
	case http.MethodPost:
		if err := h.receive(w, r); err != nil {
			h.refuse(w, r, err)
		}
	default:
		w.Header().Set("Allow", "OPTIONS, GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// consent answers abuse protection: a line for each origin, for the service to compare.
func (h *handler) consent(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Webhook-Request-Origin") == "" {
		h.refuse(w, r, webpubsub.Errorf(webpubsub.BadRequest, "not a validation request: WebHook-Request-Origin is missing"))
		return
	}
	for _, origin := range h.AllowedOrigins {
		w.Header().Add("WebHook-Allowed-Origin", origin)
	}
}

// receive answers one event; an error is yet to be answered.
func (h *handler) receive(w http.ResponseWriter, r *http.Request) error {
	e, err := readHeader(r.Header)
	if err != nil {
		return err
	}
	if !h.InsecureSkipSignature && !token.VerifyEvent(r.Header["Ce-Signature"], e.ConnectionID, h.AccessKeys...) {
		return webpubsub.Errorf(webpubsub.Unauthorized, "ce-signature is made with none of the access keys")
	}
	if e.Hub != h.hub {
		return webpubsub.Errorf(webpubsub.NotFound, "hub %q is not served here", e.Hub)
	}
	if e.body, err = readBody(w, r); err != nil {
		return err
	}
	return h.dispatch(r.Context(), w, e)
}

func (h *handler) dispatch(ctx context.Context, w http.ResponseWriter, e event) error {
	switch e.kind {
	case connectEvent:
		return h.connect(ctx, w, e)
	case connectedEvent:
		if h.Connected != nil {
			h.Connected(ctx, &ConnectedEvent{e.Connection})
		}
		return nil
	case disconnectedEvent:
		return h.disconnected(ctx, e)
	case joinedEvent:
		return h.presence(ctx, e, h.GroupJoined)
	case leftEvent:
		return h.presence(ctx, e, h.GroupLeft)
	default:
		return h.userEvent(ctx, w, e)
	}
}

func (h *handler) connect(ctx context.Context, w http.ResponseWriter, e event) error {
	req, err := e.connectRequest()
	if err != nil || h.Connect == nil {
		return err
	}
	resp, err := h.Connect(ctx, req)
	if err != nil || resp == nil {
		return err
	}
	body, err := resp.encode()
	if err != nil {
		return err
	}
	if err := setState(w.Header(), resp.State); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	h.send(w, http.StatusOK, body)
	return nil
}

func (h *handler) disconnected(ctx context.Context, e event) error {
	req, err := e.disconnectedEvent()
	if err == nil && h.Disconnected != nil {
		h.Disconnected(ctx, req)
	}
	return err
}

func (h *handler) presence(ctx context.Context, e event, tell func(context.Context, *GroupEvent)) error {
	req, err := e.groupEvent()
	if err == nil && tell != nil {
		tell(ctx, req)
	}
	return err
}

func (h *handler) userEvent(ctx context.Context, w http.ResponseWriter, e event) error {
	req, err := e.userEvent()
	if err != nil || h.UserEvent == nil {
		return err
	}
	resp, err := h.UserEvent(ctx, req)
	if err != nil || resp == nil {
		return err
	}
	if err := setMetadata(w.Header(), resp.Metadata); err != nil {
		return err
	}
	if err := setState(w.Header(), resp.State); err != nil {
		return err
	}
	if resp.Data == nil {
		return nil
	}
	w.Header().Set("Content-Type", resp.Data.Type.ContentType())
	h.send(w, http.StatusOK, resp.Data.Bytes)
	return nil
}

// refuse answers with err's status and says why in JSON.
func (h *handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	level := slog.LevelWarn
	if status >= 500 {
		level = slog.LevelError
	}
	h.Logger.Log(r.Context(), level, "event refused", "hub", h.hub, "conn", r.Header.Get("Ce-Connectionid"),
		"event", r.Header.Get("Ce-Type"), "status", status, "err", err)
	body, encodeErr := json.Marshal(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{webpubsub.CodeOf(err).String(), webpubsub.MessageOf(err)})
	if encodeErr != nil {
		panic("eventhandler: strings cannot be encoded: " + encodeErr.Error())
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	h.send(w, status, body)
}

func (h *handler) send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		h.Logger.Warn("answer not sent", "hub", h.hub, "err", err)
	}
}

// statuses translate codes; those not here are 500.
var statuses = map[webpubsub.Code]int{
	webpubsub.BadRequest:           http.StatusBadRequest,
	webpubsub.Unauthorized:         http.StatusUnauthorized,
	webpubsub.Forbidden:            http.StatusForbidden,
	webpubsub.NotFound:             http.StatusNotFound,
	webpubsub.Conflict:             http.StatusConflict,
	webpubsub.Duplicate:            http.StatusConflict,
	webpubsub.TooLarge:             http.StatusRequestEntityTooLarge,
	webpubsub.UnsupportedMediaType: http.StatusUnsupportedMediaType,
	webpubsub.Unavailable:          http.StatusServiceUnavailable,
}

func statusOf(err error) int {
	if status, ok := statuses[webpubsub.CodeOf(err)]; ok {
		return status
	}
	return http.StatusInternalServerError
}
