package webpubsub

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestPattern_matches(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"room.*", "room.", true},
		{"room.*", "room.a", true},
		{"room.*", "room.a.b", false},
		{"room.*", "Room.a", false},
		{"room.**", "room.a.b", true},
		{"room.**", "room.", true},
		{"room.**", "room", false},
		{"room-?", "room-7", true},
		{"room-?", "room-.", false},
		{"room-?", "room-77", false},
		{"room-?", "room-ü", true},
		{`a\*b`, "a*b", true},
		{`a\*b`, "axb", false},
		{"**", "", true},
		{"*a*b*", "xxaxxbxx", true},
		{"*a*b*", "xxbxxaxx", false},
		{"a***b", "a.b.b", true},
	} {
		p, err := ParsePattern(c.pattern)
		if err != nil {
			t.Errorf("ParsePattern(%q): %v", c.pattern, err)
		} else if got := p.Match(c.name); got != c.want {
			t.Errorf("%q matches %q = %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}

func TestParsePattern_malformed_isRefused(t *testing.T) {
	for _, text := range []string{"", `a\`, `a\b`, "a*b*c*d*e*f*", strings.Repeat("a", 1025), strings.Repeat("ü", 1025), strings.Repeat("😀", 513)} {
		if _, err := ParsePattern(text); CodeOf(err) != BadRequest {
			t.Errorf("ParsePattern(%q) = %v, want BadRequest", text, err)
		}
	}
}

// regexpOf is the pattern language said in another one.
func regexpOf(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)^`)
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\':
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case strings.HasPrefix(pattern[i:], "**"):
			for i+1 < len(pattern) && pattern[i+1] == '*' {
				i++
			}
			b.WriteString(`.*`)
		case pattern[i] == '*':
			b.WriteString(`[^.]*`)
		case pattern[i] == '?':
			b.WriteString(`[^.]`)
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	return regexp.MustCompile(b.String() + `$`)
}

func TestPattern_agreesWithRegexp(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	word := func(alphabet string, most int) string {
		b := make([]byte, rng.IntN(most))
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	for range 20000 {
		text, name := word("ab.*?", 8), word("ab.", 10)
		p, err := ParsePattern(text)
		if err != nil {
			continue
		}
		if got, want := p.Match(name), regexpOf(text).MatchString(name); got != want {
			t.Fatalf("%q matches %q = %v, regexp says %v", text, name, got, want)
		}
	}
}

func FuzzParsePattern(f *testing.F) {
	f.Add("room.*", "room.a")
	f.Add(`\*\?\\`, `*?\`)
	f.Add("**?*", "a.b")
	f.Fuzz(func(t *testing.T, text, name string) {
		p, err := ParsePattern(text)
		if err != nil {
			return
		}
		p.Match(name)
		if l, ok := p.Literal(); ok && !p.Match(l) {
			t.Errorf("%q does not match its own literal %q", text, l)
		}
	})
}

func TestPermissions_fromRoles(t *testing.T) {
	p, ignored := NewPermissions([]string{
		"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup.room.7", "webpubsub.sendToGroups.chat.*",
		"admin", "webpubsub.sendToGroups.", "webpubsub.JoinLeaveGroup",
	})
	if want := []string{"admin", "webpubsub.sendToGroups.", "webpubsub.JoinLeaveGroup"}; fmt.Sprint(ignored) != fmt.Sprint(want) {
		t.Errorf("ignored %q, want %q", ignored, want)
	}
	for _, c := range []struct {
		kind  Permission
		group GroupName
		want  bool
	}{
		{JoinLeaveGroup, "anything", true},
		{SendToGroup, "room.7", true},
		{SendToGroup, "room", false},
		{SendToGroup, "chat.a", true},
		{SendToGroup, "chat.a.b", false},
	} {
		if got := p.Allows(c.kind, c.group); got != c.want {
			t.Errorf("%v of %q = %v, want %v", c.kind, c.group, got, c.want)
		}
	}
}

func TestRevoke_coveredByWildcard_deniesThatGroupAlone(t *testing.T) {
	p, _ := NewPermissions([]string{"webpubsub.sendToGroups.room.*"})
	if err := p.Revoke(SendToGroup, "room.a"); err != nil {
		t.Fatal(err)
	}
	if p.Allows(SendToGroup, "room.a") || !p.Allows(SendToGroup, "room.b") {
		t.Error("revoking room.a must deny room.a and nothing else")
	}
	if err := p.Grant(SendToGroup, "room.a"); err != nil {
		t.Fatal(err)
	}
	if !p.Allows(SendToGroup, "room.a") {
		t.Error("granting again must lift the denial")
	}
}

func TestGrant_isLiteral(t *testing.T) {
	p := &Permissions{}
	if err := p.Grant(JoinLeaveGroup, "*"); err != nil {
		t.Fatal(err)
	}
	if p.Allows(JoinLeaveGroup, "a") || !p.Allows(JoinLeaveGroup, "*") {
		t.Error("a granted * is the group named *")
	}
}

func TestGrant_beyondTheLimit_isAConflict(t *testing.T) {
	p := &Permissions{}
	for i := range MaxPermissionGroups {
		if err := p.Grant(SendToGroup, GroupName(fmt.Sprint("g", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Grant(SendToGroup, "one-more"); CodeOf(err) != Conflict {
		t.Errorf("got %v, want Conflict", err)
	}
	if err := p.Grant(SendToGroup, "g7"); err != nil {
		t.Errorf("granting a known group again: %v", err)
	}
}

func TestNames_limits(t *testing.T) {
	for _, ok := range []string{"a", strings.Repeat("g", MaxGroupName), strings.Repeat("ü", MaxGroupName), "räum 7"} {
		if _, err := ParseGroupName(ok); err != nil {
			t.Errorf("ParseGroupName(%.20q…): %v", ok, err)
		}
	}
	for _, bad := range []string{"", " \t", strings.Repeat("g", MaxGroupName+1), strings.Repeat("😀", MaxGroupName/2+1), "\xff"} {
		if _, err := ParseGroupName(bad); CodeOf(err) != BadRequest {
			t.Errorf("ParseGroupName(%.20q…) = %v, want BadRequest", bad, err)
		}
	}
	if hub, err := ParseHubName("Sample_Draw"); err != nil || hub != "sample_draw" {
		t.Errorf("ParseHubName folds case: %q, %v", hub, err)
	}
	for _, bad := range []string{"", "1a", "a b", strings.Repeat("h", MaxHubName+1), "a/b"} {
		if _, err := ParseHubName(bad); CodeOf(err) != BadRequest {
			t.Errorf("ParseHubName(%.20q…) = %v, want BadRequest", bad, err)
		}
	}
}

func TestParsePattern_lengthIsInUTF16Units(t *testing.T) {
	for _, text := range []string{strings.Repeat("a", 1024), strings.Repeat("ü", 1024), strings.Repeat("😀", 512)} {
		if p, err := ParsePattern(text); err != nil || !p.Match(text) {
			t.Errorf("%d bytes of %.4q: %v", len(text), text, err)
		}
	}
}

// Who has no rules of their own shares them with others, whom a change must not reach.
func TestPermissions_changesAreOnesOwn(t *testing.T) {
	both := []string{"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"}
	for name, change := range map[string]func(*Permissions) error{
		"revoked": func(p *Permissions) error { return p.Revoke(SendToGroup, "a") },
		"revoked and granted": func(p *Permissions) error {
			return cmp.Or(p.Revoke(SendToGroup, "a"), p.Revoke(SendToGroup, "b"), p.Grant(SendToGroup, "b"))
		},
	} {
		one, _ := NewPermissions(both)
		other, _ := NewPermissions(both)
		if err := change(one); err != nil {
			t.Fatal(err)
		}
		if one.Allows(SendToGroup, "a") || !one.Allows(SendToGroup, "b") || !one.Allows(JoinLeaveGroup, "a") {
			t.Errorf("%s: the change is about a alone", name)
		}
		third, _ := NewPermissions(both)
		if !other.Allows(SendToGroup, "a") || !third.Allows(SendToGroup, "a") {
			t.Errorf("%s: the change reached others", name)
		}
	}
	mixed, _ := NewPermissions([]string{"webpubsub.joinLeaveGroup.a", "webpubsub.sendToGroup"})
	send, _ := NewPermissions([]string{"webpubsub.sendToGroup"})
	if !mixed.Allows(JoinLeaveGroup, "a") || mixed.Allows(JoinLeaveGroup, "b") || !mixed.Allows(SendToGroup, "b") {
		t.Error("the order of roles matters")
	}
	if send.Allows(JoinLeaveGroup, "a") || !send.Allows(SendToGroup, "a") {
		t.Error("one kind is both")
	}
}
