package app

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/whiteboard"
)

// refusal is an error for the caller: an HTTP status, a code in snake_case, a sentence.
type refusal struct {
	status  int
	code    string
	message string
}

func (e *refusal) Error() string { return e.message }

func refuse(status int, code, format string, args ...any) error {
	return &refusal{status, code, fmt.Sprintf(format, args...)}
}

// refusalOf finds what to tell the caller about err; nil when it is a failure of ours.
func refusalOf(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &refusal{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("the body is larger than the limit of %d bytes", tooLarge.Limit)}
	}
	if r, ok := errors.AsType[*whiteboard.Refusal](err); ok {
		return &refusal{http.StatusBadRequest, string(r.Code), r.Message}
	}
	switch {
	case errors.Is(err, whiteboard.ErrNotFound):
		return &refusal{http.StatusNotFound, "not_found", "there is no such board"}
	case errors.Is(err, whiteboard.ErrCompacted):
		return &refusal{http.StatusGone, "compacted", "the journal does not reach back that far; load the board anew"}
	case webpubsub.CodeOf(err) == webpubsub.Unavailable:
		return &refusal{http.StatusServiceUnavailable, "unavailable", "the messaging service can't be reached; try again"}
	}
	return nil
}

// retryAfter is when to ask again for what can't be had now, in seconds.
const retryAfter = "5"

// fail answers with an error; what is not for the caller goes to the log.
func (a *App) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := refusalOf(err)
	if e == nil {
		a.Logger.Error("request failed", "method", r.Method, "path", r.URL.Path, "err", err)
		e = &refusal{http.StatusInternalServerError, "internal", "something went wrong on the server"}
	}
	if e.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	type body struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	a.answer(w, r, e.status, map[string]body{"error": {e.code, e.message}})
}

// gzipFrom is the size from which answers are compressed.
const gzipFrom = 1400

// answer writes v as JSON.
func (a *App) answer(w http.ResponseWriter, r *http.Request, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		a.Logger.Error("encode answer", "path", r.URL.Path, "err", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	send(w, r, status, text)
}

// send writes JSON text.
func send(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	isJSON(w.Header())
	sendText(w, r, status, text)
}

func isJSON(h http.Header) {
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
}

// sendPieces is send, with status 200, for what is made while it is sent.
func sendPieces(w http.ResponseWriter, r *http.Request, pieces iter.Seq[[]byte]) {
	h := w.Header()
	isJSON(h)
	h.Add("Vary", "Accept-Encoding")
	out := io.Writer(w)
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is valid
		defer z.Close()
		out = z
	}
	for piece := range pieces {
		if _, err := out.Write(piece); err != nil {
			return // the caller is gone
		}
	}
}

func acceptsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

// sendText writes text, compressed when that is worth it.
func sendText(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(text) < gzipFrom || !acceptsGzip(r) {
		w.WriteHeader(status)
		w.Write(text) // the caller may be gone
		return
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is valid
	z.Write(text)
	z.Close()
}

// maxBody bounds JSON bodies.
const maxBody = 16 << 10

// decode reads a JSON body; an empty one leaves v as it is.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	err := d.Decode(v)
	switch _, tooLarge := errors.AsType[*http.MaxBytesError](err); {
	case err == nil, errors.Is(err, io.EOF):
		return nil
	case tooLarge:
		return err
	}
	return refuse(http.StatusBadRequest, "invalid", "the body is not the expected JSON: %v", err)
}
