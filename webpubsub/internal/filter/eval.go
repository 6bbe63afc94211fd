package filter

import "github.com/easelhq/easel/webpubsub"

// kind is the type of a value.
type kind uint8

const (
	null kind = iota
	boolean
	integer
	str        // text
	collection // the connection's groups; there is no other
	countable  // of a parameter: str or collection
)

func (k kind) String() string {
	return [...]string{"null", "bool", "int", "string", "collection", "string"}[k]
}

// plain is the type to name when the argument is none that fits.
func (k kind) plain() kind {
	if k == countable {
		return str
	}
	return k
}

// value is what an expression is for one connection. Equal values are the same; the zero
// value is null. Of a collection it says only that it is one.
type value struct {
	kind kind
	num  int32 // of an integer; of a boolean 0 or 1
	text string
}

var (
	yes = value{kind: boolean, num: 1}
	no  = value{kind: boolean}
)

func truth(b bool) value {
	if b {
		return yes
	}
	return no
}

func textValue(s string) value { return value{kind: str, text: s} }
func integerValue(n int) value { return value{kind: integer, num: int32(n)} }
func textOrNull(s string) value {
	if s == "" {
		return value{}
	}
	return textValue(s)
}

// node is a part of an expression, its types checked.
type node interface{ eval(*Subject) value }

type constant value

func (c constant) eval(*Subject) value { return value(c) }

type property func(*Subject) value

func (p property) eval(s *Subject) value { return p(s) }

// properties are those of a connection, by name in lower case.
var properties = map[string]expr{
	"userid":       {property(func(s *Subject) value { return textOrNull(string(s.UserID)) }), str},
	"connectionid": {property(func(s *Subject) value { return textValue(string(s.ConnectionID)) }), str},
	"protocol":     {property(func(s *Subject) value { return textOrNull(s.Protocol) }), str},
	"groups":       {constant{kind: collection}, collection},
}

type anyOf []node

func (list anyOf) eval(s *Subject) value {
	for _, n := range list {
		if n.eval(s) == yes {
			return yes
		}
	}
	return no
}

type allOf []node

func (list allOf) eval(s *Subject) value {
	for _, n := range list {
		if n.eval(s) != yes {
			return no
		}
	}
	return yes
}

type negation struct{ of node }

func (n negation) eval(s *Subject) value { return truth(n.of.eval(s) != yes) }

type equality struct {
	left, right node
	wanted      bool
}

func (e equality) eval(s *Subject) value {
	return truth((e.left.eval(s) == e.right.eval(s)) == e.wanted)
}

// orders are the operators that need integers.
var orders = map[string]func(a, b int32) bool{
	"gt": func(a, b int32) bool { return a > b },
	"ge": func(a, b int32) bool { return a >= b },
	"lt": func(a, b int32) bool { return a < b },
	"le": func(a, b int32) bool { return a <= b },
}

type order struct {
	left, right node
	holds       func(a, b int32) bool
}

func (o order) eval(s *Subject) value {
	a, b := o.left.eval(s), o.right.eval(s)
	return truth(a.kind != null && b.kind != null && o.holds(a.num, b.num))
}

type inList struct {
	item   node
	values map[value]struct{}
}

func (in inList) eval(s *Subject) value {
	_, found := in.values[in.item.eval(s)]
	return truth(found)
}

type inGroups struct{ item node }

func (in inGroups) eval(s *Subject) value {
	v := in.item.eval(s)
	if v.kind != str {
		return no
	}
	return truth(s.inGroup(webpubsub.GroupName(v.text)))
}

type groupCount struct{}

func (groupCount) eval(s *Subject) value { return integerValue(s.groupCount()) }
