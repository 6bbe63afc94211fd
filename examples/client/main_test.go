package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

// terminal is somebody at the keyboard.
type terminal struct {
	t     *testing.T
	keys  *io.PipeWriter
	lines *bufio.Scanner
	ended chan error
}

func open(t *testing.T, s *webpubsubtest.Service, user string) *terminal {
	t.Helper()
	in, keys := io.Pipe()
	screen, out := io.Pipe()
	x := &terminal{t, keys, bufio.NewScanner(screen), make(chan error, 1)}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	go func() {
		err := run(ctx, []string{"-connection-string", s.ConnectionString, "-user", user}, in, out)
		out.CloseWithError(err)
		x.ended <- err
	}()
	x.reads("* connected as " + user)
	return x
}

func (x *terminal) reads(want string) {
	x.t.Helper()
	if !x.lines.Scan() || x.lines.Text() != want {
		x.t.Fatalf("read %q, %v; want %q", x.lines.Text(), x.lines.Err(), want)
	}
}

func (x *terminal) types(line string) {
	x.t.Helper()
	if _, err := fmt.Fprintln(x.keys, line); err != nil {
		x.t.Fatal(err)
	}
}

// leaves closes the keyboard and reads what comes until the program ends.
func (x *terminal) leaves() {
	x.t.Helper()
	x.keys.Close()
	for x.lines.Scan() {
		x.t.Log(x.lines.Text())
	}
	if err := <-x.ended; err != nil {
		x.t.Error(err)
	}
}

func TestChat_whatOneTypes_theOtherReads(t *testing.T) {
	s := webpubsubtest.Start(t)
	ann, bob := open(t, s, "ann"), open(t, s, "bob")
	// Who has sent a line is in the group, and so hears the answer.
	bob.types("anybody here?")
	ann.types("hello")
	bob.reads("ann: hello")
	bob.types("hi ann")
	for ann.lines.Scan() && ann.lines.Text() != "bob: hi ann" { // perhaps the first line before
	}
	if got := ann.lines.Text(); got != "bob: hi ann" {
		t.Errorf("ann read %q", got)
	}
	ann.leaves()
	bob.leaves()
}

func TestChat_badConnectionString_fails(t *testing.T) {
	if err := run(t.Context(), []string{"-connection-string", "nonsense"}, nil, io.Discard); err == nil {
		t.Error("no error")
	}
}
