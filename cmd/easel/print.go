package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// outputs are the formats of management commands, as those of the Azure CLI.
var outputs = []string{"json", "table", "tsv"}

// print writes v as JSON, or rows as a table whose first row is the head, or without the
// head and with tabs between. With --query it writes the part of v that is asked for.
func (m *manageFlags) print(v any, rows [][]string) error {
	if m.query != "" {
		return m.printPart(v)
	}
	switch m.output {
	case "json":
		return m.program.printJSON(v)
	case "tsv":
		return m.program.printLines(rows[1:])
	}
	return m.program.printTable(rows)
}

func (p *program) printJSON(v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func (p *program) printTable(rows [][]string) error {
	w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

func (p *program) printLines(rows [][]string) error {
	for _, row := range rows {
		if _, err := fmt.Fprintln(p.stdout, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return nil
}

// printPart writes what --query selects: as JSON, else a line for each value.
func (m *manageFlags) printPart(v any) error {
	part, err := selectPart(v, m.steps)
	if err != nil {
		return err
	}
	if m.output == "json" {
		return m.program.printJSON(part)
	}
	list, ok := part.([]any)
	if !ok {
		list = []any{part}
	}
	var rows [][]string
	for _, item := range list {
		rows = append(rows, []string{plainText(item)})
	}
	return m.program.printLines(rows)
}

// plainText is a value without quotes around it.
func plainText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil { // it has been decoded from JSON
		panic(err)
	}
	return string(text)
}

// step is one step of a query: a name, or an index of an array when the name is empty.
type step struct {
	name  string
	index int
}

var stepText = regexp.MustCompile(`^(?:\.?([A-Za-z_][A-Za-z0-9_]*)|\[(\d{1,6})\])`)

// parseQuery reads a path such as properties.eventHandlers[0].urlTemplate, the part of the
// Azure CLI's query language that scripts use most.
func parseQuery(path string) (steps []step, err error) {
	for rest := path; rest != ""; {
		found := stepText.FindStringSubmatch(rest)
		if found == nil {
			return nil, usagef("--query %q: only names, dots and [index] are understood", path)
		}
		s := step{name: found[1]}
		if s.name == "" {
			if s.index, err = strconv.Atoi(found[2]); err != nil { // digits always are a number
				panic(err)
			}
		}
		steps, rest = append(steps, s), rest[len(found[0]):]
	}
	return steps, nil
}

// selectPart follows a query into v.
func selectPart(v any, query []step) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var part any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&part)
	for _, s := range query {
		if err == nil {
			part, err = s.into(part)
		}
	}
	return part, err
}

func (s step) into(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if part, ok := v[s.name]; ok {
			return part, nil
		}
		if s.name != "" {
			return nil, fmt.Errorf("--query: there is no %s; there are %s", s.name, strings.Join(slices.Sorted(maps.Keys(v)), ", "))
		}
	case []any:
		if s.name == "" && s.index < len(v) {
			return v[s.index], nil
		}
		if s.name == "" {
			return nil, fmt.Errorf("--query: there is no [%d]; there are %d", s.index, len(v))
		}
	}
	return nil, errors.New("--query: only objects have names, and only arrays have indexes")
}
