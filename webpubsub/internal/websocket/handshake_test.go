package websocket_test

import (
	"testing"

	"github.com/easelhq/easel/webpubsub/internal/websocket"
)

func TestAcceptKey(t *testing.T) {
	// The example of RFC 6455, 1.3.
	if got := websocket.AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Error(got)
	}
}

func TestValidKey(t *testing.T) {
	for key, want := range map[string]bool{
		"dGhlIHNhbXBsZSBub25jZQ==":   true,
		" dGhlIHNhbXBsZSBub25jZQ== ": true,
		"":                           false,
		"dGhlIHNhbXBsZSBub25jZQ":     false,
		"dGhlIHNhbXBsZSBub25jZQ=":    false,
		"dGhlIHNhbXBsZSBub25j":       false,
		"dGhlIHNhbXBsZSBub25jZWE=":   false,
		"!!!!!!!!!!!!!!!!!!!!!!==":   false,
	} {
		if got := websocket.ValidKey(key); got != want {
			t.Errorf("%q: %v", key, got)
		}
	}
}

func TestHasToken(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  bool
	}{
		"alone":         {[]string{"Upgrade"}, true},
		"in a list":     {[]string{"keep-alive, Upgrade"}, true},
		"in lower case": {[]string{"upgrade"}, true},
		"another line":  {[]string{"keep-alive", " upgrade "}, true},
		"none":          {nil, false},
		"a longer word": {[]string{"upgrades"}, false},
	} {
		if got := websocket.HasToken(c.lines, "Upgrade"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestCodeMayTravel(t *testing.T) {
	for code, want := range map[int]bool{999: false, 1000: true, 1004: false, 1005: false, 1006: false, 1014: true, 1015: false, 2999: false, 3000: true, 4999: true, 5000: false} {
		if got := websocket.CodeMayTravel(code); got != want {
			t.Errorf("%d: %v", code, got)
		}
	}
}
