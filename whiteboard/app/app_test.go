package app_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/whiteboard"
)

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	check(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))))
	return b.Bytes()
}

func TestRoutes_badInput_isRefusedWithAReason(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	id := string(b.ID)
	big := bytes.Repeat([]byte("x"), 10<<20+1)
	for name, c := range map[string]struct {
		method, path, secret string
		body                 []byte
		status               int
		code                 string
	}{
		"board that does not exist":    {"GET", "/boards/abcdefghijkl", b.edit(), nil, 404, "not_found"},
		"board id of a wrong form":     {"GET", "/boards/no", b.edit(), nil, 404, "not_found"},
		"no secret":                    {"GET", "/boards/" + id, "", nil, 401, "unauthorized"},
		"a wrong secret":               {"GET", "/boards/" + id, "guessed", nil, 403, "forbidden"},
		"negotiate without board":      {"GET", "/negotiate", b.edit(), nil, 400, "invalid"},
		"negotiate, wrong secret":      {"GET", "/negotiate?board=" + id, "guessed", nil, 403, "forbidden"},
		"negotiate, name too long":     {"GET", "/negotiate?board=" + id + "&name=" + strings.Repeat("n", 65), b.edit(), nil, 400, "invalid"},
		"diagram without secret":       {"GET", "/diagram?board=" + id, "", nil, 401, "unauthorized"},
		"ops after nothing":            {"GET", "/boards/" + id + "/ops", b.view(), nil, 400, "invalid"},
		"ops after nonsense":           {"GET", "/boards/" + id + "/ops?after=-1", b.view(), nil, 400, "invalid"},
		"ops, limit too large":         {"GET", "/boards/" + id + "/ops?after=0&limit=100000", b.view(), nil, 400, "invalid"},
		"people, wrong secret":         {"GET", "/boards/" + id + "/people", "guessed", nil, 403, "forbidden"},
		"create, not JSON":             {"POST", "/boards", "", []byte("{"), 400, "invalid"},
		"create, title too long":       {"POST", "/boards", "", []byte(`{"title":"` + strings.Repeat("t", 201) + `"}`), 400, "invalid"},
		"create, body too large":       {"POST", "/boards", "", []byte(`{"title":"` + strings.Repeat("t", 1<<20) + `"}`), 413, "too_large"},
		"replace a link, viewer":       {"POST", "/boards/" + id + "/links/viewer", b.view(), nil, 403, "forbidden"},
		"replace a link of no role":    {"POST", "/boards/" + id + "/links/owner", b.edit(), nil, 404, "not_found"},
		"upload, viewer":               {"POST", "/background/upload?board=" + id, b.view(), pngOf(t, 2, 2), 403, "forbidden"},
		"upload, no image":             {"POST", "/background/upload?board=" + id, b.edit(), []byte("<svg onload=alert(1)>"), 415, "not_an_image"},
		"upload, half a header":        {"POST", "/background/upload?board=" + id, b.edit(), pngOf(t, 2, 2)[:20], 415, "not_an_image"},
		"upload, image too wide":       {"POST", "/background/upload?board=" + id, b.edit(), pngOf(t, 16385, 1), 400, "invalid"},
		"upload, too many bytes":       {"POST", "/background/upload?board=" + id, b.edit(), big, 413, "too_large"},
		"background that is not there": {"GET", "/background/" + strings.Repeat("0", 64), "", nil, 404, "not_found"},
		"a method that is not there":   {"DELETE", "/", "", nil, 405, "method_not_allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.do(c.method, c.path, c.secret, c.body)
			if a.status != c.status || a.code() != c.code {
				t.Errorf("%d %s; want %d with code %s and a message", a.status, a.body, c.status, c.code)
			}
		})
	}
	snapshot := decode[whiteboard.Snapshot](t, s.do("GET", "/diagram?board="+id, b.edit(), nil).body)
	if snapshot.Seq != 0 || len(snapshot.Records) != 0 {
		t.Errorf("bad input changed the board: %+v", snapshot)
	}
}

func TestCreateBoard_hasTitleAndTwoLinks(t *testing.T) {
	s := newSite(t)
	b := s.newBoard(" Räume \u0007& Pläne ")
	if b.Title != "Räume & Pläne" || b.Role != whiteboard.Editor || b.edit() == b.view() {
		t.Errorf("%+v", b)
	}
	for secret, role := range map[string]whiteboard.Role{b.edit(): whiteboard.Editor, b.view(): whiteboard.Viewer} {
		got := decode[board](t, s.do("GET", "/boards/"+string(b.ID), secret, nil).body)
		if got.Role != role || got.Title != b.Title || (got.Links.Edit != "") != (role == whiteboard.Editor) {
			t.Errorf("as %s: %+v", role, got)
		}
	}
}

func TestCommit_reachesEveryoneAndTheJournal(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann, bob := s.join(b, b.edit()), s.join(b, b.view())
	ann.commit(ann.op("r1", aRect))
	e := ann.echo(1)
	if e.User != ann.user || e.Seq != 1 {
		t.Errorf("echo %+v", e)
	}
	bob.awaitMessage("ops", func(m message) bool { return m.B[0].Seq == 1 })
	snapshot := decode[whiteboard.Snapshot](t, s.do("GET", "/diagram?board="+string(b.ID), b.view(), nil).body)
	if snapshot.Seq != 1 || len(snapshot.Records) != 1 || snapshot.Records[0].ID != "r1" {
		t.Errorf("snapshot %+v", snapshot)
	}
	ops := decode[struct {
		Seq     uint64
		Entries []whiteboard.Entry
	}](t, s.do("GET", "/boards/"+string(b.ID)+"/ops?after=0", b.view(), nil).body)
	if ops.Seq != 1 || len(ops.Entries) != 1 || ops.Entries[0].Actor != ann.actor {
		t.Errorf("ops %+v", ops)
	}
	// Sent again, it is acknowledged and nothing else.
	ann.n--
	ann.commit(ann.op("r2", aRect))
	if m := ann.awaitMessage("ack", nil); m.N != 1 || m.Q != 1 {
		t.Errorf("ack %+v", m)
	}
}

func TestCommit_badBatches_areRejectedWithACode(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann := s.join(b, b.edit())
	for name, c := range map[string]struct {
		data any
		code string
	}{
		"unknown kind":     {whiteboard.Batch{Actor: ann.actor, N: 1, Ops: []whiteboard.Op{ann.op("r1", `{"kind":"circle","at":[0,0]}`)}}, "invalid"},
		"unknown property": {whiteboard.Batch{Actor: ann.actor, N: 1, Ops: []whiteboard.Op{ann.op("r1", `{"onclick":"x"}`)}}, "invalid"},
		"a gap in n":       {whiteboard.Batch{Actor: ann.actor, N: 5, Ops: []whiteboard.Op{ann.op("r1", aRect)}}, "order"},
		"a clock ahead":    {whiteboard.Batch{Actor: ann.actor, N: 1, Ops: []whiteboard.Op{{Stamp: whiteboard.NewStamp(4e12, 0, ann.actor), Record: "r1", Patch: whiteboard.Patch{"deleted": json.RawMessage("true")}}}}, "clock"},
		"too large":        {map[string]any{"c": ann.actor, "n": 1, "ops": strings.Repeat("x", 64<<10)}, "too_large"},
		"not a batch":      {"hello", "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			ann.event("ops", c.data)
			if m := ann.awaitMessage("rej", nil); m.Code != c.code || m.Message == "" {
				t.Errorf("%+v, want code %s and a message", m, c.code)
			}
		})
	}
	if seq := decode[whiteboard.Snapshot](t, s.do("GET", "/diagram?board="+string(b.ID), b.edit(), nil).body).Seq; seq != 0 {
		t.Errorf("the board is at %d; want 0", seq)
	}
}

func TestViewer_canWriteOnNeitherLane(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	eve := s.join(b, b.view())
	eve.commit(eve.op("r1", aRect))
	if m := eve.awaitMessage("rej", nil); m.Code != "forbidden" {
		t.Errorf("%+v", m)
	}
	for _, group := range []string{"b." + string(b.ID), "b." + string(b.ID) + ".l"} {
		eve.acks++
		eve.send(map[string]any{"type": "sendToGroup", "group": group, "ackId": eve.acks, "dataType": "json", "data": map[string]string{"k": "c"}})
		ack := eve.await("ack", func(f frame) bool { return f.Type == "ack" && f.AckID == eve.acks })
		if ack.Success || ack.Error.Name != "Forbidden" {
			t.Errorf("publishing to %s: %+v", group, ack)
		}
	}
}

func TestEditor_mayPublishLiveAndNothingElse(t *testing.T) {
	s := newSite(t)
	b, other := s.newBoard(""), s.newBoard("")
	ann, bob := s.join(b, b.edit()), s.join(b, b.view())
	publish := func(group string) bool {
		ann.acks++
		ann.send(map[string]any{"type": "sendToGroup", "group": group, "noEcho": true, "ackId": ann.acks, "dataType": "json", "data": map[string]any{"k": "c", "a": "someone", "x": 1}})
		return ann.await("ack", func(f frame) bool { return f.Type == "ack" && f.AckID == ann.acks }).Success
	}
	if !publish("b." + string(b.ID) + ".l") {
		t.Error("an editor may publish on the live lane")
	}
	f := bob.await("cursor", func(f frame) bool { return strings.HasSuffix(f.Group, ".l") })
	if whiteboard.UserID(f.FromUserID) != ann.user {
		t.Errorf("the cursor comes from %q, want %q", f.FromUserID, ann.user)
	}
	for _, group := range []string{"b." + string(b.ID), "b." + string(other.ID) + ".l"} {
		if publish(group) {
			t.Errorf("publishing to %s must be forbidden", group)
		}
	}
}

func TestReplaceLink_endsTheOldOne(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann, eve := s.join(b, b.edit()), s.join(b, b.view())
	a := s.do("POST", "/boards/"+string(b.ID)+"/links/viewer", b.edit(), nil)
	if fresh := decode[board](t, a.body); a.status != http.StatusOK || fresh.view() == b.view() || fresh.edit() != b.edit() {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if _, why := eve.closed(); !strings.Contains(why, "link revoked") {
		t.Errorf("the viewer was told %q", why)
	}
	if a := s.do("GET", "/negotiate?board="+string(b.ID), b.view(), nil); a.status != http.StatusForbidden {
		t.Errorf("the old link still opens: %d", a.status)
	}
	ann.commit(ann.op("r1", aRect))
	ann.echo(1)
}

func TestEventHandler_forgedEvents_areRefused(t *testing.T) {
	s := newSite(t)
	r, _ := http.NewRequest("POST", s.url+"/eventhandler", strings.NewReader("{}"))
	for name, value := range map[string]string{
		"Content-Type": "application/json", "WebHook-Request-Origin": "localhost", "ce-specversion": "1.0", "ce-awpsversion": "1.0",
		"ce-type": "azure.webpubsub.sys.connected", "ce-source": "/hubs/easel/client/c1", "ce-id": "1", "ce-time": "2026-09-01T08:00:00Z",
		"ce-connectionId": "c1", "ce-hub": "easel", "ce-eventName": "connected", "ce-signature": "sha256=00",
	} {
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	check(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("got %d, want 401", res.StatusCode)
	}
}

func TestConnect_tokenForNoBoard_isRefused(t *testing.T) {
	s := newSite(t)
	tok, err := s.client.ClientToken(service.TokenOptions{UserID: "eve", Groups: []webpubsub.GroupName{"b.somewhere"}})
	check(t, err)
	r, _ := http.NewRequest("GET", s.url+"/client/hubs/easel?access_token="+tok.Token, nil)
	for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} {
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	check(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("got %d, want 403", res.StatusCode)
	}
}

func TestBackground_isKeptByContent(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	picture := pngOf(t, 3, 2)
	a := s.do("POST", "/background/upload?board="+string(b.ID), b.edit(), picture)
	got := decode[struct {
		ID, Type      string
		Width, Height int
	}](t, a.body)
	if a.status != http.StatusCreated || got.Type != "image/png" || got.Width != 3 || got.Height != 2 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	back := s.do("GET", "/background/"+got.ID, "", nil)
	if !bytes.Equal(back.body, picture) || back.header.Get("Content-Type") != "image/png" || !strings.Contains(back.header.Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", back.status, back.header)
	}
}

func TestName_isStoredAndAnnounced(t *testing.T) {
	s := newSite(t)
	b := s.newBoard("")
	ann := s.join(b, b.edit())
	ann.event("name", map[string]string{"name": "  Ann\n "})
	ann.awaitMessage("here", func(m message) bool { return len(m.People) == 1 && m.People[0].Name == "Ann" })
	again := s.do("GET", "/negotiate?board="+string(b.ID), b.edit(), nil, ann.cookie)
	if n := decode[struct{ User struct{ Name string } }](t, again.body); n.User.Name != "Ann" {
		t.Errorf("%s", again.body)
	}
	id := ann.event("name", map[string]string{"name": " "})
	if ack := ann.await("ack", func(f frame) bool { return f.Type == "ack" && f.AckID == id }); ack.Success {
		t.Error("an empty name must be refused")
	}
}
