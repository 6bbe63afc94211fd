package story

import (
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// Causes of a role without effect.
const (
	RoleUnknown    = "roleUnknown"
	RoleMisspelled = "roleMisspelled"
	RolePattern    = "rolePattern"   // the pattern is invalid
	RoleTooMany    = "roleTooMany"   // more than count
	RoleGroupName  = "roleGroupName" // the group's name is invalid
)

const rolePrefix = "webpubsub."

// maxIgnored is how many ignored roles of one connection are explained.
const maxIgnored = 8

// IgnoredRoles explains roles that [webpubsub.NewPermissions] ignored.
func IgnoredRoles(ignored []string, by string) []Facts {
	list := make([]Facts, 0, min(len(ignored), maxIgnored))
	for _, role := range ignored[:cap(list)] {
		f := Facts{Kind: KindRoleIgnored, By: by, Role: role}
		f.Cause, f.Expected, f.Detail = explainRole(role)
		list = append(list, f)
	}
	return list
}

func explainRole(role string) (cause, expected, detail string) {
	kind, target, targeted := strings.Cut(strings.TrimPrefix(role, rolePrefix), ".")
	for _, p := range []webpubsub.Permission{webpubsub.JoinLeaveGroup, webpubsub.SendToGroup} {
		if !strings.HasPrefix(role, rolePrefix) {
			break
		}
		switch kind {
		case p.String():
			if _, err := webpubsub.ParseGroupName(target); err != nil {
				return RoleGroupName, "", webpubsub.MessageOf(err)
			}
			return RoleTooMany, "", p.String()
		case p.String() + "s":
			if _, err := webpubsub.ParsePattern(target); targeted && err != nil {
				return RolePattern, "", webpubsub.MessageOf(err)
			}
			if !targeted {
				return RoleMisspelled, rolePrefix + p.String(), ""
			}
			return RoleTooMany, "", p.String()
		}
	}
	if near := nearestRole(role); near != "" {
		return RoleMisspelled, near, ""
	}
	return RoleUnknown, "", ""
}

// nearestRole is what a role was probably meant to be; empty when nothing is near.
func nearestRole(role string) string {
	rest := role
	if head, tail, ok := strings.Cut(role, "."); ok && distance(strings.ToLower(head), "webpubsub") <= 2 {
		rest = tail
	}
	kind, target, targeted := strings.Cut(rest, ".")
	best, most := "", 3
	for _, p := range []webpubsub.Permission{webpubsub.SendToGroup, webpubsub.JoinLeaveGroup} {
		for _, name := range []string{p.String(), p.String() + "s"} {
			if d := distance(strings.ToLower(kind), strings.ToLower(name)); d < most {
				best, most = name, d
			}
		}
	}
	for _, word := range []string{"joinGroup", "leaveGroup"} {
		if strings.EqualFold(kind, word) {
			best = webpubsub.JoinLeaveGroup.String()
		}
	}
	switch {
	case best == "":
		return ""
	case targeted && target != "":
		return rolePrefix + best + "." + target
	}
	return rolePrefix + strings.TrimSuffix(best, "s")
}

// distance is how many characters have to be added, removed or replaced; texts of more than
// 32 bytes are far away from everything.
func distance(a, b string) int {
	if len(a) > 32 || len(b) > 32 {
		return 32
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
