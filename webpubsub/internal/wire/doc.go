// Package wire turns the frames of the four subprotocols into requests and responses, and
// back: what a client sends is a [Request], what the service sends is a [Response]. It does
// no I/O and keeps no state. Both directions are here because the service and its client
// SDK share them.
//
// A message for many connections is a [Shared]: it is encoded once per [Format]. The sequence
// id of a reliable connection is put into the finished frame: first in JSON, as field 4 in
// protobuf, so that nothing else is encoded again.
//
// JSON is read by hand, in one pass: encoding/json would make a map of every frame. Its strings
// and payloads are parts of the frame where they have no escapes.
//
// Protobuf is written by hand on protowire. Generated code would encode a message anew for
// each receiver, only to change one field, and would build a tree of pointers for every
// frame. Its interface is small and fixed; table tests hold every field number.
//
// # Leniency
//
// Unknown properties and fields are skipped, so are fields of an unexpected wire type. Of a
// protobuf oneof that is there more than once the last counts. What a client may not send is
// an error of code BadRequest; it closes the connection with 1007. A response of unknown
// kind is [Unknown], for clients to ignore.
//
// Source: json.webpubsub.azure.v1, json.reliable.webpubsub.azure.v1,
// protobuf.webpubsub.azure.v1 and protobuf.reliable.webpubsub.azure.v1.
package wire
