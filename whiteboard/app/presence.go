package app

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/whiteboard"
)

const (
	// announceAfter gathers comings and goings into one message.
	announceAfter = 100 * time.Millisecond
	// reconcileEvery is how often the list of a board is compared with the service's.
	reconcileEvery = 30 * time.Second
	// presenceTimeout bounds one round of either.
	presenceTimeout = 20 * time.Second
)

// presence knows who is on which board: by the service's events, and, since events get
// lost, by the service's own lists. There is no counter that could drift.
type presence struct {
	app  *App
	life context.Context // of background work; ended by close
	end  context.CancelFunc
	work sync.WaitGroup

	mu     sync.Mutex
	boards map[whiteboard.BoardID]*crowd // guarded by mu; those with someone on them
	closed bool                          // guarded by mu
}

// crowd is the people on one board. Guarded by presence.mu.
type crowd struct {
	seats     map[webpubsub.ConnectionID]occupant
	since     map[webpubsub.ConnectionID]*occupant // came, or left (nil), while a list is being read; nil when none is
	announce  *time.Timer
	reconcile *time.Timer
}

type occupant struct {
	user whiteboard.UserID
	role whiteboard.Role
}

// present is one person in a message or answer.
type present struct {
	User        whiteboard.UserID `json:"u"`
	Name        string            `json:"name"`
	Role        whiteboard.Role   `json:"role"`
	Connections int               `json:"n"`
}

func newPresence(a *App) *presence {
	p := &presence{app: a, boards: map[whiteboard.BoardID]*crowd{}}
	p.life, p.end = context.WithCancel(context.Background())
	return p
}

func (p *presence) close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	for id, c := range p.boards {
		p.dropLocked(id, c)
	}
	p.mu.Unlock()
	p.end()
	idle := make(chan struct{})
	go func() { p.work.Wait(); close(idle) }()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *presence) dropLocked(id whiteboard.BoardID, c *crowd) {
	c.announce.Stop()
	c.reconcile.Stop()
	delete(p.boards, id)
}

// crowdLocked returns a board's crowd. A new one is compared with the service's list at once:
// others may have been there before this app was.
func (p *presence) crowdLocked(id whiteboard.BoardID) *crowd {
	if c := p.boards[id]; c != nil {
		return c
	}
	c := &crowd{seats: map[webpubsub.ConnectionID]occupant{}}
	c.announce = time.AfterFunc(announceAfter, p.background(func() { p.tell(id, c) }))
	c.reconcile = time.AfterFunc(0, p.background(func() { p.compare(id, c) }))
	p.boards[id] = c
	return c
}

// background makes f a piece of work that close waits for.
func (p *presence) background(f func()) func() {
	return func() {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return
		}
		p.work.Add(1)
		p.mu.Unlock()
		defer p.work.Done()
		f()
	}
}

func (p *presence) enter(s seat, id webpubsub.ConnectionID, user whiteboard.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	c := p.crowdLocked(s.Board)
	who := occupant{user, s.Role}
	c.seats[id] = who
	if c.since != nil {
		c.since[id] = &who
	}
	c.announce.Reset(announceAfter)
}

func (p *presence) leave(board whiteboard.BoardID, id webpubsub.ConnectionID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	c := p.crowdLocked(board)
	delete(c.seats, id)
	if c.since != nil {
		c.since[id] = nil
	}
	c.announce.Reset(announceAfter)
}

// changed announces the people of a board again.
func (p *presence) changed(board whiteboard.BoardID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.crowdLocked(board).announce.Reset(announceAfter)
	}
}

// compare replaces what is known of a board by the service's own list, and does so again
// later while someone is there.
func (p *presence) compare(id whiteboard.BoardID, c *crowd) {
	ctx, cancel := context.WithTimeout(p.life, presenceTimeout)
	defer cancel()
	p.mu.Lock()
	c.since = map[webpubsub.ConnectionID]*occupant{}
	p.mu.Unlock()
	seats, err := p.list(ctx, id)
	p.mu.Lock()
	defer p.mu.Unlock()
	since := c.since
	c.since = nil
	if p.closed || p.boards[id] != c {
		return
	}
	if err != nil {
		p.app.Logger.Warn("list of people", "board", id, "err", err)
		c.reconcile.Reset(reconcileEvery)
		return
	}
	for id, who := range since {
		delete(seats, id)
		if who != nil {
			seats[id] = *who
		}
	}
	if !sameSeats(seats, c.seats) {
		c.seats = seats
		c.announce.Reset(announceAfter)
	}
	c.reconcile.Reset(reconcileEvery)
}

func sameSeats(a, b map[webpubsub.ConnectionID]occupant) bool {
	if len(a) != len(b) {
		return false
	}
	for id, o := range a {
		if b[id] != o {
			return false
		}
	}
	return true
}

// list asks the service who is on a board.
func (p *presence) list(ctx context.Context, id whiteboard.BoardID) (map[webpubsub.ConnectionID]occupant, error) {
	seats := map[webpubsub.ConnectionID]occupant{}
	for _, role := range []whiteboard.Role{whiteboard.Editor, whiteboard.Viewer} {
		for m, err := range p.app.Service().GroupMembers(ctx, roleGroup(id, role), nil) {
			if err != nil {
				return nil, err
			}
			seats[m.ConnectionID] = occupant{whiteboard.UserID(m.UserID), role}
		}
	}
	return seats, nil
}

// tell publishes who is on a board; a board that nobody is on is forgotten.
func (p *presence) tell(id whiteboard.BoardID, c *crowd) {
	p.mu.Lock()
	occupants := c.occupants()
	if len(occupants) == 0 && c.since == nil && p.boards[id] == c {
		p.dropLocked(id, c)
	}
	p.mu.Unlock()
	if len(occupants) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(p.life, presenceTimeout)
	defer cancel()
	people, err := p.app.people(ctx, occupants)
	if err == nil {
		err = p.publish(ctx, id, people)
	}
	if err != nil && p.life.Err() == nil {
		p.app.Logger.Warn("announce people", "board", id, "err", err)
	}
}

func (p *presence) publish(ctx context.Context, id whiteboard.BoardID, people []present) error {
	text, err := json.Marshal(map[string]any{"k": "here", "people": people})
	if err != nil {
		return err
	}
	return p.app.Service().SendToGroup(ctx, boardGroup(id), service.JSON(text), nil)
}

// occupants copies the crowd. The caller holds presence.mu.
func (c *crowd) occupants() []occupant {
	list := make([]occupant, 0, len(c.seats))
	for _, o := range c.seats {
		list = append(list, o)
	}
	return list
}

// people gathers connections by person, with names, in order of name.
func (a *App) people(ctx context.Context, occupants []occupant) ([]present, error) {
	byUser := map[whiteboard.UserID]*present{}
	for _, o := range occupants {
		who := byUser[o.user]
		if who == nil {
			who = &present{User: o.user, Role: o.role}
			byUser[o.user] = who
		}
		who.Connections++
		if o.role == whiteboard.Editor {
			who.Role = o.role
		}
	}
	ids := make([]whiteboard.UserID, 0, len(byUser))
	for id := range byUser {
		ids = append(ids, id)
	}
	names, err := a.names(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]present, 0, len(byUser))
	for id, who := range byUser {
		who.Name = names[id]
		list = append(list, *who)
	}
	slices.SortFunc(list, func(x, y present) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.User, y.User))
	})
	return list, nil
}

// listPeople answers from the service's own list.
func (a *App) listPeople(w http.ResponseWriter, r *http.Request) error {
	b, _, err := a.permit(r, pathBoard(r))
	if err != nil {
		return err
	}
	seats, err := a.presence.list(r.Context(), b.ID)
	if err != nil {
		return err
	}
	occupants := make([]occupant, 0, len(seats))
	for _, o := range seats {
		occupants = append(occupants, o)
	}
	people, err := a.people(r.Context(), occupants)
	if err != nil {
		return err
	}
	a.answer(w, r, http.StatusOK, map[string]any{"people": people})
	return nil
}
