package rest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
)

func TestResource_keepsItsLabelsAlone(t *testing.T) {
	b := newBench(rest.Options{})
	var r webpubsub.ServiceResource
	show := func() {
		t.Helper()
		if err := json.Unmarshal([]byte(text(t, b.do(t, "GET", "/api/settings/resource", ""))), &r); err != nil {
			t.Fatal(err)
		}
	}
	show()
	if r.Name != "easel" || r.Properties.HostName != host || r.Properties.ProvisioningState != "Succeeded" {
		t.Errorf("%+v", r)
	}
	answer := b.do(t, "PUT", "/api/settings/resource", `{"name":"wps","tags":{"a":"b"},"sku":{"name":"free_f1"},"properties":{"hostName":"elsewhere"}}`, json1)
	if answer.StatusCode != 200 {
		t.Fatal(text(t, answer))
	}
	show()
	if r.Name != "wps" || r.Tags["a"] != "b" || r.SKU.Name != "Free_F1" || r.Properties.HostName != host {
		t.Errorf("%+v", r)
	}
	for body, says := range map[string]string{
		`{"name":"a b"}`:                           "a b",
		`{"sku":{"name":"Huge"}}`:                  "Huge",
		`{"colour":"red"}`:                         "colour",
		`{"properties":{"disableLocalAuth":true}}`: "disableLocalAuth",
	} {
		if a := b.do(t, "PUT", "/api/settings/resource", body, json1); a.StatusCode != 400 || !strings.Contains(text(t, a), says) {
			t.Errorf("%s: %d", body, a.StatusCode)
		}
	}
}

func TestDeleteResource_makesTheServiceAsNew(t *testing.T) {
	restarts := 0
	b := newBench(rest.Options{Restart: func() { restarts++ }})
	b.do(t, "PUT", "/api/settings/hubs/board", `{"properties":{}}`)
	b.do(t, "PUT", "/api/settings/resource", `{"name":"wps"}`)
	if r := b.do(t, "DELETE", "/api/settings/resource", ""); r.StatusCode != 204 {
		t.Errorf("%d %s", r.StatusCode, text(t, r))
	}
	s := b.settings.Settings()
	if len(s.Hubs) != 0 || s.Labels.Name != "" || s.Keys.Primary == keys.Primary || s.Keys.Secondary == keys.Secondary || restarts != 1 {
		t.Errorf("%+v, %d restarts", s, restarts)
	}
	if r := b.do(t, "GET", "/api/settings/resource", ""); r.StatusCode != 401 {
		t.Errorf("the old key still opens the door: %d", r.StatusCode)
	}
}

func TestRestart_closesConnectionsAndKeepsSettings(t *testing.T) {
	restarts := 0
	b := newBench(rest.Options{Restart: func() { restarts++ }})
	b.do(t, "PUT", "/api/settings/hubs/board", `{"properties":{}}`)
	r := b.do(t, "POST", "/api/settings/resource/:restart", "")
	if r.StatusCode != 204 || restarts != 1 || len(b.settings.Settings().Hubs) != 1 {
		t.Errorf("%d, %d restarts", r.StatusCode, restarts)
	}
}

func TestUsage_countsConnectionsAndHubs(t *testing.T) {
	b := newBench(rest.Options{Connections: func() int { return 7 }})
	b.do(t, "PUT", "/api/settings/hubs/board", `{"properties":{}}`)
	var all []webpubsub.UsageResource
	if err := json.Unmarshal([]byte(text(t, b.do(t, "GET", "/api/settings/usage", ""))), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].CurrentValue != 7 || all[0].Limit != -1 || all[1].CurrentValue != 1 {
		t.Errorf("%+v", all)
	}
}
