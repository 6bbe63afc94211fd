package webpubsub

import (
	"errors"
	"fmt"
)

// Code classifies an error for programs.
type Code uint8

// The codes. One table per edge translates them (REST status, ack error name, close code).
const (
	Internal Code = iota
	BadRequest
	Unauthorized
	Forbidden
	NotFound
	Conflict
	Duplicate
	TooLarge
	UnsupportedMediaType
	Unavailable
)

var codeNames = [...]string{"Internal", "BadRequest", "Unauthorized", "Forbidden", "NotFound", "Conflict", "Duplicate", "TooLarge", "UnsupportedMediaType", "Unavailable"}

func (c Code) String() string { return codeNames[c] }

// Error is the service's error: Code for programs, Msg for the peer, Err for the log only.
type Error struct {
	Op   string
	Code Code
	Msg  string
	Err  error
}

func (e *Error) Error() string {
	s := e.Msg
	if s == "" {
		s = e.Code.String()
	}
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error with a code and a message meant for the peer.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first Error in err's chain; Internal if there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// MessageOf returns the text of err that may be shown to a peer.
func MessageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Msg != "" {
		return e.Msg
	}
	return "Internal server error"
}
