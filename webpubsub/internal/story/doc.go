// Package story remembers, for each recent connection, why it went as it did, and explains
// it to people.
//
// A story is the list of decisions, failures and changes of state of one connection, from
// its token to its close: a diagnostic log that is kept per connection, in memory, within
// fixed bounds. A refused handshake has a story as well, and so has each hub, for what
// concerns no single connection. [Recorder] keeps them; [Advise] reads one and says what is
// probably wrong and what to do.
//
// # Cost
//
// A message that succeeds only moves counters. Equal entries are one entry with a count.
// Beyond the limits the oldest quiet stories go first, then those with trouble. A nil
// *Recorder and a nil *Log record nothing, so callers need no switch.
//
// # Secrets
//
// Tokens, keys, queries of URLs and payloads are never recorded. Texts from outside are
// clipped.
package story
