// Package client connects to a Web PubSub service as its WebSocket clients do: it joins
// groups, publishes, raises events, and receives messages. It works with this service and
// with Azure Web PubSub, in the four subprotocols.
//
// # Life of a connection
//
// [Client.Start] opens the first connection; from then on the client keeps it up. A lost
// socket is first recovered: with a reliable subprotocol the connection goes on as if
// nothing had happened. When that fails, for 30 s or because the service refuses, the client
// opens a new connection, with a new URL, and joins again the groups it had joined. Messages
// sent in between are lost; [Options.OnDisconnected] and [Options.OnConnected] tell.
//
// # Sending
//
// An operation returns when the service has acknowledged it. While there is no connection it
// waits; its context bounds that. What was sent before a drop is sent again with the same
// ack id, so that on a recovered connection it takes effect exactly once. On a new
// connection it is sent again too, at most [Options.MaxRetries] times, and may then take
// effect twice. Operations of one goroutine, one after the other, take effect in that order.
//
// # Receiving
//
// [Client.Receive] returns messages in the order of the service. The client never drops one:
// when the app does not keep up, it stops reading from the socket, and the service feels it.
// The service then closes connections that stay behind too far or answer no pings for too
// long (Easel: 1000 messages or 16 MiB, two keep-alive intervals). An app that receives
// nothing sets [Options.NoReceive].
//
// While somebody waits for what is still on its way, such as the answer to an operation,
// reading goes on beyond the bounds of [Options], up to 64 MiB. So one goroutine may receive
// and, for each message, send.
//
// # Streams
//
// [Client.OpenStream] publishes a long message in parts, with back-pressure;
// [Client.AcceptStream] receives such messages. Both survive a recovered connection, and
// fail with a new one.
//
// # Errors
//
// Errors carry a [webpubsub.Code]: BadRequest and TooLarge before anything is sent,
// Forbidden and Internal from the service, Unavailable without a connection.
package client
