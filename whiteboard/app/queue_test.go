package app

import (
	"context"
	"errors"
	"testing"
)

func TestQueue_letsInSoManyAndLetsSoManyWait(t *testing.T) {
	q := newQueue(1, 1)
	leave, err := q.enter(t.Context())
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
		leave, err := q.enter(t.Context())
		if err == nil {
			leave()
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
	leave()
	if err := <-inside; err != nil {
		t.Errorf("who waited gets %v", err)
	}
	if len(q.line) != 0 || len(q.places) != 0 {
		t.Errorf("%d are left in the line, %d inside", len(q.line), len(q.places))
	}
}
