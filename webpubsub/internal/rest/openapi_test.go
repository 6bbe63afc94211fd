package rest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The published description of the API, as far as the tests need it.
type (
	document struct {
		Paths       map[string]map[string]*described
		Definitions map[string]*schema

		byID map[string]*described
	}
	described struct {
		OperationID string
		Parameters  []parameter
		Consumes    []string
		Produces    []string
		Responses   map[string]response

		method, path string
	}
	parameter struct {
		In, Name, Type, Pattern string
		Required                bool
		MinLength, MaxLength    *int
		Minimum, Maximum        *int
		Enum                    []string
		Schema                  *schema
	}
	response struct {
		Schema  *schema
		Headers map[string]struct{ Type string }
	}
	schema struct {
		Ref                  string `json:"$ref"`
		Type, Format         string
		Required             []string
		Properties           map[string]*schema
		Items                *schema
		AdditionalProperties *bool
	}
)

func readDocument(t *testing.T) *document {
	t.Helper()
	raw, err := os.ReadFile("testdata/openapi/webpubsub.json")
	if err != nil {
		t.Fatal(err)
	}
	d := &document{byID: map[string]*described{}}
	if err := json.Unmarshal(raw, d); err != nil {
		t.Fatal(err)
	}
	for path, methods := range d.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			d.byID[op.OperationID] = op
		}
	}
	return d
}

// request spells a request for op with parameters by name, the body's under "body". It
// refuses what the document does not have. With check, values must be as described.
func (d *document) request(op *described, values url.Values, check bool) (target string, err error) {
	path, query, left := op.path, url.Values{}, maps.Clone(values)
	for _, p := range op.Parameters {
		given := values[p.Name]
		delete(left, p.Name)
		switch {
		case p.In == "body":
			given = values["body"]
			delete(left, "body")
			if check && len(given) > 0 && p.Schema.Ref != "" {
				err = d.checkJSON(p.Schema, []byte(given[0]))
			}
		case p.In == "path" && len(given) == 1:
			path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(given[0]), 1)
		case p.In == "query":
			query[p.Name] = given
		}
		if check && err == nil && p.Required && len(given) == 0 {
			err = fmt.Errorf("%s is required", p.Name)
		}
		for _, s := range given {
			if check && err == nil && p.In != "body" {
				err = p.check(s)
			}
		}
		if err != nil {
			return "", err
		}
	}
	if len(left) > 0 {
		return "", fmt.Errorf("the document has no parameter %v", slices.Collect(maps.Keys(left)))
	}
	return path + "?" + query.Encode(), nil
}

func (p parameter) check(s string) error {
	n, notNumber := strconv.Atoi(s)
	switch {
	case p.Type == "integer" && notNumber != nil,
		p.Minimum != nil && n < *p.Minimum,
		p.Maximum != nil && n > *p.Maximum,
		p.MinLength != nil && len(s) < *p.MinLength,
		p.MaxLength != nil && len(s) > *p.MaxLength,
		p.Enum != nil && !slices.Contains(p.Enum, s),
		p.Pattern != "" && !fits(p.Pattern, s):
		return fmt.Errorf("%s %q is not as described", p.Name, s)
	}
	return nil
}

// fits knows, besides the patterns of Go, the one of group names: not all white space.
func fits(pattern, s string) bool {
	if pattern == `^(?!\s+$).+$` {
		return strings.TrimSpace(s) != ""
	}
	return regexp.MustCompile(pattern).MatchString(s)
}

// wrong lists values that the description of p forbids.
func (p parameter) wrong() (list []string) {
	if p.Minimum != nil {
		list = append(list, strconv.Itoa(*p.Minimum-1))
	}
	if p.Maximum != nil {
		list = append(list, strconv.Itoa(*p.Maximum+1))
	}
	if p.MaxLength != nil {
		list = append(list, strings.Repeat("g", *p.MaxLength+1))
	}
	if p.Type == "integer" {
		list = append(list, "x", "1.5", "99999999999999999999")
	}
	if p.Enum != nil {
		list = append(list, "unheard-of")
	}
	if strings.Contains(p.Pattern, `\s`) {
		list = append(list, " ", "\t ")
	} else if p.Pattern != "" {
		list = append(list, "1x", "a b", "ä", strings.Repeat("h", 129))
	}
	return list
}

// answer checks an answer and returns under which response of the document it falls.
func (d *document) answer(op *described, r *http.Response, body []byte) (status string, err error) {
	status = strconv.Itoa(r.StatusCode)
	documented, listed := op.Responses[status]
	if !listed {
		if status, documented = "default", op.Responses["default"]; r.StatusCode < 400 {
			return "", fmt.Errorf("status %d is not documented", r.StatusCode)
		}
	}
	for name := range documented.Headers {
		if r.Header.Get(name) == "" {
			return "", fmt.Errorf("status %d: header %s is missing", r.StatusCode, name)
		}
	}
	switch {
	case documented.Schema == nil || op.method == "HEAD":
		if len(body) > 0 {
			err = fmt.Errorf("status %d has a body: %s", r.StatusCode, body)
		}
	case !slices.Contains(op.Produces, r.Header.Get("Content-Type")):
		err = fmt.Errorf("status %d: content type %q is not one of %q", r.StatusCode, r.Header.Get("Content-Type"), op.Produces)
	default:
		err = d.checkJSON(documented.Schema, body)
	}
	return status, err
}

func (d *document) checkJSON(s *schema, text []byte) error {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return d.check(s, v, "")
}

// check compares a JSON value with a schema; at says where in the text it stands.
func (d *document) check(s *schema, v any, at string) error {
	if name, ok := strings.CutPrefix(s.Ref, "#/definitions/"); ok {
		s = d.Definitions[name]
	}
	switch v := v.(type) {
	case map[string]any:
		return d.checkObject(s, v, at)
	case []any:
		if s.Type != "array" {
			return fmt.Errorf("%s is a list, want %s", at, s.Type)
		}
		for i, item := range v {
			if err := d.check(s.Items, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case string:
		u, err := url.Parse(v)
		if s.Type != "string" || s.Format == "uri" && (err != nil || !u.IsAbs()) {
			return fmt.Errorf("%s is %q, want %s %s", at, v, s.Type, s.Format)
		}
	default:
		return fmt.Errorf("%s is %v, which no schema has", at, v)
	}
	return nil
}

func (d *document) checkObject(s *schema, v map[string]any, at string) error {
	if s.Type != "object" {
		return fmt.Errorf("%s is an object, want %s", at, s.Type)
	}
	for _, name := range s.Required {
		if _, there := v[name]; !there {
			return fmt.Errorf("%s.%s is missing", at, name)
		}
	}
	for name, item := range v {
		property := s.Properties[name]
		if property == nil {
			return fmt.Errorf("%s.%s is not documented", at, name)
		}
		if err := d.check(property, item, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func TestOpenAPI_checkerNotices(t *testing.T) {
	d := readDocument(t)
	list, send := d.byID["WebPubSub_ListConnectionsInGroup"], d.byID["WebPubSub_SendToAll"]
	for _, c := range []struct {
		op         *described
		status     int
		header     string
		kind, body string
		says       string
	}{
		{list, 200, "", "application/json", `{"value":[{"connectionId":"c1","userId":"ann"}],"nextLink":"https://a/b"}`, ""},
		{list, 200, "", "application/json", `{"value":[{"userId":"ann"}]}`, "connectionId is missing"},
		{list, 200, "", "application/json", `{"value":[{"connectionId":1}]}`, "no schema has"},
		{list, 200, "", "application/json", `{"value":{}}`, "is an object"},
		{list, 200, "", "application/json", `{"value":[],"count":"0"}`, "count is not documented"},
		{list, 200, "", "application/json", `{"value":[],"nextLink":"/b"}`, "want string uri"},
		{list, 200, "", "text/html", `{"value":[]}`, "content type"},
		{list, 201, "", "application/json", `{"value":[]}`, "status 201 is not documented"},
		{list, 400, "", "application/json", `{"code":"a"}`, "x-ms-error-code is missing"},
		{list, 400, "a", "application/json", `{"code":"a","inner":{"code":"b","inner":{}},"details":[{"code":"c"}]}`, ""},
		{list, 400, "a", "application/json", `{"code":"a","details":{}}`, "is an object"},
		{send, 200, "", "", "", "status 200 is not documented"},
		{send, 202, "", "", "ok", "has a body"},
		{send, 202, "", "", "", ""},
	} {
		r := &http.Response{StatusCode: c.status, Header: http.Header{"Content-Type": {c.kind}}}
		if c.header != "" {
			r.Header.Set("x-ms-error-code", c.header)
		}
		_, err := d.answer(c.op, r, []byte(c.body))
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %d %s: %v, want %q", c.op.OperationID, c.status, c.body, err, c.says)
		}
	}
	good := url.Values{"hub": {"board"}, "group": {"g"}, "api-version": {"2024-12-01"}}
	for name, value := range map[string]string{"": "", "color": "red", "hub": "1", "group": " ", "maxpagesize": "201", "top": "x", "api-version": ""} {
		values := maps.Clone(good)
		if values.Set(name, value); value == "" {
			values.Del(name)
		}
		if _, err := d.request(list, values, true); (err == nil) != (name == "") {
			t.Errorf("%s=%q: %v", name, value, err)
		}
	}
}
