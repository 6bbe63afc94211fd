package eventhandler_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
)

// An app server that lets known users into the lobby and answers what they send.
func Example() {
	events, err := eventhandler.New(eventhandler.Options{
		Hub:        "chat",
		AccessKeys: []string{"primary-key", "secondary-key"}, // both, so that one can be replaced
		Connect: func(_ context.Context, r *eventhandler.ConnectRequest) (*eventhandler.ConnectResponse, error) {
			if r.UserID == "" {
				return nil, webpubsub.Errorf(webpubsub.Unauthorized, "say who you are")
			}
			return &eventhandler.ConnectResponse{Groups: []string{"lobby"}}, nil
		},
		UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			return &eventhandler.UserResponse{Data: &e.Data, Metadata: webpubsub.Metadata{"event": string(e.Name)}}, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/eventhandler/", events)
	// http.ListenAndServe("localhost:3000", mux)

	// The service asks whether it may send events.
	r := httptest.NewRequest("OPTIONS", "/eventhandler/validate", nil)
	r.Header.Set("WebHook-Request-Origin", "wps.example.net")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("WebHook-Allowed-Origin"))
	// Output: 200 *
}

// State that an app attaches to a connection comes back with each of its events.
func ExampleUserResponse_state() {
	count := func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
		seen := ""
		if e.State != nil {
			seen = *e.State
		}
		seen += "|"
		return &eventhandler.UserResponse{State: &seen}, nil
	}
	e := &eventhandler.UserEvent{}
	for range 3 {
		answer, err := count(context.Background(), e)
		if err != nil {
			log.Fatal(err)
		}
		e.State = answer.State // as the service does
	}
	fmt.Println(*e.State)
	// Output: |||
}

// Who is in a room, without asking: the hub's event handler is set up for the group
// presence events joined and left of the groups room.*.
func ExampleOptions_presence() {
	members := map[webpubsub.GroupName]int{}
	o := eventhandler.Options{
		Hub:         "chat",
		AccessKeys:  []string{"primary-key"},
		GroupJoined: func(_ context.Context, e *eventhandler.GroupEvent) { members[e.Group]++ },
		GroupLeft:   func(_ context.Context, e *eventhandler.GroupEvent) { members[e.Group]-- },
	}
	o.GroupJoined(context.Background(), &eventhandler.GroupEvent{Group: "room.7"})
	fmt.Println(members["room.7"])
	// Output: 1
}
