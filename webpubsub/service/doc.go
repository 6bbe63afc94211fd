// Package service is the client of a Web PubSub service's REST API, for app servers. It
// works with Azure Web PubSub and with Easel.
//
// # Guarantees
//
// A [Client] belongs to one hub and is safe for concurrent use. Each call signs its own
// short-lived token with the access key of the connection string, has a time limit and
// is repeated a bounded number of times: calls whose effect is the same when done twice
// after any failure of transport or service, sends only when the service said that it
// did not take them (429, 503).
//
// Errors are [webpubsub.Error]: Unavailable when the service could not be reached or
// was busy, else by the status of its answer. An ended context is found by errors.Is.
//
// Source: REST API, data plane 2024-12-01.
package service
