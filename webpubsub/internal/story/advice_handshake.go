package story

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

type entryOf = webpubsub.StoryEntry

const mintAgain = "Let the server SDK make the token, with the connection string of this service (easel key show)."

var tokenRules = map[string]rule{
	TokenMissing: {rank: rankRefused, say: func(v *view, e entryOf) (string, string) {
		if e.Kind == KindREST {
			return "A REST request came without a token.", "Send Authorization: Bearer and a token signed with the access key, as the server SDK does when it gets a connection string."
		}
		return fmt.Sprintf("The client brought no access token, and hub %s denies clients without one.", v.Hub),
			fmt.Sprintf("Connect with the URL that the server SDK's getClientAccessToken returns (it ends in access_token=…), or let clients in without: easel hub update --hub-name %s --allow-anonymous true.", v.Hub)
	}},
	TokenMalformed: {rank: rankRefused, say: func(*view, entryOf) (string, string) {
		return "The access token is no JSON Web Token: it is not three base64url parts with dots between.", "Check that the token arrives whole: not cut off, not quoted, not URL-encoded twice. " + mintAgain
	}},
	TokenAlgorithm: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The token is signed by the algorithm %s; only HS256 with an access key is accepted.", e.Found), "Sign with HS256 and the access key. A token of an identity provider (Entra ID, OIDC) is not taken here."
	}},
	TokenUnknownKey: {rank: rankRefused, say: unknownKey},
	TokenDecodedKey: {rank: rankRefused, say: func(*view, entryOf) (string, string) {
		return "The token is signed with the base64-decoded access key.", "Sign with the characters of the key as they are; the key is text, not base64."
	}},
	TokenNoExpiry: {rank: rankRefused, say: func(*view, entryOf) (string, string) {
		return "The token has no exp claim, so it would never expire; such tokens are refused.", "Sign with an exp claim: the Unix time, in seconds, after which the token is no longer good."
	}},
	TokenExpired: {rank: rankRefused, say: func(v *view, e entryOf) (string, string) {
		return fmt.Sprintf("The token expired %s before it was used (%s).", duration(e.At.Sub(e.Time)), stamp(e.Time)),
			"Fetch a new token for each connect: give the client SDK a function that calls your negotiate endpoint, not a fixed URL. If the token was fresh, the signer's clock is wrong; 5 minutes are forgiven."
	}},
	TokenTooEarly: {rank: rankRefused, say: func(v *view, e entryOf) (string, string) {
		return fmt.Sprintf("The token is good only from %s on, %s after it was used.", stamp(e.Time), duration(e.Time.Sub(e.At))), "Set the signer's clock right; 5 minutes are forgiven. The nbf claim may also be left out."
	}},
	TokenNoAudience: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return "The token has no aud claim.", fmt.Sprintf("Sign it with aud %s.", e.Expected)
	}},
	TokenOtherHub: {rank: rankRefused, say: func(v *view, e entryOf) (string, string) {
		return fmt.Sprintf("The token is for hub %s, the client connects to hub %s.", hubOf(e.Found), v.Hub),
			fmt.Sprintf("Use the same hub on both sides: %s in the server SDK's client, or connect to /client/hubs/%s.", v.Hub, hubOf(e.Found))
	}},
	TokenOtherHost: {rank: rankRefused, say: otherHost},
	TokenOtherPort: {rank: rankRefused, say: otherHost},
	TokenOtherPath: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The token's audience is %s; it should be %s.", e.Found, e.Expected), mintAgain
	}},
	TokenForREST: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The client came with a token for the REST API (%s).", e.Found), "A client needs a token of its own: getClientAccessToken in the server SDK, or POST /api/hubs/{hub}/:generateToken. Tokens for REST stay on the server."
	}},
	TokenForClient: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("A REST request came with a client's token (for %s).", e.Found), "REST requests are signed for their own URL: let the server SDK sign them with the connection string. A client's token only opens a connection."
	}},
	TokenGroupName: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return "The token's webpubsub.group claim has a name that is no group: " + e.Detail + ".", "Use group names of 1 to 1024 characters that are not only white space."
	}},
}

func unknownKey(v *view, e entryOf) (cause, remedy string) {
	cause = "The token is signed with neither of the service's access keys."
	remedy = "Compare the connection string your server uses with easel key show."
	if !v.KeyReplaced.IsZero() && !e.Time.IsZero() && !e.Time.After(v.KeyReplaced) {
		cause += fmt.Sprintf(" An access key was replaced %s ago, after this token was issued.", v.ago(v.KeyReplaced))
		remedy = "Give your server the new connection string (easel key show). To replace a key without refused clients, move the server to the other key first."
	}
	if e.Found != "" && !strings.Contains(e.Expected, "://"+strings.SplitN(e.Found, "://", 2)[1]) {
		cause += fmt.Sprintf(" It was made for %s, another service.", e.Found)
	}
	return cause, remedy
}

func otherHost(_ *view, e entryOf) (cause, remedy string) {
	found := e.Found
	if u, err := url.Parse(found); err == nil {
		found = u.Scheme + "://" + u.Host
	}
	here, _, _ := strings.Cut(strings.TrimPrefix(e.Expected, "http(s)://"), "/")
	return fmt.Sprintf("The token is for %s, but the request came to %s.", found, here),
		fmt.Sprintf("If %s is this service behind a proxy, start it with --public-url %s. If not, the server signs with the connection string of another service.", found, found)
}

func hubOf(audience string) string {
	_, hub, _ := strings.Cut(audience, "/hubs/")
	hub, _, _ = strings.Cut(hub, "?")
	return strings.TrimSuffix(hub, "/")
}

var handshakeRules = map[string]rule{
	NotWebSocket: {rank: rankRefused, say: func(*view, entryOf) (string, string) {
		return "A plain HTTP request came to the client endpoint, without Upgrade: websocket.", "Connect with a WebSocket client (ws:// or wss://). A proxy in between has to pass on the Upgrade and Connection headers over HTTP/1.1."
	}},
	HubName: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return "The URL names no valid hub: " + e.Detail + ".", "Connect to /client/hubs/{hub}."
	}},
	SimpleMode: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return "The query of a client without subprotocol is wrong: " + e.Detail + ".", "Use webpubsub_mode=sendToGroup&group=NAME with one valid group, or leave webpubsub_mode out."
	}},
	ShuttingDown: {rank: rankClosed, hint: true, say: func(*view, entryOf) (string, string) {
		return "The service was shutting down.", "Connect again; clients of the SDK do so by themselves."
	}},
	UpgradeFailed: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return "The WebSocket upgrade failed: " + e.Detail + ".", "Check the client's Sec-WebSocket headers, and that no proxy changes them."
	}},
	GroupName: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return "A group to be joined at connect has an invalid name: " + e.Detail + ".", "Use group names of 1 to 1024 characters that are not only white space."
	}},
	ConnectRefused: {rank: rankRefused, say: func(v *view, e entryOf) (string, string) {
		if slices.ContainsFunc(v.Entries, func(o entryOf) bool { return o.Kind == KindHandler && o.Cause != "" }) {
			return "", ""
		}
		return fmt.Sprintf("The handshake ended with %s because of the connect event: %s.", status(e.Status), e.Detail), "See the event handler's own log for this moment."
	}},
	TooManyClients: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return "The service has as many connections as it may: " + e.Detail + ".", "Raise the limit, or close connections that are not needed."
	}},
	InternalFailure: {rank: rankRefused, say: func(_ *view, e entryOf) (string, string) {
		return "The service failed: " + e.Detail + ".", "Please report this with the service's log."
	}},
	SubprotocolUnknown: {rank: rankFrame, say: func(_ *view, e entryOf) (string, string) {
		return fmt.Sprintf("The client offers only subprotocols that the service does not know (%s), so none was agreed on; browsers then close the connection.", e.Expected),
			"Offer json.webpubsub.azure.v1 or json.reliable.webpubsub.azure.v1. For a subprotocol of your own, a connect handler has to answer with it."
	}},
}
