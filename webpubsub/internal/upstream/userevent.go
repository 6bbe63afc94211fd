package upstream

import (
	"context"
	"errors"
	"fmt"

	"github.com/easelhq/easel/webpubsub"
)

// UserEvent delivers an event of a client and returns its handler's answer, never nil
// without an error. The caller waits for it before the connection's next event.
//
//   - Errors: NotFound when no handler takes the event; Unavailable after Close; else
//     Internal with the cause for the log, which wraps ctx's error if that ended it. The
//     handler's words are never in the message for the peer.
//   - Source: event handlers, user events.
func (d *Dispatcher) UserEvent(ctx context.Context, s Source, name webpubsub.EventName, data webpubsub.Data) (*UserResponse, error) {
	const op = "user event"
	h, ok := d.find(s.Hub, userEvent, string(name))
	if !ok {
		return nil, &webpubsub.Error{Op: op, Code: webpubsub.NotFound, Msg: fmt.Sprintf("no event handler of hub %q takes event %q", s.Hub, name)}
	}
	a, err := d.deliver(ctx, h, event{source: s, kind: userEvent, name: string(name), contentType: data.Type.ContentType(), body: data.Bytes})
	if errors.Is(err, errClosed) {
		return nil, err
	}
	if err == nil {
		var r *UserResponse
		if r, err = decodeUser(a); err == nil {
			return r, nil
		}
		err = fmt.Errorf("answer to event %q: %w", name, err)
	}
	return nil, &webpubsub.Error{Op: op, Code: webpubsub.Internal, Err: err}
}

func decodeUser(a answer) (*UserResponse, error) {
	state, err := a.state()
	if err != nil {
		return nil, err
	}
	r := &UserResponse{State: state}
	if len(a.body) == 0 {
		return r, nil
	}
	data, err := webpubsub.NewData(a.header.Get("Content-Type"), a.body)
	if err != nil {
		return nil, err
	}
	r.Data = &data
	return r, nil
}
