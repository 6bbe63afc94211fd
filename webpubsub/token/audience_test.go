package token

import "testing"

func TestClientAudience(t *testing.T) {
	public := []string{"https://Board.example.org", "gw.example.org:8443", "https://proxy.example.org/pubsub/"}
	for aud, want := range map[string]bool{
		"https://wps.example.net/client/hubs/board":              true,
		"http://wps.example.net/client/hubs/board":               true,
		"ws://wps.example.net/client/hubs/board":                 true,
		"wss://wps.example.net/client/hubs/board":                true,
		"WSS://WPS.Example.Net/Client/Hubs/Board":                true,
		"https://wps.example.net:443/client/hubs/board":          true,
		"http://wps.example.net:80/client/hubs/board":            true,
		"https://wps.example.net/client/hubs/board/":             true,
		"https://wps.example.net/client/hubs/board?x=/y#z":       true,
		"https://wps.example.net/client/hubs/bo%61rd":            true,
		"https://board.example.org/client/hubs/board":            true,
		"http://gw.example.org:8443/client/hubs/board":           true,
		"https://proxy.example.org/pubsub/client/hubs/board":     true,
		"https://wps.example.net/client/?hub=board":              true,
		"https://wps.example.net/client?hub=Board":               true,
		"https://proxy.example.org/pubsub/client/?hub=board":     true,
		"https://wps.example.net/client/?hub=other":              false,
		"https://wps.example.net/client/":                        false,
		"https://wps.example.net/client/hubs/other":              false,
		"https://wps.example.net/client/hubs/board//":            false,
		"https://wps.example.net/client/hubs/board/more":         false,
		"https://wps.example.net/client/hubs/boards":             false,
		"https://wps.example.net/clients/mqtt/hubs/board":        false,
		"https://wps.example.net:8080/client/hubs/board":         false,
		"https://evil.example.net/client/hubs/board":             false,
		"https://wps.example.net.evil.org/client/hubs/board":     false,
		"https://gw.example.org/client/hubs/board":               false,
		"https://proxy.example.org/client/hubs/board":            false,
		"https://proxy.example.org/pubsubclient/hubs/board":      false,
		"https://evil.org/?https://wps.example.net/client/board": false,
		"ftp://wps.example.net/client/hubs/board":                false,
		"wps.example.net/client/hubs/board":                      false,
		"https:///client/hubs/board":                             false,
		"https://webpubsub.azure.com":                            false,
		"":                                                       false,
	} {
		if got := ClientAudience("wps.example.net", ClientPath, "board", public)(aud); got != want {
			t.Errorf("%q: %v, want %v", aud, got, want)
		}
	}
}

func TestClientAudience_otherEndpoints_haveOneFormEach(t *testing.T) {
	accept := ClientAudience("localhost:8080", MQTTClientPath, "board", nil)
	for aud, want := range map[string]bool{
		"http://localhost:8080/clients/mqtt/hubs/board": true,
		"http://localhost:8080/client/hubs/board":       false,
		"http://localhost:8080/client/?hub=board":       false,
		"http://localhost:8080/clients/mqtt/?hub=board": false,
	} {
		if got := accept(aud); got != want {
			t.Errorf("%q: %v, want %v", aud, got, want)
		}
	}
}

func TestRESTAudience(t *testing.T) {
	const host = "wps.example.net"
	for _, c := range []struct {
		path, aud string
		want      bool
	}{
		{"/api/hubs/b/connections", "https://wps.example.net/api/hubs/b/connections", true},
		{"/api/hubs/b/connections", "ws://WPS.example.net/api/hubs/b/connections", true},
		{"/api/hubs/b/connections", "https://wps.example.net/api/hubs/b/connections/", true},
		{"/api/hubs/b/connections", "https://wps.example.net/api/hubs/b/connections?maxpagesize=9", true},
		{"/api/hubs/b/connections", "https://wps.example.net/api/hubs/b/connections/7", true},
		{"/api/hubs/b/connections/", "https://wps.example.net/api/hubs/b/connections", true},
		{"/api/hubs/b/users/a%20b", "https://wps.example.net/api/hubs/b/users/a b", true},
		{"/api/hubs/b/users/a%20b", "https://wps.example.net/api/hubs/b/users/a%20b", true},
		{"/api/hubs/b/:send", "https://wps.example.net/api/hubs/b/%3Asend?api-version=2024-12-01", true},
		{"/api/hubs/b/%3Asend", "https://wps.example.net/api/hubs/b/:send", true},
		{"/api/hubs/b/users/a", "https://public.example.org/api/hubs/b/users/a", true},
		{"/api/hubs/b/connections", "https://wps.example.net/api/hubs/b/connectionsX", false},
		{"/api/hubs/b/connections/7", "https://wps.example.net/api/hubs/b/connections", false},
		{"/api/hubs/b/users/Ann", "https://wps.example.net/api/hubs/b/users/ann", false},
		{"/api/hubs/b/users/ann", "https://evil.example.net/api/hubs/b/users/ann", false},
		{"/api/hubs/b/users/ann", "https://wps.example.net/client/hubs/b", false},
		{"/api/hubs/b/users/%zz", "https://wps.example.net/api/hubs/b/users/%zz", true},
	} {
		if got := RESTAudience(host, c.path, []string{"public.example.org"})(c.aud); got != c.want {
			t.Errorf("path %q, audience %q: %v, want %v", c.path, c.aud, got, c.want)
		}
	}
}
