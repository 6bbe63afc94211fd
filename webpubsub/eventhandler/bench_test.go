package eventhandler_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/easelhq/easel/internal/inproc"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/internal/story"
	"github.com/easelhq/easel/webpubsub/internal/upstream"
)

// BenchmarkUserEvent is an event from the service to a handler and back: with a handler in the
// same process, and over HTTP.
func BenchmarkUserEvent(b *testing.B) {
	const key = "primary-key-0123456789-abcdefghij"
	h, err := eventhandler.New(eventhandler.Options{Hub: "board", AccessKeys: []string{key}, UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
		return &eventhandler.UserResponse{Data: &e.Data}, nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	over := httptest.NewServer(h)
	defer over.Close()
	for _, c := range []struct {
		name, url string
		transport http.RoundTripper
	}{
		{"inproc", "http://app.internal/eventhandler", &inproc.Transport{Handlers: map[string]http.Handler{"app.internal": h}, Whole: true}},
		{"http", over.URL + "/eventhandler", nil},
	} {
		b.Run("handler="+c.name, func(b *testing.B) {
			stories := story.New(story.Limits{}, nil)
			d := upstream.New(upstream.Options{Transport: c.transport, Stories: stories, Settings: settings{
				Keys: webpubsub.Keys{Primary: key},
				Hubs: map[webpubsub.HubName]webpubsub.Hub{"board": {EventHandlers: []webpubsub.EventHandler{{URLTemplate: c.url, UserEventPattern: "*"}}}},
			}})
			defer d.Close(context.Background())
			from := upstream.Source{
				Hub: "board", ConnectionID: "0f8fad5bd9cb469fa16570867728950e", UserID: "ann", Subprotocol: "json.webpubsub.azure.v1",
				Session: &upstream.Session{}, Story: stories.Begin("board", "0f8fad5bd9cb469fa16570867728950e"),
			}
			data := webpubsub.Data{Type: webpubsub.JSON, Bytes: []byte(`{"k":"c","a":"actor123","x":101.5,"y":-20}`)}
			ctx, cancel := context.WithTimeout(context.Background(), webpubsub.HandlerTimeout)
			defer cancel()
			b.ReportAllocs()
			for b.Loop() {
				r, err := d.UserEvent(ctx, from, "draw", data, nil)
				if err != nil || len(r.Data.Bytes) != len(data.Bytes) {
					b.Fatal(r, err)
				}
				from.EventID++
			}
		})
	}
}
