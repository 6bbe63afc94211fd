package app_test

import (
	"strings"
	"testing"
)

func TestLiveLane_reachesOthersWithoutTheApp(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("ink")
	ann := s.join(b, b.edit())
	bob := s.join(b, b.view())
	for _, g := range []*guest{ann, bob} { // nothing of their coming is under way
		g.awaitMessage("here", func(m message) bool { return len(m.People) == 2 })
	}
	ann.commit(ann.op("before", aRect))
	ann.echo(1)
	const messages = 100
	live := "b." + string(b.ID) + ".l"
	before := s.calls.Load()
	for range messages {
		ann.send(map[string]any{"type": "sendToGroup", "group": live, "noEcho": true, "dataType": "json",
			"data": map[string]any{"k": "i", "a": ann.actor, "i": "stroke", "o": 0, "p": "AAAA"}})
	}
	for range messages {
		bob.await("ink", func(f frame) bool { return f.Group == live && strings.Contains(string(f.Data), `"stroke"`) })
	}
	if n := s.calls.Load() - before; n != 0 {
		t.Errorf("%d ink messages made %d calls of the app", messages, n)
	}
	ann.commit(ann.op("stroke", aRect))
	ann.echo(2)
	if n := s.calls.Load() - before; n != 1 {
		t.Errorf("a commit made %d calls of the app", n)
	}
}
