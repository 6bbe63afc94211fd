package rest_test

import (
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub/internal/rest"
)

// FuzzQuery: what is well-formed is read as everybody reads it, but for the case of names;
// anything else is read too, each broken escape as itself.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"", "a=1&A=2", "excluded=c1&excluded=&excluded", "filter=userId%20eq%20'a%26b'", "a+b=c+d", "%zz=%", "=x&&=", "a=%ff;b=2", "API-VERSION=2024-12-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := rest.ParseQuery(raw)
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		want := map[string][]string{}
		for pair := range strings.SplitSeq(raw, "&") { // url.Values forgets the order of names
			name, value, _ := strings.Cut(pair, "=")
			name, _ = url.QueryUnescape(name)
			value, _ = url.QueryUnescape(value)
			if _, known := values[name]; known && name != "" {
				want[strings.ToLower(name)] = append(want[strings.ToLower(name)], value)
			}
		}
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %q, want %q", raw, got, want)
		}
	})
}

// FuzzRequest: no query, header or body of a send makes the API panic or fail.
func FuzzRequest(f *testing.F) {
	f.Add("messageTtlSeconds=1&filter=userId%20eq%20null", "text/plain; charset=utf-16", "a1", "hi")
	f.Add("maxpagesize=2&continuationToken=AAAA&top=1", "application/json", "", `{"groups":["g"],"filter":"true"}`)
	f.Add("%&&=&filter=((", "text/plain;;", "\x00", "\xff\xfe\x00")
	b := newBench(rest.Options{CORSOrigins: []string{"*"}})
	tokens := map[string]string{}
	for _, target := range []string{"POST :send", "POST users/ann/:send", "POST :addToGroups", "POST :generateToken", "GET groups/room/connections", "PUT permissions/1/connections/c1"} {
		_, path, _ := strings.Cut(target, " ")
		tokens[target] = mint(f, keys.Primary, "http://"+host+"/api/hubs/board/"+path)
	}
	f.Fuzz(func(t *testing.T, query, kind, metadata, body string) {
		for target, raw := range tokens {
			method, path, _ := strings.Cut(target, " ")
			r := httptest.NewRequest(method, "http://"+host+"/", strings.NewReader(body))
			r.URL = &url.URL{Path: "/api/hubs/board/" + path, RawQuery: query}
			r.Header.Set("Authorization", "Bearer "+raw)
			r.Header.Set("Content-Type", kind)
			r.Header.Set("X-WebPubSub-Metadata-A", metadata)
			r.Header.Set("Origin", kind)
			w := httptest.NewRecorder()
			if b.ServeHTTP(w, r); w.Code < 200 || w.Code >= 500 || w.Code == 401 {
				t.Errorf("%s ?%s: got %d %s", target, query, w.Code, w.Body)
			}
		}
		b.engine.Calls()
	})
}

// TestPath_anyName_arrivesAsItWas: every spelling of a name in a path, with more escapes than
// needed or as few as possible, is the same name.
func TestPath_anyName_arrivesAsItWas(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	alphabet := []rune("aZ09-._~!$&'()*+,;=:@/%?# \\\"<>^`{|}äü€😀\t")
	for range 5000 {
		var name, path strings.Builder
		for range 1 + r.IntN(8) {
			c := string(alphabet[r.IntN(len(alphabet))])
			name.WriteString(c)
			if escaped := url.PathEscape(c); escaped != c || r.IntN(3) > 0 {
				path.WriteString(escaped)
				continue
			}
			for _, b := range []byte(c) {
				const hex = "0123456789abcdef"
				path.WriteString("%" + string(hex[b>>4]) + string(hex[b&15]))
			}
		}
		want := name.String()
		for _, verb := range []string{":send", "%3Asend", "%3asend", ":send/"} {
			op, values := rest.Match("POST", "/api/hubs/board/users/"+path.String()+"/"+verb)
			if op != "SendToUser" || values["userId"] != want {
				t.Fatalf("seed %d: %s arrived as %s %q, want %q", seed, path.String(), op, values, want)
			}
		}
	}
}
