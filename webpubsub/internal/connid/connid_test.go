package connid

import (
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

func TestID_isItsText(t *testing.T) {
	id := New()
	text := id.Text()
	if again, ok := Parse(text); !ok || again != id {
		t.Errorf("%s is read as %s, %v", text, again.Text(), ok)
	}
	for _, text := range []webpubsub.ConnectionID{"", "c1", text[1:], text + "0", "g" + text[1:], webpubsub.ConnectionID(strings.Repeat("AB", 16))} {
		if _, ok := Parse(text); ok {
			t.Errorf("%q is no id", text)
		}
	}
}
