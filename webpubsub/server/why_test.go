package server_test

import (
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
)

// stories is a client for the stories of f.
func (f *fixture) stories() *service.Settings {
	f.t.Helper()
	s, err := service.NewSettings(token.ConnectionString{Endpoint: f.listener.URL, AccessKey: f.keys.Primary}.String(), nil)
	check(f.t, err)
	return s
}

// story waits until a connection's story has an entry of a kind.
func (f *fixture) story(id webpubsub.ConnectionID, kind string) webpubsub.Story {
	f.t.Helper()
	var s webpubsub.Story
	for range 10_000 {
		var err error
		s, err = f.stories().Story(f.t.Context(), string(id))
		check(f.t, err)
		for _, e := range s.Entries {
			if e.Kind == kind {
				return s
			}
		}
	}
	f.t.Fatalf("no entry %s in %+v", kind, s)
	panic("unreachable")
}

func TestStory_ofALifeWithRecovery_isComplete(t *testing.T) {
	f := start(t)
	c := f.connect(reliable, token.MintOptions{UserID: "ann", Roles: []string{"webpubsub.joinLeaveGroup"}, Groups: []string{"hall"}})
	c.send(`{"type":"joinGroup","group":"room","ackId":1}`)
	c.next()
	check(t, f.rest.AddConnectionToGroup(t.Context(), "attic", c.id))
	c.ws.CloseNow()
	f.story(c.id, "socketLost")
	again := f.recover(c, reliable)
	again.next()
	check(t, f.rest.CloseConnection(t.Context(), c.id, "enough"))
	again.closed()
	s := f.story(c.id, "closing")
	for range 10_000 { // what is sent is counted a moment after it has left
		if s.Traffic.Sent >= 3 {
			break
		}
		s = f.story(c.id, "closing")
	}
	var kinds []string
	for _, e := range s.Entries {
		kinds = append(kinds, e.Kind+after(":", e.Group))
	}
	want := []string{"token", "roles", "groups", "subprotocol", "accepted", "joined:room", "joined:attic", "socketLost", "recovered", "closing"}
	if len(kinds) != len(want) {
		t.Fatalf("entries %q, want %q", kinds, want)
	}
	for i := range want {
		if kinds[i] != want[i] {
			t.Errorf("entries %q, want %q", kinds, want)
		}
	}
	if s.State != webpubsub.StoryClosed || s.UserID != "ann" || s.Subprotocol != reliable || s.Trouble || s.Traffic.Received != 1 || s.Traffic.Sent < 3 {
		t.Errorf("%+v", s)
	}
}

func after(separator, s string) string {
	if s == "" {
		return ""
	}
	return separator + s
}

func TestStories_switchedOff_nothingIsKeptAndAllWorks(t *testing.T) {
	f := start(t, func(o *server.Options) { o.Stories = -1 })
	c := f.connect(plain, token.MintOptions{Roles: []string{"webpubsub.joinLeaveGroup", "nonsense"}})
	c.send(`{"type":"sendToGroup","group":"g","data":1,"ackId":1}`) // forbidden
	c.next()
	if _, _, err := f.dial("/client/hubs/board?access_token=x"); err == nil {
		t.Error("a bad token gets in")
	}
	if _, err := f.stories().Story(t.Context(), string(c.id)); webpubsub.CodeOf(err) != webpubsub.NotFound {
		t.Errorf("story: %v", err)
	}
}
