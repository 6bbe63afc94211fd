package story

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

// Causes of a refused token.
const (
	TokenMissing    = "tokenMissing"
	TokenMalformed  = "tokenMalformed"
	TokenAlgorithm  = "tokenAlgorithm"
	TokenUnknownKey = "tokenUnknownKey"
	TokenDecodedKey = "tokenDecodedKey" // signed with the base64-decoded key
	TokenNoExpiry   = "tokenNoExpiry"
	TokenExpired    = "tokenExpired"
	TokenTooEarly   = "tokenTooEarly"
	TokenNoAudience = "tokenNoAudience"
	TokenOtherHub   = "tokenOtherHub"
	TokenOtherHost  = "tokenOtherHost"
	TokenOtherPort  = "tokenOtherPort"
	TokenOtherPath  = "tokenOtherPath"
	TokenForREST    = "tokenForREST"   // at the client endpoint
	TokenForClient  = "tokenForClient" // at the REST API
	TokenGroupName  = "tokenGroupName"
)

// Target is where a token was presented.
type Target struct {
	Host string // of the request
	Path string // of the request, without its query
	// REST: the API, not the client endpoint.
	REST bool
	Hub  webpubsub.HubName
}

// AcceptedToken describes a token that has been verified: which key signed it, for whom it is
// and how long it is good.
func AcceptedToken(c token.Claims) Facts {
	f := Facts{Kind: KindToken, By: ByToken, Detail: "primary", Time: c.ExpiresAt, Found: Join(c.Audience)}
	if c.BySecondary {
		f.Detail = "secondary"
	}
	return f
}

// RefusedToken finds out what is wrong with a token that was refused with err. It reads the
// token without believing it.
func RefusedToken(raw string, keys webpubsub.Keys, now time.Time, t Target, err error) Facts {
	f := Facts{Kind: KindRefused, Cause: TokenMalformed, Detail: webpubsub.MessageOf(err), Expected: t.audience()}
	if raw == "" {
		f.Cause = TokenMissing
		return f
	}
	p, ok := parseToken(raw)
	if !ok {
		return f
	}
	f.Time = p.time("iat")
	switch {
	case p.algorithm != "HS256":
		f.Cause, f.Found = TokenAlgorithm, p.algorithm
	case p.signedWithDecoded(keys):
		f.Cause = TokenDecodedKey
	case !p.signedWith([]byte(keys.Primary)) && !p.signedWith([]byte(keys.Secondary)):
		f.Cause, f.Found = TokenUnknownKey, p.issuedFor()
	case p.time("exp").IsZero():
		f.Cause = TokenNoExpiry
	case !now.Before(p.time("exp").Add(token.ClockSkew)):
		f.Cause, f.Time = TokenExpired, p.time("exp")
	case now.Before(p.time("nbf").Add(-token.ClockSkew)):
		f.Cause, f.Time = TokenTooEarly, p.time("nbf")
	default:
		f.Found = p.audience()
		f.Cause = t.compare(f.Found)
	}
	return f
}

// audience is what a token for t should name.
func (t Target) audience() string {
	if t.REST {
		return "http(s)://" + t.Host + t.Path
	}
	return "http(s)://" + t.Host + token.ClientPath + string(t.Hub)
}

// compare says how an audience that is not accepted differs.
func (t Target) compare(aud string) string {
	u, err := url.Parse(aud)
	switch {
	case aud == "":
		return TokenNoAudience
	case err != nil || u.Host == "":
		return TokenOtherPath
	case !t.REST && strings.HasPrefix(u.Path, "/api"):
		return TokenForREST
	case t.REST && strings.HasPrefix(u.Path, "/client"):
		return TokenForClient
	case !sameHost(u.Hostname(), t.Host):
		return TokenOtherHost
	case port(u) != port(&url.URL{Scheme: u.Scheme, Host: t.Host}):
		return TokenOtherPort
	case !t.REST && strings.HasPrefix(strings.ToLower(u.Path), token.ClientPath):
		return TokenOtherHub
	}
	return TokenOtherPath
}

func sameHost(name, host string) bool {
	u := url.URL{Host: host}
	return strings.EqualFold(name, u.Hostname())
}

// port takes the default ports for one another, as the check of audiences does.
func port(u *url.URL) string {
	if p := u.Port(); p != "80" && p != "443" {
		return p
	}
	return ""
}

// parsed is a token nobody has verified.
type parsed struct {
	algorithm string
	claims    map[string]any
	signed    string // what the signature covers
	signature []byte
}

func parseToken(raw string) (p parsed, ok bool) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return p, false
	}
	var header struct{ Alg string }
	if !decodePart(parts[0], &header) || !decodePart(parts[1], &p.claims) {
		return p, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	p.algorithm, p.signed, p.signature = header.Alg, parts[0]+"."+parts[1], signature
	return p, err == nil
}

func decodePart(part string, v any) bool {
	b, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(b, v) == nil
}

func (p parsed) signedWith(key []byte) bool {
	if len(key) == 0 {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(p.signed))
	return hmac.Equal(mac.Sum(nil), p.signature)
}

// signedWithDecoded reports whether the signer took a key for base64, as those of other
// services are.
func (p parsed) signedWithDecoded(keys webpubsub.Keys) bool {
	for _, key := range []string{keys.Primary, keys.Secondary} {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			if b, err := encoding.DecodeString(key); err == nil && p.signedWith(b) {
				return true
			}
		}
	}
	return false
}

// time reads a NumericDate; zero when it is none.
func (p parsed) time(claim string) time.Time {
	seconds, ok := p.claims[claim].(float64)
	if !ok || seconds <= 0 || seconds > 253402300799 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

func (p parsed) audience() string {
	switch aud := p.claims["aud"].(type) {
	case string:
		return aud
	case []any:
		if len(aud) > 0 {
			s, _ := aud[0].(string)
			return s
		}
	}
	return ""
}

// issuedFor is the endpoint of the audience, which tells whose key it may be.
func (p parsed) issuedFor() string {
	u, err := url.Parse(p.audience())
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
