package conformance_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// lastChecks are those that change what others look at, or that wait.
var lastChecks = []check{
	{
		name:      "two sources of one push",
		assumes:   "A push starts a pipeline once, also if two of its sources poll the branch.",
		rests:     []string{"pipeline/pipelinetest.Server.Push"},
		choices:   []string{"pipeline/pipelinetest.Server: A push starts a pipeline once"},
		want:      "1 execution",
		otherwise: "Only the test server differs.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			name, branch := w.name+"-two", "polled"
			w.source.Git("branch", branch, "main")
			if err := w.push(ctx, "refs/heads/"+branch); err != nil {
				return "", err
			}
			p, err := w.declarationFrom(ctx, name, w.commitSource("Source", branch, "true"), nil,
				types.StageDeclaration{Name: aws.String("Approve"), Actions: []types.ActionDeclaration{approvalAction("Approve", nil)}})
			if err != nil {
				return "", err
			}
			p.Stages[0].Actions = append(p.Stages[0].Actions, w.commitSource("Second", branch, "true"))
			if err := w.create(ctx, p); err != nil {
				return answer(err)
			}
			// The first execution has found the branch as it is.
			_, err = w.until(ctx, 5*time.Second, func() (bool, error) {
				list, err := w.executions(ctx, name)
				if err != nil || len(list) == 0 {
					return false, err
				}
				if len(list[0].SourceRevisions) < 2 {
					return false, w.going(ctx, name, aws.ToString(list[0].PipelineExecutionId))
				}
				return true, nil
			})
			if err != nil {
				return "", err
			}
			w.source.Git("branch", "--force", branch, w.source.CommitTree(w.source.Git("rev-parse", "main^{tree}"), "polled", w.source.Git("rev-parse", "main")))
			if err := w.push(ctx, "refs/heads/"+branch); err != nil {
				return "", err
			}
			polled := 0
			count := func() (bool, error) {
				list, err := w.executions(ctx, name)
				polled = 0
				for _, x := range list {
					if x.Trigger != nil && x.Trigger.TriggerType == types.TriggerTypePollForSourceChanges {
						polled++
					}
				}
				return polled > 0, err
			}
			if _, err := w.until(ctx, 5*time.Second, count); err != nil {
				return "", err
			}
			// The second source polls once more within this time.
			if err := w.pass(ctx, 2*time.Minute); err != nil {
				return "", err
			}
			_, err = count()
			s := ""
			if polled != 1 {
				s = "s"
			}
			return fmt.Sprintf("%d execution%s", polled, s), err
		},
	},
	{
		name:      "first branch",
		assumes:   "The first branch of an empty repository becomes its default branch, and a file that is put without a mode is NORMAL.",
		rests:     []string{"codecommit.Repository.DefaultBranch", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: A file that is put without a mode"},
		want:      "trunk, NORMAL",
		otherwise: "HEAD of a new repository is not found.",
		run: func(ctx context.Context, w *world) (string, error) {
			name := aws.String(w.empty())
			_, err := w.codecommit.PutFile(ctx, &awscodecommit.PutFileInput{RepositoryName: name, BranchName: aws.String("trunk"), FilePath: aws.String("file"), FileContent: []byte("file\n")})
			if err != nil {
				return answer(err)
			}
			out, err := w.codecommit.GetRepository(ctx, &awscodecommit.GetRepositoryInput{RepositoryName: name})
			if err != nil {
				return answer(err)
			}
			file, err := w.codecommit.GetFile(ctx, &awscodecommit.GetFileInput{RepositoryName: name, FilePath: aws.String("file")})
			if err != nil {
				return answer(err)
			}
			return fmt.Sprintf("%s, %s", aws.ToString(out.RepositoryMetadata.DefaultBranch), file.FileMode), nil
		},
	},
}
