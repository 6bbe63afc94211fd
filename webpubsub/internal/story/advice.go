package story

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// Surroundings are what advice has to know besides a story.
type Surroundings struct {
	Settings webpubsub.Hub // of the story's hub
	Now      time.Time
	// KeyReplaced is when an access key was replaced; zero is never.
	KeyReplaced time.Time
}

// rule explains a cause. Rules of a lower rank are told first.
type rule struct {
	rank int
	hint bool
	say  func(*view, webpubsub.StoryEntry) (cause, remedy string)
}

// The ranks: what kept the client out, what closed it, what failed, what had no effect, and
// what may be intended.
const (
	rankRefused = iota
	rankClosed
	rankHandler
	rankFrame
	rankPermission
	rankNobody
	rankHint
)

// rules are all that is known of causes.
var rules = merge(tokenRules, handshakeRules, handlerRules, consentRules, roleRules, frameRules, groupRules, closeRules, restRules)

func merge(tables ...map[string]rule) map[string]rule {
	all := map[string]rule{}
	for _, t := range tables {
		for cause, r := range t {
			if _, twice := all[cause]; twice {
				panic("story: two rules for " + cause)
			}
			all[cause] = r
		}
	}
	return all
}

// view is a story with its surroundings, for rules.
type view struct {
	webpubsub.Story
	Surroundings
}

type finding struct {
	webpubsub.StoryAdvice
	rank  int
	first time.Time
}

// Advise says what is probably wrong in a story and what to do, the most important first.
func Advise(s webpubsub.Story, around Surroundings) []webpubsub.StoryAdvice {
	v := &view{s, around}
	var all []finding
	for _, e := range s.Entries {
		r, ok := rules[e.Cause]
		if !ok || v.worksAgain(e) {
			continue
		}
		cause, remedy := r.say(v, e)
		if cause == "" { // another entry says more
			continue
		}
		all = append(all, finding{webpubsub.StoryAdvice{Hint: r.hint, Cause: cause, Remedy: remedy}, r.rank, e.At})
	}
	all = append(all, v.hints(len(all) > 0)...)
	slices.SortStableFunc(all, func(a, b finding) int { return cmp.Compare(a.rank, b.rank) })
	advice := []webpubsub.StoryAdvice{}
	for _, f := range all {
		if !slices.Contains(advice, f.StoryAdvice) {
			advice = append(advice, f.StoryAdvice)
		}
	}
	return advice
}

// hints are about the story as a whole.
func (v *view) hints(trouble bool) []finding {
	var all []finding
	hint := func(cause, remedy string) {
		all = append(all, finding{webpubsub.StoryAdvice{Hint: true, Cause: cause, Remedy: remedy}, rankHint, v.Latest})
	}
	connected := v.has(KindAccepted)
	if v.Traffic.NoEcho > 0 {
		hint(fmt.Sprintf("The client published %s with noEcho, which are not sent back to itself.", messages(v.Traffic.NoEcho)),
			"Leave noEcho out, or false, when the sender should see its own messages.")
	}
	if connected && len(v.groups()) == 0 && len(v.Settings.EventHandlers) > 0 && !v.handles("connect") {
		hint("The connection was in no group, and no event handler of the hub takes the connect event, so no handler could put it into one.",
			"If a connect handler should give groups, roles or a user id, "+v.addSystemEvent("connect")+".")
	}
	if v.State == webpubsub.StoryOpen && v.Subprotocol == "" && v.Traffic.Received == 0 && connected && !trouble {
		hint("The client negotiated no subprotocol: it gets bare payloads, and no connected frame or acks.",
			"Offer json.webpubsub.azure.v1 as the WebSocket subprotocol if it should join groups and get acks.")
	}
	return all
}

func messages(n int64) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}

func (v *view) has(kind string) bool {
	return slices.ContainsFunc(v.Entries, func(e webpubsub.StoryEntry) bool { return e.Kind == kind })
}

// roles are those that the connection has and that mean something, as far as they are
// recorded.
func (v *view) roles() (roles []string) {
	var ignored []string
	for _, e := range v.Entries {
		switch e.Kind {
		case KindRoles: // a handler's replace the token's
			roles = split(e.Found)
		case KindRoleIgnored:
			ignored = append(ignored, e.Role)
		}
	}
	return slices.DeleteFunc(roles, func(r string) bool { return slices.Contains(ignored, r) })
}

// worksAgain reports whether e is a handler's failure, and the handler worked later.
func (v *view) worksAgain(e webpubsub.StoryEntry) bool {
	if e.Kind != KindHandler && e.Kind != KindAttempt {
		return false
	}
	return slices.ContainsFunc(v.Entries, func(o webpubsub.StoryEntry) bool {
		return o.Kind == KindWorks && hostOf(o.URL) == hostOf(e.URL) && latest(o).After(latest(e))
	})
}

func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return rawURL
	}
	return u.Host
}

func latest(e webpubsub.StoryEntry) time.Time {
	if e.Last.After(e.At) {
		return e.Last
	}
	return e.At
}

// groups are those the connection was ever in, as far as they are recorded.
func (v *view) groups() (groups []string) {
	for _, e := range v.Entries {
		switch e.Kind {
		case KindGroups:
			groups = append(groups, split(e.Found)...)
		case KindJoined:
			groups = append(groups, e.Group)
		}
	}
	return groups
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ", ")
}

// handles reports whether a handler of the hub takes a system event.
func (v *view) handles(event string) bool {
	return slices.ContainsFunc(v.Settings.EventHandlers, func(h webpubsub.EventHandler) bool {
		return slices.ContainsFunc(h.SystemEvents, func(s string) bool { return strings.EqualFold(s, event) })
	})
}

func (v *view) addSystemEvent(event string) string {
	return fmt.Sprintf("add system-event=%s to the handler (easel hub update --hub-name %s --event-handler …)", event, v.Hub)
}

// takes reports whether a handler of the hub takes a user event now.
func (v *view) takes(event string) bool {
	for _, h := range v.Settings.EventHandlers {
		for item := range strings.SplitSeq(h.UserEventPattern, ",") {
			item = strings.TrimSpace(item)
			if item == "*" || matches(strings.ToLower(item), strings.ToLower(event)) {
				return true
			}
		}
	}
	return false
}

// patterns are the user event patterns of the hub's handlers.
func (v *view) patterns() string {
	var list []string
	for _, h := range v.Settings.EventHandlers {
		if h.UserEventPattern != "" {
			list = append(list, fmt.Sprintf("%q", h.UserEventPattern))
		}
	}
	return strings.Join(list, ", ")
}

// ago is how long before now a time was, roughly.
func (v *view) ago(t time.Time) string { return duration(v.Now.Sub(t)) }

func duration(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// Explain fills in the advice of stories the recorder returned.
func (r *Recorder) Explain(settings webpubsub.Settings, stories ...*webpubsub.Story) {
	if r == nil {
		return
	}
	r.mu.Lock()
	around := Surroundings{Now: r.now(), KeyReplaced: r.replaced}
	r.mu.Unlock()
	for _, s := range stories {
		around.Settings = settings.Hubs[s.Hub]
		s.Advice = Advise(*s, around)
	}
}

// Explanation is what Advise says of one entry alone.
func Explanation(hub webpubsub.HubName, settings webpubsub.Hub, f Facts) []webpubsub.StoryAdvice {
	return Advise(webpubsub.Story{Hub: hub, Entries: []webpubsub.StoryEntry{{Count: 1, StoryFacts: f}}}, Surroundings{Settings: settings})
}
