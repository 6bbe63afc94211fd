// Package token is the service's credentials: access keys, connection strings, the
// tokens signed with a key (JSON Web Tokens, HS256) and the signature of events.
//
// Tokens are verified at every handshake and every request. A short way takes those that are
// good and made as usual, in a few microseconds, without a tree of all claims; golang-jwt, which
// needs several times as much, decides about all others, and mints.
//
// A key is used as its raw UTF-8 bytes; it is never decoded. Nothing here does I/O or
// reads a clock; everything is safe for concurrent use.
package token
