// Package filter is the language of the REST API's filter parameter, a subset of OData:
// boolean expressions over one connection, such as
//
//	userId ne 'ann' and ('room-7' in groups or length(groups) lt 3)
//
// # Elements
//
// The names userId, connectionId, groups and protocol come in any case; all other words
// are in lower case. From what binds tightest:
//
//   - 'text', with quotes inside doubled, 32-bit integers, true, false, null
//   - length tolower toupper trim contains startswith endswith indexof concat substring
//   - not, which takes one operand: not (length(userId) gt 5), with the brackets
//   - eq ne of any two values, gt ge lt le of integers, in of a list or of groups
//   - and, then or
//
// # Values
//
// Types are checked once, when the expression is parsed; evaluation cannot fail. A value
// may be null: userId is for an anonymous connection, protocol is without a subprotocol.
// Values of different types are unequal, null is equal to null, and an order with null is
// false. Text is compared ordinally; its characters are UTF-16 code units, as .NET counts.
// The package is pure: no I/O, no clock, no goroutine.
//
// Source: REST API, filter language.
package filter

import (
	"fmt"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// Limits of an expression.
const (
	// MaxBytes is the longest expression: room for a list of some thousand names.
	MaxBytes = 64 << 10
	// MaxDepth is how deep brackets, function calls and not may nest.
	MaxDepth = 100
	// MaxOperators is how many operators, and, or and function calls among them, an
	// expression may have. The real service advises against more than 100 clauses.
	MaxOperators = 2000
)

// Subject is the connection that a filter is about.
type Subject struct {
	UserID       webpubsub.UserID // empty is null
	ConnectionID webpubsub.ConnectionID
	Groups       Groups // nil is none
	Protocol     string // of the agreed subprotocol; empty is null
}

// Groups are those of a connection.
type Groups interface {
	Has(webpubsub.GroupName) bool
	Len() int
}

// GroupSet is Groups for those who have nothing better.
type GroupSet map[webpubsub.GroupName]struct{}

// Has implements [Groups].
func (s GroupSet) Has(g webpubsub.GroupName) bool {
	_, has := s[g]
	return has
}

// Len implements [Groups].
func (s GroupSet) Len() int { return len(s) }

func (s *Subject) inGroup(g webpubsub.GroupName) bool { return s.Groups != nil && s.Groups.Has(g) }

func (s *Subject) groupCount() int {
	if s.Groups == nil {
		return 0
	}
	return s.Groups.Len()
}

// Filter is a parsed expression. It is safe for concurrent use; nil selects everybody.
type Filter struct{ root node }

// Parse reads an expression and checks its types. A blank one is nil, which is no filter.
//
//   - Limits: [MaxBytes], [MaxDepth], [MaxOperators].
//   - Errors: BadRequest, with a message as the real service words it.
func Parse(expression string) (*Filter, error) {
	if strings.TrimSpace(expression) == "" {
		return nil, nil
	}
	root, err := parse(expression)
	if err != nil {
		return nil, webpubsub.Errorf(webpubsub.BadRequest, "Invalid syntax for '%s': %v (Parameter 'filter')", clip(expression), err)
	}
	return &Filter{root}, nil
}

// Match reports whether the filter selects a connection. It reads s.Groups.
func (f *Filter) Match(s *Subject) bool {
	return f == nil || f.root.eval(s) == yes
}

// clip shortens a caller's text for an error message.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
}
