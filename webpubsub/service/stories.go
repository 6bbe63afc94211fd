package service

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/easelhq/easel/webpubsub"
)

// StoryFilter selects stories.
type StoryFilter struct {
	// Hub is the only one whose stories are wanted; empty is all.
	Hub webpubsub.HubName
	// Trouble leaves out stories in which nothing went wrong.
	Trouble bool
	// Max is how many are returned at most, up to 1000; 0 is 50.
	Max int
}

const storiesPath = "/api/stories"

// Stories lists what the service remembers of recent connections, refused handshakes and
// hubs, the most recent first. They come with advice and without entries. Works with Easel
// only. Errors: NotFound when the service keeps no stories.
func (s *Settings) Stories(ctx context.Context, f StoryFilter) ([]webpubsub.Story, error) {
	const op = "list stories"
	query := url.Values{"trouble": {strconv.FormatBool(f.Trouble)}}
	if f.Hub != "" {
		query.Set("hub", string(f.Hub))
	}
	if f.Max > 0 {
		query.Set("top", strconv.Itoa(f.Max))
	}
	var stories []webpubsub.Story
	a, err := s.endpoint.do(ctx, request{op: op, method: http.MethodGet, path: storiesPath, query: query})
	if err == nil {
		err = a.decode(op, &stories)
	}
	return stories, err
}

// Story returns what the service remembers of one connection, by its id, or of a hub, by
// "hub:" and its name. For a hub it also asks the event handlers for their consent. Works
// with Easel only. Errors: NotFound when nothing is remembered.
func (s *Settings) Story(ctx context.Context, id string) (webpubsub.Story, error) {
	const op = "get story"
	var story webpubsub.Story
	a, err := s.endpoint.do(ctx, request{op: op, method: http.MethodGet, path: storiesPath + "/" + url.PathEscape(id)})
	if err == nil {
		err = a.decode(op, &story)
	}
	return story, err
}
