package connection

import (
	"fmt"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// groupStates is in which groups the connection has a state, and which it watches.
//
// Source: JSON subprotocol, group state.
type groupStates struct {
	set, watched map[webpubsub.GroupName]struct{}
	updated      time.Time // the latest time given out
}

// stamp is the time of a change: now in milliseconds, and later than the one before.
func (g *groupStates) stamp(now time.Time) time.Time {
	now = now.Truncate(time.Millisecond)
	if !now.After(g.updated) {
		now = g.updated.Add(time.Millisecond)
	}
	g.updated = now
	return now
}

// add adds to one of the two sets; false when it has as many as it may.
func add(set *map[webpubsub.GroupName]struct{}, g webpubsub.GroupName) bool {
	if _, known := (*set)[g]; !known && len(*set) >= webpubsub.MaxGroupStates {
		return false
	}
	if *set == nil {
		*set = map[webpubsub.GroupName]struct{}{}
	}
	(*set)[g] = struct{}{}
	return true
}

func (s *State) groupState(now time.Time, r wire.Request) []Effect {
	switch r.Type {
	case wire.SetGroupState:
		return s.setGroupState(now, r)
	case wire.SubscribeGroupState:
		if !add(&s.need().groups.watched, r.Group) {
			return s.nack(r, wire.ErrForbidden, fmt.Sprintf("The connection is subscribed to the state of %d groups; that is the limit.", webpubsub.MaxGroupStates))
		}
		return s.succeed(r, Watch{r.Group})
	default:
		delete(s.seldom().groups.watched, r.Group)
		return s.succeed(r, Unwatch{r.Group})
	}
}

func (s *State) setGroupState(now time.Time, r wire.Request) []Effect {
	if r.State == nil {
		if _, set := s.seldom().groups.set[r.Group]; !set {
			return s.succeed(r)
		}
		delete(s.rare.groups.set, r.Group)
	} else if !add(&s.need().groups.set, r.Group) {
		return s.nack(r, wire.ErrForbidden, fmt.Sprintf("The connection has a state in %d groups; that is the limit.", webpubsub.MaxGroupStates))
	}
	return s.succeed(r, SetState{r.Group, r.State, s.rare.groups.stamp(now)})
}
