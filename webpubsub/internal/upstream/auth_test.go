package upstream

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

func TestAuth_staticHeader_isOnEventsAlone(t *testing.T) {
	h := everything
	h.Auth = webpubsub.HandlerAuth{HeaderName: "X-Key", HeaderValue: "k"}
	app := &recorder{next: consenting(func(http.ResponseWriter, *http.Request) {})}
	d := newDispatcher(t, board(h), transport{app})
	if _, err := d.Connect(t.Context(), ann, ConnectRequest{}); err != nil {
		t.Fatal(err)
	}
	r := app.all()
	if r[0].header.Get("X-Key") != "" || r[1].header.Get("X-Key") != "k" {
		t.Errorf("%v\n%v", r[0].header, r[1].header)
	}
}

// tokenServer gives out tokens 1, 2, 3 and so on, and hands other hosts' requests to app.
type tokenServer struct {
	t     *testing.T
	given atomic.Int32
	life  int // seconds; 0 says nothing
	app   http.Handler
}

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Host != "id.example.net" && r.URL.Host != "id.example.net" {
		s.app.ServeHTTP(w, r)
		return
	}
	if r.FormValue("grant_type") != "client_credentials" || r.FormValue("client_id") != "easel" || r.FormValue("client_secret") != "s3cret&" || r.FormValue("scope") != "events" {
		s.t.Errorf("token request %v", r.Form)
	}
	fmt.Fprintf(w, `{"access_token":"t%d","token_type":"Bearer"%s}`, s.given.Add(1), map[bool]string{true: fmt.Sprintf(`,"expires_in":%d`, s.life)}[s.life > 0])
}

func withCredentials() webpubsub.EventHandler {
	h := everything
	h.Auth = webpubsub.HandlerAuth{ClientCredentials: &webpubsub.ClientCredentials{TokenURL: "https://id.example.net/token?tenant=1", ClientID: "easel", ClientSecret: "s3cret&", Scope: "events"}}
	return h
}

func TestAuth_clientCredentials_tokenIsReusedUntilItIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		s := &tokenServer{t: t, life: 600, app: consenting(func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.Header.Get("Authorization")) })}
		d := newDispatcher(t, board(withCredentials()), transport{s})
		send := func() { d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil) }
		send()
		pause(t.Context(), 9*time.Minute-time.Second)
		send()
		pause(t.Context(), 2*time.Second)
		send()
		if s := strings.Join(got, ","); s != "Bearer t1,Bearer t1,Bearer t2" {
			t.Errorf("sent %s", s)
		}
	})
}

func TestAuth_handlerSays401_nextEventHasANewToken(t *testing.T) {
	var got []string
	s := &tokenServer{t: t, app: consenting(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Authorization"))
		if len(got) == 1 {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})}
	d := newDispatcher(t, board(withCredentials()), transport{s})
	for range 3 {
		d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil)
	}
	if s := strings.Join(got, ","); s != "Bearer t1,Bearer t2,Bearer t2" {
		t.Errorf("sent %s", s)
	}
}

func TestAuth_noToken_failsTheEventWithoutSecrets(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"refused": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(400) },
		"no JSON": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") },
		"no token": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `{"error":"x"}`)
		},
	} {
		app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Host == "id.example.net" {
				answer(w, r)
				return
			}
			consenting(func(http.ResponseWriter, *http.Request) { t.Errorf("%s: the event was sent", name) }).ServeHTTP(w, r)
		})
		d := newDispatcher(t, board(withCredentials()), transport{app})
		_, err := d.UserEvent(t.Context(), ann, "draw", webpubsub.Data{}, nil)
		if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "id.example.net/token") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
