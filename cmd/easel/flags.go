package main

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
)

// flags is a flag set that also reads the environment: a flag beats EASEL_ + its name,
// which beats the default.
type flags struct {
	*flag.FlagSet
	program  *program
	operands int // how many words may follow the flags
}

func (p *program) flags(command, description string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(command, flag.ContinueOnError), program: p}
	f.SetOutput(p.stdout)
	f.Usage = func() {
		fmt.Fprintf(p.stdout, "easel %s: %s\n\n", command, description)
		f.PrintDefaults()
	}
	return f
}

// parse reads arguments and environment. Words that are no flags are refused.
func (f *flags) parse(args []string) error {
	if err := f.readEnvironment(); err != nil {
		return err
	}
	f.FlagSet.SetOutput(discard{})
	usage := f.Usage
	f.Usage = func() {}
	err := f.Parse(args)
	f.SetOutput(f.program.stdout)
	switch {
	case err == flag.ErrHelp:
		usage()
		return err
	case err != nil:
		return usagef("%s", dashed.ReplaceAllString(err.Error(), "$1--"))
	case f.NArg() > f.operands:
		return usagef("%q is not expected after easel %s", f.Arg(f.operands), f.Name())
	}
	return nil
}

// dashed finds the names of flags in errors of package flag, which write one dash.
var dashed = regexp.MustCompile(`^(invalid (?:boolean )?value ".*" for (?:flag )?|flag provided but not defined: |flag needs an argument: )-`)

func (f *flags) readEnvironment() (err error) {
	f.VisitAll(func(fl *flag.Flag) {
		name := "EASEL_" + strings.ToUpper(strings.ReplaceAll(fl.Name, "-", "_"))
		if value := f.program.getenv(name); value != "" && err == nil {
			if bad := f.Set(fl.Name, value); bad != nil {
				err = usagef("%s: %v", name, bad)
			}
		}
	})
	return err
}

// given reports whether a flag was set, here or in the environment.
func (f *flags) given(name string) (given bool) {
	f.Visit(func(fl *flag.Flag) { given = given || fl.Name == name })
	return given
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// list is a flag that may be repeated, or hold several values separated by commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	for v := range strings.SplitSeq(s, ",") {
		if v = strings.TrimSpace(v); v != "" {
			*l = append(*l, v)
		}
	}
	return nil
}
