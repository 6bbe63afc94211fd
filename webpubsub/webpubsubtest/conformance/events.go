package conformance

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

// maxEvent is the most that is read of an event, in bytes.
const maxEvent = 2 << 20

// event is a request to the event handler.
type event struct {
	header http.Header
	body   string
}

func (e event) name() string { return e.header.Get("ce-eventName") }

// answer is what the handler says to an event. The zero value is success without a word.
type answer struct {
	status      int
	contentType string
	body        string
	state       *string
}

// handler gives each event to the test whose connection it is about: the query of its
// client names it.
type handler struct {
	mu          sync.Mutex
	cases       map[string]*eventCase // by name
	connections map[string]*eventCase // by connection id
}

// eventCase is one test that receives events.
type eventCase struct {
	*hub
	t      *testing.T
	name   string
	events chan event
	// reply answers connect and user events; nil is success.
	reply func(event) answer
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("WebHook-Allowed-Origin", "*")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxEvent))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	e := event{r.Header, string(body)}
	c := h.find(e)
	if c == nil { // of a test that has ended
		return
	}
	c.events <- e
	if c.reply == nil || e.name() == "connected" || e.name() == "disconnected" {
		return
	}
	a := c.reply(e)
	if a.state != nil {
		w.Header().Set("ce-connectionState", *a.state)
	}
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	io.WriteString(w, a.body)
}

func (h *handler) find(e event) *eventCase {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := e.header.Get("ce-connectionId")
	if e.header.Get("ce-type") == "azure.webpubsub.sys.connect" {
		var request struct{ Query map[string][]string }
		if json.Unmarshal([]byte(e.body), &request) == nil && len(request.Query["case"]) == 1 {
			h.connections[id] = h.cases[request.Query["case"][0]]
		}
	}
	return h.connections[id]
}

// add starts a case; it receives events until its test ends.
func (h *handler) add(t *testing.T, s *suite) *eventCase {
	c := &eventCase{hub: &hub{s, s.Handlers.Hub}, t: t, name: rand.Text(), events: make(chan event, 64)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cases[c.name] = c
	t.Cleanup(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.cases, c.name)
		for id, other := range h.connections {
			if other == c {
				delete(h.connections, id)
			}
		}
	})
	return c
}

// enter connects a client whose events come to this case.
func (c *eventCase) enter(a as) *client {
	c.t.Helper()
	a.query = url.Values{"case": {c.name}}
	return c.connect(c.t, a)
}

// next waits for the next event with the name, passing over others.
func (c *eventCase) next(name string) event {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e := <-c.events:
			if e.name() == name {
				return e
			}
		case <-deadline:
			c.t.Fatalf("no event %s came", name)
		}
	}
}

func state(s string) *string { return &s }

// testEvents is about what event handlers are told and what their answers do.
func testEvents(t *testing.T, s *suite) {
	h := &handler{cases: map[string]*eventCase{}, connections: map[string]*eventCase{}}
	s.Handlers.Handle(h)
	run := func(name string, test func(*eventCase)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(h.add(t, s))
		})
	}
	testConnect(run)
	testUserEvents(run)
	run("connected and disconnected tell of a life", func(c *eventCase) {
		c.reply = func(event) answer { return answer{state: state("seat 4")} }
		ann := c.enter(as{user: "ann"})
		connected := c.next("connected")
		c.want(c.t, 204, call{method: "DELETE", path: "/connections/" + ann.id, query: because})
		disconnected := c.next("disconnected")
		var body struct{ Reason string }
		if json.Unmarshal([]byte(disconnected.body), &body) != nil || !strings.Contains(body.Reason, "nightly restart") {
			c.t.Errorf("disconnected with %s", disconnected.body)
		}
		for _, e := range []event{connected, disconnected} {
			c.checkHeader(e, map[string]string{
				"ce-type": "azure.webpubsub.sys." + e.name(), "ce-connectionId": ann.id, "ce-userId": "ann",
				"ce-subprotocol": plainJSON, "ce-connectionState": "seat 4",
			})
		}
	})
}

// checkHeader compares the fields given, and checks those that every event has.
func (c *eventCase) checkHeader(e event, want map[string]string) {
	c.t.Helper()
	id := e.header.Get("ce-connectionId")
	for name, value := range map[string]string{
		"ce-specversion": "1.0", "ce-awpsversion": "1.0", "ce-hub": c.hub.name, "ce-source": "/hubs/" + c.hub.name + "/client/" + id,
	} {
		if got := e.header.Get(name); !strings.EqualFold(got, value) {
			c.t.Errorf("%s: %s is %q, want %q", e.name(), name, got, value)
		}
	}
	for name, value := range want {
		if got := e.header.Get(name); got != value {
			c.t.Errorf("%s: %s is %q, want %q", e.name(), name, got, value)
		}
	}
	if !token.VerifyEvent(e.header.Values("ce-signature"), webpubsub.ConnectionID(id), c.key) {
		c.t.Errorf("%s: the signature %q is not by our key", e.name(), e.header.Get("ce-signature"))
	}
	if _, err := time.Parse(time.RFC3339, e.header.Get("ce-time")); err != nil {
		c.t.Errorf("%s: ce-time: %v", e.name(), err)
	}
	if e.header.Get("WebHook-Request-Origin") == "" || e.header.Get("ce-id") == "" {
		c.t.Errorf("%s: header %v", e.name(), e.header)
	}
}

func testConnect(run func(string, func(*eventCase))) {
	run("connect tells claims, query and subprotocols, and no credentials", func(c *eventCase) {
		ann := c.enter(as{user: "ann", roles: []string{"webpubsub.sendToGroup.g"}, protocols: []string{"other", plainJSON}})
		e := c.next("connect")
		c.checkHeader(e, map[string]string{"ce-type": "azure.webpubsub.sys.connect", "ce-connectionId": ann.id, "ce-userId": "ann"})
		got := decode(c.t, e.body)
		want := `{"claims":{"sub":["ann"],"role":["webpubsub.sendToGroup.g"]},"query":{"case":["` + c.name + `"],"access_token":"<absent>"},
			"headers":"<present>","subprotocols":["other","` + plainJSON + `"],"clientCertificates":[]}`
		if problem := mismatch(got, decode(c.t, want)); problem != "" {
			c.t.Errorf("%s\n got %s\nwant %s", problem, e.body, want)
		}
	})
	run("connect gives user, groups, roles and state", func(c *eventCase) {
		c.reply = func(e event) answer {
			return answer{contentType: "application/json", state: state("seat 4"),
				body: `{"userId":"eve","groups":["` + c.name + `"],"roles":["webpubsub.sendToGroup"]}`}
		}
		eve := c.enter(as{user: "ann", groups: []string{"replaced"}})
		may(c.t, eve, `{"type":"sendToGroup","group":"x","dataType":"text","data":"x","ackId":1}`, true)
		may(c.t, eve, `{"type":"joinGroup","group":"x","ackId":2}`, false)
		c.post(c.t, "/groups/"+c.name+"/:send", "hi", nil)
		eve.expect(`{"data":"hi"}`)
		c.checkHeader(c.next("connected"), map[string]string{"ce-userId": "eve", "ce-connectionState": "seat 4"})
	})
	run("connect chooses the subprotocol", func(c *eventCase) {
		c.reply = func(event) answer {
			return answer{contentType: "application/json", body: `{"subprotocol":"` + reliableJSON + `"}`}
		}
		if got := c.enter(as{protocols: []string{plainJSON, reliableJSON}}).conn.Subprotocol(); got != reliableJSON {
			c.t.Errorf("the subprotocol is %q", got)
		}
	})
	for _, status := range []int{400, 401, 403} {
		run("connect refuses with "+decimal(status), func(c *eventCase) {
			c.reply = func(event) answer { return answer{status: status, body: "words for nobody"} }
			query := url.Values{"case": {c.name}, "access_token": {c.mint(c.t, token.MintOptions{UserID: "ann"})}}
			c.refused(c.t, status, c.socketURL(query), nil)
		})
	}
}

// echo answers an event with its own data.
func echo(e event) answer {
	if e.name() == "connect" {
		return answer{}
	}
	return answer{contentType: e.header.Get("Content-Type"), body: e.body}
}

func testUserEvents(run func(string, func(*eventCase))) {
	for _, data := range []struct{ frame, contentType, body string }{
		{`"dataType":"text","data":"grüß dich"`, "text/plain", "grüß dich"},
		{`"dataType":"json","data":{"n":1.50}`, "application/json", `{"n":1.50}`},
		{`"dataType":"binary","data":"AP8="`, "application/octet-stream", "\x00\xff"},
	} {
		run("a user event comes and is answered as "+data.contentType, func(c *eventCase) {
			c.reply = echo
			ann := c.enter(as{user: "ann"})
			ann.send(`{"type":"event","event":"draw","ackId":1,` + data.frame + `}`)
			e := c.next("draw")
			c.checkHeader(e, map[string]string{"ce-type": "azure.webpubsub.user.draw", "ce-connectionId": ann.id, "ce-userId": "ann", "ce-subprotocol": plainJSON})
			if kind, _, _ := strings.Cut(e.header.Get("Content-Type"), ";"); kind != data.contentType || e.body != data.body {
				c.t.Errorf("content type %q, body %q", e.header.Get("Content-Type"), e.body)
			}
			ann.expect(`{"type":"message","from":"server",` + data.frame + `}`)
			ann.expect(`{"type":"ack","ackId":1,"success":true}`)
		})
	}
	run("an empty answer is an ack and no message", func(c *eventCase) {
		ann := c.enter(as{})
		ann.send(`{"type":"event","event":"draw","ackId":1,"dataType":"text","data":"x"}`)
		ann.expect(`{"type":"ack","ackId":1,"success":true}`)
		ann.settle()
	})
	run("a failed event is an ack that says so", func(c *eventCase) {
		c.reply = func(e event) answer {
			if e.name() == "connect" {
				return answer{}
			}
			return answer{status: 400, body: "words for nobody"}
		}
		ann := c.enter(as{})
		ann.send(`{"type":"event","event":"draw","ackId":1,"dataType":"text","data":"x"}`)
		frame := ann.expect(`{"type":"ack","ackId":1,"success":false,"error":{"name":"<present>"}}`)
		if text, _ := json.Marshal(frame); strings.Contains(string(text), "nobody") {
			c.t.Errorf("the handler's words reached the client: %s", text)
		}
	})
	run("state goes from event to event", func(c *eventCase) {
		c.reply = func(e event) answer { return answer{state: state(e.header.Get("ce-connectionState") + "x")} }
		ann := c.enter(as{})
		for _, want := range []string{"x", "xx", "xxx"} {
			ann.send(`{"type":"event","event":"draw","dataType":"text","data":"y"}`)
			c.checkHeader(c.next("draw"), map[string]string{"ce-connectionState": want})
		}
	})
	run("events of one connection come one after another", func(c *eventCase) {
		release := make(chan struct{})
		c.reply = func(e event) answer {
			if e.body == "first" {
				<-release
			}
			return answer{}
		}
		ann := c.enter(as{})
		ann.send(`{"type":"event","event":"draw","dataType":"text","data":"first"}`)
		ann.send(`{"type":"event","event":"draw","ackId":2,"dataType":"text","data":"second"}`)
		c.next("draw")
		select {
		case e := <-c.events:
			if e.name() == "draw" {
				c.t.Errorf("%q came before the first was answered", e.body)
			}
		default:
		}
		close(release)
		if e := c.next("draw"); e.body != "second" {
			c.t.Errorf("the second event is %q", e.body)
		}
		ann.expect(`{"type":"ack","ackId":2,"success":true}`)
	})
	run("an invocation is answered with its id", func(c *eventCase) {
		c.reply = echo
		ann := c.enter(as{})
		ann.send(`{"type":"invoke","invocationId":"i1","target":"event","event":"draw","dataType":"json","data":{"a":1}}`)
		ann.expect(`{"type":"invokeResponse","invocationId":"i1","success":true,"dataType":"json","data":{"a":1}}`)
	})
	run("an invocation that fails says so", func(c *eventCase) {
		c.reply = func(e event) answer {
			if e.name() == "connect" {
				return answer{}
			}
			return answer{status: 400}
		}
		ann := c.enter(as{})
		ann.send(`{"type":"invoke","invocationId":"i1","target":"event","event":"draw","dataType":"text","data":"x"}`)
		ann.expect(`{"type":"invokeResponse","invocationId":"i1","success":false,"error":{"name":"<present>","message":"<present>"}}`)
	})
	run("a simple client's messages are events named message", func(c *eventCase) {
		c.reply = echo
		ann := c.enter(as{user: "ann", protocols: []string{}})
		ann.send("hi")
		e := c.next("message")
		c.checkHeader(e, map[string]string{"ce-type": "azure.webpubsub.user.message", "ce-userId": "ann"})
		if got := string(ann.readBytes(text)); got != "hi" {
			c.t.Errorf("the answer is %q", got)
		}
		ann.write(binary, []byte{0, 255})
		if got := string(ann.readBytes(binary)); got != "\x00\xff" {
			c.t.Errorf("the answer is %q", got)
		}
	})
}
