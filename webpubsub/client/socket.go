package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
)

const (
	// maxFrameBytes bounds what the service may send in one message: 16 MiB of an event
	// handler's answer, in base64 with its envelope.
	maxFrameBytes = 24 << 20
	// maxRefusal is how much of the text of a refused handshake an error repeats, in bytes.
	maxRefusal = 200

	closeNormal          = 1000
	closePolicyViolation = 1008
	closedAbnormally     = 1006
)

// socket is one WebSocket. Only this file knows the WebSocket library. Reading and writing
// may go on at the same time, each by one goroutine.
type socket struct {
	ws   *websocket.Conn
	kind websocket.MessageType
	ctx  context.Context // of reading and writing
	end  context.CancelCauseFunc
}

// dial makes the handshake within ctx; the socket lives until life ends or it is aborted.
// Errors have no token in them. Those of a refusal: Unauthorized, Forbidden, BadRequest,
// NotFound; all others are Unavailable.
func dial(ctx, life context.Context, to string, o *Options) (*socket, error) {
	ws, res, err := websocket.Dial(ctx, to, &websocket.DialOptions{
		HTTPClient: o.HTTPClient, HTTPHeader: o.Header, Subprotocols: []string{string(o.Subprotocol)},
	})
	if err != nil {
		return nil, dialError(res, err)
	}
	if got := ws.Subprotocol(); !strings.EqualFold(got, string(o.Subprotocol)) {
		ws.CloseNow()
		return nil, webpubsub.Errorf(webpubsub.Unavailable, "the service chose subprotocol %q, not %q", got, o.Subprotocol)
	}
	ws.SetReadLimit(maxFrameBytes)
	s := &socket{ws: ws, kind: websocket.MessageText}
	if !o.Subprotocol.format().Text() {
		s.kind = websocket.MessageBinary
	}
	s.ctx, s.end = context.WithCancelCause(life)
	return s, nil
}

var refusals = map[int]webpubsub.Code{
	http.StatusBadRequest:   webpubsub.BadRequest,
	http.StatusUnauthorized: webpubsub.Unauthorized,
	http.StatusForbidden:    webpubsub.Forbidden,
	http.StatusNotFound:     webpubsub.NotFound,
}

func dialError(res *http.Response, err error) error {
	if res == nil || res.StatusCode == http.StatusSwitchingProtocols {
		return &webpubsub.Error{Code: webpubsub.Unavailable, Msg: "cannot connect", Err: withoutURL(err)}
	}
	code, ok := refusals[res.StatusCode]
	if !ok {
		code = webpubsub.Unavailable
	}
	text := "the service refuses the connection with " + http.StatusText(res.StatusCode)
	if res.Body != nil {
		if body, _ := io.ReadAll(io.LimitReader(res.Body, maxRefusal)); len(body) > 0 {
			text += ": " + strings.TrimSpace(strings.ToValidUTF8(string(body), ""))
		}
	}
	return &webpubsub.Error{Code: code, Msg: text}
}

// withoutURL strips the URL, which has a token, from an error of net/http or net/url.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// gone is closed when the socket is of no use any more.
func (s *socket) gone() <-chan struct{} { return s.ctx.Done() }

// abort ends the socket without a close frame; reads and writes return cause.
func (s *socket) abort(cause error) { s.end(cause) }

// read returns the service's next message. The bytes are the caller's.
func (s *socket) read() ([]byte, error) {
	for {
		kind, b, err := s.ws.Read(s.ctx)
		if err != nil {
			return nil, s.why(err)
		}
		if kind == s.kind { // a service that follows the subprotocol sends no other
			return b, nil
		}
	}
}

func (s *socket) write(frame []byte) error {
	if err := s.ws.Write(s.ctx, s.kind, frame); err != nil {
		return s.why(err)
	}
	return nil
}

func (s *socket) why(err error) error {
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return err
}

// close says goodbye, and waits for the service to do so too, for some seconds.
func (s *socket) close() { s.ws.Close(closeNormal, "") }

// release frees what the socket holds. Nobody may read or write any more.
func (s *socket) release() {
	s.end(nil)
	s.ws.CloseNow()
}

// closeStatus is the code and reason of the service's close frame in a read's error;
// closedAbnormally when there was none.
func closeStatus(err error) (code int, reason string) {
	if c, ok := errors.AsType[websocket.CloseError](err); ok {
		return int(c.Code), c.Reason
	}
	return closedAbnormally, ""
}
