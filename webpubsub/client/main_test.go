package client_test

import (
	"os"
	"testing"

	"github.com/easelhq/easel/internal/leaktest"
)

// TestMain fails when goroutines of clients outlive them.
func TestMain(m *testing.M) {
	os.Exit(leaktest.Main(m, "webpubsub/client.", "coder/websocket."))
}
