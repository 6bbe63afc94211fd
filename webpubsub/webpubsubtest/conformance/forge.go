package conformance

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"hash"
	"maps"
	"strconv"
	"strings"
	"testing"
)

// forge makes a JSON Web Token of any header and claims; change beats claims.
func forge(t *testing.T, key string, header, claims, change map[string]any) string {
	t.Helper()
	head := map[string]any{"alg": "HS256", "typ": "JWT"}
	maps.Copy(head, header)
	maps.Copy(claims, change)
	body := encodePart(t, head) + "." + encodePart(t, claims)
	var algorithm func() hash.Hash
	switch head["alg"] {
	case "none":
		return body + "."
	case "HS512":
		algorithm = sha512.New
	default:
		algorithm = sha256.New
	}
	mac := hmac.New(algorithm, []byte(key))
	mac.Write([]byte(body))
	return body + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func encodePart(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func decimal(n int) string { return strconv.Itoa(n) }

func replace(s string, oldnew ...string) string { return strings.NewReplacer(oldnew...).Replace(s) }
