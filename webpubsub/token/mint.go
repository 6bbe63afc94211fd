package token

import (
	"maps"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/easelhq/easel/webpubsub"
)

// DefaultLifetime is how long a minted token is valid when nothing else is asked.
const DefaultLifetime = time.Hour

// MintOptions say what a new token grants.
type MintOptions struct {
	// Audience is required: the URL of the client endpoint, such as
	// https://host/client/hubs/board, or of the REST request.
	Audience string
	// UserID empty mints a token for an anonymous connection.
	UserID        string
	Roles, Groups []string
	// Lifetime is how long the token is valid; 0 is [DefaultLifetime].
	Lifetime time.Duration
	// Claims are signed as well, JSON encodable. The fields above win over a claim of
	// the same name.
	Claims map[string]any
}

// Mint signs a token with key. Errors: BadRequest when key or audience is missing, the
// lifetime is negative or a claim cannot be encoded.
func Mint(key string, o MintOptions, now time.Time) (string, error) {
	switch {
	case key == "":
		return "", webpubsub.Errorf(webpubsub.BadRequest, "access key is empty")
	case o.Audience == "":
		return "", webpubsub.Errorf(webpubsub.BadRequest, "token audience is empty")
	case o.Lifetime < 0:
		return "", webpubsub.Errorf(webpubsub.BadRequest, "token lifetime %s is negative", o.Lifetime)
	case o.Lifetime == 0:
		o.Lifetime = DefaultLifetime
	}
	raw, err := jwt.NewWithClaims(jwt.SigningMethodHS256, o.claims(now)).SignedString([]byte(key))
	if err != nil {
		return "", &webpubsub.Error{Op: "mint token", Code: webpubsub.BadRequest, Msg: "a claim cannot be encoded as JSON", Err: err}
	}
	return raw, nil
}

func (o MintOptions) claims(now time.Time) jwt.MapClaims {
	c := make(jwt.MapClaims, len(o.Claims)+6)
	maps.Copy(c, o.Claims)
	c["aud"] = o.Audience
	c["iat"] = now.Unix()
	c["exp"] = now.Add(o.Lifetime).Unix()
	if o.UserID != "" {
		c["sub"] = o.UserID
	}
	if len(o.Roles) > 0 {
		c[roleClaim] = o.Roles
	}
	if len(o.Groups) > 0 {
		c[groupClaim] = o.Groups
	}
	return c
}
