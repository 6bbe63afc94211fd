package tunnel

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/easelhq/easel/webpubsub"
)

// Forward returns a handler that passes requests on to upstream, an absolute http or https
// URL such as http://localhost:3000; the request's path goes behind that of upstream. When
// nothing answers there, it answers 500 and says so. Nil is [http.DefaultTransport].
// Errors: BadRequest.
func Forward(upstream string, transport http.RoundTripper) (http.Handler, error) {
	u, err := url.Parse(upstream)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, webpubsub.Errorf(webpubsub.BadRequest, "upstream %.200q must be an absolute http or https URL", upstream)
	}
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(u) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, "The app server at %s cannot be reached: %v", u.Redacted(), err)
		},
		ErrorLog: log.New(io.Discard, "", 0), // the answer says it
	}, nil
}
