package token

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/easelhq/easel/webpubsub"
)

// ClockSkew is how far the signer's clock may be off, in either direction.
const ClockSkew = 5 * time.Minute

// Verify checks a token: HS256 by one of the keys, unexpired at now, not before its nbf,
// and for an audience that the function accepts. An empty key verifies nothing.
//
//   - Errors: Unauthorized, with a message that says what is wrong and holds nothing
//     secret.
//   - Source: token validation of client endpoints; REST API, access key authentication.
func Verify(raw string, keys webpubsub.Keys, now time.Time, audience func(aud string) bool) (Claims, error) {
	if c, ok := verifyQuickly(raw, keys, now, audience); ok {
		return c, nil
	}
	return verifyThoroughly(raw, keys, now, audience)
}

func verifyThoroughly(raw string, keys webpubsub.Keys, now time.Time, audience func(aud string) bool) (Claims, error) {
	signed, err := parser.Parse(raw, func(*jwt.Token) (any, error) { return candidates(keys) })
	if err != nil {
		return Claims{}, refusal(err)
	}
	if _, critical := signed.Header["crit"]; critical {
		return Claims{}, unauthorized("token has a critical header extension that is not understood")
	}
	parts := strings.Split(raw, ".")
	text, one := oneValue(parts[1])
	if !one {
		return Claims{}, unauthorized("token has claims that are more than one JSON value")
	}
	all := signed.Claims.(jwt.MapClaims)
	expires, err := checkTimes(all, now)
	if err != nil {
		return Claims{}, err
	}
	c := claimsFrom(all, text)
	c.ExpiresAt = expires
	c.BySecondary, _ = signedBy(parts[0]+"."+parts[1], parts[2], keys)
	return c, checkAudience(c.Audience, audience)
}

// oneValue decodes a token's claims, and reports whether they are one JSON value: the parser
// stops reading after the first.
func oneValue(claims string) (text []byte, ok bool) {
	text, err := parser.DecodeSegment(claims)
	return text, err == nil && json.Valid(text)
}

// parser leaves times and audience to Verify, whose messages name the values.
var parser = jwt.NewParser(
	jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
	jwt.WithJSONNumber(),
	jwt.WithoutClaimsValidation(),
)

var errNoKey = errors.New("no access key")

func candidates(keys webpubsub.Keys) (jwt.VerificationKeySet, error) {
	var set jwt.VerificationKeySet
	for _, key := range []string{keys.Primary, keys.Secondary} {
		if key != "" {
			set.Keys = append(set.Keys, []byte(key))
		}
	}
	if len(set.Keys) == 0 {
		return set, errNoKey
	}
	return set, nil
}

func refusal(err error) error {
	switch {
	case errors.Is(err, jwt.ErrSignatureInvalid):
		return unauthorized("token signature is made by neither access key")
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return unauthorized("token algorithm is not HS256")
	case errors.Is(err, errNoKey):
		return unauthorized("the service has no access key")
	case errors.Is(err, jwt.ErrTokenUnverifiable):
		return unauthorized("token algorithm is unknown; only HS256 is accepted")
	default:
		return unauthorized("token is malformed")
	}
}

func checkTimes(all jwt.MapClaims, now time.Time) (expires time.Time, err error) {
	expires, ok := timeOf(all["exp"])
	if !ok {
		return expires, unauthorized("token has no exp claim with a number of seconds")
	}
	if !now.Before(expires.Add(ClockSkew)) {
		return expires, unauthorized("token expired at %s; it is %s", stamp(expires), stamp(now))
	}
	if _, present := all["nbf"]; !present {
		return expires, nil
	}
	start, ok := timeOf(all["nbf"])
	if !ok {
		return expires, unauthorized("token's nbf claim is not a number of seconds")
	}
	if now.Before(start.Add(-ClockSkew)) {
		return expires, unauthorized("token is valid from %s; it is %s", stamp(start), stamp(now))
	}
	return expires, nil
}

func checkAudience(auds []string, accept func(string) bool) error {
	for _, aud := range auds {
		if accept(aud) {
			return nil
		}
	}
	if len(auds) == 0 {
		return unauthorized("token has no audience")
	}
	return unauthorized("token audience %.200q is not accepted", auds[0])
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func unauthorized(format string, args ...any) error {
	return webpubsub.Errorf(webpubsub.Unauthorized, format, args...)
}
