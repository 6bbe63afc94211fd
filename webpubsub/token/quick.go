package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/jsonscan"
)

// verifyQuickly is Verify for tokens as signers mostly make them. When it is not ok, the token
// may still be good: the long way decides, and says what is wrong.
func verifyQuickly(raw string, keys webpubsub.Keys, now time.Time, audience func(aud string) bool) (c Claims, ok bool) {
	header, rest, _ := strings.Cut(raw, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	if !plainHS256(header) {
		return c, false
	}
	c.BySecondary, ok = signedBy(raw[:len(header)+1+len(payload)], signature, keys)
	if !ok {
		return c, false
	}
	c.raw, ok = decodePart(payload)
	if !ok || !c.readQuickly(now) {
		return c, false
	}
	return c, checkAudience(c.Audience, audience) == nil
}

// usualHeader is {"alg":"HS256","typ":"JWT"}.
const usualHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

// plainHS256 reports whether a header names the algorithm, and no extension that is critical.
func plainHS256(header string) bool {
	if header == usualHeader {
		return true
	}
	b, ok := decodePart(header)
	if !ok {
		return false
	}
	alg := ""
	return readObject(b, func(name, value []byte) bool {
		switch string(name) {
		case "crit":
			return false
		case "alg":
			alg = string(value)
		}
		return true
	}) && alg == `"HS256"`
}

func decodePart(s string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	return b, err == nil
}

// signedBy reports whether one of the keys made the signature.
func signedBy(text, signature string, keys webpubsub.Keys) (secondary, ok bool) {
	const encoded = 43 // bytes of 32
	var in [encoded]byte
	var made, want [sha256.Size]byte
	if len(signature) != encoded {
		return false, false
	}
	copy(in[:], signature)
	if n, err := base64.RawURLEncoding.Decode(made[:], in[:]); err != nil || n != len(made) {
		return false, false
	}
	if keys.Primary != "" && hmac.Equal(sum(want[:0], keys.Primary, text), made[:]) {
		return false, true
	}
	return true, keys.Secondary != "" && hmac.Equal(sum(want[:0], keys.Secondary, text), made[:])
}

// readObject visits the members of a text that is one JSON object, until visit returns false.
func readObject(text []byte, visit func(name, value []byte) bool) bool {
	s := jsonscan.Scan{Text: text}
	from := s.Space(0)
	if from >= len(text) || text[from] != '{' {
		return false
	}
	ok := true
	end := s.Object(from, 1, func(key []byte, from, to int) {
		ok = ok && visit(jsonscan.Unquote(key), text[from:to])
	})
	return ok && end >= 0 && s.Space(end) == len(text) && !s.Lone && utf8.Valid(text)
}

// readQuickly reads the claims that matter: texts, lists of texts, and times that hold now.
func (c *Claims) readQuickly(now time.Time) bool {
	var sub, nameIdentifier []string
	var starts time.Time
	expires, hasStart := false, false
	read := readObject(c.raw, func(name, value []byte) (ok bool) {
		switch string(name) {
		case "aud":
			c.Audience, ok = quickTexts(value)
		case "sub":
			sub, ok = quickTexts(value)
		case nameIdentifierClaim:
			nameIdentifier, ok = quickTexts(value)
		case roleClaim:
			c.Roles, ok = quickTexts(value)
		case groupClaim:
			c.Groups, ok = quickTexts(value)
		case "exp":
			c.ExpiresAt, ok = quickTime(value)
			expires = ok
		case "nbf":
			starts, ok = quickTime(value)
			hasStart = ok
		default:
			ok = true
		}
		return ok
	})
	c.UserID = first(sub, nameIdentifier)
	return read && expires && now.Before(c.ExpiresAt.Add(ClockSkew)) && !(hasStart && now.Before(starts.Add(-ClockSkew)))
}

// quickTexts reads a text or a list of texts.
func quickTexts(value []byte) ([]string, bool) {
	switch value[0] {
	case '"':
		return []string{quickText(value)}, true
	case '[':
	default:
		return nil, false
	}
	s := jsonscan.Scan{Text: value}
	list := make([]string, 0, 2)
	for i := s.Space(1); value[i] != ']'; {
		if value[i] != '"' {
			return nil, false
		}
		end := s.String(i)
		list = append(list, quickText(value[i:end]))
		i = s.Next(end)
	}
	return list, true
}

// quickText makes no copies of the roles that most tokens have.
func quickText(quoted []byte) string {
	switch text := jsonscan.Unquote(quoted); string(text) {
	case "webpubsub.joinLeaveGroup":
		return "webpubsub.joinLeaveGroup"
	case "webpubsub.sendToGroup":
		return "webpubsub.sendToGroup"
	default:
		return string(text)
	}
}

func quickTime(value []byte) (time.Time, bool) {
	if value[0] != '-' && value[0]-'0' > 9 {
		return time.Time{}, false
	}
	return parseTime(string(value))
}
