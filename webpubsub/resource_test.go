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
			{URLTemplate: "tunnel:///ev/{event}", Auth: HandlerAuth{HeaderName: "X-Key", HeaderValue: "k"},
				GroupPresence: GroupPresence{EventNames: []string{"joined", "left"}, GroupFilters: []string{"room.**"}}},
			{URLTemplate: "http://h", Auth: HandlerAuth{ClientCredentials: &ClientCredentials{"https://id.example.net/token", "easel", "s3cret", "events"}}},
		}},
		{EventListeners: []EventListener{
			{SystemEvents: []string{"connected"}, UserEventPattern: "draw,erase", Endpoint: ListenerEndpoint{Type: ListenerHTTP, URL: "http://h/log"}},
			{UserEventPattern: "*", Endpoint: ListenerEndpoint{Type: ListenerNATS, URL: "nats://n:4222", Subject: "ev.{hub}.{event}", Stream: "EV"}},
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
	presence := func(event, filter string) HubProperties {
		return HubProperties{EventHandlers: []EventHandlerResource{{URLTemplate: "http://h", GroupPresenceEvents: &GroupPresenceResource{[]string{event}, []string{filter}}}}}
	}
	auth := func(a HandlerAuthResource) HubProperties {
		return HubProperties{EventHandlers: []EventHandlerResource{{URLTemplate: "http://h", Auth: &a}}}
	}
	listener := func(filter, event string, e ListenerEndpointResource) HubProperties {
		return HubProperties{EventListeners: []EventListenerResource{{ListenerFilterResource{Type: filter, SystemEvents: []string{event}}, e}}}
	}
	web := ListenerEndpointResource{Type: "http", URL: "http://h"}
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
		"tunnel host":     {handler("tunnel://h/x", ""), "tunnel:///path"},
		"braces in host":  {handler("http://{hub}.example.net/", ""), "path and query"},
		"key vault":       {handler("https://h/{@Microsoft.KeyVault(SecretUri=x)}", ""), "Key Vault"},
		"long URL":        {handler("http://h/"+strings.Repeat("x", MaxURLTemplate), ""), "limit"},
		"unknown event":   {handler("http://h", "conected"), "conected"},
		"long pattern":    {longPattern, "userEventPattern"},

		"presence event":     {presence("came", "room"), "joined or left"},
		"presence filter":    {presence("joined", `a\b`), "group filter"},
		"managed identity":   {auth(HandlerAuthResource{Type: "ManagedIdentity"}), "ClientCredentials"},
		"unknown auth":       {auth(HandlerAuthResource{Type: "Basic"}), "StaticHeader"},
		"header with break":  {auth(HandlerAuthResource{Type: "StaticHeader", Header: &HeaderResource{"X", "a\nb"}}), "printable"},
		"no token URL":       {auth(HandlerAuthResource{Type: "ClientCredentials", ClientCredentials: &ClientCredentialsResource{ClientID: "a"}}), "tokenUrl"},
		"listener filter":    {listener("", "connected", web), "EventName"},
		"listener connect":   {listener("EventName", "connect", web), "connected or disconnected"},
		"event hub":          {listener("EventName", "connected", ListenerEndpointResource{Type: "EventHub"}), "NatsJetStream"},
		"unknown endpoint":   {listener("EventName", "connected", ListenerEndpointResource{Type: "Kafka"}), "Http"},
		"listener URL":       {listener("EventName", "connected", ListenerEndpointResource{Type: "Http", URL: "/x"}), "absolute"},
		"NATS URL":           {listener("EventName", "connected", ListenerEndpointResource{Type: "NatsJetStream", URL: "http://h"}), "nats://"},
		"no NATS subject":    {listener("EventName", "connected", ListenerEndpointResource{Type: "NatsJetStream", URL: "nats://h"}), "subject"},
		"NATS stream":        {listener("EventName", "connected", ListenerEndpointResource{Type: "NatsJetStream", URL: "nats://h", Subject: "a", Stream: "a.b"}), "stream"},
		"too many listeners": {HubProperties{EventListeners: make([]EventListenerResource, MaxEventListeners+1)}, "11"},
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

func TestHubProperties_authNone_isNoAuth(t *testing.T) {
	p := HubProperties{EventHandlers: []EventHandlerResource{{URLTemplate: "http://h", Auth: &HandlerAuthResource{Type: "None"}}}}
	if h, err := p.Hub(); err != nil || h.EventHandlers[0].Auth != (HandlerAuth{}) {
		t.Errorf("got %+v, %v", h, err)
	}
}

func TestGroupPresence_match(t *testing.T) {
	g := GroupPresence{EventNames: []string{"joined"}, GroupFilters: []string{"room.**", "Lobby"}}
	for _, c := range []struct {
		event string
		group GroupName
		want  bool
	}{
		{"joined", "room.a.b", true}, {"joined", "Lobby", true}, {"joined", "lobby", false},
		{"joined", "room", false}, {"left", "room.a", false},
	} {
		if got := g.Match(c.event, c.group); got != c.want {
			t.Errorf("%s %s: %v", c.event, c.group, got)
		}
	}
	if (GroupPresence{EventNames: []string{"joined"}}).Match("joined", "room") {
		t.Error("without filters a group matches")
	}
}

func TestCheckListeners_countsThoseOfAllHubs(t *testing.T) {
	s := Settings{Hubs: map[HubName]Hub{"a": {EventListeners: make([]EventListener, 6)}, "b": {EventListeners: make([]EventListener, 4)}}}
	five := Hub{EventListeners: make([]EventListener, 5)}
	if err := s.CheckListeners("c", five); CodeOf(err) != BadRequest || !strings.Contains(MessageOf(err), "15") {
		t.Errorf("a third hub: %v", err)
	}
	if err := s.CheckListeners("a", five); err != nil {
		t.Errorf("fewer than before: %v", err)
	}
	if err := s.CheckListeners("c", Hub{}); err != nil {
		t.Errorf("none: %v", err)
	}
}
