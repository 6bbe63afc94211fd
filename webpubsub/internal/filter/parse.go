package filter

import (
	"fmt"
	"strconv"
	"strings"
)

// parser reads an expression by recursive descent; each method leaves the token after what
// it has read.
type parser struct {
	token     token
	rest      string // after token
	depth     int
	operators int
}

// expr is a node and the type its values have, unless they are null.
type expr struct {
	node
	kind kind
}

func parse(expression string) (node, error) {
	if n := len(expression); n > MaxBytes {
		return nil, complain("The expression has %d bytes; the limit is %d.", n, MaxBytes)
	}
	p := &parser{rest: expression}
	p.advance()
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.token.kind != end {
		return nil, p.invalid()
	}
	return e.node, e.mustBe(boolean)
}

func (p *parser) advance() { p.token, p.rest = next(p.rest) }

// accept reads a word or mark if it is the next.
func (p *parser) accept(raw string) bool {
	if !p.token.is(raw) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(raw string) error {
	if !p.accept(raw) {
		return p.invalid()
	}
	return nil
}

// complaint is why an expression is refused: a sentence of the message.
type complaint string

func (c complaint) Error() string { return string(c) }

func complain(format string, args ...any) error { return complaint(fmt.Sprintf(format, args...)) }

// invalid is the error of a token that cannot stand where it does, unsupported of one that
// means nothing.
func (p *parser) invalid() error { return complain("Invalid token '%s'.", clip(p.token.raw)) }

func unsupported(t token) error { return complain("Token '%s' is not supported.", clip(t.raw)) }

func (e expr) mustBe(wanted kind) error {
	if e.kind != wanted {
		return wrongType(e.kind, wanted)
	}
	return nil
}

// mayBe accepts the literal null too.
func (e expr) mayBe(wanted kind) error {
	if e.kind == null {
		return nil
	}
	return e.mustBe(wanted)
}

func wrongType(is, wanted kind) error { return complain("Type '%s', expect '%s'.", is, wanted) }

// deeper counts a level of nesting; the caller takes it back.
func (p *parser) deeper() error {
	if p.depth++; p.depth > MaxDepth {
		return complain("The nesting is deeper than %d.", MaxDepth)
	}
	return nil
}

// operator counts an operator or function call.
func (p *parser) operator() error {
	if p.operators++; p.operators > MaxOperators {
		return complain("The expression has more than %d operators and function calls.", MaxOperators)
	}
	return nil
}

func (p *parser) or() (expr, error) {
	return p.chain("or", p.and, func(list []node) node { return anyOf(list) })
}

func (p *parser) and() (expr, error) {
	return p.chain("and", p.comparison, func(list []node) node { return allOf(list) })
}

// chain reads operands joined by a word; one alone stands for itself.
func (p *parser) chain(joint string, operand func() (expr, error), join func([]node) node) (expr, error) {
	first, err := operand()
	if err != nil || !p.token.is(joint) {
		return first, err
	}
	if err := first.mustBe(boolean); err != nil {
		return expr{}, err
	}
	list := []node{first.node}
	for p.accept(joint) {
		if err := p.operator(); err != nil {
			return expr{}, err
		}
		e, err := operand()
		if err == nil {
			err = e.mustBe(boolean)
		}
		if err != nil {
			return expr{}, err
		}
		list = append(list, e.node)
	}
	return expr{join(list), boolean}, nil
}

func (p *parser) comparison() (expr, error) {
	left, err := p.unary()
	if err != nil || p.token.kind != word {
		return left, err
	}
	operator := p.token.raw
	compare, ordered := orders[operator]
	if !ordered && operator != "eq" && operator != "ne" && operator != "in" {
		return left, nil
	}
	if err := p.operator(); err != nil {
		return expr{}, err
	}
	p.advance()
	if operator == "in" {
		return p.membership(left)
	}
	right, err := p.unary()
	if err != nil {
		return expr{}, err
	}
	if !ordered {
		return expr{equality{left.node, right.node, operator == "eq"}, boolean}, nil
	}
	for _, side := range []expr{left, right} {
		if err := side.mayBe(integer); err != nil {
			return expr{}, err
		}
	}
	return expr{order{left.node, right.node, compare}, boolean}, nil
}

// membership reads what comes after in.
func (p *parser) membership(left expr) (expr, error) {
	if !p.accept("(") {
		right, err := p.primary()
		if err == nil {
			err = right.mustBe(collection)
		}
		return expr{inGroups{left.node}, boolean}, err
	}
	list := inList{left.node, map[value]struct{}{}}
	for {
		v, err := p.literal()
		if err != nil {
			return expr{}, err
		}
		list.values[v] = struct{}{}
		if !p.accept(",") {
			return expr{list, boolean}, p.expect(")")
		}
	}
}

func (p *parser) unary() (expr, error) {
	if !p.accept("not") {
		return p.primary()
	}
	if err := p.deeper(); err != nil {
		return expr{}, err
	}
	e, err := p.unary()
	p.depth--
	if err == nil {
		err = e.mustBe(boolean)
	}
	return expr{negation{e.node}, boolean}, err
}

func (p *parser) primary() (expr, error) {
	switch {
	case p.token.is("("):
		return p.brackets()
	case p.token.kind == word && !keywords[p.token.raw]:
		return p.name()
	}
	v, err := p.literal()
	return expr{constant(v), v.kind}, err
}

func (p *parser) brackets() (expr, error) {
	if err := p.deeper(); err != nil {
		return expr{}, err
	}
	p.advance()
	e, err := p.or()
	p.depth--
	if err != nil {
		return expr{}, err
	}
	return e, p.expect(")")
}

// name reads the name of a property, or a function with its arguments.
func (p *parser) name() (expr, error) {
	name := p.token
	p.advance()
	if p.accept("(") {
		f, known := functions[name.raw]
		if !known {
			return expr{}, unsupported(name)
		}
		return p.call(f)
	}
	property, known := properties[strings.ToLower(name.raw)]
	if !known {
		return expr{}, unsupported(name)
	}
	return property, nil
}

// call reads the arguments of f, whose opening bracket has been read.
func (p *parser) call(f function) (expr, error) {
	if err := p.operator(); err != nil {
		return expr{}, err
	}
	if err := p.deeper(); err != nil {
		return expr{}, err
	}
	defer func() { p.depth-- }()
	c := call{do: f.do}
	for i, wanted := range f.params {
		if i >= f.required && p.token.is(")") {
			break
		}
		if i > 0 {
			if err := p.expect(","); err != nil {
				return expr{}, err
			}
		}
		e, err := p.or()
		if err != nil {
			return expr{}, err
		}
		if wanted == countable && e.kind == collection {
			return expr{groupCount{}, integer}, p.expect(")")
		}
		if err := e.mayBe(wanted.plain()); err != nil {
			return expr{}, err
		}
		c.args[c.n], c.n = e.node, c.n+1
	}
	return expr{c, f.result}, p.expect(")")
}

// literal reads a constant.
func (p *parser) literal() (value, error) {
	t := p.token
	v, err := value{}, error(nil)
	switch {
	case t.kind == text:
		v = textValue(t.value)
	case t.kind == number:
		n, overflow := strconv.ParseInt(t.raw, 10, 32)
		if overflow != nil {
			return value{}, unsupported(t)
		}
		v = integerValue(int(n))
	case t.is("true"), t.is("false"):
		v = truth(t.raw == "true")
	case t.is("null"):
	default:
		err = p.invalid()
	}
	p.advance()
	return v, err
}

// keywords cannot be names.
var keywords = map[string]bool{
	"and": true, "or": true, "not": true, "in": true,
	"eq": true, "ne": true, "gt": true, "ge": true, "lt": true, "le": true,
	"true": true, "false": true, "null": true,
}
