package wire

import (
	"encoding/json"
	"math"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

var responseNames = map[ResponseType]string{
	Connected: "system", Disconnected: "system", Ack: "ack", Message: "message", Pong: "pong",
	InvokeResponse: "invokeResponse", StreamAck: "streamAck", StreamNack: "streamNack", StreamClosed: "streamClosed",
	GroupStateSnapshot: "groupStateSnapshot", GroupStateUpdate: "groupStateUpdate",
}

func encodeJSONResponse(r Response) []byte {
	name, known := responseNames[r.Type]
	if !known {
		return nil
	}
	o := object{b: make([]byte, 0, 160+len(r.Message.Group)+len(r.Message.Data.Bytes)*4/3)}
	o.text("type", name)
	switch r.Type {
	case Connected:
		o.connected(r)
	case Disconnected:
		o.text("event", "disconnected")
		o.text("message", r.Reason)
	case Ack:
		o.number("ackId", r.AckID)
		o.flag("success", r.Success)
		o.error(r.Error)
	case Message:
		o.downMessage(r.Message)
	case InvokeResponse:
		o.text("invocationId", r.InvocationID)
		o.flag("success", r.Success)
		o.data(r.Data)
		o.error(r.Error)
	case StreamAck, StreamNack, StreamClosed:
		o.streamResponse(r)
	case GroupStateSnapshot, GroupStateUpdate:
		o.groupState(r)
	}
	return o.end()
}

func (o *object) connected(r Response) {
	o.text("event", "connected")
	if r.UserID == "" {
		o.key("userId")
		o.b = append(o.b, "null"...)
	} else {
		o.text("userId", string(r.UserID))
	}
	o.text("connectionId", string(r.ConnectionID))
	o.optional("reconnectionToken", r.ReconnectionToken)
}

func (o *object) error(e *Error) {
	if e != nil {
		var why object
		why.text("name", e.Name)
		why.text("message", e.Message)
		o.object("error", why)
	}
}

func (o *object) downMessage(m webpubsub.Message) {
	if m.Group == "" {
		o.text("from", "server")
	} else {
		o.text("from", "group")
		o.optional("fromUserId", string(m.FromUserID))
		o.text("group", string(m.Group))
	}
	o.data(&m.Data)
	if len(m.Metadata) > 0 {
		o.texts("metadata", m.Metadata)
	}
	if m.Stream != nil {
		o.object("stream", streamPart(*m.Stream))
	}
}

func streamPart(p webpubsub.StreamPart) (o object) {
	o.text("streamId", p.ID)
	o.number("streamSequenceId", p.SequenceID)
	if p.End {
		o.flag("endOfStream", true)
	}
	if p.Error != nil {
		var why object
		why.text("name", p.Error.Name)
		why.optional("message", p.Error.Message)
		why.optional("userErrorCode", p.Error.UserErrorCode)
		o.object("error", why)
	}
	return o
}

func (o *object) streamResponse(r Response) {
	o.text("streamId", r.StreamID)
	switch {
	case r.Type == StreamClosed:
		o.error(r.Error)
		return
	case r.Type == StreamNack && r.Error != nil:
		o.text("name", r.Error.Name)
		o.text("message", r.Error.Message)
	}
	o.number("expectedSequenceId", r.ExpectedSequenceID)
}

func (o *object) groupState(r Response) {
	o.text("group", string(r.Group))
	o.key("items")
	o.b = append(o.b, '[')
	for i, item := range r.Items {
		var one object
		one.text("connectionId", string(item.ConnectionID))
		one.optional("userId", string(item.UserID))
		if item.State != nil {
			one.texts("state", item.State)
		}
		one.number("updatedAt", uint64(item.UpdatedAt.UnixMilli()))
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = append(o.b, one.end()...)
	}
	o.b = append(o.b, ']')
}

func decodeJSONResponse(frame []byte) (Response, error) {
	f, err := parseObject(frame)
	if err != nil {
		return Response{}, err
	}
	name, err := f.text("type")
	if err != nil {
		return Response{}, err
	}
	r, err := f.response(name)
	if err != nil {
		return Response{}, err
	}
	if !f.absent("sequenceId") && (r.Type == Message || r.Type >= GroupStateSnapshot) {
		r.SequenceID, err = f.number("sequenceId", math.MaxUint64)
	}
	return r, err
}

func (f fields) response(name string) (Response, error) {
	switch name {
	case "system":
		return f.system()
	case "ack":
		return f.ack()
	case "message":
		return f.downMessage()
	case "pong":
		return Response{Type: Pong}, nil
	case "invokeResponse":
		return f.invokeResponse()
	case "streamAck":
		return f.streamResponse(StreamAck)
	case "streamNack":
		return f.streamResponse(StreamNack)
	case "streamClosed":
		return f.streamResponse(StreamClosed)
	case "groupStateSnapshot":
		return f.groupState(GroupStateSnapshot)
	case "groupStateUpdate":
		return f.groupState(GroupStateUpdate)
	}
	return Response{}, nil
}

func (f fields) system() (r Response, err error) {
	event, err := f.text("event")
	if err != nil {
		return r, err
	}
	switch event {
	case "connected":
		r.Type = Connected
		id, err := f.text("connectionId")
		if err != nil {
			return r, err
		}
		user, err := f.optionalText("userId")
		if err != nil {
			return r, err
		}
		r.ConnectionID, r.UserID = webpubsub.ConnectionID(id), webpubsub.UserID(user)
		r.ReconnectionToken, err = f.optionalText("reconnectionToken")
		return r, err
	case "disconnected":
		r.Type = Disconnected
		r.Reason, err = f.optionalText("message")
	}
	return r, err
}

func (f fields) ack() (r Response, err error) {
	r.Type = Ack
	if r.AckID, err = f.number("ackId", math.MaxUint64); err != nil {
		return r, err
	}
	return r, f.outcome(&r)
}

// outcome reads success, which has to be a boolean, and error.
func (f fields) outcome(r *Response) (err error) {
	if f.absent("success") {
		return malformed("success is missing")
	}
	if r.Success, err = f.flag("success"); err != nil {
		return err
	}
	r.Error, err = f.error()
	return err
}

func (f fields) error() (*Error, error) {
	why, err := f.object("error")
	if err != nil || why == nil {
		return nil, err
	}
	e := &Error{}
	if e.Name, err = why.optionalText("name"); err != nil {
		return nil, err
	}
	e.Message, err = why.optionalText("message")
	return e, err
}

func (f fields) invokeResponse() (r Response, err error) {
	r.Type = InvokeResponse
	if r.InvocationID, err = f.text("invocationId"); err != nil {
		return r, err
	}
	if r.Data, err = f.data(); err != nil {
		return r, err
	}
	return r, f.outcome(&r)
}

func (f fields) downMessage() (r Response, err error) {
	r.Type = Message
	from, err := f.text("from")
	if err != nil {
		return r, err
	}
	m := &r.Message
	if from == "group" {
		if err := f.sender(m); err != nil {
			return r, err
		}
	}
	d, err := f.data()
	if err != nil {
		return r, err
	}
	if d == nil {
		d = emptyText()
	}
	m.Data = *d
	if m.Metadata, err = f.metadata(); err != nil {
		return r, err
	}
	m.Stream, err = f.streamPart()
	return r, err
}

func (f fields) sender(m *webpubsub.Message) error {
	group, err := f.text("group")
	if err != nil {
		return err
	}
	if group == "" {
		return malformed("group is empty")
	}
	user, err := f.optionalText("fromUserId")
	m.Group, m.FromUserID = webpubsub.GroupName(group), webpubsub.UserID(user)
	return err
}

func (f fields) streamPart() (*webpubsub.StreamPart, error) {
	stream, err := f.object("stream")
	if err != nil || stream == nil {
		return nil, err
	}
	p := &webpubsub.StreamPart{}
	if p.ID, err = stream.text("streamId"); err != nil {
		return nil, err
	}
	if p.SequenceID, err = stream.number("streamSequenceId", math.MaxUint64); err != nil {
		return nil, err
	}
	if p.End, err = stream.flag("endOfStream"); err != nil {
		return nil, err
	}
	p.Error, err = stream.streamError()
	return p, err
}

func (f fields) streamError() (*webpubsub.StreamError, error) {
	why, err := f.object("error")
	if err != nil || why == nil {
		return nil, err
	}
	e := &webpubsub.StreamError{}
	if e.Name, err = why.optionalText("name"); err != nil {
		return nil, err
	}
	if e.Message, err = why.optionalText("message"); err != nil {
		return nil, err
	}
	e.UserErrorCode, err = why.optionalText("userErrorCode")
	return e, err
}

func (f fields) streamResponse(t ResponseType) (r Response, err error) {
	r.Type = t
	if r.StreamID, err = f.text("streamId"); err != nil {
		return r, err
	}
	if t == StreamClosed {
		r.Error, err = f.error()
		return r, err
	}
	if t == StreamNack {
		r.Error = &Error{}
		if r.Error.Name, err = f.optionalText("name"); err != nil {
			return r, err
		}
		if r.Error.Message, err = f.optionalText("message"); err != nil {
			return r, err
		}
	}
	r.ExpectedSequenceID, err = f.number("expectedSequenceId", math.MaxUint64)
	return r, err
}

func (f fields) groupState(t ResponseType) (r Response, err error) {
	r.Type = t
	group, err := f.text("group")
	if err != nil {
		return r, err
	}
	r.Group = webpubsub.GroupName(group)
	var items []fields
	if json.Unmarshal(f["items"], &items) != nil {
		return r, malformed("items is not an array of objects")
	}
	for _, one := range items {
		item, err := one.stateItem()
		if err != nil {
			return r, err
		}
		r.Items = append(r.Items, item)
	}
	return r, nil
}

func (f fields) stateItem() (item StateItem, err error) {
	id, err := f.text("connectionId")
	if err != nil {
		return item, err
	}
	user, err := f.optionalText("userId")
	if err != nil {
		return item, err
	}
	item.ConnectionID, item.UserID = webpubsub.ConnectionID(id), webpubsub.UserID(user)
	if item.State, err = f.texts("state"); err != nil {
		return item, err
	}
	ms, err := f.number("updatedAt", 1<<53)
	item.UpdatedAt = time.UnixMilli(int64(ms)).UTC()
	return item, err
}
