// Package eventhandler receives the events of a Web PubSub hub: the HTTP handler that an
// app server mounts at the URL of the hub's event handler. It works with Azure Web PubSub
// as well.
//
// # Guarantees
//
// An event is passed on only when its signature was made with one of the access keys.
// The service may deliver an event again, after a failure or a lost answer; ConnectionID
// and EventID together name it. The events of one connection that are answered (connect,
// user events) come one after another; Connected may come after the first user event.
// Functions of [Options] are called from many goroutines.
//
// Source: event handlers, CloudEvents over HTTP.
package eventhandler
