package action

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awstext"
)

// Lengths in characters to which texts are cut: that of [Result].Summary and that of
// [Failure].Message.
const (
	MaxSummary        = 2048
	MaxFailureMessage = 5000
)

// Limits of a result. Lengths are in characters, maxOutputVariables is in bytes.
const (
	maxExternalExecutionID = 1500
	maxContinuationToken   = 2048
	maxOutputVariables     = 122_880 // names and values of all variables together
)

// Result says how a job succeeded, or how far it has come. The zero value is
// success.
type Result struct {
	// Summary is shown with the action in the console. It is cut to
	// [MaxSummary] characters.
	Summary string

	// ExternalExecutionID identifies the work in the system that does it, such
	// as the ID of a build. It has at most 1,500 characters.
	ExternalExecutionID string

	// PercentComplete is how far the work has come, from 1 to 100; 0 is not sent.
	PercentComplete int

	// OutputVariables are for later actions of the pipeline to refer to.
	// Names have letters, digits, "@", "-" and "_" alone; names and values have
	// 122,880 bytes at most, all together. They go with the final result, not with a
	// continuation token, and third-party actions have none.
	OutputVariables map[string]string

	// CurrentRevision is the revision that a source action found.
	CurrentRevision *CurrentRevision

	// ContinuationToken says that the work goes on: CodePipeline makes another
	// job of the action, with another ID, that has the token; see [Continue].
	// It has at most 2,048 characters of UTF-8. A Lambda function has 20 minutes for
	// each job, and an action 24 hours in all.
	ContinuationToken string
}

// CurrentRevision is the revision that a source action found.
type CurrentRevision struct {
	Revision string    // at most 1500 characters
	ChangeID string    // at most 100 characters
	Created  time.Time // zero if it is not known
	Summary  string    // cut to [MaxSummary] characters
}

// outputName matches the names of output variables.
var outputName = regexp.MustCompile(`^[A-Za-z0-9@\-_]+$`)

// checked returns the result as the API takes it.
func (j *Job) checked(r *Result) (*Result, error) {
	if r == nil {
		return &Result{}, nil
	}
	c := *r
	c.Summary = awstext.Cut(j.Redact(c.Summary), MaxSummary)
	c.OutputVariables = maps.Clone(c.OutputVariables)
	if err := j.check(&c); err != nil {
		return nil, &Failure{Type: FailureTypeJobFailed, ExternalExecutionID: c.ExternalExecutionID, Err: fmt.Errorf("action: the result of the handler: %w", err)}
	}
	if r.CurrentRevision != nil {
		revision := *r.CurrentRevision
		revision.Summary = awstext.Cut(j.Redact(revision.Summary), MaxSummary)
		c.CurrentRevision = &revision
	}
	return &c, nil
}

func (j *Job) check(r *Result) error {
	if err := checkToken(r.ContinuationToken); err != nil {
		return err
	}
	switch n := awstext.Len(r.ExternalExecutionID); {
	case !utf8.ValidString(r.ExternalExecutionID):
		return errors.New("the external execution ID is not UTF-8")
	case n > maxExternalExecutionID:
		return fmt.Errorf("the external execution ID has %d characters, over the limit of %d", n, maxExternalExecutionID)
	case r.PercentComplete < 0 || r.PercentComplete > 100:
		return fmt.Errorf("%d percent complete is not in the range of 0 to 100", r.PercentComplete)
	}
	if c := r.CurrentRevision; c != nil {
		switch {
		case !utf8.ValidString(c.Revision) || !utf8.ValidString(c.ChangeID):
			return errors.New("the current revision or its change identifier is not UTF-8")
		case c.Revision == "" || awstext.Len(c.Revision) > maxRevision:
			return fmt.Errorf("the current revision has %d characters, which must be 1 to %d", awstext.Len(c.Revision), maxRevision)
		case c.ChangeID == "" || awstext.Len(c.ChangeID) > maxChangeID:
			return fmt.Errorf("the change identifier of the current revision has %d characters, which must be 1 to %d", awstext.Len(c.ChangeID), maxChangeID)
		}
	}
	return j.checkVariables(r)
}

const (
	maxRevision = 1500
	maxChangeID = 100
)

func (j *Job) checkVariables(r *Result) error {
	if len(r.OutputVariables) == 0 {
		return nil
	}
	switch {
	case r.ContinuationToken != "":
		return errors.New("it has a continuation token and output variables, which only the final result of an action may have")
	case j.details().Type.Owner == ownerThirdParty:
		return errors.New("it has output variables, which third-party actions cannot have")
	}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(r.OutputVariables)) {
		if !outputName.MatchString(name) {
			return fmt.Errorf(`the output variable %q: names have letters, digits, "@", "-" and "_" alone`, name)
		}
		if !utf8.ValidString(r.OutputVariables[name]) {
			return fmt.Errorf("the value of the output variable %q is not UTF-8", name)
		}
		size += len(name) + len(r.OutputVariables[name])
	}
	if size > maxOutputVariables {
		return fmt.Errorf("the output variables have %d bytes in all, over the limit of %d: put large values into an output artifact", size, maxOutputVariables)
	}
	return nil
}
