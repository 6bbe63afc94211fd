package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
)

// contentTypes are those of events and answers, by type of data.
var contentTypes = map[webpubsub.DataType]string{
	webpubsub.Text:     "text/plain; charset=utf-8",
	webpubsub.JSON:     "application/json",
	webpubsub.Binary:   "application/octet-stream",
	webpubsub.Protobuf: "application/x-protobuf",
}

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
	a, err := d.deliver(ctx, h, event{source: s, kind: userEvent, name: string(name), contentType: contentTypes[data.Type], body: data.Bytes})
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
	kind, err := dataType(a.header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	switch {
	case kind == webpubsub.JSON && !(json.Valid(a.body) && utf8.Valid(a.body)):
		return nil, errors.New("the body is not JSON")
	case kind == webpubsub.Text && !utf8.Valid(a.body):
		return nil, errors.New("the text is not UTF-8")
	}
	r.Data = &webpubsub.Data{Type: kind, Bytes: a.body}
	return r, nil
}

// dataType reads a Content-Type; absent is binary.
func dataType(header string) (webpubsub.DataType, error) {
	if header == "" {
		return webpubsub.Binary, nil
	}
	media, _, err := mime.ParseMediaType(header)
	if err != nil {
		return 0, fmt.Errorf("content type %.100q: %w", header, err)
	}
	for kind, own := range contentTypes {
		if m, _, _ := mime.ParseMediaType(own); m == media {
			return kind, nil
		}
	}
	return 0, fmt.Errorf("content type %.100q is not one of text/plain, application/json, application/octet-stream, application/x-protobuf", header)
}
