package wire

import (
	"math"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

var responseNames = [...]string{
	Connected: "system", Disconnected: "system", Ack: "ack", Message: "message", Pong: "pong",
	InvokeResponse: "invokeResponse", StreamAck: "streamAck", StreamNack: "streamNack", StreamClosed: "streamClosed",
	GroupStateSnapshot: "groupStateSnapshot", GroupStateUpdate: "groupStateUpdate",
}

// jsonSize is about how long a response becomes.
func jsonSize(r *Response) int {
	switch r.Type {
	case Ack, Pong:
		return 64
	case Message:
		return 72 + len(r.Message.Group) + len(r.Message.FromUserID) + dataSize(&r.Message.Data)
	}
	return 160 + dataSize(r.Data)
}

// appendJSONResponse appends nothing when the response is of unknown kind.
func appendJSONResponse(b []byte, r *Response) []byte {
	if r.Type == Unknown || int(r.Type) >= len(responseNames) {
		return b
	}
	o := object{b}
	o.open()
	o.text("type", responseNames[r.Type])
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
		o.downMessage(&r.Message)
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
	o.close()
	return o.b
}

func (o *object) connected(r *Response) {
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
	if e == nil {
		return
	}
	o.key("error")
	o.open()
	o.text("name", e.Name)
	o.text("message", e.Message)
	o.close()
}

func (o *object) downMessage(m *webpubsub.Message) {
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
		o.streamPart(m.Stream)
	}
}

func (o *object) streamPart(p *webpubsub.StreamPart) {
	o.key("stream")
	o.open()
	o.text("streamId", p.ID)
	o.number("streamSequenceId", p.SequenceID)
	if p.End {
		o.flag("endOfStream", true)
	}
	if p.Error != nil {
		o.key("error")
		o.open()
		o.text("name", p.Error.Name)
		o.optional("message", p.Error.Message)
		o.optional("userErrorCode", p.Error.UserErrorCode)
		o.close()
	}
	o.close()
}

func (o *object) streamResponse(r *Response) {
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

func (o *object) groupState(r *Response) {
	o.text("group", string(r.Group))
	o.key("items")
	o.b = append(o.b, '[')
	for i := range r.Items {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.stateItem(&r.Items[i])
	}
	o.b = append(o.b, ']')
}

func (o *object) stateItem(item *StateItem) {
	o.open()
	o.text("connectionId", string(item.ConnectionID))
	o.optional("userId", string(item.UserID))
	if item.State != nil {
		o.texts("state", item.State)
	}
	o.number("updatedAt", uint64(item.UpdatedAt.UnixMilli()))
	o.close()
}

func decodeJSONResponse(frame []byte) (Response, error) {
	var f fields
	if err := f.parse(frame); err != nil {
		return Response{}, err
	}
	name, err := f.text(propType)
	if err != nil {
		return Response{}, err
	}
	r, err := f.response(name)
	if err != nil {
		return Response{}, err
	}
	if !f.absent(propSequenceID) && (r.Type == Message || r.Type >= GroupStateSnapshot) {
		r.SequenceID, err = f.number(propSequenceID, math.MaxUint64)
	}
	return r, err
}

func (f *fields) response(name string) (Response, error) {
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

func (f *fields) system() (r Response, err error) {
	event, err := f.text(propEvent)
	if err != nil {
		return r, err
	}
	switch event {
	case "connected":
		r.Type = Connected
		id, err := f.text(propConnectionID)
		if err != nil {
			return r, err
		}
		user, err := f.optionalText(propUserID)
		if err != nil {
			return r, err
		}
		r.ConnectionID, r.UserID = webpubsub.ConnectionID(id), webpubsub.UserID(user)
		r.ReconnectionToken, err = f.optionalText(propReconnectionToken)
		return r, err
	case "disconnected":
		r.Type = Disconnected
		r.Reason, err = f.optionalText(propMessage)
	}
	return r, err
}

func (f *fields) ack() (r Response, err error) {
	r.Type = Ack
	if r.AckID, err = f.number(propAckID, math.MaxUint64); err != nil {
		return r, err
	}
	return r, f.outcome(&r)
}

// outcome reads success, which has to be a boolean, and error.
func (f *fields) outcome(r *Response) (err error) {
	if f.absent(propSuccess) {
		return malformed("success is missing")
	}
	if r.Success, err = f.flag(propSuccess); err != nil {
		return err
	}
	r.Error, err = f.error()
	return err
}

func (f *fields) error() (*Error, error) {
	why, err := f.object(propError)
	if err != nil || why == nil {
		return nil, err
	}
	e := &Error{}
	if e.Name, err = why.optionalText(propName); err != nil {
		return nil, err
	}
	e.Message, err = why.optionalText(propMessage)
	return e, err
}

func (f *fields) invokeResponse() (r Response, err error) {
	r.Type = InvokeResponse
	if r.InvocationID, err = f.text(propInvocationID); err != nil {
		return r, err
	}
	if r.Data, err = f.data(); err != nil {
		return r, err
	}
	return r, f.outcome(&r)
}

func (f *fields) downMessage() (r Response, err error) {
	r.Type = Message
	from, err := f.text(propFrom)
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

func (f *fields) sender(m *webpubsub.Message) error {
	group, err := f.text(propGroup)
	if err != nil {
		return err
	}
	if group == "" {
		return malformed("group is empty")
	}
	user, err := f.optionalText(propFromUserID)
	m.Group, m.FromUserID = webpubsub.GroupName(group), webpubsub.UserID(user)
	return err
}

func (f *fields) streamPart() (*webpubsub.StreamPart, error) {
	stream, err := f.object(propStream)
	if err != nil || stream == nil {
		return nil, err
	}
	p := &webpubsub.StreamPart{}
	if p.ID, err = stream.text(propStreamID); err != nil {
		return nil, err
	}
	if p.SequenceID, err = stream.number(propStreamSequenceID, math.MaxUint64); err != nil {
		return nil, err
	}
	if p.End, err = stream.flag(propEndOfStream); err != nil {
		return nil, err
	}
	p.Error, err = stream.streamError()
	return p, err
}

func (f *fields) streamError() (*webpubsub.StreamError, error) {
	why, err := f.object(propError)
	if err != nil || why == nil {
		return nil, err
	}
	e := &webpubsub.StreamError{}
	if e.Name, err = why.optionalText(propName); err != nil {
		return nil, err
	}
	if e.Message, err = why.optionalText(propMessage); err != nil {
		return nil, err
	}
	e.UserErrorCode, err = why.optionalText(propUserErrorCode)
	return e, err
}

func (f *fields) streamResponse(t ResponseType) (r Response, err error) {
	r.Type = t
	if r.StreamID, err = f.text(propStreamID); err != nil {
		return r, err
	}
	if t == StreamClosed {
		r.Error, err = f.error()
		return r, err
	}
	if t == StreamNack {
		r.Error = &Error{}
		if r.Error.Name, err = f.optionalText(propName); err != nil {
			return r, err
		}
		if r.Error.Message, err = f.optionalText(propMessage); err != nil {
			return r, err
		}
	}
	r.ExpectedSequenceID, err = f.number(propExpectedSequenceID, math.MaxUint64)
	return r, err
}

func (f *fields) groupState(t ResponseType) (r Response, err error) {
	r.Type = t
	group, err := f.text(propGroup)
	if err != nil {
		return r, err
	}
	r.Group = webpubsub.GroupName(group)
	items, err := f.objects(propItems)
	if err != nil {
		return r, err
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

func (f *fields) stateItem() (item StateItem, err error) {
	id, err := f.text(propConnectionID)
	if err != nil {
		return item, err
	}
	user, err := f.optionalText(propUserID)
	if err != nil {
		return item, err
	}
	item.ConnectionID, item.UserID = webpubsub.ConnectionID(id), webpubsub.UserID(user)
	if item.State, err = f.texts(propState); err != nil {
		return item, err
	}
	ms, err := f.number(propUpdatedAt, 1<<53)
	item.UpdatedAt = time.UnixMilli(int64(ms)).UTC()
	return item, err
}
