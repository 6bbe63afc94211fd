// Package upstream delivers the events of connections to event handlers: CloudEvents
// over HTTP, in binary mode.
//
// # Guarantees
//
// The first handler of a hub that takes an event gets it, and no other. Before the first
// event a handler is asked for its consent (abuse protection). A blocking event (connect,
// user events) is answered to its caller; the caller keeps the order of one connection's
// events. Notifications (connected, disconnected) are delivered in order per connection,
// in the background, from a bounded queue. Between connections there is no order.
//
// A [Dispatcher] is safe for concurrent use.
//
// Source: event handlers, CloudEvents over HTTP.
package upstream
