package upstream

import (
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

func TestTakes_userEventPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "draw", false},
		{" , ", "draw", false},
		{"*", "draw", true},
		{"*", "room.a.b", true},
		{"draw", "draw", true},
		{"draw", "DRAW", true},
		{"draw", "drawn", false},
		{"join, ROOM.*", "room.draw", true},
		{"join, ROOM.*", "room.", true},
		{"join, ROOM.*", "join", true},
		{"join, ROOM.*", "room.draw.end", false},
		{"join,*", "room.draw.end", true},
		{"room.**", "room.draw.end", true},
		{"room.**", "room", false},
		{"**.end", "room.draw.end", true},
		{"r*m.d?aw", "room.draw", true},
		{"room-?", "room-7", true},
		{"room-?", "room-.", false},
		{"room-?", "room-77", false},
		{`a\*b`, "a*b", true},
		{`a\*b`, "axb", false},
		{`a\`, `a\`, false},
		{"*a*a*a*a*b", strings.Repeat("a", 128), false},
		{"a*b*c*d*e*f*", "abcdef", false},
		{"a*b*c*d*e*f*, draw", "draw", true},
		{"**a**", "xxaxx", true},
		{"***", "a.b", true},
	} {
		h := webpubsub.EventHandler{UserEventPattern: c.pattern}
		if got := takes(h, userEvent, c.name, ""); got != c.want {
			t.Errorf("pattern %q, event %q: %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}

func TestTakes_systemAndUserEvents_neverCross(t *testing.T) {
	all := webpubsub.EventHandler{UserEventPattern: "*"}
	if takes(all, systemEvent, "connected", "") {
		t.Error("a user event pattern takes a system event")
	}
	system := webpubsub.EventHandler{SystemEvents: []string{"Connected"}}
	if takes(system, userEvent, "connected", "") {
		t.Error("a system event takes a user event")
	}
	if !takes(system, systemEvent, "connected", "") {
		t.Error("system events are compared with case")
	}
}

func TestFind_manyMatch_firstTakes(t *testing.T) {
	hub := webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{
		{URLTemplate: "a", UserEventPattern: "x"}, {URLTemplate: "b", UserEventPattern: "*"}, {URLTemplate: "c", UserEventPattern: "*"},
	}}
	if h, ok := find(hub, userEvent, "draw", ""); !ok || h.URLTemplate != "b" {
		t.Errorf("handler %q, %v", h.URLTemplate, ok)
	}
}

func TestResolve(t *testing.T) {
	for _, c := range []struct{ template, want string }{
		{"https://api.example.net/ev/{hub}/{event}", "https://api.example.net/ev/bo%60ard/draw.end"},
		{"https://api.example.net/{HUB}/{Event}?code=a%2Bb&e={event}", "https://api.example.net/bo%60ard/draw.end?code=a%2Bb&e=draw.end"},
		{"http://127.0.0.1:7071/ev", "http://127.0.0.1:7071/ev"},
		{"http://h/ev#{event}", "http://h/ev"},
		{"http://{hub}.example.net/", ""},
		{"http://h:{event}/", ""},
		{"ftp://h/", ""},
		{"tunnel:///ev/{event}", "tunnel:///ev/draw.end"},
		{"tunnel://h/ev", ""},
		{"tunnel:", ""},
		{"/ev/{event}", ""},
		{"", ""},
	} {
		u, err := resolve(c.template, "bo`ard", "draw.end")
		if c.want == "" {
			if webpubsub.CodeOf(err) != webpubsub.BadRequest {
				t.Errorf("%q: %v, %v; want BadRequest", c.template, u, err)
			}
		} else if err != nil || u.String() != c.want {
			t.Errorf("%q: %v, %v; want %s", c.template, u, err, c.want)
		}
	}
}

func TestResolve_oddEventName_cannotLeaveItsSegment(t *testing.T) {
	u, err := resolve("http://h/ev/{event}", "board", "../admin?x=1#y %")
	if err != nil || u.String() != "http://h/ev/..%2Fadmin%3Fx%3D1%23y%20%25" {
		t.Errorf("%v, %v", u, err)
	}
}

func TestAdvice(t *testing.T) {
	for name, c := range map[string]struct {
		hub  webpubsub.Hub
		says []string
	}{
		"no handlers": {webpubsub.Hub{}, nil},
		"everything":  {webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{everything}}, nil},
		"no connect":  {webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{UserEventPattern: "*"}}}, []string{"connect event"}},
		"bad pattern": {webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{SystemEvents: everything.SystemEvents, UserEventPattern: `draw, a\b`}}}, []string{"handler 1 ignores"}},
		"no events":   {webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{everything, {}}}, []string{"handler 2 takes no events"}},
		"connect twice": {webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{everything, {SystemEvents: []string{"Connect"}}}},
			[]string{"handler 2 never gets Connect"}},
	} {
		got := Advice(c.hub)
		if len(got) != len(c.says) {
			t.Errorf("%s: %q", name, got)
			continue
		}
		for i, s := range c.says {
			if !strings.Contains(got[i], s) {
				t.Errorf("%s: %q does not say %q", name, got[i], s)
			}
		}
	}
}
