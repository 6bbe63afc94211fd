package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
)

// whyOptions say whose story is wanted: a connection's, the last trouble's, a hub's, or all
// recent ones in a list.
type whyOptions struct {
	id   string
	hub  webpubsub.HubName
	last bool
}

// storiesVar is for commands that run the service.
func (f *flags) storiesVar(to *int) {
	f.IntVar(to, "stories", server.DefaultStories, "how many recent connections easel why can tell of; -1 for none")
}

// why tells the story of a connection or hub.
func (p *program) why(ctx context.Context, args []string) error {
	m := p.manageFlags("why", "tell the story of a connection: easel why [connection-id] [--hub HUB] [--last]")
	var hub string
	for _, name := range []string{"hub", "hub-name"} {
		m.StringVar(&hub, name, "", "tell of a hub: its event handlers, and recent trouble of its connections")
	}
	last := m.Bool("last", false, "tell of the most recent trouble, refused handshakes included")
	var o whyOptions
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		o.id, args = args[0], args[1:]
	} else {
		m.operands = 1
	}
	if err := m.parse(args); err != nil {
		return err
	}
	if o.id == "" {
		o.id = m.Arg(0)
	}
	if !m.given("output") && !m.given("o") {
		m.output = "text"
	}
	o.last = *last
	if hub != "" {
		var err error
		if o.hub, err = webpubsub.ParseHubName(hub); err != nil {
			return usagef("--hub: %s", webpubsub.MessageOf(err))
		}
	}
	if o.id != "" && (o.last || o.hub != "") {
		return usagef("a connection id takes neither --hub nor --last")
	}
	return m.manageTarget(ctx, func(t target, s *service.Settings) error {
		if t.idle && (o.hub == "" || o.last) {
			return fmt.Errorf("no service runs on %s; stories are in the memory of a running one", m.data)
		}
		return m.tell(ctx, s, o)
	})
}

func (m *manageFlags) tell(ctx context.Context, s *service.Settings, o whyOptions) error {
	switch {
	case o.id != "":
		story, err := s.Story(ctx, o.id)
		if err != nil {
			return err
		}
		return m.tellStory(story)
	case o.last:
		return m.tellLast(ctx, s, o.hub)
	case o.hub != "":
		return m.tellHub(ctx, s, o.hub)
	}
	list, err := s.Stories(ctx, service.StoryFilter{})
	if err != nil {
		return err
	}
	return m.listStories(list)
}

func (m *manageFlags) tellStory(s webpubsub.Story) error {
	if m.output == "json" {
		return m.print(s, nil)
	}
	return writeStory(m.program.stdout, s)
}

func (m *manageFlags) tellLast(ctx context.Context, s *service.Settings, hub webpubsub.HubName) error {
	list, err := s.Stories(ctx, service.StoryFilter{Hub: hub, Trouble: true, Max: 1})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		if m.output == "json" {
			return m.print(nil, nil)
		}
		_, err := fmt.Fprintln(m.program.stdout, "Nothing that is remembered went wrong.")
		return err
	}
	story, err := s.Story(ctx, list[0].ID)
	if err != nil {
		return err
	}
	return m.tellStory(story)
}

// whyOfHub is what easel why --hub prints as JSON.
type whyOfHub struct {
	Hub     webpubsub.Story   `json:"hub"`
	Trouble []webpubsub.Story `json:"trouble"`
}

// troubleShown is how many connections with trouble are told of beneath a hub.
const troubleShown = 10

func (m *manageFlags) tellHub(ctx context.Context, s *service.Settings, hub webpubsub.HubName) error {
	of, err := s.Story(ctx, "hub:"+string(hub))
	if err != nil {
		return err
	}
	// One more, for the hub's own story is among them.
	list, err := s.Stories(ctx, service.StoryFilter{Hub: hub, Trouble: true, Max: troubleShown + 1})
	if err != nil {
		return err
	}
	out := whyOfHub{Hub: of, Trouble: []webpubsub.Story{}}
	for _, story := range list {
		if story.ID != of.ID && len(out.Trouble) < troubleShown {
			out.Trouble = append(out.Trouble, story)
		}
	}
	if m.output == "json" {
		return m.print(out, nil)
	}
	return writeHub(m.program.stdout, out)
}

func (m *manageFlags) listStories(list []webpubsub.Story) error {
	if m.output == "json" {
		return m.print(list, nil)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(m.program.stdout, "No connection has come yet.")
		return err
	}
	rows := [][]string{{"CONNECTION", "HUB", "USER", "STATE", "LAST ENTRY", "TROUBLE"}}
	for _, s := range list {
		rows = append(rows, []string{s.ID, string(s.Hub), string(s.UserID), string(s.State), clock(s.Latest), trouble(s)})
	}
	return m.print(list, rows)
}

// trouble is the most important advice that is not just a hint.
func trouble(s webpubsub.Story) string {
	for _, a := range s.Advice {
		if !a.Hint {
			return a.Cause
		}
	}
	return ""
}
