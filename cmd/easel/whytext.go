package main

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// Times are local, as on the clock of whoever reads.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// writeStory tells a story: what it is, what is probably wrong, and what happened.
func writeStory(to io.Writer, s webpubsub.Story) error {
	w := bufio.NewWriter(to)
	fmt.Fprintln(w, title(s))
	writeAdvice(w, s.Advice)
	if len(s.Advice) == 0 {
		fmt.Fprintln(w, "\nNothing in it looks wrong.")
	}
	writeEntries(w, s)
	if s.State != webpubsub.StoryOfHub && s.State != webpubsub.StoryRefused {
		fmt.Fprintf(w, "\nFrames: %s; %s.\n", traffic(s.Traffic.Received, "received", s.Traffic.LastReceived), traffic(s.Traffic.Sent, "sent", s.Traffic.LastSent))
	}
	return w.Flush()
}

func title(s webpubsub.Story) string {
	if s.State == webpubsub.StoryOfHub {
		if s.Hub == "" {
			return "The service as a whole"
		}
		return "Hub " + string(s.Hub)
	}
	what := "Connection"
	if s.State == webpubsub.StoryRefused {
		what = "Handshake"
	}
	text := fmt.Sprintf("%s %s to hub %s", what, s.ID, s.Hub)
	if s.UserID != "" {
		text += fmt.Sprintf(", user %s", s.UserID)
	}
	text += fmt.Sprintf(": %s", s.State)
	if s.Repeats > 0 {
		text += fmt.Sprintf("; the same happened %d more times, last at %s", s.Repeats, clock(s.Latest))
	}
	return text
}

func writeAdvice(w io.Writer, advice []webpubsub.StoryAdvice) {
	n := 0
	for _, a := range advice {
		mark := "by the way:"
		if !a.Hint {
			n++
			mark = fmt.Sprintf("%d.", n)
		}
		fmt.Fprintf(w, "\n  %s %s\n", mark, a.Cause)
		if a.Remedy != "" {
			fmt.Fprintf(w, "     -> %s\n", a.Remedy)
		}
	}
}

func writeEntries(w io.Writer, s webpubsub.Story) {
	if len(s.Entries) == 0 {
		return
	}
	fmt.Fprintf(w, "\nWhat happened, from %s on:\n", clock(s.Entries[0].At))
	start := s.Entries[0].At
	if !s.Began.IsZero() && s.State != webpubsub.StoryOfHub {
		start = s.Began
	}
	for _, e := range s.Entries {
		fmt.Fprintf(w, "  %10s  %s%s\n", since(e.At.Sub(start)), e.Text, repeated(e))
	}
	if s.Lost > 0 {
		fmt.Fprintf(w, "  (%d entries between the first and the last are no longer kept)\n", s.Lost)
	}
}

// since is a time after the beginning, to the precision that matters.
func since(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("+%d ms", d.Milliseconds())
	case d < 10*time.Minute:
		return fmt.Sprintf("+%.1f s", d.Seconds())
	}
	return "+" + d.Round(time.Second).String()
}

func repeated(e webpubsub.StoryEntry) string {
	if e.Count < 2 {
		return ""
	}
	return fmt.Sprintf(" (%d times, last at %s)", e.Count, e.Last.Local().Format("15:04:05"))
}

func traffic(n int64, word string, last time.Time) string {
	if n == 0 {
		return "none " + word
	}
	return fmt.Sprintf("%d %s, last at %s", n, word, last.Local().Format("15:04:05"))
}

// writeHub tells a hub's story, then in short those of its connections with trouble.
func writeHub(to io.Writer, h whyOfHub) error {
	if err := writeStory(to, h.Hub); err != nil {
		return err
	}
	w := bufio.NewWriter(to)
	for _, s := range h.Trouble {
		fmt.Fprintf(w, "\n%s\n", title(s))
		writeAdvice(w, s.Advice)
	}
	return w.Flush()
}
