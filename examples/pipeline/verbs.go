package main

import (
	"flag"
	"strings"
)

// verbs returns all that the command does, in the order of the manual.
func verbs() []*verb {
	return []*verb{
		{name: "show", most: 1, run: runShow, define: func(f *flag.FlagSet, o *options) {
			f.BoolVar(&o.json, "json", false, "")
		}},
		{name: "check", least: 1, most: 1 << 20, run: runCheck, operandsRequired: "name the files, or - for standard input", define: func(f *flag.FlagSet, o *options) {
			f.BoolVar(&o.json, "json", false, "")
			f.BoolVar(&o.strict, "strict", false, "")
		}},
		{name: "diff", least: 1, most: 2, run: runDiff, operandsRequired: "name two files or pipelines, or one file to compare with the account"},
		{name: "draw", most: 1, run: runDraw, define: func(f *flag.FlagSet, o *options) {
			f.StringVar(&o.output, "o", "", "")
			f.StringVar(&o.format, "format", "", "")
			f.StringVar(&o.theme, "theme", "", "")
			f.IntVar(&o.width, "width", 0, "")
			f.StringVar(&o.id, "id", "", "")
			f.BoolVar(&o.last, "last", false, "")
		}},
		{name: "start", most: 1, run: runStart, define: func(f *flag.FlagSet, o *options) {
			f.Func("var", "", o.addVariable)
			f.Func("revision", "", o.addRevision)
			f.StringVar(&o.token, "token", "", "")
			defineThen(f, o)
		}},
		{name: "watch", most: 1, run: runWatch, define: func(f *flag.FlagSet, o *options) {
			f.StringVar(&o.id, "id", "", "")
			defineWatch(f, o)
		}},
		{name: "approvals", most: 1, run: runApprovals, define: defineApproval},
		{name: "approve", most: 1, run: runApprove, define: defineAnswer},
		{name: "reject", most: 1, run: runReject, define: defineAnswer},
		{name: "stop", most: 1, run: runStop, define: func(f *flag.FlagSet, o *options) {
			f.StringVar(&o.id, "id", "", "")
			f.BoolVar(&o.abandon, "abandon", false, "")
			f.StringVar(&o.reason, "reason", "", "")
			defineThen(f, o)
		}},
		{name: "retry", most: 1, run: runRetry, define: func(f *flag.FlagSet, o *options) {
			f.StringVar(&o.id, "id", "", "")
			f.StringVar(&o.stage, "stage", "", "")
			f.BoolVar(&o.all, "all", false, "")
			defineThen(f, o)
		}},
		{name: "rollback", most: 1, run: runRollback, define: func(f *flag.FlagSet, o *options) {
			f.StringVar(&o.stage, "stage", "", "")
			f.StringVar(&o.to, "to", "", "")
			defineThen(f, o)
		}},
		{name: "override", most: 1, run: runOverride, define: func(f *flag.FlagSet, o *options) {
			f.StringVar(&o.id, "id", "", "")
			f.StringVar(&o.stage, "stage", "", "")
			f.StringVar(&o.condition, "condition", "before-entry", "")
			defineThen(f, o)
		}},
		{name: "disable", most: 1, run: runDisable, define: func(f *flag.FlagSet, o *options) {
			defineTransition(f, o)
			f.StringVar(&o.reason, "reason", "", "")
		}},
		{name: "enable", most: 1, run: runEnable, define: defineTransition},
		{name: "catalogue", run: runCatalogue, define: func(f *flag.FlagSet, o *options) {
			f.BoolVar(&o.strict, "strict", false, "")
		}},
	}
}

// defineApproval declares the options that choose an approval.
func defineApproval(f *flag.FlagSet, o *options) {
	f.StringVar(&o.stage, "stage", "", "")
	f.StringVar(&o.action, "action", "", "")
	f.StringVar(&o.id, "id", "", "")
}

// defineAnswer declares the options of an answer to an approval.
func defineAnswer(f *flag.FlagSet, o *options) {
	defineApproval(f, o)
	f.StringVar(&o.summary, "summary", "", "")
	defineThen(f, o)
}

// defineTransition declares the options that choose a transition.
func defineTransition(f *flag.FlagSet, o *options) {
	f.StringVar(&o.stage, "stage", "", "")
	f.BoolVar(&o.outbound, "outbound", false, "")
}

// defineThen declares the options of what watches an execution if asked to.
func defineThen(f *flag.FlagSet, o *options) {
	f.BoolVar(&o.watch, "watch", false, "")
	defineWatch(f, o)
}

// defineWatch declares the options of what watches an execution.
func defineWatch(f *flag.FlagSet, o *options) {
	f.DurationVar(&o.interval, "interval", 0, "")
	f.BoolVar(&o.plain, "plain", false, "")
	f.BoolVar(&o.approve, "approve", false, "")
	f.BoolVar(&o.ask, "ask", false, "")
}

func findVerb(name string) *verb {
	for _, v := range verbs() {
		if v.name == name {
			return v
		}
	}
	return nil
}

func verbNames() string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
