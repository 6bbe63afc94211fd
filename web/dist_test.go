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

// sourcesDigest is the digest that scripts/sources.mjs describes, of the tree web/.
func sourcesDigest(tree fs.FS) (string, error) {
	names := []string{"index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"}
	for _, folder := range []string{"src", "public"} {
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
	return !strings.HasSuffix(name, ".test.ts") && !strings.HasPrefix(name, "src/testing/")
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func TestDist_isBuiltFromTheseSources(t *testing.T) {
	want, err := sourcesDigest(os.DirFS("."))
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
			"index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts",
			"src/main.ts", "src/board/merge.ts", "src/board/merge.test.ts", "src/testing/random.ts",
			"public/icon.svg", "e2e/drawing.spec.ts", "dist/index.html",
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
		"src/main.ts": true, "src/board/merge.ts": true, "src/new.vue": true, "public/icon.svg": true,
		"package-lock.json": true, "index.html": true,
		"src/board/merge.test.ts": false, "src/testing/random.ts": false, "e2e/drawing.spec.ts": false,
		"dist/index.html": false, "README.md": false,
	} {
		if changed := digest(tree(map[string]string{name: "other"})) != base; changed != counts {
			t.Errorf("a change of %s changes the digest: %v, want %v", name, changed, counts)
		}
	}
}
