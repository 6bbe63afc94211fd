package rest

import (
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

// authorize checks the bearer token of a request. Errors: Unauthorized.
// Source: REST API, authentication by access key.
func (a *api) authorize(r *http.Request) error {
	scheme, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	raw = strings.TrimSpace(raw)
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return webpubsub.Errorf(webpubsub.Unauthorized, "no bearer token")
	}
	accept := token.RESTAudience(r.Host, r.URL.EscapedPath(), a.Audiences)
	_, err := token.Verify(raw, a.Settings.Settings().Keys, a.Now(), accept)
	return err
}

// maxMinutes is the longest life of a token: what a time.Duration can hold.
const maxMinutes = math.MaxInt64 / int(time.Minute)

// clientPaths are the endpoints a token can be for, by clientType in lower case.
var clientPaths = map[string]string{
	"":         token.ClientPath,
	"default":  token.ClientPath,
	"mqtt":     token.MQTTClientPath,
	"socketio": token.SocketIOClientPath,
}

// generateToken signs with the primary key. Its audience is the endpoint as the caller
// knows it.
func (a *api) generateToken(c *call) (answer, error) {
	minutes, err := c.integer("minutesToExpire", 60, 1, maxMinutes)
	if err != nil {
		return answer{}, err
	}
	path, ok := clientPaths[strings.ToLower(c.query.get("clienttype"))]
	if !ok {
		return answer{}, badParam("clientType", "clientType %q must be Default, MQTT or SocketIO.", clip(c.query.get("clienttype")))
	}
	groups := c.query.all("group")
	for _, g := range groups {
		if _, err := webpubsub.ParseGroupName(g); err != nil {
			return answer{}, inputError{"group", err}
		}
	}
	now := a.Now()
	raw, err := token.Mint(a.Settings.Settings().Keys.Primary, token.MintOptions{
		Audience: c.origin() + path + string(c.hub),
		UserID:   c.query.get("userid"),
		Roles:    c.query.all("role"),
		Groups:   groups,
		Lifetime: time.Duration(minutes) * time.Minute,
		Claims:   map[string]any{"nbf": now.Unix()},
	}, now)
	if err != nil {
		return answer{}, &webpubsub.Error{Op: "generate token", Code: webpubsub.Internal, Err: err}
	}
	return answer{status: http.StatusOK, body: struct {
		Token string `json:"token"`
	}{raw}}, nil
}
