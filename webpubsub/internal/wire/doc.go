// Package wire turns the bytes of the JSON subprotocols into requests, and messages into
// bytes. It does no I/O and keeps no state.
//
// Source: json.webpubsub.azure.v1 and json.reliable.webpubsub.azure.v1.
package wire
