package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// answer is a success: a status and, unless body is nil, JSON.
type answer struct {
	status int
	body   any
}

func (ans answer) write(w http.ResponseWriter, r *http.Request) {
	if ans.body == nil || r.Method == http.MethodHead {
		if ans.status != http.StatusNoContent {
			w.Header()["Content-Length"] = zeroHeader
		}
		w.WriteHeader(ans.status)
		return
	}
	if p, ok := ans.body.(problem); ok {
		w.Header().Set("x-ms-error-code", p.Code)
	}
	text, err := json.Marshal(ans.body)
	if err != nil { // our own types always encode
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(ans.status)
	_, _ = w.Write(text) // the caller has gone; nobody is left to tell
}

// zeroHeader must not be changed.
var zeroHeader = []string{"0"}

// problem is the body of an error. Source: REST API, ErrorDetail.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Target  string `json:"target,omitempty"`
}

// inputError adds the name of the parameter that is wrong.
type inputError struct {
	target string
	err    error
}

func (e inputError) Error() string { return e.target + ": " + e.err.Error() }
func (e inputError) Unwrap() error { return e.err }

func badParam(target, format string, args ...any) error {
	return inputError{target, webpubsub.Errorf(webpubsub.BadRequest, format, args...)}
}

// outcome is how a code looks from outside. An empty name answers without a body.
type outcome struct {
	status int
	name   string
}

// outcomes translates codes. NotFound takes its name from the operation. A body that is
// too large is a 400, as in the real service.
var outcomes = map[webpubsub.Code]outcome{
	webpubsub.Internal:             {http.StatusInternalServerError, "Error.InternalServerError"},
	webpubsub.BadRequest:           {http.StatusBadRequest, "Error.BadRequest"},
	webpubsub.Unauthorized:         {http.StatusUnauthorized, ""},
	webpubsub.Forbidden:            {http.StatusForbidden, "Error.Forbidden"},
	webpubsub.NotFound:             {http.StatusNotFound, "Error.NotExisted"},
	webpubsub.Conflict:             {http.StatusConflict, "Error.Connection.Conflict"},
	webpubsub.Duplicate:            {http.StatusConflict, "Error.Duplicate"},
	webpubsub.TooLarge:             {http.StatusBadRequest, "Error.BadRequest"},
	webpubsub.UnsupportedMediaType: {http.StatusUnsupportedMediaType, ""},
	webpubsub.Unavailable:          {http.StatusServiceUnavailable, "Error.ServiceUnavailable"},
}

// retryAfter is how many seconds a caller should wait when we are unavailable.
const retryAfter = "1"

func (a *api) writeError(w http.ResponseWriter, r *http.Request, op *operation, err error) {
	code := webpubsub.CodeOf(err)
	out := outcomes[code]
	p := problem{Code: out.name, Message: webpubsub.MessageOf(err), Target: "Request"}
	if in, ok := errors.AsType[inputError](err); ok {
		p.Target = in.target
	}
	switch code {
	case webpubsub.Internal:
		a.Logger.Error("request failed", "op", op.name, "err", err)
	case webpubsub.Unauthorized:
		a.Logger.Info("token refused", "op", op.name, "err", err)
		w.Header().Set("WWW-Authenticate", "Bearer")
	case webpubsub.Unavailable:
		w.Header().Set("Retry-After", retryAfter)
	case webpubsub.Conflict:
		p.Target = "Connection"
	case webpubsub.NotFound:
		if op.missing != "" {
			p.Code, p.Target = op.missing, strings.Split(op.missing, ".")[1]
		}
	}
	if p.Code == "" {
		answer{status: out.status}.write(w, r)
		return
	}
	w.Header().Set("x-ms-error-code", p.Code)
	answer{status: out.status, body: p}.write(w, r)
}
