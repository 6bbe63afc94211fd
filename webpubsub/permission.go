package webpubsub

import (
	"slices"
	"strings"
)

// Permission is what a client may do with a group.
type Permission uint8

// The permissions.
const (
	JoinLeaveGroup Permission = iota
	SendToGroup
)

var permissionNames = [...]string{"joinLeaveGroup", "sendToGroup"}

// String returns the word used in roles and REST paths.
func (p Permission) String() string { return permissionNames[p] }

// ParsePermission reads a permission as REST paths spell it: in any case, or as the number
// 1 (sendToGroup) or 2 (joinLeaveGroup). Errors: BadRequest.
func ParsePermission(s string) (Permission, error) {
	switch strings.ToLower(s) {
	case "joinleavegroup", "2":
		return JoinLeaveGroup, nil
	case "sendtogroup", "1":
		return SendToGroup, nil
	}
	return 0, Errorf(BadRequest, "permission %q is unknown: sendToGroup or joinLeaveGroup", clip(s))
}

// Limits of a connection's permissions, for each kind.
const (
	// MaxPermissionPatterns is how many wildcard roles count; more are ignored.
	MaxPermissionPatterns = 10
	// MaxPermissionGroups is how many single groups are granted or denied.
	MaxPermissionGroups = 1000
)

// Permissions are a connection's rights. The zero value allows nothing. Not safe for
// concurrent use.
//
// Source: permissions of the JSON subprotocol.
type Permissions struct {
	of [len(permissionNames)]rules
}

// rules decide about one permission: single groups first, then patterns, then all.
type rules struct {
	groups   map[GroupName]bool // granted or denied
	patterns []Pattern
	all      bool
}

// NewPermissions reads roles. Roles that are unknown or malformed are ignored; they are
// returned so that they can be logged.
func NewPermissions(roles []string) (p *Permissions, ignored []string) {
	p = &Permissions{}
	for _, role := range roles {
		if !p.addRole(role) {
			ignored = append(ignored, role)
		}
	}
	return p, ignored
}

func (p *Permissions) addRole(role string) bool {
	rest, ok := strings.CutPrefix(role, "webpubsub.")
	if !ok {
		return false
	}
	kind, target, _ := strings.Cut(rest, ".")
	for i, name := range permissionNames {
		switch kind {
		case name:
			return p.of[i].addGroup(target, len(rest) > len(kind))
		case name + "s":
			return p.of[i].addPattern(target)
		}
	}
	return false
}

func (r *rules) addGroup(name string, single bool) bool {
	if !single {
		r.all = true
		return true
	}
	g, err := ParseGroupName(name)
	return err == nil && r.set(g, true) == nil
}

func (r *rules) addPattern(text string) bool {
	pattern, err := ParsePattern(text)
	switch {
	case err != nil:
		return false
	case text == "**":
		r.all = true
		return true
	}
	if g, ok := pattern.Literal(); ok {
		return r.set(GroupName(g), true) == nil
	}
	if len(r.patterns) == MaxPermissionPatterns {
		return false
	}
	r.patterns = append(r.patterns, pattern)
	return true
}

// set grants or denies one group. Errors: Conflict.
func (r *rules) set(g GroupName, allowed bool) error {
	if _, known := r.groups[g]; !known && len(r.groups) >= MaxPermissionGroups {
		return Errorf(Conflict, "the connection has permissions for %d groups; that is the limit", MaxPermissionGroups)
	}
	if r.groups == nil {
		r.groups = map[GroupName]bool{}
	}
	r.groups[g] = allowed
	return nil
}

// covered reports whether g is allowed whatever is said of g alone.
func (r *rules) covered(g GroupName) bool {
	return r.all || slices.ContainsFunc(r.patterns, func(p Pattern) bool { return p.Match(string(g)) })
}

// Allows reports whether the permission holds for g.
func (p *Permissions) Allows(kind Permission, g GroupName) bool {
	r := &p.of[kind]
	if allowed, said := r.groups[g]; said {
		return allowed
	}
	return r.covered(g)
}

// Grant allows one group, taken literally. Errors: Conflict when [MaxPermissionGroups] is
// reached. Source: REST API, Grant Permission.
func (p *Permissions) Grant(kind Permission, g GroupName) error {
	r := &p.of[kind]
	if r.covered(g) {
		delete(r.groups, g)
		return nil
	}
	return r.set(g, true)
}

// Revoke denies one group, also when a wildcard role covers it. Errors: Conflict when
// [MaxPermissionGroups] is reached. Source: REST API, Revoke Permission.
func (p *Permissions) Revoke(kind Permission, g GroupName) error {
	r := &p.of[kind]
	if !r.covered(g) {
		delete(r.groups, g)
		return nil
	}
	return r.set(g, false)
}
