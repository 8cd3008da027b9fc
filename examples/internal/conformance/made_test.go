package conformance_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// declaration returns the structure of a pipeline whose first stage fetches the
// branch main of the repository.
func (w *world) declaration(ctx context.Context, name string, variables []types.PipelineVariableDeclaration, stages ...types.StageDeclaration) (*types.PipelineDeclaration, error) {
	return w.declarationFrom(ctx, name, w.commitSource("Source", "main", "false"), variables, stages...)
}

func (w *world) declarationFrom(ctx context.Context, name string, source types.ActionDeclaration, variables []types.PipelineVariableDeclaration, stages ...types.StageDeclaration) (*types.PipelineDeclaration, error) {
	bucket, err := w.bucket(ctx)
	if err != nil {
		return nil, err
	}
	first := types.StageDeclaration{Name: aws.String("Source"), Actions: []types.ActionDeclaration{source}}
	return &types.PipelineDeclaration{
		Name: &name, RoleArn: &w.role, PipelineType: types.PipelineTypeV2, Variables: variables,
		ArtifactStore: &types.ArtifactStore{Type: types.ArtifactStoreTypeS3, Location: &bucket},
		Stages:        append([]types.StageDeclaration{first}, stages...),
	}, nil
}

// commitSource is a source action of the repository.
func (w *world) commitSource(name, branch, polls string) types.ActionDeclaration {
	return types.ActionDeclaration{
		Name: &name, ActionTypeId: awsType(types.ActionCategorySource, "CodeCommit"),
		Configuration:   map[string]string{"RepositoryName": w.name, "BranchName": branch, "PollForSourceChanges": polls},
		OutputArtifacts: []types.OutputArtifact{{Name: &name}},
	}
}

func awsType(category types.ActionCategory, provider string) *types.ActionTypeId {
	return &types.ActionTypeId{Category: category, Owner: types.ActionOwnerAws, Provider: &provider, Version: aws.String("1")}
}

func approvalAction(name string, configuration map[string]string) types.ActionDeclaration {
	return types.ActionDeclaration{Name: &name, ActionTypeId: awsType(types.ActionCategoryApproval, "Manual"), Configuration: configuration}
}

// makePipeline creates a pipeline, which starts its first execution.
func (w *world) makePipeline(ctx context.Context, name string, variables []types.PipelineVariableDeclaration, stages ...types.StageDeclaration) error {
	p, err := w.declaration(ctx, name, variables, stages...)
	if err != nil {
		return err
	}
	return w.create(ctx, p)
}

func (w *world) create(ctx context.Context, p *types.PipelineDeclaration) error {
	if !slices.Contains(w.pipelines, *p.Name) {
		w.pipelines = append(w.pipelines, *p.Name)
		w.later("pipeline "+*p.Name, func(ctx context.Context) error {
			_, err := w.codepipeline.DeletePipeline(ctx, &awscodepipeline.DeletePipelineInput{Name: p.Name})
			return err
		})
	}
	_, err := w.codepipeline.CreatePipeline(ctx, &awscodepipeline.CreatePipelineInput{
		Pipeline: p, Tags: []types.Tag{{Key: aws.String(tagKey), Value: aws.String(tagValue)}},
	})
	return err
}

// start starts an execution.
func (w *world) start(ctx context.Context, pipeline string, variables ...types.PipelineVariable) (id string, err error) {
	out, err := w.codepipeline.StartPipelineExecution(ctx, &awscodepipeline.StartPipelineExecutionInput{Name: &pipeline, Variables: variables})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.PipelineExecutionId), nil
}

// stop stops an execution without waiting for its actions.
func (w *world) stop(ctx context.Context, pipeline, id string) error {
	_, err := w.codepipeline.StopPipelineExecution(ctx, &awscodepipeline.StopPipelineExecutionInput{
		PipelineName: &pipeline, PipelineExecutionId: &id, Abandon: true, Reason: aws.String("conformance"),
	})
	return err
}

// get returns an execution.
func (w *world) get(ctx context.Context, pipeline, id string) (*types.PipelineExecution, error) {
	out, err := w.codepipeline.GetPipelineExecution(ctx, &awscodepipeline.GetPipelineExecutionInput{PipelineName: &pipeline, PipelineExecutionId: &id})
	if err != nil {
		return nil, err
	}
	return out.PipelineExecution, nil
}

// going returns an error if an execution has ended: what a check waits for does not
// come any more.
func (w *world) going(ctx context.Context, pipeline, id string) error {
	x, err := w.get(ctx, pipeline, id)
	if err := unless(err, "PipelineExecutionNotFoundException"); err != nil || x == nil {
		return err // it may have only just started
	}
	if x.Status != types.PipelineExecutionStatusInProgress {
		return fmt.Errorf("the execution of %s is %s: look at the permissions of the role", pipeline, x.Status)
	}
	return nil
}

// end returns the status of an execution when it has ended.
func (w *world) end(ctx context.Context, pipeline, id string) (types.PipelineExecutionStatus, error) {
	var status types.PipelineExecutionStatus
	_, err := w.until(ctx, 5*time.Second, func() (bool, error) {
		x, err := w.get(ctx, pipeline, id)
		if err := unless(err, "PipelineExecutionNotFoundException"); err != nil || x == nil {
			return false, err // it may have only just started
		}
		status = x.Status
		return status != types.PipelineExecutionStatusInProgress && status != types.PipelineExecutionStatusStopping, nil
	})
	if err != nil {
		err = fmt.Errorf("the execution is %s: %w", status, err)
	}
	return status, err
}

// soon returns the status of an execution that should end by itself: when it has
// ended, or after two minutes.
func (w *world) soon(ctx context.Context, pipeline, id string) (types.PipelineExecutionStatus, error) {
	for waited := time.Duration(0); ; waited += 5 * time.Second {
		x, err := w.get(ctx, pipeline, id)
		if err != nil {
			return "", err
		}
		if waited >= 2*time.Minute || x.Status != types.PipelineExecutionStatusInProgress && x.Status != types.PipelineExecutionStatusStopping {
			return x.Status, nil
		}
		if err := w.pass(ctx, 5*time.Second); err != nil {
			return "", err
		}
	}
}

// executions lists the executions of a pipeline.
func (w *world) executions(ctx context.Context, pipeline string) ([]types.PipelineExecutionSummary, error) {
	out, err := w.codepipeline.ListPipelineExecutions(ctx, &awscodepipeline.ListPipelineExecutionsInput{PipelineName: &pipeline})
	if err != nil {
		return nil, err
	}
	return out.PipelineExecutionSummaries, nil
}

// runs lists the runs of an action in an execution, the newest first.
func (w *world) runs(ctx context.Context, pipeline, id, action string) ([]types.ActionExecutionDetail, error) {
	var list []types.ActionExecutionDetail
	p := awscodepipeline.NewListActionExecutionsPaginator(w.codepipeline, &awscodepipeline.ListActionExecutionsInput{
		PipelineName: &pipeline, Filter: &types.ActionExecutionFilter{PipelineExecutionId: &id},
	})
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, d := range out.ActionExecutionDetails {
			if action == "" || aws.ToString(d.ActionName) == action {
				list = append(list, d)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b types.ActionExecutionDetail) int {
		return aws.ToTime(b.StartTime).Compare(aws.ToTime(a.StartTime))
	})
	return list, nil
}

// runEnd returns the newest run of an action when it has ended.
func (w *world) runEnd(ctx context.Context, pipeline, id, action string) (types.ActionExecutionDetail, error) {
	var run types.ActionExecutionDetail
	_, err := w.until(ctx, 5*time.Second, func() (bool, error) {
		runs, err := w.runs(ctx, pipeline, id, action)
		if err := unless(err, "PipelineExecutionNotFoundException"); err != nil {
			return false, err // it may have only just started
		}
		if len(runs) == 0 {
			return false, w.going(ctx, pipeline, id)
		}
		run = runs[0]
		return run.Status != types.ActionExecutionStatusInProgress, nil
	})
	return run, err
}

// waiting returns the token of an approval and the ID of its run when it waits for
// an answer in the execution.
func (w *world) waiting(ctx context.Context, pipeline, id, action string) (token, run string, err error) {
	ended := 0 // how often the execution had
	_, err = w.until(ctx, 5*time.Second, func() (bool, error) {
		out, err := w.codepipeline.GetPipelineState(ctx, &awscodepipeline.GetPipelineStateInput{Name: &pipeline})
		if err != nil {
			return false, err
		}
		for _, s := range out.StageStates {
			if s.LatestExecution == nil || aws.ToString(s.LatestExecution.PipelineExecutionId) != id {
				continue
			}
			for _, a := range s.ActionStates {
				if x := a.LatestExecution; aws.ToString(a.ActionName) == action && x != nil && x.Status == types.ActionExecutionStatusInProgress {
					token, run = aws.ToString(x.Token), aws.ToString(x.ActionExecutionId)
				}
			}
		}
		if token == "" {
			// One that goes on again may take a moment to be in progress.
			if err = w.going(ctx, pipeline, id); err != nil && ended < 3 {
				ended, err = ended+1, nil
			}
		}
		return token != "", err
	})
	return token, run, err
}

// settle answers an approval of the execution when it waits.
func (w *world) settle(ctx context.Context, pipeline, id, stage, action string, status types.ApprovalStatus) error {
	token, _, err := w.waiting(ctx, pipeline, id, action)
	if err != nil {
		return fmt.Errorf("approval %s: %w", action, err)
	}
	_, err = w.codepipeline.PutApprovalResult(ctx, &awscodepipeline.PutApprovalResultInput{
		PipelineName: &pipeline, StageName: &stage, ActionName: &action, Token: &token,
		Result: &types.ApprovalResult{Status: status, Summary: aws.String("conformance")},
	})
	return err
}
