package upstream

import (
	"context"
	"fmt"

	"github.com/easelhq/easel/webpubsub"
)

// UserEvent delivers an event of a client and returns its handler's answer, never nil
// without an error. The caller waits for it before the connection's next event. An event
// that only listeners take is answered with nothing. Ctx ends after [webpubsub.HandlerTimeout],
// and when the service does: Close waits for that.
//
//   - Errors: NotFound when nobody takes the event; Unavailable after Close; else
//     Internal with the cause for the log, which wraps ctx's error if that ended it. The
//     handler's words are never in the message for the peer.
//   - Source: event handlers, user events.
func (d *Dispatcher) UserEvent(ctx context.Context, s Source, name webpubsub.EventName, data webpubsub.Data, m webpubsub.Metadata) (*UserResponse, error) {
	const op = "user event"
	hub := d.settings.Settings().Hubs[s.Hub]
	e := newEvent(s, userEvent, string(name), data.Type.ContentType(), data.Bytes)
	e.metadata = m
	copied := d.copyToListeners(hub, e)
	h, ok := find(hub, userEvent, string(name), "")
	if !ok && copied {
		return &UserResponse{}, nil
	}
	if !ok {
		return nil, &webpubsub.Error{Op: op, Code: webpubsub.NotFound, Msg: fmt.Sprintf("no event handler of hub %q takes event %q", s.Hub, name)}
	}
	if !d.begin() {
		return nil, errClosed
	}
	defer d.work.Done()
	a, err := d.deliverCounted(ctx, h, e)
	if err == nil {
		var r *UserResponse
		if r, err = decodeUser(a); err == nil {
			return r, nil
		}
		d.unusable(s, h, string(name), err)
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
	if r.Metadata, err = webpubsub.MetadataFromHeader(a.header); err != nil {
		return nil, err
	}
	if len(a.body) == 0 {
		if r.Metadata != nil {
			r.Data = emptyData(a.header.Get("Content-Type"))
		}
		return r, nil
	}
	data, err := webpubsub.NewData(a.header.Get("Content-Type"), a.body)
	if err != nil {
		return nil, err
	}
	r.Data = &data
	return r, nil
}

// emptyData is the message without data that carries metadata: text when the type is
// unknown, or has no empty form.
func emptyData(contentType string) *webpubsub.Data {
	data, err := webpubsub.NewData(contentType, nil)
	if err != nil || contentType == "" {
		data = webpubsub.Data{Type: webpubsub.Text}
	}
	return &data
}
