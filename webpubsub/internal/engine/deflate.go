package engine

import "github.com/easelhq/easel/webpubsub/internal/websocket"

// compressAbove is the shortest message that is worth to be compressed, in bytes.
const compressAbove = 256

// agree sets how the connection compresses; nil is not at all.
func (c *Conn) agree(d *websocket.Deflate) {
	if d != nil {
		c.window = uint8(d.ServerWindowBits)
		c.parser.Inflate = websocket.NewInflater(d.ClientTakeover)
	}
}

// Compresses reports whether a message of that many bytes is better pushed as
// [websocket.Compressed], and may be.
func (c *Conn) Compresses(message int) bool {
	return c.window != 0 && message >= compressAbove && websocket.Deflate{ServerWindowBits: int(c.window)}.Fits(message)
}
