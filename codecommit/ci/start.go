package ci

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/redact"
)

// CodeBuild knows an idempotency token for five minutes after it was used. An event
// that is younger than tokenAge can have been handled no longer ago than that.
const tokenAge = 4 * time.Minute

// maxStart is how long a start may take, so that it ends before CodeBuild has
// forgotten the token.
const maxStart = time.Minute

// maxSkew is how far clocks may differ.
const maxSkew = 5 * time.Minute

// maxRun is how long a run can last: 8 hours in the queue, 36 hours of building and
// some of its own.
const maxRun = 45 * time.Hour

// order is what StartBuild and StartBuildBatch are asked for.
type order struct {
	project, buildspec, cloneURL string
	subject                      subject
	further                      []Variable
}

func (o *order) version() *string  { return optional(o.subject.version) }
func (o *order) spec() *string     { return optional(o.buildspec) }
func (o *order) location() *string { return optional(o.cloneURL) }

func (o *order) sourceType() types.SourceType {
	if o.cloneURL == "" {
		return ""
	}
	return types.SourceTypeCodecommit
}

func (o *order) environment() []types.EnvironmentVariable {
	var list []types.EnvironmentVariable
	for _, v := range append(o.subject.variables(), o.further...) {
		list = append(list, types.EnvironmentVariable{
			Name: aws.String(v.Name), Value: aws.String(v.Value), Type: types.EnvironmentVariableType(v.Type),
		})
	}
	return list
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// build starts the build of the subject, unless there is one already. The time is
// that of what asks for it, such as the push; zero if that is not known.
func (h *Handler) build(ctx context.Context, f *flow, s subject, at time.Time, further []Variable) (run, error) {
	attrs := []any{"flow", f.Name, "repository", s.repository, "pullRequest", s.pullRequest, "branch", s.branch, "tag", s.tag, "commit", s.version}
	age := h.now().Sub(at)
	if at.IsZero() || age > tokenAge || age < -maxSkew {
		found, err := h.existing(ctx, f, &s, at)
		if err != nil {
			return run{}, err
		}
		if found != nil {
			h.options.Logger.InfoContext(ctx, "ci: the build was started before", append(attrs, "build", found.build.ID)...)
			return *found, nil
		}
	}
	o := &order{project: f.Project, buildspec: f.Buildspec, subject: s, further: further}
	started, err := h.place(ctx, f, o)
	if err == nil {
		h.options.Logger.InfoContext(ctx, "ci: started", append(attrs, "build", started.build.ID)...)
		return started, nil
	}
	if apierror.Code(err) == "InvalidInputException" {
		// Also the error of a token that was used with other parameters: a trigger
		// does not say what a branch was at, and flows change.
		if found, err := h.existing(ctx, f, &s, at); err == nil && found != nil {
			h.options.Logger.InfoContext(ctx, "ci: the build was started before, with other parameters", append(attrs, "build", found.build.ID)...)
			return *found, nil
		}
	}
	return run{}, h.startError(f, o, err)
}

// place has the run started that is ordered.
func (h *Handler) place(ctx context.Context, f *flow, o *order) (run, error) {
	ctx, cancel := context.WithTimeout(ctx, maxStart)
	defer cancel()
	if f.ownSource() && o.subject.repository != "" {
		var err error
		if o.cloneURL, err = h.cloneURL(ctx, o.subject.repository); err != nil {
			return run{}, err
		}
	}
	return h.runner(f).start(ctx, o)
}

// existing returns the run that was started for the same reason, at the time or
// later, or nil.
func (h *Handler) existing(ctx context.Context, f *flow, s *subject, at time.Time) (*run, error) {
	if at.IsZero() {
		at = h.now().Add(-maxRun)
	}
	for found, err := range h.recent(ctx, f, at.Add(-maxSkew)) {
		if err != nil {
			return nil, err
		}
		if found.id == s.id && found.sameTarget(s) {
			return &found, nil
		}
	}
	return nil, nil
}

func (h *Handler) cloneURL(ctx context.Context, repository string) (string, error) {
	out, err := h.clients.CodeCommit.GetRepository(ctx, &awscodecommit.GetRepositoryInput{RepositoryName: &repository})
	if err == nil && (out == nil || out.RepositoryMetadata == nil || aws.ToString(out.RepositoryMetadata.CloneUrlHttp) == "") {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return "", &Error{Service: "codecommit", Operation: "GetRepository", Object: repository, Err: err}
	}
	return *out.RepositoryMetadata.CloneUrlHttp, nil
}

// StartError is a build that CodeBuild refused to start. The pull request of a
// review is told about it in a comment.
type StartError struct {
	Flow    string
	Project string
	// Problem says why and what to do. It has no values of variables in it.
	Problem string
	Err     error // an *Error
}

// Error names the flow, the project and the problem.
func (e *StartError) Error() string {
	return fmt.Sprintf("ci: start a build of %s for the flow %q: %s", e.Project, e.Flow, e.Problem)
}

// Unwrap returns e.Err.
func (e *StartError) Unwrap() error { return e.Err }

// startError says what to do about a build that could not be started. An error that
// may pass by itself stays as it is.
func (h *Handler) startError(f *flow, o *order, err error) error {
	operation := "codebuild:StartBuild"
	if f.Batch {
		operation = "codebuild:StartBuildBatch"
	}
	problem := ""
	switch code := apierror.Code(err); {
	case apierror.Throttled(err) || apierror.Connection(err):
	case apierror.Denied(err):
		problem = fmt.Sprintf("access denied: allow the IAM action %s on the project %s", operation, f.Project)
	case code == "ResourceNotFoundException":
		problem = fmt.Sprintf("CodeBuild has no project %s in this account and Region: create it, or correct the flow", f.Project)
	case code == "AccountLimitExceededException":
		problem = "the account has as many builds as its quota allows: wait for others to end, or ask for a higher quota of concurrent builds"
	case code == "InvalidInputException":
		problem = "CodeBuild refuses the build: " + o.redacted(message(err)) + ": correct the flow or the project"
	}
	if problem == "" {
		return err
	}
	return &StartError{Flow: f.Name, Project: f.Project, Problem: problem, Err: err}
}

// redacted returns the text without the values of the further variables.
func (o *order) redacted(text string) string {
	var values []string
	for _, v := range o.further {
		values = append(values, v.Value)
	}
	return redact.New(values...).Text(text)
}

// message returns the service's own words.
func message(err error) string {
	var of interface{ ErrorMessage() string }
	if errors.As(err, &of) {
		return strings.TrimRight(strings.TrimSpace(of.ErrorMessage()), ".")
	}
	return err.Error()
}
