package rest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// CheckCORSOrigins returns why an element of [Options.CORSOrigins] is neither * nor an
// origin such as https://app.example.net:8443. Errors: BadRequest.
func CheckCORSOrigins(origins []string) error {
	for _, o := range origins {
		u, err := url.Parse(o)
		if o != "*" && (err != nil || u.Scheme == "" || u.Host == "" || o != u.Scheme+"://"+u.Host) {
			return webpubsub.Errorf(webpubsub.BadRequest, "CORS origin %q is neither * nor scheme://host[:port]", clip(o))
		}
	}
	return nil
}

// preflightSeconds is how long a browser may remember what is allowed.
const preflightSeconds = "600"

// cors lets pages of the allowed origins use the API. It answers a browser's question
// whether they may, and returns true then. What a page can do still needs its token.
func (a *api) cors(w http.ResponseWriter, r *http.Request) (answered bool) {
	if len(a.CORSOrigins) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if !a.allowsOrigin(origin) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "api-supported-versions, x-ms-client-request-id, x-ms-error-code, Retry-After")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE")
	if names := r.Header.Get("Access-Control-Request-Headers"); names != "" {
		h.Set("Access-Control-Allow-Headers", names)
	}
	h.Set("Access-Control-Max-Age", preflightSeconds)
	w.WriteHeader(http.StatusNoContent)
	return true
}

func (a *api) allowsOrigin(origin string) bool {
	for _, o := range a.CORSOrigins {
		if origin != "" && (o == "*" || strings.EqualFold(o, origin)) {
			return true
		}
	}
	return false
}
