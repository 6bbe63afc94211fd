package token

import (
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

func BenchmarkVerify(b *testing.B) {
	client, err := Mint(primary, MintOptions{
		Audience: "http://localhost:8080/client/hubs/board", UserID: "user-12345",
		Roles: []string{"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"},
	}, annIssued)
	if err != nil {
		b.Fatal(err)
	}
	rest, err := Mint(primary, MintOptions{Audience: "http://localhost:8080/api/hubs/board/groups/room-7/:send"}, annIssued)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		raw      string
		audience func() func(string) bool
	}{
		{"client", client, func() func(string) bool { return ClientAudience("localhost:8080", ClientPath, "board", nil) }},
		{"rest", rest, func() func(string) bool {
			return RESTAudience("localhost:8080", "/api/hubs/board/groups/room-7/:send", nil)
		}},
	} {
		b.Run("for="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Verify(c.raw, keys, annIssued, c.audience()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSignEvent(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		SignEvent(webpubsub.Keys{Primary: primary}, "0f8fad5bd9cb469fa16570867728950e")
	}
}

func BenchmarkVerifyEvent(b *testing.B) {
	signature := []string{SignEvent(keys, "0f8fad5bd9cb469fa16570867728950e")}
	b.ReportAllocs()
	for b.Loop() {
		if !VerifyEvent(signature, "0f8fad5bd9cb469fa16570867728950e", primary) {
			b.Fatal("not verified")
		}
	}
}
