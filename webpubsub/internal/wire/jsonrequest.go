package wire

import (
	"math"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

func decodeJSONRequest(frame []byte) (Request, error) {
	f, err := parseObject(frame)
	if err != nil {
		return Request{}, err
	}
	name, err := f.text("type")
	if err != nil {
		return Request{}, err
	}
	r, err := f.request(strings.ToLower(name))
	if err != nil {
		return Request{}, err
	}
	return r, r.check()
}

func (f fields) request(name string) (Request, error) {
	switch name {
	case "joingroup":
		return f.groupRequest(JoinGroup)
	case "leavegroup":
		return f.groupRequest(LeaveGroup)
	case "sendtogroup":
		return f.sendRequest()
	case "event":
		return f.eventRequest()
	case "ping":
		return Request{Type: Ping}, nil
	case "sequenceack":
		return f.sequenceAck()
	case "invoke":
		return f.invoke()
	case "cancelinvocation":
		id, err := f.text("invocationId")
		return Request{Type: CancelInvocation, InvocationID: id}, err
	case "streamdata":
		return f.streamData()
	case "streamend":
		return f.streamEnd()
	case "setgroupstate":
		return f.setGroupState()
	case "subscribegroupstate":
		return f.groupRequest(SubscribeGroupState)
	case "unsubscribegroupstate":
		return f.groupRequest(UnsubscribeGroupState)
	}
	return Request{}, malformed("type %q is unknown", clip(name))
}

func (f fields) groupRequest(t RequestType) (r Request, err error) {
	r.Type = t
	if r.AckID, err = f.ackID(); err != nil {
		return r, err
	}
	group, err := f.text("group")
	r.Group = webpubsub.GroupName(group)
	return r, err
}

func (f fields) ackID() (*uint64, error) {
	if f.absent("ackId") {
		return nil, nil
	}
	id, err := f.number("ackId", math.MaxUint64)
	return &id, err
}

func (f fields) sendRequest() (r Request, err error) {
	if r, err = f.groupRequest(SendToGroup); err != nil {
		return r, err
	}
	if r.NoEcho, err = f.flag("noEcho"); err != nil {
		return r, err
	}
	stream, err := f.object("stream")
	if err != nil {
		return r, err
	}
	if stream != nil {
		return r, f.streamStart(stream, &r)
	}
	if !f.absent("ttlSeconds") {
		seconds, err := f.number("ttlSeconds", uint64(webpubsub.MaxTTL/time.Second))
		if err != nil {
			return r, err
		}
		r.TTL = time.Duration(seconds) * time.Second
	}
	return r, f.message(&r)
}

func (f fields) streamStart(stream fields, r *Request) (err error) {
	r.Type, r.StreamIdle = StreamStart, webpubsub.DefaultStreamIdle
	if r.Data, err = f.data(); err != nil {
		return err
	}
	if !stream.absent("idleTimeoutMs") {
		ms, err := stream.number("idleTimeoutMs", math.MaxUint32)
		if err != nil {
			return err
		}
		r.StreamIdle = time.Duration(ms) * time.Millisecond
	}
	r.StreamID, err = stream.text("streamId")
	return err
}

func (f fields) eventRequest() (r Request, err error) {
	r.Type = Event
	if r.AckID, err = f.ackID(); err != nil {
		return r, err
	}
	name, err := f.text("event")
	if err != nil {
		return r, err
	}
	r.Event = webpubsub.EventName(name)
	return r, f.message(&r)
}

// message reads data and metadata. With metadata present data may be absent.
func (f fields) message(r *Request) (err error) {
	if r.Metadata, err = f.metadata(); err != nil {
		return err
	}
	r.Data, err = f.data()
	if r.Data == nil && err == nil && !f.absent("metadata") {
		r.Data = emptyText()
	}
	return err
}

// sequenceAck also takes a decimal string, as one page of the documentation shows it.
func (f fields) sequenceAck() (Request, error) {
	raw := string(f["sequenceId"])
	id, ok := parseNumber(strings.Trim(raw, `"`))
	if !ok {
		return Request{}, malformed("sequenceId %s is not an integer from 0 to 2^64-1", clip(raw))
	}
	return Request{Type: SequenceAck, SequenceID: id}, nil
}

func (f fields) invoke() (r Request, err error) {
	r.Type = Invoke
	if r.InvocationID, err = f.text("invocationId"); err != nil {
		return r, err
	}
	if target, err := f.text("target"); err != nil || target != "event" {
		return r, malformed("target of an invocation is not \"event\"")
	}
	name, err := f.text("event")
	if err != nil {
		return r, err
	}
	r.Event = webpubsub.EventName(name)
	r.Data, err = f.data()
	return r, err
}

func (f fields) streamData() (r Request, err error) {
	r.Type = StreamData
	if r.StreamID, err = f.text("streamId"); err != nil {
		return r, err
	}
	if r.Data, err = f.data(); err != nil || r.Data == nil {
		return r, err
	}
	r.SequenceID, err = f.number("streamSequenceId", math.MaxUint64)
	return r, err
}

func (f fields) streamEnd() (r Request, err error) {
	r.Type = StreamEnd
	if r.StreamID, err = f.text("streamId"); err != nil {
		return r, err
	}
	why, err := f.object("error")
	if err != nil || why == nil {
		return r, err
	}
	if _, named := why["name"]; named {
		return r, malformed("the error of a streamEnd has a name, which is the service's to give")
	}
	r.StreamError = &webpubsub.StreamError{}
	if r.StreamError.Message, err = why.optionalText("message"); err != nil {
		return r, err
	}
	r.StreamError.UserErrorCode, err = why.optionalText("userErrorCode")
	return r, err
}

func (f fields) setGroupState() (r Request, err error) {
	if r, err = f.groupRequest(SetGroupState); err != nil {
		return r, err
	}
	r.State, err = f.texts("state")
	return r, err
}

var requestNames = [...]string{
	JoinGroup: "joinGroup", LeaveGroup: "leaveGroup", SendToGroup: "sendToGroup", Event: "event", Ping: "ping",
	SequenceAck: "sequenceAck", Invoke: "invoke", CancelInvocation: "cancelInvocation", StreamStart: "sendToGroup",
	StreamData: "streamData", StreamEnd: "streamEnd", SetGroupState: "setGroupState",
	SubscribeGroupState: "subscribeGroupState", UnsubscribeGroupState: "unsubscribeGroupState",
}

func encodeJSONRequest(r Request) []byte {
	var o object
	o.text("type", requestNames[r.Type])
	switch r.Type {
	case SequenceAck:
		o.number("sequenceId", r.SequenceID)
	case Invoke:
		o.text("invocationId", r.InvocationID)
		o.text("target", "event")
		o.text("event", string(r.Event))
		o.data(r.Data)
	case CancelInvocation:
		o.text("invocationId", r.InvocationID)
	case StreamStart, StreamData, StreamEnd:
		o.streamRequest(r)
	case Event:
		o.text("event", string(r.Event))
		o.message(r)
	case SendToGroup:
		o.text("group", string(r.Group))
		o.flag("noEcho", r.NoEcho)
		if r.TTL > 0 {
			o.number("ttlSeconds", uint64(r.TTL/time.Second))
		}
		o.message(r)
	case Ping:
	default:
		o.text("group", string(r.Group))
		o.ackID(r)
		if r.State != nil {
			o.texts("state", r.State)
		}
	}
	return o.end()
}

func (o *object) ackID(r Request) {
	if r.AckID != nil {
		o.number("ackId", *r.AckID)
	}
}

func (o *object) message(r Request) {
	o.ackID(r)
	o.data(r.Data)
	if len(r.Metadata) > 0 {
		o.texts("metadata", r.Metadata)
	}
}

func (o *object) streamRequest(r Request) {
	if r.Type == StreamStart {
		var stream object
		stream.text("streamId", r.StreamID)
		stream.number("idleTimeoutMs", uint64(r.StreamIdle.Milliseconds()))
		o.text("group", string(r.Group))
		o.flag("noEcho", r.NoEcho)
		o.object("stream", stream)
		return
	}
	o.text("streamId", r.StreamID)
	if r.Data != nil {
		o.number("streamSequenceId", r.SequenceID)
		o.data(r.Data)
	}
	if r.StreamError != nil {
		var why object
		why.optional("message", r.StreamError.Message)
		why.optional("userErrorCode", r.StreamError.UserErrorCode)
		o.object("error", why)
	}
}
