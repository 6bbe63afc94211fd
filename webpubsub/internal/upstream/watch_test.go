package upstream

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

// say delivers a user event and returns whether it succeeded.
func say(t *testing.T, d *Dispatcher, s Source) bool {
	t.Helper()
	_, err := d.UserEvent(t.Context(), s, "draw", webpubsub.Data{Type: webpubsub.Text, Bytes: []byte("x")}, nil)
	return err == nil
}

func TestProblem_isLoggedOnce_andAgainAfterItWorked(t *testing.T) {
	var log lockedBuffer
	var status atomic.Int64
	app := consenting(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) })
	d := New(Options{Settings: board(everything), Transport: transport{app}, Logger: logTo(&log)})
	defer d.Close(t.Context())
	for _, step := range []struct {
		status int64
		logged int // lines so far
	}{
		{404, 1}, {404, 1}, {404, 1}, // once
		{401, 2}, {404, 2}, // another problem, then one that is known
		{204, 2}, {404, 3}, {404, 3}, // anew
	} {
		status.Store(step.status)
		if say(t, d, ann) != (step.status == 204) {
			t.Errorf("%d: wrong outcome", step.status)
		}
		if got := strings.Count(log.String(), "event handler fails"); got != step.logged {
			t.Errorf("after %d: %d lines, want %d:\n%s", step.status, got, step.logged, log.String())
		}
	}
	for _, want := range []string{"level=WARN", "hub=board", "event=draw", "cause=\"The event handler has nothing at http://app.example.net/ev/board/draw", "remedy=\"Compare", `more="easel why --hub board"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the log holds the handler's code:\n%s", log.String())
	}
}

func TestStory_ofAHandlerThatRecovers_hasItsAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		calls := 0
		app := consenting(func(w http.ResponseWriter, _ *http.Request) {
			if calls++; calls < 3 {
				w.WriteHeader(503)
			}
		})
		stories := story.New(story.Limits{}, nil)
		d := New(Options{Settings: board(everything), Transport: transport{app}, Stories: stories, Logger: logTo(&log)})
		defer d.Close(t.Context())
		source := ann
		source.Story = stories.Begin("board", ann.ConnectionID)
		if !say(t, d, source) {
			t.Error("the third attempt should have worked")
		}
		s, _ := stories.Story(string(ann.ConnectionID))
		if len(s.Entries) != 2 {
			t.Fatalf("%+v", s.Entries)
		}
		failed, worked := s.Entries[0], s.Entries[1]
		if failed.Kind != story.KindAttempt || failed.Count != 2 || failed.Cause != story.HandlerError || failed.Status != 503 {
			t.Errorf("attempts: %+v", failed)
		}
		if worked.Cause != "" || worked.Attempts != 3 || worked.Status != 200 || worked.Took != 4*time.Second || strings.Contains(worked.URL, "secret") {
			t.Errorf("the end: %+v", worked)
		}
		if strings.Contains(log.String(), "fails") {
			t.Errorf("nothing was lost, but the log complains:\n%s", log.String())
		}
		for range 50 {
			say(t, d, source)
		}
		if s, _ := stories.Story(string(ann.ConnectionID)); len(s.Entries) != 3 || s.Entries[2].Count != 50 {
			t.Errorf("equal calls are one entry: %+v", s.Entries)
		}
	})
}
