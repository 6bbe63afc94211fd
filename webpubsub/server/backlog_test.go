package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
)

// stalledHandler agrees to take events, and answers them once it is closed.
type stalledHandler chan struct{}

func (h stalledHandler) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		select {
		case <-h:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Webhook-Allowed-Origin": {"*"}}, Body: http.NoBody, Request: r}, nil
}

// What waits behind an event is bounded whatever the client does: when as much waits as may,
// nothing is read, also from the next socket of a client that comes back.
func TestRecovery_whileTooMuchWaits_readsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := make(stalledHandler)
		b := startBubble(t, server.Options{HandlerTransport: handler})
		check(t, b.settings.SetHub(t.Context(), "board", webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{URLTemplate: "http://app.example.net/", UserEventPattern: "*"}}}))
		c := &client{t: t, ws: b.dial(reliable)}
		c.greeted()
		c.send(`{"type":"event","event":"e","data":0}`)
		for range 2 * webpubsub.MaxInvocations {
			c.send(`{"type":"event","event":"e","data":1}`)
		}
		synctest.Wait()
		c.ws.CloseNow()

		q := url.Values{"awps_connection_id": {string(c.id)}, "awps_reconnection_token": {c.reconnectionToken}}
		ws, _, err := websocket.Dial(t.Context(), "ws://wps.example.net/client/hubs/board?"+q.Encode(), &websocket.DialOptions{HTTPClient: b.client, Subprotocols: []string{reliable}})
		check(t, err)
		again := &client{t: t, ws: ws}
		again.greeted()
		answer := make(chan []byte, 1)
		go func() {
			_, frame, _ := ws.Read(t.Context())
			answer <- frame
		}()
		go ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"ping"}`)) // a pipe waits for its reader
		synctest.Wait()
		select {
		case frame := <-answer:
			t.Errorf("the service went on reading: %s", frame)
		default:
		}
		close(handler)
		var f frame
		if check(t, json.Unmarshal(<-answer, &f)); f.Type != "pong" {
			t.Errorf("after the handler has answered: %+v", f)
		}
		b.stop(ws)
	})
}

// While a client is away, messages that say how long they wait make room when that is over.
func TestTTL_expiredMessages_makeRoomWhileTheClientIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startBubble(t, server.Options{MaxUnacknowledged: 2})
		c := &client{t: t, ws: b.dial(reliable)}
		c.greeted()
		c.ws.CloseNow()
		synctest.Wait()
		send := func(ttl time.Duration) {
			b.server.SendToUser("board", "ann", service.Text("x"), rest.SendOptions{TTL: ttl})
		}
		send(5 * time.Second)
		send(20 * time.Second)
		<-time.After(5 * time.Second)
		send(0)
		if !b.server.UserExists("board", "ann") {
			t.Error("a message had expired, yet one more was too many")
		}
		send(0)
		if b.server.UserExists("board", "ann") {
			t.Error("three messages wait where two may")
		}
		b.stop(c.ws)
	})
}
