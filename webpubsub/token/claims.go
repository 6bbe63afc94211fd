package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The names of claims with a meaning of their own.
const (
	roleClaim  = "role"
	groupClaim = "webpubsub.group"
	// nameIdentifierClaim is what .NET signers write for sub.
	nameIdentifierClaim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
)

// lastSecond is the end of the year 9999; later times are cut to it.
const lastSecond = 253402300799

// Claims are what a verified token says.
type Claims struct {
	// UserID is empty for an anonymous connection.
	UserID string
	// Roles and Groups are in the token's order, unchecked: a group name may be invalid.
	Roles, Groups []string
	// Audience are the URLs that the token is for.
	Audience  []string
	ExpiresAt time.Time
	// BySecondary: the secondary key signed, not the primary one.
	BySecondary bool

	raw []byte // all claims, as JSON
}

// All returns every claim. Values are strings in arrays; a number keeps its digits and never
// has an exponent; an object is its JSON text.
func (c Claims) All() map[string][]string {
	var values map[string]any
	d := json.NewDecoder(bytes.NewReader(c.raw))
	d.UseNumber()
	if err := d.Decode(&values); err != nil && len(c.raw) > 0 {
		panic(fmt.Sprintf("token: verified claims cannot be decoded: %v", err))
	}
	all := make(map[string][]string, len(values))
	for name, value := range values {
		all[name] = texts(value)
	}
	return all
}

func claimsFrom(values jwt.MapClaims, raw []byte) Claims {
	c := Claims{raw: raw}
	list := func(name string) []string {
		if value, there := values[name]; there {
			return texts(value)
		}
		return nil
	}
	c.UserID = first(list("sub"), list(nameIdentifierClaim))
	c.Roles, c.Groups, c.Audience = list(roleClaim), list(groupClaim), list("aud")
	return c
}

// first is the first value of the first list that has one.
func first(lists ...[]string) string {
	for _, list := range lists {
		if len(list) > 0 {
			return list[0]
		}
	}
	return ""
}

// texts are a claim's values; null is none.
func texts(value any) []string {
	values, many := value.([]any)
	if !many {
		values = []any{value}
	}
	list := make([]string, 0, len(values))
	for _, v := range values {
		if v != nil {
			list = append(list, text(v))
		}
	}
	return list
}

func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return digits(v)
	case bool:
		return strconv.FormatBool(v)
	}
	b, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("token: decoded JSON cannot be encoded: %v", err))
	}
	return string(b)
}

// digits writes a number without an exponent; one beyond the range of float64 stays as
// it was signed, for it could be a billion digits long.
func digits(n json.Number) string {
	if !strings.ContainsAny(n.String(), "eE") {
		return n.String()
	}
	f, err := n.Float64()
	if err != nil {
		return n.String()
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// timeOf reads a NumericDate.
func timeOf(claim any) (time.Time, bool) {
	n, ok := claim.(json.Number)
	if !ok {
		return time.Time{}, false
	}
	return parseTime(n.String())
}

func parseTime(number string) (time.Time, bool) {
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return time.Time{}, false
	}
	seconds, fraction := math.Modf(max(0, min(f, lastSecond)))
	return time.Unix(int64(seconds), int64(fraction*1e9)).UTC(), true
}
