package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/easelhq/easel/storage/sqlite"
	"github.com/easelhq/easel/whiteboard"
)

// A board's file has one JSON value a line: first boardFile, then boardLine for each name,
// asset and entry. It holds the whole journal, so that history survives, and no links.
const (
	boardFormat  = "easel-board"
	boardVersion = 1
	// maxBoardLine is the longest line that import reads, in bytes: an asset of the largest
	// size in base64, and room to spare.
	maxBoardLine = 32 << 20
	// entriesAtOnce is how many entries are read or written at a time.
	entriesAtOnce = 500
)

type boardFile struct {
	Format    string             `json:"format"`
	Version   int                `json:"version"`
	Board     whiteboard.BoardID `json:"board"`
	CreatedAt time.Time          `json:"createdAt"`
}

type boardLine struct {
	Person *whiteboard.Person `json:"person,omitempty"`
	Asset  *whiteboard.Asset  `json:"asset,omitempty"`
	Entry  *whiteboard.Entry  `json:"entry,omitempty"`
}

// boardRow is a board as board list and import print it.
type boardRow struct {
	ID        whiteboard.BoardID `json:"id"`
	CreatedAt time.Time          `json:"createdAt"`
	// Entries is how many batches of changes it has had.
	Entries uint64 `json:"entries"`
	// EditPath and ViewPath are its links, behind the address of the whiteboard.
	EditPath string `json:"editPath"`
	ViewPath string `json:"viewPath"`
}

// boardFlags are the flags of commands about boards, which act on a data folder, whether a
// whiteboard runs on it or not.
type boardFlags struct {
	*manageFlags
	board string
}

func (p *program) boardFlags(command, description string) *boardFlags {
	return &boardFlags{manageFlags: p.manageFlags(command, description)}
}

func (f *boardFlags) withBoard() {
	f.StringVar(&f.board, "board", "", "id of the board, as board list prints it")
}

// do calls f with the database of the data folder, which has to be there.
func (f *boardFlags) do(ctx context.Context, do func(*sqlite.DB) error) error {
	if _, err := os.Stat(f.data); err != nil {
		return fmt.Errorf("data folder %s: %w", f.data, errors.Unwrap(err))
	}
	db, err := sqlite.Open(ctx, f.data)
	if err != nil {
		return fmt.Errorf("open data folder %s: %w", f.data, err)
	}
	return errors.Join(do(db), db.Close())
}

func (p *program) boardList(ctx context.Context, args []string) error {
	f := p.boardFlags("board list", "print the boards of a data folder, newest first")
	if err := f.parse(args); err != nil {
		return err
	}
	return f.do(ctx, func(db *sqlite.DB) error {
		boards, err := db.Boards(ctx)
		if err != nil {
			return err
		}
		list := []boardRow{}
		for _, b := range boards {
			row, err := describeBoard(ctx, db, b)
			if err != nil {
				return err
			}
			list = append(list, row)
		}
		return f.printBoards(list, list...)
	})
}

func describeBoard(ctx context.Context, db *sqlite.DB, b whiteboard.Board) (boardRow, error) {
	seq, err := db.Seq(ctx, b.ID)
	path := func(secret string) string { return "/b/" + string(b.ID) + "#" + secret }
	return boardRow{b.ID, b.CreatedAt.UTC(), seq, path(b.Links.Edit), path(b.Links.View)}, err
}

func (f *boardFlags) printBoards(v any, list ...boardRow) error {
	rows := [][]string{{"BOARD", "CREATED", "ENTRIES", "EDIT"}}
	for _, b := range list {
		rows = append(rows, []string{string(b.ID), b.CreatedAt.Format(time.DateTime), strconv.FormatUint(b.Entries, 10), b.EditPath})
	}
	return f.print(v, rows)
}

func (p *program) boardExport(ctx context.Context, args []string) error {
	f := p.boardFlags("board export", "write a board with its history, images and names, or a picture of it, to standard output or a file")
	f.withBoard()
	e := pictureFlags{}
	e.add(f)
	if err := f.parse(args); err != nil {
		return err
	}
	write, err := e.writer()
	if err != nil {
		return err
	}
	return f.do(ctx, func(db *sqlite.DB) error {
		b, err := db.Board(ctx, whiteboard.BoardID(f.board))
		if err != nil {
			return err
		}
		return p.writeTo(e.out, func(w io.Writer) error { return write(ctx, db, b, w) })
	})
}

// exportBoard writes a board as board import reads it.
func exportBoard(ctx context.Context, db *sqlite.DB, b whiteboard.Board, w io.Writer) error {
	e := exporter{db: db, out: json.NewEncoder(w), assets: map[string]bool{}, people: map[whiteboard.UserID]bool{}}
	return e.board(ctx, b)
}

// exporter writes each asset and name before the first entry that needs it.
type exporter struct {
	db     *sqlite.DB
	out    *json.Encoder
	assets map[string]bool
	people map[whiteboard.UserID]bool
}

func (e *exporter) board(ctx context.Context, b whiteboard.Board) error {
	if err := e.out.Encode(boardFile{boardFormat, boardVersion, b.ID, b.CreatedAt.UTC()}); err != nil {
		return err
	}
	for after := uint64(0); ; {
		entries, err := e.db.Entries(ctx, b.ID, after, entriesAtOnce)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, entry := range entries {
			if err := e.entry(ctx, entry); err != nil {
				return err
			}
			after = entry.Seq
		}
	}
}

// assetHash finds what may name an asset.
var assetHash = regexp.MustCompile(`"([0-9a-f]{64})"`)

func (e *exporter) entry(ctx context.Context, entry whiteboard.Entry) error {
	if !e.people[entry.User] {
		e.people[entry.User] = true
		people, err := e.db.People(ctx, []whiteboard.UserID{entry.User})
		if err != nil {
			return err
		}
		for _, p := range people {
			if err := e.out.Encode(boardLine{Person: &p}); err != nil {
				return err
			}
		}
	}
	for _, found := range assetHash.FindAllSubmatch(entry.Append(nil), -1) {
		if err := e.asset(ctx, string(found[1])); err != nil {
			return err
		}
	}
	return e.out.Encode(boardLine{Entry: &entry})
}

func (e *exporter) asset(ctx context.Context, hash string) error {
	if e.assets[hash] {
		return nil
	}
	e.assets[hash] = true
	a, err := e.db.Asset(ctx, hash)
	switch {
	case errors.Is(err, whiteboard.ErrNotFound): // it only looked like one
		return nil
	case err != nil:
		return err
	}
	return e.out.Encode(boardLine{Asset: &a})
}

func (p *program) boardImport(ctx context.Context, args []string) error {
	f := p.boardFlags("board import", "make a board of what board export wrote, read from standard input; it has a new id and new links")
	if err := f.parse(args); err != nil {
		return err
	}
	return f.do(ctx, func(db *sqlite.DB) error {
		b, err := importBoard(ctx, db, p.stdin)
		if err != nil {
			return fmt.Errorf("import board: %w", err)
		}
		row, err := describeBoard(ctx, db, b)
		if err != nil {
			return err
		}
		return f.printBoards(row, row)
	})
}

func importBoard(ctx context.Context, db *sqlite.DB, r io.Reader) (whiteboard.Board, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxBoardLine)
	var head boardFile
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &head) != nil || head.Format != boardFormat {
		return whiteboard.Board{}, errors.Join(errors.New("the input does not begin as board export writes it"), lines.Err())
	}
	if head.Version != boardVersion {
		return whiteboard.Board{}, fmt.Errorf("the file has version %d; this program reads version %d", head.Version, boardVersion)
	}
	b := whiteboard.Board{ID: whiteboard.NewBoardID(), CreatedAt: head.CreatedAt, Links: whiteboard.NewLinks()}
	commits, err := readBoard(ctx, db, lines, b.ID)
	if err != nil {
		return b, err
	}
	// The board is complete before anyone can know its links.
	if err := db.CreateBoard(ctx, b); err != nil {
		return b, err
	}
	return b, db.Commit(ctx, commits...)
}

// readBoard stores names and assets, and replays the entries.
func readBoard(ctx context.Context, db *sqlite.DB, lines *bufio.Scanner, id whiteboard.BoardID) (commits []whiteboard.Commit, err error) {
	state := whiteboard.NewBoardState(nil)
	for n := 2; lines.Scan(); n++ {
		var line boardLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		switch {
		case line.Person != nil:
			err = db.SetPerson(ctx, *line.Person)
		case line.Asset != nil:
			err = putAsset(ctx, db, *line.Asset)
		case line.Entry != nil && line.Entry.Seq != uint64(len(commits))+1:
			err = fmt.Errorf("entry %d is where entry %d should be", line.Entry.Seq, len(commits)+1)
		case line.Entry != nil:
			commit := whiteboard.Commit{Board: id, Entry: *line.Entry}
			for _, changed := range state.Apply(line.Entry.Ops...) {
				commit.Records = append(commit.Records, state.Record(changed))
			}
			commits = append(commits, commit)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return commits, lines.Err()
}

// putAsset stores an asset, unless its content is not that of its hash.
func putAsset(ctx context.Context, db *sqlite.DB, a whiteboard.Asset) error {
	if sum := fmt.Sprintf("%x", sha256.Sum256(a.Data)); sum != a.Hash {
		return fmt.Errorf("the asset's hash is %s; the file says %.64q", sum, a.Hash)
	}
	return db.PutAsset(ctx, a)
}

func (p *program) boardBackup(ctx context.Context, args []string) error {
	f := p.boardFlags("board backup", "copy all boards and settings to a file, also while the whiteboard runs")
	to := f.String("to", "", "file to write; it must not exist")
	if err := f.parse(args); err != nil {
		return err
	}
	if *to == "" {
		return usagef("--to is missing")
	}
	return f.do(ctx, func(db *sqlite.DB) error { return db.Backup(ctx, *to) })
}

func (p *program) boardRestore(ctx context.Context, args []string) error {
	f := p.boardFlags("board restore", "make a data folder of what board backup wrote")
	from := f.String("from", "", "file that board backup wrote")
	if err := f.parse(args); err != nil {
		return err
	}
	if *from == "" {
		return usagef("--from is missing")
	}
	return sqlite.Restore(ctx, *from, f.data)
}
