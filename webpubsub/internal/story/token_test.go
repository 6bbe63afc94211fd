package story

import (
	"errors"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

var testKeys = webpubsub.Keys{Primary: "primary-key-0123456789-abcdefghij", Secondary: "secondary-key-0123456789-abcdefgh"}

func TestAcceptedToken_namesTheKey(t *testing.T) {
	for key, want := range map[string]string{testKeys.Primary: "primary", testKeys.Secondary: "secondary"} {
		raw, err := token.Mint(key, token.MintOptions{Audience: "https://h/client/hubs/chat"}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		c, err := token.Verify(raw, testKeys, time.Now(), func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		if f := AcceptedToken(c); f.Detail != want || f.Found != "https://h/client/hubs/chat" || f.Time.IsZero() {
			t.Errorf("%+v", f)
		}
	}
}

func FuzzRefusedToken(f *testing.F) {
	good, err := token.Mint(testKeys.Primary, token.MintOptions{Audience: "https://h:8080/api/hubs/chat"}, time.Now())
	if err != nil {
		f.Fatal(err)
	}
	for _, raw := range []string{"", ".", "..", "a.b.c", good, good + "x", "e30.e30.", "bnVsbA.bnVsbA.", "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOlsxXX0."} {
		f.Add(raw)
	}
	refusal := errors.New("refused")
	f.Fuzz(func(t *testing.T, raw string) {
		for _, to := range []Target{{Host: "h", Path: "/client/hubs/chat", Hub: "chat"}, {Host: "h", Path: "/api/hubs/chat", REST: true}} {
			facts := RefusedToken(raw, testKeys, time.Now(), to, refusal)
			if _, ok := rules[facts.Cause]; !ok {
				t.Errorf("%q: cause %q", raw, facts.Cause)
			}
			for _, a := range Explanation("chat", webpubsub.Hub{}, facts) {
				if a.Cause == "" {
					t.Errorf("%q: nothing is said", raw)
				}
			}
		}
	})
}
