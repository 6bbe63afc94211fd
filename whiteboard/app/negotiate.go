package app

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/whiteboard"
)

// negotiateAnswer is what a client needs to connect to a board.
type negotiateAnswer struct {
	URL  string          `json:"url"`
	User personAnswer    `json:"user"`
	Role whiteboard.Role `json:"role"`
	Seq  uint64          `json:"seq"`
	Now  int64           `json:"now"` // Unix milliseconds
}

type personAnswer struct {
	ID   whiteboard.UserID `json:"id"`
	Name string            `json:"name"`
}

func (a *App) negotiate(w http.ResponseWriter, r *http.Request) error {
	b, role, err := a.permit(r, queryBoard(r))
	if err != nil {
		return err
	}
	user := a.user(w, r)
	if name := r.URL.Query().Get("name"); name != "" {
		if _, err := a.setName(r.Context(), user, name); err != nil {
			return err
		}
	}
	names, err := a.names(r.Context(), []whiteboard.UserID{user})
	if err != nil {
		return err
	}
	seq, err := a.rooms.Seq(r.Context(), b.ID)
	if err != nil {
		return err
	}
	t, err := a.Service().ClientToken(clientToken(b.ID, user, role))
	if err != nil {
		return err
	}
	a.answer(w, r, http.StatusOK, negotiateAnswer{
		URL:  a.clientURL(r, t),
		User: personAnswer{user, names[user]},
		Role: role,
		Seq:  seq,
		Now:  a.Now().UnixMilli(),
	})
	return nil
}

// clientToken lets someone take part in a board by their role: everyone receives, editors
// publish on the live lane, and nobody but the app on the board's own group.
func clientToken(id whiteboard.BoardID, user whiteboard.UserID, role whiteboard.Role) service.TokenOptions {
	o := service.TokenOptions{
		UserID: webpubsub.UserID(user),
		Groups: []webpubsub.GroupName{boardGroup(id), liveGroup(id), roleGroup(id, role)},
	}
	if role == whiteboard.Editor {
		o.Roles = []string{"webpubsub.sendToGroup." + string(liveGroup(id))}
	}
	return o
}

// clientURL is where the client connects: with the embedded service, where it came from.
func (a *App) clientURL(r *http.Request, t service.Token) string {
	if !a.Embedded {
		return t.URL
	}
	return strings.Replace(origin(r), "http", "ws", 1) + token.ClientPath + string(a.Service().Hub()) + "?access_token=" + url.QueryEscape(t.Token)
}
