// Package docs_test keeps the documents true to the code.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	root  = "../.."
	table = "docs/compatibility.md"
)

// below are the folders in which the table's files are looked for.
var below = []string{".", "webpubsub", "webpubsub/internal", "webpubsub/webpubsubtest", "test"}

var quoted = regexp.MustCompile("`([^`]+)`")

func TestCompatibility_everyTestItNames_isThere(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, table))
	if err != nil {
		t.Fatal(err)
	}
	features := 0
	for n, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) < 2 || !strings.HasPrefix(cells[1], "supported") &&
			!strings.HasPrefix(cells[1], "different") && !strings.HasPrefix(cells[1], "not yet") {
			continue
		}
		features++
		for _, problem := range checkRow(cells) {
			t.Errorf("%s:%d: %s: %s", table, n+1, cells[0], problem)
		}
	}
	if features < 60 {
		t.Errorf("only %d features were found in %s", features, table)
	}
}

// checkRow tells what is wrong with a row: a feature, its state, and its tests.
func checkRow(cells []string) (problems []string) {
	missing := strings.HasPrefix(cells[1], "not yet")
	if (len(cells) < 3) != missing {
		return []string{"a feature has tests unless it is not there yet"}
	}
	if missing {
		return nil
	}
	for _, ref := range quoted.FindAllStringSubmatch(cells[2], -1) {
		file, name, _ := strings.Cut(ref[1], ": ")
		if problem := checkTest(file, name); problem != "" {
			problems = append(problems, ref[1]+": "+problem)
		}
	}
	return problems
}

// checkTest tells whether exactly one of the folders has a file with that name in it.
func checkTest(file, name string) string {
	found := 0
	for _, dir := range below {
		text, err := os.ReadFile(filepath.Join(root, dir, file))
		if err == nil && strings.Contains(string(text), name) {
			found++
		}
	}
	switch found {
	case 0:
		return "there is no such file, or no such test in it"
	case 1:
		return ""
	}
	return "more than one file is meant"
}

func TestCheckRow_catches(t *testing.T) {
	for want, cells := range map[string][]string{
		"no such file":                {"a", "supported", "`token/nowhere_test.go: TestVerify`"},
		"no such test":                {"a", "supported", "`token/token_test.go: TestNothingOfTheKind`"},
		"unless it is not there yet":  {"a", "different"},
		"unless it is not there yet ": {"a", "not yet", "`token/token_test.go: TestVerify`"},
	} {
		if got := strings.Join(checkRow(cells), "; "); !strings.Contains(got, strings.TrimSpace(want)) {
			t.Errorf("%v: %q, want %q", cells, got, want)
		}
	}
}
