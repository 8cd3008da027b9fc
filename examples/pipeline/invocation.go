package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/examples/internal/command"
	"github.com/codesuite-go/codesuite/pipeline"
)

// invocation is what a command line asks for.
type invocation struct {
	verb *verb
	settings
	options
	operands []string
}

// settings are the options of all verbs.
type settings struct {
	local           string // the file with the pipelines to run in this process
	region, profile string
	types           string // the file with action types
	noColor         bool
	verbose         bool
	speed           float64 // of the pipelines that run in this process
	fail            []string
}

// options are those of single verbs.
type options struct {
	json, strict bool
	output       string
	format       string
	theme        string
	width        int

	id, stage, action string
	variables         []pipeline.Variable
	revisions         []pipeline.SourceRevisionOverride
	token             string
	watch             bool
	interval          time.Duration
	approve           bool
	ask               bool
	summary           string
	reason            string
	abandon           bool
	all               bool
	to                string
	last              bool
	plain             bool
	condition         string
	outbound          bool
}

// verb is one of the things that the command does.
type verb struct {
	name             string
	least, most      int // operands
	define           func(*flag.FlagSet, *options)
	run              func(*session, context.Context, *invocation) error
	operandsRequired string // what the message about too few says
}

func usagef(format string, args ...any) error { return command.Usagef("pipeline", format, args...) }

// parse reads a command line. The error is [flag.ErrHelp] if it asks for the manual.
func parse(args []string) (*invocation, error) {
	inv := &invocation{settings: settings{speed: defaultSpeed}}
	flags := newFlags()
	inv.settings.define(flags)
	if err := flags.Parse(args); err == flag.ErrHelp {
		return nil, err
	} else if err != nil {
		return nil, usagef("%v", err)
	}
	if err := command.NotEmpty(flags); err != nil {
		return nil, err
	}
	args = flags.Args()
	if len(args) == 0 {
		if err := inv.settings.check(flags); err != nil {
			return nil, err
		}
		if inv.local == "" {
			return nil, usagef("say what to do: %s", verbNames())
		}
		return inv, nil // commands come from standard input
	}
	flags = newFlags()
	inv.settings.define(flags)
	if err := inv.parseVerb(flags, args); err != nil {
		return nil, err
	}
	return inv, inv.settings.check(flags)
}

// parseLine reads a line of the commands for a pipeline that runs in this process.
func parseLine(s settings, args []string) (*invocation, error) {
	inv := &invocation{settings: s}
	return inv, inv.parseVerb(newFlags(), args)
}

func newFlags() *flag.FlagSet {
	flags := flag.NewFlagSet("pipeline", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// parseVerb reads a verb with its options and operands.
func (inv *invocation) parseVerb(flags *flag.FlagSet, args []string) error {
	if inv.verb = findVerb(args[0]); inv.verb == nil {
		return usagef("%q is none of its commands: %s", shown(args[0]), verbNames())
	}
	if inv.verb.define != nil {
		inv.verb.define(flags, &inv.options)
	}
	operands, err := command.Parse(flags, args[1:])
	if err != nil {
		return err
	}
	if err := command.NotEmpty(flags); err != nil {
		return err
	}
	switch {
	case len(operands) > inv.verb.most:
		return usagef("%s: unexpected %q", inv.verb.name, shown(operands[inv.verb.most]))
	case len(operands) < inv.verb.least:
		return usagef("%s: %s", inv.verb.name, inv.verb.operandsRequired)
	}
	for _, operand := range operands {
		if operand == "" {
			return usagef("%s: an operand is empty", inv.verb.name)
		}
	}
	if inv.approve && inv.local == "" {
		return usagef("%s: -approve needs -local: the approvals of an account are for somebody who looks", inv.verb.name)
	}
	inv.operands = operands
	return nil
}

// define declares the options of all verbs. Their defaults are the values so far.
func (s *settings) define(flags *flag.FlagSet) {
	flags.Func("local", "", func(file string) error {
		if strings.HasPrefix(file, "-") && file != "-" {
			return fmt.Errorf("it needs a file, and %q is an option: write ./%[1]s for a file of that name", file)
		}
		s.local = file
		return nil
	})
	flags.StringVar(&s.region, "region", s.region, "")
	flags.StringVar(&s.profile, "profile", s.profile, "")
	flags.StringVar(&s.types, "types", s.types, "")
	flags.BoolVar(&s.noColor, "no-color", s.noColor, "")
	flags.BoolVar(&s.verbose, "v", s.verbose, "")
	flags.Float64Var(&s.speed, "speed", s.speed, "")
	flags.Func("fail", "", func(text string) error {
		s.fail = append(s.fail, text)
		return nil
	})
}

// check returns what is wrong with the options of all verbs.
func (s *settings) check(flags *flag.FlagSet) error {
	if err := command.NotEmpty(flags); err != nil {
		return err
	}
	switch {
	case s.local != "" && (s.region != "" || s.profile != ""):
		return usagef("-local needs neither -region nor -profile: it calls no AWS")
	case s.local == "" && (s.speed != defaultSpeed || len(s.fail) > 0):
		return usagef("-speed and -fail need -local")
	case !(s.speed > 0 && s.speed <= maxSpeed):
		return usagef("-speed %v: it is more than 0 and at most %v", s.speed, maxSpeed)
	}
	for _, text := range s.fail {
		if stage, action, ok := strings.Cut(text, "/"); !ok || stage == "" || action == "" {
			return usagef("-fail %q: write STAGE/ACTION", shown(text))
		}
	}
	return nil
}
