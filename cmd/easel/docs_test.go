package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocs_tellOfEveryCommandAndFlag reads docs/cli.md: a row for each command, with its
// own flags, and somewhere those that many have.
func TestDocs_tellOfEveryCommandAndFlag(t *testing.T) {
	text, err := os.ReadFile("../../docs/cli.md")
	check(t, err)
	running, managing, found := strings.Cut(string(text), "\n## Managing\n")
	if !found {
		t.Fatal("docs/cli.md has no part about managing")
	}
	common, _, _ := strings.Cut(managing, "\n### ")
	flag := regexp.MustCompile(`(?m)^  -(\S+)`)
	for _, c := range commands() {
		row := regexp.MustCompile(`(?m)^\| ` + "`easel " + regexp.QuoteMeta(c.name) + "`" + ` \|.*$`).FindString(string(text))
		if row == "" {
			t.Errorf("docs/cli.md has no row for easel %s", c.name)
			continue
		}
		within := row + common
		if strings.HasPrefix(c.name, "bench ") {
			_, measuring, _ := strings.Cut(managing, "\n### Measuring\n")
			within += measuring
		}
		if c.name == "serve" || c.name == "pubsub" {
			within = running
		}
		help, _, _ := easel(nil, append(strings.Fields(c.name), "-h")...)
		for _, f := range flag.FindAllStringSubmatch(help, -1) {
			name := "--" + f[1]
			if len(f[1]) == 1 {
				name = "-" + f[1]
			}
			if !strings.Contains(within, "`"+name+"`") {
				t.Errorf("docs/cli.md does not tell of %s of easel %s", name, c.name)
			}
		}
	}
}
