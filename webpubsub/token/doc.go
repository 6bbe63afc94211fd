// Package token is the service's credentials: access keys, connection strings, the
// tokens signed with a key (JSON Web Tokens, HS256) and the signature of events.
//
// A key is used as its raw UTF-8 bytes; it is never decoded. Nothing here does I/O or
// reads a clock; everything is safe for concurrent use.
package token
