package filter

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	end    tokenKind = iota
	word             // of letters; a keyword, a name or a function
	number           // begins like one
	text             // in quotes
	mark             // ( ) or ,
	broken           // anything else
)

// token is a piece of an expression. raw is as written; for text, value is what it means.
type token struct {
	kind       tokenKind
	raw, value string
}

// is reports whether t is a certain word or mark.
func (t token) is(raw string) bool { return (t.kind == word || t.kind == mark) && t.raw == raw }

// next cuts the first token off rest.
func next(rest string) (token, string) {
	rest = strings.TrimLeft(rest, " \t\r\n")
	if rest == "" {
		return token{kind: end, raw: "end of expression"}, ""
	}
	switch c := rest[0]; {
	case c == '\'':
		return quoted(rest)
	case c == '(' || c == ')' || c == ',':
		return token{kind: mark, raw: rest[:1]}, rest[1:]
	case isLetter(c):
		return run(word, rest, 1)
	case isDigit(c) || c == '-' && len(rest) > 1 && isDigit(rest[1]):
		return run(number, rest, 1)
	}
	_, size := utf8.DecodeRuneInString(rest)
	return token{kind: broken, raw: rest[:size]}, rest[size:]
}

// run cuts a token that goes on, after n bytes, as long as words and numbers do.
func run(k tokenKind, rest string, n int) (token, string) {
	for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n]) || rest[n] == '.') {
		n++
	}
	return token{kind: k, raw: rest[:n]}, rest[n:]
}

// quoted cuts a text, in which two quotes stand for one.
func quoted(rest string) (token, string) {
	for i := 1; i < len(rest); i++ {
		if rest[i] != '\'' {
			continue
		}
		if i+1 < len(rest) && rest[i+1] == '\'' {
			i++
			continue
		}
		return token{kind: text, raw: rest[:i+1], value: strings.ReplaceAll(rest[1:i], "''", "'")}, rest[i+1:]
	}
	return token{kind: broken, raw: rest}, ""
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
