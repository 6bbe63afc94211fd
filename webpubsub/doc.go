// Package webpubsub holds the words of the Web PubSub service: hubs, groups,
// connections, users, permissions, messages, settings, limits and errors.
//
// It uses the standard library only and does no I/O; every other package under
// webpubsub/ builds on it. The behaviour behind the words is that of Azure Web
// PubSub, so that its official SDKs work against this service unmodified.
package webpubsub
