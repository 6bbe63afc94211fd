// Package leaktest fails a test binary whose tests leave goroutines behind.
package leaktest

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long goroutines may take to end after the tests have.
const patience = 30 * time.Second

// Main runs the tests and returns the code to exit with. Tests that pass fail all the same
// when a goroutine is left that mentions one of the words, such as "webpubsub/server.";
// without words, any that was not there before. It prints those that are left.
func Main(m *testing.M, words ...string) int {
	before := runtime.NumGoroutine()
	code := m.Run()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for deadline := time.Now().Add(patience); code == 0; runtime.Gosched() {
		left := leftovers(before, words)
		if len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			fmt.Fprintf(os.Stderr, "goroutines left:\n%s\n", strings.Join(left, "\n\n"))
			code = 1
		}
	}
	return code
}

func leftovers(before int, words []string) (left []string) {
	if len(words) == 0 && runtime.NumGoroutine() <= before {
		return nil
	}
	buf := make([]byte, 1<<20)
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if len(words) == 0 || mentions(g, words) {
			left = append(left, g)
		}
	}
	return left
}

func mentions(goroutine string, words []string) bool {
	for _, word := range words {
		if strings.Contains(goroutine, word) {
			return true
		}
	}
	return false
}
