package websocket

import (
	"encoding/binary"
	"unicode/utf8"
)

const (
	finBit  = 0x80
	rsv1Bit = 0x40
	maskBit = 0x80
	opcode  = 0x0f
)

// HeaderSize is how long the header of a server's frame is, by the length of its payload.
func HeaderSize(payload int) int {
	switch {
	case payload < 126:
		return 2
	case payload < 1<<16:
		return 4
	}
	return MaxServerHeader
}

// AppendHeader appends the header of a server's frame: a whole message, or a control frame.
// The payload has to follow as it is.
func AppendHeader(dst []byte, kind Kind, payload int) []byte {
	return appendHeader(dst, finBit|byte(kind), 0, payload)
}

// AppendMessage appends a server's frame: a whole message, or a control frame, whose payload
// is at most [MaxControl] bytes.
func AppendMessage(dst []byte, kind Kind, payload []byte) []byte {
	return append(AppendHeader(dst, kind, len(payload)), payload...)
}

// AppendMasked is AppendMessage for a client. The key is to be unpredictable where a proxy
// might take what is sent for something else; the payload is left as it is.
func AppendMasked(dst []byte, kind Kind, key [4]byte, payload []byte) []byte {
	dst = appendHeader(dst, finBit|byte(kind), maskBit, len(payload))
	dst = append(dst, key[:]...)
	start := len(dst)
	dst = append(dst, payload...)
	mask(dst[start:], binary.LittleEndian.Uint32(key[:]))
	return dst
}

func appendHeader(dst []byte, first, masked byte, payload int) []byte {
	switch {
	case payload < 126:
		return append(dst, first, masked|byte(payload))
	case payload < 1<<16:
		return append(dst, first, masked|126, byte(payload>>8), byte(payload))
	}
	return binary.BigEndian.AppendUint64(append(dst, first, masked|127), uint64(payload))
}

// AppendClose appends a server's close frame. A code that may not travel is left out, with
// the reason; a reason is clipped to [MaxReason] bytes, and is to be UTF-8.
func AppendClose(dst []byte, code int, reason string) []byte {
	var buf [MaxControl]byte
	return AppendMessage(dst, Close, ClosePayload(buf[:0], code, reason))
}

// ClosePayload appends the payload of a close frame, as [AppendClose] writes it.
func ClosePayload(dst []byte, code int, reason string) []byte {
	if !CodeMayTravel(code) {
		return dst
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(code)), clip(reason)...)
}

// clip shortens a reason without cutting a character.
func clip(reason string) string {
	if len(reason) <= MaxReason {
		return reason
	}
	end := MaxReason
	for end > 0 && !utf8.RuneStart(reason[end]) {
		end--
	}
	return reason[:end]
}
