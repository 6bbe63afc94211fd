package app

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/room"
)

// seat is the connection state: which board a connection is on, and in which role. Clients
// never see it.
type seat struct {
	Board whiteboard.BoardID `json:"board"`
	Role  whiteboard.Role    `json:"role"`
}

// onConnect reads board and role from the groups that the app's own token names.
func (a *App) onConnect(_ context.Context, e *eventhandler.ConnectRequest) (*eventhandler.ConnectResponse, error) {
	for _, group := range e.Claims["webpubsub.group"] {
		name, role, ok := strings.Cut(strings.TrimPrefix(group, "b."), ".")
		s := seat{whiteboard.BoardID(name), whiteboard.Role(role)}
		if !ok || !s.Board.Valid() || s.Role != whiteboard.Editor && s.Role != whiteboard.Viewer {
			continue
		}
		state, err := json.Marshal(s)
		text := string(state)
		return &eventhandler.ConnectResponse{State: &text}, err
	}
	return nil, webpubsub.Errorf(webpubsub.Forbidden, "the token is for no board")
}

// seatOf returns where a connection is; false when it is nowhere.
func seatOf(c eventhandler.Connection) (s seat, ok bool) {
	if c.State == nil || json.Unmarshal([]byte(*c.State), &s) != nil {
		return seat{}, false
	}
	return s, s.Board.Valid()
}

func (a *App) onConnected(_ context.Context, e *eventhandler.ConnectedEvent) {
	if s, ok := seatOf(e.Connection); ok {
		a.presence.enter(s, e.ConnectionID, whiteboard.UserID(e.UserID))
	}
}

func (a *App) onDisconnected(_ context.Context, e *eventhandler.DisconnectedEvent) {
	if s, ok := seatOf(e.Connection); ok {
		a.presence.leave(s.Board, e.ConnectionID)
	}
}

func (a *App) onUserEvent(ctx context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
	s, ok := seatOf(e.Connection)
	if !ok {
		return nil, webpubsub.Errorf(webpubsub.Forbidden, "the connection is on no board")
	}
	switch e.Name {
	case "ops":
		return a.commit(ctx, s, e)
	case "name":
		return nil, a.rename(ctx, s, e)
	}
	return nil, webpubsub.Errorf(webpubsub.NotFound, "event %q is unknown: ops or name", e.Name)
}

// commit journals a batch. Its echo is the answer, unless there is something else to say.
func (a *App) commit(ctx context.Context, s seat, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
	receipt, err := a.rooms.Commit(ctx, s.Board, room.Author{User: whiteboard.UserID(e.UserID), Role: s.Role}, e.Data.Bytes)
	if rejection, ok := errors.AsType[*room.Rejection](err); ok {
		return reply(rejection)
	}
	if err != nil || !receipt.Duplicate {
		return nil, err
	}
	return reply(receipt)
}

func reply(v json.Marshaler) (*eventhandler.UserResponse, error) {
	text, err := v.MarshalJSON()
	if err != nil {
		return nil, err
	}
	d := service.JSON(text)
	return &eventhandler.UserResponse{Data: &d}, nil
}

func (a *App) rename(ctx context.Context, s seat, e *eventhandler.UserEvent) error {
	var body struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(e.Data.Bytes, &body); err != nil {
		return webpubsub.Errorf(webpubsub.BadRequest, "the event name takes {\"name\":…}")
	}
	_, err := a.setName(ctx, whiteboard.UserID(e.UserID), body.Name)
	if bad, ok := errors.AsType[*refusal](err); ok {
		return webpubsub.Errorf(webpubsub.BadRequest, "%s", bad.message)
	}
	if err == nil {
		a.presence.changed(s.Board)
	}
	return err
}
