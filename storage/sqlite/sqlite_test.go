package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/easelhq/easel/internal/leaktest"
	"github.com/easelhq/easel/storage/storagetest"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/whiteboard"
)

// TestMain is also the child of the crash test. It fails the package when goroutines are left.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDirEnv); dir != "" {
		commitForever(dir)
	}
	os.Exit(leaktest.Main(m))
}

const boardID whiteboard.BoardID = "board0000001"

// openDB opens a database that the caller or, at the latest, the test's end closes.
func openDB(tb testing.TB, dir string) *DB {
	tb.Helper()
	db, err := Open(context.Background(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return db
}

func addBoard(tb testing.TB, db *DB, id whiteboard.BoardID) {
	tb.Helper()
	b := whiteboard.Board{ID: id, CreatedAt: time.UnixMilli(1), Links: whiteboard.NewLinks()}
	if err := db.CreateBoard(context.Background(), b); err != nil {
		tb.Fatal(err)
	}
}

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) whiteboard.Store { return openDB(t, t.TempDir()) })
}

func TestSettings(t *testing.T) {
	storagetest.RunSettings(t, func(t *testing.T) webpubsub.SettingsStore {
		s, err := openDB(t, t.TempDir()).Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestOpen_makesAPrivateFolder(t *testing.T) {
	for _, name := range []string{"data", "a b", "100%41", "what?x=1", "né#d&;", `quo"te'`} {
		dir := filepath.Join(t.TempDir(), "deep", name)
		db := openDB(t, dir)
		addBoard(t, db, boardID)
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: mode is %v, %v", name, info.Mode(), err)
		}
		if _, err := os.Stat(filepath.Join(dir, fileName)); err != nil {
			t.Error(err)
		}
	}
}

func TestOpen_folderOpenToOthers_filesArePrivate(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	addBoard(t, openDB(t, dir), boardID)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v; want the database and its log", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode is %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestOpen_relativeFolder_works(t *testing.T) {
	t.Chdir(t.TempDir())
	db := openDB(t, "easel data")
	addBoard(t, db, boardID)
	if _, err := os.Stat(filepath.Join("easel data", fileName)); err != nil {
		t.Error(err)
	}
}

func TestOpen_again_findsEverything(t *testing.T) {
	dir := t.TempDir()
	db := openDB(t, dir)
	addBoard(t, db, boardID)
	for seq := range uint64(3) {
		if err := db.Commit(t.Context(), storagetest.NewCommit(boardID, seq+1)); err != nil {
			t.Fatal(err)
		}
	}
	secret, err := db.Secret(t.Context(), "cookie")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := db.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := settings.SetKeys(t.Context(), webpubsub.Keys{Primary: "p", Secondary: "s"}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openDB(t, dir)
	if s, err := db.Snapshot(t.Context(), boardID); err != nil || s.Seq != 3 || len(s.Records) != 3 {
		t.Errorf("snapshot is %+v, %v", s, err)
	}
	if again, err := db.Secret(t.Context(), "cookie"); err != nil || !bytes.Equal(again, secret) {
		t.Errorf("secret differs: %v", err)
	}
	settings, err = db.Settings(t.Context())
	if err != nil || settings.Settings().Keys.Primary != "p" {
		t.Errorf("settings are %+v, %v", settings.Settings(), err)
	}
}

func TestOpen_newerSchema_isRefused(t *testing.T) {
	dir := t.TempDir()
	db := openDB(t, dir)
	if err := db.update(t.Context(), func(tx *tx) error { return tx.exec("PRAGMA user_version = 99") }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("open: %v, %v", db, err)
	}
}

func TestOpen_notADatabase_isRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); err == nil {
		t.Error("a text file is opened as a database")
	}
}

func TestOpen_concurrently_migratesOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := Open(context.Background(), dir)
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestOpen_pragmas keeps the promises of the package comment from being lost in a string.
func TestOpen_pragmas(t *testing.T) {
	db := openDB(t, t.TempDir())
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"}
	for name, want := range want {
		var got string
		if err := db.writers.QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != want {
			t.Errorf("writer: %s is %s, %v; want %s", name, got, err, want)
		}
	}
	if _, err := db.readers.Exec("DELETE FROM boards"); err == nil {
		t.Error("a reader may write")
	}
}

func TestClose_laterCalls_fail(t *testing.T) {
	db := openDB(t, t.TempDir())
	addBoard(t, db, boardID)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(t.Context(), storagetest.NewCommit(boardID, 1)); !errors.Is(err, errClosed) {
		t.Errorf("commit: %v", err)
	}
	if _, err := db.Snapshot(t.Context(), boardID); err == nil {
		t.Error("snapshot works after close")
	}
}

// hold keeps the writer busy until the returned function is called, so that a test can let
// writes gather.
func hold(t *testing.T, db *DB) (release func()) {
	t.Helper()
	started, release1 := make(chan struct{}), make(chan struct{})
	result := make(chan error, 1)
	go func() {
		result <- db.update(context.Background(), func(*tx) error {
			close(started)
			<-release1
			return nil
		})
	}()
	<-started
	return func() {
		close(release1)
		if err := <-result; err != nil {
			t.Error(err)
		}
	}
}

func TestGroup_oneFails_othersAreKept(t *testing.T) {
	db := openDB(t, t.TempDir())
	for _, id := range []whiteboard.BoardID{"board0000001", "board0000002", "board0000003"} {
		addBoard(t, db, id)
	}
	boom := errors.New("boom")
	t1 := &tx{db: db.writers, stmts: map[string]*sql.Stmt{}}
	insert := func(id whiteboard.BoardID) func(*tx) error {
		row := newCommitRow(storagetest.NewCommit(id, 1))
		return func(t *tx) error { return insertCommits(t, []commitRow{row}) }
	}
	group := []write{
		{do: insert("board0000001")},
		{do: insert("board0000001")}, // conflicts
		{do: func(t *tx) error { return errors.Join(insert("board0000002")(t), boom) }},
		{do: insert("board0000003")},
	}
	for i := range group {
		group[i].result = make(chan error, 1)
	}
	t1.commit(group) // the writer of db is idle
	want := []error{nil, whiteboard.ErrConflict, boom, nil}
	for i, w := range group {
		if err := <-w.result; !errors.Is(err, want[i]) || (err == nil) != (want[i] == nil) {
			t.Errorf("write %d: %v, want %v", i, err, want[i])
		}
	}
	for id, want := range map[whiteboard.BoardID]uint64{"board0000001": 1, "board0000002": 0, "board0000003": 1} {
		s, err := db.Snapshot(t.Context(), id)
		if err != nil || s.Seq != want || len(s.Records) != int(want) {
			t.Errorf("%s is at %d with %d records, %v", id, s.Seq, len(s.Records), err)
		}
	}
}

func TestGroup_transactionLost_failsAll(t *testing.T) {
	db := openDB(t, t.TempDir())
	addBoard(t, db, boardID)
	t1 := &tx{db: db.writers, stmts: map[string]*sql.Stmt{}}
	group := []write{
		{do: func(t *tx) error {
			return insertCommits(t, []commitRow{newCommitRow(storagetest.NewCommit(boardID, 1))})
		}},
		// As SQLite does by itself when the disk is full.
		{do: func(t *tx) error { return errors.Join(errors.New("disk full"), t.exec("ROLLBACK")) }},
		{do: func(t *tx) error { return insertBoard(t, whiteboard.Board{ID: "board0000009"}) }},
	}
	for i := range group {
		group[i].result = make(chan error, 1)
	}
	t1.commit(group)
	for i, w := range group {
		if err := <-w.result; err == nil {
			t.Errorf("write %d is acknowledged", i)
		}
	}
	if s, err := db.Snapshot(t.Context(), boardID); err != nil || s.Seq != 0 {
		t.Errorf("seq is %d, %v", s.Seq, err)
	}
	if _, err := db.Board(t.Context(), "board0000009"); !errors.Is(err, whiteboard.ErrNotFound) {
		t.Errorf("board: %v", err)
	}
	if err := db.Commit(t.Context(), storagetest.NewCommit(boardID, 1)); err != nil {
		t.Errorf("commit afterwards: %v", err)
	}
}

func TestGather_waitingWrites_joinUpToTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &DB{writes: make(chan write)}
		const waiting = maxGroup + 10
		for range waiting {
			go func() { db.writes <- write{} }()
		}
		synctest.Wait()
		if n := len(db.gather(<-db.writes)); n != maxGroup {
			t.Errorf("the first group has %d writes, want %d", n, maxGroup)
		}
		if n := len(db.gather(<-db.writes)); n != waiting-maxGroup {
			t.Errorf("the second group has %d writes, want %d", n, waiting-maxGroup)
		}
	})
}

func TestUpdate_contextEndsWhileWaiting_isNotMade(t *testing.T) {
	db := openDB(t, t.TempDir())
	addBoard(t, db, boardID)
	release := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- db.Commit(ctx, storagetest.NewCommit(boardID, 1)) }()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("commit: %v", err)
	}
	release()
	if s, err := db.Snapshot(t.Context(), boardID); err != nil || s.Seq != 0 {
		t.Errorf("seq is %d, %v", s.Seq, err)
	}
}

func TestRead_whileWriting_seesTheLastTransaction(t *testing.T) {
	db := openDB(t, t.TempDir())
	addBoard(t, db, boardID)
	err := db.update(t.Context(), func(tx *tx) error {
		if err := insertCommits(tx, []commitRow{newCommitRow(storagetest.NewCommit(boardID, 1))}); err != nil {
			return err
		}
		s, err := db.Snapshot(t.Context(), boardID)
		if s.Seq != 0 || len(s.Records) != 0 {
			t.Errorf("an open transaction is visible: %+v", s)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := db.Snapshot(t.Context(), boardID); err != nil || s.Seq != 1 || len(s.Records) != 1 {
		t.Errorf("snapshot is %+v, %v", s, err)
	}
}

func TestEntries_journalCutOff_isCompacted(t *testing.T) {
	db := openDB(t, t.TempDir())
	addBoard(t, db, boardID)
	for seq := range uint64(6) {
		if err := db.Commit(t.Context(), storagetest.NewCommit(boardID, seq+1)); err != nil {
			t.Fatal(err)
		}
	}
	cut := func(below int) {
		err := db.update(t.Context(), func(t *tx) error { return t.exec("DELETE FROM entries WHERE seq < ?", below) })
		if err != nil {
			t.Fatal(err)
		}
	}
	cut(4)
	for after, compacted := range []bool{true, true, true, false, false, false, false} {
		_, err := db.Entries(t.Context(), boardID, uint64(after), 10)
		if errors.Is(err, whiteboard.ErrCompacted) != compacted || err != nil && !compacted {
			t.Errorf("entries after %d: %v", after, err)
		}
	}
	cut(100)
	if _, err := db.Entries(t.Context(), boardID, 5, 10); !errors.Is(err, whiteboard.ErrCompacted) {
		t.Errorf("entries of an empty journal: %v", err)
	}
}

func TestSettings_otherProcess_isSeenAfterReload(t *testing.T) {
	dir := t.TempDir()
	open := func() *Settings {
		s, err := openDB(t, dir).Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	server, command := open(), open()
	if err := command.SetHub(t.Context(), "chat", webpubsub.Hub{AllowAnonymous: true}); err != nil {
		t.Fatal(err)
	}
	if _, ok := server.Settings().Hubs["chat"]; ok {
		t.Error("the hub is seen before reload")
	}
	if err := server.Reload(t.Context()); err != nil || !server.Settings().Hubs["chat"].AllowAnonymous {
		t.Errorf("hubs after reload are %+v, %v", server.Settings().Hubs, err)
	}
	// A change here keeps what has changed there.
	if err := command.SetHub(t.Context(), "other", webpubsub.Hub{}); err != nil {
		t.Fatal(err)
	}
	if err := server.SetKeys(t.Context(), webpubsub.Keys{Primary: "p"}); err != nil || len(server.Settings().Hubs) != 2 {
		t.Errorf("hubs after a change are %+v, %v", server.Settings().Hubs, err)
	}
}

func TestSettings_hubOfAnOlderRelease_isRead(t *testing.T) {
	db := openDB(t, t.TempDir())
	old := `{"EventHandlers":[{"URLTemplate":"http://h/{event}","UserEventPattern":"*","SystemEvents":["connect"]}],"AllowAnonymous":true,"KeepAlive":7000000000}`
	if err := db.update(t.Context(), func(x *tx) error { return x.exec("INSERT INTO hubs (name, settings) VALUES ('chat', ?)", old) }); err != nil {
		t.Fatal(err)
	}
	s, err := db.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := webpubsub.Hub{
		EventHandlers:  []webpubsub.EventHandler{{URLTemplate: "http://h/{event}", UserEventPattern: "*", SystemEvents: []string{"connect"}}},
		AllowAnonymous: true, KeepAlive: 7 * time.Second,
	}
	if got := s.Settings().Hubs["chat"]; !reflect.DeepEqual(got, want) {
		t.Errorf("the hub is %+v", got)
	}
}
