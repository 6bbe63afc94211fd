// Package porttest finds ports for tests that name a port before anything listens on it, or
// come back to one after a crash.
package porttest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Addr returns an address of this machine that nobody listens on. Its port is below those
// that systems take by themselves, for what listens on port 0 and for connections outwards:
// of these another process may get one while the test does not hold it.
func Addr(t testing.TB) string {
	t.Helper()
	var err error
	for range 100 {
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))); err == nil {
			l.Close()
			return l.Addr().String()
		}
	}
	t.Fatalf("no free port: %v", err)
	return ""
}
