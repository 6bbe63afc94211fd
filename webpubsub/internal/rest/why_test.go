package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

// told is the JSON of an answer that must be a success.
func told[T any](t *testing.T, r *http.Response) (v T) {
	t.Helper()
	body := text(t, r)
	if r.StatusCode != 200 {
		t.Fatalf("%d %s", r.StatusCode, body)
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestStories_listAndTell(t *testing.T) {
	stories := story.New(story.Limits{}, nil)
	b := newBench(rest.Options{Stories: stories})
	stories.Begin("board", "c1").Add(story.Facts{Kind: story.KindAccepted})
	stories.Begin("board", "c2").Add(story.Facts{Kind: story.KindForbidden, Cause: story.Forbidden, Permission: "sendToGroup", Group: "room"})
	stories.Begin("other", "c3").Add(story.Facts{Kind: story.KindAccepted})
	for query, want := range map[string]string{
		"": "c3 c2 c1", "?hub=Board": "c2 c1", "?trouble=true": "c2", "?hub=other&trouble=true": "", "?top=1": "c3",
	} {
		var ids []string
		for _, s := range told[[]webpubsub.Story](t, b.do(t, "GET", "/api/stories"+query, "")) {
			ids = append(ids, s.ID)
			if s.Entries != nil {
				t.Error("a list has no entries")
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	s := told[webpubsub.Story](t, b.do(t, "GET", "/api/stories/c2", ""))
	if len(s.Entries) != 1 || !strings.Contains(s.Entries[0].Text, "not allowed") || len(s.Advice) != 1 || !strings.Contains(s.Advice[0].Remedy, `"webpubsub.sendToGroup.room"`) {
		t.Errorf("%+v", s)
	}
}

func TestStories_refusals(t *testing.T) {
	on, off := newBench(rest.Options{Stories: story.New(story.Limits{}, nil)}), newBench(rest.Options{})
	for _, c := range []struct {
		b      *bench
		target string
		header string
		status int
		says   string
	}{
		{on, "/api/stories/none", "", 404, "Nothing is remembered of connection `none`."},
		{on, "/api/stories?top=0", "", 400, "top"},
		{on, "/api/stories?hub=1", "", 400, "hub name"},
		{on, "/api/stories/hub:1", "", 400, "hub name"},
		{on, "/api/stories", "Authorization: ", 401, ""},
		{off, "/api/stories", "", 404, "switched off"},
		{off, "/api/stories/c1", "", 404, "switched off"},
	} {
		r := c.b.do(t, "GET", c.target, "", c.header)
		if body := text(t, r); r.StatusCode != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", c.target, r.StatusCode, body)
		}
	}
}

func TestStoryOfHub_asksItsHandlersNow(t *testing.T) {
	b := newBench(rest.Options{
		Stories: story.New(story.Limits{}, nil),
		Validate: func(_ context.Context, _ webpubsub.HubName, h webpubsub.EventHandler) error {
			if strings.Contains(h.URLTemplate, "good") {
				return nil
			}
			return &story.Failure{Facts: story.Facts{Cause: story.ConsentNoHeader, URL: "http://bad/validate"}, Err: errors.New("no consent")}
		},
		Advice: func(webpubsub.Hub) []string { return []string{"this is odd; do it so"} },
	})
	hub := webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{URLTemplate: "http://good"}, {URLTemplate: "http://bad"}}}
	// The same is said when the hub is set up.
	setUp := text(t, b.do(t, "PUT", "/api/settings/hubs/board", strings.ReplaceAll(tutorialHub, "localhost:8080", "bad"), json1))
	if !strings.Contains(setUp, "no consent; Answer OPTIONS with 200 and the header WebHook-Allowed-Origin: *") {
		t.Errorf("warnings: %s", setUp)
	}
	if err := b.settings.SetHub(t.Context(), "board", hub); err != nil {
		t.Fatal(err)
	}
	s := told[webpubsub.Story](t, b.do(t, "GET", "/api/stories/hub:board", ""))
	if len(s.Entries) != 1 || len(s.Advice) != 2 || !strings.Contains(s.Advice[0].Cause, "http://bad/validate") || s.Advice[1] != (webpubsub.StoryAdvice{Hint: true, Cause: "this is odd", Remedy: "do it so"}) {
		t.Errorf("%+v", s)
	}
}
