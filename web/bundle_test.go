package web

import (
	"bytes"
	"compress/gzip"
	"os"
	"path"
	"regexp"
	"slices"
	"testing"
)

// What a board may weigh, gzipped, in bytes: the scripts and styles until the first stroke.
const maxFirstLoad = 130 << 10

var (
	staticImport = regexp.MustCompile(`(?:from|import)\s*"\./([\w.-]+\.js)"`)
	asset        = regexp.MustCompile(`(?:src|href)="/(assets/[\w.-]+\.(?:js|css))"`)
)

// TestDist_firstLoad_isLight adds up what a browser fetches before one can draw: what the
// page names, the board's own chunk, and what these import, with their styles. Chunks that
// are imported when something is opened don't count.
func TestDist_firstLoad_isLight(t *testing.T) {
	page, err := os.ReadFile("dist/index.html")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"assets/BoardPage.js"}
	for _, found := range asset.FindAllSubmatch(page, -1) {
		want = append(want, string(found[1]))
	}
	total := 0
	for i := 0; i < len(want); i++ {
		name := want[i]
		content, err := os.ReadFile("dist/" + name)
		if err != nil {
			t.Fatal(err)
		}
		size := zippedSize(t, content)
		total += size
		t.Logf("%6.1f KiB %s", float64(size)/1024, name)
		for _, next := range needs(name, content) {
			if !slices.Contains(want, next) {
				want = append(want, next)
			}
		}
	}
	t.Logf("%6.1f KiB in all", float64(total)/1024)
	if total > maxFirstLoad {
		t.Errorf("the first load of a board is %d bytes gzipped; the limit is %d", total, maxFirstLoad)
	}
}

// needs returns the files that a script can't do without.
func needs(name string, script []byte) []string {
	if path.Ext(name) != ".js" {
		return nil
	}
	var files []string
	for _, found := range staticImport.FindAllSubmatch(script, -1) {
		files = append(files, "assets/"+string(found[1]))
	}
	styles := name[:len(name)-len(".js")] + ".css"
	if _, err := os.Stat("dist/" + styles); err == nil {
		files = append(files, styles)
	}
	return files
}

func zippedSize(t *testing.T, content []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
