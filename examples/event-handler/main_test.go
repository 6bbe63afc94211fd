package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

const accessKey = "key of the example"

// post sends a signed event of ann's connection, whose state is 6.
func post(t *testing.T, url, kind, contentType, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/eventhandler", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": contentType, "ce-specversion": "1.0", "ce-awpsversion": "1.0", "ce-type": "azure.webpubsub." + kind,
		"ce-source": "/hubs/chat/client/c1", "ce-id": "7", "ce-connectionId": "c1", "ce-hub": "chat", "ce-userId": "ann",
		"ce-connectionState": "6", "ce-signature": token.SignEvent(webpubsub.Keys{Primary: accessKey}, "c1"),
	} {
		req.Header.Set(name, value)
	}
	return do(t, req)
}

func do(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestApp_answersTheService(t *testing.T) {
	app, err := newApp(accessKey, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(app)
	defer server.Close()

	req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, server.URL+"/eventhandler", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("WebHook-Request-Origin", "localhost")
	if resp, _ := do(t, req); resp.StatusCode != 200 || resp.Header.Get("WebHook-Allowed-Origin") != "*" {
		t.Errorf("validation: %d %v", resp.StatusCode, resp.Header)
	}
	resp, body := post(t, server.URL, "sys.connect", "application/json", `{"claims":{},"query":{},"headers":{},"subprotocols":[]}`)
	if resp.StatusCode != 200 || body != `{"groups":["lobby"],"roles":["webpubsub.sendToGroup.lobby"]}` {
		t.Errorf("connect: %d %s", resp.StatusCode, body)
	}
	resp, body = post(t, server.URL, "user.wave", "text/plain", "hi")
	if resp.StatusCode != 200 || body != `ann: event 7, "wave"` || resp.Header.Get("ce-connectionState") != "7" {
		t.Errorf("user event: %d %s %v", resp.StatusCode, body, resp.Header)
	}
}

func TestRun_withoutConnectionString_saysSo(t *testing.T) {
	err := run(func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "WebPubSubConnectionString") {
		t.Errorf("%v", err)
	}
}
