package approval

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/plaintext"
	"github.com/codesuite-go/codesuite/pipeline"
)

// Decision is what a rule, or all rules together, make of an approval.
type Decision string

// The decisions. A rule that cannot find out what it is about waits.
const (
	DecisionApprove Decision = "approve"
	DecisionWait    Decision = "wait" // for now; the rule is asked again
	DecisionReject  Decision = "reject"
)

// Opinion is the decision of one rule.
type Opinion struct {
	Rule     string // its name
	Decision Decision
	Reason   string // a sentence without its full stop, on one line
	// Err is why the rule could not find out what it is about; the Decision is then
	// to wait.
	Err error
}

// Rule is a rule about approvals: [Window], [Statuses], [Reviews], or one of the
// caller's. It is asked again and again while the approval waits, from several
// goroutines.
type Rule interface {
	// Name is a word for the rule in messages, such as "window".
	Name() string
	// Judge returns the decision about the approval, whose Execution has the
	// revisions that would be approved, and the reason. An error is as good as
	// DecisionWait. Now is the time of the call by Options.Now.
	Judge(ctx context.Context, a *pipeline.Approval, now time.Time) (Decision, string, error)
}

// judge asks the rules, all of them. The approval is approved if there are rules and
// all approve, and rejected if one rejects. Opinions come in the order of the rules.
func judge(ctx context.Context, rules []Rule, a *pipeline.Approval, now func() time.Time) (Decision, []Opinion) {
	opinions := make([]Opinion, len(rules))
	// Other rules may take minutes to read what they need, and a window may close
	// meanwhile: windows are asked last.
	for _, windows := range []bool{false, true} {
		for i, rule := range rules {
			if _, isWindow := rule.(interface{ open(time.Time) bool }); isWindow == windows {
				opinions[i] = ask(ctx, rule, a, now())
			}
		}
	}
	all := DecisionApprove
	if len(rules) == 0 {
		all = DecisionWait
	}
	for _, o := range opinions {
		switch {
		case o.Decision == DecisionReject:
			all = DecisionReject
		case o.Decision == DecisionWait && all == DecisionApprove:
			all = DecisionWait
		}
	}
	return all, opinions
}

// ask returns the opinion of a rule.
func ask(ctx context.Context, rule Rule, a *pipeline.Approval, now time.Time) Opinion {
	o := Opinion{Rule: rule.Name()}
	o.Decision, o.Reason, o.Err = rule.Judge(ctx, a, now)
	o.Reason = plaintext.Line(o.Reason) // it may have names that strangers chose
	switch {
	case o.Err != nil:
		o.Decision, o.Reason = DecisionWait, "could not be found out"
	case o.Decision != DecisionReject && o.Decision != DecisionApprove:
		o.Decision = DecisionWait
	}
	return o
}

// checkOnFailure returns the decision for evidence against an approval.
func checkOnFailure(d Decision) (Decision, error) {
	switch d {
	case "", DecisionWait:
		return DecisionWait, nil
	case DecisionReject:
		return DecisionReject, nil
	}
	return "", fmt.Errorf("OnFailure of the rule is %.40q: set it to wait or reject", d)
}

// Subject is a source revision that a rule looks up, and the run of the source
// action that fetched it.
type Subject struct {
	pipeline.Revision
	Run pipeline.ActionExecution
}

// String returns "source action Source (octo/hello@6dcb09b)".
func (s Subject) String() string {
	return fmt.Sprintf("source action %s (%s@%.7s)", s.Revision.Action, s.Repository, s.Revision.ID)
}

// subjects returns the revisions of the sources with these names, or of all if there
// is no name. The reason says why one of them cannot be looked up.
func subjects(a *pipeline.Approval, names []string) (found []Subject, reason string) {
	e := a.Execution
	switch {
	case e == nil || len(e.Revisions) == 0:
		return nil, "the source revisions of the execution are not known"
	case e.Type == pipeline.ExecutionRollback:
		return nil, "the execution is a rollback, whose sources no rule looks up"
	}
	for _, r := range e.Revisions {
		if len(names) > 0 && !slices.Contains(names, r.Action) {
			continue
		}
		i := slices.IndexFunc(e.Actions, func(run pipeline.ActionExecution) bool {
			return run.Stage == r.Stage && run.Action == r.Action && run.Type.Category == "Source"
		})
		switch {
		case i < 0:
			return nil, fmt.Sprintf("the source action of the revision %.40q is not known", r.ID)
		case e.Actions[i].Type.Owner == "Custom":
			return nil, fmt.Sprintf("source action %s is a custom action, which may say anything of what it fetched", r.Action)
		case r.ID == "":
			return nil, fmt.Sprintf("the revision of source action %s is not known", r.Action)
		}
		found = append(found, Subject{Revision: r, Run: e.Actions[i]})
	}
	for _, name := range names {
		if !slices.ContainsFunc(found, func(s Subject) bool { return s.Revision.Action == name }) {
			return nil, fmt.Sprintf("the execution has no revision of a source action %s", name)
		}
	}
	return found, ""
}

// reader is a reader of a rule.
type reader interface{ Reads(s Subject) bool }

// finding is what a reader has found about a source: one of these.
type finding struct{ passed, waits, failed string }

// judgeSources looks up each source of an approval with a reader that knows it, and
// puts the findings together. What is the subject of the readers, for messages.
func judgeSources[R reader](a *pipeline.Approval, names []string, readers []R, what string, onFailure Decision,
	look func(reader R, s Subject) (finding, error),
) (Decision, string, error) {
	sources, reason := subjects(a, names)
	if reason != "" {
		return DecisionWait, reason, nil
	}
	var passed, waits []string
	for _, s := range sources {
		i := slices.IndexFunc(readers, func(r R) bool { return r.Reads(s) })
		if i < 0 {
			waits = append(waits, fmt.Sprintf("%v is of %s, of which no %s can be read: name the sources that count", s, cmp.Or(string(s.Provider), "an unknown provider"), what))
			continue
		}
		f, err := look(readers[i], s)
		switch {
		case err != nil:
			return DecisionWait, "", err
		case f.failed != "":
			d, err := checkOnFailure(onFailure)
			return d, f.failed, err
		case f.waits != "":
			waits = append(waits, f.waits)
		default:
			passed = append(passed, f.passed)
		}
	}
	if len(waits) > 0 {
		return DecisionWait, strings.Join(waits, "; "), nil
	}
	return DecisionApprove, strings.Join(passed, "; "), nil
}

// matches reports whether the text is the pattern, in which * stands for any text,
// and in which upper and lower case are the same.
func matches(pattern, text string) bool {
	parts := strings.Split(strings.ToLower(pattern), "*")
	text = strings.ToLower(text)
	if len(parts) == 1 {
		return text == parts[0]
	}
	text, ok := strings.CutPrefix(text, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		if ok {
			_, text, ok = strings.Cut(text, part)
		}
	}
	return ok && strings.HasSuffix(text, parts[len(parts)-1])
}

// some returns the first of the names.
func some(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
