package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/easelhq/easel/whiteboard"
)

const (
	userCookie   = "easel_user"
	userLifetime = 365 * 24 * time.Hour
	// maxName is the longest name of a person, in characters.
	maxName = 64
)

// user returns who the request comes from; someone new gets an id.
func (a *App) user(w http.ResponseWriter, r *http.Request) whiteboard.UserID {
	id := whiteboard.UserID(whiteboard.NewBoardID()) // any random id will do
	if c, err := r.Cookie(userCookie); err == nil {
		claimed, mac, _ := strings.Cut(c.Value, ".")
		if same(mac, a.userMAC(claimed)) {
			id = whiteboard.UserID(claimed)
		}
	}
	http.SetCookie(w, &http.Cookie{
		Name: userCookie, Value: string(id) + "." + a.userMAC(string(id)), Path: "/",
		MaxAge: int(userLifetime.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(origin(r), "https:"),
	})
	return id
}

func (a *App) userMAC(id string) string {
	mac := hmac.New(sha256.New, a.identity)
	mac.Write([]byte(id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// setName stores what someone wants to be called.
func (a *App) setName(ctx context.Context, id whiteboard.UserID, name string) (string, error) {
	name = clean(name)
	if n := utf8.RuneCountInString(name); n < 1 || n > maxName {
		return "", refuse(http.StatusBadRequest, "invalid", "name has %d characters; 1 to %d are possible", n, maxName)
	}
	return name, a.Store.SetPerson(ctx, whiteboard.Person{ID: id, Name: name})
}

// names returns what people are called; who has not said gets a guest's name.
func (a *App) names(ctx context.Context, ids []whiteboard.UserID) (map[whiteboard.UserID]string, error) {
	people, err := a.Store.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := make(map[whiteboard.UserID]string, len(ids))
	for _, id := range ids {
		names[id] = guestName(id)
	}
	for _, p := range people {
		names[p.ID] = p.Name
	}
	return names, nil
}

var (
	guestColors  = [...]string{"Amber", "Azure", "Coral", "Crimson", "Golden", "Indigo", "Jade", "Lilac", "Olive", "Ruby", "Scarlet", "Silver", "Teal", "Violet"}
	guestAnimals = [...]string{"Badger", "Bear", "Beaver", "Crane", "Deer", "Dolphin", "Falcon", "Fox", "Hare", "Heron", "Lynx", "Marten", "Otter", "Owl", "Panda", "Raven", "Seal", "Swan", "Tiger", "Wren"}
)

// guestName is a name made of an id, always the same.
func guestName(id whiteboard.UserID) string {
	sum := sha256.Sum256([]byte(id))
	return guestColors[int(sum[0])%len(guestColors)] + " " + guestAnimals[int(sum[1])%len(guestAnimals)]
}
