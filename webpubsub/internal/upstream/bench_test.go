package upstream

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// BenchmarkUserEvent is one event of a client, from the connection to the handler's answer.
func BenchmarkUserEvent(b *testing.B) {
	b.Run("memory", func(b *testing.B) { benchmarkUserEvent(b, "http://app.example.net/", immediate{}) })
	b.Run("http", func(b *testing.B) {
		s := httptest.NewServer(consenting(echo))
		b.Cleanup(s.Close)
		benchmarkUserEvent(b, s.URL, nil)
	})
}

func benchmarkUserEvent(b *testing.B, url string, rt http.RoundTripper) {
	d := New(Options{Settings: board(webpubsub.EventHandler{URLTemplate: url, UserEventPattern: "*"}), Transport: rt})
	b.Cleanup(func() { d.Close(context.Background()) })
	data := webpubsub.Data{Type: webpubsub.Text, Bytes: []byte(strings.Repeat("x", 128))}
	ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
	b.Cleanup(cancel)
	from := ann
	from.Session = &Session{}
	b.ReportAllocs()
	for b.Loop() {
		from.EventID++
		r, err := d.UserEvent(ctx, from, "say", data, nil)
		if err != nil || len(r.Data.Bytes) != len(data.Bytes) {
			b.Fatal(r, err)
		}
	}
}

func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	io.Copy(w, r.Body)
}

// immediate is a transport to a handler that echoes, and costs nothing.
type immediate struct{}

func (immediate) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{"Content-Type": r.Header["Content-Type"]}
	if r.Method == http.MethodOptions {
		h = http.Header{"Webhook-Allowed-Origin": {"*"}}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: h, Body: r.Body, ContentLength: r.ContentLength}, nil
}
