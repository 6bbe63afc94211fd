package jsonscan

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzScan holds what is JSON, and what strings mean, to encoding/json.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `null`, `nul`, `true x`, `-0`, `-`, `01`, `1.`, `1.5e+3`, `1e`, `0.1E-9`, `"`, `"a`, `"\u00fc"`, `"\ud83d\ude00"`, `"\ud83dx"`, `"\ude00"`,
		`"\ud83d\u0041"`, `"\ud83d\n"`, `"\"\\\/\b\f\n\r\t"`, `"\x"`, `"\u12"`, "\"\x01\"", "\"\xff\"", `[]`, `[1,]`, `[,]`, `{}`, `{"a":1,}`, `{"a"}`, `{"a":{"b":[{}]},"a":2}`, `{a:1}`,
		strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := Scan{Text: text}
		end := s.Value(s.Space(0), 0)
		isJSON := end >= 0 && s.Space(end) == len(text)
		if isJSON != json.Valid(text) || isJSON != IsJSON(text) {
			t.Fatalf("%q: %t", text, isJSON)
		}
		if Valid(text) != (isJSON && utf8.Valid(text) && !s.Lone) {
			t.Fatalf("%q: Valid is %t", text, Valid(text))
		}
		if !isJSON || !utf8.Valid(text) {
			return
		}
		if value := text[s.Space(0):end]; value[0] == '"' {
			var want string
			if err := json.Unmarshal(value, &want); err != nil || string(Unquote(value)) != want {
				t.Fatalf("%q means %q, want %q, %v", value, Unquote(value), want, err)
			}
			if s.Lone && !strings.ContainsRune(want, utf8.RuneError) {
				t.Fatalf("%q has no half of a pair", value)
			}
		}
	})
}

// Keys and places of an object's members are what one would cut out by hand.
func TestObject_visitsItsMembers(t *testing.T) {
	const text = ` { "a" : 1 , "b\u0021":[ {"c":2} ],"":"x"} `
	s := Scan{Text: []byte(text)}
	var got []string
	end := s.Object(1, 1, func(key []byte, from, to int) { got = append(got, string(Unquote(key))+"="+text[from:to]) })
	if want := `a=1 b!=[ {"c":2} ] ="x"`; strings.Join(got, " ") != want || end != len(text)-1 {
		t.Errorf("got %q, end %d; want %s", got, end, want)
	}
}
