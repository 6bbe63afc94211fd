package webpubsub

import (
	"reflect"
	"strings"
	"testing"
)

func TestLabels_haveDefaults(t *testing.T) {
	got, err := Labels{}.Check()
	want := Labels{Name: "easel", Group: "local", Location: "local", SKU: "Standard_S1", Units: 1}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := (Labels{SKU: "premium_p2"}).Check(); err != nil || got.SKU != "Premium_P2" || got.Units != 100 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestLabels_refuseWhatAzureRefuses(t *testing.T) {
	many := map[string]string{}
	for i := range MaxTags + 1 {
		many[strings.Repeat("t", i+1)] = ""
	}
	for says, l := range map[string]Labels{
		`"1a"`: {Name: "1a"}, `"ab-"`: {Name: "ab-"}, `"ab"`: {Name: "ab"}, "63": {Name: strings.Repeat("a", 64)},
		"resource group": {Group: "a/b"}, "location": {Location: strings.Repeat("l", MaxLabel+1)},
		"Standard_S1, Premium_P1": {SKU: "Huge"}, "Free_F1: 1": {SKU: "Free_F1", Units: 2},
		"100, 200": {SKU: "Premium_P2", Units: 1}, "50": {Tags: many}, "1 to 512": {Tags: map[string]string{"": "x"}},
		"at most 256": {Tags: map[string]string{"a": strings.Repeat("v", MaxTagValue+1)}},
	} {
		if _, err := l.Check(); CodeOf(err) != BadRequest || !strings.Contains(MessageOf(err), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestServiceResource_showsWhereTheServiceIs(t *testing.T) {
	l, err := Labels{Name: "board-svc", Group: "g", SKU: "Premium_P1", Units: 3, Tags: map[string]string{"a": "b"}}.Check()
	if err != nil {
		t.Fatal(err)
	}
	for endpoint, want := range map[string]struct {
		host, prefix string
		port         int
	}{
		"https://wps.example.net":      {"wps.example.net", "wps", 443},
		"http://localhost":             {"localhost", "localhost", 80},
		"https://localhost:8443":       {"localhost", "localhost", 8443},
		"https://wps.example.net:9/in": {"wps.example.net", "wps", 9},
	} {
		r := NewServiceResource(endpoint, l)
		p := r.Properties
		if p.HostName != want.host || p.HostNamePrefix != want.prefix || p.PublicPort != want.port || p.ServerPort != want.port {
			t.Errorf("%s: %+v", endpoint, p)
		}
		if !strings.HasSuffix(r.ID, "/resourceGroups/g/providers/Microsoft.SignalRService/WebPubSub/board-svc") || r.SKU.Tier != "Premium" {
			t.Errorf("%+v", r)
		}
		if got := r.Labels(); !reflect.DeepEqual(got, l) {
			t.Errorf("%+v, want %+v", got, l)
		}
	}
}
