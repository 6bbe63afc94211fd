// Package rooms is groups of connections, and the tiny protocol ws over them: the part that
// naive broadcast servers have in common.
package rooms

import (
	"bytes"
	"sync"
)

// Conn is a connection of whatever library. Send writes one text message, and may be called
// by many at a time.
type Conn interface{ Send(message []byte) }

// Rooms are the groups of a server. The zero value is empty. Safe for concurrent use.
type Rooms[C interface {
	comparable
	Conn
}] struct {
	mu     sync.RWMutex
	groups map[string]map[C]struct{}
}

// Hello greets a connection that has just opened.
func (r *Rooms[C]) Hello(c C) { c.Send([]byte("hello")) }

// Receive does what a client says.
func (r *Rooms[C]) Receive(c C, message []byte, broadcast func(members []C, body []byte)) {
	verb, rest, _ := bytes.Cut(message, []byte(" "))
	switch string(verb) {
	case "join":
		r.join(c, string(rest))
		c.Send(append([]byte("joined "), rest...))
	case "pub":
		group, body, _ := bytes.Cut(rest, []byte(" "))
		broadcast(r.others(c, string(group)), body)
	case "echo":
		c.Send(rest)
	}
}

// Publish sends body to all members of a group, as somebody who is none.
func (r *Rooms[C]) Publish(group string, body []byte, broadcast func(members []C, body []byte)) error {
	var nobody C
	broadcast(r.others(nobody, group), body)
	return nil
}

func (r *Rooms[C]) join(c C, group string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.groups == nil {
		r.groups = map[string]map[C]struct{}{}
	}
	if r.groups[group] == nil {
		r.groups[group] = map[C]struct{}{}
	}
	r.groups[group][c] = struct{}{}
}

// Leave forgets a connection.
func (r *Rooms[C]) Leave(c C) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, members := range r.groups {
		delete(members, c)
	}
}

func (r *Rooms[C]) others(c C, group string) []C {
	r.mu.RLock()
	defer r.mu.RUnlock()
	members := make([]C, 0, len(r.groups[group]))
	for m := range r.groups[group] {
		if m != c {
			members = append(members, m)
		}
	}
	return members
}
