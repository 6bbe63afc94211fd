package upstream

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

const (
	// maxTokens bounds what is remembered; only changing settings often reaches it.
	maxTokens = 1000
	// tokenMargin is how long before its end a token is replaced, at most half its life.
	tokenMargin = time.Minute
	// defaultTokenLife is for servers that do not say.
	defaultTokenLife = 5 * time.Minute
)

// authorize adds to h what the handler's settings say.
func (d *Dispatcher) authorize(ctx context.Context, w *watch, h http.Header) error {
	a := w.handler.Auth
	if a.HeaderName != "" {
		h.Set(a.HeaderName, a.HeaderValue)
	}
	if a.ClientCredentials == nil {
		return nil
	}
	token, err := d.tokens.get(*a.ClientCredentials, func(c webpubsub.ClientCredentials) (string, time.Duration, error) {
		return d.fetchToken(ctx, w, c)
	})
	if err != nil {
		err = fmt.Errorf("get a token for the event handler: %w", err)
		return &story.Failure{Facts: story.Facts{Cause: story.HandlerCredentials, Detail: reason(err)}, Err: err}
	}
	h.Set("Authorization", "Bearer "+token)
	return nil
}

// bearerTokens remembers access tokens. Safe for concurrent use.
type bearerTokens struct {
	mu   sync.Mutex
	list map[webpubsub.ClientCredentials]*bearerToken // guarded by mu
}

// bearerToken is one token; whoever fetches it holds mu, and the others wait for it.
type bearerToken struct {
	mu    sync.Mutex
	value string    // guarded by mu; empty is none
	due   time.Time // guarded by mu; when to replace it
}

func (t *bearerTokens) entry(c webpubsub.ClientCredentials) *bearerToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.list == nil || len(t.list) >= maxTokens {
		t.list = map[webpubsub.ClientCredentials]*bearerToken{}
	}
	if t.list[c] == nil {
		t.list[c] = &bearerToken{}
	}
	return t.list[c]
}

func (t *bearerTokens) get(c webpubsub.ClientCredentials, fetch func(webpubsub.ClientCredentials) (string, time.Duration, error)) (string, error) {
	e := t.entry(c)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.value != "" && time.Now().Before(e.due) {
		return e.value, nil
	}
	value, life, err := fetch(c)
	if err != nil {
		return "", err
	}
	e.value, e.due = value, time.Now().Add(life-min(tokenMargin, life/2))
	return value, nil
}

// forget lets go of a token that a handler does not accept.
func (t *bearerTokens) forget(c *webpubsub.ClientCredentials) {
	if c == nil {
		return
	}
	e := t.entry(*c)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.value = ""
}

// fetchToken asks the server of c. Source: RFC 6749, 4.4.
func (d *Dispatcher) fetchToken(ctx context.Context, w *watch, c webpubsub.ClientCredentials) (token string, life time.Duration, err error) {
	u, err := url.Parse(c.TokenURL)
	if err != nil {
		return "", 0, err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}}
	if c.Scope != "" {
		form.Set("scope", c.Scope)
	}
	r, err := d.callRetrying(ctx, call{
		method: http.MethodPost, url: u, body: []byte(form.Encode()),
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}},
		watch:  w,
	})
	if err != nil {
		return "", 0, err
	}
	if r.status != http.StatusOK {
		return "", 0, fmt.Errorf("%s answered %d", plain(u), r.status)
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"` // seconds
	}
	if err := json.Unmarshal(r.body, &answer); err != nil || answer.AccessToken == "" || !fitsHeader(answer.AccessToken) {
		return "", 0, fmt.Errorf("%s did not answer with an access_token", plain(u))
	}
	life = defaultTokenLife
	if answer.ExpiresIn > 0 {
		life = time.Duration(min(answer.ExpiresIn, 1<<30)) * time.Second
	}
	return answer.AccessToken, life, nil
}
