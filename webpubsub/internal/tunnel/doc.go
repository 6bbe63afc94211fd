// Package tunnel is the protocol that carries HTTP both ways over one WebSocket, so that
// the service reaches app servers without an address: the frames, and a [Peer] that is
// either end.
//
// # Guarantees
//
// A Peer sends requests at any time and answers those of the other end, some at a time, or
// one after the other. Each end counts its requests on its own.
//
// Source: tunnel protocol.
package tunnel
