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
	encoded [formats + 1]struct { // the last is bare
		once sync.Once
		splicable
	}
}

const bare = formats

// splicable is a frame with a place for a sequence id.
type splicable struct {
	frame []byte
	// Of protobuf: where the data message starts, and where its field 4 belongs. Zero when the
	// frame takes no sequence id.
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

func (s *Shared) encode(f Format) *splicable {
	e := &s.encoded[f]
	e.once.Do(func() {
		switch f {
		case bare:
			e.frame = append([]byte{}, s.Message.Data.Bytes...) // which may be part of something larger
		default:
			e.splicable = encodeResponse(f, &s.Response)
		}
	})
	return &e.splicable
}

// Frame is the frame for plain connections. Nil when the format has no form for it. It must
// not be changed.
func (s *Shared) Frame(f Format) []byte { return s.encode(f).frame }

// Reliable is the frame of a reliable connection, which gives it a sequence id. Nil when the
// format has no form for it.
func (s *Shared) Reliable(f Format, sequenceID uint64) []byte {
	return s.encode(f).withSequenceID(f, sequenceID)
}

// Bare is the frame for clients without subprotocol: a message's payload alone. It must not be
// changed.
func (s *Shared) Bare() (frame []byte, text bool) {
	of := s.Message.Data.Type
	return s.encode(bare).frame, of == webpubsub.Text || of == webpubsub.JSON
}

func (e *splicable) withSequenceID(f Format, id uint64) []byte {
	switch {
	case e.frame == nil:
		return nil
	case f == JSON:
		const head = `{"sequenceId":`
		b := make([]byte, 0, len(head)+20+len(e.frame))
		b = strconv.AppendUint(append(b, head...), id, 10)
		return append(append(b, ','), e.frame[1:]...)
	case e.start == 0:
		return e.frame
	}
	return e.withField4(id)
}

// withField4 puts the id between data and what follows it, and corrects the length.
func (e *splicable) withField4(id uint64) []byte {
	body, at := e.frame[e.start:], e.at-e.start
	size := len(body) + protowire.SizeTag(4) + protowire.SizeVarint(id)
	b := make([]byte, 0, 1+protowire.SizeBytes(size))
	b = protowire.AppendVarint(append(b, e.frame[0]), uint64(size))
	b = append(b, body[:at]...)
	b = protowire.AppendVarint(protowire.AppendTag(b, 4, protowire.VarintType), id)
	return append(b, body[at:]...)
}
