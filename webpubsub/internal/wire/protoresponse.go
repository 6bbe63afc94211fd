package wire

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/easelhq/easel/webpubsub"
)

// Field numbers of DownstreamMessage. 5 belongs to a message that is unpublished.
const (
	downAck          = 1
	downData         = 2
	downSystem       = 3
	downPong         = 4
	downStreamAck    = 6
	downStreamNack   = 7
	downStreamClosed = 8
)

// memberRoom is what is left free before a DownstreamMessage's member, for its tag and length.
const memberRoom = 1 + 5

// room returns a buffer for a member of about size bytes.
func room(size int) []byte { return make([]byte, memberRoom, memberRoom+size) }

func encodeProtobufResponse(f Format, r *Response) splicable {
	switch r.Type {
	case Connected:
		b := appendText(appendText(nil, 1, string(r.ConnectionID)), 2, string(r.UserID))
		return downFrame(downSystem, appendBytes(room(128), 1, appendText(b, 3, r.ReconnectionToken)))
	case Disconnected:
		return downFrame(downSystem, appendBytes(room(128), 2, appendText(nil, 2, r.Reason)))
	case Ack:
		b := appendNumber(room(16), 1, r.AckID)
		b = appendNumber(b, 2, protowire.EncodeBool(r.Success))
		return downFrame(downAck, appendError(b, 3, r.Error))
	case Message:
		return encodeDataMessage(f, &r.Message)
	case Pong:
		return downFrame(downPong, room(0))
	case StreamAck:
		b := appendText(room(16+len(r.StreamID)), 1, r.StreamID)
		return downFrame(downStreamAck, appendNumber(b, 2, r.ExpectedSequenceID))
	case StreamNack:
		b := appendText(room(128), 1, r.StreamID)
		if r.Error != nil {
			b = appendText(appendText(b, 2, r.Error.Name), 3, r.Error.Message)
		}
		return downFrame(downStreamNack, appendNumber(b, 4, r.ExpectedSequenceID))
	case StreamClosed:
		b := appendText(room(128), 1, r.StreamID)
		return downFrame(downStreamClosed, appendError(b, 2, r.Error))
	}
	return splicable{}
}

// downFrame makes a frame of a member's body, which has room before it.
func downFrame(field protowire.Number, body []byte) splicable {
	size := len(body) - memberRoom
	from := memberRoom - 1 - protowire.SizeVarint(uint64(size))
	protowire.AppendVarint(protowire.AppendTag(body[from:from], field, protowire.BytesType), uint64(size))
	return splicable{frame: body[from:]}
}

func appendError(b []byte, field protowire.Number, e *Error) []byte {
	if e == nil {
		return b
	}
	return appendBytes(b, field, appendText(appendText(nil, 1, e.Name), 2, e.Message))
}

// encodeDataMessage leaves a place for the sequence id, field 4. The last message of a stream
// has no data.
func encodeDataMessage(f Format, m *webpubsub.Message) splicable {
	b := room(32 + len(m.Group) + len(m.Data.Bytes))
	if m.Group == "" {
		b = appendText(b, 1, "server")
	} else {
		b = appendText(appendText(b, 1, "group"), 2, string(m.Group))
	}
	if m.Stream == nil || !m.Stream.End {
		b = appendData(b, f, 3, &m.Data)
	}
	head := len(b) - memberRoom
	b = appendMetadata(b, 5, m.Metadata)
	if m.Stream != nil {
		b = appendBytes(b, 6, encodeStreamPart(*m.Stream))
	}
	s := downFrame(downData, b)
	s.start = len(s.frame) - (len(b) - memberRoom)
	s.at = s.start + head
	return s
}

func encodeStreamPart(p webpubsub.StreamPart) []byte {
	b := appendNumber(appendText(nil, 1, p.ID), 2, p.SequenceID)
	b = appendNumber(b, 3, protowire.EncodeBool(p.End))
	if e := p.Error; e != nil {
		b = appendBytes(b, 4, appendText(appendText(appendText(nil, 1, e.Name), 2, e.Message), 3, e.UserErrorCode))
	}
	return b
}

func decodeProtobufResponse(frame []byte) (r Response, err error) {
	s := scan(frame)
	for s.next() {
		if read := responseReader(s.tag); read != nil {
			r = into(s, read)
		}
	}
	if s.err != nil {
		return Response{}, s.err
	}
	return r, nil
}

func responseReader(tag uint64) func([]byte) (Response, error) {
	switch tag {
	case length(downAck):
		return readAck
	case length(downData):
		return readDataMessage
	case length(downSystem):
		return readSystem
	case length(downPong):
		return func(b []byte) (Response, error) { return Response{Type: Pong}, skip(b) }
	case length(downStreamAck):
		return readStreamAck
	case length(downStreamNack):
		return readStreamNack
	case length(downStreamClosed):
		return readStreamClosed
	}
	return nil
}

func readAck(b []byte) (Response, error) {
	r := Response{Type: Ack}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case varint(1):
			r.AckID = s.number
		case varint(2):
			r.Success = s.number != 0
		case length(3):
			r.Error = into(s, readError)
		}
	}
	return r, s.err
}

func readError(b []byte) (*Error, error) {
	e := &Error{}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			e.Name = s.text()
		case length(2):
			e.Message = s.text()
		}
	}
	return e, s.err
}

// readDataMessage takes absent data as an empty text.
func readDataMessage(b []byte) (Response, error) {
	r := Response{Type: Message}
	var data *webpubsub.Data
	from := ""
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			from = s.text()
		case length(2):
			r.Message.Group = webpubsub.GroupName(s.text())
		case length(3):
			data = into(s, decodeData)
		case varint(4):
			r.SequenceID = s.number
		case length(5):
			r.Message.Metadata = entry(s, r.Message.Metadata)
		case length(6):
			r.Message.Stream = into(s, readStreamPart)
		}
	}
	if data == nil {
		data = emptyText()
	}
	r.Message.Data = *data
	switch {
	case from != "group":
		r.Message.Group = ""
	case r.Message.Group == "":
		s.fail("group is missing")
	}
	return r, s.err
}

func readStreamPart(b []byte) (*webpubsub.StreamPart, error) {
	p := &webpubsub.StreamPart{}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			p.ID = s.text()
		case varint(2):
			p.SequenceID = s.number
		case varint(3):
			p.End = s.number != 0
		case length(4):
			p.Error = into(s, readStreamError)
		}
	}
	return p, s.err
}

func readStreamError(b []byte) (*webpubsub.StreamError, error) {
	e := &webpubsub.StreamError{}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			e.Name = s.text()
		case length(2):
			e.Message = s.text()
		case length(3):
			e.UserErrorCode = s.text()
		}
	}
	return e, s.err
}

func readSystem(b []byte) (r Response, err error) {
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r = into(s, readConnected)
		case length(2):
			r = into(s, readDisconnected)
		}
	}
	return r, s.err
}

func readConnected(b []byte) (Response, error) {
	r := Response{Type: Connected}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.ConnectionID = webpubsub.ConnectionID(s.text())
		case length(2):
			r.UserID = webpubsub.UserID(s.text())
		case length(3):
			r.ReconnectionToken = s.text()
		}
	}
	return r, s.err
}

func readDisconnected(b []byte) (Response, error) {
	r := Response{Type: Disconnected}
	s := scan(b)
	for s.next() {
		if s.tag == length(2) {
			r.Reason = s.text()
		}
	}
	return r, s.err
}

func readStreamAck(b []byte) (Response, error) {
	r := Response{Type: StreamAck}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.StreamID = s.text()
		case varint(2):
			r.ExpectedSequenceID = s.number
		}
	}
	return r, s.err
}

func readStreamNack(b []byte) (Response, error) {
	r := Response{Type: StreamNack, Error: &Error{}}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.StreamID = s.text()
		case length(2):
			r.Error.Name = s.text()
		case length(3):
			r.Error.Message = s.text()
		case varint(4):
			r.ExpectedSequenceID = s.number
		}
	}
	return r, s.err
}

func readStreamClosed(b []byte) (Response, error) {
	r := Response{Type: StreamClosed}
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			r.StreamID = s.text()
		case length(2):
			r.Error = into(s, readError)
		}
	}
	return r, s.err
}
