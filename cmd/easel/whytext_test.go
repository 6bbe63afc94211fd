package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// sample is a story with a bit of everything.
func sample() webpubsub.Story {
	at := time.Date(2026, 9, 1, 8, 0, 0, 0, time.Local)
	return webpubsub.Story{
		ID: "c1", Hub: "chat", UserID: "ann", State: webpubsub.StoryClosed, Trouble: true, Began: at, Latest: at.Add(time.Minute), Lost: 3,
		Traffic: webpubsub.StoryTraffic{Received: 2, LastReceived: at.Add(2 * time.Second)},
		Entries: []webpubsub.StoryEntry{
			{At: at.Add(time.Millisecond), Count: 1, Text: "connected"},
			{At: at.Add(12 * time.Second), Count: 4, Last: at.Add(20 * time.Second), Text: "not allowed"},
			{At: at.Add(time.Hour), Count: 1, Text: "ended"},
		},
		Advice: []webpubsub.StoryAdvice{{Cause: "It may not.", Remedy: "Allow it."}, {Hint: true, Cause: "It is alone."}},
	}
}

func TestWriteStory(t *testing.T) {
	var b bytes.Buffer
	check(t, writeStory(&b, sample()))
	want := `Connection c1 to hub chat, user ann: closed

  1. It may not.
     -> Allow it.

  by the way: It is alone.

What happened, from 2026-09-01 08:00:00 on:
       +1 ms  connected
     +12.0 s  not allowed (4 times, last at 08:00:20)
     +1h0m0s  ended
  (3 entries between the first and the last are no longer kept)

Frames: 2 received, last at 08:00:02; none sent.
`
	if b.String() != want {
		t.Errorf("got\n%s", &b)
	}
}

// storyService answers /api/stories with sample.
func storyService(t *testing.T, list []webpubsub.Story) (connectionString string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v any = sample()
		switch {
		case r.URL.Path == "/api/stories":
			v = list
		case strings.HasSuffix(r.URL.Path, "hub:chat"):
			v = webpubsub.Story{ID: "hub:chat", Hub: "chat", State: webpubsub.StoryOfHub}
		}
		if json.NewEncoder(w).Encode(v) != nil {
			panic("not encoded")
		}
	}))
	t.Cleanup(s.Close)
	return "Endpoint=" + s.URL + ";AccessKey=primary-key-0123456789-abcdefghij;"
}

func TestWhy_forms(t *testing.T) {
	one := storyService(t, []webpubsub.Story{sample()})
	none := storyService(t, []webpubsub.Story{})
	for _, c := range []struct{ service, args, says string }{
		{one, "c1", "Connection c1 to hub chat, user ann: closed"},
		{one, "c1 -o json", `"cause": "It may not."`},
		{one, "--last", "1. It may not."},
		{one, "--last --hub chat", "1. It may not."},
		{one, "--hub chat", "Hub chat\n\nNothing in it looks wrong.\n\nConnection c1 to hub chat, user ann: closed\n\n  1. It may not."},
		{one, "--hub chat -o json", `"trouble": [`},
		{one, "", "c1          chat  ann   closed  2026-09-01 08:01:00  It may not."},
		{one, "-o json", `"id": "c1"`},
		{none, "", "No connection has come yet."},
		{none, "--last", "Nothing that is remembered went wrong."},
		{none, "--last -o json", "null"},
	} {
		args := append([]string{"why"}, strings.Fields(c.args)...)
		out, errs, code := easel(environment{"WebPubSubConnectionString": c.service}, args...)
		if code != 0 || !strings.Contains(out, c.says) {
			t.Errorf("easel why %s: %d %s\n%s", c.args, code, errs, out)
		}
	}
	// An id may also come last.
	if out, errs, _ := easel(nil, "why", "--connection-string", one, "c1"); !strings.Contains(out, "Connection c1") {
		t.Errorf("%s %s", out, errs)
	}
}

func TestWhy_wrongUsage(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"c1 c2", 2, `"c2" is not expected`},
		{"c1 --last", 2, "neither"},
		{"c1 --hub chat", 2, "neither"},
		{"--hub 1", 2, "--hub"},
		{"c1 --data " + t.TempDir(), 1, "no service runs on"},
		{"--last --hub chat --data " + t.TempDir(), 1, "no service runs on"},
	} {
		_, errs, code := easel(nil, append([]string{"why"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("easel why %s: %d %s", c.args, code, errs)
		}
	}
}
