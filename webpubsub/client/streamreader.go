package client

import (
	"context"
	"io"
	"sync/atomic"

	"github.com/easelhq/easel/webpubsub"
)

// maxStreams bounds the streams that are received at the same time. Parts of further ones
// are thrown away.
const maxStreams = 1000

// StreamReader receives a stream that somebody publishes to a group: its parts, in order.
type StreamReader struct {
	Group webpubsub.GroupName
	// FromUserID is the publisher; empty for anonymous ones and in protobuf.
	FromUserID webpubsub.UserID
	// ID is the publisher's name for the stream.
	ID string
	// First is the number of the first part that is received; more than 1 when this client
	// joined the group after the stream had begun.
	First uint64

	parts   *queue[webpubsub.Data]
	dropped atomic.Bool // by Close
	last    uint64      // owned by run; of parts received
	failed  bool        // owned by run; the rest is of no use
}

// AcceptStream returns the next stream that begins in one of the client's groups. It needs
// [Options.AcceptStreams]. Who accepts a stream has to receive all of it, or close it: what
// waits in one stream counts against the same bounds as everything received.
func (c *Client) AcceptStream(ctx context.Context) (*StreamReader, error) {
	return c.streams.take(ctx)
}

// Receive returns the next part.
//
//   - Errors: io.EOF after the last part of a stream that ended well; a [StreamError] when
//     its publisher ended it early; Unavailable when parts were lost with the connection;
//     ctx.Err().
func (r *StreamReader) Receive(ctx context.Context) (webpubsub.Data, error) {
	return r.parts.take(ctx)
}

// Close throws away the rest of the stream.
func (r *StreamReader) Close() {
	r.dropped.Store(true)
	r.parts.end(io.ErrClosedPipe)
	r.parts.clear()
}

// streamReaders are the streams under way.
type streamReaders map[streamKey]*StreamReader

// streamKey tells streams apart. Their ids are chosen by their publishers, of whom only the
// user is known.
type streamKey struct {
	group webpubsub.GroupName
	user  webpubsub.UserID
	id    string
}

// acceptPart passes a part on to its stream.
func (c *Client) acceptPart(m webpubsub.Message) {
	key := streamKey{m.Group, m.FromUserID, m.Stream.ID}
	r := c.readers[key]
	if m.Stream.End {
		delete(c.readers, key)
	}
	switch {
	case r != nil:
	case m.Stream.End: // nothing of it was received
		return
	case len(c.readers) >= maxStreams:
		c.log.Warn("stream thrown away: there are too many", "group", m.Group, "stream", m.Stream.ID, "limit", maxStreams)
		return
	default:
		r = &StreamReader{
			Group: m.Group, FromUserID: m.FromUserID, ID: m.Stream.ID, First: m.Stream.SequenceID,
			parts: newQueue[webpubsub.Data](c.budget), last: m.Stream.SequenceID - 1,
		}
		c.readers[key] = r
		c.streams.push(r, 0)
	}
	r.add(m)
}

// add appends a part, unless it came before.
func (r *StreamReader) add(m webpubsub.Message) {
	n := m.Stream.SequenceID
	switch {
	case r.failed || r.dropped.Load():
	case n > r.last+1:
		r.failed = true
		r.parts.end(webpubsub.Errorf(webpubsub.Unavailable, "parts %d to %d of the stream are lost", r.last+1, n-1))
	case m.Stream.Error != nil:
		r.parts.end(&StreamError{*m.Stream.Error})
	case m.Stream.End:
		r.parts.end(io.EOF)
	case n <= r.last:
	default:
		r.last = n
		r.parts.push(m.Data, len(m.Data.Bytes))
	}
}

// lose ends all streams: on another connection parts would be missing.
func (s streamReaders) lose(cause error) {
	for key, r := range s {
		r.parts.end(cause)
		delete(s, key)
	}
}
