package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/storage/sqlite"
	"github.com/easelhq/easel/whiteboard"
)

const drawnHash = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

// drawn makes a data folder with a board of two entries, an image and a name.
func drawn(t *testing.T) (dir string, id whiteboard.BoardID) {
	dir, id = t.TempDir(), whiteboard.NewBoardID()
	withBoards(t, dir, func(ctx context.Context, db *sqlite.DB) {
		check(t, db.CreateBoard(ctx, whiteboard.Board{ID: id, CreatedAt: time.UnixMilli(1_788_220_800_000), Links: whiteboard.NewLinks()}))
		check(t, db.SetPerson(ctx, whiteboard.Person{ID: "u1", Name: "Ann"}))
		check(t, db.PutAsset(ctx, whiteboard.Asset{Hash: drawnHash, Type: "image/png", Data: []byte("hello\n")}))
		state := whiteboard.NewBoardState(nil)
		for i, patch := range []string{`{"kind":"rect","image":"` + drawnHash + `"}`, `{"kind":"line"}`} {
			var b whiteboard.Batch
			text := `{"c":"actor00001","n":` + string(rune('1'+i)) + `,"ops":[["0mf1a000000` + string(rune('0'+i)) + `","r1",` + patch + `]]}`
			check(t, json.Unmarshal([]byte(text), &b))
			state.Apply(b.Ops...)
			entry := whiteboard.Entry{Seq: uint64(i + 1), User: "u1", At: time.UnixMilli(1_788_220_900_000), Batch: b}
			check(t, db.Commit(ctx, whiteboard.Commit{Board: id, Entry: entry, Records: state.Records()}))
		}
	})
	return dir, id
}

func withBoards(t *testing.T, dir string, do func(context.Context, *sqlite.DB)) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), dir)
	check(t, err)
	do(t.Context(), db)
	check(t, db.Close())
}

func recordsOf(t *testing.T, dir string, id whiteboard.BoardID) (text string) {
	withBoards(t, dir, func(ctx context.Context, db *sqlite.DB) {
		s, err := db.Snapshot(ctx, id)
		check(t, err)
		text = string(s.Append(nil))
	})
	return text
}

func TestBoard_exported_isTheSameWhereItIsImported(t *testing.T) {
	dir, id := drawn(t)
	file, errs, code := easel(nil, "board", "export", "--board", string(id), "--data", dir)
	if code != 0 {
		t.Fatal(errs)
	}
	other := t.TempDir()
	var out, stderr strings.Builder
	check(t, run(t.Context(), []string{"board", "import", "--data", other}, func(string) string { return "" }, strings.NewReader(file), &out, &stderr))
	var row boardRow
	check(t, json.Unmarshal([]byte(out.String()), &row))
	if row.ID == id || row.Entries != 2 || !strings.HasPrefix(row.EditPath, "/b/"+string(row.ID)+"#") {
		t.Errorf("imported as %+v", row)
	}
	if got, want := recordsOf(t, other, row.ID), recordsOf(t, dir, id); got != want {
		t.Errorf("records are %s, want %s", got, want)
	}
	again, _, _ := easel(nil, "board", "export", "--board", string(row.ID), "--data", other)
	if _, got, _ := strings.Cut(again, "\n"); !strings.HasSuffix(file, got) || !strings.Contains(got, `"Ann"`) || !strings.Contains(got, "aGVsbG8K") {
		t.Errorf("exported again: %s, want %s", again, file)
	}
	list, _, _ := easel(nil, "board", "list", "-o", "tsv", "--data", other)
	if !strings.HasPrefix(list, string(row.ID)+"\t2026-09-01 00:00:00\t2\t") || strings.Count(list, "\n") != 1 {
		t.Errorf("list %q", list)
	}
}

func TestBoard_backedUp_isRestoredElsewhere(t *testing.T) {
	dir, id := drawn(t)
	file := filepath.Join(t.TempDir(), "backup.db")
	if _, errs, code := easel(nil, "board", "backup", "--to", file, "--data", dir); code != 0 {
		t.Fatal(errs)
	}
	info, err := os.Stat(file)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has mode %v", info.Mode())
	}
	if _, errs, code := easel(nil, "board", "backup", "--to", file, "--data", dir); code != 1 || !strings.Contains(errs, "exists") {
		t.Errorf("a backup over another: %d %s", code, errs)
	}
	other := filepath.Join(t.TempDir(), "new")
	if _, errs, code := easel(nil, "board", "restore", "--from", file, "--data", other); code != 0 {
		t.Fatal(errs)
	}
	if got, want := recordsOf(t, other, id), recordsOf(t, dir, id); got != want {
		t.Errorf("records are %s, want %s", got, want)
	}
	if _, errs, code := easel(nil, "board", "restore", "--from", file, "--data", other); code != 1 || !strings.Contains(errs, "exists") {
		t.Errorf("a restore over a database: %d %s", code, errs)
	}
}

func TestBoardImport_ofSomethingElse_isRefused(t *testing.T) {
	dir := t.TempDir()
	const head = `{"format":"easel-board","version":1}` + "\n"
	for _, input := range []string{"", "{}\n", "not JSON\n", `{"format":"easel-board","version":9}` + "\n", `{"format":"easel-board","version":1}` + "\n{\"entry\":{\"q\":1}}\n",
		head + `{"entry":{"q":2,"u":"u1","t":1788220900000,"c":"actor00001","n":1,"ops":[["0mf1a0000001","r1",{"kind":"line"}]]}}` + "\n",
		head + `{"asset":{"Hash":"` + drawnHash + `","Type":"image/png","Data":"AAAA"}}` + "\n",
	} {
		var out strings.Builder
		err := run(t.Context(), []string{"board", "import", "--data", dir}, func(string) string { return "" }, strings.NewReader(input), &out, &out)
		if err == nil || out.Len() > 0 {
			t.Errorf("%q: %v, printed %q", input, err, out.String())
		}
	}
	list, _, _ := easel(nil, "board", "list", "-o", "tsv", "--data", dir)
	if list != "" {
		t.Errorf("boards are left: %s", list)
	}
}

func TestBoardExport_asPicture(t *testing.T) {
	dir := t.TempDir()
	var out strings.Builder
	const file = `{"format":"easel-board","version":1}
{"entry":{"q":1,"u":"u1","t":1788220900000,"c":"actor00001","n":1,"ops":[["0mf1a0000001","r1",{"kind":"rect","at":[0,0],"size":[100,50],"z":"a1","width":2}]]}}
`
	check(t, run(t.Context(), []string{"board", "import", "--data", dir}, func(string) string { return "" }, strings.NewReader(file), &out, &out))
	var row boardRow
	check(t, json.Unmarshal([]byte(out.String()), &row))
	export := func(args ...string) (string, string, int) {
		return easel(nil, append([]string{"board", "export", "--data", dir, "--board", string(row.ID)}, args...)...)
	}
	svg, errs, code := export("--format", "svg", "--padding", "0")
	if code != 0 || !strings.Contains(svg, `viewBox="-1 -1 102 52"`) {
		t.Errorf("svg: %d %s %.200s", code, errs, svg)
	}
	to := filepath.Join(dir, "board.png")
	if _, errs, code := export("--format", "png", "--scale", "2", "--background=false", "--theme", "dark", "--out", to); code != 0 {
		t.Errorf("png: %d %s", code, errs)
	}
	picture, err := os.ReadFile(to)
	check(t, err)
	if !strings.HasPrefix(string(picture), "\x89PNG") {
		t.Errorf("the file begins with %.8q", picture)
	}
	for want, args := range map[string][]string{
		"allowed: json, svg, png": {"--format", "gif"},
		"allowed: light, dark":    {"--format", "png", "--theme", "blue"},
		"0.1 to 4":                {"--format", "png", "--scale", "9", "--out", filepath.Join(dir, "none.png")},
		"not on the board":        {"--format", "svg", "--frame", "f1"},
		"a folder is expected":    {"--format", "png", "--fonts", filepath.Join(dir, "nowhere")},
	} {
		if _, errs, code := export(args...); code == 0 || !strings.Contains(errs, want) {
			t.Errorf("%v: %d %s, want %q", args, code, errs, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.png")); err == nil {
		t.Error("a picture that failed left a file")
	}
}
