package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// MaxPageSize is the largest and the default maxpagesize. Source: REST API, List
// Connections In Group.
const MaxPageSize = 200

// maxContinuation is the longest continuationToken, in bytes.
const maxContinuation = 2048

type memberPage struct {
	Value    []memberItem `json:"value"`
	NextLink string       `json:"nextLink,omitempty"`
}

type memberItem struct {
	ConnectionID webpubsub.ConnectionID `json:"connectionId"`
	UserID       webpubsub.UserID       `json:"userId,omitempty"`
}

// listGroup answers one page in the order of connection ids. A page resumes strictly
// after the last id of the one before, so joins and leaves in between do no harm.
func (a *api) listGroup(c *call) (answer, error) {
	p, err := c.page()
	if err != nil {
		return answer{}, err
	}
	size := p.size
	if p.top > 0 {
		size = min(size, p.top)
	}
	members := a.engine.GroupMembers(c.hub, c.group, p.after, size+1)
	more := len(members) > size
	members = members[:min(size, len(members))]

	body := memberPage{Value: []memberItem{}}
	for _, m := range members {
		body.Value = append(body.Value, memberItem(m))
	}
	if more && (p.top == 0 || p.top > size) {
		body.NextLink = c.nextLink(p, members[size-1].ConnectionID, size)
	}
	return answer{status: http.StatusOK, body: body}, nil
}

// page is the position in a list.
type page struct {
	size  int
	top   int // 0 is no limit
	after webpubsub.ConnectionID
}

func (c *call) page() (page, error) {
	for _, name := range []string{"maxpagesize", "top", "continuationToken"} {
		if v := c.query.all(strings.ToLower(name)); len(v) > 1 || len(v) == 1 && v[0] == "" {
			return page{}, badParam(name, "%s must be given once, with a value.", name)
		}
	}
	var p page
	var err error
	if p.size, err = c.integer("maxpagesize", MaxPageSize, 1, MaxPageSize); err != nil {
		return page{}, err
	}
	if p.top, err = c.integer("top", 0, 1, math.MaxInt32); err != nil {
		return page{}, err
	}
	if token := c.query.get("continuationtoken"); token != "" {
		after, ok := openContinuation(token, c.hub, c.group)
		if !ok {
			return page{}, badParam("continuationToken", "The continuationToken is damaged or belongs to another list.")
		}
		p.after = after
	}
	return p, nil
}

// nextLink names the page after last; its top is what is left of the caller's.
func (c *call) nextLink(p page, last webpubsub.ConnectionID, sent int) string {
	q := url.Values{
		"api-version":       {c.version},
		"maxpagesize":       {strconv.Itoa(p.size)},
		"continuationToken": {sealContinuation(last, c.hub, c.group)},
	}
	if p.top > 0 {
		q.Set("top", strconv.Itoa(p.top-sent))
	}
	return c.origin() + c.r.URL.EscapedPath() + "?" + q.Encode()
}

const sealSize = 16

// sealContinuation packs an id with a digest that binds it to its list. It guards
// against mistakes, not against forgery: a caller may list the whole group anyway.
func sealContinuation(id webpubsub.ConnectionID, hub webpubsub.HubName, g webpubsub.GroupName) string {
	sum := sha256.Sum256([]byte(string(hub) + "\x00" + string(id) + "\x00" + string(g)))
	return base64.RawURLEncoding.EncodeToString(append(sum[:sealSize], id...))
}

func openContinuation(token string, hub webpubsub.HubName, g webpubsub.GroupName) (webpubsub.ConnectionID, bool) {
	if len(token) > maxContinuation {
		return "", false
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) <= sealSize {
		return "", false
	}
	id := webpubsub.ConnectionID(raw[sealSize:])
	return id, sealContinuation(id, hub, g) == token
}
