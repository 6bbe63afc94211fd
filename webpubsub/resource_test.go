package webpubsub

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestHubResource_roundTrip(t *testing.T) {
	hubs := []Hub{
		{},
		{AllowAnonymous: true, KeepAlive: 30 * time.Second},
		{EventHandlers: []EventHandler{
			{URLTemplate: "http://localhost:8080/eventhandler/{event}", UserEventPattern: "*", SystemEvents: []string{"connect", "connected"}},
			{URLTemplate: "https://h.example.net/{hub}?e={event}"},
		}},
	}
	for _, h := range hubs {
		text, err := json.Marshal(NewHubResource("board", h))
		if err != nil {
			t.Fatal(err)
		}
		var r HubResource
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		got, err := r.Properties.Hub()
		if err != nil || !reflect.DeepEqual(got, h) {
			t.Errorf("%s: got %+v, %v; want %+v", text, got, err, h)
		}
	}
}

func TestHubResource_shape(t *testing.T) {
	text, err := json.Marshal(NewHubResource("board", Hub{EventHandlers: []EventHandler{{URLTemplate: "http://h/"}}}))
	want := `{"name":"board","properties":{"eventHandlers":[{"urlTemplate":"http://h/","userEventPattern":"","systemEvents":[]}],"anonymousConnectPolicy":"deny"}}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v\nwant %s", text, err, want)
	}
}

func TestHubProperties_words_anyCase(t *testing.T) {
	p := HubProperties{
		AnonymousConnectPolicy: "Allow",
		EventHandlers:          []EventHandlerResource{{URLTemplate: "http://h", SystemEvents: []string{"Connect", "connect", "CONNECTED"}}},
	}
	h, err := p.Hub()
	if err != nil || !h.AllowAnonymous || !reflect.DeepEqual(h.EventHandlers[0].SystemEvents, []string{"connect", "connected"}) {
		t.Errorf("got %+v, %v", h, err)
	}
}

func TestHubProperties_bad_areBadRequests(t *testing.T) {
	handler := func(url, event string) HubProperties {
		r := EventHandlerResource{URLTemplate: url}
		if event != "" {
			r.SystemEvents = []string{event}
		}
		return HubProperties{EventHandlers: []EventHandlerResource{r}}
	}
	longPattern := HubProperties{EventHandlers: []EventHandlerResource{{URLTemplate: "http://h", UserEventPattern: strings.Repeat("a,", MaxUserEventPattern)}}}
	cases := map[string]struct {
		p    HubProperties
		says string
	}{
		"policy":          {HubProperties{AnonymousConnectPolicy: "maybe"}, "anonymousConnectPolicy"},
		"keep-alive high": {HubProperties{KeepAliveSeconds: 121}, "121"},
		"keep-alive low":  {HubProperties{KeepAliveSeconds: -1}, "-1"},
		"too many":        {HubProperties{EventHandlers: make([]EventHandlerResource, MaxEventHandlers+1)}, "101"},
		"no URL":          {handler("", ""), "absolute"},
		"relative URL":    {handler("/eventhandler", ""), "absolute"},
		"other scheme":    {handler("ftp://h/x", ""), "http or https"},
		"tunnel":          {handler("tunnel:///x", ""), "tunnels"},
		"braces in host":  {handler("http://{hub}.example.net/", ""), "path and query"},
		"key vault":       {handler("https://h/{@Microsoft.KeyVault(SecretUri=x)}", ""), "Key Vault"},
		"long URL":        {handler("http://h/"+strings.Repeat("x", MaxURLTemplate), ""), "limit"},
		"unknown event":   {handler("http://h", "conected"), "conected"},
		"long pattern":    {longPattern, "userEventPattern"},
	}
	for name, c := range cases {
		_, err := c.p.Hub()
		if CodeOf(err) != BadRequest || err == nil || !strings.Contains(MessageOf(err), c.says) {
			t.Errorf("%s: got %v, want a BadRequest saying %q", name, err, c.says)
		}
	}
}

func TestNewKeysResource_connectionStrings(t *testing.T) {
	got := NewKeysResource("http://localhost:8080", Keys{Primary: "a", Secondary: "b"})
	want := KeysResource{"a", "b", "Endpoint=http://localhost:8080;AccessKey=a;Version=1.0;", "Endpoint=http://localhost:8080;AccessKey=b;Version=1.0;"}
	if got != want {
		t.Errorf("got %+v", got)
	}
}
