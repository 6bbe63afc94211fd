package story

import (
	"fmt"

	"github.com/easelhq/easel/webpubsub"
)

// says makes a rule about a handler: its sentences may name the URL, event and status.
func says(sentence func(e entryOf) (cause, remedy string)) rule {
	return rule{rank: rankHandler, say: func(_ *view, e entryOf) (string, string) { return sentence(e) }}
}

var handlerRules = map[string]rule{
	HandlerDown: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("Nothing listens at the event handler's address, %s.", e.URL), "Start your server, or correct the host and port of the handler's URL template. The next event tries again by itself."
	}),
	HandlerNoSuchHost: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The host name of the event handler %s cannot be resolved.", e.URL), "Correct the URL template. Inside a container, localhost and names of the outside mean something else."
	}),
	HandlerTimeout: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler %s did not answer the %s event in time.", e.URL, e.Event), fmt.Sprintf("Answer within %d s in all (%d s for validation): reply first and do slow work afterwards.", int(webpubsub.HandlerTimeout.Seconds()), int(webpubsub.ValidationTimeout.Seconds()))
	}),
	HandlerBroken: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler %s closed the connection without an answer.", e.URL), "Look for a crash or restart of your server at this moment. A server that speaks TLS needs https:// in the URL template."
	}),
	HandlerUntrusted: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The TLS certificate of the event handler %s is signed by an authority that this machine does not trust.", e.URL), "Add the authority's certificate to the machine's store (or name it in SSL_CERT_FILE when starting easel), or use http:// for a handler on the same machine."
	}),
	HandlerWrongName: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The TLS certificate of the event handler %s is for another host name.", e.URL), "Write the name that the certificate has into the URL template."
	}),
	HandlerCertificate: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The TLS certificate of the event handler %s is not valid: %s.", e.URL, e.Detail), "Renew the certificate."
	}),
	HandlerPlainHTTP: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler %s speaks plain HTTP, but its URL template begins with https.", e.URL), "Write http:// into the URL template, or give the server a certificate."
	}),
	HandlerUnreachable: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler %s could not be reached: %s.", e.URL, e.Detail), "Check from the service's machine that the address can be reached."
	}),
	HandlerRedirect: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler %s redirects (%s) the %s event; redirects are not followed.", e.URL, status(e.Status), e.Event), "Write the final URL into the template; a missing slash at the end and http instead of https are the usual reasons."
	}),
	HandlerUnauthorized: says(handlerUnauthorized),
	HandlerNotFound: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler has nothing at %s: it answered the %s event with %s.", e.URL, e.Event, status(e.Status)), "Compare the URL template's path, with {event} and {hub} filled in, with the route that your server mounts. The SDK's middleware also answers so for a hub it does not serve."
	}),
	HandlerMethod: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler's route at %s does not take POST (%s).", e.URL, status(e.Status)), "Events are POST requests; validation is OPTIONS. Mount the route for both."
	}),
	HandlerBodyLimit: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The %s event was too large for the event handler %s (413).", e.Event, e.URL), "Raise your server's body limit: events carry up to 1 MiB."
	}),
	HandlerRefused: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler %s refused the %s event with %s.", e.URL, e.Event, status(e.Status)), "See your server's log; it decided so. Answers of 4xx are not tried again."
	}),
	HandlerError: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler %s failed with %s on the %s event.", e.URL, status(e.Status), e.Event), "See your server's log for the error. Such answers are tried again after 1, 3 and 5 seconds."
	}),
	HandlerAnswer: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The answer of the event handler to the %s event cannot be used: %s.", e.Event, e.Detail), "Correct what the handler answers, or answer with an empty body."
	}),
	HandlerAnswerType: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The answer to the %s event has a content type that clients cannot get: %s.", e.Event, e.Detail), "Answer with text/plain, application/json or application/octet-stream, or with an empty body."
	}),
	HandlerAnswerJSON: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The answer to the %s event is not the JSON it should be: %s.", e.Event, e.Detail), "Answer connect with an object of userId, groups, roles and subprotocol, or with an empty body and 200 or 204."
	}),
	HandlerSubprotocol: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The connect handler chose a subprotocol that the client did not offer: %s.", e.Detail), "Answer with one of the request's subprotocols, or leave subprotocol out."
	}),
	HandlerURL: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The handler's URL template is no URL: %s.", e.Detail), "Correct it with easel hub update."
	}),
	HandlerNoTunnel: {rank: rankHandler, say: func(v *view, _ entryOf) (string, string) {
		return fmt.Sprintf("The event handler's URL begins with tunnel:, but no app server has connected a tunnel for hub %s.", v.Hub), fmt.Sprintf("Run: easel tunnel --hub %s --upstream http://localhost:3000, or the tunnel tool with this hub's connection string.", v.Hub)
	}},
	HandlerCredentials: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The service got no access token for the event handler: %s.", e.Detail), "Check the handler's client credentials and token endpoint."
	}),
	EventUnhandled: {rank: rankHandler, say: unhandled},
}

func handlerUnauthorized(e entryOf) (cause, remedy string) {
	cause = fmt.Sprintf("The event handler %s answered the %s event with %s.", e.URL, e.Event, status(e.Status))
	remedy = "The handler probably checks ce-signature with another access key: give it this service's keys (easel key show), both if they rotate. A login in front of the route has to let events through."
	if e.Event == "connect" {
		cause = fmt.Sprintf("The connect handler %s refused the client with %s.", e.URL, status(e.Status))
		remedy = "Either your code refuses this user, or it checks ce-signature with another access key than this service's (easel key show)."
	}
	return cause, remedy
}

func unhandled(v *view, e entryOf) (cause, remedy string) {
	cause = fmt.Sprintf("No event handler of hub %s takes the user event %q", v.Hub, e.Event)
	switch patterns := v.patterns(); {
	case v.takes(e.Event):
		return fmt.Sprintf("When the client sent the user event %q, no event handler of hub %s took it.", e.Event, v.Hub), "A handler takes it now; nothing is left to do."
	case len(v.Settings.EventHandlers) == 0:
		cause += ": the hub has no event handlers."
	case patterns == "":
		cause += ": its handlers have no user-event-pattern."
	default:
		cause += ": its handlers' patterns are " + patterns + "."
	}
	return cause, fmt.Sprintf("easel hub update --hub-name %s --event-handler url-template=URL user-event-pattern=%s (or '*' for all); name all handlers of the hub, for they replace the present ones.", v.Hub, e.Event)
}

// consents are about the validation request; all name the URL it went to.
const allowHeader = "Answer OPTIONS with 200 and the header WebHook-Allowed-Origin: *"

var consentRules = map[string]rule{
	ConsentUnauthorized: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler refused the validation request (abuse protection): OPTIONS %s was answered %s.", e.URL, status(e.Status)), "Let OPTIONS requests pass without a login: it carries no credentials. " + allowHeader + "."
	}),
	ConsentNotFound: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The validation request (abuse protection) found nothing: OPTIONS %s was answered %s.", e.URL, status(e.Status)), "Check the path of the URL template, and that the route takes OPTIONS as well as POST. " + allowHeader + "."
	}),
	ConsentRefused: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler answered the validation request (abuse protection) OPTIONS %s with %s.", e.URL, status(e.Status)), allowHeader + "."
	}),
	ConsentError: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler failed on the validation request (abuse protection): OPTIONS %s was answered %s.", e.URL, status(e.Status)), "See your server's log for the error. " + allowHeader + "."
	}),
	ConsentRedirect: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The validation request (abuse protection) to %s was redirected (%s); redirects are not followed.", e.URL, status(e.Status)), "Write the final URL into the template."
	}),
	ConsentNoHeader: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler answered OPTIONS %s without the header WebHook-Allowed-Origin, so no events are sent to it (abuse protection).", e.URL), allowHeader + fmt.Sprintf(", or with %s instead of *.", e.Expected)
	}),
	ConsentOtherOrigin: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler allows events from %q, but this service calls itself %q (abuse protection).", e.Found, e.Expected), fmt.Sprintf("Answer with WebHook-Allowed-Origin: %s or *, or start the service with the --public-url that the handler expects.", e.Expected)
	}),
	ConsentPort: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler allows events from %q, with a port that is not this service's; the origin is %q (abuse protection).", e.Found, e.Expected), fmt.Sprintf("Answer with WebHook-Allowed-Origin: %s, without a port. In the express SDK that is allowedEndpoints.", e.Expected)
	}),
	ConsentJoined: says(func(e entryOf) (string, string) {
		return fmt.Sprintf("The event handler puts several origins into one WebHook-Allowed-Origin header (%q); that matches none (abuse protection).", e.Found), "Send one header line per origin, without commas, or *."
	}),
}
