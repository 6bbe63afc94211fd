// Package listener is where copies of events go: the [Sink] of an event listener, and the
// sink that posts to an HTTP URL. Others live in packages of their own, so that importers
// pay only for the drivers they choose.
//
// # Guarantees
//
// A sink gets the events of one connection in order, and events of many connections at the
// same time. What it fails to take is tried again a few times, then logged, counted and
// lost; clients and event handlers never notice. It may get an event twice: MessageID
// tells.
//
// Source: event listeners.
package listener
