package filter

import (
	"strings"
	"unicode/utf16"
)

// maxArgs is the most parameters a function has.
const maxArgs = 3

type arguments [maxArgs]value

// function takes its parameters by type; those after the required ones may be left out.
type function struct {
	params   []kind
	required int
	result   kind
	do       func(a arguments, n int) value
}

type call struct {
	args [maxArgs]node
	n    int
	do   func(a arguments, n int) value
}

func (c call) eval(s *Subject) value {
	var a arguments
	for i := range c.n {
		a[i] = c.args[i].eval(s)
	}
	return c.do(a, c.n)
}

var functions = map[string]function{
	"length":     {[]kind{countable}, 1, integer, perhaps(func(s string) value { return integerValue(length(s)) })},
	"tolower":    {[]kind{str}, 1, str, perhaps(func(s string) value { return textValue(strings.ToLower(s)) })},
	"toupper":    {[]kind{str}, 1, str, perhaps(func(s string) value { return textValue(strings.ToUpper(s)) })},
	"trim":       {[]kind{str}, 1, str, perhaps(func(s string) value { return textValue(strings.TrimSpace(s)) })},
	"contains":   {[]kind{str, str}, 2, boolean, ifBoth(strings.Contains)},
	"startswith": {[]kind{str, str}, 2, boolean, ifBoth(strings.HasPrefix)},
	"endswith":   {[]kind{str, str}, 2, boolean, ifBoth(strings.HasSuffix)},
	"indexof":    {[]kind{str, str}, 2, integer, indexOf},
	"concat":     {[]kind{str, str}, 2, str, concat},
	"substring":  {[]kind{str, integer, integer}, 2, str, substring},
}

// perhaps makes a function of one text that keeps null as it is.
func perhaps(do func(string) value) func(arguments, int) value {
	return func(a arguments, _ int) value {
		if a[0].kind == null {
			return value{}
		}
		return do(a[0].text)
	}
}

// ifBoth makes a test of two texts that is false when one is null.
func ifBoth(test func(s, t string) bool) func(arguments, int) value {
	return func(a arguments, _ int) value {
		return truth(a[0].kind != null && a[1].kind != null && test(a[0].text, a[1].text))
	}
}

func indexOf(a arguments, _ int) value {
	i := -1
	if a[0].kind != null && a[1].kind != null {
		i = strings.Index(a[0].text, a[1].text)
	}
	if i > 0 {
		i = length(a[0].text[:i])
	}
	return integerValue(i)
}

func concat(a arguments, _ int) value {
	if a[0].kind == null && a[1].kind == null {
		return value{}
	}
	return textValue(a[0].text + a[1].text)
}

// substring is null when it would begin or end outside of the text.
func substring(a arguments, n int) value {
	for _, v := range a[:n] {
		if v.kind == null {
			return value{}
		}
	}
	s, start := a[0].text, int(a[1].num)
	stop := length(s)
	if n == 3 {
		stop = start + int(a[2].num)
	}
	if start < 0 || stop < start || stop > length(s) {
		return value{}
	}
	if isASCII(s) {
		return textValue(s[start:stop])
	}
	return textValue(string(utf16.Decode(utf16.Encode([]rune(s))[start:stop])))
}

// length counts UTF-16 code units.
func length(s string) int {
	if isASCII(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
