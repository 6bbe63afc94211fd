package wire

import (
	"strconv"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/easelhq/easel/webpubsub"
)

// Shared is a response on its way to any number of connections; it is encoded once per
// format. Safe for concurrent use.
type Shared struct {
	Response
	encoded [formats]struct {
		once sync.Once
		splicable
	}
}

// splicable is a frame with a place for a sequence id.
type splicable struct {
	frame []byte
	// Of protobuf: where the data message starts, and where its field 4 belongs. Zero when
	// the frame takes no sequence id.
	start, at int
}

// ShareResponse prepares a response for sending. Its SequenceID does not count.
func ShareResponse(r Response) *Shared {
	r.SequenceID = 0
	return &Shared{Response: r}
}

// Share prepares a message for sending.
func Share(m webpubsub.Message) *Shared {
	return &Shared{Response: Response{Type: Message, Message: m}}
}

func (s *Shared) encode(f Format) splicable {
	e := &s.encoded[f]
	e.once.Do(func() {
		if f == JSON {
			e.frame = encodeJSONResponse(s.Response)
		} else {
			e.splicable = encodeProtobufResponse(f, s.Response)
		}
	})
	return e.splicable
}

// Frame is the frame of a plain connection. It must not be changed. Nil when the format has
// no form for it.
func (s *Shared) Frame(f Format) []byte { return s.encode(f).frame }

// Reliable is the frame of a reliable connection, which gives it a sequence id. Nil when the
// format has no form for it.
func (s *Shared) Reliable(f Format, sequenceID uint64) []byte {
	e := s.encode(f)
	switch {
	case e.frame == nil:
		return nil
	case f == JSON:
		const head = `{"sequenceId":`
		b := make([]byte, 0, len(head)+20+len(e.frame))
		b = strconv.AppendUint(append(b, head...), sequenceID, 10)
		return append(append(b, ','), e.frame[1:]...)
	}
	return e.withSequenceID(sequenceID)
}

// withSequenceID puts field 4 between data and what follows it, and corrects the length.
func (e splicable) withSequenceID(id uint64) []byte {
	if e.start == 0 {
		return e.frame
	}
	body, at := e.frame[e.start:], e.at-e.start
	size := len(body) + protowire.SizeTag(4) + protowire.SizeVarint(id)
	b := make([]byte, 0, 1+protowire.SizeBytes(size))
	b = protowire.AppendVarint(append(b, e.frame[0]), uint64(size))
	b = append(b, body[:at]...)
	b = protowire.AppendVarint(protowire.AppendTag(b, 4, protowire.VarintType), id)
	return append(b, body[at:]...)
}

// Bare is the frame for a client without subprotocol: a message's payload alone. It must not
// be changed.
func (s *Shared) Bare() (text bool, frame []byte) {
	t := s.Message.Data.Type
	return t == webpubsub.Text || t == webpubsub.JSON, s.Message.Data.Bytes
}
