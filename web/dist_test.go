package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sourcesDigest is the digest that scripts/sources.mjs describes, of the project's tree.
func sourcesDigest(tree fs.FS) (string, error) {
	names := []string{"web/index.html", "web/package.json", "web/package-lock.json", "web/tsconfig.json", "web/vite.config.ts"}
	for _, folder := range []string{"web/src", "web/public", "whiteboard/outlines"} {
		err := fs.WalkDir(tree, folder, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && isBuilt(name) {
				names = append(names, name)
			}
			return err
		})
		if err != nil {
			return "", err
		}
	}
	slices.Sort(names)
	var lines strings.Builder
	for _, name := range names {
		content, err := fs.ReadFile(tree, name)
		if err != nil {
			return "", err
		}
		lines.WriteString(name + "  " + sum(content) + "\n")
	}
	return sum([]byte(lines.String())), nil
}

func isBuilt(name string) bool {
	if strings.HasPrefix(name, "whiteboard/") {
		return strings.HasSuffix(name, ".json")
	}
	return !strings.HasSuffix(name, ".test.ts") && !strings.HasPrefix(name, "web/src/testing/")
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func TestDist_isBuiltFromTheseSources(t *testing.T) {
	want, err := sourcesDigest(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	built, err := os.ReadFile("dist/SOURCES")
	if err != nil {
		t.Fatalf("%v; run make web", err)
	}
	if got := strings.TrimSpace(string(built)); got != want {
		t.Errorf("dist was built from other sources (%s, these are %s); run make web and commit dist with them", got, want)
	}
}

func TestSourcesDigest_changesWithEverySourceAndNothingElse(t *testing.T) {
	tree := func(changes map[string]string) fs.FS {
		files := fstest.MapFS{}
		for _, name := range []string{
			"web/index.html", "web/package.json", "web/package-lock.json", "web/tsconfig.json", "web/vite.config.ts",
			"web/src/main.ts", "web/src/board/merge.ts", "web/src/board/merge.test.ts", "web/src/testing/random.ts",
			"web/public/icon.svg", "web/e2e/drawing.spec.ts", "web/dist/index.html", "whiteboard/outlines/star.json",
		} {
			files[name] = &fstest.MapFile{Data: []byte("content of " + name)}
		}
		for name, content := range changes {
			files[name] = &fstest.MapFile{Data: []byte(content)}
		}
		return files
	}
	digest := func(tree fs.FS) string {
		d, err := sourcesDigest(tree)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	base := digest(tree(nil))
	for name, counts := range map[string]bool{
		"web/src/main.ts": true, "web/src/board/merge.ts": true, "web/src/new.vue": true, "web/public/icon.svg": true,
		"web/package-lock.json": true, "web/index.html": true, "whiteboard/outlines/star.json": true, "whiteboard/outlines/new.json": true,
		"web/src/board/merge.test.ts": false, "web/src/testing/random.ts": false, "web/e2e/drawing.spec.ts": false,
		"web/dist/index.html": false, "web/README.md": false, "whiteboard/outlines/outlines.go": false, "whiteboard/board.go": false,
	} {
		if changed := digest(tree(map[string]string{name: "other"})) != base; changed != counts {
			t.Errorf("a change of %s changes the digest: %v, want %v", name, changed, counts)
		}
	}
}
