package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/internal/rest/resttest"
	"github.com/easelhq/easel/webpubsub/token"
)

// silent is an engine that does nothing.
type silent struct{ *resttest.Engine }

func (silent) SendToGroup(webpubsub.HubName, webpubsub.GroupName, webpubsub.Data, rest.SendOptions) {
}

// BenchmarkSend is a send to a group up to the engine: route, token, parameters, body.
func BenchmarkSend(b *testing.B) {
	settings := resttest.NewSettings(keys)
	api := rest.New(silent{}, rest.Options{Settings: settings})
	for name, c := range map[string]struct {
		query string
		size  int
	}{
		"plain/size=100B":  {"", 100},
		"plain/size=16KiB": {"", 16 << 10},
		"filter/size=100B": {"&filter=userId%20ne%20'ann'%20and%20length(groups)%20lt%203&excluded=c1&messageTtlSeconds=60", 100},
	} {
		b.Run(name, func(b *testing.B) {
			target := "http://" + host + "/api/hubs/board/groups/room-7/:send"
			raw, err := token.Mint(keys.Primary, token.MintOptions{Audience: target}, time.Now())
			if err != nil {
				b.Fatal(err)
			}
			body := strings.Repeat("x", c.size)
			b.SetBytes(int64(c.size))
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("POST", target+"?api-version=2024-12-01"+c.query, strings.NewReader(body))
				r.Header = http.Header{"Authorization": {"Bearer " + raw}, "Content-Type": {"text/plain"}}
				w := httptest.NewRecorder()
				if api.ServeHTTP(w, r); w.Code != http.StatusAccepted {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
