package upstream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

func TestConnectedAndDisconnected_arriveInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &recorder{next: consenting(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("ce-eventName") == "connected" {
				pause(r.Context(), time.Second) // slower than the disconnect
			}
		})}
		d := New(Options{Settings: board(everything), Transport: transport{app}})
		one, nine := ann, ann
		one.EventID, nine.EventID = 1, 9
		d.Connected(one)
		d.Disconnected(nine, `Bye "all"`)
		if err := d.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		r := app.all()
		if len(r) != 3 {
			t.Fatalf("%d requests, want OPTIONS and two POSTs", len(r))
		}
		if r[1].header.Get("ce-type") != "azure.webpubsub.sys.connected" || r[1].header.Get("ce-id") != "1" || r[1].body != "{}" {
			t.Errorf("first %v %s", r[1].header, r[1].body)
		}
		if r[2].header.Get("ce-type") != "azure.webpubsub.sys.disconnected" || r[2].header.Get("ce-id") != "9" || r[2].body != `{"reason":"Bye \"all\""}` {
			t.Errorf("then %v %s", r[2].header, r[2].body)
		}
	})
}

func TestNotifications_manyConnections_eachInOrderAndNoneLost(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	synctest.Test(t, func(t *testing.T) {
		t.Logf("seed %d", seed)
		var mu sync.Mutex
		random := rand.New(rand.NewPCG(seed, 0))
		got := map[string]string{}
		app := consenting(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			wait := time.Duration(random.IntN(50)) * time.Millisecond
			mu.Unlock()
			pause(r.Context(), wait)
			mu.Lock()
			defer mu.Unlock()
			got[r.Header.Get("ce-connectionId")] += r.Header.Get("ce-eventName") + " "
		})
		d := New(Options{Settings: board(everything), Transport: transport{app}})
		const conns = 500
		for i := range conns {
			d.Connected(Source{Hub: "board", ConnectionID: webpubsub.ConnectionID(fmt.Sprint(i))})
		}
		for i := range conns {
			d.Disconnected(Source{Hub: "board", ConnectionID: webpubsub.ConnectionID(fmt.Sprint(i))}, "")
		}
		if err := d.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		for id, events := range got {
			if events != "connected disconnected " {
				t.Errorf("connection %s: %s", id, events)
			}
		}
		if len(got) != conns {
			t.Errorf("%d connections, want %d", len(got), conns)
		}
		if len(d.notices.lanes) != 0 {
			t.Errorf("%d hubs are remembered", len(d.notices.lanes))
		}
	})
}

func TestNotifications_hungHandler_doesNotDelayAnotherHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := board(everything)
		s.Hubs["slow"] = s.Hubs["board"]
		app := &recorder{next: consenting(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("ce-hub") == "slow" {
				hang(w, r)
			}
		})}
		d := New(Options{Settings: s, Transport: contextTransport{app}})
		for i := range 2 * noticeWorkers {
			d.Connected(Source{Hub: "slow", ConnectionID: webpubsub.ConnectionID(fmt.Sprint(i))})
		}
		d.Connected(ann)
		synctest.Wait()
		delivered := false
		for _, r := range app.all() {
			delivered = delivered || r.method == "POST" && r.header.Get("ce-hub") == "board"
		}
		if !delivered {
			t.Error("the other hub's notification waits")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Close(ctx); err == nil {
			t.Error("close waited for a hung handler")
		}
	})
}

func TestNotifications_queueFull_dropsTheNewest(t *testing.T) {
	q := newLanes[webpubsub.HubName](maxNotices, maxNoticeBytes, noticeWorkers, func(func()) {}) // no worker ever runs
	push := func(hub webpubsub.HubName, conn int) bool {
		return q.push(hub, job{conn: webpubsub.ConnectionID(fmt.Sprint(conn % 1000)), size: 1})
	}
	for i := range maxNotices {
		if !push("board", i) {
			t.Fatalf("notification %d is dropped", i)
		}
	}
	if push("board", 0) {
		t.Error("the queue has no bound")
	}
	if !push("other", 0) {
		t.Error("a full hub takes another's room")
	}
}

func TestNotifications_lost_areLoggedWithoutSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		app := consenting(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(400) })
		d := New(Options{Settings: board(everything), Transport: transport{app}, Logger: logTo(&log)})
		d.Connected(ann)
		if err := d.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.Disconnected(ann, "late")
		for _, want := range []string{"event=connected", "with 400 Bad Request", "hub=board", "conn=0f8f", "event=disconnected", "shutting down"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("log lacks %q:\n%s", want, log.String())
			}
		}
		if strings.Contains(log.String(), "secret") {
			t.Errorf("log holds the handler's code:\n%s", log.String())
		}
	})
}
