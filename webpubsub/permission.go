package webpubsub

import (
	"cmp"
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

var (
	permissionNames = [...]string{"joinLeaveGroup", "sendToGroup"}
	pluralNames     = [...]string{"joinLeaveGroups", "sendToGroups"} // of roles with patterns
)

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
	rules *rules // nil is nothing; one of plain for most
}

// rules of groups decide first, then patterns, then all.
type rules struct {
	all      [len(permissionNames)]bool
	groups   []groupRule // in order of kind, then group
	patterns []patternRule
}

// plain are the rules that say nothing of single groups or patterns, by what they allow. All who
// have such rules share them: they are never changed.
var plain = [1 << len(permissionNames)]rules{1: {all: [...]bool{true, false}}, 2: {all: [...]bool{false, true}}, 3: {all: [...]bool{true, true}}}

func (r *rules) plain() bool { return r.groups == nil && r.patterns == nil }

type groupRule struct {
	group   GroupName
	kind    Permission
	allowed bool
}

type patternRule struct {
	Pattern
	kind Permission
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
			return p.addGroup(Permission(i), target, len(rest) > len(kind))
		case pluralNames[i]:
			return p.addPattern(Permission(i), target)
		}
	}
	return false
}

func (p *Permissions) addGroup(kind Permission, name string, single bool) bool {
	if !single {
		p.allowAll(kind)
		return true
	}
	g, err := ParseGroupName(name)
	return err == nil && p.set(kind, g, true) == nil
}

func (p *Permissions) addPattern(kind Permission, text string) bool {
	pattern, err := ParsePattern(text)
	switch {
	case err != nil:
		return false
	case text == "**":
		p.allowAll(kind)
		return true
	}
	if g, ok := pattern.Literal(); ok {
		return p.set(kind, GroupName(g), true) == nil
	}
	p.needRules()
	if p.countPatterns(kind) == MaxPermissionPatterns {
		return false
	}
	p.rules.patterns = append(p.rules.patterns, patternRule{pattern, kind})
	return true
}

func (p *Permissions) allowAll(kind Permission) {
	if p.rules != nil && !p.rules.plain() {
		p.rules.all[kind] = true
		return
	}
	which := 1 << kind
	for i, all := range p.all() {
		if all {
			which |= 1 << i
		}
	}
	p.rules = &plain[which]
}

func (p *Permissions) all() (all [len(permissionNames)]bool) {
	if p.rules != nil {
		all = p.rules.all
	}
	return all
}

// needRules is for adding a rule.
func (p *Permissions) needRules() {
	if p.rules == nil || p.rules.plain() {
		p.rules = &rules{all: p.all()}
	}
}

func (p *Permissions) countPatterns(kind Permission) (n int) {
	for i := range p.rules.patterns {
		if p.rules.patterns[i].kind == kind {
			n++
		}
	}
	return n
}

// find returns where the rule of one group is, or belongs.
func (p *Permissions) find(kind Permission, g GroupName) (at int, found bool) {
	if p.rules == nil {
		return 0, false
	}
	return slices.BinarySearchFunc(p.rules.groups, g, func(r groupRule, g GroupName) int {
		return cmp.Or(cmp.Compare(r.kind, kind), strings.Compare(string(r.group), string(g)))
	})
}

// set grants or denies one group. Errors: Conflict.
func (p *Permissions) set(kind Permission, g GroupName, allowed bool) error {
	at, known := p.find(kind, g)
	if known {
		p.rules.groups[at].allowed = allowed
		return nil
	}
	p.needRules()
	from, _ := p.find(kind, "")
	to, _ := p.find(kind+1, "")
	if to-from >= MaxPermissionGroups {
		return Errorf(Conflict, "the connection has permissions for %d groups; that is the limit", MaxPermissionGroups)
	}
	// The name may be a part of something large, such as a token.
	p.rules.groups = slices.Insert(p.rules.groups, at, groupRule{GroupName(strings.Clone(string(g))), kind, allowed})
	return nil
}

// unset leaves a group to patterns and all.
func (p *Permissions) unset(kind Permission, g GroupName) {
	if at, known := p.find(kind, g); known {
		p.rules.groups = slices.Delete(p.rules.groups, at, at+1)
	}
}

// covered reports whether g is allowed whatever is said of g alone.
func (p *Permissions) covered(kind Permission, g GroupName) bool {
	if p.rules == nil || p.rules.all[kind] {
		return p.rules != nil
	}
	for i := range p.rules.patterns {
		if r := &p.rules.patterns[i]; r.kind == kind && r.Match(string(g)) {
			return true
		}
	}
	return false
}

// Allows reports whether the permission holds for g.
func (p *Permissions) Allows(kind Permission, g GroupName) bool {
	if at, said := p.find(kind, g); said {
		return p.rules.groups[at].allowed
	}
	return p.covered(kind, g)
}

// Grant allows one group, taken literally. Errors: Conflict when [MaxPermissionGroups] is
// reached. Source: REST API, Grant Permission.
func (p *Permissions) Grant(kind Permission, g GroupName) error {
	if p.covered(kind, g) {
		p.unset(kind, g)
		return nil
	}
	return p.set(kind, g, true)
}

// Revoke denies one group, also when a wildcard role covers it. Errors: Conflict when
// [MaxPermissionGroups] is reached. Source: REST API, Revoke Permission.
func (p *Permissions) Revoke(kind Permission, g GroupName) error {
	if !p.covered(kind, g) {
		p.unset(kind, g)
		return nil
	}
	return p.set(kind, g, false)
}
