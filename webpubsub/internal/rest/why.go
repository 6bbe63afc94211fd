package rest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

// Stories: what the service remembers of connections, for easel why. The API is our own.
const (
	defaultStories = 50
	maxStories     = 1000
)

// listStories lists stories, the most recent first, without their entries.
func (a *api) listStories(c *call) (answer, error) {
	if a.Stories == nil {
		return answer{}, errNoStories
	}
	f := story.Filter{Trouble: strings.EqualFold(c.query.get("trouble"), "true")}
	var err error
	if f.Max, err = c.integer("top", defaultStories, 1, maxStories); err != nil {
		return answer{}, err
	}
	if name := c.query.get("hub"); name != "" {
		if f.Hub, err = webpubsub.ParseHubName(name); err != nil {
			return answer{}, inputError{"hub", err}
		}
	}
	list := a.Stories.Stories(f)
	for i := range list {
		a.Stories.Explain(a.Settings.Settings(), &list[i])
		list[i].Entries = nil
	}
	return answer{status: http.StatusOK, body: list}, nil
}

var errNoStories = webpubsub.Errorf(webpubsub.NotFound, "This service keeps no stories; they are switched off.")

// getStory returns one story. That of a hub also says what is wrong with its settings, and
// how its event handlers answer at this moment.
func (a *api) getStory(c *call) (answer, error) {
	if a.Stories == nil {
		return answer{}, errNoStories
	}
	id := string(c.connection)
	// The story of no hub, which tells what concerns none, is like any other.
	if name, ofHub := strings.CutPrefix(id, story.HubID("")); ofHub && name != "" {
		hub, err := webpubsub.ParseHubName(name)
		if err != nil {
			return answer{}, inputError{"hub", err}
		}
		return answer{status: http.StatusOK, body: a.storyOfHub(c.r.Context(), hub)}, nil
	}
	s, ok := a.Stories.Story(id)
	if !ok {
		return answer{}, webpubsub.Errorf(webpubsub.NotFound, "Nothing is remembered of connection `%s`.", clip(id))
	}
	a.Stories.Explain(a.Settings.Settings(), &s)
	return answer{status: http.StatusOK, body: s}, nil
}

func (a *api) storyOfHub(ctx context.Context, name webpubsub.HubName) webpubsub.Story {
	s, ok := a.Stories.Story(story.HubID(name))
	if !ok {
		s = webpubsub.Story{ID: story.HubID(name), Hub: name, State: webpubsub.StoryOfHub}
	}
	settings := a.Settings.Settings()
	hub := settings.Hubs[name]
	s.Entries = append(s.Entries, a.askHandlers(ctx, name, hub)...)
	a.Stories.Explain(settings, &s)
	if a.Advice != nil {
		for _, line := range a.Advice(hub) {
			cause, remedy, _ := strings.Cut(line, "; ")
			s.Advice = append(s.Advice, webpubsub.StoryAdvice{Hint: true, Cause: cause, Remedy: remedy})
		}
	}
	return s
}

// askHandlers asks all event handlers for their consent, at the same time; what failed becomes
// an entry.
func (a *api) askHandlers(ctx context.Context, name webpubsub.HubName, h webpubsub.Hub) []webpubsub.StoryEntry {
	if a.Validate == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, webpubsub.ValidationTimeout)
	defer cancel()
	results := make([]error, len(h.EventHandlers))
	var wg sync.WaitGroup
	for i, e := range h.EventHandlers {
		wg.Go(func() { results[i] = a.Validate(ctx, name, e) })
	}
	wg.Wait()
	var entries []webpubsub.StoryEntry
	for _, err := range results {
		if err == nil {
			continue
		}
		f := story.FactsOf(err)
		f.Kind, f.Event = story.KindHandler, cmp.Or(f.Event, story.EventValidate)
		entries = append(entries, story.Tell(f, a.Now()))
	}
	return entries
}

// noteUnauthorized tells the hub of a request whose token is refused.
func (a *api) noteUnauthorized(op *operation, values pathValues, r *http.Request, err error) {
	if a.Stories == nil {
		return
	}
	_, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	to := story.Target{Host: r.Host, Path: r.URL.Path, REST: true}
	f := story.RefusedToken(strings.TrimSpace(raw), a.Settings.Settings().Keys, a.Now(), to, err)
	f.Kind, f.Event, f.Status = story.KindREST, op.name, http.StatusUnauthorized
	hub, _ := webpubsub.ParseHubName(values.of[pathHub]) // none is told of no hub
	a.Stories.Hub(hub).Add(f)
}

// remedies say what to do about a handler's failure, when it is known.
func remedies(hub webpubsub.HubName, err error) (list []string) {
	if f, ok := errors.AsType[*story.Failure](err); ok {
		for _, a := range story.Explanation(hub, webpubsub.Hub{}, f.Facts) {
			list = append(list, a.Remedy)
		}
	}
	return list
}
