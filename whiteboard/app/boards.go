package app

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/room"
)

const (
	// maxTitle is the longest title, in characters.
	maxTitle = 200
	// maxEntries is how many entries one answer holds.
	maxEntries = 1000
)

// boardAnswer describes a board to someone who has a link to it.
type boardAnswer struct {
	ID    whiteboard.BoardID `json:"id"`
	Title string             `json:"title"`
	Role  whiteboard.Role    `json:"role"`
	Links linksAnswer        `json:"links"`
}

// linksAnswer holds the links that a role may pass on.
type linksAnswer struct {
	Edit string `json:"edit,omitempty"`
	View string `json:"view"`
}

// permit finds the board and what the bearer of the request's secret may do with it.
func (a *App) permit(r *http.Request, id whiteboard.BoardID) (whiteboard.Board, whiteboard.Role, error) {
	if id == "" {
		return whiteboard.Board{}, "", refuse(http.StatusBadRequest, "invalid", "the query names no board: ?board=")
	}
	if !id.Valid() {
		return whiteboard.Board{}, "", refuse(http.StatusNotFound, "not_found", "there is no such board")
	}
	b, err := a.Store.Board(r.Context(), id)
	if err != nil {
		return b, "", err
	}
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case !strings.EqualFold(scheme, "Bearer") || secret == "":
		w := "the link's secret is missing: Authorization: Bearer …"
		return b, "", refuse(http.StatusUnauthorized, "unauthorized", "%s", w)
	case same(secret, b.Links.Edit):
		return b, whiteboard.Editor, nil
	case same(secret, b.Links.View):
		return b, whiteboard.Viewer, nil
	}
	return b, "", refuse(http.StatusForbidden, "forbidden", "this link to the board is not valid, or not valid any more")
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// permitEditor is permit for what only editors may do.
func (a *App) permitEditor(r *http.Request, id whiteboard.BoardID) (whiteboard.Board, error) {
	b, role, err := a.permit(r, id)
	if err == nil && role != whiteboard.Editor {
		err = refuse(http.StatusForbidden, "forbidden", "this link is for viewing only")
	}
	return b, err
}

func pathBoard(r *http.Request) whiteboard.BoardID { return whiteboard.BoardID(r.PathValue("id")) }

func queryBoard(r *http.Request) whiteboard.BoardID {
	return whiteboard.BoardID(r.URL.Query().Get("board"))
}

// describe returns the answer about a board. A viewer sees no edit link.
func describe(r *http.Request, b whiteboard.Board, role whiteboard.Role, title string) boardAnswer {
	page := origin(r) + "/b/" + string(b.ID) + "#"
	answer := boardAnswer{ID: b.ID, Title: title, Role: role, Links: linksAnswer{View: page + b.Links.View}}
	if role == whiteboard.Editor {
		answer.Links.Edit = page + b.Links.Edit
	}
	return answer
}

// origin is where the caller finds this app, as far as proxies tell.
func origin(r *http.Request) string {
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if s := r.Header.Get("X-Forwarded-Proto"); s == "http" || s == "https" {
		scheme = s
	}
	if h := r.Header.Get("X-Forwarded-Host"); h != "" && !strings.ContainsAny(h, "/,# ") {
		host = h
	}
	return scheme + "://" + host
}

func (a *App) createBoard(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Title string `json:"title"`
	}
	if err := decode(w, r, &body); err != nil {
		return err
	}
	title := clean(body.Title)
	if n := utf8.RuneCountInString(title); n > maxTitle {
		return refuse(http.StatusBadRequest, "invalid", "title has %d characters; the limit is %d", n, maxTitle)
	}
	b := whiteboard.Board{ID: whiteboard.NewBoardID(), CreatedAt: a.Now(), Links: whiteboard.NewLinks()}
	if err := a.Store.CreateBoard(r.Context(), b); err != nil {
		return fmt.Errorf("create board: %w", err)
	}
	if title != "" {
		if err := a.setTitle(r.Context(), b.ID, title); err != nil {
			return err
		}
	}
	a.answer(w, r, http.StatusCreated, describe(r, b, whiteboard.Editor, title))
	return nil
}

// setTitle commits a board's first title in the app's own name.
func (a *App) setTitle(ctx context.Context, id whiteboard.BoardID, title string) error {
	value, err := json.Marshal(title)
	if err != nil {
		return err
	}
	actor := whiteboard.ActorID(whiteboard.NewBoardID())
	op := whiteboard.Op{
		Stamp:  whiteboard.NewClock(actor).Next(a.Now()),
		Record: whiteboard.BoardRecord,
		Patch:  whiteboard.Patch{"title": value},
	}
	batch, err := json.Marshal(whiteboard.Batch{Actor: actor, N: 1, Ops: []whiteboard.Op{op}})
	if err != nil {
		return err
	}
	_, err = a.rooms.Commit(ctx, id, room.Author{User: "easel", Role: whiteboard.Editor}, batch)
	return err
}

// title reads the board's title.
func (a *App) title(ctx context.Context, id whiteboard.BoardID) (title string, err error) {
	s, err := a.rooms.Snapshot(ctx, id)
	if err != nil {
		return "", err
	}
	for _, record := range s.Records {
		if raw := record.Props["title"]; record.ID == whiteboard.BoardRecord && raw != nil {
			err = json.Unmarshal(raw, &title)
		}
	}
	return title, err
}

func (a *App) showBoard(w http.ResponseWriter, r *http.Request) error {
	b, role, err := a.permit(r, pathBoard(r))
	if err != nil {
		return err
	}
	title, err := a.title(r.Context(), b.ID)
	if err != nil {
		return err
	}
	a.answer(w, r, http.StatusOK, describe(r, b, role, title))
	return nil
}

// replaceLink gives a role's link a new secret and closes the connections that came by the
// old one.
func (a *App) replaceLink(w http.ResponseWriter, r *http.Request) error {
	b, err := a.permitEditor(r, pathBoard(r))
	if err != nil {
		return err
	}
	role := whiteboard.Role(r.PathValue("role"))
	switch role {
	case whiteboard.Editor:
		b.Links.Edit = whiteboard.NewSecret()
	case whiteboard.Viewer:
		b.Links.View = whiteboard.NewSecret()
	default:
		return refuse(http.StatusNotFound, "not_found", "there is no link for role %q: editor or viewer", string(role))
	}
	if err := a.Store.SetLinks(r.Context(), b.ID, b.Links); err != nil {
		return err
	}
	title, err := a.title(r.Context(), b.ID)
	if err != nil {
		return err
	}
	err = a.Service().CloseGroup(r.Context(), roleGroup(b.ID, role), &service.CloseOptions{Reason: "link revoked"})
	if err != nil {
		return fmt.Errorf("close connections of a revoked link: %w", err)
	}
	a.answer(w, r, http.StatusOK, describe(r, b, whiteboard.Editor, title))
	return nil
}

func (a *App) diagram(w http.ResponseWriter, r *http.Request) error {
	b, _, err := a.permit(r, queryBoard(r))
	if err != nil {
		return err
	}
	s, err := a.rooms.Snapshot(r.Context(), b.ID)
	if err != nil {
		return err
	}
	a.diagrams.send(w, r, b.ID, s)
	return nil
}

// pieceBytes is how much of a snapshot is made before it is sent.
const pieceBytes = 64 << 10

func (a *App) listOps(w http.ResponseWriter, r *http.Request) error {
	b, _, err := a.permit(r, pathBoard(r))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	after, err := strconv.ParseUint(q.Get("after"), 10, 53)
	if err != nil {
		return refuse(http.StatusBadRequest, "invalid", "after is not a position: a whole number from 0")
	}
	limit := maxEntries
	if s := q.Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > maxEntries {
			return refuse(http.StatusBadRequest, "invalid", "limit is not a number from 1 to %d", maxEntries)
		}
	}
	seq, err := a.rooms.Seq(r.Context(), b.ID)
	if err != nil {
		return err
	}
	entries, err := a.rooms.Entries(r.Context(), b.ID, after, limit)
	if err != nil {
		return err
	}
	if entries == nil {
		entries = []whiteboard.Entry{}
	}
	a.answer(w, r, http.StatusOK, map[string]any{"seq": seq, "entries": entries})
	return nil
}

// clean drops control characters and surrounding space.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
