// Package conformance runs the conformance suite against the program itself: the service
// that is embedded in easel serve, and easel pubsub over HTTPS.
package conformance
