package story

import (
	"crypto/tls"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/easelhq/easel/webpubsub"
)

// clock is a time that tests set.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newClock() *clock { return &clock{time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)} }

func must(t *testing.T, r *Recorder, id string) webpubsub.Story {
	t.Helper()
	s, ok := r.Story(id)
	if !ok {
		t.Fatalf("no story %q", id)
	}
	return s
}

func TestLog_equalEntries_areCounted(t *testing.T) {
	c := newClock()
	r := New(Limits{}, c.now)
	l := r.Begin("chat", "c1")
	l.Add(Facts{Kind: KindAccepted})
	for range 3 {
		l.Add(Facts{Kind: KindUnreached, Cause: GroupEmpty, Group: "g", By: ByClient})
		l.Add(Facts{Kind: KindHandler, Event: "draw", URL: "http://app/", Status: 200, Took: time.Duration(c.t.Second()) * time.Millisecond})
		c.t = c.t.Add(time.Second)
	}
	s := must(t, r, "c1")
	if len(s.Entries) != 3 || s.Entries[1].Count != 3 || s.Entries[2].Count != 3 {
		t.Fatalf("%+v", s.Entries)
	}
	if e := s.Entries[2]; e.Took != 2*time.Millisecond || e.Last.Sub(e.At) != 2*time.Second {
		t.Errorf("the slowest of equal calls counts: %+v", e)
	}
	if !s.Trouble || s.State != webpubsub.StoryOpen {
		t.Errorf("trouble %v state %v", s.Trouble, s.State)
	}
}

func TestLog_manyEntries_keepsBeginningAndEnd(t *testing.T) {
	r := New(Limits{Entries: 6}, nil)
	l := r.Begin("chat", "c1")
	for i := range 20 {
		l.Add(Facts{Kind: KindJoined, Group: fmt.Sprint(i)})
	}
	s := must(t, r, "c1")
	var groups []string
	for _, e := range s.Entries {
		groups = append(groups, e.Group)
	}
	if got := strings.Join(groups, " "); got != "0 1 2 17 18 19" || s.Lost != 14 {
		t.Errorf("%s, %d lost", got, s.Lost)
	}
}

func TestLog_longTexts_areClippedAndStillEqual(t *testing.T) {
	r := New(Limits{}, nil)
	l := r.Begin("chat", "c1")
	for range 2 {
		l.Add(Facts{Kind: KindFrame, Cause: FrameMalformed, Detail: strings.Repeat("ä", maxText)})
	}
	s := must(t, r, "c1")
	if len(s.Entries) != 1 || len(s.Entries[0].Detail) > maxText || s.Entries[0].Count != 2 {
		t.Errorf("%+v", s.Entries)
	}
}

func TestNil_recordsNothing(t *testing.T) {
	var r *Recorder
	l := r.Begin("chat", "c1")
	l.Add(Facts{Kind: KindAccepted})
	l.Received()
	l.Sent(1)
	l.NoEcho()
	l.Identify("ann", "")
	r.Hub("chat").Add(Facts{})
	r.Connection("c1").Add(Facts{})
	r.KeyReplaced("primary")
	if r.Refuse(l, Facts{}) != "" || len(r.Stories(Filter{Max: 9})) != 0 || l.ID() != "" || l.ReceivedCount() != 0 {
		t.Error("a nil recorder remembers something")
	}
	if _, ok := r.Story("c1"); ok {
		t.Error("a nil recorder has a story")
	}
}

func TestRefuse_theSameAgain_isOneStory(t *testing.T) {
	r := New(Limits{}, nil)
	f := Facts{Cause: TokenExpired, Status: 401, Found: "x"}
	first := r.Begin("chat", "a")
	if id := r.Refuse(first, f); id != "a" {
		t.Errorf("story %q", id)
	}
	for _, id := range []webpubsub.ConnectionID{"b", "c"} {
		if told := r.Refuse(r.Begin("chat", id), f); told != "a" {
			t.Errorf("handshake %s is told by %q", id, told)
		}
	}
	if told := r.Refuse(r.Begin("board", "d"), f); told != "d" {
		t.Errorf("another hub's is told by %q", told)
	}
	if s := must(t, r, "a"); s.Repeats != 2 || s.State != webpubsub.StoryRefused {
		t.Errorf("%+v", s)
	}
	if _, n := r.Size(); n != 2 {
		t.Errorf("%d stories", n)
	}
}

// random does what connections do, in any order.
func random(r *Recorder, rng *rand.Rand, steps int) {
	logs := make([]*Log, 8)
	for range steps {
		i := rng.IntN(len(logs))
		switch l := logs[i]; rng.IntN(7) {
		case 0:
			logs[i] = r.Begin(webpubsub.HubName(fmt.Sprint("h", rng.IntN(3))), webpubsub.ConnectionID(fmt.Sprint(rng.Int64())))
		case 1:
			l.Add(Facts{Kind: KindJoined, Group: strings.Repeat("g", rng.IntN(2000)), By: ByClient})
		case 2:
			l.Add(Facts{Kind: KindForbidden, Cause: Forbidden, Group: fmt.Sprint(rng.Int64())})
		case 3:
			r.Hub(webpubsub.HubName(fmt.Sprint("h", rng.IntN(1000)))).Add(Facts{Kind: KindREST, Cause: RESTNoUser, Found: fmt.Sprint(rng.Int64())})
		case 4:
			if l != nil {
				r.Refuse(l, Facts{Cause: TokenExpired, Found: fmt.Sprint(rng.IntN(50))})
				logs[i] = nil
			}
		case 5:
			l.Received()
			l.Sent(2)
		case 6:
			r.Stories(Filter{Hub: "h1", Trouble: rng.IntN(2) == 0, Max: 3})
		}
	}
}

func TestRecorder_whateverHappens_keepsItsBounds(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	limits := Limits{Stories: 50, Entries: 10, Bytes: 60 << 10}
	r := New(limits, nil)
	var wg sync.WaitGroup
	for worker := range uint64(4) {
		wg.Go(func() { random(r, rand.New(rand.NewPCG(seed, worker)), 3000) })
	}
	wg.Wait()
	bytes, stories := r.Size()
	if stories > limits.Stories || bytes > limits.Bytes || stories == 0 {
		t.Errorf("%d stories of %d bytes", stories, bytes)
	}
	// The counts are those of what is really kept.
	sum, refusals, uses := 0, 0, map[uint32]int{}
	for l := range r.logs.All() {
		sum += logSize + cap(l.entries)
		n := 0
		l.entries.each(func(_, _ int, facts, _ []byte) bool {
			n++
			s := scan{facts}
			for set := s.uint() & (1<<textFields - 1); set != 0; set &= set - 1 {
				if _, number := s.text(&r.texts); number != 0 {
					uses[number]++
				}
			}
			return true
		})
		if n != int(l.count) || n > limits.Entries || l.in == unlisted {
			t.Errorf("story %s: %d entries counted, %d kept, in list %d", l.ID(), l.count, n, l.in)
		}
		if key := l.refusalLocked(); key != nil && r.refusals[*key] == l {
			refusals++
		}
	}
	listed := 0
	for _, in := range r.lists {
		for l := in.newest; l != nil; l = l.older {
			listed++
		}
		for l := in.oldest; l != nil; l = l.newer {
			listed--
		}
		listed += in.count
	}
	for n, text := range r.texts.list {
		if text.uses != uses[uint32(n)] || (text.uses > 0) != (r.texts.numbers[text.text] == uint32(n) && n > 0) {
			t.Errorf("text %d has %d uses; %d are counted", n, uses[uint32(n)], text.uses)
		}
		sum += len(text.text)
	}
	sum += sharedTextSize * len(r.texts.numbers)
	if sum != bytes || listed != stories || refusals != len(r.refusals) {
		t.Errorf("%d bytes counted, %d kept; %d of %d listed; %d of %d refusals", bytes, sum, listed, stories, refusals, len(r.refusals))
	}
}

// What is told comes back as it was, however it is written.
func TestLog_facts_areKeptWhole(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	r := New(Limits{}, nil)
	text := func() string {
		switch rng.IntN(4) {
		case 0:
			return ""
		case 1:
			return words[rng.IntN(len(words))]
		case 2:
			return strings.Repeat("ü", rng.IntN(12))
		}
		return strings.Repeat("x", rng.IntN(maxText))
	}
	for i := range 300 {
		f := Facts{
			Kind: KindHandler, Cause: text(), By: text(), Event: text(), Group: text(), Role: text(), Permission: text(), URL: text(),
			Found: text(), Expected: text(), Detail: text(), Status: rng.IntN(600), Attempts: rng.IntN(3), Code: rng.IntN(5000) - 1,
			Took: time.Duration(rng.Int64N(1 << 40)), Time: time.Unix(rng.Int64N(lastYear), rng.Int64N(1e9)).UTC(),
		}
		if rng.IntN(2) == 0 {
			f.Time = time.Time{}
		}
		l := r.Begin("chat", webpubsub.ConnectionID(fmt.Sprint(i)))
		l.Add(Facts{Kind: KindAnonymous})
		l.Add(f)
		l.Add(Facts{Kind: KindAccepted})
		l.Add(f)
		s := must(t, r, fmt.Sprint(i))
		if len(s.Entries) != 3 || s.Entries[1].StoryFacts != f || s.Entries[1].Count != 2 || s.Entries[2].Kind != KindAccepted {
			t.Fatalf("got  %+v\nwant %+v", s.Entries, f)
		}
	}
}

const lastYear = 253402300799 // in seconds

func TestRecorder_manyQuietConnections_leaveTroubleAlone(t *testing.T) {
	r := New(Limits{Stories: 20}, nil)
	bad := r.Begin("chat", "bad")
	bad.Add(Facts{Kind: KindClosing, Cause: SlowClient, Code: 1008})
	live := r.Begin("chat", "live")
	live.Add(Facts{Kind: KindAccepted})
	for i := range 100 {
		r.Begin("chat", webpubsub.ConnectionID(fmt.Sprint(i))).Add(Facts{Kind: KindAccepted})
	}
	must(t, r, "bad")
	if _, ok := r.Story("live"); ok {
		t.Fatal("100 younger stories should have taken the room")
	}
	live.Received()
	live.Add(Facts{Kind: KindForbidden, Cause: Forbidden})
	s := must(t, r, "live")
	if s.Lost != 1 || len(s.Entries) != 1 || s.State != webpubsub.StoryOpen || s.Traffic.Received != 1 {
		t.Errorf("a forgotten connection comes back with what happens next: %+v", s)
	}
}

func TestStories_newestFirst_connectionBeforeItsHub(t *testing.T) {
	c := newClock()
	r := New(Limits{}, c.now)
	for _, id := range []webpubsub.ConnectionID{"a", "b"} {
		r.Begin("chat", id).Add(Facts{Kind: KindAccepted})
		c.t = c.t.Add(time.Second)
	}
	r.Hub("chat").Add(Facts{Kind: KindHandler, Cause: HandlerDown})
	r.Begin("chat", "c").Add(Facts{Kind: KindHandler, Cause: HandlerDown})
	r.Begin("other", "d").Add(Facts{Kind: KindHandler, Cause: HandlerDown})
	ids := func(f Filter) (ids string) {
		f.Max = 10
		for _, s := range r.Stories(f) {
			ids += s.ID + " "
		}
		return ids
	}
	if got := ids(Filter{Hub: "chat"}); got != "c hub:chat b a " {
		t.Error(got)
	}
	if got := ids(Filter{Hub: "chat", Trouble: true}); got != "c hub:chat " {
		t.Error(got)
	}
}

func TestProblems_biteOnceUntilTheHandlerWorks(t *testing.T) {
	var p Problems
	if !p.Bites("chat", "u", HandlerDown) || p.Bites("chat", "u", HandlerDown) || !p.Bites("chat", "u", HandlerError) || !p.Bites("board", "u", HandlerDown) {
		t.Error("a problem is new once per hub, handler and cause")
	}
	p.Works("chat", "u")
	if !p.Bites("chat", "u", HandlerDown) || p.Bites("board", "u", HandlerDown) {
		t.Error("after it worked its problems are new, and only its")
	}
}

// causes are the values of this package's constants that name causes: those in groups whose
// comment begins so.
func causes(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	for _, name := range files {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST || !strings.HasPrefix(g.Doc.Text(), "Causes of") {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				found[strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`)] = v.Names[0].Name
			}
		}
	}
	return found
}

func TestRules_coverEveryCause(t *testing.T) {
	all := causes(t)
	if len(all) < 60 {
		t.Fatalf("only %d causes found", len(all))
	}
	for cause, name := range all {
		if _, ok := rules[cause]; !ok {
			t.Errorf("%s has no rule", name)
		}
	}
	for cause := range rules {
		if _, ok := all[cause]; !ok {
			t.Errorf("rule for %q, which is no cause", cause)
		}
	}
}

func TestAdvise_anyCause_withNothingElseKnown_saysSomething(t *testing.T) {
	for cause := range rules {
		s := webpubsub.Story{Hub: "chat", Entries: []webpubsub.StoryEntry{{StoryFacts: Facts{Cause: cause}}}}
		for _, a := range Advise(s, Surroundings{}) {
			if a.Cause == "" || a.Remedy == "" || strings.Contains(a.Cause+a.Remedy, "%!") {
				t.Errorf("%s: %+v", cause, a)
			}
		}
	}
}

func TestAdvise_mostImportantFirst_andOnce(t *testing.T) {
	s := webpubsub.Story{Hub: "chat", Entries: []webpubsub.StoryEntry{
		{StoryFacts: Facts{Kind: KindUnreached, Cause: GroupEmpty, Group: "g"}},
		{StoryFacts: Facts{Kind: KindForbidden, Cause: Forbidden, Permission: "sendToGroup", Group: "x"}},
		{StoryFacts: Facts{Kind: KindForbidden, Cause: Forbidden, Permission: "sendToGroup", Group: "x"}},
		{StoryFacts: Closing(1008, "The outbound message queue is full.", "")},
	}}
	list := Advise(s, Surroundings{})
	if len(list) != 3 || !strings.Contains(list[0].Cause, "too slowly") || !strings.Contains(list[2].Cause, "0 members") {
		t.Errorf("%+v", list)
	}
}

func TestAdvise_handlerThatWorksAgain_isNoTroubleAnyMore(t *testing.T) {
	c := newClock()
	r := New(Limits{}, c.now)
	l := r.Hub("chat")
	advice := func() int {
		s := must(t, r, HubID("chat"))
		r.Explain(webpubsub.Settings{}, &s)
		return len(s.Advice)
	}
	fail := func() {
		c.t = c.t.Add(time.Second)
		l.Add(Facts{Kind: KindHandler, Cause: HandlerDown, Event: "connect", URL: "http://app/connect"})
	}
	fail()
	c.t = c.t.Add(time.Second)
	l.Add(Facts{Kind: KindWorks, URL: "http://other/draw"})
	if advice() != 1 {
		t.Error("another handler's success is no comfort")
	}
	l.Add(Facts{Kind: KindWorks, URL: "http://app/draw"})
	if advice() != 0 {
		t.Error("the handler works")
	}
	fail()
	if advice() != 1 {
		t.Error("it fails again")
	}
}

func TestAdvise_eventThatIsTakenNow_saysSo(t *testing.T) {
	s := webpubsub.Story{Hub: "chat", Entries: []webpubsub.StoryEntry{{StoryFacts: Facts{Kind: KindUnhandled, Cause: EventUnhandled, Event: "draw.line"}}}}
	for pattern, now := range map[string]bool{"": false, "draw": false, "chat, DRAW.*": true, "*": true} {
		list := Advise(s, Surroundings{Settings: webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{UserEventPattern: pattern}}}})
		if got := strings.Contains(list[0].Remedy, "takes it now"); got != now {
			t.Errorf("%q: %+v", pattern, list[0])
		}
	}
}

func TestExplainRole(t *testing.T) {
	for role, want := range map[string]string{
		"webpubsub.sendToGroups":             RoleMisspelled + " webpubsub.sendToGroup",
		"webpubsub.sendToGroup.":             RoleGroupName + " ",
		"webpubsub.sendtogroup.room":         RoleMisspelled + " webpubsub.sendToGroup.room",
		"webpubsub.sendToGrop.room":          RoleMisspelled + " webpubsub.sendToGroup.room",
		"sendToGroup.room":                   RoleMisspelled + " webpubsub.sendToGroup.room",
		"WebPubSub.joinLeaveGroup":           RoleMisspelled + " webpubsub.joinLeaveGroup",
		"webpubsub.joinGroup.room":           RoleMisspelled + " webpubsub.joinLeaveGroup.room",
		"webpubsub.sendToGroups.*.*.*.*.*.*": RolePattern + " ",
		"webpubsub.sendToGroups.a*":          RoleTooMany + " ",
		"admin":                              RoleUnknown + " ",
		"":                                   RoleUnknown + " ",
	} {
		cause, expected, _ := explainRole(role)
		if got := cause + " " + expected; got != want {
			t.Errorf("%q: %s, want %s", role, got, want)
		}
	}
}

func TestTransportCause_ofRealFailures(t *testing.T) {
	quiet := func(s *httptest.Server) *httptest.Server {
		s.Config.ErrorLog = nil
		t.Cleanup(s.Close)
		return s
	}
	secure := quiet(httptest.NewTLSServer(http.NotFoundHandler()))
	plain := quiet(httptest.NewServer(http.NotFoundHandler()))
	broken := quiet(httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			c.Close()
		}
	})))
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	trusting := secure.Client().Transport.(*http.Transport).Clone()
	trusting.TLSClientConfig.ServerName = "other.example.org"
	aged := secure.Client().Transport.(*http.Transport).Clone()
	aged.TLSClientConfig.Time = func() time.Time { return time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		url, want string
		client    *http.Client
	}{
		{secure.URL, HandlerUntrusted, http.DefaultClient},
		{secure.URL, HandlerWrongName, &http.Client{Transport: trusting}},
		{secure.URL, HandlerCertificate, &http.Client{Transport: aged}},
		{strings.Replace(plain.URL, "http", "https", 1), HandlerPlainHTTP, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{}}}},
		{broken.URL, HandlerBroken, &http.Client{Transport: &http.Transport{}}},
		{down.URL, HandlerDown, http.DefaultClient},
		{plain.URL, HandlerTimeout, &http.Client{Timeout: time.Nanosecond}},
	} {
		res, err := c.client.Get(c.url)
		if err == nil {
			res.Body.Close()
			t.Errorf("%s: no error", c.want)
			continue
		}
		if got := TransportCause(err); got != c.want {
			t.Errorf("%v: %s, want %s", err, got, c.want)
		}
	}
}

func TestLooksLikeFrame(t *testing.T) {
	for payload, want := range map[string]string{
		`{"type":"sendToGroup","group":"g"}`: "sendToGroup",
		` { "type" : "joinGroup" }`:          "joinGroup",
		`{"type":"stroke"}`:                  "",
		`hello {"type":"event"}`:             "",
		"":                                   "",
	} {
		if got, _ := LooksLikeFrame([]byte(payload)); got != want {
			t.Errorf("%s: %q", payload, got)
		}
	}
}

// typical is the story of a connection without trouble.
func typical(r *Recorder, id webpubsub.ConnectionID) *Log {
	l := r.Begin("chat", id)
	l.Add(Facts{Kind: KindToken, By: ByToken, Detail: "primary", Found: "https://wps.example.net/client/hubs/chat"})
	l.Add(Facts{Kind: KindRoles, By: ByToken, Found: "webpubsub.sendToGroup.room-7, webpubsub.joinLeaveGroup.room-7"})
	l.Add(Facts{Kind: KindHandler, Event: "connect", URL: "https://app.example.net/eventhandler", Status: 200, Attempts: 1, Detail: "it set groups"})
	l.Add(Facts{Kind: KindAccepted})
	l.Add(Facts{Kind: KindJoined, By: ByClient, Group: "room-7"})
	l.Add(Facts{Kind: KindEnded, By: ByClient, Code: 1000})
	return l
}

func BenchmarkConnection(b *testing.B) {
	r := New(Limits{}, nil)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		typical(r, webpubsub.ConnectionID(fmt.Sprintf("%032x", i)))
	}
	bytes, stories := r.Size()
	b.ReportMetric(float64(bytes)/float64(stories), "bytes/story")
	b.ReportMetric(float64(unsafe.Sizeof(Log{})), "bytes/forgotten")
}

// BenchmarkQuiet reports the memory that the story of a quiet connection really takes.
func BenchmarkQuiet(b *testing.B) {
	const many = DefaultStories
	quiet := func(r *Recorder, i int) *Log {
		l := r.Begin("chat", webpubsub.ConnectionID(fmt.Sprintf("%032x", i)))
		l.Identify("user-12345", "")
		l.Add(Facts{Kind: KindToken, By: ByToken, Detail: "primary", Time: time.Unix(1788220800, 0), Found: "https://wps.example.net/client/hubs/chat"})
		l.Add(Facts{Kind: KindRoles, By: ByToken, Found: "webpubsub.sendToGroup, webpubsub.joinLeaveGroup"})
		l.Add(Facts{Kind: KindSubprotocol, Found: "json.webpubsub.azure.v1"})
		l.Identify("user-12345", "json.webpubsub.azure.v1")
		l.Add(Facts{Kind: KindAccepted})
		l.Add(Facts{Kind: KindJoined, By: ByClient, Group: "b.Ab3dEf9hIjKl.l"})
		l.Add(Facts{Kind: KindJoined, By: ByClient, Group: "b.Ab3dEf9hIjKl.d"})
		return l
	}
	r := New(Limits{}, nil)
	before := memory()
	for i := range many {
		quiet(r, i)
	}
	after := memory()
	estimate, stories := r.Size()
	b.ReportAllocs()
	for i := many; b.Loop(); i++ {
		quiet(r, i)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/many, "B/story")
	b.ReportMetric(float64(estimate)/float64(stories), "estimated-B/story")
}

func memory() (m runtime.MemStats) {
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}

func BenchmarkMessage(b *testing.B) {
	l := typical(New(Limits{}, nil), "c1")
	b.ReportAllocs()
	for b.Loop() {
		l.Received()
		l.Sent(1)
	}
}

func BenchmarkRepeatedEntry(b *testing.B) {
	l := typical(New(Limits{}, nil), "c1")
	b.ReportAllocs()
	for b.Loop() {
		l.Add(Facts{Kind: KindUnreached, Cause: GroupEmpty, By: ByClient, Group: "room-7"})
	}
}
