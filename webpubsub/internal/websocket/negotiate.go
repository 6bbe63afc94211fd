package websocket

import (
	"strconv"
	"strings"
)

// Deflate is how two peers agreed to compress. Source: RFC 7692, 7.1.
type Deflate struct {
	// Without takeover a side's messages refer to themselves only.
	ServerTakeover, ClientTakeover bool
	// How far back messages refer, as a power of two from 8 to 15.
	ServerWindowBits, ClientWindowBits int
}

// Answer is the Sec-WebSocket-Extensions with which a server agrees.
func (d Deflate) Answer() string {
	var b strings.Builder
	b.WriteString(deflateToken)
	if !d.ServerTakeover {
		b.WriteString("; " + serverNoTakeover)
	}
	if !d.ClientTakeover {
		b.WriteString("; " + clientNoTakeover)
	}
	if d.ServerWindowBits < maxWindowBits {
		b.WriteString("; " + serverWindow + "=" + strconv.Itoa(d.ServerWindowBits))
	}
	if d.ClientWindowBits < maxWindowBits {
		b.WriteString("; " + clientWindow + "=" + strconv.Itoa(d.ClientWindowBits))
	}
	return b.String()
}

// Fits reports whether a server may compress a message of that many bytes, by
// [AppendDeflated]: it must not refer back farther than the client can.
func (d Deflate) Fits(message int) bool {
	return d.ServerWindowBits == maxWindowBits || message <= 1<<d.ServerWindowBits
}

const (
	deflateToken     = "permessage-deflate"
	serverNoTakeover = "server_no_context_takeover"
	clientNoTakeover = "client_no_context_takeover"
	serverWindow     = "server_max_window_bits"
	clientWindow     = "client_max_window_bits"

	minWindowBits = 8
	maxWindowBits = 15
)

// Negotiate takes the first of a client's offers that makes sense, from the lines of its
// Sec-WebSocket-Extensions; false when there is none. The server's side never takes its
// context over, so that a message is compressed once for all its receivers; the client's
// side does if it wants to and takeover lets it, which costs 32 KiB for each such client.
func Negotiate(lines []string, takeover bool) (d Deflate, agreed bool) {
	for _, line := range lines {
		for offer := range elements(line, ',') {
			if d, agreed = negotiate(offer, takeover); agreed {
				return d, true
			}
		}
	}
	return Deflate{}, false
}

func negotiate(offer string, takeover bool) (Deflate, bool) {
	o, ok := parseDeflate(offer, true)
	if !ok {
		return Deflate{}, false
	}
	return Deflate{
		ClientTakeover:   takeover && o.ClientTakeover,
		ServerWindowBits: o.ServerWindowBits,
		ClientWindowBits: maxWindowBits, // it may use less by itself; the server can read all
	}, true
}

// ParseAnswer reads a server's Sec-WebSocket-Extensions; false when it is not the answer to
// an offer of permessage-deflate with client_max_window_bits and nothing else.
func ParseAnswer(lines []string) (d Deflate, ok bool) {
	if len(lines) != 1 {
		return Deflate{}, false
	}
	return parseDeflate(lines[0], false)
}

// parseDeflate reads an offer, or an answer, whose parameters must have values.
func parseDeflate(s string, offer bool) (d Deflate, ok bool) {
	d = Deflate{ServerTakeover: true, ClientTakeover: true, ServerWindowBits: maxWindowBits, ClientWindowBits: maxWindowBits}
	seen := make(map[string]bool, 4)
	for part := range elements(s, ';') {
		name, value, has := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), unquote(strings.TrimSpace(value))
		if seen[name] || len(seen) == 0 && (name != deflateToken || has) {
			return d, false
		}
		good := true
		switch {
		case len(seen) == 0: // the token
		case name == serverNoTakeover:
			d.ServerTakeover, good = false, !has
		case name == clientNoTakeover:
			d.ClientTakeover, good = false, !has
		case name == serverWindow:
			d.ServerWindowBits, good = windowBits(value)
		case name == clientWindow && (has || !offer):
			d.ClientWindowBits, good = windowBits(value)
		case name == clientWindow: // it can be told
		default:
			good = false
		}
		if !good {
			return d, false
		}
		seen[name] = true
	}
	return d, len(seen) > 0
}

// windowBits reads a number from 8 to 15 without leading zeros.
func windowBits(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	if err != nil || n < minWindowBits || n > maxWindowBits || strconv.Itoa(n) != s {
		return 0, false
	}
	return n, true
}

// unquote takes the quotes of a value away.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// elements yields what is between separators that are not in quotes.
func elements(s string, separator byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start, quoted := 0, false
		for i := range len(s) {
			switch {
			case s[i] == '"':
				quoted = !quoted
			case s[i] == separator && !quoted:
				if !yield(strings.TrimSpace(s[start:i])) {
					return
				}
				start = i + 1
			}
		}
		yield(strings.TrimSpace(s[start:]))
	}
}
