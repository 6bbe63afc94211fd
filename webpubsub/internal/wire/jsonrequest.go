package wire

import (
	"bytes"
	"math"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

func decodeJSONRequest(frame []byte) (Request, error) {
	var f fields
	if err := f.parse(frame); err != nil {
		return Request{}, err
	}
	name, err := f.meant(propType)
	if err != nil {
		return Request{}, err
	}
	t, known := requestType(name)
	if !known {
		return Request{}, malformed("type %q is unknown", clip(strings.ToLower(string(name))))
	}
	r, err := f.request(t)
	if err != nil {
		return Request{}, err
	}
	return r, r.check()
}

// requestType finds a name, in any case.
func requestType(name []byte) (RequestType, bool) {
	if t, known := requestTypes[string(name)]; known {
		return t, true
	}
	lower := strings.ToLower(string(name))
	for known, t := range requestTypes {
		if strings.ToLower(known) == lower {
			return t, true
		}
	}
	return 0, false
}

// requestTypes are found by their documented names. The start of a stream has none.
var requestTypes = map[string]RequestType{
	"joinGroup": JoinGroup, "leaveGroup": LeaveGroup, "sendToGroup": SendToGroup, "event": Event, "ping": Ping,
	"sequenceAck": SequenceAck, "invoke": Invoke, "cancelInvocation": CancelInvocation, "streamData": StreamData,
	"streamEnd": StreamEnd, "setGroupState": SetGroupState, "subscribeGroupState": SubscribeGroupState,
	"unsubscribeGroupState": UnsubscribeGroupState,
}

func (f *fields) request(t RequestType) (Request, error) {
	switch t {
	case SendToGroup:
		return f.sendRequest()
	case Event:
		return f.eventRequest()
	case SequenceAck:
		return f.sequenceAck()
	case Invoke:
		return f.invoke()
	case CancelInvocation:
		id, err := f.text(propInvocationID)
		return Request{Type: CancelInvocation, InvocationID: id}, err
	case StreamData:
		return f.streamData()
	case StreamEnd:
		return f.streamEnd()
	case SetGroupState:
		return f.setGroupState()
	case Ping:
		return Request{Type: Ping}, nil
	default:
		return f.groupRequest(t)
	}
}

func (f *fields) groupRequest(t RequestType) (r Request, err error) {
	r.Type = t
	if r.AckID, err = f.ackID(); err != nil {
		return r, err
	}
	group, err := f.text(propGroup)
	r.Group = webpubsub.GroupName(group)
	return r, err
}

func (f *fields) ackID() (*uint64, error) {
	if f.absent(propAckID) {
		return nil, nil
	}
	id, err := f.number(propAckID, math.MaxUint64)
	return &id, err
}

func (f *fields) sendRequest() (r Request, err error) {
	if r, err = f.groupRequest(SendToGroup); err != nil {
		return r, err
	}
	if r.NoEcho, err = f.flag(propNoEcho); err != nil {
		return r, err
	}
	stream, err := f.object(propStream)
	if err != nil {
		return r, err
	}
	if stream != nil {
		return r, f.streamStart(stream, &r)
	}
	if !f.absent(propTtlSeconds) {
		seconds, err := f.number(propTtlSeconds, uint64(webpubsub.MaxTTL/time.Second))
		if err != nil {
			return r, err
		}
		r.TTL = time.Duration(seconds) * time.Second
	}
	return r, f.message(&r)
}

func (f *fields) streamStart(stream *fields, r *Request) (err error) {
	r.Type, r.StreamIdle = StreamStart, webpubsub.DefaultStreamIdle
	if r.Data, err = f.data(); err != nil {
		return err
	}
	if !stream.absent(propIdleTimeoutMS) {
		ms, err := stream.number(propIdleTimeoutMS, math.MaxUint32)
		if err != nil {
			return err
		}
		r.StreamIdle = time.Duration(ms) * time.Millisecond
	}
	r.StreamID, err = stream.text(propStreamID)
	return err
}

func (f *fields) eventRequest() (r Request, err error) {
	r.Type = Event
	if r.AckID, err = f.ackID(); err != nil {
		return r, err
	}
	name, err := f.text(propEvent)
	if err != nil {
		return r, err
	}
	r.Event = webpubsub.EventName(name)
	return r, f.message(&r)
}

// message reads data and metadata. With metadata present data may be absent.
func (f *fields) message(r *Request) (err error) {
	if r.Metadata, err = f.metadata(); err != nil {
		return err
	}
	r.Data, err = f.data()
	if r.Data == nil && err == nil && !f.absent(propMetadata) {
		r.Data = emptyText()
	}
	return err
}

// sequenceAck also takes a decimal string, as one page of the documentation shows it.
func (f *fields) sequenceAck() (Request, error) {
	raw := f.raw(propSequenceID)
	id, ok := parseNumber(bytes.Trim(raw, `"`))
	if !ok {
		return Request{}, malformed("sequenceId %s is not an integer from 0 to 2^64-1", clip(string(raw)))
	}
	return Request{Type: SequenceAck, SequenceID: id}, nil
}

func (f *fields) invoke() (r Request, err error) {
	r.Type = Invoke
	if r.InvocationID, err = f.text(propInvocationID); err != nil {
		return r, err
	}
	if target, err := f.text(propTarget); err != nil || target != "event" {
		return r, malformed("target of an invocation is not \"event\"")
	}
	name, err := f.text(propEvent)
	if err != nil {
		return r, err
	}
	r.Event = webpubsub.EventName(name)
	r.Data, err = f.data()
	return r, err
}

func (f *fields) streamData() (r Request, err error) {
	r.Type = StreamData
	if r.StreamID, err = f.text(propStreamID); err != nil {
		return r, err
	}
	if r.Data, err = f.data(); err != nil || r.Data == nil {
		return r, err
	}
	r.SequenceID, err = f.number(propStreamSequenceID, math.MaxUint64)
	return r, err
}

func (f *fields) streamEnd() (r Request, err error) {
	r.Type = StreamEnd
	if r.StreamID, err = f.text(propStreamID); err != nil {
		return r, err
	}
	why, err := f.object(propError)
	if err != nil || why == nil {
		return r, err
	}
	if why.raw(propName) != nil {
		return r, malformed("the error of a streamEnd has a name, which is the service's to give")
	}
	r.StreamError = &webpubsub.StreamError{}
	if r.StreamError.Message, err = why.optionalText(propMessage); err != nil {
		return r, err
	}
	r.StreamError.UserErrorCode, err = why.optionalText(propUserErrorCode)
	return r, err
}

func (f *fields) setGroupState() (r Request, err error) {
	if r, err = f.groupRequest(SetGroupState); err != nil {
		return r, err
	}
	r.State, err = f.texts(propState)
	return r, err
}

var requestNames = [...]string{
	JoinGroup: "joinGroup", LeaveGroup: "leaveGroup", SendToGroup: "sendToGroup", Event: "event", Ping: "ping",
	SequenceAck: "sequenceAck", Invoke: "invoke", CancelInvocation: "cancelInvocation", StreamStart: "sendToGroup",
	StreamData: "streamData", StreamEnd: "streamEnd", SetGroupState: "setGroupState",
	SubscribeGroupState: "subscribeGroupState", UnsubscribeGroupState: "unsubscribeGroupState",
}

func encodeJSONRequest(r Request) []byte {
	o := object{make([]byte, 0, 96+len(r.Group)+dataSize(r.Data))}
	o.open()
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
	o.close()
	return o.b
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
		o.text("group", string(r.Group))
		o.flag("noEcho", r.NoEcho)
		o.key("stream")
		o.open()
		o.text("streamId", r.StreamID)
		o.number("idleTimeoutMs", uint64(r.StreamIdle.Milliseconds()))
		o.close()
		return
	}
	o.text("streamId", r.StreamID)
	if r.Data != nil {
		o.number("streamSequenceId", r.SequenceID)
		o.data(r.Data)
	}
	if e := r.StreamError; e != nil {
		o.key("error")
		o.open()
		o.optional("message", e.Message)
		o.optional("userErrorCode", e.UserErrorCode)
		o.close()
	}
}
