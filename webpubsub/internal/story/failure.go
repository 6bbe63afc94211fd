package story

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// Causes of an event handler's failure.
const (
	HandlerDown         = "handlerDown" // nobody listens
	HandlerNoSuchHost   = "handlerNoSuchHost"
	HandlerTimeout      = "handlerTimeout"
	HandlerBroken       = "handlerBroken" // the connection ended within the call
	HandlerUntrusted    = "handlerUntrusted"
	HandlerWrongName    = "handlerWrongName"
	HandlerCertificate  = "handlerCertificate" // expired, or not yet valid
	HandlerPlainHTTP    = "handlerPlainHTTP"   // behind an https URL
	HandlerUnreachable  = "handlerUnreachable" // otherwise
	HandlerRedirect     = "handlerRedirect"
	HandlerUnauthorized = "handlerUnauthorized"
	HandlerNotFound     = "handlerNotFound"
	HandlerMethod       = "handlerMethod"
	HandlerBodyLimit    = "handlerBodyLimit"
	HandlerRefused      = "handlerRefused" // with another 4xx
	HandlerError        = "handlerError"   // with 5xx
	HandlerAnswer       = "handlerAnswer"  // 2xx, but not to be used
	HandlerAnswerType   = "handlerAnswerType"
	HandlerAnswerJSON   = "handlerAnswerJSON"
	HandlerSubprotocol  = "handlerSubprotocol" // chosen, but not offered
	HandlerURL          = "handlerURL"
	HandlerNoTunnel     = "handlerNoTunnel"
	HandlerCredentials  = "handlerCredentials" // no token for the handler
)

// EventValidate stands for the event when a handler is only asked for its consent.
const EventValidate = "validate"

// consentPrefix begins the causes of a refused consent.
const consentPrefix = "consent"

// Causes of a refused consent (abuse protection).
const (
	ConsentUnauthorized = "consentUnauthorized"
	ConsentNotFound     = "consentNotFound"
	ConsentRefused      = "consentRefused" // with another status
	ConsentError        = "consentError"   // with 5xx
	ConsentRedirect     = "consentRedirect"
	ConsentNoHeader     = "consentNoHeader"
	ConsentOtherOrigin  = "consentOtherOrigin"
	ConsentPort         = "consentPort"   // the origin, with a port that is not ours
	ConsentJoined       = "consentJoined" // several origins in one line
)

// Failure is an error with the facts that explain it. Its text is that of Err.
type Failure struct {
	Facts
	Err error
}

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

// FactsOf are the facts of the Failure in err's chain. Without one, an event handler has
// answered something that cannot be used.
func FactsOf(err error) Facts {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Facts
	}
	return Facts{Cause: HandlerAnswer, Detail: err.Error()}
}

// TransportCause names why an HTTP call got no answer.
func TransportCause(err error) string {
	var (
		timeout   net.Error
		dns       *net.DNSError
		untrusted x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &untrusted):
		return HandlerUntrusted
	case errors.As(err, &name):
		return HandlerWrongName
	case errors.As(err, &invalid):
		return HandlerCertificate
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return HandlerPlainHTTP
	case errors.As(err, &dns):
		return HandlerNoSuchHost
	case errors.Is(err, syscall.ECONNREFUSED):
		return HandlerDown
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return HandlerTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return HandlerBroken
	}
	return HandlerUnreachable
}

// StatusCause names why an event's answer is a failure; empty for 2xx.
func StatusCause(status int) string {
	switch {
	case status/100 == 2:
		return ""
	case status/100 == 3:
		return HandlerRedirect
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return HandlerUnauthorized
	case status == http.StatusNotFound:
		return HandlerNotFound
	case status == http.StatusMethodNotAllowed:
		return HandlerMethod
	case status == http.StatusRequestEntityTooLarge:
		return HandlerBodyLimit
	case status/100 == 5, status == http.StatusRequestTimeout:
		return HandlerError
	}
	return HandlerRefused
}

// ConsentCause names why an answer to a validation request is no consent to origin, given
// that it is none. Allowed are its WebHook-Allowed-Origin lines.
func ConsentCause(status int, allowed []string, origin string) string {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ConsentUnauthorized
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return ConsentNotFound
	case status/100 == 3:
		return ConsentRedirect
	case status/100 == 5:
		return ConsentError
	case status/100 != 2:
		return ConsentRefused
	case len(allowed) == 0:
		return ConsentNoHeader
	}
	for _, line := range allowed {
		if strings.Contains(line, ",") && namesOrigin(line, origin) {
			return ConsentJoined
		}
		if host, _, err := net.SplitHostPort(strings.TrimSpace(line)); err == nil && strings.EqualFold(host, origin) {
			return ConsentPort
		}
	}
	return ConsentOtherOrigin
}

// namesOrigin reports whether a part of a line would be a consent.
func namesOrigin(line, origin string) bool {
	for part := range strings.SplitSeq(line, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.EqualFold(part, origin) {
			return true
		}
	}
	return false
}
