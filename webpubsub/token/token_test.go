package token

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/easelhq/easel/webpubsub"
)

const (
	primary   = "primary-key-0123456789-abcdefghij"
	secondary = "secondary-key-0123456789-abcdefgh"
	// annsToken is a whole client token as a server SDK signs it with primary.
	annsToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJodHRwczovL3dwcy5leGFtcGxlLm5ldC9jbGllbnQvaHVicy9ib2FyZCIsInN1YiI6ImFubiIsInJvbGUiOlsid2VicHVic3ViLnNlbmRUb0dyb3VwLnJvb20tNyIsIndlYnB1YnN1Yi5qb2luTGVhdmVHcm91cC5yb29tLTciXSwid2VicHVic3ViLmdyb3VwIjpbInJvb20tNyJdLCJpYXQiOjE3ODgyMjA4MDAsImV4cCI6MTc4ODIyNDQwMH0.BLqobQpXQzO-HzXxgIFkX3Kso9pFfpAu_9zhFe3HXf8"
)

var (
	keys      = webpubsub.Keys{Primary: primary, Secondary: secondary}
	annIssued = time.Unix(1788220800, 0)
	annsBoard = ClientAudience("wps.example.net", ClientPath, "board", nil)
)

func anyAudience(string) bool { return true }

func TestVerify_tokenOfServerSDK_givesItsClaims(t *testing.T) {
	got, err := Verify(annsToken, keys, annIssued, annsBoard)
	if err != nil {
		t.Fatal(err)
	}
	want := Claims{
		UserID:    "ann",
		Roles:     []string{"webpubsub.sendToGroup.room-7", "webpubsub.joinLeaveGroup.room-7"},
		Groups:    []string{"room-7"},
		ExpiresAt: time.Unix(1788224400, 0).UTC(),
		Audience:  []string{"https://wps.example.net/client/hubs/board"},
	}
	all := map[string][]string{
		"aud": {"https://wps.example.net/client/hubs/board"}, "sub": {"ann"},
		"role":            {"webpubsub.sendToGroup.room-7", "webpubsub.joinLeaveGroup.room-7"},
		"webpubsub.group": {"room-7"}, "iat": {"1788220800"}, "exp": {"1788224400"},
	}
	want.raw = got.raw
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(got.All(), all) {
		t.Errorf("claims\n got %+v\nwant %+v\n all %q", got, want, got.All())
	}
}

func TestVerify_eitherKey_isGood(t *testing.T) {
	for _, key := range []string{primary, secondary} {
		raw, err := Mint(key, MintOptions{Audience: "x"}, annIssued)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(raw, keys, annIssued, anyAudience); err != nil {
			t.Errorf("key %.9s: %v", key, err)
		}
	}
}

// sign makes a token by hand, with whatever header and claims.
func sign(t *testing.T, header, claims, key string) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	sum, err := jwt.SigningMethodHS256.Sign(text, []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sum)
}

const hs256 = `{"alg":"HS256","typ":"JWT"}`

func TestVerify_badToken_saysWhatIsWrong(t *testing.T) {
	good := `{"aud":"a","exp":1788224400}`
	for name, c := range map[string]struct{ raw, says string }{
		"alg none":        {sign(t, `{"alg":"none"}`, good, primary), "not HS256"},
		"alg RS256":       {sign(t, `{"alg":"RS256"}`, good, primary), "not HS256"},
		"alg HS512":       {sign(t, `{"alg":"HS512"}`, good, primary), "not HS256"},
		"alg unknown":     {sign(t, `{"alg":"hs256"}`, good, primary), "only HS256"},
		"no alg":          {sign(t, `{}`, good, primary), "only HS256"},
		"unknown crit":    {sign(t, `{"alg":"HS256","crit":["b64"],"b64":false}`, good, primary), "critical header"},
		"wrong key":       {sign(t, hs256, good, "guess"), "neither access key"},
		"empty key":       {sign(t, hs256, good, ""), "neither access key"},
		"cut signature":   {annsToken[:len(annsToken)-3], "neither access key"},
		"no signature":    {strings.Join(strings.Split(annsToken, ".")[:2], ".") + ".", "neither access key"},
		"two parts":       {"a.b", "malformed"},
		"empty":           {"", "malformed"},
		"not base64":      {"!.!.!", "malformed"},
		"claims no JSON":  {sign(t, hs256, `nope`, primary), "malformed"},
		"claims a list":   {sign(t, hs256, `[]`, primary), "malformed"},
		"expired":         {sign(t, hs256, `{"aud":"a","exp":1788220500}`, primary), "expired at 2026-08-31T23:55:00Z"},
		"no exp":          {sign(t, hs256, `{"aud":"a"}`, primary), "no exp"},
		"exp a string":    {sign(t, hs256, `{"aud":"a","exp":"1788224400"}`, primary), "no exp"},
		"exp beyond size": {sign(t, hs256, `{"aud":"a","exp":1e999}`, primary), "no exp"},
		"nbf ahead":       {sign(t, hs256, `{"aud":"a","exp":1788224400,"nbf":1788221101}`, primary), "valid from"},
		"nbf a string":    {sign(t, hs256, `{"aud":"a","exp":1788224400,"nbf":"0"}`, primary), "nbf"},
		"no aud":          {sign(t, hs256, `{"exp":1788224400}`, primary), "no audience"},
		"null aud":        {sign(t, hs256, `{"aud":null,"exp":1788224400}`, primary), "no audience"},
		"other aud":       {sign(t, hs256, `{"aud":["x","y"],"exp":1788224400}`, primary), `audience "x" is not accepted`},
	} {
		_, err := Verify(c.raw, webpubsub.Keys{Primary: primary}, annIssued, func(aud string) bool { return aud == "a" })
		if webpubsub.CodeOf(err) != webpubsub.Unauthorized || err == nil {
			t.Errorf("%s: error %v, want Unauthorized", name, err)
		} else if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q does not say %q", name, err, c.says)
		}
	}
}

func TestVerify_noKeys_refusesEvenAnEmptyKeysToken(t *testing.T) {
	raw := sign(t, hs256, `{"aud":"a","exp":1788224400}`, "")
	if _, err := Verify(raw, webpubsub.Keys{}, annIssued, anyAudience); webpubsub.CodeOf(err) != webpubsub.Unauthorized || err == nil {
		t.Errorf("error %v, want Unauthorized", err)
	}
}

func TestVerify_clocksApart_allowsFiveMinutes(t *testing.T) {
	raw := sign(t, hs256, `{"aud":"a","exp":1000000,"nbf":999000}`, primary)
	for _, c := range []struct {
		now  int64
		good bool
	}{{998699, false}, {998700, true}, {1000000, true}, {1000299, true}, {1000300, false}} {
		_, err := Verify(raw, keys, time.Unix(c.now, 0), anyAudience)
		if (err == nil) != c.good {
			t.Errorf("at %d: %v", c.now, err)
		}
	}
}

func TestVerify_claims_becomeStringsInArrays(t *testing.T) {
	raw := sign(t, hs256, `{"aud":"a","exp":1.7882244e9,"role":"r","webpubsub.group":"g",
		"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier":"bob",
		"n":12345678901234567890,"f":1.50,"e":25e-1,"huge":1e999,"yes":true,"nil":null,"o":{"a":[1]},"mix":["x",2,null,false,["y"]]}`, primary)
	c, err := Verify(raw, keys, annIssued, anyAudience)
	if err != nil {
		t.Fatal(err)
	}
	if c.UserID != "bob" || !reflect.DeepEqual(c.Roles, []string{"r"}) || !reflect.DeepEqual(c.Groups, []string{"g"}) {
		t.Errorf("user %q, roles %q, groups %q", c.UserID, c.Roles, c.Groups)
	}
	for name, want := range map[string][]string{
		"exp": {"1788224400"}, "n": {"12345678901234567890"}, "f": {"1.50"}, "e": {"2.5"}, "huge": {"1e999"},
		"yes": {"true"}, "nil": {}, "o": {`{"a":[1]}`}, "mix": {"x", "2", "false", `["y"]`},
	} {
		if !reflect.DeepEqual(c.All()[name], want) {
			t.Errorf("claim %s: %q, want %q", name, c.All()[name], want)
		}
	}
}

// Both ways of Verify are the same for tokens that the short one takes.
func TestVerify_eitherWay_isTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		header, claims, key string
		quick               bool
	}{
		"usual":             {hs256, `{"aud":"a","exp":1788224400,"sub":"ann","role":["r","webpubsub.sendToGroup"],"webpubsub.group":["g"],"nbf":0,"x":{"y":[1]}}`, primary, true},
		"secondary key":     {hs256, `{"aud":["a","b"],"exp":1788224400.5}`, secondary, true},
		"another header":    {`{"typ":"JWT","kid":"1","alg":"HS256"}`, ` {"aud":"\u00fc","exp":1788224400} `, primary, true},
		"name identifier":   {hs256, `{"aud":"a","exp":1788224400,"` + nameIdentifierClaim + `":"bob","sub":[]}`, primary, true},
		"the last counts":   {hs256, `{"aud":"b","aud":"a","exp":1,"exp":1788224400,"role":[],"nbf":9999999999,"nbf":1}`, primary, true},
		"roles of all kind": {hs256, `{"aud":"a","exp":1788224400,"role":["r",2,null]}`, primary, false},
		"null":              {hs256, `{"aud":"a","exp":1788224400,"role":null,"webpubsub.group":null,"sub":null}`, primary, false},
		"number":            {hs256, `{"aud":"a","exp":1788224400,"sub":12}`, primary, false},
		"lone surrogate":    {hs256, `{"aud":"a","exp":1788224400,"sub":"\ud800"}`, primary, false},
		"not UTF-8":         {hs256, "{\"aud\":\"a\",\"exp\":1788224400,\"sub\":\"\xff\"}", primary, false},
	} {
		raw := sign(t, c.header, c.claims, c.key)
		got, quick := verifyQuickly(raw, keys, annIssued, anyAudience)
		want, err := verifyThoroughly(raw, keys, annIssued, anyAudience)
		if err != nil || quick != c.quick || quick && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %t, %+v; want %t, %+v, %v", name, quick, got, c.quick, want, err)
		}
	}
}

func TestVerify_subAndNameIdentifier_subWins(t *testing.T) {
	raw := sign(t, hs256, `{"aud":"a","exp":1788224400,"sub":"ann","`+nameIdentifierClaim+`":"bob"}`, primary)
	if c, err := Verify(raw, keys, annIssued, anyAudience); err != nil || c.UserID != "ann" {
		t.Errorf("user %q, error %v", c.UserID, err)
	}
}

func TestMint_options_comeBackFromVerify(t *testing.T) {
	raw, err := Mint(primary, MintOptions{
		Audience: "https://wps.example.net/client/hubs/board", UserID: "ann", Roles: []string{"r"}, Groups: []string{"g", "h"},
		Lifetime: time.Minute, Claims: map[string]any{"board": "x", "aud": "elsewhere"},
	}, annIssued)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Verify(raw, keys, annIssued, annsBoard)
	if err != nil {
		t.Fatal(err)
	}
	if c.UserID != "ann" || !reflect.DeepEqual(c.Roles, []string{"r"}) || !reflect.DeepEqual(c.Groups, []string{"g", "h"}) ||
		!c.ExpiresAt.Equal(annIssued.Add(time.Minute)) || !reflect.DeepEqual(c.All()["board"], []string{"x"}) {
		t.Errorf("claims %+v", c)
	}
}

func TestMint_noLifetime_isOneHour(t *testing.T) {
	raw, err := Mint(primary, MintOptions{Audience: "a"}, annIssued)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Verify(raw, keys, annIssued, anyAudience); err != nil || !c.ExpiresAt.Equal(annIssued.Add(time.Hour)) {
		t.Errorf("expires %v, error %v", c.ExpiresAt, err)
	}
}

func TestMint_wrongOptions_areBadRequests(t *testing.T) {
	for name, c := range map[string]struct {
		key string
		o   MintOptions
	}{
		"no key":            {"", MintOptions{Audience: "a"}},
		"no audience":       {primary, MintOptions{}},
		"negative lifetime": {primary, MintOptions{Audience: "a", Lifetime: -1}},
		"claim no JSON":     {primary, MintOptions{Audience: "a", Claims: map[string]any{"f": func() {}}}},
	} {
		if _, err := Mint(c.key, c.o, annIssued); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignEvent_twoKeys_givesBothSignatures(t *testing.T) {
	const id = "0f8fad5bd9cb469fa16570867728950e"
	const want = "sha256=fff1c49b1d0046383cda66f107ae961a0e38a95b6169b25799df973a837e74d6,sha256=212b211b79e919faa46b97d32b3da5e2105cdc63082998442bef152d532f7dd6"
	if got := SignEvent(keys, id); got != want {
		t.Errorf("signature\n got %s\nwant %s", got, want)
	}
	one, two, _ := strings.Cut(want, ",")
	for name, c := range map[string]struct {
		headers []string
		keys    []string
		good    bool
	}{
		"one line, first key":    {[]string{want}, []string{primary}, true},
		"one line, second key":   {[]string{want}, []string{secondary}, true},
		"two lines":              {[]string{one, two}, []string{secondary}, true},
		"spaces":                 {[]string{one + " , " + two}, []string{secondary}, true},
		"one signature":          {[]string{one}, []string{"old", primary}, true},
		"wrong key":              {[]string{want}, []string{"guess"}, false},
		"empty key":              {[]string{SignEvent(webpubsub.Keys{Primary: ""}, id)}, []string{""}, false},
		"no key":                 {[]string{want}, nil, false},
		"no header":              {nil, []string{primary}, false},
		"without the prefix":     {[]string{strings.TrimPrefix(one, "sha256=")}, []string{primary}, false},
		"not hexadecimal":        {[]string{"sha256=zz"}, []string{primary}, false},
		"empty digest":           {[]string{"sha256="}, []string{primary}, false},
		"of another connection":  {[]string{SignEvent(keys, "other")}, []string{primary}, false},
		"upper case hexadecimal": {[]string{"sha256=" + strings.ToUpper(strings.TrimPrefix(one, "sha256="))}, []string{primary}, true},
	} {
		if got := VerifyEvent(c.headers, id, c.keys...); got != c.good {
			t.Errorf("%s: %v, want %v", name, got, c.good)
		}
	}
}

func TestNewKey_twice_differsAndNeedsNoQuoting(t *testing.T) {
	a, b := NewKey(), NewKey()
	if a == b {
		t.Error("two keys are equal")
	}
	if sum, err := base64.RawURLEncoding.DecodeString(a); err != nil || len(sum) != 32 {
		t.Errorf("key %q is not 32 bytes of base64url: %v", a, err)
	}
}

func FuzzVerify(f *testing.F) {
	for _, seed := range []string{annsToken, "", "a.b.c", "e30.e30.", "eyJhbGciOiJub25lIn0.e30."} {
		f.Add(seed, `{"aud":"a","exp":1788224400,"sub":"ann","role":["r",1.5e3]}`)
	}
	f.Add("x", `{"exp":1e308,"nbf":-1e308,"aud":[null,{"a":[]}]}`)
	f.Fuzz(func(t *testing.T, raw, claims string) {
		if _, err := Verify(raw, webpubsub.Keys{Primary: "another key"}, annIssued, anyAudience); err == nil {
			t.Fatalf("token %q is good although its key is unknown", raw)
		}
		signed := sign(t, hs256, claims, primary)
		c, err := Verify(signed, keys, annIssued, anyAudience)
		slow, slowErr := verifyThoroughly(signed, keys, annIssued, anyAudience)
		if !reflect.DeepEqual(c, slow) || fmt.Sprint(err) != fmt.Sprint(slowErr) {
			t.Fatalf("claims %q: %+v, %v; want %+v, %v", claims, c, err, slow, slowErr)
		}
		if err != nil {
			return
		}
		var object map[string]any
		if err := json.Unmarshal([]byte(claims), &object); err != nil {
			t.Fatalf("claims %q are good but no JSON object: %v", claims, err)
		}
		if len(c.All()) != len(object) {
			t.Fatalf("claims %q became %q", claims, c.All())
		}
	})
}
