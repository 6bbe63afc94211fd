// Package app is the web app of the whiteboard as an http.Handler: it hands out tokens,
// serves boards, keeps backgrounds, and receives the events of the Web PubSub service,
// which it knows only by its REST API and its webhooks.
//
// Source: docs/board-protocol.md.
package app
