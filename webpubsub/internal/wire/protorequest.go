package wire

import (
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/easelhq/easel/webpubsub"
)

// Field numbers of UpstreamMessage. 10 to 12 belong to messages that are unpublished.
const (
	upSendToGroup = 1
	upEvent       = 5
	upJoinGroup   = 6
	upLeaveGroup  = 7
	upSequenceAck = 8
	upPing        = 9
	upStreamData  = 13
	upStreamEnd   = 14
)

func decodeProtobufRequest(frame []byte) (r Request, err error) {
	s := scan(frame)
	chosen := false
	for s.next() {
		read := requestReader(s.tag)
		if read == nil {
			continue
		}
		chosen = true
		r = into(s, read)
	}
	switch {
	case s.err != nil:
		return Request{}, s.err
	case !chosen:
		return Request{}, malformed("the message has no known member")
	}
	return r, r.check()
}

func requestReader(tag uint64) func([]byte) (Request, error) {
	switch tag {
	case length(upSendToGroup):
		return readSendToGroup
	case length(upEvent):
		return readEvent
	case length(upJoinGroup):
		return func(b []byte) (Request, error) { return readGroupRequest(JoinGroup, b) }
	case length(upLeaveGroup):
		return func(b []byte) (Request, error) { return readGroupRequest(LeaveGroup, b) }
	case length(upSequenceAck):
		return readSequenceAck
	case length(upPing):
		return func(b []byte) (Request, error) { return Request{Type: Ping}, skip(b) }
	case length(upStreamData):
		return readStreamData
	case length(upStreamEnd):
		return readStreamEnd
	}
	return nil
}

// skip reads a message without known fields.
func skip(b []byte) error {
	s := scan(b)
	for s.next() {
	}
	return s.err
}

func readGroupRequest(t RequestType, b []byte) (Request, error) {
	r := Request{Type: t}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.Group = webpubsub.GroupName(s.text())
		case varint(2):
			r.AckID = s.id()
		}
	}
	return r, s.err
}

func readSendToGroup(b []byte) (Request, error) {
	r := Request{Type: SendToGroup}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.Group = webpubsub.GroupName(s.text())
		case varint(2):
			r.AckID = s.id()
		case length(3):
			r.Data = into(s, decodeData)
		case varint(4):
			r.NoEcho = s.number != 0
		case varint(5):
			r.TTL = time.Duration(min(s.number, math.MaxUint32)) * time.Second
		case length(6):
			r.Metadata = entry(s, r.Metadata)
		case length(7):
			r.Type = StreamStart
			start := into(s, readStreamStart)
			r.StreamID, r.StreamIdle = start.StreamID, start.StreamIdle
		}
	}
	if r.Type == StreamStart {
		r.TTL, r.Metadata = 0, nil
	} else {
		r.supplyData()
	}
	return r, s.err
}

func (r *Request) supplyData() {
	if r.Data == nil && len(r.Metadata) > 0 {
		r.Data = emptyText()
	}
}

func readStreamStart(b []byte) (Request, error) {
	r := Request{StreamIdle: webpubsub.DefaultStreamIdle}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.StreamID = s.text()
		case varint(2):
			if s.number > math.MaxUint32 {
				s.fail("idle_timeout_ms %d is not a 32-bit number", s.number)
			}
			r.StreamIdle = time.Duration(s.number) * time.Millisecond
		}
	}
	return r, s.err
}

func readEvent(b []byte) (Request, error) {
	r := Request{Type: Event}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.Event = webpubsub.EventName(s.text())
		case length(2):
			r.Data = into(s, decodeData)
		case varint(3):
			r.AckID = s.id()
		case length(4):
			r.Metadata = entry(s, r.Metadata)
		case length(5):
			s.fail("an event takes no stream")
		}
	}
	r.supplyData()
	return r, s.err
}

func readSequenceAck(b []byte) (Request, error) {
	r := Request{Type: SequenceAck}
	s := scan(b)
	for s.next() {
		if s.tag == varint(1) {
			r.SequenceID = s.number
		}
	}
	return r, s.err
}

func readStreamData(b []byte) (Request, error) {
	r := Request{Type: StreamData}
	numbered := false
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.StreamID = s.text()
		case varint(2):
			r.SequenceID, numbered = s.number, true
		case length(3):
			if r.Data = into(s, decodeData); r.Data == nil {
				s.fail("data has no member chosen")
			}
		}
	}
	if r.Data == nil {
		r.SequenceID = 0
	} else if !numbered {
		s.fail("stream_sequence_id is missing")
	}
	return r, s.err
}

func readStreamEnd(b []byte) (Request, error) {
	r := Request{Type: StreamEnd}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.StreamID = s.text()
		case length(2):
			r.StreamError = into(s, readUserError)
		}
	}
	return r, s.err
}

func readUserError(b []byte) (*webpubsub.StreamError, error) {
	e := &webpubsub.StreamError{}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			e.Message = s.text()
		case length(2):
			e.UserErrorCode = s.text()
		}
	}
	return e, s.err
}

func encodeProtobufRequest(f Format, r Request) ([]byte, error) {
	switch r.Type {
	case JoinGroup:
		return appendBytes(nil, upJoinGroup, groupBody(r)), nil
	case LeaveGroup:
		return appendBytes(nil, upLeaveGroup, groupBody(r)), nil
	case SendToGroup, StreamStart:
		return appendBytes(nil, upSendToGroup, sendBody(f, r)), nil
	case Event:
		b := appendData(appendText(nil, 1, string(r.Event)), f, 2, r.Data)
		b = appendMetadata(appendOptional(b, 3, r.AckID), 4, r.Metadata)
		return appendBytes(nil, upEvent, b), nil
	case Ping:
		return appendBytes(nil, upPing, nil), nil
	case SequenceAck:
		return appendBytes(nil, upSequenceAck, appendNumber(nil, 1, r.SequenceID)), nil
	case StreamData:
		b := appendText(nil, 1, r.StreamID)
		if r.Data != nil {
			b = appendData(appendPresent(b, 2, r.SequenceID), f, 3, r.Data)
		}
		return appendBytes(nil, upStreamData, b), nil
	case StreamEnd:
		b := appendText(nil, 1, r.StreamID)
		if e := r.StreamError; e != nil {
			b = appendBytes(b, 2, appendText(appendText(nil, 1, e.Message), 2, e.UserErrorCode))
		}
		return appendBytes(nil, upStreamEnd, b), nil
	}
	return nil, malformed("%s has no form in protobuf", requestNames[r.Type])
}

func groupBody(r Request) []byte {
	return appendOptional(appendText(nil, 1, string(r.Group)), 2, r.AckID)
}

func sendBody(f Format, r Request) []byte {
	b := appendData(groupBody(r), f, 3, r.Data)
	if r.NoEcho {
		b = appendPresent(b, 4, protowire.EncodeBool(true))
	}
	b = appendNumber(b, 5, uint64(r.TTL/time.Second))
	b = appendMetadata(b, 6, r.Metadata)
	if r.Type == StreamStart {
		b = appendBytes(b, 7, appendNumber(appendText(nil, 1, r.StreamID), 2, uint64(r.StreamIdle.Milliseconds())))
	}
	return b
}
