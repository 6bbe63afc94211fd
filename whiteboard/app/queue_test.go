package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestFail_whatCantBeHadNow_saysWhenToAskAgain(t *testing.T) {
	a := &App{Options: Options{Logger: slog.New(slog.DiscardHandler)}}
	for status, want := range map[int]string{http.StatusServiceUnavailable: retryAfter, http.StatusBadRequest: ""} {
		w := httptest.NewRecorder()
		a.fail(w, httptest.NewRequest("GET", "/", nil), refuse(status, "code", "why"))
		if got := w.Header().Get("Retry-After"); w.Code != status || got != want {
			t.Errorf("%d: Retry-After is %q, want %q", w.Code, got, want)
		}
	}
}

func TestQueue_letsInSoManyAndLetsSoManyWait(t *testing.T) {
	q := newQueue(1, 1)
	first, err := q.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.enter(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("who gives up waiting gets %v", err)
	}
	inside := make(chan error)
	go func() {
		second, err := q.enter(t.Context())
		if err == nil {
			second.leave()
		}
		inside <- err
	}()
	for len(q.line) < 2 { // until the other waits
		select {
		case err := <-inside:
			t.Fatalf("the second did not wait: %v", err)
		default:
		}
	}
	if _, err := q.enter(t.Context()); refusalOf(err) == nil || refusalOf(err).code != "unavailable" {
		t.Errorf("the third gets %v", err)
	}
	first.done() // and still has its place in the line
	if err := <-inside; err != nil {
		t.Errorf("who waited gets %v", err)
	}
	if len(q.line) != 1 {
		t.Errorf("%d are in the line, want the one that is being answered", len(q.line))
	}
	first.leave()
	if len(q.line) != 0 || len(q.places) != 0 {
		t.Errorf("%d are left in the line, %d inside", len(q.line), len(q.places))
	}
}

func TestAlbum_keepsWhatWasAskedForLast_asOfItsPosition(t *testing.T) {
	a := album{most: 10}
	has := func(name string, seq uint64) bool {
		_, ok := a.get(name, seq)
		return ok
	}
	a.put("a", 1, make([]byte, 4))
	a.put("b", 1, make([]byte, 4))
	if !has("a", 1) || has("a", 2) || !has("b", 1) {
		t.Error("a picture is kept as of one position")
	}
	has("a", 1)
	a.put("c", 1, make([]byte, 4))
	if !has("a", 1) || has("b", 1) || !has("c", 1) {
		t.Error("what was not asked for longest makes room")
	}
	a.put("a", 2, make([]byte, 6))
	if has("a", 1) || !has("a", 2) || a.bytes != 10 {
		t.Errorf("a new one takes the old one's place; %d bytes", a.bytes)
	}
	a.put("d", 1, make([]byte, 10))
	if !has("d", 1) || a.bytes != 10 || len(a.order) != 1 || len(a.known) != 1 {
		t.Errorf("after one that fills it: %d bytes, %v", a.bytes, a.order)
	}
}
