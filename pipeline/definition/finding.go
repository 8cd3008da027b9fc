package definition

import (
	"fmt"
	"slices"

	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// Severity is how bad a [Finding] is.
type Severity string

// The severities of findings.
const (
	SeverityError   Severity = "error"   // the service refuses the structure, or it cannot work
	SeverityWarning Severity = "warning" // the structure works, but is odd
)

// Finding is one thing that is wrong with a structure.
type Finding struct {
	// Path leads to the thing, such as stages[1].actions[0].configuration.ProjectName.
	// It is empty for the structure as a whole.
	Path     string   `json:"path"`
	Severity Severity `json:"severity"`
	// Message names the thing and says what to do.
	Message string `json:"message"`
}

// String returns path, severity and message in one line.
func (f Finding) String() string {
	if f.Path == "" {
		return fmt.Sprintf("%s: %s", f.Severity, f.Message)
	}
	return fmt.Sprintf("%s: %s: %s", f.Path, f.Severity, f.Message)
}

// HasErrors reports whether one of the findings is an error.
func HasErrors(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == SeverityError })
}

// CheckOptions configure [Pipeline.Check].
type CheckOptions struct {
	// Types are the action types and rule types that there are besides those of the
	// catalogue of package actiontype: custom ones, and newer ones of AWS. They take
	// precedence. actiontype.List returns those of an account, and
	// actiontype.ParseList those of the output of aws codepipeline
	// list-action-types.
	Types []actiontype.Type
	// Region is the Region of the pipeline. Without it, Check cannot tell which
	// actions are in another one.
	Region string
	// EventRules are the EventBridge rules that start the pipeline. If it is nil,
	// they are not known; an empty list is none.
	EventRules []EventRule
	// Placeholders says that texts with ${...} are not known, as in templates of
	// CloudFormation. Check takes them as they are.
	Placeholders bool
}

// EventRule is a rule of EventBridge that starts a pipeline: see
// [Pipeline.EventRules].
type EventRule struct {
	Name    string
	Pattern pattern.Pattern
	// Actions are the names of the source actions whose changes the rule sees.
	Actions []string
}

// CheckError is a structure with findings that are errors.
type CheckError struct {
	Pipeline string    // its name
	Findings []Finding // all of them, warnings included
}

var _ error = (*CheckError)(nil)

// Error names the pipeline and gives the errors, a line for each.
func (e *CheckError) Error() string {
	text := fmt.Sprintf("definition: the structure of %s has errors:", quote(e.Pipeline))
	for _, f := range e.Findings {
		if f.Severity == SeverityError {
			text += "\n" + f.String()
		}
	}
	return text
}
