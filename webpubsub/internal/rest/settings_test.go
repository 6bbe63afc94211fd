package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
)

const tutorialHub = `{"properties":{"eventHandlers":[{"urlTemplate":"http://localhost:8080/eventhandler","userEventPattern":"*","systemEvents":["connected","disconnected"]}],"anonymousConnectPolicy":"deny"}}`

func TestHubs_putGetListDelete(t *testing.T) {
	b := newBench(rest.Options{})
	want := strings.Replace(tutorialHub, `{"prop`, `{"name":"board","prop`, 1)
	steps := []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"GET", "hubs", "", 200, "[]"},
		{"GET", "hubs/board", "", 404, ""},
		{"PUT", "hubs/Board", tutorialHub, 200, want},
		{"GET", "hubs/board", "", 200, want},
		{"PUT", "hubs/another", `{"properties":{}}`, 200, `{"name":"another","properties":{"eventHandlers":[],"anonymousConnectPolicy":"deny"}}`},
		{"GET", "hubs", "", 200, `[{"name":"another","properties":{"eventHandlers":[],"anonymousConnectPolicy":"deny"}},` + want + `]`},
		{"DELETE", "hubs/BOARD", "", 204, ""},
		{"DELETE", "hubs/board", "", 204, ""},
		{"GET", "hubs/board", "", 404, ""},
	}
	for _, s := range steps {
		r := b.do(t, s.method, "/api/settings/"+s.path, s.body, json1)
		body := text(t, r)
		if r.StatusCode != s.status || s.status == 200 && body != s.answer {
			t.Errorf("%s %s: got %d %s, want %d %s", s.method, s.path, r.StatusCode, body, s.status, s.answer)
		}
		if s.status == 404 && r.Header.Get("x-ms-error-code") != "Error.Hub.NotExisted" {
			t.Errorf("code is %q", r.Header.Get("x-ms-error-code"))
		}
	}
}

func TestHubs_bad(t *testing.T) {
	for body, says := range map[string]string{
		``:                       "not valid",
		`{`:                      "not valid",
		`[]`:                     "not valid",
		`{"properties":{}} {}`:   "more than one",
		`{"properties":{"x":1}}`: "unknown field",
		`{"properties":{"anonymousConnectPolicy":"x"}}`:                                           "anonymousConnectPolicy",
		`{"properties":{"eventHandlers":[{"urlTemplate":"x"}]}}`:                                  "absolute",
		`{"properties":{"eventHandlers":[{"urlTemplate":"http://h","systemEvents":["closed"]}]}}`: "closed",
	} {
		b := newBench(rest.Options{})
		r := b.do(t, "PUT", "/api/settings/hubs/board", body)
		if got := text(t, r); r.StatusCode != 400 || !strings.Contains(got, says) {
			t.Errorf("%s: got %d %s", body, r.StatusCode, got)
		}
		if len(b.settings.Settings().Hubs) != 0 {
			t.Errorf("%s was stored", body)
		}
	}
	b := newBench(rest.Options{})
	if r := b.do(t, "PUT", "/api/settings/hubs/1", `{"properties":{}}`); r.StatusCode != 400 {
		t.Errorf("bad name: got %d", r.StatusCode)
	}
}

func TestPutHub_warnings(t *testing.T) {
	b := newBench(rest.Options{
		Validate: func(_ context.Context, hub webpubsub.HubName, e webpubsub.EventHandler) error {
			if strings.Contains(e.URLTemplate, "down") {
				return errors.New("connection refused")
			}
			return nil
		},
		Advice: func(h webpubsub.Hub) []string { return []string{"no connect event"} },
	})
	r := b.do(t, "PUT", "/api/settings/hubs/board", `{"properties":{"eventHandlers":[{"urlTemplate":"http://up"},{"urlTemplate":"http://down"}]}}`)
	var got struct{ Warnings []string }
	if err := json.Unmarshal([]byte(text(t, r)), &got); err != nil || r.StatusCode != 200 || len(got.Warnings) != 2 ||
		!strings.Contains(got.Warnings[0], "event handler 2 (http://down): connection refused") || got.Warnings[1] != "no connect event" {
		t.Errorf("got %d %+v, %v", r.StatusCode, got, err)
	}
	if n := len(b.settings.Settings().Hubs["board"].EventHandlers); n != 2 {
		t.Errorf("%d handlers are stored, want 2", n)
	}
}

func TestPutHub_templateRefusedByValidation_isNotStored(t *testing.T) {
	b := newBench(rest.Options{Validate: func(context.Context, webpubsub.HubName, webpubsub.EventHandler) error {
		return webpubsub.Errorf(webpubsub.BadRequest, "no such place")
	}})
	r := b.do(t, "PUT", "/api/settings/hubs/board", tutorialHub)
	if body := text(t, r); r.StatusCode != 400 || !strings.Contains(body, "no such place") || len(b.settings.Settings().Hubs) != 0 {
		t.Errorf("got %d %s", r.StatusCode, body)
	}
}

func TestKeys_regenerate(t *testing.T) {
	for kind, keep := range map[string]func(webpubsub.Keys) string{
		"Primary":   func(k webpubsub.Keys) string { return k.Secondary },
		"secondary": func(k webpubsub.Keys) string { return k.Primary },
	} {
		b := newBench(rest.Options{})
		r := b.do(t, "POST", "/api/settings/keys/:regenerate", `{"keyType":"`+kind+`"}`)
		var got webpubsub.KeysResource
		if err := json.Unmarshal([]byte(text(t, r)), &got); err != nil || r.StatusCode != 200 {
			t.Fatalf("got %d, %v", r.StatusCode, err)
		}
		stored := b.settings.Settings().Keys
		if got != webpubsub.NewKeysResource("http://"+host, stored) || stored == keys || keep(stored) != keep(keys) {
			t.Errorf("%s: got %+v, stored %+v", kind, got, stored)
		}
	}
}

func TestKeys_regenerated_oldTokenIsRefused(t *testing.T) {
	b := newBench(rest.Options{})
	if r := b.do(t, "POST", "/api/settings/keys/:regenerate", `{"keyType":"Primary"}`); r.StatusCode != 200 {
		t.Fatalf("got %d", r.StatusCode)
	}
	if r := b.do(t, "GET", "/api/settings/keys", ""); r.StatusCode != 401 {
		t.Errorf("old key: got %d, want 401", r.StatusCode)
	}
}

func TestKeys_regenerate_bad(t *testing.T) {
	b := newBench(rest.Options{})
	for _, body := range []string{``, `{}`, `{"keyType":"Salt"}`, `{"keyType":1}`} {
		if r := b.do(t, "POST", "/api/settings/keys/:regenerate", body); r.StatusCode != 400 || b.settings.Settings().Keys != keys {
			t.Errorf("%s: got %d", body, r.StatusCode)
		}
	}
}

func TestHubs_elevenListenersOverAllHubs_areTooMany(t *testing.T) {
	b := newBench(rest.Options{})
	hub := func(n int) string {
		one := `{"filter":{"type":"EventName","userEventPattern":"*"},"endpoint":{"type":"Http","url":"http://h/"}}`
		return `{"properties":{"eventListeners":[` + strings.Repeat(one+",", n-1) + one + `]}}`
	}
	for _, s := range []struct {
		hub    string
		n      int
		status int
	}{{"a", 6, 200}, {"b", 5, 400}, {"b", 4, 200}, {"a", 7, 400}, {"a", 6, 200}} {
		r := b.do(t, "PUT", "/api/settings/hubs/"+s.hub, hub(s.n))
		if got := text(t, r); r.StatusCode != s.status || s.status == 400 && !strings.Contains(got, "11") {
			t.Errorf("%d listeners for %s: %d %s", s.n, s.hub, r.StatusCode, got)
		}
	}
}
