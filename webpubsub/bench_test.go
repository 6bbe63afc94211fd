package webpubsub

import (
	"fmt"
	"testing"
)

var roleSets = map[string][]string{
	"all":     {"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"},
	"group":   {"webpubsub.joinLeaveGroup.b.Ab3dEf9hIjKl", "webpubsub.sendToGroup.b.Ab3dEf9hIjKl"},
	"pattern": {"webpubsub.joinLeaveGroups.b.Ab3dEf9hIjKl.*", "webpubsub.sendToGroups.b.Ab3dEf9hIjKl.*"},
	"1000":    manyRoles(1000),
}

func manyRoles(n int) (roles []string) {
	for i := range n {
		roles = append(roles, fmt.Sprintf("webpubsub.sendToGroup.b.%d", i))
	}
	return roles
}

func BenchmarkAllows(b *testing.B) {
	for _, name := range []string{"all", "group", "pattern", "1000"} {
		b.Run("roles="+name, func(b *testing.B) {
			p, _ := NewPermissions(roleSets[name])
			b.ReportAllocs()
			for b.Loop() {
				p.Allows(SendToGroup, "b.Ab3dEf9hIjKl.l")
			}
		})
	}
}

func BenchmarkNewPermissions(b *testing.B) {
	for _, name := range []string{"all", "group", "pattern", "1000"} {
		b.Run("roles="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NewPermissions(roleSets[name])
			}
		})
	}
}
