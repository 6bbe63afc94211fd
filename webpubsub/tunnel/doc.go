// Package tunnel lets an app server without a public address receive the events of a hub:
// it connects to the service, which sends the requests for handlers at tunnel:/// URLs
// down that connection. It works with Azure Web PubSub as well.
//
// # Guarantees
//
// A [Tunnel] connects again whenever its connection ends, until its context does. Requests
// are answered at the same time; the service orders those of one client. Several tunnels,
// of one process or of many, share the events of a hub.
//
// Source: tunnel protocol.
package tunnel
