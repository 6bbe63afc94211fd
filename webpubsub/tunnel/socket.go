package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	wire "github.com/easelhq/easel/webpubsub/internal/tunnel"
)

const (
	// pingInterval and pingTimeout find dead connections.
	pingInterval = 20 * time.Second
	pingTimeout  = 10 * time.Second
	// maxSaidBytes is how much of a refusal's text is shown.
	maxSaidBytes = 512
)

// socket is a WebSocket as a wire.Conn. Only this file knows the library.
type socket struct{ ws *websocket.Conn }

// dial connects. Errors: Unauthorized; they say why, and never hold the token.
func (t *Tunnel) dial(ctx context.Context, at place) (socket, error) {
	address, err := t.address(at)
	if err != nil {
		return socket{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	ws, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: t.Client, CompressionMode: websocket.CompressionDisabled})
	if err == nil {
		ws.SetReadLimit(wire.MaxFrameBytes)
		return socket{ws}, nil
	}
	switch {
	case res != nil && res.StatusCode == http.StatusUnauthorized:
		return socket{}, webpubsub.Errorf(webpubsub.Unauthorized, "the service at %s refuses the access key: %s", at.endpoint, said(res.Body))
	case res != nil && res.StatusCode != http.StatusSwitchingProtocols:
		return socket{}, fmt.Errorf("the service at %s answered %d: %s", at.endpoint, res.StatusCode, said(res.Body))
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // e names the URL, with its token
	}
	return socket{}, fmt.Errorf("the service at %s cannot be reached: %w", at.endpoint, err)
}

// said is the beginning of an answer's body, in one line.
func said(body io.Reader) string {
	b, _ := io.ReadAll(io.LimitReader(body, maxSaidBytes)) // what there is helps
	return strings.Join(strings.Fields(string(b)), " ")
}

func (s socket) Read(ctx context.Context) ([]byte, error) {
	_, b, err := s.ws.Read(ctx)
	return b, err
}

func (s socket) Write(ctx context.Context, frame []byte) error {
	return s.ws.Write(ctx, websocket.MessageBinary, frame)
}

func (s socket) close() { s.ws.CloseNow() }

// keepAlive pings until ctx ends, and cancels the connection when pongs stay out.
func (s socket) keepAlive(ctx context.Context, cancel context.CancelCauseFunc) {
	for sleep(ctx, pingInterval) {
		ping, done := context.WithTimeout(ctx, pingTimeout)
		err := s.ws.Ping(ping)
		done()
		if err != nil {
			cancel(fmt.Errorf("the service is silent: %w", err))
			return
		}
	}
}
