// Command easel runs the whiteboard, the Web PubSub service beneath it, and manages both.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

func main() {
	runtime.MemProfileRate = 0 // until someone may look: see openAdmin
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(report(err, os.Stderr))
}

// usageError is a command line that can't be understood.
type usageError struct {
	message string
	command string // whose help may help; empty is that of all
}

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

// report tells of an error and returns the exit code: 0 ok, 1 failed, 2 wrong usage.
func report(err error, stderr io.Writer) int {
	wrong, usage := errors.AsType[*usageError](err)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case usage:
		fmt.Fprintf(stderr, "easel: %v\nTry %s -h.\n", err, strings.TrimSpace("easel "+wrong.command))
		return 2
	}
	fmt.Fprintf(stderr, "easel: %v\n", err)
	return 1
}

// program is the surroundings of a command.
type program struct {
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// command is something easel can do.
type command struct {
	name    string // at most maxWords words
	summary string
	run     func(p *program, ctx context.Context, args []string) error
}

// commands returns all commands, in the order of the help text.
func commands() []command {
	all := []command{
		{"serve", "the whiteboard, with its messaging service (what easel does without a command)", (*program).serve},
		{"pubsub", "the Web PubSub service alone", (*program).pubsub},
		{"tunnel", "forward events of a hub to an app server on this machine", (*program).tunnel},
		{"env", "what programs need to use the service: connection string, certificate authority", (*program).env},
		{"hub create", "create a hub's settings", (*program).hubCreate},
		{"hub update", "change a hub's settings; what is not given stays", (*program).hubUpdate},
		{"hub show", "print a hub's settings", (*program).hubShow},
		{"hub list", "print the settings of all hubs", (*program).hubList},
		{"hub delete", "forget a hub's settings", (*program).hubDelete},
		{"board list", "print the boards of a data folder", (*program).boardList},
		{"board export", "write a board, with its history, to standard output", (*program).boardExport},
		{"board import", "make a board of what board export wrote", (*program).boardImport},
		{"board backup", "copy all boards and settings to a file", (*program).boardBackup},
		{"board restore", "make a data folder of a backup", (*program).boardRestore},
		{"why", "tell why a connection was refused, closed or not reached, and what to do", (*program).why},
		{"key show", "print access keys and connection strings", (*program).keyShow},
		{"key regenerate", "replace the primary or secondary key", (*program).keyRegenerate},
		{"create", "say what the service is called", (*program).create},
		{"update", "change what the service is called", (*program).update},
		{"show", "describe the service", (*program).show},
		{"list", "describe all services: there is one", (*program).list},
		{"delete", "make the service as new: no hubs, other keys, no connections", (*program).delete},
		{"restart", "close all connections, so that clients come back", (*program).restart},
		{"list-skus", "print the sizes that create and update take", (*program).listSKUs},
		{"list-usage", "count connections and hubs", (*program).listUsage},
		{"network-rule show", "print who may reach the service", (*program).networkRuleShow},
		{"network-rule update", "is refused: Easel filters nothing by network", (*program).networkRuleUpdate},
		{"client start", "connect as a client, and send what is typed", (*program).clientStart},
		{"client token", "sign a token for a client", (*program).clientToken},
	}
	for _, c := range serviceCommands {
		all = append(all, c.command())
	}
	for _, c := range benchCommands {
		all = append(all, c.command())
	}
	return all
}

// maxWords is how many words the name of a command may have.
const maxWords = 3

// run runs one command; the first words of args name it.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	p := &program{getenv, stdin, stdout, stderr}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") && !isHelp(args[0]) {
		return p.serve(ctx, args)
	}
	all := commands()
	for words := min(maxWords, len(args)); words > 0; words-- {
		name := strings.Join(args[:words], " ")
		i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
		if i >= 0 {
			return helpedBy(name, all[i].run(p, ctx, args[words:]))
		}
	}
	return p.group(args)
}

// helpedBy adds to a usage error the command whose help tells what is right.
func helpedBy(command string, err error) error {
	if wrong, ok := errors.AsType[*usageError](err); ok && wrong.command == "" {
		wrong.command = command
	}
	return err
}

// group answers words that are no command: with help, when they ask for it or are how
// several commands begin.
func (p *program) group(args []string) error {
	words := args
	if i := slices.IndexFunc(args, isHelp); i >= 0 {
		words = args[:i]
	}
	name := strings.Join(words, " ")
	var within []command
	for _, c := range commands() {
		if name == "" || strings.HasPrefix(c.name, name+" ") {
			within = append(within, c)
		}
	}
	switch {
	case len(within) > 0 && len(words) < len(args):
		p.help(within)
		return nil
	case len(within) > 0:
		return helpedBy(name, usagef("%s wants another word", name))
	}
	return usagef("%q is not a command", strings.Join(args[:min(maxWords, len(args))], " "))
}

func isHelp(arg string) bool {
	return slices.Contains([]string{"-h", "-help", "--help", "help"}, arg)
}

func (p *program) help(all []command) {
	width := 0
	for _, c := range all {
		width = max(width, len(c.name))
	}
	fmt.Fprint(p.stdout, "Easel is a collaborative whiteboard and a Web PubSub service.\n\nCommands:\n\n")
	for _, c := range all {
		fmt.Fprintf(p.stdout, "  easel %-*s  %s\n", width, c.name, c.summary)
	}
	fmt.Fprint(p.stdout, "\nEach takes -h. A flag --some-name may also be given as EASEL_SOME_NAME in the environment.\n")
}
