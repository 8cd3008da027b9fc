package conformance_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	codebuildtypes "github.com/aws/aws-sdk-go-v2/service/codebuild/types"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	codecommittypes "github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/examples/internal/asltest"
)

// TestTwisted lets each check see replies that are not what is assumed, and wants it
// to say so. What the servers do is the same: the checks that follow hold.
func TestTwisted(t *testing.T) {
	t.Parallel()
	var s *servers
	w := newLocal(t, func(made *servers) { s = made })
	used := 0
	for _, c := range checks() {
		if c.run == nil || slices.Contains(differentServer, c.name) {
			if o := c.perform(t.Context(), w); o.verdict != holds && o.verdict != unchecked {
				t.Errorf("%s: %s: %s", c.name, o.verdict, o.observed)
			}
			continue
		}
		twist := twists[c.name]
		if twist == nil {
			twist = otherCodes
		} else {
			used++
		}
		undo := twist(w, s)
		o := c.perform(t.Context(), w)
		w.twist = nil
		if undo != nil {
			undo(t)
		}
		if o.verdict != differs {
			t.Errorf("%s: %s: %s", c.name, o.verdict, o.observed)
		}
	}
	if used != len(twists) {
		t.Errorf("%d of %d twists are of checks", used, len(twists))
	}
}

// differentServer are the checks that TestDiffers shows a server that does otherwise.
var differentServer = []string{
	"missing commits: specifiers", "comment token", "comment token after an update", "job offered again", "acknowledged twice", "tag of a tree",
	"empty repository: GetFolder", "abandoned job",
}

// A twist changes what a check sees, and returns what undoes it; nil is nothing
// besides w.twist.
type twist func(w *world, s *servers) (undo func(*testing.T))

// otherCodes gives all errors of services another code.
func otherCodes(w *world, _ *servers) func(*testing.T) {
	w.twist = func(out any, err error) (any, error) {
		if fault := smithy.APIError(nil); errors.As(err, &fault) {
			return nil, errTwisted
		}
		return out, err
	}
	return nil
}

var errTwisted = &smithy.GenericAPIError{Code: "TwistedException"}

// replies changes all replies of the type.
func replies[T any](change func(*T)) twist { return repliesFrom(0, change) }

// repliesFrom changes the replies of the type from that with the index on.
func repliesFrom[T any](index int, change func(*T)) twist {
	return func(w *world, _ *servers) func(*testing.T) {
		n := 0
		w.twist = func(out any, err error) (any, error) {
			if out, ok := out.(*T); ok && err == nil {
				if n >= index {
					change(out)
				}
				n++
			}
			return out, err
		}
		return nil
	}
}

// refused lets the calls with replies of the type seem to fail.
func refused[T any](w *world, _ *servers) func(*testing.T) {
	w.twist = func(out any, err error) (any, error) {
		if _, ok := out.(*T); ok && err == nil {
			return nil, errTwisted
		}
		return out, err
	}
	return nil
}

// told changes the messages, of those that have come and of those that come.
func told(change func(w *world, messages [][]byte) [][]byte) twist {
	return func(w *world, _ *servers) func(*testing.T) {
		inbox, receive := w.inbox, w.receive
		w.inbox = change(w, inbox)
		var came [][]byte
		w.receive = func(ctx context.Context) ([][]byte, error) {
			messages, err := receive(ctx)
			came = append(came, messages...)
			return change(w, messages), err
		}
		return func(*testing.T) { w.inbox, w.receive = append(inbox, came...), receive }
	}
}

func replaced(old, with string) twist {
	return told(func(w *world, messages [][]byte) [][]byte {
		list := make([][]byte, len(messages))
		for i, m := range messages {
			list[i] = bytes.ReplaceAll(m, []byte(old), []byte(with))
		}
		return list
	})
}

// faults gives the errors of state machines' calls another name.
func faults(w *world, s *servers) func(*testing.T) {
	was := s.states
	s.states = make(map[string]*asltest.Error)
	for resource, fault := range was {
		s.states[resource] = &asltest.Error{Name: strings.ToLower(fault.Name), Cause: fault.Cause}
	}
	return func(*testing.T) { s.states = was }
}

// matches lets patterns match what they do not, and the reverse.
func matches(w *world, _ *servers) func(*testing.T) {
	match := w.match
	w.match = func(ctx context.Context, pattern, event string) (bool, error) {
		is, err := match(ctx, pattern, event)
		return !is, err
	}
	return func(*testing.T) { w.match = match }
}

// statuses changes the status of executions.
func statuses(from, to types.PipelineExecutionStatus) twist {
	return replies(func(out *awscodepipeline.GetPipelineExecutionOutput) {
		if out.PipelineExecution.Status == from {
			out.PipelineExecution.Status = to
		}
	})
}

func eachRun(change func(*types.ActionExecutionDetail)) twist {
	return replies(func(out *awscodepipeline.ListActionExecutionsOutput) {
		for i := range out.ActionExecutionDetails {
			change(&out.ActionExecutionDetails[i])
		}
	})
}

func eachBuild(change func(*codebuildtypes.Build)) twist {
	return replies(func(out *awscodebuild.BatchGetBuildsOutput) {
		for i := range out.Builds {
			change(&out.Builds[i])
		}
	})
}

func eachDifference(change func(*codecommittypes.Difference)) twist {
	return replies(func(out *awscodecommit.GetDifferencesOutput) {
		for i := range out.Differences {
			change(&out.Differences[i])
		}
	})
}
