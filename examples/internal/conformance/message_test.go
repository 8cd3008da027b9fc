package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/codesuite-go/codesuite/events"
)

// messageChecks are those of what EventBridge and SNS have delivered of all that the
// checks before have done.
var messageChecks = []check{
	{
		name:      "event of a branch",
		assumes:   "The event of a push has the full reference, the new commit and the old one.",
		rests:     []string{"events.RepositoryStateChange", "codecommit/ci.Handler.handleReferences"},
		want:      "referenceUpdated of refs/heads/topic, from the old to a new commit",
		otherwise: "Flows on branches build another commit, or nothing.",
		needs:     []need{needContent, needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.pullRequest.after == "" {
				return "", errMissing
			}
			e, err := await(ctx, w, func(e *events.RepositoryStateChange) bool {
				return e.ReferenceName == "topic" && e.OldCommitID == w.pullRequest.after
			})
			if err != nil {
				return "", err
			}
			to := "no commit"
			if len(e.CommitID) == 40 && e.CommitID != e.OldCommitID {
				to = "a new commit"
			}
			return fmt.Sprintf("%s of %s, from the old to %s", e.Event, e.ReferenceFullName, to), nil
		},
	},
	{
		name:      "event of an annotated tag",
		assumes:   "The event of an annotated tag has the commit, not the tag object.",
		rests:     []string{"events.RepositoryStateChange", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: The event of an annotated tag"},
		want:      "referenceCreated, the commit",
		otherwise: "Flows on tags build an ID that is no commit.",
		needs:     []need{needContent, needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			w.source.Git("tag", "--annotate", "--message=told", "told", "main")
			if err := w.push(ctx, "refs/tags/told"); err != nil {
				return "", err
			}
			e, err := await(ctx, w, func(e *events.RepositoryStateChange) bool { return e.ReferenceName == "told" })
			if err != nil {
				return "", err
			}
			what := "another ID"
			switch e.CommitID {
			case w.source.Git("rev-parse", "main"):
				what = "the commit"
			case w.source.Git("rev-parse", "told"):
				what = "the tag object"
			}
			return string(e.Event) + ", " + what, nil
		},
	},
	{
		name:      "events of a pull request",
		assumes:   "A pull request has events for its creation, for a push to its source and for a comment.",
		rests:     []string{"events.PullRequestStateChange", "events.PullRequestComment", "codecommit/ci.Handler.handlePullRequest"},
		want:      "pullRequestCreated, pullRequestSourceBranchUpdated, commentOnPullRequestCreated",
		otherwise: "Flows on pull requests and commands do nothing.",
		needs:     []need{needContent, needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.pullRequest.id == "" {
				return "", errMissing
			}
			var found []string
			for _, name := range []events.PullRequestEvent{"pullRequestCreated", "pullRequestSourceBranchUpdated"} {
				e, err := await(ctx, w, func(e *events.PullRequestStateChange) bool {
					return e.PullRequestID == w.pullRequest.id && e.Event == name
				})
				if err != nil {
					return "", fmt.Errorf("%s: %w", name, err)
				}
				found = append(found, string(e.Event))
			}
			e, err := await(ctx, w, func(e *events.PullRequestComment) bool {
				return e.PullRequestID == w.pullRequest.id && e.CommentID == w.pullRequest.comment
			})
			if err != nil {
				return "", err
			}
			return strings.Join(append(found, string(e.Event)), ", "), nil
		},
	},
	{
		name:      "record of a trigger",
		assumes:   "A trigger's record says whether a branch was created or deleted, has the commit in both cases, and a test of the trigger is marked as one.",
		rests:     []string{"events.RepositoryTrigger.IsTest", "events.RepositoryTrigger.RefChanges", "pipeline/multibranch.Handler.Handle"},
		want:      "created with the commit; deleted with the commit; a test",
		otherwise: "Package multibranch creates a pipeline for a test, or keeps one for a branch that is gone.",
		needs:     []need{needContent, needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			put := func(triggers ...types.RepositoryTrigger) error {
				_, err := w.codecommit.PutRepositoryTriggers(ctx, &awscodecommit.PutRepositoryTriggersInput{RepositoryName: &w.name, Triggers: append([]types.RepositoryTrigger{}, triggers...)})
				return err
			}
			name := "told"
			trigger := types.RepositoryTrigger{Name: &name, DestinationArn: &w.topic, Branches: []string{}, Events: []types.RepositoryTriggerEventEnum{types.RepositoryTriggerEventEnumAll}}
			if err := put(trigger); err != nil {
				return answer(err)
			}
			main := w.source.Git("rev-parse", "main")
			if _, err := w.codecommit.CreateBranch(ctx, &awscodecommit.CreateBranchInput{RepositoryName: &w.name, BranchName: &name, CommitId: &main}); err != nil {
				return "", err
			}
			if _, err := w.codecommit.DeleteBranch(ctx, &awscodecommit.DeleteBranchInput{RepositoryName: &w.name, BranchName: &name}); err != nil {
				return "", err
			}
			if _, err := w.codecommit.TestRepositoryTriggers(ctx, &awscodecommit.TestRepositoryTriggersInput{RepositoryName: &w.name, Triggers: []types.RepositoryTrigger{trigger}}); err != nil {
				return answer(err)
			}
			var found []string
			for _, want := range []struct {
				text string
				is   func(*events.RepositoryTrigger, events.TriggerReference) bool
			}{
				{"created", func(e *events.RepositoryTrigger, r events.TriggerReference) bool { return !e.IsTest() && r.Created }},
				{"deleted", func(e *events.RepositoryTrigger, r events.TriggerReference) bool { return !e.IsTest() && r.Deleted }},
			} {
				var reference events.TriggerReference
				_, err := await(ctx, w, func(e *events.RepositoryTrigger) bool {
					i := slices.IndexFunc(e.References, func(r events.TriggerReference) bool { return r.Ref == "refs/heads/"+name && want.is(e, r) })
					if i >= 0 {
						reference = e.References[i]
					}
					return i >= 0
				})
				if err != nil {
					return "", fmt.Errorf("%s: %w", want.text, err)
				}
				if reference.Commit == main {
					want.text += " with the commit"
				}
				found = append(found, want.text)
			}
			if _, err := await(ctx, w, (*events.RepositoryTrigger).IsTest); err != nil {
				return "", fmt.Errorf("a test: %w", err)
			}
			return strings.Join(append(found, "a test"), "; "), put()
		},
	},
	{
		name:      "events of an execution",
		assumes:   "The event STARTED of an execution says what started it; the attempt is 1 at first, and one more after the retry of a stage.",
		rests:     []string{"events.PipelineExecutionStateChange.Supersedes", "events.ActionExecutionStateChange.Supersedes", "githubstatus/pipelinestatus.Reporter"},
		choices:   []string{"pipeline/pipelinetest.Server: The event STARTED of an execution", "pipeline/pipelinetest.Server: The attempt in events starts at 1"},
		want:      "STARTED by CreatePipeline; A FAILED in the attempt 1, SUCCEEDED in the attempt 2; SUCCEEDED supersedes STARTED",
		otherwise: "An old event of an execution overtakes a newer one in a status.",
		needs:     []need{needRole, needContent, needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			state := func(s events.PipelineState) (*events.PipelineExecutionStateChange, error) {
				return await(ctx, w, func(e *events.PipelineExecutionStateChange) bool {
					return e.ExecutionID == w.flow.first && e.State == s
				})
			}
			started, err := state("STARTED")
			if err != nil {
				return "", err
			}
			succeeded, err := state("SUCCEEDED")
			if err != nil {
				return "", err
			}
			text := "STARTED"
			if started.Trigger != nil {
				text += " by " + started.Trigger.Type
			}
			var attempts []string
			for _, s := range []events.ActionState{"FAILED", "SUCCEEDED"} {
				e, err := await(ctx, w, func(e *events.ActionExecutionStateChange) bool {
					return e.ExecutionID == w.flow.first && e.Action == "A" && e.State == s
				})
				if err != nil {
					return "", err
				}
				attempts = append(attempts, fmt.Sprintf("%s in the attempt %d", s, e.Attempt))
			}
			order := "does not supersede"
			if succeeded.Supersedes(started) && !started.Supersedes(succeeded) {
				order = "supersedes"
			}
			return fmt.Sprintf("%s; A %s; SUCCEEDED %s STARTED", text, strings.Join(attempts, ", "), order), nil
		},
	},
	{
		name:      "events of a build",
		assumes:   "The first event of a build has no log yet, later ones the group and the stream; the phase COMPLETED has an event, with the status of the build.",
		rests:     []string{"events.BuildStateChange", "events.BuildPhaseChange", "codecommit/ci.Handler.handleBuild"},
		choices:   []string{"codecommit/ci/citest.Server: The phase COMPLETED has an event", "codecommit/ci/citest.Server: A log is there when"},
		want:      "IN_PROGRESS without a stream; FAILED with a stream; COMPLETED",
		otherwise: "Reports of package ci have a wrong link to the log.",
		needs:     []need{needRole, needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.builds.failing == "" {
				return "", errMissing
			}
			var found []string
			for _, s := range []events.BuildStatus{"IN_PROGRESS", "FAILED"} {
				e, err := await(ctx, w, func(e *events.BuildStateChange) bool { return e.BuildID() == w.builds.failing && e.Status == s })
				if err != nil {
					return "", err
				}
				stream := "without a stream"
				if e.Build.Logs.Stream != "" {
					stream = "with a stream"
				}
				found = append(found, string(s)+" "+stream)
			}
			e, err := await(ctx, w, func(e *events.BuildPhaseChange) bool {
				return e.BuildID() == w.builds.failing && e.Phase == "COMPLETED"
			})
			if err != nil {
				return "", err
			}
			return strings.Join(append(found, e.Phase), "; "), nil
		},
	},
	{
		name:      "events of a batch",
		assumes:   "A batch has no events of its own, and its builds have.",
		rests:     []string{"codecommit/ci.Handler.handleBuild", "codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: Batches have no events"},
		want:      "2 of 2 builds have events, the batch has none",
		otherwise: "Package ci reports a batch later than it could.",
		needs:     []need{needRole, needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.builds.batch == "" {
				return "", errMissing
			}
			out, err := w.codebuild.BatchGetBuildBatches(ctx, &awscodebuild.BatchGetBuildBatchesInput{Ids: []string{w.builds.batch}})
			if err != nil || len(out.BuildBatches) != 1 {
				return "no batch", err
			}
			arns, told := 0, 0
			for _, g := range out.BuildBatches[0].BuildGroups {
				if g.CurrentBuildSummary == nil {
					continue
				}
				arns++
				_, err := await(ctx, w, func(e *events.BuildStateChange) bool {
					return e.BuildARN == aws.ToString(g.CurrentBuildSummary.Arn) && e.Status.Terminal()
				})
				if err == nil {
					told++
				} else if !errors.Is(err, errNoEvent) {
					return "", err
				}
			}
			own := "none"
			for _, text := range w.inbox {
				if strings.Contains(string(text), w.builds.batch) && !strings.Contains(string(text), "Build State Change") && !strings.Contains(string(text), "Build Phase Change") {
					own = "some"
				}
			}
			return fmt.Sprintf("%d of %d builds have events, the batch has %s", told, arns, own), nil
		},
	},
	{
		name:      "event of a stopped execution",
		assumes:   "An execution of a state machine that was stopped has an event with its name and its input, and cannot be started again.",
		rests:     []string{"customaction/ec2build.Handler.HandleExecution", "events.StateMachineExecutionStatusChange"},
		want:      "ABORTED, with the name and the input; ExecutionAlreadyExists",
		otherwise: "The sweep reports the job of such a build instead, some minutes later.",
		needs:     []need{needRole, needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.run == "" {
				return "", errMissing
			}
			if _, err := w.states.StopExecution(ctx, &awssfn.StopExecutionInput{ExecutionArn: &w.run, Error: aws.String("Conformance"), Cause: aws.String("conformance")}); err != nil {
				return answer(err)
			}
			e, err := await(ctx, w, func(e *events.StateMachineExecutionStatusChange) bool {
				return e.ExecutionARN == w.run && e.Status.Terminal()
			})
			if err != nil {
				return "", err
			}
			text := string(e.Status)
			if e.ExecutionName == w.name && e.Input == `{"a":1}` {
				text += ", with the name and the input"
			}
			_, err = w.startRun(ctx, `{"a":1}`)
			again, err := answer(err)
			return text + "; " + again, err
		},
	},
}
