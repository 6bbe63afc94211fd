package engine

// Queued is how many messages wait to be written, and how many bytes of payload they have.
func (c *Conn) Queued() (messages, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int(c.queue.messages), c.queue.bytes
}
