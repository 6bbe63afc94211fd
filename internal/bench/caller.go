package bench

import (
	"bytes"
	"fmt"
	"strconv"
)

// caller sends HTTP requests over a connection of its own, one after the other.
type caller struct {
	// answered is called with each response that is a success.
	answered func()
}

// received waits for a response to be complete. Anything but a success is an error.
func (r *caller) received(_ *conn, b []byte) (used int, err error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	switch {
	case end < 0 && len(b) > maxHead:
		return 0, fmt.Errorf("the head of a response has more than %d bytes", maxHead)
	case end < 0:
		return 0, nil
	}
	size, err := contentLength(b[:end+2])
	if err != nil {
		return 0, err
	}
	if used = end + 4 + size; len(b) < used {
		return 0, nil
	}
	if !bytes.HasPrefix(b, []byte("HTTP/1.1 2")) {
		line, _, _ := bytes.Cut(b, []byte("\r\n"))
		return 0, fmt.Errorf("a request was answered %.100q: %.200q", line, b[end+4:used])
	}
	r.answered()
	return used, nil
}

// contentLength finds the length of the body behind a head; 0 when the head has none.
func contentLength(head []byte) (int, error) {
	const name = "\r\ncontent-length: "
	for i := 0; i+len(name) < len(head); i++ {
		if head[i] != '\r' || !bytes.EqualFold(head[i:i+len(name)], []byte(name)) {
			continue
		}
		value, _, _ := bytes.Cut(head[i+len(name):], []byte("\r\n"))
		n, err := strconv.Atoi(string(value))
		if err != nil || n < 0 || n > maxFrame {
			return 0, fmt.Errorf("the length of a response is %.20q; the limit is %d", value, maxFrame)
		}
		return n, nil
	}
	if bytes.Contains(bytes.ToLower(head), []byte("\r\ntransfer-encoding:")) {
		return 0, fmt.Errorf("a response has no length: %.200q", head)
	}
	return 0, nil
}
